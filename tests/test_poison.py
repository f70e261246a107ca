"""Work that always fails or kills its worker: it ends, is seen with its error, holds up nothing else."""

from datetime import timedelta

import pytest
from django.db import connection

from cases import batches, deadlines, duty_notices, outbox, recomputing, troubles, worlds
from cases.models import Batch, DutyNotice, Trouble
from cases.tasks import forget_attempts
from cases.transitions import State
from config.celery import app
from mailbox import notices, tasks
from mailbox.models import Notice
from simulation import runs
from simulation import tasks as simulating
from tests.beijing import at
from tests.carriers import carried  # noqa: F401
from tests.desk_page import CITY
from tests.rosters import put

pytestmark = pytest.mark.django_db

MONDAY = at("2026-03-02 09:00")
HOUR = timedelta(hours=1)
# Each task of ours, and what ends the work that it cannot do.
ROWS = "a row counts its attempts: claims.py, batches.py, notices.py, outbox.py"
TROUBLE = "a trouble counts what it cannot bear, and the rest goes on"
SCHEDULED = "it comes round by the schedule alone; its failure is a trouble until it goes well"
ONCE = "it is done once, whatever happens"
ENDS = {
    "cases.tasks.anchor_log": SCHEDULED,
    "cases.tasks.forget_attempts": SCHEDULED,
    "cases.tasks.forget_files": SCHEDULED,
    "cases.tasks.forget_sessions": SCHEDULED,
    "cases.tasks.forget_writers": TROUBLE,
    "cases.tasks.heartbeat": SCHEDULED,
    "cases.tasks.recompute_deadlines": TROUBLE,
    "cases.tasks.scan_deadlines": TROUBLE,
    "cases.tasks.send_password_reset": ONCE,
    "cases.tasks.take_batch_on": ROWS,
    "cases.tasks.take_batches_on": SCHEDULED,
    "cases.tasks.tell_account_changes": ROWS,
    "cases.tasks.tell_duty": ROWS,
    "mailbox.tasks.forget_stray_files": SCHEDULED,
    "mailbox.tasks.forget_unsent": SCHEDULED,
    "mailbox.tasks.send_notices": ROWS,
    "simulation.tasks.heartbeat": SCHEDULED,
    "simulation.tasks.load_shard": ROWS,
    "simulation.tasks.make_practice": ROWS,
    "simulation.tasks.replicate": ROWS,
    "simulation.tasks.seal": ROWS,
    "simulation.tasks.simulate": ROWS,
    "simulation.tasks.sweep": SCHEDULED,
}
OURS = ("cases.", "mailbox.", "simulation.", "config.")


def test_of_each_task_it_is_known_what_ends_it():
    app.loader.import_default_modules()
    assert {name for name in app.tasks if name.startswith(OURS)} == set(ENDS)


@pytest.mark.parametrize("name", ENDS)
def test_no_task_is_tried_again_by_celery(name):
    task = app.tasks[name]
    assert not getattr(task, "autoretry_for", ()), "an attempt is counted in a row, or not at all"
    scheduled = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert ENDS[name] is not SCHEDULED or name in scheduled
    assert (ENDS[name] is ONCE) == (not task.acks_late)  # what kills its worker takes itself along


@pytest.fixture
def refused(db):
    """refused(condition): the database refuses to write such events, until the test ends."""
    table = f"{worlds.LIVE_SCHEMA}.cases_event"

    def refuse(condition):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(
                f"ALTER TABLE {table} ADD CONSTRAINT poison CHECK (NOT ({condition})) NOT VALID"
            )

    return refuse


def test_case_that_the_scan_cannot_bear_holds_up_no_other_and_is_given_up(make_case, refused):
    bad, good = make_case(at=MONDAY), make_case(at=MONDAY + timedelta(seconds=1))
    refused(f"case_id = {bad.pk} AND action = 'urge'")
    assert [deadlines.scan(MONDAY + HOUR) for _time in range(2)] == [1, 0]
    assert good.events.filter(action="urge").exists()
    for _time in range(troubles.MAX_ATTEMPTS):
        deadlines.scan(MONDAY + HOUR)
    trouble = Trouble.objects.get()
    assert (trouble.task, trouble.key) == (deadlines.TASK, bad.pk)
    assert (trouble.attempts, trouble.given_up) == (troubles.MAX_ATTEMPTS, True)
    assert trouble.error.startswith("IntegrityError (workflow.py")


def test_case_that_cannot_be_computed_anew_holds_up_no_other(make_case, refused, put_version):
    put_version(MONDAY - HOUR, **{"city.default.reply": "20d"})
    bad, good = make_case(at=MONDAY), make_case(at=MONDAY)
    put_version(MONDAY + HOUR, **{"city.default.reply": "15d"})
    refused(f"case_id = {bad.pk} AND action = 'recompute'")
    done = recomputing.recompute_if_needed(MONDAY + 2 * HOUR)
    assert done == 1 and good.events.filter(action="recompute").exists()
    assert Trouble.objects.get().key == bad.pk
    for _time in range(troubles.MAX_ATTEMPTS - 1):
        assert recomputing.recompute_if_needed(MONDAY + 2 * HOUR) == 0
    assert Trouble.objects.get().given_up


