"""A telephone proved by a code: the same for known and unknown, few tries, and what it opens."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases import access, receipts, worlds
from cases.models import Case, LookupAttempt, RenewedCode
from cases.refusals import NotFound
from mailbox import phone_check, tasks
from mailbox.models import PhoneCheck
from tests.carriers import SENT, carried  # noqa: F401
from tests.citizens import open_letter, send
from tests.people import PERSON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("carried")]
PHONE, OTHER = PERSON["phone"], "19500000001"
FOUR = [PHONE, OTHER, "19500000002", "19500000003"]


def code():
    """Return the code of the last message."""
    return re.search(r"\d{6}", SENT[-1][1])[0]


def prove(client, phone=PHONE):
    """Prove a telephone; return the page that this opens."""
    client.post("/follow/phone/", {"phone": phone})
    return client.post("/follow/phone/code/", {"code": code()}, follow=True)


def hour_later(monkeypatch, **length):
    moment = worlds.now() + timedelta(**length)
    monkeypatch.setattr(worlds, "now", lambda: moment)


def test_known_and_unknown_telephones_get_the_same_answer_and_the_same_queries(client):
    send(client)
    pages, queries = [], []
    for phone in (PHONE, OTHER):
        visitor = Client()
        with CaptureQueriesContext(connection) as seen:
            answer = visitor.post("/follow/phone/", {"phone": phone}, follow=True)
        page = answer.text.replace(phone[:3] + "****" + phone[-4:], "P")
        pages.append(page.replace(str(answer.context["csrf_token"]), "T"))
        queries.append([re.split("WHERE|VALUES|POINT", query["sql"])[0] for query in seen])
    assert [phone for phone, _text in SENT] == [PHONE, OTHER]
    assert pages[0] == pages[1] and queries[0] == queries[1]


def test_code_is_kept_hashed_and_the_telephone_not_at_all(client):
    client.post("/follow/phone/", {"phone": PHONE})
    kept = str(PhoneCheck.objects.values().get())
    assert code() not in kept and PHONE not in kept and len(code()) == phone_check.DIGITS
    assert PHONE not in SENT[0][1] and "10分钟" in SENT[0][1]


@pytest.mark.parametrize(
    ("phone", "message"),
    [
        ("", "请填写手机号码"),
        ("12345", "11位手机号码"),
        ("020-83110110", "能收短信的手机号码"),
        ("+14155550100", "能收短信的手机号码"),
        ("\x00１９５００００００００x", "11位手机号码"),
        ("1" * 5000, "11位手机号码"),
    ],
)
def test_what_gets_no_message_is_said_at_the_field(client, phone, message):
    answer = client.post("/follow/phone/", {"phone": phone})
    assert message in answer.text and 'href="#id_phone"' in answer.text and SENT == []


@pytest.mark.parametrize("phone", ["１９５ ００００ ００００", "+86 195-0000-0000"])
def test_telephone_is_forgiven_its_form(client, phone):
    send(client)
    assert "小区门口红绿灯损坏" in prove(client, phone).text


def test_carrier_that_is_busy_is_said_so_and_nothing_personal_is_logged(client, settings, caplog):
    settings.SMS_PROVIDER = "tests.carriers.busy"
    answer = client.post("/follow/phone/", {"phone": PHONE})
    assert "短信现在发不出去" in answer.text and PHONE not in caplog.text


def test_five_wrong_tries_void_a_code(client):
    client.post("/follow/phone/", {"phone": PHONE})
    wrong = f"{(int(code()) + 1) % 10**6:06d}"
    said = [client.post("/follow/phone/code/", {"code": wrong}).text for _try in range(5)]
    assert "还可以试4次" in said[0] and "已失效" in said[4]
    answer = client.post("/follow/phone/code/", {"code": code()})
    assert "已失效" in answer.text and client.get("/follow/mine/").url == "/follow/phone/"


def test_code_holds_ten_minutes_and_proves_once(client, monkeypatch):
    client.post("/follow/phone/", {"phone": PHONE})
    kept, first = client.session["check"], code()
    client.post("/follow/phone/code/", {"code": first})
    with pytest.raises(phone_check.BadInput):
        phone_check.prove(kept["key"], first)
    client.post("/follow/phone/", {"phone": PHONE})
    hour_later(monkeypatch, minutes=11)
    assert "已失效" in client.post("/follow/phone/code/", {"code": code()}).text


def test_code_of_one_browser_is_of_no_use_in_another(client):
    client.post("/follow/phone/", {"phone": PHONE})
    assert Client().post("/follow/phone/code/", {"code": code()}).url == "/follow/phone/"


@pytest.mark.parametrize(
    ("limit", "phones"),
    [("PER_PHONE", [PHONE] * 4), ("PER_ADDRESS", FOUR), ("PER_NETWORK", FOUR)],
)
def test_messages_are_limited_by_telephone_and_by_address(monkeypatch, limit, phones):
    LookupAttempt.objects.all().delete()
    monkeypatch.setattr(phone_check, limit, (3, 3600))
    answers = [Client().post("/follow/phone/", {"phone": phone}, follow=True) for phone in phones]
    assert "尝试次数过多" in answers[-1].text and len(SENT) == 3


def test_list_has_the_letters_of_this_telephone_and_of_no_other(client):
    receipt, _code = send(client)
    other, _code = send(Client(), phone=OTHER, title="别人家的来信标题")
    page = prove(client).text
    assert receipt in page and "小区门口红绿灯损坏" in page and "已收到，等待受理" in page
    assert other not in page and "别人家的来信标题" not in page
    for address in ("/follow/mine/open/", "/follow/mine/code/"):
        assert client.post(address, {"receipt": other, "sure": "1"}).url == "/follow/mine/"
        assert client.post(address, {"receipt": "\x00"}).url == "/follow/mine/"
    assert not RenewedCode.objects.exists()


def test_list_says_by_when_each_open_letter_is_answered(client, cast):
    send(client)
    assert "最迟答复：" in prove(client).text
    case = Case.objects.get()
    cast.step(case.pk, "accept", at=worlds.now())
    cast.step(case.pk, "ask_citizen", at=worlds.now(), text="请说明路口。")
    assert "最迟答复：" not in client.get("/follow/mine/").text


def test_letter_without_a_telephone_belongs_to_nobody(client, make_case):
    make_case(person={})
    assert "没有找到用这个手机号码写的信" in prove(client).text


@pytest.mark.parametrize("changes", [{"kind": "report"}, {"confidential": "on"}])
def test_confidential_letter_shows_its_number_alone_and_is_not_opened(client, changes):
    receipt, _code = send(client, **changes)
    page = prove(client).text
    assert receipt in page and "保密来信" in page
    assert "小区门口红绿灯损坏" not in page and "等待受理" not in page
    assert client.post("/follow/mine/open/", {"receipt": receipt}).url == "/follow/mine/"


def test_letter_is_opened_from_the_list(client):
    receipt, _code = send(client)
    prove(client)
    answer = client.post("/follow/mine/open/", {"receipt": receipt}, follow=True)
    assert answer.request["PATH_INFO"] == "/follow/case/" and receipt in answer.text


def test_new_code_opens_and_the_old_one_no_more(client):
    receipt, old = send(client)
    prove(client)
    asked = client.post("/follow/mine/code/", {"receipt": receipt})
    assert "立即作废" in asked.text and not RenewedCode.objects.exists()
    shown = client.post("/follow/mine/code/", {"receipt": receipt, "sure": "1"}).text
    new = re.search(r'class="figure">(\d{4} \d{4})<', shown)[1]
    assert access.case_for_citizen(receipt, new).letter.receipt == receipt
    with pytest.raises(NotFound):
        access.case_for_citizen(receipt, old)
    assert "小区门口" in open_letter(Client(), receipt, new).text
    assert new not in str(RenewedCode.objects.values().get())


def test_confidential_letter_asks_for_the_identity_number_too(client):
    receipt, old = send(client, kind="report")
    prove(client)
    asked = {"receipt": receipt, "sure": "1"}
    assert "请填写证件号码" in client.post("/follow/mine/code/", asked).text
    wrong = client.post("/follow/mine/code/", {**asked, "id_number": "440000199001010014"})
    assert "登记的不一致" in wrong.text
    number = PERSON["id_number"]
    right = client.post("/follow/mine/code/", {**asked, "id_number": f" {number[:6]} {number[6:]}"})
    assert "这是新的查询码" in right.text
    with pytest.raises(NotFound):
        access.case_for_citizen(receipt, old)


def test_identity_numbers_are_not_guessed(client):
    receipt, _code = send(client, kind="report")
    prove(client)
    asked = {"receipt": receipt, "sure": "1", "id_number": "440000199001010014"}
    for _try in range(5):
        client.post("/follow/mine/code/", asked)
    said = client.post("/follow/mine/code/", {**asked, "id_number": PERSON["id_number"]})
    assert "尝试次数过多" in said.text and not RenewedCode.objects.exists()


def test_confidential_letter_without_a_number_is_renewed_at_the_desk(client, make_case):
    person = {"name": "测试来信人", "phone": PHONE}
    case = make_case(confidential=True, person=person)
    prove(client)
    asked = {"receipt": case.letter.receipt, "sure": "1", "id_number": "1"}
    assert "带证件到信箱办理" in client.post("/follow/mine/code/", asked).text


def test_proof_ends_and_can_be_ended(client, monkeypatch):
    send(client)
    prove(client)
    client.post("/follow/leave/")
    assert client.get("/follow/mine/").url == "/follow/phone/"
    prove(client)
    hour_later(monkeypatch, minutes=31)
    assert client.get("/follow/mine/").url == "/follow/phone/"


def test_get_changes_nothing_and_addresses_hold_nothing(client):
    receipt, _code = send(client)
    prove(client)
    assert client.get("/follow/mine/code/", {"receipt": receipt, "sure": "1"}).status_code == 405
    assert client.get("/follow/mine/open/", {"receipt": receipt}).status_code == 405
    assert not RenewedCode.objects.exists()
    assert "no-store" in client.get("/follow/mine/")["Cache-Control"]


def test_old_checks_are_forgotten_though_nobody_asks_again(client, monkeypatch):
    client.post("/follow/phone/", {"phone": PHONE})
    assert tasks.forget_unsent() == 0
    hour_later(monkeypatch, days=1, minutes=1)
    assert tasks.forget_unsent() == 1 and not PhoneCheck.objects.exists()


def test_renewed_code_of_another_letter_opens_nothing(client):
    one, two = send(client), send(Client(), title="第二封信的标题")
    case = Case.objects.get(letter__receipt=one[0])
    hashed = receipts.hash_code(two[0], "12345678")
    RenewedCode.objects.create(letter=case.letter, code_hash=hashed, issued_at=worlds.now())
    with pytest.raises(NotFound):
        access.case_for_citizen(one[0], "12345678")
    assert access.case_for_citizen(*two)


def test_new_code_shuts_the_letter_wherever_the_old_one_opened_it_but_here(client):
    thief, owner = Client(), client
    receipt, code = send(owner)
    for one in (thief, owner):
        open_letter(one, receipt, code)
    prove(owner)
    assert owner.post("/follow/mine/code/", {"receipt": receipt, "sure": "1"}).status_code == 200
    assert thief.get("/follow/case/").url == "/follow/"
    assert (
        thief.post("/follow/case/withdraw/", {"letter": receipt}).status_code == 200
    )  # asks for the code
    assert owner.get("/follow/case/").status_code == 200
    assert Case.objects.get(letter__receipt=receipt).events.count() == 1
