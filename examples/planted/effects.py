"""Works out what each habit's sentence does to the success, and writes it into truth.yaml and README.md.

python -m examples.planted.effects --write
"""

import re
import sys
from collections.abc import Iterator, Mapping

from examples.planted import DOMAINS, Domain
from examples.planted.table import FILE, HabitTruth, Success, effects, habits

README = FILE.with_name("README.md")
HEAD = (
    "trap",
    "what the agents do",
    "a sentence about it",
    "right in `ledger`",
    "right in `stock`",
    "`ledger`",
    "`stock`",
)
_SUCCESS = re.compile(r"^  success: .*\n", re.MULTILINE)
_ENTRY = re.compile(r"^- habit: (\w+)\n(?:  .*\n)+", re.MULTILINE)
_TABLE = re.compile(r"(<!-- generated: planted-truth -->\n).*?(<!-- end: planted-truth -->)", re.DOTALL)


def with_success(text: str, found: Mapping[str, Mapping[Domain, Success]]) -> str:
    """The file with these shares in it."""
    bare = _SUCCESS.sub("", text)
    return _ENTRY.sub(lambda entry: f"{entry[0]}  success: {_shares(found[entry[1]])}\n", bare)


def _shares(found: Mapping[Domain, Success]) -> str:
    each = (f"{domain}: {{before: {one.before}, told: {one.told}}}" for domain, one in found.items())
    return f"{{{', '.join(each)}}}"


def with_table(text: str, table: str) -> str:
    """The page with the table written anew."""
    return _TABLE.sub(lambda found: f"{found[1]}{table}\n{found[2]}", text)


def table_of(told: tuple[HabitTruth, ...]) -> str:
    """The truth as a table."""
    lines = [f"| {' | '.join(HEAD)} |", f"|{'---|' * len(HEAD)}"]
    return "\n".join([*lines, *(f"| {' | '.join(_row(each))} |" for each in told)])


def _row(each: HabitTruth) -> Iterator[str]:
    yield str(each.trap or "")
    yield each.does
    yield each.says
    for domain in DOMAINS:
        yield "yes" if each.is_right(domain) else "**no**"
    for domain in DOMAINS:
        one = each.success[domain]
        yield f"{one.before:.2f} to {one.told:.2f}"


def main(arguments: list[str]) -> int:
    if arguments != ["--write"]:
        print(__doc__)
        return 2
    found = {each.habit: effects(each) for each in habits()}
    FILE.write_text(with_success(FILE.read_text(encoding="utf-8"), found), encoding="utf-8")
    habits.cache_clear()
    README.write_text(with_table(README.read_text(encoding="utf-8"), table_of(habits())), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
