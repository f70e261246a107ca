"""Writing a letter: what the form takes, what it says otherwise, and that nothing is lost."""

import threading
import uuid

import pytest
import segno
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from cases.models import Attachment, Case, Letter
from tests.citizens import open_letter, send, typed
from tests.files import PDF

pytestmark = pytest.mark.django_db


def errors(answer):
    return answer.context["form"].errors


def test_home_leads_to_both_doors_and_to_110(client):
    page = client.get("/").text
    assert 'href="/write/begin/"' in page and 'href="/follow/"' in page and "tel:110" in page


def test_mailboxes_are_sorted_by_pinyin_after_the_department(client):
    choices = client.get("/write/").context["form"].fields["mailbox"].choices
    codes = [code for code, _name in choices]
    assert codes[:3] == ["", "440000", "445100"]  # Chaozhou comes first of the cities
    assert len(codes) == 23


def test_letter_is_kept_and_its_receipt_opens_it(client):
    receipt, code = send(client)
    page = open_letter(client, receipt, code)
    assert "小区门口红绿灯损坏" in page.text
    letter = Letter.objects.get()
    assert (letter.receipt, letter.channel, letter.writer.has_email) == (receipt, "web", True)


def test_query_code_is_shown_once(client):
    receipt, code = send(client)
    again = client.get("/write/sent/").text
    assert receipt in again and code not in again


def test_receipt_page_needs_a_letter_of_this_session(client):
    assert client.get("/write/sent/").url == "/"


WRONG = [
    ("mailbox", "", "请选择信箱"),
    ("mailbox", "440304", "请选择信箱"),
    ("mailbox", "\x00", "请选择信箱"),
    ("kind", "nonsense", "请选择信件类别"),
    ("category", None, "请选择业务类别"),
    ("title", "短标题", "应为5至50个字，现有3个字"),
    ("title", "长" * 51, "现有51个字"),
    ("title", "\x00\x00\x00", "请填写标题"),
    ("body", "不到十个字", "应为10至2000个字"),
    ("body", "长" * 2_000_00, "现有200000个字"),
    ("place", "某" * 101, "不能超过100个字，现有101个字"),
    ("name", None, "请填写姓名"),
    ("name", "我", "2至100个字"),
    ("phone", "12345", "11位手机号码"),
    ("id_type", "library_card", "请选择证件类型"),
    ("id_number", "110101200002290019", "校验码不符"),
    ("email", "no-address", "电子邮箱格式不正确"),
    ("accused", "没有这样的单位", "没有找到这个单位"),
    ("accused", "派出所", "符合的单位太多"),
    ("accused", "深圳市公安局", "应当回避"),
]


@pytest.mark.parametrize(("name", "value", "message"), WRONG)
def test_wrong_field_is_named_and_the_rest_is_kept(client, name, value, message):
    answer = client.post("/write/", typed(**{name: value}))
    assert answer.status_code == 200
    assert errors(answer).keys() == {name} and message in str(errors(answer))
    assert f'href="#id_{name}' in answer.text  # the summary at the top leads to it
    if name != "body":
        assert "孩子上学过马路很危险" in answer.text
    assert not Letter.objects.exists()


@pytest.mark.parametrize("key", [None, "", "not-a-key", "\x00"])
def test_page_without_its_key_gets_a_new_one(client, key):
    answer = client.post("/write/", typed(key=key))
    assert "页面已过期" in answer.text
    send(client, key=answer.context["form"]["key"].value())


