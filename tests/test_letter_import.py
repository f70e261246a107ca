"""Letters by CSV: encodings, columns, bad rows, nothing half done, nothing twice."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from cases import access, crypto, letter_files, worlds
from cases.identity import BadInput
from cases.models import Case, Event, Letter, LetterFile, Origin, Unit, Writer
from tests.people import MORNING, submission
from tests.run_worlds import make_run

pytestmark = pytest.mark.django_db

HEAD = "工单编号,标题,诉求内容,诉求类型,姓名,联系电话,承办单位"
GOOD = "GD-1,小区门口红绿灯损坏,小区门口的红绿灯坏了一个星期，请尽快维修。,求助,测试甲,19500000001,"
OTHER = "GD-2,夜间烧烤店噪音扰民,楼下烧烤店每晚营业到两点，噪音很大。,投诉,测试乙,020-00000000,广州市公安局"
BAD = "GD-3,短,,什么,测试丙,123,火星信箱"


def text_of(*rows, head=HEAD):
    return "\r\n".join([head, *rows]) + "\r\n"


def upload(text, encoding="utf-8-sig"):
    data = text.encode(encoding) if isinstance(text, str) else text
    return SimpleUploadedFile("letters.csv", data, content_type="text/csv")


@pytest.fixture
def clerk(client, make_officer):
    client.force_login(make_officer("enter_letter", unit="440300"))
    return client


def preview(clerk, text, **more):
    typed = {"platform": "12345", "mailbox": "440300", "file": upload(text), **more}
    return clerk.post("/desk/import/", typed)


def take(clerk, shown, do="take", **more):
    """Send what the preview's form sends."""
    context = shown.context
    columns = {f"column-{f}": "" if c is None else c for f, _label, c in context["fields"]}
    typed = {
        "token": context["token"],
        "platform": context["platform"],
        "mailbox": context["mailbox"],
    }
    return clerk.post("/desk/import/", {**typed, **columns, "do": do, **more})


# -- reading -----------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encodings_and_delimiters_are_recognised(encoding, delimiter):
    text = text_of(GOOD.replace("，", "。")).replace(",", delimiter)
    table = letter_files.read(letter_files.decoded(text.encode(encoding)))
    assert table.head[0] == "工单编号" and table.rows[0][1][1] == "小区门口红绿灯损坏"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "没有来信"),
        (HEAD.encode(), "没有来信"),
        (text_of(GOOD).encode("utf-16"), "另存为"),
        (b"\xff\xfe\xfd\xfc" * 9 + b"\x80", "编码"),
        (b"a" * (letter_files.MOST_BYTES + 1), "10MB"),
        (("编号\n" + "1\n" * (letter_files.MOST_ROWS + 1)).encode(), "一次最多5000行"),
        (('a,b\n"' + "x" * 200_000 + '",1\n').encode(), "第2行读不出来"),
    ],
)
def test_what_cannot_be_read_is_said(data, says):
    with pytest.raises(BadInput, match=re.escape(says)):
        letter_files.read(letter_files.decoded(data))


def test_columns_are_guessed_from_their_heads():
    head = ["工单编号", "诉求标题（必填）", "诉求内容", "诉求类型", "诉求人", "联系电话", "备注"]
    found = letter_files.guessed(head)
    assert found == {"number": 0, "title": 1, "body": 2, "kind": 3, "name": 4, "phone": 5}


# -- preview -----------------------------------------------------------------------------------


def test_preview_keeps_nothing_and_says_what_would_come(clerk):
    shown = preview(clerk, text_of(GOOD, "", OTHER, BAD, GOOD))
    assert shown.context["counts"] == {"all": 4, "new": 2, "known": 0, "bad": 2}
    page = shown.content.decode()
    for says in ("标题应为5至50个字", "内容应为10至2000个字", "信件类别不认识", "没有这个信箱",
                 "手机号码", "与第2行是同一封信"):  # fmt: skip
        assert says in page
    assert [row.number for row in shown.context["bad"]] == [5, 6]
    assert not Letter.objects.exists() and not Writer.objects.exists()


def test_file_waits_sealed_for_its_officer_alone_and_is_forgotten(clerk, client, make_officer):
    token = preview(clerk, text_of(GOOD)).context["token"]
    file = LetterFile.objects.get()
    assert b"19500000001" not in bytes(file.sealed)
    assert "GD-1" in crypto.open_sealed(file.key_id, bytes(file.sealed))["text"]
    now = worlds.now()
    other = make_officer("enter_letter", unit="440300")
    assert letter_files.kept(other, token, now) is None
    assert letter_files.kept(file.officer, token, now + letter_files.LIFE) is None
    preview(clerk, text_of(OTHER))
    assert LetterFile.objects.count() == 1
    assert letter_files.forget(now + timedelta(hours=2)) == 1


@pytest.mark.parametrize("token", ["", "\0", "0" * 400, "8c5f1a52-2b0e-4c7c-9d2b-8a64c1f0a7e5"])
def test_file_that_is_gone_is_asked_for_again(clerk, token):
    answer = clerk.post("/desk/import/", {"token": token, "do": "take"})
    assert answer.status_code == 400
    assert ("已过期" if token else "请选择一个CSV文件") in answer.content.decode()


def test_other_columns_can_be_chosen(clerk):
    text = text_of("红绿灯坏了一个星期，请尽快来修理,其他说法", head="甲,乙")
    shown = preview(clerk, text)
    assert shown.context["lacks_body"] and shown.context["counts"]["bad"] == 1
    again = take(clerk, shown, "look", **{"column-body": "0", "column-title": "9" * 30})
    assert again.context["counts"]["new"] == 1
    assert {f: c for f, _label, c in again.context["fields"]}["body"] == 0


