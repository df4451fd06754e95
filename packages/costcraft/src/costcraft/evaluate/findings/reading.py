"""From findings to the report as parts, in the order in which they are read. Pure."""

from costcraft.evaluate.findings.answers import cost, quality, rules, spending
from costcraft.evaluate.findings.document import Document
from costcraft.evaluate.findings.found import Findings
from costcraft.evaluate.findings.record import changed, conditions, infrastructure, power, reading, tasks
from costcraft.evaluate.findings.summary import lead, subtitle_of, title_of


def document(found: Findings) -> Document:
    """The report."""
    parts = [
        quality(found),
        cost(found),
        *spending(found),
        *rules(found),
        *changed(found),
        conditions(found),
        power(found),
        tasks(found),
        *infrastructure(found),
        reading(found),
    ]
    return Document(title_of(found), subtitle_of(found), found.simulated, list(lead(found)), parts)
