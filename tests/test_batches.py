"""A batch of letters: any size, any interruption, each letter once; and what came of it."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection

from cases import actors, batches, tasks, worlds
from cases.models import Batch
from cases.transitions import State
from cases.workflow import perform
from tests.bulk_page import act, checked, choose, outcomes, states
from tests.desk_page import CITY, HANDLER
from tests.run_worlds import make_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def no_time(monkeypatch):
    """Requests have no time to work on a batch, so that all of it is left to others."""
    monkeypatch.setattr(batches, "REQUEST_SECONDS", -1)


# -- any size, any interruption ----------------------------------------------------------------


def test_what_a_request_cannot_do_a_worker_does(desk, cast, no_time, monkeypatch):
    sent = []
    monkeypatch.setattr(tasks.take_batch_on, "delay", sent.append)
    cases = [cast.make_case(at=worlds.now()) for _time in range(25)]
    batch = checked(desk, "accept", which="all", address="?scope=all")
    assert batch.stage == "checking" and sent == [batch.pk]
    page = desk.get(f"/desk/bulk/{batch.pk}/")
    assert page.context["found"]["taken"] == 0 and "progress" in page.content.decode()
    tasks.take_batch_on(batch.pk)
    act(desk, batch)
    assert batch.stage == "doing" and sent == [batch.pk] * 2
    monkeypatch.setattr(batches, "TASK_SECONDS", 0)  # a task that is out of time sends another
    tasks.take_batch_on(batch.pk)
    assert sent == [batch.pk] * 3
    monkeypatch.setattr(batches, "TASK_SECONDS", 5)
    tasks.take_batch_on(batch.pk)
    batch.refresh_from_db()
    assert batch.stage == "done" and set(states(cases)) == {"accepted"}


def test_step_taken_before_a_crash_is_not_taken_again(desk, cast, whole_log):
    case = cast.make_case(at=worlds.now())
    batch = checked(desk, "urge", [case])
    actor = actors.officer(desk.officer)
    perform(case.pk, "urge", actor=actor, at=worlds.now())  # the worker died right after
    act(desk, batch)
    assert outcomes(batch) == {case.pk: "done"}
    assert case.events.filter(action="urge").count() == 1


def test_batch_held_by_another_is_left_to_them_until_they_are_gone(desk, cast):
    case = cast.make_case(at=worlds.now())
    batch = checked(desk, "accept", [case])
    batches.confirm(batch)
    held = Batch.objects.filter(pk=batch.pk)
    held.update(held_until=worlds.now() + timedelta(seconds=20))
    assert batches.take_on(batch.pk, 5) and states([case]) == ["received"]
    assert batches.unfinished(worlds.now()) == []
    held.update(held_until=worlds.now() - timedelta(seconds=1))
    assert batches.unfinished(worlds.now()) == [batch.pk]
    assert batches.take_on(batch.pk, 5) and states([case]) == ["accepted"]


def test_confirming_twice_and_doing_twice_is_once(desk, cast):
    case = cast.make_case(State.IN_HAND, at=worlds.now())
    batch = checked(desk, "urge", [case])
    for _click in range(2):
        assert act(desk, batch).status_code == 302
    tasks.take_batch_on(batch.pk)
    assert case.events.filter(action="urge").count() == 1


def test_stopped_batch_does_no_more(desk, cast, no_time):
    cases = [cast.make_case(at=worlds.now()) for _time in range(2)]
    batch = checked(desk, "accept", cases)
    act(desk, batch, "stop")
    assert batch.stage == "stopped"
    act(desk, batch, "do")
    tasks.take_batch_on(batch.pk)
    assert batch.stage == "stopped" and states(cases) == ["received"] * 2


def test_officer_who_lost_the_right_meanwhile_does_nothing(desk, cast, no_time):
    case = cast.make_case(at=worlds.now())
    batch = checked(desk, "accept", [case])
    tasks.take_batch_on(batch.pk)
    act(desk, batch)
    desk.officer.user_permissions.clear()
    tasks.take_batch_on(batch.pk)
    assert states([case]) == ["received"] and outcomes(batch) == {case.pk: "refused"}


# -- what came of it ---------------------------------------------------------------------------


def test_results_are_a_table_for_spreadsheets(desk, cast):
    cases = [cast.make_case(at=worlds.now()) for _time in range(2)]
    batch = checked(desk, "accept", cases)
    cast.step(cases[1].pk, "accept", at=worlds.now() - timedelta(seconds=9))
    act(desk, batch)
    answer = desk.get(f"/desk/bulk/{batch.pk}/results.csv")
    text = answer.content.decode()
    assert text.startswith("\ufeff") and "attachment" in answer["Content-Disposition"]
    head, *rows = csv.reader(io.StringIO(text[1:]))
    assert head == ["受理编号", "操作", "结果", "说明"]
    assert [row[:3] for row in rows] == [
        [cases[1].letter.receipt, "受理", "不能"],
        [cases[0].letter.receipt, "受理", "已完成"],
    ]


def test_batches_are_their_officers_own(desk, cast, client):
    batch = checked(desk, "accept", [cast.make_case(at=worlds.now())])
    assert [row[0] for row in desk.get("/desk/bulk/").context["listed"]] == [batch]
    client.force_login(cast.reviewer)
    assert client.get(f"/desk/bulk/{batch.pk}/").status_code == 404
    assert client.get(f"/desk/bulk/{batch.pk}/results.csv").status_code == 404
    assert act(client, batch).status_code == 404
    assert client.get("/desk/bulk/").context["listed"] == []
    client.force_login(cast.writer)
    assert client.get(f"/desk/bulk/{batch.pk}/do/").status_code == 405
    assert act(client, batch, "nonsense").status_code == 404
    assert Batch.objects.get(pk=batch.pk).stage == "checked"


def test_title_of_a_letter_that_went_out_of_sight_is_not_shown(client, cast, make_officer):
    case = cast.make_case(State.DISPATCHED, at=worlds.now(), title="只有承办单位知道的事")
    client.force_login(make_officer("handle_case", unit=HANDLER))
    batch = checked(client, "sign", [case])
    act(client, batch)
    cast.step(case.pk, "return_to_desk", at=worlds.now(), return_reason="unclear", text="不清楚")
    page = client.get(f"/desk/bulk/{batch.pk}/").content.decode()
    assert "只有承办单位" not in page and "您看不到这件来信" in page
    table = client.get(f"/desk/bulk/{batch.pk}/results.csv").content.decode()
    assert case.letter.receipt not in table


def test_in_a_run_the_open_page_goes_on_and_no_task_is_sent(
    client, make_officer, no_time, monkeypatch
):
    monkeypatch.setattr(tasks.take_batch_on, "delay", pytest.fail)
    make_run(1, letters=3)
    client.force_login(make_officer("triage_case", "run_simulation", unit=CITY))
    client.post("/desk/world/enter/", {"schema": "run_1"})
    answer = choose(client, "accept", which="all", address="?scope=all")
    page = answer.url
    monkeypatch.setattr(batches, "REQUEST_SECONDS", 5)
    on = client.post(f"{page}on/", headers={"accept": "application/json"})
    assert on.json() == {"stage": "checked", "taken": 3, "all": 3}
    client.post(f"{page}do/")
    assert "3</b> 件已完成" in client.get(page).content.decode()
    assert not Batch.objects.exists()
    client.post("/desk/world/leave/")
    assert client.get(page).status_code == 404


# -- faults of the program's -------------------------------------------------------------------


@pytest.fixture
def broken():
    """The database refuses to write that a letter was accepted: mend() ends it."""
    table = f"{worlds.LIVE_SCHEMA}.cases_event"
    with connection.cursor() as cursor:
        rule = "CHECK (action <> 'accept') NOT VALID"
        cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT no_accept {rule}")

    def mend():
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what is written stands
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT no_accept")

    return mend


def _time_passes(batch):
    """The pause after a fault is over, and beat comes round."""
    Batch.objects.filter(pk=batch.pk, stage="doing").update(held_until=None)
    for pk in batches.unfinished(worlds.now()):
        assert batches.take_on(pk, 5)
    batch.refresh_from_db()


def test_fault_ends_a_batch_as_failed_and_it_goes_on_when_asked(desk, cast, broken, admin_client):
    cases = [cast.make_case(at=worlds.now()) for _time in range(2)]
    batch = checked(desk, "accept", cases)
    page = act(desk, batch).url
    assert (batch.stage, batch.attempts) == ("doing", 1) and batch.held_until > worlds.now()
    assert batches.unfinished(worlds.now()) == []
    assert "刚才出错：IntegrityError (workflow.py" in desk.get(page).content.decode()
    for _attempt in range(batches.MAX_ATTEMPTS + 2):
        _time_passes(batch)
    assert (batch.stage, batch.attempts) == ("failed", batches.MAX_ATTEMPTS)
    assert states(cases) == ["received"] * 2 and set(outcomes(batch).values()) == {"ready"}
    text = desk.get(page).content.decode()
    assert (
        "IntegrityError (workflow.py" in text
        and "再试一次" in text
        and "2</b> 件还没有办理" in text
    )
    listed = admin_client.get("/admin/cases/batch/").content.decode()
    assert "IntegrityError (workflow.py" in listed and "受理" in listed
    act(desk, batch)  # nothing but asking again makes it go on
    assert batch.stage == "failed"
    broken()
    act(desk, batch, "again")
    assert (batch.stage, batch.error) == ("done", "") and states(cases) == ["accepted"] * 2


def test_step_that_the_table_has_no_more_fails_and_breaks_no_page(desk, cast):
    batch = checked(desk, "accept", [cast.make_case(at=worlds.now())])
    Batch.objects.filter(pk=batch.pk).update(action="older", fields={"unit": "999999"})
    act(desk, batch)
    for _attempt in range(batches.MAX_ATTEMPTS):
        _time_passes(batch)
    assert batch.stage == "failed" and batch.error.startswith("KeyError (workflow.py")
    for page in ("/desk/bulk/", f"/desk/bulk/{batch.pk}/", f"/desk/bulk/{batch.pk}/results.csv"):
        assert "older" in desk.get(page).content.decode()
    act(desk, batch, "stop")
    assert batch.stage == "stopped"