# -- keeping -----------------------------------------------------------------------------------


def test_good_rows_are_kept_and_the_bad_ones_told(clerk):
    shown = preview(clerk, text_of(GOOD, OTHER, BAD))
    answer = take(clerk, shown)
    page = answer.content.decode()
    assert "已收下 2 封" in page and "1 行不能导入" in page
    letter = Letter.objects.get(origin__number="GD-1")
    assert (letter.channel, letter.kind, letter.mailbox.code) == ("platform", "help", "440300")
    assert Letter.objects.get(origin__number="GD-2").mailbox.code == "440100"
    assert str(letter.origin) == "12345热线 GD-1"
    (receipt, code) = next(
        (r, c) for _n, number, r, c in answer.context["lines"] if number == "GD-1"
    )
    assert access.case_for_citizen(receipt, code).letter == letter
    event = Event.objects.get(case=letter.pk)
    assert (event.action, event.role) == ("receive", "officer")
    assert "12345热线 GD-1" not in str(event.data)


def test_column_may_say_in_which_language_a_writer_is_told(clerk):
    said = ["", "简体中文", "繁體", "zh_Hant", "ＥＮＧＬＩＳＨ", "英语", "克林贡语"]
    rows = [
        f"GD-{n},小区门口红绿灯损坏,红绿灯坏了一个星期，请尽快维修。,{word}"
        for n, word in enumerate(said)
    ]
    shown = preview(clerk, text_of(*rows, head="编号,标题,内容,来信人语言"))
    assert [row.number for row in shown.context["bad"]] == [8] and "语言不认识" in shown.text
    take(clerk, shown)
    kept = Letter.objects.order_by("origin__number").values_list("language", flat=True)
    assert list(kept) == ["zh-hans", "zh-hans", "zh-hant", "zh-hant", "en", "en"]


def test_nothing_is_kept_if_all_were_to_be_good(clerk):
    shown = preview(clerk, text_of(GOOD, BAD))
    answer = take(clerk, shown, all="yes")
    assert answer.status_code == 400 and "一封也没有收" in answer.content.decode()
    assert not Letter.objects.exists()


def test_a_fault_in_the_middle_keeps_nothing(clerk, monkeypatch):
    shown = preview(clerk, text_of(GOOD, OTHER))
    real = Origin.objects.create

    def broken(**columns):
        if columns["number"] == "GD-2":
            raise ZeroDivisionError
        return real(**columns)

    monkeypatch.setattr(Origin.objects, "create", broken)
    clerk.raise_request_exception = False
    assert take(clerk, shown).status_code == 500
    assert not Letter.objects.exists() and not Case.objects.exists()


def test_the_same_number_is_kept_once_and_its_code_told_once(clerk):
    take(clerk, preview(clerk, text_of(GOOD)))
    shown = preview(clerk, text_of(GOOD.replace("损坏", "又损坏"), OTHER))
    assert shown.context["counts"] == {"all": 2, "new": 1, "known": 1, "bad": 0}
    answer = take(clerk, shown)
    assert [line[1] for line in answer.context["lines"]] == ["GD-2"] and answer.context[
        "known"
    ] == 1
    again = take(clerk, shown)  # the second click
    assert answer.context["lines"] and not again.context["lines"]
    assert Letter.objects.count() == 2
    take(clerk, preview(clerk, text_of(GOOD), platform="petition"))
    assert Letter.objects.count() == 3  # another platform's number is another letter


def test_without_a_number_the_whole_row_tells_letters_apart(clerk):
    rows = (GOOD.replace("GD-1", ""), GOOD.replace("GD-1", "").replace("甲", "乙"))
    take(clerk, preview(clerk, text_of(*rows)))
    assert Letter.objects.count() == 2


def test_files_of_bad_rows_and_receipts_run_no_formula(clerk):
    row = BAD.replace("短", "=1+1").replace("GD-3", "@GD")
    shown = preview(clerk, text_of(GOOD, row))
    bad = take(clerk, shown, "bad")
    text = bad.content.decode("utf-8-sig")
    assert bad["Content-Type"].startswith("text/csv") and "'=1+1" in text and "'@GD" in text
    assert "没有这个信箱" in text
    again = letter_files.read(text)
    assert again.rows[0][1][2:4] == ["@GD", "=1+1"]
    receipts = take(clerk, shown, "take_file").content.decode("utf-8-sig")
    assert re.search(r"2,GD-1,PA-\w{4}-\w{4}-\w\w,\d{8}", receipts)


def test_import_needs_the_right(client, make_officer):
    client.force_login(make_officer("triage_case"))
    assert client.get("/desk/import/").status_code == 404
    assert client.post("/desk/import/", {"file": upload(text_of(GOOD))}).status_code == 404


def test_import_inside_a_run_stays_inside(client, make_officer):
    make_run(1, letters=1)
    client.force_login(make_officer("run_simulation", "enter_letter", unit="440300"))
    client.post("/desk/world/enter/", {"schema": "run_1"})
    answer = take(client, preview(client, text_of(GOOD)))
    assert answer.context["lines"][0][2].startswith("R1-")
    assert not Letter.objects.exists() and not LetterFile.objects.exists()


def test_a_mailbox_that_was_closed_is_none(clerk):
    Unit.objects.filter(code="440100").update(active=False)
    shown = preview(clerk, text_of(OTHER))
    assert shown.context["counts"]["bad"] == 1


def test_checking_keeps_the_letters_own_rules():
    rows = letter_files.checked(
        letter_files.read(text_of(GOOD)),
        letter_files.guessed(HEAD.split(",")),
        "12345",
        "440300",
        MORNING,
    )
    assert rows[0].reasons == () and rows[0].submission.kind == submission().kind
