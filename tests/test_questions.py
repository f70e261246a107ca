"""Common questions: browsed and searched by anybody, offered to those whose letter asks one."""

import re

import pytest

from cases.fields import CATEGORIES
from mailbox import questions
from tests.test_writing import Walker, at

pytestmark = pytest.mark.django_db
# Lines that everybody knows; no other telephone number stands in an answer.
LINES = {"110", "12345", "12367", "12389", "96110"}


def test_rows_are_whole_and_name_no_numbers_but_public_ones():
    names = [one.name for one in questions.QUESTIONS]
    assert len(set(names)) == len(names)
    assert {one.group for one in questions.QUESTIONS} == dict(questions.GROUPS).keys()
    for one in questions.QUESTIONS:
        assert str(one.question).endswith("？") and 20 <= len(one.answer) <= 150, one.name
        assert set(re.findall(r"\d{3,}", str(one.answer))) <= LINES, one.name
        assert "http" not in one.answer and "www" not in one.answer


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


def test_every_category_has_a_question_to_browse():
    assert all(questions.found(group=code) for code, _label in CATEGORIES)
