"""Daily anchors find what the chain within a case cannot: a case rewritten whole, or removed."""

import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction

from cases import anchors, log, worlds
from cases.models import Anchor, Event, Message, Officer
from cases.transitions import State
from tests.desk_page import CITY
from tests.people import MORNING
from tests.processes import PATIENCE_SECONDS, becomes, waits_for_a_lock
from tests.run_worlds import make_run
from tests.test_log import as_superuser

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NEXT = MORNING + DAY


@pytest.fixture
def case(cast):
    """A case among others, whose days have been anchored."""
    cast.make_case(State.CLOSED)
    case = cast.make_case(State.RECEIVED)
    anchors.make_if_due(MORNING)
    cast.make_case(State.AWAITING_CITIZEN)
    anchors.make_if_due(NEXT)
    assert list(log.check()) == []
    return case


def rewritten(case):
    """Rewrite a case consistently: its one event says that an officer did it, and the chain fits."""
    officer = Officer.objects.earliest("pk")
    as_superuser("UPDATE cases_event SET user_id = %s WHERE case_id = %s", officer.pk, case.pk)
    hashed = (
        f"UPDATE cases_event SET hash = sha256(convert_to({log.LINK}, 'UTF8')) WHERE case_id = %s"
    )
    as_superuser(hashed, case.pk)


