"""Common questions: browsed and searched by anybody, offered to those whose letter asks one, kept in the admin."""

import json
import re

import pytest

from cases import units
from cases.fields import CATEGORIES
from cases.models import CommonQuestion
from cases.models.questions import GROUPS
from mailbox import questions
from tests.people import build_officer
from tests.test_writing import Walker, at

pytestmark = pytest.mark.django_db
# Lines that everybody knows; no other telephone number stands in an answer.
LINES = {"110", "12345", "12367", "12389", "96110"}
SHIPPED = json.loads((units.DATA / "questions.json").read_text(encoding="utf-8"))["questions"]


def test_rows_that_are_shipped_are_whole_and_name_no_numbers_but_public_ones():
    rows = list(CommonQuestion.objects.all())
    assert [row.name for row in rows] == [one["name"] for one in SHIPPED]
    assert {row.group for row in rows} == dict(GROUPS).keys()
    for row in rows:
        row.full_clean()
        assert row.shown and row.question.endswith("？") and row.question_en.endswith("?"), row.name
        assert 20 <= len(row.answer) <= 150 and 40 <= len(row.answer_en) <= 400, row.name
        for answer in (row.answer, row.answer_en):
            assert set(re.findall(r"\d{3,}", answer)) <= LINES, row.name
            assert "http" not in answer and "www" not in answer


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", True),
        ("?q=身份证+补", True),
        ("?q=身份證", True),
        ("?category=household", True),
        ("?category=traffic", False),
        ("?q=火星", False),
        ("?q=%00&category=nonsense", True),
        ("?q=<script>alert(1)</script>", False),
    ],
)
def test_page_is_browsed_and_searched(client, asked, found):
    answer = client.get(f"/questions/{asked}")
    assert answer.status_code == 200 and "<script>alert" not in answer.text
    assert ('id="id-card"' in answer.text) == found
    assert found or 'id="broken-light"' in answer.text or "没有找到" in answer.text


def test_page_is_in_the_readers_language_and_finds_its_words(client):
    page = client.get("/questions/?q=replaced", headers={"accept-language": "en"}).text
    assert "identity card is lost" in page and page.count("<h3") == 1


OFFERED = [
    ("身份证丢了怎么办", "我的身份证昨天丢了，请问怎么补办？", ["id-card"]),
    ("身份證遺失", "我的身份證昨天遺失了，請問怎樣補辦？", ["id-card"]),
    ("第一次办护照", "请问第一次办护照需要带哪些材料？", ["passport"]),
    (
        "小区门口红绿灯损坏",
        "小区门口的红绿灯坏了一个星期，孩子上学过马路很危险。",
        ["broken-light"],
    ),
    ("楼上噪音扰民", "楼上每天半夜唱歌，报警几次都没用。", ["noise"]),
    ("刚刚被骗两万元", "对方冒充客服让我转账，银行卡也被冻结。", ["scam", "frozen"]),
    ("Lost my ID card", "I lost my ID card yesterday and want to replace it.", ["id-card"]),
    ("建议增设公园长椅", "附近的公园没有地方坐，希望增加长椅。", []),
    ("", "", []),
]


@pytest.mark.parametrize(("title", "body", "names"), OFFERED)
def test_letter_that_asks_a_common_question_is_shown_its_answer(title, body, names):
    assert [one.name for one in questions.offered(title, body)] == names


@pytest.mark.parametrize(
    ("kind", "shown"), [("consult", True), ("report", False), ("praise", False)]
)
def test_question_is_offered_on_the_way_and_never_in_it(client, kind, shown):
    walker = Walker(client, kind=kind, title=OFFERED[0][0], body=OFFERED[0][1])
    for name in ("kind", "content"):
        walker.post(name)
    page = client.get(at("category")).text
    assert ("身份证丢了，怎么补？" in page) == shown
    assert walker.post("category").url == at("files")


@pytest.fixture
def keeper(client):
    """A browser of an administrator."""
    rights = ("view_commonquestion", "add_commonquestion", "change_commonquestion")
    client.force_login(build_officer(*rights, unit="440000"))
    return client


