"""The reports beside the results: what reads and writes the disk."""

from dataclasses import dataclass
from pathlib import Path

from costcraft.evaluate.findings.find import find
from costcraft.evaluate.findings.found import FINDINGS_FILE, Findings
from costcraft.evaluate.findings.markdown import markdown
from costcraft.evaluate.findings.reading import document
from costcraft.evaluate.findings.texts import rule_texts
from costcraft.evaluate.results import read_results
from costcraft.files import replace_file

REPORT_FILE = "report.md"


@dataclass(frozen=True)
class Found:
    """What was found, and the files that say it."""

    findings: Findings
    report: Path
    """The report in Markdown."""
    files: tuple[Path, ...]
    """All files that were written."""


def write_reports(out: Path) -> Found:
    """Read an evaluation's output directory and write what it shows beside its results, finished or not.

    The same results give the same bytes. Each file is replaced whole.

    Raises:
        ResultsInvalid: there are no results, or a line is none of an evaluation.
        TargetUnwritable: a file cannot be written.
        ExtraMissing: the extra `costcraft[evaluate]` is not installed.
    """
    results = read_results(out)
    findings = find(results, rule_texts(out, results.opening))
    contents = {
        out / FINDINGS_FILE: findings.model_dump_json(indent=1) + "\n",
        out / REPORT_FILE: markdown(document(findings)),
    }
    for path, content in contents.items():
        replace_file(path, content.encode())
    return Found(findings, out / REPORT_FILE, tuple(contents))
