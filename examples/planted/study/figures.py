"""The study's figures, worked out from the lines of its file alone: the same lines give the same figures."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from costcraft.evaluate.statistics import holm
from examples.planted.study.arms import FULL, TITLES
from examples.planted.study.comparing import MARGIN, Beside, compared
from examples.planted.study.shares import share
from examples.planted.study.sitting import ArmTold, Place, RuleTold, Sitting

WASTE = "removable"
"""The label of calls that should be made in no run."""
MAIN = "langchain"
"""The framework the arms, single rules and transfers are told of."""
REPLAY_TESTS = ("replay", "flow", "both")


def figures(sittings: Sequence[Sitting]) -> dict[str, Any]:
    """Everything the page shows, as JSON data."""
    ordered = sorted(sittings, key=lambda each: each.seed)
    frameworks = {name: [each for each in ordered if each.framework == name] for name in _names(ordered)}
    main = frameworks.get(MAIN) or next(iter(frameworks.values()), [])
    return {
        "simulated": True,
        "titles": TITLES,
        "margin": MARGIN,
        "frameworks": {
            name: {
                "seeds": [each.seed for each in found],
                "tasks": sorted({(each.learned, each.held_out) for each in found}),
                "sessions": sum(each.learned * len(each.places) for each in found),
                "runs": sum(each.runs + each.taken for each in found),
                "taken": sum(each.taken for each in found),
                "cpu_minutes": round(sum(each.cpu_seconds for each in found) / 60, 1),
                "flags": _flags(found),
                "full": _arms(found, "both")[FULL],
            }
            for name, found in frameworks.items()
        },
        "labels": _labels(main),
        "arms": {part: _arms(main, part) for part in ("both", *_domains(main))},
        "pruned": _pruned(main),
        "rules": _rules(main),
        "replays": _replays(main),
    }


def _names(sittings: Iterable[Sitting]) -> list[str]:
    return sorted({each.framework for each in sittings}, key=lambda name: (name != MAIN, name))


def _domains(sittings: Iterable[Sitting]) -> list[str]:
    return sorted({domain for each in sittings for domain in each.places})


def _flags(sittings: Sequence[Sitting]) -> dict[str, Any]:
    """Precision of each kind of flag, and recall of all of them together."""
    steps = [[step for place in each.places.values() for step in place.steps] for each in sittings]
    kinds = sorted({kind for found in steps for step in found for kind in step.flags})

    def right(kind: str | None) -> list[tuple[int, int]]:
        found = [[step for step in group if (kind in step.flags if kind else step.flags)] for group in steps]
        return [(sum(step.label == WASTE for step in group), len(group)) for group in found]

    waste = [[step for step in group if step.label == WASTE] for group in steps]
    return {
        "steps": sum(map(len, steps)),
        "waste": sum(map(len, waste)),
        "needed_flagged": sum(step.needed and bool(step.flags) for group in steps for step in group),
        "precision": share(right(None)).plain(),
        "recall": share([(sum(bool(step.flags) for step in group), len(group)) for group in waste]).plain(),
        "kinds": {
            kind: {
                "precision": share(right(kind)).plain(),
                "recall": share([(sum(kind in step.flags for step in group), len(group)) for group in waste]).plain(),
            }
            for kind in kinds
        },
    }


def _labels(sittings: Sequence[Sitting]) -> list[dict[str, Any]]:
    """What is planted: each label with its calls, how many of them are needed, and how many were flagged."""
    steps = [step for each in sittings for place in each.places.values() for step in place.steps]
    rows = []
    for label, trap in sorted({(step.label, step.trap) for step in steps}, key=lambda key: (key[1] or 99, key[0])):
        found = [step for step in steps if (step.label, step.trap) == (label, trap)]
        rows.append(
            {
                "label": label,
                "trap": trap,
                "tools": sorted({step.tool for step in found}),
                "calls": len(found),
                "needed": sum(step.needed for step in found),
                "flagged": sum(bool(step.flags) for step in found),
                "kinds": sorted({kind for step in found for kind in step.flags}),
            }
        )
    return rows


def _arms(sittings: Sequence[Sitting], part: str) -> dict[str, Any]:
    """Each arm beside the base skill on held-out tasks, in one domain or both."""
    places = [(each.seed, d, p) for each in sittings for d, p in each.places.items() if part in {"both", d}]
    names = list(dict.fromkeys(name for _, _, place in places for name in place.arms))
    found = {name: _arm(name, [(s, d, p) for s, d, p in places if name in p.arms]) for name in names}
    told = {name: each for name, each in found.items() if each.get("compared")}
    for p, adjusted in (("p", "p_holm"), ("p_cost", "p_cost_holm")):
        for name, value in holm({name: each["compared"][p] for name, each in told.items()}).items():
            told[name]["compared"][adjusted] = value
    return found


def _arm(name: str, places: Sequence[tuple[int, str, Place]]) -> dict[str, Any]:
    arms = [place.arms[name] for _, _, place in places]
    told = list(zip(places, arms, strict=True))
    return {
        "skills": len({(d, arm.digest) for (_, d, _), arm in zip(places, arms, strict=True)}),
        "distillations": len(arms),
        "like_full": all(FULL in place.arms and arm.digest == place.arms[FULL].digest for (_, _, place), arm in told),
        "unchanged": sum(arm.digest == place.base for (_, _, place), arm in zip(places, arms, strict=True)),
        "rules": {kind: _written(arms, kind) for kind in ("prune", "repair", "preserve")},
        "held_back": sum(arm.held_back for arm in arms),
        "waste_gone": share(_gone(name, places)).plain(),
        "needed_lost": _sums(arm.costs for arm in arms),
        "compared": compared(
            Beside(f"{seed:04}", _unit(place, d, place.base), _unit(place, d, place.arms[name].digest))
            for seed, d, place in places
        ),
    }


def _gone(name: str, places: Sequence[tuple[int, str, Place]]) -> list[tuple[int, int]]:
    """Of each seed: the needless calls that are no longer made on held-out tasks, and those of the base agent."""
    found: dict[int, tuple[int, int]] = {}
    for seed, _, place in places:
        gone, of = found.get(seed, (0, 0))
        found[seed] = gone + place.arms[name].spares.get(WASTE, 0), of + place.waste
    return list(found.values())


def _unit(place: Place, domain: str, digest: str) -> list[Any]:
    return [run.model_copy(update={"task": f"{domain}/{run.task}"}) for run in place.runs[digest]]


def _pruned(sittings: Sequence[Sitting]) -> dict[str, Any] | None:
    """What the prunes of the full distillation do beside the same one without them."""
    places = [
        (each.seed, d, p) for each in sittings for d, p in each.places.items() if {FULL, "no-prune"} <= p.arms.keys()
    ]
    return compared(
        Beside(f"{seed:04}", _unit(place, d, place.arms["no-prune"].digest), _unit(place, d, place.arms[FULL].digest))
        for seed, d, place in places
    )


def _written(arms: Sequence[ArmTold], kind: str) -> dict[str, Any]:
    """The rules of one kind that were written: how many only spare, how many cost, how many change nothing."""
    rules = [[rule for rule in arm.rules if rule.kind == kind] for arm in arms]
    every = [rule for group in rules for rule in group]
    return {
        "written": len(every),
        "different": len({rule.id for rule in every}),
        "right": share([(sum(_is_right(rule) for rule in group), len(group)) for group in rules]).plain(),
        "harmful": sum(bool(rule.costs) for rule in every),
        "inert": sum(not rule.spares and not rule.costs for rule in every),
        "named": sum(rule.named for rule in every),
        "named_needed": sum(rule.named_needed for rule in every),
    }


def _is_right(rule: RuleTold) -> bool:
    """A rule that spares what should be done in no run, and costs nothing."""
    return bool(rule.spares.get(WASTE)) and not rule.costs


def _sums(counted: Iterable[Mapping[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for each in counted:
        for label, count in each.items():
            found[label] = found.get(label, 0) + count
    return dict(sorted(found.items()))


def _rules(sittings: Sequence[Sitting]) -> list[dict[str, Any]]:
    """Every rule that was proposed, followed alone: at home beside the base skill, and in the other domain."""
    rows: list[dict[str, Any]] = []
    places = [(each.seed, domain, place) for each in sittings for domain, place in each.places.items()]
    for domain in _domains(sittings):
        here = [(seed, place) for seed, where, place in places if where == domain]
        there = {seed: place for seed, where, place in places if where != domain}
        told = {rule.id: rule for _, place in here for rule in place.proposed}
        ordered = sorted(told.values(), key=lambda each: (each.kind, each.scope, each.id))
        rows += [{"domain": domain, **_rule(rule, here, there)} for rule in ordered]
    return rows


def _rule(rule: RuleTold, here: Sequence[tuple[int, Place]], there: Mapping[int, Place]) -> dict[str, Any]:
    mine = [(seed, place) for seed, place in here if rule.id in place.alone]
    away = [(seed, there[seed]) for seed, _ in mine if seed in there and rule.id in there[seed].abroad]
    said = [each for _, place in mine for each in place.proposed if each.id == rule.id]
    written = {name: 0 for _, place in here for name in place.arms}
    for _, place in here:
        for name, arm in place.arms.items():
            written[name] += any(each.id == rule.id for each in arm.rules)
    return {
        "id": rule.id,
        "kind": rule.kind,
        "scope": rule.scope,
        "rule": rule.rule,
        "analyst": rule.analyst,
        "levels": sorted({each.level for each in said if each.level}),
        "seeds": len(said),
        "written": written,
        "named": sum(each.named for each in said),
        "named_needed": sum(each.named_needed for each in said),
        "spares": _sums(each.spares for each in said),
        "costs": _sums(each.costs for each in said),
        "home": compared(_home(rule, seed, place) for seed, place in mine),
        "abroad": compared(
            Beside(f"{seed:04}", place.runs[place.base], place.runs[place.abroad[rule.id]]) for seed, place in away
        ),
    }


def _home(rule: RuleTold, seed: int, place: Place) -> Beside:
    runs = place.practised if rule.kind == "prune" else place.runs
    return Beside(f"{seed:04}", runs[place.base], runs[place.alone[rule.id]])


def _replays(sittings: Sequence[Sitting]) -> dict[str, Any]:
    """What replay alone, value flow alone and both together get right of single steps."""
    found = [[place.replays for place in each.places.values() if place.replays] for each in sittings]
    seeds = [group for group in found if group]
    if not seeds:
        return {}

    def total(group: Sequence[Mapping[str, Any]], *path: str) -> int:
        return sum(int(_at(each, path)) for each in group)

    return {
        "steps": sum(total(group, "told") for group in seeds),
        "needless": sum(total(group, "needless") for group in seeds),
        "untold": sum(total(group, "untold") for group in seeds),
        "tests": {
            test: {
                "precision": share([(total(g, test, "right"), total(g, test, "approved")) for g in seeds]).plain(),
                "recall": share([(total(g, test, "right"), total(g, "needless")) for g in seeds]).plain(),
                "wrong": _sums(each[test]["wrong"] for group in seeds for each in group),
            }
            for test in REPLAY_TESTS
        },
    }


def _at(told: Mapping[str, Any], path: Iterable[str]) -> Any:
    found: Any = told
    for name in path:
        found = found[name]
    return found


def rows_of(told: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The arms with a comparison, in their order."""
    yield from ((name, each) for name, each in told.items() if each["compared"])