@pytest.mark.parametrize(
    ("typed_body", "kept"),
    [
        ("噪音\x00扰民已经一个月了。", "噪音扰民已经一个月了。"),
        ("第一行一二三\r\n第二行四五六", "第一行一二三\n第二行四五六"),
        ("反\u202e方向的文字\ud800也收下来", "反方向的文字也收下来"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("急" + "😀" * 9, "急" + "😀" * 9),
    ],
)
def test_odd_text_is_cleaned_or_kept_as_written(client, typed_body, kept):
    body = typed_body.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    receipt, code = send(client, body=body)
    assert Letter.objects.get().body in (kept, kept.replace("也", "\ufffd\ufffd\ufffd也"))
    assert "<script>alert" not in open_letter(client, receipt, code).text


def test_length_is_counted_as_stored(client):
    """A browser sends two characters for each line's end; one is stored and counted."""
    body = "\r\n".join("一" * 1000)
    assert len(body) > 2000
    send(client, body=body[:5996])  # 1,999 characters once cleaned
    assert len(Letter.objects.get().body) <= 2000


def test_too_big_a_request_gets_a_sentence(client):
    answer = client.post("/write/", typed(body="长" * 1_000_000))
    assert answer.status_code == 400 and "内容可能太大" in answer.text


def test_bad_bytes_are_no_server_error(client):
    raw = b"title=%ff%fe%00&body=%c3%28&mailbox=%f0%28"
    answer = client.post("/write/", raw, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 200 and errors(answer)


def test_same_key_twice_gives_the_same_receipt(client):
    fields = typed()
    first = client.post("/write/", fields, follow=True).context
    second = client.post("/write/", fields, follow=True).context
    assert first["case"] == second["case"] and first["code"] == second["code"]
    assert Letter.objects.count() == 1


def test_another_letter_under_an_old_key_is_not_swallowed(client):
    key = str(uuid.uuid4())
    send(client, key=key)
    answer = client.post("/write/", typed(key=key, title="另一件完全不同的事"))
    assert "这是另一封" in str(errors(answer))
    again = answer.context["form"]["key"].value()
    assert again != key
    send(client, key=again, title="另一件完全不同的事")
    assert Letter.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_parallel_sendings_of_one_key_keep_one_letter():
    fields, places, gate = typed(), [], threading.Barrier(4)

    def post():
        gate.wait()
        client = Client()
        client.post("/write/", fields)
        places.append(client.get("/write/sent/").context["case"].pk)
        connection.close()

    threads = [threading.Thread(target=post) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(places) == 4 and len(set(places)) == 1
    assert Letter.objects.count() == 1


def test_two_letters_at_once_open_each_its_own(client):
    one = send(client, title="第一封信的标题")
    two = send(Client(), title="第二封信的标题")
    assert "第一封信的标题" in open_letter(client, *one).text
    assert "第二封信的标题" in open_letter(Client(), *two).text
    assert open_letter(Client(), one[0], two[1]).request["PATH_INFO"] == "/follow/"


def test_emergency_is_asked_about_first(client):
    fields = typed(body="楼下有人持刀，大家都很害怕，请快来。")
    asked = client.post("/write/", fields)
    assert "tel:110" in asked.text and "这是紧急情况吗" in asked.text
    assert not Letter.objects.exists()
    hidden = {f.name: f.value() for f in asked.context["form"] if f.value() not in (None, [])}
    back = client.post("/write/", {**hidden, "back": "1"})
    assert "楼下有人持刀" in back.text and not errors(back)
    client.post("/write/", {**hidden, "emergency_seen": "1"})
    assert Case.objects.get().urgent and Letter.objects.get().title == fields["title"]


def test_language_can_be_changed_without_losing_what_was_typed(client):
    answer = client.post("/write/", typed(language="en", title="半句话"))
    assert 'lang="en"' in answer.text and "半句话" in answer.text and not errors(answer)
    assert 'lang="en"' in client.get("/").text


def test_letter_remembers_its_language(client):
    client.cookies["django_language"] = "en"
    send(client)
    assert Letter.objects.get().language == "en"


def test_attachments_come_with_the_letter_and_go_to_its_writer_only(client):
    file = SimpleUploadedFile("现场 记录.pdf", PDF)
    receipt, code = send(client, attachments=[file])
    attachment = Attachment.objects.get()
    assert attachment.name == "现场 记录.pdf"
    address = f"/follow/case/files/{attachment.pk}/"
    assert client.get(address).url == "/follow/"  # not before it is opened
    open_letter(client, receipt, code)
    answer = client.get(address)
    assert b"".join(answer.streaming_content).startswith(b"%PDF-")
    assert answer["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer["Content-Security-Policy"]
    stranger = Client()
    open_letter(stranger, *send(stranger))
    assert stranger.get(address).status_code == 404


@pytest.mark.parametrize(
    "files",
    [
        [SimpleUploadedFile("a.exe", b"MZ")],
        [SimpleUploadedFile("a.pdf", b"<html>")],
        [SimpleUploadedFile("empty.pdf", b"")],
        [SimpleUploadedFile(f"{n}.pdf", PDF) for n in range(6)],
    ],
)
def test_bad_file_is_refused_and_the_note_is_kind(client, files, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    answer = client.post("/write/", typed(attachments=files))
    assert errors(answer).keys() == {"attachments"}
    assert "孩子上学" in answer.text
    assert not Letter.objects.exists()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("福田分局", "440304"),
        ("深圳市公安局福田分局", "440304"),
        ("福田中心派出所", "440304-01"),
        ("futian branch", "440304"),
        ("广州市公安局", "440100"),
    ],
)
def test_accused_unit_is_found_by_its_name(client, words, code):
    send(client, kind="report", mailbox="440000", accused=words)
    assert Case.objects.get().accused_unit.code == code


def test_accused_unit_is_chosen_among_several(client):
    fields = typed(kind="report", mailbox="440000", accused="福田")
    asked = client.post("/write/", fields)
    assert "深圳市公安局福田分局福田第二派出所" in asked.text
    send(client, **{**fields, "accused_unit": "440304-02"})
    assert Case.objects.get().accused_unit.code == "440304-02"


def test_who_sees_what_is_said_before_sending(client):
    page = client.get("/write/").text
    assert page.index("谁能看到什么") < page.rindex('<button class="big"')


def test_form_needs_its_csrf_token():
    answer = Client(enforce_csrf_checks=True).post("/write/", typed())
    assert answer.status_code == 403 and "页面已过期" in answer.text
    assert not Letter.objects.exists()


def test_receipt_has_a_square_for_phones_with_the_number_and_not_the_code(client, settings):
    settings.SITE_URL = "https://mailbox.example"
    receipt, code = send(client)
    again = client.get("/write/sent/").text
    drawn = segno.make(f"https://mailbox.example/follow/#{receipt}", error="m", micro=False)
    path = drawn.svg_inline(omitsize=True, svgclass=None, lineclass=None).split(' d="')[1]
    assert path in again and "style=" not in again and "不含查询码" in again
    assert code not in again
