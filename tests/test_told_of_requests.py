"""Who asked to have their data corrected or erased is told the decision, at least once, with nothing in it."""

from datetime import timedelta

import pytest
from django.core import mail

from cases import own_data, worlds
from cases.models import DataRequest, Letter, Trouble, Writer
from cases.transitions import State
from mailbox import missed, notices
from mailbox.models import Notice, NoticeChoice
from mailbox.notices import send_notices
from tests.carriers import SENT, carried  # noqa: F401
from tests.people import PERSON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("carried")]
NEW = {"email": "new@example.com", "phone": "19500000077"}


@pytest.fixture
def case(make_case):
    """A closed case whose writer has been told all that happened."""
    found = make_case(State.CLOSED)
    send_notices()
    mail.outbox.clear()
    SENT.clear()
    return found


def decide(cast, case, kind, reason=""):
    at = worlds.now()
    if kind == "correct":
        own_data.ask_correction([case], NEW, at)
    else:
        own_data.ask_erasure(Letter.objects.get(pk=case.pk).case, at)
    asked = DataRequest.objects.get()
    own_data.decide(cast.writer, str(asked.pk), reason, at)
    return DataRequest.objects.get()


@pytest.mark.parametrize(
    ("kind", "reason", "told"),
    [
        ("correct", "", NEW["email"]),
        ("correct", "mistaken", PERSON["email"]),
        ("erase", "", PERSON["email"]),
        ("erase", "kept", PERSON["email"]),
    ],
)
def test_decision_is_told_once_and_the_address_forgotten(cast, case, kind, reason, told):
    asked = decide(cast, case, kind, reason)
    assert asked.key_id and asked.decision
    assert send_notices() == 1 and send_notices() == 0
    [one] = mail.outbox
    assert one.to == [told] and "您的个人资料申请已有结果" in one.body
    for secret in (case.letter.title, PERSON["name"], PERSON["phone"], "同意", "删除", "更正"):
        assert secret not in f"{one.subject}{one.body}"
    asked.refresh_from_db()
    assert asked.sealed is None and asked.key_id == ""
    assert Notice.objects.get(request=asked).status == Notice.SENT


def test_erased_writer_is_told_though_nothing_else_is_kept(cast, case):
    decide(cast, case, "erase")
    assert not Writer.objects.get(pk=case.letter.writer_id).has_email
    assert send_notices() == 1 and mail.outbox[0].to == [PERSON["email"]]


def test_failure_is_tried_again_and_the_address_kept_until_then(cast, case, settings, monkeypatch):
    NoticeChoice.objects.create(letter=case.letter, mail=False, sms=True)
    decide(cast, case, "erase")
    settings.SMS_PROVIDER = "tests.carriers.busy"
    assert send_notices() == 0
    assert DataRequest.objects.get().key_id
    settings.SMS_PROVIDER = "tests.carriers.carrier"
    later = worlds.now() + timedelta(hours=1)
    monkeypatch.setattr(worlds, "now", lambda: later)
    assert send_notices() == 1 and SENT[0][0] == PERSON["phone"]
    assert not DataRequest.objects.get().key_id


def test_address_is_forgotten_when_each_try_killed_its_worker(cast, case):
    decide(cast, case, "erase")
    notices._collect_requests(1)
    Notice.objects.filter(request__isnull=False).update(attempts=notices.MAX_ATTEMPTS)
    assert send_notices() == 0 and not DataRequest.objects.get().key_id
    assert missed.again(cast.writer, 0, worlds.now()) == 0  # nobody knows any more where to
    assert [one.request for one in missed.undelivered(case)] == [DataRequest.objects.get()]


def test_confidential_letter_is_told_without_its_number(cast, make_case):
    case = make_case(State.CLOSED, confidential=True)
    send_notices()
    mail.outbox.clear()
    decide(cast, case, "erase", "kept")
    send_notices()
    assert case.letter.receipt not in f"{mail.outbox[0].subject}{mail.outbox[0].body}"
    assert "资料" not in mail.outbox[0].body


def test_who_wants_no_notices_gets_none_and_nothing_is_kept(cast, case):
    NoticeChoice.objects.create(letter=case.letter, mail=False, sms=False)
    decide(cast, case, "erase", "kept")
    assert send_notices() == 0 and not DataRequest.objects.get().key_id
    assert send_notices() == 0 and Notice.objects.filter(status=Notice.NONE).count() == 1


def test_request_that_cannot_be_opened_is_a_trouble_until_its_key_is_back(cast, case):
    asked = decide(cast, case, "erase")
    whose = DataRequest.objects.filter(pk=asked.pk)
    whose.update(key_id="gone")
    assert send_notices() == 0 and Trouble.objects.get().key == asked.pk
    whose.update(key_id=asked.key_id)
    assert send_notices() == 1 and not Trouble.objects.exists()


def test_who_was_told_by_one_way_has_missed_nothing_by_another(cast, case):
    NoticeChoice.objects.create(letter=case.letter, mail=True, sms=True)
    asked = decide(cast, case, "erase")
    assert send_notices() == 2
    for channel, misses in (("sms", 0), ("mail", 2)):
        Notice.objects.filter(request=asked, channel=channel).update(status=Notice.FAILED)
        assert len(missed.undelivered(case)) == misses


def test_waiting_request_is_told_to_nobody(cast, case):
    own_data.ask_correction([case], NEW, worlds.now())
    assert send_notices() == 0 and DataRequest.objects.get().key_id
