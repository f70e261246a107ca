"""Notices that do not arrive: the desk sees them, a text message stands in; and mails can be stopped."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail import BadHeaderError, EmailMessage
from django.test import Client

from cases import worlds
from cases.transitions import State
from mailbox.models import Notice, NoticeChoice
from mailbox.notices import MAX_ATTEMPTS, send_notices
from tests.carriers import SENT, carried  # noqa: F401
from tests.citizens import typed
from tests.people import PERSON
from tests.test_notices import Refusing, server_down  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("carried")]
NO_PHONE = {name: value for name, value in PERSON.items() if name != "phone"}


def send_until_given_up(monkeypatch):
    """Send again and again, each time a day later, until nothing is tried any more."""
    start = worlds.now()
    for day in range(MAX_ATTEMPTS + 1):
        with monkeypatch.context() as patch:
            patch.setattr(worlds, "now", lambda day=day: start + timedelta(days=day))
            send_notices()


def test_text_message_stands_in_for_a_mail_that_no_server_took(make_case, server_down, monkeypatch):  # noqa: F811
    make_case(State.DISPATCHED)  # received is texted, accepted is not
    send_until_given_up(monkeypatch)
    assert len(SENT) == 1 and Refusing.offered == 2 * MAX_ATTEMPTS
    assert Notice.objects.filter(status=Notice.FAILED, channel="mail").count() == 2


@pytest.mark.parametrize("chosen", [{"mail": True, "sms": False}, None])
def test_nobody_is_texted_who_chose_mail_or_has_no_telephone(
    make_case,
    server_down,  # noqa: F811
    monkeypatch,
    chosen,
):
    case = make_case(person=PERSON if chosen else NO_PHONE)
    if chosen:
        NoticeChoice.objects.create(letter=case.letter, **chosen)
    send_until_given_up(monkeypatch)
    assert SENT == [] and Notice.objects.get().status == Notice.FAILED


def test_desk_sees_what_did_not_arrive_until_something_does(
    make_case,
    cast,
    client,
    server_down,  # noqa: F811
    monkeypatch,
):
    case = make_case(person=NO_PHONE)
    client.force_login(cast.writer)
    address = f"/desk/{case.letter.receipt}/"
    assert "没有送到的通知" not in client.get(address).text
    send_until_given_up(monkeypatch)
    page = client.get(address).text
    assert "没有送到的通知" in page and "SMTPRecipientsRefused 550" in page
    assert PERSON["email"] not in page
    Refusing.down = False
    cast.step(case.pk, "accept", at=worlds.now())
    send_notices()
    assert "没有送到的通知" not in client.get(address).text


def link_in(message):
    return re.search(r"http\S+(/notices/stop/\S+/)", message.body)[1]


def test_mail_says_how_to_stop_mails_and_no_program_answers_it(make_case):
    case = make_case()
    send_notices()
    [one] = mail.outbox
    assert link_in(one) in one.extra_headers["List-Unsubscribe"]
    assert one.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert one.extra_headers["Auto-Submitted"] == "auto-generated"
    assert case.letter.receipt not in link_in(one)


def test_mails_are_stopped_by_a_button_and_not_by_opening_the_link(make_case, cast):
    case, other = make_case(), make_case()
    send_notices()
    link = link_in(mail.outbox[0])
    visitor = Client(enforce_csrf_checks=True)
    page = visitor.get(link).text
    assert (
        "停止发邮件" in page and case.letter.receipt not in page and case.letter.title not in page
    )
    assert not NoticeChoice.objects.exists()
    for _time in range(2):  # a mail program presses without a token of ours, perhaps twice
        answer = visitor.post(link, {"List-Unsubscribe": "One-Click"})
        assert "已停止发邮件" in answer.text
    choice = NoticeChoice.objects.get()
    assert (choice.letter_id, choice.mail, choice.sms) == (case.pk, False, False)
    mail.outbox.clear()
    for one in (case, other):
        cast.step(one.pk, "accept", at=worlds.now())
    send_notices()
    assert len(mail.outbox) == 1 and other.letter.receipt in mail.outbox[0].subject


@pytest.mark.parametrize("token", ["x", "MTI:1:2", "\x00", "a" * 3000])
def test_link_that_is_none_of_ours_is_absent(client, token):
    assert client.get(f"/notices/stop/{token}/").status_code == 404


@pytest.mark.parametrize(
    "address",
    ["a@example.com\nBcc: b@example.com", "a@example.com\r\nX: y", "a@example.com,b@b.cn"],
)
def test_address_cannot_add_a_header_or_a_reader(client, address):
    answer = client.post("/write/", typed(email=address))
    assert "email" in answer.context["form"].errors
    with pytest.raises(BadHeaderError):
        EmailMessage("s", "b", to=["a@example.com\nBcc: b@example.com"]).message()
