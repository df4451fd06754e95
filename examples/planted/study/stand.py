"""Where agents are run: one domain of one seed on one framework. Skills of the same words are run once."""

import hashlib
import shutil
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from costcraft import Patch, apply
from costcraft.skill import SKILL_FILE
from costcraft.writers.skill_md import plan
from examples.planted import Domain, skill_dirs
from examples.planted.agents import play
from examples.planted.study.sitting import Place, RunTold
from examples.planted.world import Part, PlantedEnvironment, PlantedTask, make_tasks


def digest_of(skills: Sequence[Path]) -> str:
    """What an agent reads, in short: skills of one digest are the same to it."""
    texts = [(each / SKILL_FILE).read_bytes() for each in skills]
    return hashlib.sha256(b"\0".join(texts)).hexdigest()[:16]


class Stand:
    """The tasks of one domain and seed, and what came of running them under each skill."""

    def __init__(
        self, framework: str, domain: Domain, seed: int, count: int, folder: Path, known: Place | None = None
    ) -> None:
        """`folder` is its own: it holds sessions, skills and workbooks. Runs that are `known` are taken over."""
        self.framework, self.domain, self.seed, self.folder = framework, domain, seed, folder
        self.count, self.tasks = count, make_tasks(domain, count, seed)
        self.store = folder / "sessions"
        self.base = self.skills("base", ())
        self.runs: dict[str, tuple[RunTold, ...]] = {}
        """Digest -> the held-out runs."""
        self.practised: dict[str, tuple[RunTold, ...]] = {}
        """Digest -> the runs on the tasks to learn from."""
        self.played = self.taken = 0
        self._known: Mapping[str, tuple[RunTold, ...]] = known.runs if known is not None else {}
        self._known_practised: Mapping[str, tuple[RunTold, ...]] = known.practised if known is not None else {}

    def world(self) -> PlantedEnvironment:
        """The same tasks as an environment."""
        return PlantedEnvironment(self.domain, self.seed, self.count)

    def of(self, part: Part) -> list[PlantedTask]:
        """The tasks to learn from, or those held out."""
        return [task for task in self.tasks if task.part == part]

    def skills(self, name: str, patches: Iterable[Patch]) -> tuple[Path, ...]:
        """This domain's own skills with these rules written into them, by the real writer; the domain's first."""
        root = self.folder / "skills" / name
        shutil.rmtree(root, ignore_errors=True)
        for skill in skill_dirs(self.domain):
            shutil.copytree(skill, root / skill.name)
        own = root / skill_dirs(self.domain)[0].name
        apply(plan(list(patches), own), root)
        found = {path.parent for path in root.glob(f"*/{SKILL_FILE}")}
        return (own, *sorted(found - {own}))

    def learn(self) -> None:
        """Run the base skill on the tasks to learn from; the sessions stay."""
        self.practised[digest_of(self.base)] = tuple(self._play(self.of("evolve"), self.base, self.store))

    def practise(self, skills: Sequence[Path]) -> tuple[RunTold, ...]:
        """Runs on the tasks to learn from."""
        name = digest_of(skills)
        if name not in self.practised:
            self.practised[name] = self._tried(self.of("evolve"), skills, self._known_practised.get(name))
        return self.practised[name]

    def examine(self, skills: Sequence[Path]) -> str:
        """Run the held-out tasks, unless skills of the same words were; their digest."""
        name = digest_of(skills)
        if name not in self.runs:
            self.runs[name] = self._tried(self.of("held-out"), skills, self._known.get(name))
        return name

    def _tried(
        self, tasks: Iterable[PlantedTask], skills: Sequence[Path], known: tuple[RunTold, ...] | None
    ) -> tuple[RunTold, ...]:
        if known is not None:
            self.taken += len(known)
            return known
        store = self.folder / "tried"
        found = tuple(self._play(tasks, skills, store))
        shutil.rmtree(store)
        return found

    def _play(self, tasks: Iterable[PlantedTask], skills: Sequence[Path], store: Path) -> Iterable[RunTold]:
        book = self.folder / "book"
        for task in tasks:
            played = play(self.framework, task, skills, store=store, folder=book, seed=self.seed)
            self.played += 1
            card = played.card
            yield RunTold(
                task=task.name,
                success=played.graded.success,
                usd=_priced(card.cost.usd, card.session),
                llm_calls=card.calls.llm,
                tool_calls=card.calls.tool,
            )


def _priced(usd: Decimal | None, session: str) -> Decimal:
    if usd is None:
        raise ValueError(f"session {session}: has no price; a comparison without it would lie")
    return usd
