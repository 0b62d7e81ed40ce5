"""How many threads compute: what is measured decides, with clocks that are made up."""

from __future__ import annotations

from zaohua.generate.ik.crew import LATE, SOON, TRIAL, Crew

QUIET = {2: 0.010, 1: 0.018}
SHARED = {2: 0.110, 1: 0.020}


def run(crew: Crew, seconds: dict[int, float], steps: int, rows: int = 1) -> list[int]:
    """The number of threads of each step."""
    sizes = []
    for _ in range(steps):
        sizes.append(crew.size)
        crew.note(rows, seconds[crew.size] * (1 + rows / 10))
    return sizes


def test_on_a_quiet_machine_all_compute_and_one_fewer_is_tried_ever_more_seldom() -> None:
    sizes = run(Crew(2), QUIET, 4000)
    assert sizes[-1] == sizes[0] == 2
    assert sizes.count(1) < 15 * TRIAL
    assert sizes[-2 * LATE :].count(1) <= 2 * TRIAL


def test_who_wants_the_processor_is_noticed_at_once_and_that_he_is_gone_soon() -> None:
    crew = Crew(2)
    run(crew, QUIET, 300)
    shared = run(crew, SHARED, 300)
    assert shared[:5] == [2, 2, 1, 1, 1]
    assert shared[5:].count(2) < 8 * TRIAL
    after = run(crew, QUIET, 2 * LATE)
    assert after[-LATE:].count(1) < 6 * TRIAL


def test_where_the_processor_was_shared_from_the_beginning_it_is_found_out() -> None:
    sizes = run(Crew(2), SHARED, 200)
    assert sizes[SOON + TRIAL :].count(2) < 6 * TRIAL


def test_steps_of_more_rows_are_compared_with_their_like() -> None:
    crew = Crew(2)
    sizes = [size for n in range(600) for size in run(crew, QUIET, 1, rows=1 + n % 5)]
    assert sizes.count(1) < 8 * TRIAL


def test_a_single_thread_stays_single() -> None:
    assert run(Crew(1), {1: 0.01}, 100) == [1] * 100
