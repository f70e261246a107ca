"""Mails: one an event, right for its event, silent about secrets, and never lost."""

import smtplib
import threading
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import call_command
from django.db import connection

from cases import worlds
from cases.models import Event
from cases.transitions import TRANSITIONS, State
from mailbox import notices, tasks, telling, wording
from mailbox.models import Notice
from mailbox.notices import NOTICES, SILENT, send_notices
from tests.people import PERSON, SHANGHAI, WALKS

pytestmark = pytest.mark.django_db
NO_ADDRESS = {name: value for name, value in PERSON.items() if name not in ("email", "phone")}


class Refusing(EmailBackend):
    """A mail server that takes nothing while `down`, and counts what it was offered."""

    down, offered = True, 0

    def send_messages(self, messages):
        Refusing.offered += 1
        if Refusing.down:
            raise smtplib.SMTPRecipientsRefused({"writer@example.com": (550, b"no such user")})
        return super().send_messages(messages)


class Hanging(EmailBackend):
    """A mail server that says nothing: each message takes as long as we wait for it."""

    moment = None

    def send_messages(self, messages):
        Hanging.moment += timedelta(seconds=10)
        raise TimeoutError


@pytest.fixture
def server_down(settings):
    settings.EMAIL_BACKEND = "tests.test_notices.Refusing"
    Refusing.down, Refusing.offered = True, 0
    yield
    Refusing.down = True


@contextmanager
def later(monkeypatch, **length):
    moment = worlds.now() + timedelta(**length)
    with monkeypatch.context() as patch:
        patch.setattr(worlds, "now", lambda: moment)
        yield


def subjects():
    return [message.subject for message in mail.outbox]


def test_every_action_is_mailed_or_silent():
    assert TRANSITIONS.keys() == NOTICES | SILENT
    assert not NOTICES & SILENT and wording.STEPS.keys() >= NOTICES


@pytest.mark.parametrize(
    "action", ["note", "instruct", "return_to_desk", "propose_reply", "assign"]
)
def test_internal_actions_are_neither_told_nor_mailed(action):
    assert action in SILENT and action not in wording.STEPS


def test_each_event_gets_one_mail(make_case):
    make_case(State.ACCEPTED)
    assert send_notices() == 2
    assert send_notices() == 0
    received, accepted = (message.body for message in mail.outbox)
    assert "您的来信已收到" in received and "已受理" in accepted
    assert {m.to[0] for m in mail.outbox} == {"writer@example.com"}


def test_two_quick_steps_give_two_right_mails(cast):
    case = cast.make_case(State.IN_REVIEW)
    send_notices()
    mail.outbox.clear()
    cast.step(case.pk, "approve_reply")
    cast.step(case.pk, "reopen", text="请重新核查")
    send_notices()
    assert "已答复您" in mail.outbox[0].body and "重新办理" in mail.outbox[1].body
    assert "请打开来信评价" not in mail.outbox[0].body  # it is open again


def test_mail_of_an_answer_says_by_when_it_should_be_rated(make_case):
    case = make_case(State.REPLIED, language="en")
    send_notices()
    day = f"{case.next_due_at.astimezone(SHANGHAI):%A, %-d %B %Y}"
    said = [message.body for message in mail.outbox if "has answered you" in message.body]
    assert len(said) == 1 and f"closes by itself on {day}" in said[0]


def test_no_address_no_mail(make_case):
    make_case(State.REPLIED, person=NO_ADDRESS)
    assert send_notices() == 0 and mail.outbox == []
    assert set(Notice.objects.values_list("status", flat=True)) == {Notice.NONE}


def test_letter_without_a_person_is_no_obstacle(make_case):
    make_case(person={})
    make_case()
    assert send_notices() == 1


@pytest.mark.parametrize("state", list(WALKS))
def test_mail_holds_nothing_of_the_letter(make_case, state):
    case = make_case(state)
    send_notices()
    for message in mail.outbox:
        said = message.subject + message.body
        assert case.letter.receipt in message.subject
        for secret in (
            case.letter.title,
            case.letter.body[:8],
            "红绿灯",
            PERSON["name"],
            "具体路口",
        ):
            assert secret not in said


@pytest.mark.parametrize("changes", [{"confidential": True}, {"kind": "report"}])
def test_discreet_mail_says_only_that_there_is_news(make_case, changes):
    case = make_case(State.REPLIED, **changes)
    assert send_notices() > 3
    # Up to the link that stops them, which says in which second it was made.
    assert len({(m.subject, m.body.rpartition("/notices/stop/")[0]) for m in mail.outbox}) == 1
    said = mail.outbox[0].subject + mail.outbox[0].body
    assert case.letter.receipt not in said and "福田" not in said and "举报" not in said


