"""Text messages about news: to whom, of what, and how little they say; and merged writers' mails."""

import pytest
from django.core import mail

from cases import worlds
from cases.models import Event
from cases.transitions import State
from mailbox.models import Notice, NoticeChoice
from mailbox.notices import NOTICES, send_notices
from mailbox.ways import TEXTED
from tests.carriers import SENT, carried  # noqa: F401
from tests.citizens import Sent
from tests.people import PERSON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("carried")]
NO_MAIL = {name: value for name, value in PERSON.items() if name != "email"}


def statuses():
    return set(Notice.objects.values_list("channel", "status"))


def test_only_what_is_waited_for_is_texted():
    assert NOTICES > TEXTED and "approve_reply" in TEXTED and "dispatch" not in str(TEXTED)


def test_who_left_no_mail_address_is_texted_with_number_and_address_alone(make_case):
    case = make_case(State.REPLIED, person=NO_MAIL)
    assert send_notices() == 2 and send_notices() == 0  # received, answered
    assert [phone for phone, _text in SENT] == [PERSON["phone"]] * 2 and mail.outbox == []
    for _phone, text in SENT:
        assert case.letter.receipt in text and "/follow/" in text
        for secret in (case.letter.title, PERSON["name"], "福田", "红绿灯", "答复"):
            assert secret not in text


@pytest.mark.parametrize("changes", [{"confidential": True}, {"kind": "report"}])
def test_message_about_a_confidential_letter_tells_not_even_its_number(make_case, changes):
    case = make_case(person=NO_MAIL, **changes)
    send_notices()
    assert case.letter.receipt not in SENT[0][1] and "有新消息" in SENT[0][1]


def test_message_is_in_the_language_of_the_letter(make_case):
    make_case(person=NO_MAIL, language="en")
    make_case(person={**NO_MAIL, "phone": "+85261234567"}, language="zh-hant")
    send_notices()
    assert SENT[0][1].isascii() and "/follow/" in SENT[0][1]
    assert SENT[1][1].startswith("「平安廳」信箱：來信 ")


def test_landline_is_not_texted_and_not_tried_again(make_case):
    make_case(person={**NO_MAIL, "phone": "020-83110110"})
    assert send_notices() == 0 and SENT == [] and statuses() == {("sms", Notice.NONE)}


def test_busy_carrier_is_tried_again_and_its_words_are_not_kept(make_case, settings, caplog):
    settings.SMS_PROVIDER = "tests.carriers.busy"
    make_case(person=NO_MAIL)
    assert send_notices() == 0
    notice = Notice.objects.get()
    assert (notice.status, notice.error) == (Notice.PENDING, "OSError")
    assert PERSON["phone"] not in caplog.text


@pytest.mark.parametrize(
    ("ways", "mails", "texts"),
    [(["mail", "sms"], 1, 1), (["sms"], 0, 1), (["mail"], 1, 0), ([], 0, 0), (["pigeon"], 0, 0)],
)
def test_writer_chooses_the_ways(client, cast, ways, mails, texts):
    letter = Sent(client, cast)
    assert 'value="mail" checked' in letter.page() and 'value="sms">' in letter.page()
    page = client.post("/follow/case/notices/", {"way": ways}, follow=True).text
    assert "通知方式已保存" in page and ('value="sms" checked' in page) == ("sms" in ways)
    send_notices()
    assert (len(mail.outbox), len(SENT)) == (mails, texts)
    assert NoticeChoice.objects.count() == 1


def test_choice_needs_an_opened_letter(client):
    assert client.post("/follow/case/notices/", {"way": "mail"}).url == "/follow/"
    assert client.get("/follow/case/notices/").status_code == 405


def test_writer_of_a_merged_letter_is_told_of_the_answer_and_not_of_the_rest(client, cast):
    at = worlds.now()
    main = cast.make_case(State.IN_HAND, at=at, person=NO_MAIL)
    inside = cast.merge_into(main, cast.make_case(at=at), at)
    send_notices()
    mail.outbox.clear()
    SENT.clear()
    cast.step(main.pk, "feedback", at=worlds.now(), text="正在办理。")
    cast.step(main.pk, "record_result", at=worlds.now(), result="done")
    cast.step(main.pk, "propose_reply", at=worlds.now(), text="红绿灯已修好。")
    cast.step(main.pk, "approve_reply", at=worlds.now())
    send_notices()
    (told,) = mail.outbox
    assert inside.letter.receipt in told.subject and "您反映的事项已有答复" in told.body
    assert main.letter.receipt not in told.subject + told.body + told.subject
    assert len(SENT) == 1 and main.letter.receipt in SENT[0][1]
    answer = Event.objects.get(action="approve_reply")
    assert set(answer.notices.values_list("letter", flat=True)) == {main.pk, inside.pk}
