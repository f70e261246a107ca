"""What is kept of a writer: seen, corrected, erased where the law allows; an officer decides."""

import pytest
from django.test import Client

from cases import access, crypto, own_data, worlds
from cases.intake import settle_request
from cases.models import Case, DataRequest, Writer
from cases.refusals import GuardRefused, NotFound
from cases.transitions import State
from tests.citizens import Sent, send
from tests.people import PERSON

pytestmark = pytest.mark.django_db
NEW = "19500000009"


@pytest.fixture
def letter(client, cast):
    """A letter sent through the form by somebody whose telephone is then proved."""
    sent = Sent(client, cast)
    prove(client, PERSON["phone"])
    return sent


def prove(client, phone):
    session = client.session
    index = crypto.blind_index("phone", phone)
    session["proved"] = {"index": index, "shown": "1", "at": worlds.now().isoformat()}
    session.save()


def page(letter):
    return letter.client.get("/follow/mine/data/").text


def correct(letter, **typed):
    return letter.client.post("/follow/mine/data/", typed, follow=True)


def erase(letter):
    asked = {"receipt": letter.receipt}
    return letter.client.post("/follow/mine/data/erase/", asked, follow=True).text


def settle(desk, decision, reason="", request=None):
    request = request or DataRequest.objects.get(decision="").pk
    typed = {"request": request, "decision": decision, "reason": reason}
    return desk.post("/desk/own-data/", typed, follow=True)


@pytest.fixture
def officer(cast):
    client = Client()
    client.force_login(cast.writer)
    return client


def test_page_shows_what_is_kept_masked_and_who_saw_it(letter):
    text = page(letter)
    assert "195****0000" in text and "测**" in text and "还没有人看过" in text
    for secret in (PERSON["name"], PERSON["phone"], PERSON["id_number"], PERSON["email"]):
        assert secret not in text
    access.reveal(letter.cast.writer, letter.case, "联系来信人，内部理由")
    text = page(letter)
    assert "深圳市公安局" in text.split("谁看过您的身份")[1] and "内部理由" not in text


def test_page_of_many_letters_asks_for_all_of_them_at_once(letter, django_assert_num_queries):
    for n in range(3):
        send(letter.client, title=f"另一封信的标题{n}")
    with django_assert_num_queries(4):  # session, letters, who saw them, what was asked
        assert page(letter).count("还没有人看过") == 4


@pytest.mark.parametrize("changes", [{"confidential": True}, {"kind": "report"}])
def test_confidential_letter_is_not_on_the_page_nor_changed_by_telephone(letter, cast, changes):
    hidden = cast.make_case(State.CLOSED, at=worlds.now(), title="不可见的标题甲", **changes)
    assert "不可见的标题甲" not in page(letter)
    answers = [
        letter.client.post("/follow/mine/data/erase/", {"receipt": receipt})
        for receipt in (hidden.letter.receipt, "PA-2222-2222-22")
    ]
    assert answers[0].url == answers[1].url  # as if there were none
    correct(letter, phone=NEW)
    assert set(DataRequest.objects.values_list("letter", flat=True)) == {letter.pk}


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({}, "请填写要更正的一项"),
        ({"phone": "1"}, "11位手机号码"),
        ({"email": "nobody", "phone": NEW}, "电子邮箱格式不正确"),
    ],
)
def test_wrong_correction_is_said_and_kept_nowhere(letter, typed, message):
    answer = correct(letter, **typed)
    assert message in answer.text and not DataRequest.objects.exists()
    assert all(value in answer.text for value in typed.values())


def test_correction_waits_sealed_and_is_made_when_granted(letter, officer):
    assert "等待处理" in correct(letter, phone=NEW).text
    again = correct(letter, phone="19500000008").text
    assert "这次没有再提交" in again and "申请已收到" not in again
    asked = DataRequest.objects.get()
    assert NEW.encode() not in bytes(asked.sealed)
    shown = officer.get("/desk/own-data/").text
    assert "195****0009" in shown and NEW not in shown
    assert access.reveal(letter.cast.writer, letter.case, "核对电话")["phone"] == PERSON["phone"]
    settle(officer, "granted")
    kept = access.reveal(letter.cast.writer, letter.case, "核对电话")
    assert kept == {**PERSON, "phone": NEW}
    asked.refresh_from_db()
    assert NEW.encode() not in bytes(asked.sealed) and asked.officer == letter.cast.writer
    assert own_data.cases_of_phone(crypto.blind_index("phone", NEW)) == [letter.case]


def test_open_letter_keeps_its_writer_and_says_why(letter):
    assert "第十三条" in page(letter) and "申请删除身份资料<" not in page(letter)
    assert "第十三条" in erase(letter) and not DataRequest.objects.exists()


def test_merged_letter_waits_for_the_main_one(letter):
    letter.cast.merge_into(letter.cast.make_case(at=worlds.now()), letter.case, worlds.now())
    assert "第十三条" in own_data.why_not_erased(letter.case)


