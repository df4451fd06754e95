"""Leave-one-step-out: each tool call of recorded sessions left out in turn, held against the oracle and the value flow.

Sessions are independent: an executor that is handed in plays several at once, each process in an environment of its
own.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import Executor
from functools import lru_cache, partial

from clawtrace_core import ClawTraceError, PriceBook, Store, compile_session
from clawtrace_core.card import Step, TraceCard
from clawtrace_core.card.card import PRICED
from clawtrace_core.model.session import SessionTree
from clawtrace_core.parallel import each
from costcraft.counterfactual.environment import Environment, Verdict, load_environment
from costcraft.counterfactual.playing import Player, Rerun
from costcraft.counterfactual.recording import Unplayable, recorded_calls
from costcraft.counterfactual.step_test import FlowVerdict, ReplayVerdict, SessionTest, StepTest
from costcraft.counterfactual.value_flow import Follower, reads
from costcraft.errors import EnvironmentInvalid


def leave_one_out(
    sessions: Store | Iterable[SessionTree],
    environment: Environment | str,
    *,
    only: Collection[str] | None = None,
    only_reads: bool = False,
    prices: PriceBook | None = None,
    executor: Executor | None = None,
    watch: Callable[[int, int], object] | None = None,
) -> Iterator[StepTest]:
    """Every tool call of the sessions (of those of the ids `only`, when given), left out of its session.

    `environment` is one, or its name `python:MODULE:NAME`; with an `executor` it must be the name, so that each process
    makes its own. `only_reads` tests what reads, by what the adapter told of the tool, else by its name. `watch` is
    called after every session with how many are done, and of how many.

    Raises:
        EnvironmentInvalid: there is no environment of that name, or an executor was given and no name.
    """
    for found in play_sessions(
        sessions, environment, only=only, only_reads=only_reads, prices=prices, executor=executor, watch=watch
    ):
        yield from found.tests


def play_sessions(
    sessions: Store | Iterable[SessionTree],
    environment: Environment | str,
    *,
    only: Collection[str] | None = None,
    only_reads: bool = False,
    prices: PriceBook | None = None,
    executor: Executor | None = None,
    watch: Callable[[int, int], object] | None = None,
) -> Iterator[SessionTest]:
    """As `leave_one_out`, session by session, with why one could not run again."""
    if executor is not None and not isinstance(environment, str):
        raise EnvironmentInvalid(
            "an environment that is made already stays in its process; with an executor name it: python:MODULE:NAME"
        )
    # A wrong name is told here, and not by a process of the executor, which makes its own environment.
    here = load_environment(environment) if isinstance(environment, str) else environment
    store = sessions if isinstance(sessions, Store) else None
    items: list[str] | list[SessionTree]
    if isinstance(sessions, Store):
        items = sessions.session_ids() if only is None else list(only)
    else:
        items = [tree for tree in sessions if only is None or tree.id in only]
    prices = PriceBook.load() if prices is None else prices
    world = environment if executor else here
    work = partial(_tested, store=store, environment=world, only_reads=only_reads, prices=prices)
    for done, found in enumerate(each(work, items, executor=executor), start=1):
        if watch is not None:
            watch(done, len(items))
        yield found


def _tested(
    item: str | SessionTree, *, store: Store | None, environment: Environment | str, only_reads: bool, prices: PriceBook
) -> SessionTest:
    here = _world(environment) if isinstance(environment, str) else environment
    try:
        tree = store.read(item) if store is not None and isinstance(item, str) else item
        if isinstance(tree, str):
            return SessionTest(session=tree, why="its recording is not at hand")
        return leave_each_out(tree, compile_session(tree, prices=prices), here, only_reads=only_reads)
    except ClawTraceError as error:
        return SessionTest(session=item if isinstance(item, str) else item.id, why=str(error))


@lru_cache(maxsize=1)
def _world(told: str) -> Environment:
    return load_environment(told)


def leave_each_out(
    tree: SessionTree, card: TraceCard, environment: Environment, *, only_reads: bool = False
) -> SessionTest:
    """Every tool call of one session, left out in turn. Where the session cannot run again, the value flow is told
    all the same."""
    player = Player(environment, snapshots=True)
    baseline = _baseline(tree, card, player)
    follower = Follower(tree, card)
    alone = [flag for flag in card.flags if len(flag.steps) == 1 and flag.kind not in PRICED]
    saves = {flag.steps[0]: flag.saves for flag in alone}
    steps = [step for step in sorted(card.steps, key=lambda step: step.n) if step.kind == "tool"]
    succeeded = tree.outcome is not None and tree.outcome.success
    why = baseline.why if isinstance(baseline, Unplayable) else None
    return SessionTest(
        session=tree.id,
        task=tree.started.task,
        why=why if steps else "it called no tool",
        tests=tuple(
            StepTest(
                session=tree.id,
                task=tree.started.task,
                n=step.n,
                tool=step.name,
                args=step.args,
                usd=step.usd,
                saves=saves.get(step.n),
                replay=_replayed(player, baseline, step, succeeded=succeeded),
                flow=FlowVerdict(**follower.follow(step.n)._asdict()),
            )
            for step in steps
            if not only_reads or reads(step)
        ),
    )


def _baseline(tree: SessionTree, card: TraceCard, player: Player) -> Rerun | Unplayable:
    if tree.started.task is None:
        return Unplayable("it names no task that the environment could be reset to")
    if tree.outcome is None:
        return Unplayable("it has no outcome that could stay the same; grade it with `clawtrace outcome`")
    checks = {check.name: check.passed for check in tree.outcome.checks}
    telling = any(check.passed or check.got is not None for check in tree.outcome.checks)
    if not tree.outcome.success and not telling:
        return Unplayable("it failed, and no check of its outcome tells what could stay the same")
    calls = recorded_calls(tree, card)
    return (
        calls
        if isinstance(calls, Unplayable)
        else player.reproduce(tree.started.task, calls, Verdict(tree.outcome.success, checks))
    )


def _replayed(player: Player, baseline: Rerun | Unplayable, step: Step, *, succeeded: bool) -> ReplayVerdict:
    if isinstance(baseline, Unplayable):
        return ReplayVerdict(what="untold", why=baseline.why)
    if not succeeded and not reads(step):
        return ReplayVerdict(
            what="untold", why="its session failed: whether what writes was needed cannot be told there"
        )
    found = player.without(baseline, {step.n})
    return ReplayVerdict(what=found.what, why=found.why)