def removed(case):
    """Remove a case and its letter as if they had never been."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET session_replication_role = replica")
        for table, key in (("event", "case_id"), ("case", "letter_id"), ("letter", "id")):
            cursor.execute(f"DELETE FROM cases_{table} WHERE {key} = %s", [case.pk])
        cursor.execute("RESET session_replication_role")


def anchored_again():
    """Make all anchors anew from the log as it is, as whoever rewrote it could."""
    before = None
    for anchor in Anchor.objects.all():
        anchor.events, anchor.digest = anchors._digest(before, anchor.last_event)
        anchor.save()
        before = anchor


def test_an_anchor_is_made_once_a_day_and_says_how_many_events_were_added(case):
    assert Anchor.objects.count() == 2
    first, second = Anchor.objects.all()
    assert first.events + second.events == Event.objects.count()
    assert second.last_event == Event.objects.latest("pk").pk
    assert anchors.make_if_due(NEXT + timedelta(hours=3)) is None
    assert anchors.make_if_due(MORNING) is None  # a clock put back makes no second one
    third = anchors.make_if_due(NEXT + DAY)
    assert (third.events, third.last_event) == (0, second.last_event)
    assert third.digest != second.digest


@pytest.mark.parametrize("harm", [rewritten, removed])
def test_the_chain_alone_does_not_find_a_case_rewritten_or_removed_and_the_anchors_do(case, harm):
    harm(case)
    found = list(log.check())
    assert [fault for fault in found if not fault.startswith("anchor")] == []
    assert len(found) == 1
    assert found[0].startswith(f"anchor {MORNING.date()}: the events from the first on")


@pytest.mark.parametrize("harm", [rewritten, removed])
def test_one_line_kept_elsewhere_finds_anchors_that_were_made_anew(case, harm, tmp_path):
    kept = tmp_path / "mail.txt"
    kept.write_text(f"Please keep this.\n> {Anchor.objects.last()}\n", encoding="utf-8")
    call_command("check_log", against=str(kept))
    harm(case)
    anchored_again()
    assert list(log.check()) == []
    with pytest.raises(CommandError, match="1 faults"):
        call_command("check_log", against=str(kept))


def test_an_anchor_that_is_gone_is_found_by_the_line_that_was_kept(case):
    kept = anchors.read_lines("\n".join(map(str, Anchor.objects.all())))
    Anchor.objects.last().delete()
    assert list(anchors.faults(kept)) == [
        f"anchor {NEXT.date()}: it was kept elsewhere and is gone here"
    ]


def test_an_anchor_of_a_day_to_come_is_found_since_it_stops_all_others(case):
    """A clock that ran ahead for a minute, or one row by SQL, and no anchor is made for years."""
    anchors.make_if_due(ahead := MORNING.replace(year=2999))
    assert anchors.make_if_due(NEXT + DAY) is None
    (fault,) = anchors.faults()
    assert fault.startswith(f"anchor {ahead.date()}: that day has not come")


@pytest.mark.parametrize("text", ["", "2026-05-01 48213 9f", "nothing\0"])
def test_a_file_without_anchors_is_refused_in_words(case, tmp_path, text):
    file = tmp_path / "kept.txt"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CommandError, match="no anchor in it"):
        call_command("check_log", against=str(file))
    with pytest.raises(CommandError, match="No such file"):
        call_command("check_log", against=str(tmp_path / "none"))


def test_erasing_a_text_leaves_the_anchors_as_they_are(cast):
    cast.make_case(State.CLOSED)
    anchors.make_if_due(MORNING)
    assert Message.objects.update(body="") > 0
    assert list(log.check()) == []


def test_anchors_are_mailed_once_and_again_after_a_failure(case, settings):
    assert anchors.mail_unsent(NEXT) == 0  # nobody to be mailed
    settings.ANCHORS_TO = ["notary@example.org"]
    here = settings.EMAIL_BACKEND
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # nobody listens there
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with pytest.raises(ConnectionRefusedError):
        anchors.mail_unsent(NEXT)
    settings.EMAIL_BACKEND = here
    assert anchors.mail_unsent(NEXT) == 2
    assert anchors.mail_unsent(NEXT) == 0
    (sent,) = mail.outbox
    assert sent.to == ["notary@example.org"]
    assert [str(line.digest) for line in anchors.read_lines(sent.body)] == [
        anchor.digest for anchor in Anchor.objects.all()
    ]


def test_the_auditor_has_them_to_print_and_others_do_not(case, client, make_officer):
    client.force_login(make_officer("view_audit", unit=CITY))
    page = client.get("/desk/audit/anchors/").content.decode()
    assert all(str(anchor) in page for anchor in Anchor.objects.all())
    client.force_login(make_officer("accept_case", unit=CITY))
    assert client.get("/desk/audit/anchors/").status_code == 404


def test_a_run_has_no_anchors(case):
    run = make_run(1)
    with worlds.enter(run):
        assert anchors.make_if_due(NEXT + DAY) is None
        assert list(log.check()) == []


@pytest.mark.django_db(transaction=True)
def test_an_anchor_waits_for_a_step_that_is_being_written(cast):
    """Its event has the lower key and comes to light later: an anchor that passed it by would lie."""
    case = cast.make_case(State.RECEIVED)
    begun, may_end, made = threading.Event(), threading.Event(), []

    def slow_step():
        with transaction.atomic():
            cast.step(case.pk, "accept")
            begun.set()
            assert may_end.wait(PATIENCE_SECONDS)
        connections.close_all()

    def anchoring():
        made.append(anchors.make_if_due(MORNING))
        connections.close_all()

    step, anchor = threading.Thread(target=slow_step), threading.Thread(target=anchoring)
    step.start()
    assert begun.wait(PATIENCE_SECONDS)
    anchor.start()
    assert becomes(waits_for_a_lock)
    may_end.set()
    step.join(PATIENCE_SECONDS)
    anchor.join(PATIENCE_SECONDS)
    assert made[0].last_event == Event.objects.latest("pk").pk
    assert made[0].events == 2
    assert list(log.check()) == []


@pytest.mark.django_db(transaction=True)
def test_an_anchor_that_would_hold_up_the_writers_is_made_later(cast, monkeypatch, caplog):
    case = cast.make_case(State.RECEIVED)
    monkeypatch.setattr(anchors, "LOCK_MS", 100)
    found = []

    def anchoring():
        found.append(anchors.make_if_due(MORNING))
        connections.close_all()

    with transaction.atomic():
        cast.step(case.pk, "accept")
        thread = threading.Thread(target=anchoring)
        thread.start()
        thread.join(PATIENCE_SECONDS)
    assert found == [None]
    assert "no anchor yet" in caplog.text
    assert anchors.make_if_due(MORNING).events == 2
