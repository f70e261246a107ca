"""代录: a clerk keeps a letter for someone else, who gets the same receipt."""

import re
import uuid
from datetime import timedelta

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from cases import access, acting, attachments, crypto, worlds
from cases.models import Letter
from mailbox import notices
from tests.citizens import child
from tests.people import PERSON
from tests.test_attachments import picture

pytestmark = pytest.mark.django_db

TYPED = {
    "channel": "paper",
    "mailbox": "440300",
    "kind": "help",
    "category": "traffic",
    "title": "小区门口红绿灯损坏",
    "body": "老人来信反映，小区门口的红绿灯坏了一个星期，请尽快维修。",
    "place": "福田区某路口",
    "name": PERSON["name"],
    "phone": PERSON["phone"],
    "id_type": "id_card",
    "key": str(uuid.UUID(int=7)),
}


@pytest.fixture
def clerk(client, make_officer):
    client.force_login(make_officer("enter_letter", unit="440300"))
    return client


def shown_once(answer):
    """Return (receipt, query code) of the page after entering."""
    text = answer.content.decode()
    return re.search(r"PA-\w{4}-\w{4}-\w\w", text)[0], re.search(r"<dd>(\d{4} \d{4})</dd>", text)[1]


def test_clerk_gets_receipt_and_code_for_the_writer(clerk):
    receipt, code = shown_once(clerk.post("/desk/enter/", TYPED))
    case = access.case_for_citizen(receipt, code)
    assert (case.letter.channel, case.letter.title) == ("paper", TYPED["title"])
    event = case.events.get()
    assert (event.action, event.role) == ("receive", "officer")


def test_second_click_keeps_one_letter_and_gives_the_same_receipt(clerk):
    first = shown_once(clerk.post("/desk/enter/", TYPED))
    assert shown_once(clerk.post("/desk/enter/", TYPED)) == first
    assert Letter.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("title", "短", "标题应为5至50个字"),
        ("body", "", "内容应为10至2000个字"),
        ("mailbox", "440304", "请选择信箱"),
        ("channel", "web", "请选择来信是怎样来的"),
        ("channel", "\0", "空字符"),
        ("title", "\0\0\0", "空字符"),
        ("kind", "\0", "空字符"),
        ("kind", "nonsense", "请选择信件类别"),
        ("category", "", "请选择业务类别"),
        ("place", "很" * 101, "地点不能超过100个字"),
        ("accused_unit", "nonsense", "没有这个单位"),
        ("phone", "123", "手机号码"),
        ("phone", "", "请填写姓名和电话"),
        ("id_number", "110101200002290019", "身份证"),
        ("email", "nonsense", "电子邮箱格式不正确"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(clerk, field, value, says):
    answer = clerk.post("/desk/enter/", {**TYPED, field: value})
    text = answer.content.decode()
    assert answer.status_code == 400 and says in text
    assert TYPED["place"] in text or field == "place"
    assert not Letter.objects.exists()


CHILD = {"id_number": child()}
OTHERS = [
    ({"acting": "other", "consent": "on"}, "替谁写信"),
    ({"acting": "other", "for_person": "李四"}, "得到同意"),
    ({"acting": "joint", "together": "甲某、乙某、丙某、丁某、戊某", "consent": "on"}, "最多5人"),
    ({"acting": "joint", "together": "甲某 乙某　丙某/丁某 戊某", "consent": "on"}, "最多5人"),
    ({"acting": "joint", "together": "李四、1", "consent": "on"}, "“1”：请填写真实姓名"),
    ({"acting": "company", "company": "厂", "consent": "on"}, "2至100个字"),
    ({"acting": "nobody"}, "您为谁写信"),
    (CHILD, "来信人未满14周岁，请填写监护人的姓名"),
    ({**CHILD, "guardian": "父亲", "guardian_phone": "1"}, "手机号码"),
    ({**CHILD, "guardian": "父亲", "guardian_phone": "19500000001"}, "须得到监护人同意"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "says"), OTHERS)
def test_what_is_missing_for_others_or_for_a_child_is_said_as_to_a_citizen(clerk, said, says):
    answer = clerk.post("/desk/enter/", {**TYPED, **said})
    assert answer.status_code == 400 and says in answer.text
    assert '<details class="enter-others" open>' in answer.text and not Letter.objects.exists()


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({}, {}),
        ({"for_person": "李四"}, {}),  # told of somebody else, but written for oneself
        (
            {"acting": "joint", "together": "李四，王五 张三丰,Ann Lee", "consent": "on"},
            {"acting": "joint", "together": "李四、王五、张三丰、Ann Lee", "consent": "yes"},
        ),
        (
            {"acting": "company", "company": "某某公司", "consent": "on"},
            {"acting": "company", "company": "某某公司", "consent": "yes"},
        ),
        (
            {
                **CHILD,
                "guardian": "父亲",
                "guardian_phone": "19500000001",
                "guardian_consent": "on",
            },
            {"guardian": "父亲", "guardian_phone": "19500000001"},
        ),
    ],
)
def test_for_whom_a_letter_is_written_is_sealed_with_its_writer(clerk, said, kept):
    shown_once(clerk.post("/desk/enter/", {**TYPED, **said}))
    writer = Letter.objects.get().writer
    told = crypto.open_sealed(writer.key_id, writer.sealed)
    assert {name: told[name] for name in acting.ASKED if name in told} == kept


