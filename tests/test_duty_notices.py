"""Whom a waiting letter is told to, once, in the tab and by mail."""

import json

import pytest
from django.conf import settings
from django.core import mail

from cases import duty_notices, worlds
from cases.models import DutyNotice
from cases.transitions import State
from tests.desk_page import CITY, HANDLER
from tests.people import PERSON
from tests.rosters import HOUR, put
from tests.run_worlds import make_run

pytestmark = pytest.mark.django_db


def test_letter_is_told_once_to_all_on_duty_and_to_nobody_else(cast, make_officer):
    first, second, off = (
        make_officer("triage_case", unit=CITY, email=f"{name}@example.com") for name in "abc"
    )
    put(first), put(second)
    put(off, worlds.now() + HOUR, worlds.now() + 2 * HOUR)
    case = cast.make_case(at=worlds.now())
    assert duty_notices.tell() == 2
    assert duty_notices.tell() == 0
    assert sorted(m.to[0] for m in mail.outbox) == ["a@example.com", "b@example.com"]
    body = mail.outbox[0].body
    assert case.letter.receipt in body and f"/desk/{case.letter.receipt}/" in body
    for secret in (case.letter.title, case.letter.body, PERSON["name"], PERSON["phone"]):
        assert secret not in mail.outbox[0].subject + body


@pytest.mark.parametrize(
    ("state", "unit"), [(State.RECEIVED, CITY), (State.DISPATCHED, HANDLER), (State.IN_HAND, None)]
)
def test_each_unit_is_told_of_what_waits_there(cast, make_officer, state, unit):
    for code in (CITY, HANDLER):
        put(make_officer("triage_case", "handle_case", unit=code, email=f"{code}@example.com"))
    cast.make_case(state, at=worlds.now())
    duty_notices.tell()
    assert [m.to for m in mail.outbox] == ([[f"{unit}@example.com"]] if unit else [])


def test_returned_letter_is_told_again(cast, make_officer):
    officer = make_officer("triage_case", unit=CITY, email="a@example.com")
    put(officer)
    case = cast.make_case(State.DISPATCHED, at=worlds.now())
    duty_notices.tell()
    assert mail.outbox == []
    cast.step(case.pk, "return_to_desk", at=worlds.now(), return_reason="unclear", text="不清楚。")
    assert duty_notices.tell() == 1 and duty_notices.newest(officer) > 0


def test_many_letters_make_one_mail(cast, make_officer):
    put(make_officer("triage_case", unit=CITY, email="a@example.com"))
    for _letter in range(3):
        cast.make_case(at=worlds.now())
    assert duty_notices.tell() == 1 and "3封" in mail.outbox[0].subject
    assert mail.outbox[0].extra_headers == {"Auto-Submitted": "auto-generated"}


def test_letter_of_the_night_is_told_when_duty_begins(cast, make_officer):
    officer = make_officer("triage_case", unit=CITY, email="a@example.com")
    cast.make_case(at=worlds.now())
    duty_notices.tell()
    assert mail.outbox == []
    put(officer)
    assert duty_notices.tell() == 1


def test_who_is_recused_is_not_told(cast, make_officer):
    officer = make_officer("triage_case", unit=CITY, email="a@example.com")
    put(officer)
    case = cast.make_case(at=worlds.now())
    cast.step(case.pk, "recuse", at=worlds.now(), officer=officer, recusal_reason="interest")
    assert duty_notices.tell() == 0 and mail.outbox == []


def test_mail_that_fails_is_tried_again_later(cast, make_officer, settings):
    put(make_officer("triage_case", unit=CITY, email="a@example.com"))
    cast.make_case(at=worlds.now())
    works = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "tests.test_notices.Refusing"
    assert duty_notices.tell() == 0
    notice = DutyNotice.objects.get(officer__isnull=False)
    assert (notice.status, notice.error) == ("pending", "SMTPRecipientsRefused 550")
    settings.EMAIL_BACKEND = works
    DutyNotice.objects.update(next_at=worlds.now())
    assert duty_notices.tell() == 1 and len(mail.outbox) == 1


def test_leaders_are_warned_once_a_day_that_nobody_is_on_duty(cast, make_officer):
    make_officer("lead_case", unit=CITY, email="leader@example.com")
    cast.make_case(at=worlds.now()), cast.make_case(State.DISPATCHED, at=worlds.now())
    assert duty_notices.tell() == 2  # the city's desk, and the district, which has no leader
    assert {m.to[0] for m in mail.outbox} == {"leader@example.com"}
    assert any("福田分局" in m.subject and "440304" in m.body for m in mail.outbox)
    cast.make_case(at=worlds.now())
    assert duty_notices.tell() == 0