def test_mail_is_in_the_language_of_the_letter(make_case):
    make_case(language="en")
    send_notices()
    assert mail.outbox[0].subject.isascii() and "/follow/" in mail.outbox[0].body


def test_internal_note_is_not_mailed(cast):
    case = cast.make_case(State.IN_HAND)
    send_notices()
    cast.step(case.pk, "note", text="内部的话")
    assert send_notices() == 0


def test_failure_is_tried_again_later_and_sent_then(make_case, server_down, monkeypatch):
    make_case()
    assert send_notices() == 0 and send_notices() == 0
    assert Refusing.offered == 1  # not again at once
    notice = Notice.objects.get()
    assert (notice.status, notice.attempts) == (Notice.PENDING, 1)
    assert notice.error == "SMTPRecipientsRefused 550"  # the address is not kept in the log
    Refusing.down = False
    with later(monkeypatch, hours=1):
        assert send_notices() == 1
    assert Notice.objects.get().status == Notice.SENT


def test_failure_ends_after_five_attempts(make_case, server_down, monkeypatch, caplog):
    make_case(person={**PERSON, "phone": ""})
    for hour in range(8):
        with later(monkeypatch, hours=hour):
            send_notices()
    notice = Notice.objects.get()
    assert (notice.status, notice.attempts) == (Notice.FAILED, notices.MAX_ATTEMPTS)
    assert Refusing.offered == notices.MAX_ATTEMPTS
    assert PERSON["email"] not in caplog.text


def test_server_that_says_nothing_holds_up_no_worker_and_no_message_is_claimed_in_vain(
    make_case, settings, monkeypatch
):
    for _letter in range(5):
        make_case()
    settings.EMAIL_BACKEND = "tests.test_notices.Hanging"
    Hanging.moment = worlds.now()
    monkeypatch.setattr(worlds, "now", lambda: Hanging.moment)
    for tried in (3, 5):  # each run takes half a minute at most; the next takes what it left
        send_notices()
        assert Notice.objects.filter(attempts=1, error="TimeoutError").count() == tried
    assert not Notice.objects.filter(attempts__gt=1).exists()


def test_one_bad_letter_does_not_hold_up_the_others(make_case):
    bad = make_case()
    make_case()
    bad.letter.writer.sealed = b"damaged"
    bad.letter.writer.save()
    assert send_notices() == 1
    assert Notice.objects.get(event=bad.events.get()).error == "SealError"


def test_crash_before_sending_is_made_good(make_case, monkeypatch):
    """A process that claimed a mail and died leaves it pending; its claim runs out."""
    make_case()

    def die(notice):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(telling, "hand_over", die)
        with pytest.raises(SystemExit):
            send_notices()
    assert send_notices() == 0
    with later(monkeypatch, hours=1):
        assert send_notices() == 1


def test_backlog_is_sent_in_batches_and_nothing_is_skipped(make_case):
    for _letter in range(3):
        make_case(State.ACCEPTED)
    sent = []
    while count := send_notices(limit=2):
        sent.append(count)
    assert sent == [2, 2, 2]


def test_event_committed_late_is_still_found(make_case):
    """Numbers are given out before commits: an older number may come to be seen later."""
    first, second = make_case(), make_case()
    send_notices()
    Notice.objects.filter(event__case=first).delete()
    assert second.pk > first.pk and send_notices() == 1


def test_search_for_new_events_reads_few_rows(make_case, django_assert_max_num_queries):
    make_case()
    send_notices()
    with django_assert_max_num_queries(5):
        send_notices()


@pytest.mark.django_db(transaction=True)
def test_parallel_senders_send_each_mail_once(make_case):
    for _letter in range(4):
        make_case(State.ACCEPTED)
    gate = threading.Barrier(3)

    def run():
        gate.wait()
        send_notices()
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(mail.outbox) == 8
    assert Notice.objects.filter(status=Notice.SENT).count() == Event.objects.count() == 8


def test_command_and_task_do_the_same_and_need_no_redis(make_case, settings, capsys):
    settings.CELERY_BROKER_URL = settings.REDIS_URL = "redis://127.0.0.1:1/0"
    make_case()
    call_command("send_notices")
    assert capsys.readouterr().out == "1 sent\n"
    make_case()
    assert tasks.send_notices() == 1
