"""In which order runs are made, and what is tried again."""

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from costcraft.evaluate.harness.schedule import LONGEST_PAUSE, Job, Queue, blocks

names = st.lists(st.sampled_from("abcdef"), min_size=1, max_size=4, unique=True)
seeds = st.lists(st.integers(0, 9), min_size=1, max_size=3, unique=True)


def always(_: Sequence[Job]) -> bool:
    return True


def queue_of(wanted, done=(), *, attempts=3, pause=0.0) -> Queue:
    return Queue.of(iter(wanted), done, lambda _: 0, attempts=attempts, pause=pause)


@given(tasks=names, seeds=seeds, conditions=names)
def test_every_run_is_made_once_and_whole_blocks_one_after_the_other(tasks, seeds, conditions) -> None:
    queue = queue_of(blocks(tasks, seeds, conditions))
    made = []
    while (job := queue.next(0.0, always)) is not None:
        made.append(job)
    assert sorted(job.key for job in made) == sorted((c, t, s) for c in conditions for t in tasks for s in seeds)
    pairs = [(job.task, job.seed) for job in made]
    assert pairs == [(task, seed) for task in tasks for seed in seeds for _ in conditions]


@given(tasks=names, seeds=seeds, conditions=names)
def test_no_condition_is_first_much_more_often_than_another(tasks, seeds, conditions) -> None:
    first = [block[0].condition for block in blocks(tasks, seeds, conditions)]
    counts = [first.count(condition) for condition in conditions]
    assert max(counts) - min(counts) <= 1


@given(tasks=names, seeds=seeds, conditions=names, data=st.data())
def test_what_is_done_is_not_run_again(tasks, seeds, conditions, data) -> None:
    every = [job.key for block in blocks(tasks, seeds, conditions) for job in block]
    done = data.draw(st.sets(st.sampled_from(every)))
    queue = queue_of(blocks(tasks, seeds, conditions), done)
    assert queue.left == len(every) - len(done)
    made = set()
    while (job := queue.next(0.0, always)) is not None:
        made.add(job.key)
    assert made == set(every) - done


@given(data=st.data(), attempts=st.integers(1, 4), tasks=names)
def test_a_run_that_is_cut_short_is_tried_so_often_and_no_more(data, attempts, tasks) -> None:
    queue, tried, now = queue_of(blocks(tasks, [0], ["a", "b"]), attempts=attempts, pause=1.0), {}, 0.0
    while queue.left:
        job = queue.next(now, always)
        if job is None:
            wait = queue.due_in(now)
            assert wait is not None
            assert 0 < wait <= LONGEST_PAUSE
            now += wait
            continue
        tried[job.key] = tried.get(job.key, 0) + 1
        assert job.attempt == tried[job.key]
        if data.draw(st.booleans()):
            assert queue.cut_short(job, now) == (tried[job.key] < attempts)
    assert len(tried) == 2 * len(tasks)
    assert all(count <= attempts for count in tried.values())


def test_the_pause_is_doubled_and_ends_somewhere() -> None:
    queue = queue_of(blocks(["t"], [0], ["a"]), attempts=10, pause=2.0)
    job = queue.next(0.0, always)
    waits = []
    while job is not None and queue.cut_short(job, 0.0):
        waits.append(queue.due_in(0.0))
        job = queue.next(1000.0, always)
    assert waits == [2, 4, 8, 16, 32, 60, 60, 60, 60]


def test_a_block_is_begun_only_where_all_of_it_has_room() -> None:
    asked = []

    def room(jobs: Sequence[Job]) -> bool:
        asked.append(len(jobs))
        return len(jobs) == 1

    queue = queue_of(blocks(["t"], [0], ["a", "b", "c"]))
    assert queue.next(0.0, room) is None
    assert asked == [3]
    assert queue.left == 3


def test_attempts_go_on_counting_where_an_earlier_evaluation_ended() -> None:
    queue = Queue.of(blocks(["t"], [0], ["a"]), (), lambda _: 3, attempts=2, pause=0)
    first = queue.next(0, always)
    assert first is not None
    assert queue.cut_short(first, 0)
    second = queue.next(0, always)
    assert second is not None
    assert [first.attempt, second.attempt] == [4, 5]
    assert not queue.cut_short(second, 0)


def test_the_conditions_turn_from_block_to_block() -> None:
    orders = ["".join(job.condition for job in block) for block in blocks(["t", "u"], [0, 1], ["a", "b", "c"])]
    assert orders == ["abc", "bca", "cab", "abc"]
    assert all(one != other for one, other in pairwise(orders))