def test_another_letter_with_the_key_of_one_that_was_kept_is_not_taken_for_it(clerk):
    first = shown_once(clerk.post("/desk/enter/", TYPED))
    other = {**TYPED, "title": "另一封信的标题", "channel": "phone"}
    answer = clerk.post("/desk/enter/", other)
    assert answer.status_code == 400 and "上一封已经收下" in answer.content.decode()
    key = re.search(r'name="key" value="([0-9a-f-]{36})"', answer.content.decode())[1]
    assert shown_once(clerk.post("/desk/enter/", {**other, "key": key})) != first
    assert Letter.objects.count() == 2


@pytest.fixture
def disk(settings, tmp_path):
    """Return what lists the files on disk, in a folder of this test."""
    settings.MEDIA_ROOT = tmp_path
    return lambda: [path for path in tmp_path.rglob("*") if path.is_file()]


def scan(name="扫描件.png"):
    return SimpleUploadedFile(name, picture("PNG"))


def words(answer):
    """Return the words by which a page lists the files that it has kept."""
    return re.findall(r'name="kept" value="([^"]+)" checked', answer.text)


def test_files_stay_when_something_else_is_wrong_and_go_with_the_letter_then(clerk, disk):
    wrong = SimpleUploadedFile("x.exe", b"MZ" * 50)
    refused = clerk.post("/desk/enter/", {**TYPED, "attachments": [scan(), scan("二.png"), wrong]})
    assert refused.status_code == 400 and "无法接收" in refused.text and len(disk()) == 2
    first, second = words(refused)
    again = clerk.post("/desk/enter/", {**TYPED, "title": "短", "kept": [first, second]})
    assert words(again) == [first, second] and "扫描件.png" in again.text and len(disk()) == 2
    sent = {**TYPED, "kept": first, "attachments": scan("三.png")}  # the second is not ticked
    assert shown_once(clerk.post("/desk/enter/", sent)) == shown_once(
        clerk.post("/desk/enter/", sent)
    )
    letter = Letter.objects.get()
    assert [a.name for a in letter.attachments.order_by("pk")] == ["扫描件.png", "三.png"]
    attachments.discard_stray(worlds.now(), set(), timedelta(0))
    assert len(disk()) == 2


