"""What the runs of an evaluation show, and the reports that say it: in Markdown, as a page, as plots, as JSON.

`find` is pure: results in, values out. `write_reports` reads an output directory and writes beside what it read.
"""

from costcraft.evaluate.findings.find import find
from costcraft.evaluate.findings.found import Findings
from costcraft.evaluate.findings.writing import Found, write_reports

__all__ = ["Findings", "Found", "find", "write_reports"]