def test_case_computed_anew_is_a_trouble_until_it_succeeds(
    make_case, refused, put_version, client, make_officer
):
    put_version(MONDAY - HOUR, **{"city.default.reply": "20d"})
    case = make_case(at=MONDAY)
    put_version(MONDAY + HOUR, **{"city.default.reply": "15d"})
    refused(f"case_id = {case.pk} AND action = 'recompute'")
    for _time in range(troubles.MAX_ATTEMPTS):
        recomputing.recompute_if_needed(MONDAY + 2 * HOUR)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE live.cases_event DROP CONSTRAINT poison")
    assert recomputing.recompute_if_needed(MONDAY + 2 * HOUR) == 0  # until it is asked for
    client.force_login(make_officer("view_trouble", "change_trouble"))
    chosen = {"action": "again", "_selected_action": [Trouble.objects.get().pk]}
    client.post("/admin/cases/trouble/", chosen)
    Trouble.objects.update(last_at=worlds.now() - timedelta(days=2))
    forget_attempts()
    assert recomputing.recompute_if_needed(MONDAY + 2 * HOUR) == 1
    assert case.events.filter(action="recompute").exists() and not Trouble.objects.exists()


def test_failed_case_that_has_left_the_office_is_no_trouble_any_more(make_case):
    case = make_case(State.CLOSED, at=MONDAY)
    recomputing.recompute_if_needed(MONDAY + HOUR)
    troubles.count(recomputing.TASK, OSError(), case.pk)
    assert recomputing.recompute_if_needed(MONDAY + 2 * HOUR) == 0
    assert not Trouble.objects.exists()


def test_given_up_case_is_seen_by_administrators_and_tried_again_when_asked(
    make_case, client, make_officer
):
    case = make_case(at=MONDAY)
    error = ValueError("张三的电话")
    for _time in range(troubles.MAX_ATTEMPTS):
        troubles.count(deadlines.TASK, error, case.pk)
    assert deadlines.scan(MONDAY + HOUR) == 0
    client.force_login(make_officer("view_trouble", "change_trouble"))
    page = client.get("/admin/cases/trouble/").text
    assert "scan_deadlines" in page and "ValueError" in page and "张三" not in page
    chosen = {"action": "again", "_selected_action": [Trouble.objects.get().pk]}
    client.post("/admin/cases/trouble/", chosen)
    assert deadlines.scan(MONDAY + HOUR) == 1 and not Trouble.objects.exists()


def test_troubles_are_for_administrators_alone(client, make_officer):
    troubles.count("cases.tasks.tell_duty", OSError())
    client.force_login(make_officer("view_trouble"))
    page = client.get("/admin/cases/trouble/").text
    assert "tell_duty" in page and "再试一次" not in page
    client.force_login(make_officer("triage_case"))
    assert client.get("/admin/cases/trouble/").status_code in (403, 404)


def test_task_that_fails_as_a_whole_is_a_trouble_until_it_goes_well(settings, tmp_path):
    settings.MEDIA_ROOT = "no\0folder"
    for _time in range(2):
        assert tasks.forget_stray_files.apply().failed()
    trouble = Trouble.objects.get()
    assert (trouble.task, trouble.key, trouble.attempts) == (tasks.forget_stray_files.name, 0, 2)
    assert trouble.error.startswith("ValueError (attachments.py")
    settings.MEDIA_ROOT = tmp_path
    assert tasks.forget_stray_files.apply().successful()
    assert not Trouble.objects.exists()


def test_trouble_that_does_not_come_again_is_forgotten_after_a_day_unless_it_was_given_up():
    troubles.count(deadlines.TASK, OSError(), 1)
    for _time in range(troubles.MAX_ATTEMPTS):
        troubles.count(deadlines.TASK, OSError(), 2)
    now = worlds.now()
    assert [troubles.forget(now + hours * HOUR) for hours in (23, 25)] == [0, 1]
    assert Trouble.objects.get().key == 2


def test_batch_whose_worker_dies_each_time_ends_as_failed(cast):
    case = cast.make_case(at=MONDAY)
    batch = Batch.objects.create(
        officer=cast.writer, action="accept", stage="doing", created_at=worlds.now()
    )
    batch.items.create(case=case, seen=case.seq, outcome="ready")
    for attempt in range(1, batches.MAX_ATTEMPTS + 1):
        assert batches._held(batch.pk).attempts == attempt  # and its worker is killed
        Batch.objects.update(held_until=None)
    assert batches.take_on(batch.pk, 5)
    batch.refresh_from_db()
    assert (batch.stage, batch.error) == ("failed", "its worker died each time")
    batches.again(batch)
    assert batches.take_on(batch.pk, 5)
    batch.refresh_from_db()
    assert (batch.stage, batch.attempts) == ("done", 0)


@pytest.mark.usefixtures("carried")
def test_mail_whose_worker_dies_each_time_ends_as_failed_and_a_text_message_goes(make_case):
    make_case(at=MONDAY)
    notices._collect(10)
    Notice.objects.update(attempts=notices.MAX_ATTEMPTS)
    assert notices.send_notices() == 1
    mail = Notice.objects.get(channel=Notice.MAIL)
    assert (mail.status, mail.error) == (Notice.FAILED, "its worker died each time")
    assert Notice.objects.get(channel=Notice.SMS).status == Notice.SENT


def test_word_to_an_officer_whose_worker_dies_each_time_ends_as_failed(cast, make_officer):
    put(make_officer("triage_case", unit=CITY, email="a@example.com"))
    cast.make_case(at=worlds.now())
    now = worlds.now()
    duty_notices._collect(now, 10)
    duty_notices._assign(now, 10)
    DutyNotice.objects.update(attempts=outbox.MAX_ATTEMPTS)
    assert duty_notices.tell() == 0
    assert DutyNotice.objects.get(officer__isnull=False).status == DutyNotice.FAILED


def test_what_follows_the_sealing_is_begun_once(monkeypatch):
    begun = []
    monkeypatch.setattr(runs, "seal", lambda run_id: False)  # another has done it, or died after it
    monkeypatch.setattr(runs, "read_daybook", begun.append)
    monkeypatch.setattr(runs, "make_findable", begun.append)
    simulating.seal(1)
    assert begun == []
