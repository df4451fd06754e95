"""The reports beside the results: what reads and writes the disk."""

from dataclasses import dataclass
from pathlib import Path

from costcraft.evaluate.findings.agentskills import FOLDER, encoded, workspace
from costcraft.evaluate.findings.cards import read_cards
from costcraft.evaluate.findings.document import CAPTIONS
from costcraft.evaluate.findings.find import find
from costcraft.evaluate.findings.found import FINDINGS_FILE, Findings
from costcraft.evaluate.findings.markdown import markdown
from costcraft.evaluate.findings.page import page
from costcraft.evaluate.findings.plots import pictures
from costcraft.evaluate.findings.reading import document
from costcraft.evaluate.findings.texts import rule_texts
from costcraft.evaluate.results import read_results
from costcraft.files import read_bytes, remove_file, replace_file

REPORT_FILE = "report.md"
PAGE_FILE = "report.html"
PLOTS = "plots"


@dataclass(frozen=True)
class Found:
    """What was found, and the files that say it."""

    findings: Findings
    report: Path
    """The report in Markdown."""
    page: Path
    """The same as a page for a browser, pictures inside."""
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
    plan = results.opening.plan
    compared = {plan.baseline, plan.primary.condition}
    sessions = [done.session for done in results.graded.values() if done.session and done.condition in compared]
    findings = find(results, rule_texts(out, results.opening), read_cards(out, sessions))
    told = document(findings)
    drawn = pictures(findings, [plot for section in told.sections for plot in section.plots])
    contents = {
        FINDINGS_FILE: (findings.model_dump_json(indent=1) + "\n").encode(),
        REPORT_FILE: markdown(told).encode(),
        PAGE_FILE: page(told, drawn).encode(),
    }
    for plot, picture in drawn.items():
        contents |= {f"{PLOTS}/{plot}.svg": picture.svg, f"{PLOTS}/{plot}.png": picture.png}
    for name, content in workspace(results, findings).items():
        contents[f"{FOLDER}/{name}"] = encoded(content)
    for name, content in contents.items():
        if read_bytes(out / name) != content:
            replace_file(out / name, content)
    for gone in (plot for plot in CAPTIONS if plot not in drawn):  # of an earlier report
        for form in ("svg", "png"):
            remove_file(out / PLOTS / f"{gone}.{form}")
    return Found(findings, out / REPORT_FILE, out / PAGE_FILE, tuple(out / name for name in contents))