def test_kept_files_are_their_officers_and_of_one_letter(clerk, disk, make_officer):
    (word,) = words(clerk.post("/desk/enter/", {**TYPED, "title": "短", "attachments": scan()}))
    other = Client()
    other.force_login(make_officer("enter_letter", unit="440300"))
    for somebody, kept in ((other, word), (clerk, word[:-1] + "."), (clerk, "\0")):
        answer = somebody.post("/desk/enter/", {**TYPED, "kept": kept})
        assert answer.status_code == 400 and "附件已不在" in answer.text and not words(answer)
    shown_once(clerk.post("/desk/enter/", {**TYPED, "kept": word}))
    another = {**TYPED, "title": "另一封信的标题", "kept": word}
    assert "附件已不在" in clerk.post("/desk/enter/", another).text
    assert "附件已不在" in clerk.post("/desk/enter/", another | {"key": str(uuid.uuid4())}).text
    assert len(disk()) == Letter.objects.count() == 1


def test_no_more_files_are_kept_than_a_letter_takes(clerk, disk):
    many = [scan(f"{n}.png") for n in range(4)] + [scan("0.png")]
    answer = clerk.post("/desk/enter/", {**TYPED, "title": "短", "attachments": many})
    assert len(words(answer)) == len(disk()) == 4  # one was chosen twice
    more = {**TYPED, "kept": words(answer), "attachments": [scan("8.png"), scan("9.png")]}
    answer = clerk.post("/desk/enter/", more)
    assert "附件最多5个" in answer.text and len(words(answer)) == 5 and not Letter.objects.exists()


@pytest.mark.parametrize(
    ("language", "subject"),
    [("", "您的来信已收到"), ("zh-hant", "您的來信已收到"), ("en", "received")],
)
def test_writer_is_told_in_the_language_that_the_clerk_chose(clerk, language, subject):
    typed = {**TYPED, "email": "writer@example.com", "language": language}
    shown_once(clerk.post("/desk/enter/", typed))
    assert Letter.objects.get().language == (language or "zh-hans")
    notices.send_notices()
    assert subject in mail.outbox[0].subject + mail.outbox[0].body


def test_language_begins_as_simplified_chinese_and_nonsense_is_refused(clerk):
    page = clerk.get("/desk/enter/").text
    assert re.search(r'<select name="language".*?<option value="zh-hans">', page, re.DOTALL)
    answer = clerk.post("/desk/enter/", {**TYPED, "language": "tlh"})
    assert answer.status_code == 400 and "请选择语言" in answer.text


def test_receipt_says_all_that_the_writer_needs(clerk, settings):
    text = clerk.post("/desk/enter/", {**TYPED, "channel": "counter"}).content.decode()
    for says in (settings.SITE_URL, TYPED["title"], "来访", "深圳市公安局", "打印回执"):
        assert says in text
    assert PERSON["phone"] not in text


def test_letter_that_calls_for_help_at_once_is_pointed_out_to_the_clerk(clerk):
    danger = {**TYPED, "body": "来电人说楼下有人持刀，大家都很害怕，请快来。"}
    text = clerk.post("/desk/enter/", danger).text
    assert "必要时立即转110" in text and "持刀" in text
    calm = clerk.post("/desk/enter/", {**TYPED, "key": str(uuid.UUID(int=8))}).text
    assert "立即转110" not in calm


def test_page_has_the_clerks_own_mailbox_and_a_key(clerk):
    text = clerk.get("/desk/enter/").content.decode()
    assert '<option value="440300" selected>' in text
    assert re.search(r'name="key" value="[0-9a-f-]{36}"', text)


def test_letter_in_confidence_is_kept_as_such(clerk):
    clerk.post("/desk/enter/", {**TYPED, "confidential": "on"})
    assert Letter.objects.get().confidential


def test_entering_needs_the_right(client, make_officer):
    client.force_login(make_officer("triage_case"))
    assert client.get("/desk/enter/").status_code == 404
    assert client.post("/desk/enter/", TYPED).status_code == 404
    assert "代录来信" not in client.get("/desk/").content.decode()
