"""Room for made-up letters: what would take more than is allowed is refused whole, in words."""

from datetime import date

import pytest
from django.core.management import CommandError, call_command

from simulation import practice, room, runs
from simulation.models import Practice, Run
from tests.reports import address, no_tasks_left, page, small_run, tasks_waiting  # noqa: F401
from tests.run_worlds import schemas

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_tasks_left")]
GB = 10**9


@pytest.fixture
def full(settings):
    """full(left): as many bytes are left for made-up letters."""

    def set_limit(left):
        settings.RUNS_GB = (room.taken() + left) / GB

    return set_limit


def test_planner_is_told_at_the_field_and_nothing_is_begun(planner, full):
    full(room.expected(300) - 1000)
    form = {"scenario": "guangdong-2021", "seed": 7, "name": "甲", "note": "我写的备注"}
    form |= {"letters": 300, "token": "7d0e6b3e-0a3c-4f0e-9d6c-5b1f5d7c2a11"}
    answer = planner.post(address("new"), form)
    assert answer.status_code == 400
    (said,) = answer.context["form"].errors["letters"]
    assert "空间不够" in said and "删除不再需要的模拟" in said and "5 MB" in said
    assert "我写的备注" in answer.text
    assert (Run.objects.count(), tasks_waiting(), schemas()) == (0, 0, set())
    assert planner.post(address("new"), {**form, "letters": 100}).status_code == 302


def test_run_that_goes_on_counts_as_what_it_will_take_and_a_finished_one_as_what_it_takes(planner):
    run = runs.create("guangdong-2021", letters=20_000)
    assert room.taken() == room.expected(20_000) > 100_000_000
    runs.cancel(run)
    assert room.taken() == room.of(run.world) < 1_000_000
    runs.delete(Run.objects.get())
    assert room.taken() == 0
    run = small_run()
    assert room.taken() == room.of(run.world)
    assert room.expected(0) < room.of(run.world) * 2 and room.of(run.world) < room.expected(300)
    assert "上限 20.0 GB" in page(planner, "list")
    assert room.in_words(room.of(run.world)) in page(planner, "delete", run)


def test_run_that_is_to_be_played_again_is_refused_and_the_first_one_stays(planner, full):
    run = small_run()
    full(0)
    answer = planner.post(address("again", run), {"token": "x"}, follow=True)
    assert "空间不够" in answer.text and Run.objects.get() == run


def test_command_says_what_to_do_and_gives_status_1(full):
    full(0)
    with pytest.raises(CommandError, match=r"no room: .* 5 MB more.*delete runs") as refusal:
        call_command("simulate", "--letters", "300")
    assert refusal.value.returncode == 1
    assert (Run.objects.count(), tasks_waiting(), schemas()) == (0, 0, set())


def test_practice_world_is_refused_but_one_that_is_there_can_be_made_anew(make_officer, full):
    officer = make_officer("triage_case", unit="440300")
    row = practice.ask(officer, date(2022, 3, 1), 100, seed=3)
    full(0)
    with pytest.raises(practice.PracticeRefused, match="没有空间"):
        practice.ask(officer, date(2022, 3, 1), 100)
    anew = practice.again(row)
    assert Practice.objects.get() == anew and anew.seed == 3