def test_erased_writer_is_gone_and_the_letter_stays(letter, officer):
    letter.walk(State.CLOSED)
    correct(letter, phone=NEW)
    assert "等待处理" in erase(letter)
    assert "申请删除身份资料<" not in erase(letter)
    for asked in DataRequest.objects.order_by("-kind"):  # a correction brings nobody back
        settle(officer, "granted", request=asked.pk)
    writer = Writer.objects.get(pk=letter.case.letter.writer_id)
    assert crypto.open_sealed(writer.key_id, writer.sealed) == {}
    assert (writer.phone_index, writer.id_index, writer.has_email) == ("", "", False)
    assert letter.receipt not in page(letter)
    assert "小区门口红绿灯损坏" in officer.get(f"/desk/{letter.receipt}/").text


def test_refusal_needs_a_reason_and_the_writer_reads_it(letter, officer):
    letter.walk(State.CLOSED)
    erase(letter)
    for decision in ("refused", "maybe"):
        answer = settle(officer, decision)
        assert answer.status_code == 400 and answer.context["rows"][0]["refusal"] in answer.text
    asked = DataRequest.objects.get().pk
    for said in ("已处理，来信人", "这项申请已经处理过了"):
        assert said in settle(officer, "refused", "kept", asked).text
    assert "保存期限未满" in page(letter)
    assert access.own_identity(letter.case.letter)["name"] == "测**"


def test_correction_that_cannot_be_read_is_refused_alone(letter, officer):
    correct(letter, phone=NEW)
    DataRequest.objects.update(sealed=b"spoilt")
    answer = settle(officer, "granted")
    assert answer.status_code == 400 and "已无法读取" in answer.text
    settle(officer, "refused", "mistaken")
    assert DataRequest.objects.get().decision == "refused" and NEW not in page(letter)


def test_request_is_settled_once(letter, officer):
    letter.walk(State.CLOSED)
    erase(letter)
    asked = DataRequest.objects.get()
    assert settle_request(asked.pk, officer=letter.cast.writer, reason="kept", at=worlds.now())
    late = settle_request(asked.pk, officer=letter.cast.reviewer, reason="", at=worlds.now())
    assert not late and access.own_identity(letter.case.letter)


@pytest.mark.parametrize(
    ("rights", "unit"),
    [
        (("triage_case",), "440300"),
        (("triage_case", "reveal_identity"), "440100"),
        (("reveal_identity", "handle_case"), "440300"),
    ],
)
def test_only_who_may_know_the_writer_settles(letter, make_officer, client, rights, unit):
    correct(letter, phone=NEW)
    officer = make_officer(*rights, unit=unit)
    assert own_data.requests_for(officer) == []
    with pytest.raises(NotFound):
        own_data.decide(officer, DataRequest.objects.get().pk, "", worlds.now())
    client.force_login(officer)
    answer = settle(client, "granted")
    assert answer.status_code == 404 and DataRequest.objects.filter(decision="").exists()


@pytest.mark.parametrize("request_id", ["", "x", "\x00", "9" * 30, "0"])
def test_damaged_number_of_a_request_is_absent(letter, officer, request_id):
    correct(letter, phone=NEW)
    typed = {"request": request_id, "decision": "granted"}
    assert officer.post("/desk/own-data/", typed).status_code == 404


def test_erasure_of_a_letter_that_is_open_again_is_refused_by_name(letter):
    with pytest.raises(GuardRefused, match="办结后"):
        own_data.ask_erasure(Case.objects.get(pk=letter.pk), worlds.now())


def test_writer_of_a_confidential_letter_has_the_same_with_receipt_and_code(client, cast, officer):
    letter = Sent(client, cast, confidential="on")
    address = "/follow/case/data/"
    assert "195****0000" in client.get(address).text and address in letter.page()
    client.post(address, {"email": "new@example.com"})
    letter.walk(State.CLOSED)
    assert "等待处理" in client.post(f"{address}erase/", follow=True).text
    assert set(DataRequest.objects.values_list("kind", flat=True)) == {"correct", "erase"}
    settle(officer, "granted", request=DataRequest.objects.get(kind="erase").pk)
    assert "没有保存身份资料" in client.get(address).text


def test_data_of_a_letter_that_is_not_open_are_shown_to_nobody(client):
    for address in ("/follow/case/data/", "/follow/case/data/erase/"):
        assert client.post(address).url == "/follow/"


def test_letter_without_a_writer_shows_nothing_and_breaks_nothing(client, cast):
    letter = Sent(client, cast)
    nobody = cast.make_case(State.CLOSED, at=worlds.now(), person={})
    session = client.session
    session["follow"] = {"case": nobody.pk, "at": worlds.now().isoformat()}
    session.save()
    assert "没有可以在这里显示的资料" in client.get("/follow/case/data/").text
    assert client.post("/follow/case/data/erase/").url == "/follow/case/data/"
    assert client.post("/follow/case/data/", {"phone": NEW}).status_code == 302
    assert letter.pk and not DataRequest.objects.exists()


def test_pages_promise_the_years_of_the_setting(letter, settings):
    settings.RETENTION_YEARS = 7
    form = letter.client.get("/write/steps/person/").text
    for text in (form, letter.client.get("/write/").text, page(letter)):
        assert "信办结满7年" in text and "永久删除" in text
    assert "至少10年" in form
    letter.client.cookies["django_language"] = "en"
    for years, words in ((7, "7 years after"), (1, "1 year after")):
        settings.RETENTION_YEARS = years
        assert words in page(letter) and words in letter.client.get("/write/").text
