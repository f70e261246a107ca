"""By which way a writer is told of news: chosen on the form in both its shapes, said on the receipt, changed later."""

import pytest
from django.core import mail
from django.test import Client

from cases.models import Letter
from mailbox.models import NoticeChoice
from mailbox.notices import send_notices
from tests.carriers import SENT, carried  # noqa: F401
from tests.citizens import Sent, typed
from tests.people import PERSON
from tests.test_writing import Walker

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("carried")]


@pytest.mark.parametrize(
    ("changes", "mails", "messages", "told"),
    [
        ({}, 1, 0, "电子邮件"),
        ({"email": None}, 0, 1, "短信"),
        ({"notify": "sms"}, 0, 1, "短信"),
        ({"notify": "both"}, 1, 1, "电子邮件、短信"),
        ({"notify": "both", "email": None}, 0, 1, "短信"),
        ({"notify": "none"}, 0, 0, "不通知，请自己查询"),
        ({"email": None, "phone": "02083119999"}, 0, 0, "不通知，请自己查询"),
    ],
)
@pytest.mark.parametrize("in_steps", [True, False])
def test_form_asks_and_receipt_says(client, changes, mails, messages, told, in_steps):
    if in_steps:
        walker = Walker(client, **changes)
        walker.to_check()
        receipt = walker.send()
    else:
        receipt = client.post("/write/", typed(**changes), follow=True)
    end = "</dd>" if "phone" in changes else " <span"  # nothing to choose from
    assert f"<dd>{told}{end}" in receipt.text
    send_notices()
    assert (len(mail.outbox), len(SENT)) == (mails, messages)


def test_asking_lengthens_no_path_and_needs_no_answer(client):
    met = Walker(client).to_check()
    assert met == "place mailbox kind content category files acting person".split()
    page = client.get("/write/").text
    assert 'name="notify" value=""' in page


@pytest.mark.parametrize(
    "said", [{"notify": "pigeon"}, {"notify": "both", "phone": "+44 7700 900123"}]
)
def test_what_is_no_way_is_said_at_the_field(client, said):
    answer = client.post("/write/", typed(**said))
    assert answer.context["form"].errors.keys() == {"notify"} and not Letter.objects.exists()


def test_form_sent_again_does_not_take_back_what_was_changed_since(client, cast):
    letter = Sent(client, cast, key="0b0f2b58-53b5-4b8c-9d0b-0f0f2c3d4e5f", notify="none")
    client.post("/follow/case/notices/", {"way": ["mail", "sms"], "letter": letter.receipt})
    said = typed(key="0b0f2b58-53b5-4b8c-9d0b-0f0f2c3d4e5f", notify="none", **PERSON)
    Client().post("/write/", said)
    choice = NoticeChoice.objects.get()
    assert choice.mail and choice.sms and Letter.objects.count() == 1