@pytest.fixture
def sent(tmp_path, settings):
    """sent(): the short messages that went, as (number, text)."""
    settings.SMS_PROVIDER, settings.SMS_FOLDER = "file", tmp_path

    def read():
        path = tmp_path / "sms.jsonl"
        lines = (
            [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        )
        return [(line["to"], line["text"]) for line in lines]

    return read


def test_short_message_goes_to_who_wants_it_with_number_and_address_alone(cast, make_officer, sent):
    wanting = make_officer(
        "triage_case", unit=CITY, email="a@example.com", phone="19500000001", duty_sms=True
    )
    put(wanting), put(make_officer("triage_case", unit=CITY, phone="19500000002"))
    case = cast.make_case(at=worlds.now())
    assert duty_notices.tell() == 2 and len(mail.outbox) == 1
    receipt = case.letter.receipt
    assert sent() == [
        ("19500000001", f"值班提醒：来信{receipt}待受理，见 {settings.SITE_URL}/desk/{receipt}/")
    ]
    for _letter in range(3):
        cast.make_case(at=worlds.now())
    duty_notices.tell(), duty_notices.tell()
    assert sent()[1:] == [
        ("19500000001", f"值班提醒：3封来信等待处理，见 {settings.SITE_URL}/desk/")
    ]


def refusing(phone, text):
    """A carrier that takes nothing."""
    raise OSError("busy")


def test_message_that_no_carrier_took_is_tried_again_and_holds_up_no_mail(
    cast, make_officer, settings
):
    settings.SMS_PROVIDER = "tests.test_duty_notices.refusing"
    put(make_officer("triage_case", unit=CITY, email="a@example.com", phone="1", duty_sms=True))
    cast.make_case(at=worlds.now())
    assert duty_notices.tell() == 1 and len(mail.outbox) == 1
    waiting = DutyNotice.objects.get(way=DutyNotice.SMS)
    assert (waiting.status, waiting.attempts, waiting.error) == (DutyNotice.PENDING, 1, "OSError")
    assert waiting.next_at > worlds.now()
    waiting.officer.phone = ""  # and is wanted there no more
    waiting.officer.save()
    DutyNotice.objects.update(next_at=worlds.now())
    duty_notices.tell()
    assert DutyNotice.objects.get(way=DutyNotice.SMS).status == DutyNotice.NONE


@pytest.mark.parametrize(
    ("typed", "kept", "said"),
    [
        ({"sms": "yes", "phone": "195 0000 ００００"}, ("19500000000", True), ""),
        ({"phone": "19500000000", "on": "yes"}, ("19500000000", False), ""),
        ({}, ("", False), ""),
        ({"sms": "yes"}, ("", False), "请填写11位手机号码"),
        ({"sms": "yes", "phone": "12\x0034"}, ("", False), 'value="1234"'),
        ({"phone": "九" * 500}, ("", False), "请填写11位手机号码"),
    ],
)
def test_officer_says_how_to_be_told(client, make_officer, typed, kept, said):
    officer = make_officer("triage_case", unit=CITY)
    client.force_login(officer)
    answer = client.post("/desk/duty/wishes/", typed)
    assert answer.status_code == (400 if said else 302) and said in answer.content.decode()
    officer.refresh_from_db()
    assert (officer.phone, officer.duty_sms) == kept
    assert officer.duty_sound == ("on" in typed)


def test_nobody_is_told_of_a_run(make_officer):
    put(make_officer("triage_case", unit=CITY, email="a@example.com"))
    with worlds.enter(make_run()):
        assert duty_notices.tell() == 0
        assert not DutyNotice.objects.exists()
    assert mail.outbox == []


def test_desk_says_until_when_duty_lasts_and_what_waits(client, cast, make_officer):
    officer = make_officer("triage_case", unit=CITY)
    client.force_login(officer)
    assert client.get("/desk/counts/").json()["duty"] == {"on": False}
    put(officer)
    cast.make_case(at=worlds.now())
    duty_notices.tell()
    text = client.get("/desk/").content.decode()
    assert "您正在值班" in text and "有 1 封来信" in text
    assert client.get("/desk/counts/").json()["duty"] == {
        "on": True, "newest": DutyNotice.objects.get(officer=officer).event_id,
    }  # fmt: skip
