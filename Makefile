# Everything a person or CI runs. `make` alone lists it.
# Nothing is installed outside this folder: uv goes to .tools/ when it is not on PATH, packages go to .venv/.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

ROOT := $(shell cd "$$(dirname "$(strip $(MAKEFILE_LIST))")" && pwd)
BIN := $(ROOT)/.venv/bin
UV = $$("$(ROOT)/scripts/uv-path")
# No interpreter is ever downloaded; a slow index is waited for.
export UV_PYTHON_DOWNLOADS := never
export UV_HTTP_TIMEOUT ?= 180
# The workspace's own environment, whatever environment is active in the caller's shell.
unexport VIRTUAL_ENV
unexport PYTHONPATH

.PHONY: help demo planted test check bench docs fmt sync sync-bench

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' "$(ROOT)/Makefile"

demo: sync ## trace agents of three frameworks, distil a skill, see the same agents cheaper (simulated, offline)
	@cd "$(ROOT)" && "$(BIN)/python" -m examples.sheets.demo

planted: sync ## grade the distiller itself on planted truth, 20 seeds (simulated, offline, under half an hour of CPU)
	@cd "$(ROOT)" && "$(BIN)/python" -m examples.planted.study

test: sync ## run the tests
	@cd "$(ROOT)" && "$(BIN)/python" -m pytest -n auto --maxprocesses 8 --dist loadgroup

check: sync ## format, lint, types, import law, generated pages, lock file
	@cd "$(ROOT)" && "$(BIN)/ruff" format --check .
	@cd "$(ROOT)" && "$(BIN)/ruff" check .
	@cd "$(ROOT)" && "$(BIN)/mypy"
	@cd "$(ROOT)" && "$(BIN)/lint-imports" --no-logo --no-cache
	@cd "$(ROOT)" && "$(BIN)/python" docs/build.py --check
	@cd "$(ROOT)" && "$(UV)" lock --check --quiet && echo "uv.lock is up to date"

bench: sync-bench ## measure overhead, bytes on disk, import and compile time (minutes; never gates anything)
	@cd "$(ROOT)" && "$(BIN)/python" -m benchmarks.run

docs: sync ## write the generated pages anew
	@cd "$(ROOT)" && "$(BIN)/python" docs/build.py

fmt: sync ## format the code and mend what the linter can mend
	@cd "$(ROOT)" && "$(BIN)/ruff" format . && "$(BIN)/ruff" check --fix .

# `--inexact`: a test run does not take away what `make bench` brought in.
sync:
	@cd "$(ROOT)" && "$(UV)" sync --quiet --frozen --inexact --all-packages --group dev

sync-bench:
	@cd "$(ROOT)" && "$(UV)" sync --quiet --frozen --inexact --all-packages --group dev --group bench
