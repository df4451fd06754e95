"""Writes the generated parts of the documentation anew: what stands between `<!-- generated: NAME -->` and
`<!-- end: NAME -->` in README.md, docs/ and the packages' READMEs.

    python docs/build.py            write
    python docs/build.py --check    write nothing; exit 1 and name the pages that are out of date
    python docs/build.py --record   run the demo, record its sample and figures anew, then write
    python docs/build.py --record-airline FILE
                                    distil these recordings of tau-bench, record the figures anew, then write
    python docs/build.py --record-planted FILE
                                    work the figures of the study on planted truth out of its lines, then write
"""

import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "docs"))

from generators import airline, commands, labels, planted, sample, values  # noqa: E402

BLOCK = re.compile(r"(<!-- generated: (?P<name>[\w-]+) -->\n).*?(<!-- end: (?P=name) -->)", re.DOTALL)
BLOCKS: Mapping[str, Callable[[], str]] = {
    "events": values.events,
    "event-parts": values.event_parts,
    "card-fields": values.card_fields,
    "settings": values.settings,
    "errors": values.errors,
    "patch-fields": values.patch_fields,
    "stage-fields": values.stage_fields,
    "clawtrace": commands.clawtrace,
    "costcraft": commands.costcraft,
    "clawtrace-verbs": commands.clawtrace_verbs,
    "costcraft-verbs": commands.costcraft_verbs,
    "card-sample": sample.card,
    "demo-figures": sample.table,
    "airline-figures": airline.figures,
    "airline-flow": airline.flow,
    "airline-written": airline.written,
    "airline-prunes": airline.prunes,
    "airline-refused": airline.refused,
    "planted-setting": planted.setting,
    "planted-flags": planted.flags,
    "planted-labels": planted.labels,
    "planted-arms": planted.arms,
    "planted-gates": planted.gates,
    "planted-rules": planted.rules,
    "planted-transfer": planted.transfer,
    "planted-replays": planted.replays,
    "label-scores": labels.scores,
    "label-readings": labels.readings,
}


def pages() -> list[Path]:
    """Every page that may hold a generated part."""
    return sorted([ROOT / "README.md", *ROOT.glob("docs/*.md"), *ROOT.glob("packages/*/README.md")])


def render(text: str) -> str:
    """The page with every generated part written anew. Raises KeyError on a name that no generator has."""
    return BLOCK.sub(lambda found: f"{found[1]}{BLOCKS[found['name']]().rstrip()}\n{found[3]}", text)


def main(arguments: list[str]) -> int:
    if "--record" in arguments:
        sample.record()
    if "--record-airline" in arguments:
        airline.record(Path(arguments[arguments.index("--record-airline") + 1]))
    if "--record-planted" in arguments:
        planted.record(Path(arguments[arguments.index("--record-planted") + 1]))
    stale = []
    for page in pages():
        old = page.read_text(encoding="utf-8")
        new = render(old)
        if old == new:
            continue
        stale.append(str(page.relative_to(ROOT)))
        if "--check" not in arguments:
            page.write_text(new, encoding="utf-8", newline="\n")
    if "--check" not in arguments:
        print(f"written: {', '.join(stale) or 'nothing, all pages are up to date'}")
        return 0
    if stale:
        print(f"out of date: {', '.join(stale)}. Run `make docs` and commit what it writes.", file=sys.stderr)
        return 1
    print("generated pages are up to date")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