NEW = {"name": "lost-dog", "group": "other", "question": "狗丢了怎么办？", "answer": "可以到派出所登记。\n也可以打110。",
       "question_en": "", "answer_en": "", "signs": "丢狗 | 小狗 走丢", "place": "5", "shown": "on"}  # fmt: skip
ADD = "/admin/cases/commonquestion/add/"


def test_question_is_written_changed_and_no_longer_shown_and_it_is_known_by_whom(keeper):
    assert keeper.post(ADD, NEW).status_code == 302
    row = CommonQuestion.objects.get(name="lost-dog")
    page = keeper.get("/questions/?category=other").text
    assert (
        page.index('id="lost-dog"') < page.index('id="good-letter"') and "登记。<br>也可以" in page
    )
    assert [one.name for one in questions.offered("我家丢狗了", "")] == ["lost-dog"]
    change = f"/admin/cases/commonquestion/{row.pk}/change/"
    more = {"question_en": "My dog is lost.", "answer_en": "Go to a station.", "place": "900"}
    assert keeper.post(change, {**NEW, **more, "name": "other"}).status_code == 302
    page = keeper.get("/questions/?q=狗", headers={"accept-language": "en"}).text
    assert 'id="lost-dog">My dog is lost.' in page  # its name stays
    officer = keeper.get("/admin/").wsgi_request.user
    assert officer.first_name in keeper.get("/admin/cases/commonquestion/").text
    assert (
        keeper.get(change.replace("change/", "history/")).context["action_list"].paginator.count
        == 2
    )
    keeper.post(change, {**NEW, **more, "shown": ""})
    assert "lost-dog" not in keeper.get("/questions/").text and not questions.offered("丢狗", "")


@pytest.mark.parametrize("language", ["zh-hant", "en"])
def test_question_without_english_is_shown_in_chinese_and_marked_so(keeper, language):
    keeper.post(ADD, NEW)
    page = keeper.get("/questions/?q=狗", headers={"accept-language": language}).text
    shown = {"zh-hant": ">狗丟了怎麼辦？", "en": ' lang="zh-Hans">狗丢了怎么办？'}[language]
    assert f'id="lost-dog"{shown}' in page


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"question": ""}, "question"),
        ({"answer": "a\0b"}, "answer"),
        ({"answer": "很" * 1001}, "answer"),
        ({"question_en": "Only this?"}, "answer_en"),
        ({"answer_en": "Only this."}, "question_en"),
        ({"signs": "狗"}, "signs"),
        ({"signs": "丢狗 | 小狗 ｜ 走丢"}, "signs"),
        ({"name": "id-card"}, "name"),
        ({"name": "有字"}, "name"),
        ({"group": "nonsense"}, "group"),
        ({"place": "-1"}, "place"),
    ],
)
def test_wrong_question_is_said_at_its_field_and_what_was_typed_stays(keeper, wrong, field):
    answer = keeper.post(ADD, {**NEW, **wrong})
    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors.keys() == {field}
    assert field == "question" or NEW["question"] in answer.text
    assert CommonQuestion.objects.count() == len(SHIPPED)


def test_hostile_words_of_an_administrator_run_nowhere(keeper):
    keeper.post(ADD, {**NEW, "question": "<script>alert(1)</script>", "answer": "<img src=x>"})
    for path in ("/questions/", "/admin/cases/commonquestion/"):
        text = keeper.get(path).text
        assert "<script>alert" not in text and "<img src=x" not in text


def test_without_the_right_questions_are_not_kept(client):
    client.force_login(build_officer("triage_case"))
    assert client.get(ADD).status_code == client.post(ADD, NEW).status_code == 403
    assert "常见问题" not in client.get("/admin/").text


def test_without_any_question_the_page_says_so_and_offers_no_search(client):
    CommonQuestion.objects.update(shown=False)
    page = client.get("/questions/")
    assert page.status_code == 200 and "现在还没有常见问题" in page.text
    assert 'name="q"' not in page.text and questions.offered("身份证丢了", "补办身份证") == []


def test_every_category_has_a_question_to_browse():
    assert all(questions.found(group=code) for code, _label in CATEGORIES)
