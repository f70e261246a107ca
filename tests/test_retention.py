"""Who wrote is forgotten when the promised years are over, not a day sooner, and nothing else is."""

import io
from datetime import datetime, timedelta

import pytest
from django.core.management import call_command

from cases import access, actors, crypto, log, own_data, retention, statistics, tasks, worlds
from cases.models import AccountNotice, Case, Message, Trouble, Writer
from cases.transitions import State
from mailbox.history import steps_of
from tests.people import MORNING, PERSON, SHANGHAI

pytestmark = pytest.mark.django_db
YEARS = 3
LATER = MORNING.replace(year=MORNING.year + YEARS)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def promised(settings):
    settings.RETENTION_YEARS = YEARS


def known(case):
    writer = Writer.objects.get(letter=case.pk)
    return crypto.open_sealed(writer.key_id, writer.sealed)


@pytest.mark.parametrize("state", sorted(set(State) - {State.MERGED}))
def test_writers_of_letters_that_have_ended_are_forgotten_and_of_no_others(cast, state):
    case = cast.make_case(state)
    ends = state in ("closed", "declined", "transferred_out", "withdrawn")
    assert retention.forget(LATER + DAY) == ends
    assert bool(known(case)) != ends
    assert list(log.check()) == []
    assert retention.forget(LATER + 2 * DAY) == 0  # once


@pytest.mark.parametrize(
    ("now", "since"),
    [
        (datetime(2029, 3, 2, 9, 0, tzinfo=SHANGHAI), "2026-03-02 09:00"),
        (datetime(2028, 2, 29, 12, 0, tzinfo=SHANGHAI), "2025-03-01 12:00"),
        (datetime(2031, 1, 1, 0, 30, tzinfo=SHANGHAI), "2028-01-01 00:30"),
    ],
)
def test_years_are_those_of_the_calendar(now, since):
    assert f"{retention.ended_before(now):%Y-%m-%d %H:%M}" == since


def test_not_a_moment_sooner_and_a_note_afterwards_does_not_put_it_off(cast):
    case = cast.make_case(State.CLOSED)
    cast.step(case.pk, "note", at=MORNING + 400 * DAY, text="归档。")
    assert retention.forget(LATER) == 0
    assert retention.forget(LATER + timedelta(seconds=1)) == 1
    assert not known(case)


def test_what_was_done_and_every_figure_stay(cast):
    case = cast.make_case(State.CLOSED)
    cast.make_case(State.DECLINED)
    texts = list(Message.objects.order_by("pk").values_list("body", flat=True))
    before, letter = figures(), Case.objects.get(pk=case.pk).letter
    assert retention.forget(LATER + DAY) == 2
    assert figures() == before
    assert list(Message.objects.order_by("pk").values_list("body", flat=True)) == texts
    again = Case.objects.get(pk=case.pk).letter
    assert (again.title, again.body) == (letter.title, letter.body)
    event = case.events.latest("seq")
    assert (event.action, event.role, event.data) == ("forget_writer", "system", {})


def figures():
    """What the statistics measure in each letter's events."""
    return [
        list(statistics.measure(case.kind, list(case.events.order_by("seq"))))
        for case in Case.objects.order_by("pk")
    ]


def test_nobody_finds_or_reads_the_person_any_more(cast):
    case = cast.make_case(State.CLOSED)
    indexes = " ".join(crypto.blind_indexes("phone", PERSON["phone"]))
    assert own_data.cases_of_phone(indexes) == [case]
    retention.forget(LATER + DAY)
    assert own_data.cases_of_phone(indexes) == []
    assert not access.own_identity(Case.objects.get(pk=case.pk).letter)
    last = list(steps_of(Case.objects.get(pk=case.pk)))[-1]
    assert "已删除" in str(last)


def test_a_request_that_waits_and_a_matter_that_goes_on_hold_it(cast):
    asked = cast.make_case(State.CLOSED)
    own_data.ask_erasure(asked, MORNING)
    merged = cast.make_case(State.MERGED)
    assert retention.forget(LATER + DAY) == 0
    assert {row["held"] for row in retention.counts(LATER + DAY)} == {True}
    assert known(asked) and known(merged)


def test_merged_letter_ends_when_its_matter_does(cast):
    main, inside = cast.make_case(State.IN_HAND), cast.make_case()
    cast.merge_into(main, inside)
    later = MORNING + 300 * DAY
    cast.step(main.pk, "record_result", at=later, result="done")
    cast.step(main.pk, "propose_reply", at=later, text="已修好，请查看。", to_merged="yes")
    for action in ("approve_reply", "close"):
        cast.step(main.pk, action, at=later)
    assert retention.forget(LATER + DAY) == 0
    assert retention.forget(LATER + 301 * DAY) == 2


def test_dry_run_counts_by_year_and_mailbox_and_changes_nothing(cast, monkeypatch, caplog):
    caplog.set_level("INFO")
    for _time in range(2):
        cast.make_case(State.CLOSED)
    case = cast.make_case(State.WITHDRAWN, mailbox="440000")
    own_data.ask_erasure(case, MORNING)
    monkeypatch.setattr(worlds, "now", lambda: LATER + DAY)
    said = io.StringIO()
    for status, years in (("sent", 2), ("failed", 2), ("pending", 2), ("sent", 0)):
        row = {"officer": cast.writer, "change": "bound", "at": worlds.now() - 366 * years * DAY}
        AccountNotice.objects.create(status=status, next_at=worlds.now(), **row)
    call_command("forget_writers", dry_run=True, stdout=said)
    lines = said.getvalue().splitlines()
    assert "2026 深圳市公安局: 2" in lines
    assert any("held" in line and line.startswith("2026 广东省公安厅: 1") for line in lines)
    assert lines[-1].startswith("2 writers would be forgotten")
    assert lines[-2].startswith("2 account notices would be forgotten")
    assert AccountNotice.objects.count() == 4
    assert known(case) and Writer.objects.exclude(phone_index="").count() == 3
    call_command("forget_writers", stdout=said, stderr=said)
    assert "2 of 2" in said.getvalue() and "2 writers forgotten" in said.getvalue()
    left = list(AccountNotice.objects.order_by("pk").values_list("status", flat=True))
    assert left == ["pending", "sent"] and "2 account notices forgotten" in caplog.text


def test_one_letter_that_cannot_be_borne_holds_up_no_other(cast, monkeypatch):
    bad, good = cast.make_case(State.CLOSED), cast.make_case(State.CLOSED)
    forget = retention.perform

    def refused(pk, *arguments, **fields):
        if pk == bad.pk:
            raise ValueError("broken")
        return forget(pk, *arguments, **fields)

    monkeypatch.setattr(retention, "perform", refused)
    monkeypatch.setattr(worlds, "now", lambda: LATER + DAY)
    assert tasks.forget_writers() == 1
    assert known(bad) and not known(good)
    assert Trouble.objects.get(key=bad.pk).attempts == 1


def test_stopped_it_goes_on_where_it_was(cast, monkeypatch):
    for _time in range(3):
        cast.make_case(State.CLOSED)
    monkeypatch.setattr(retention, "BATCH", 1)
    assert [retention.forget(LATER + DAY, seconds=0) for _time in range(4)] == [1, 1, 1, 0]


def test_officer_and_citizen_cannot_take_the_step(cast):
    case = cast.make_case(State.CLOSED)
    for actor in (actors.officer(cast.writer), actors.citizen(case.pk)):
        with pytest.raises(retention.Refusal):
            retention.perform(case.pk, "forget_writer", actor=actor, at=LATER + DAY)
