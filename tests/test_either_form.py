"""Traditional and Simplified characters are one where letters are looked for, compared and routed."""

import json

import pytest
from django.test import Client

from cases import alarms, characters, crypto, grams, publishing, searching, suggesting
from cases.models import Case, PublicAnswer
from cases.reply_checks import plain
from cases.similar import similar
from cases.striking import strike
from mailbox import likely, steps
from mailbox.traditional import converted
from tests.desk_page import look_for
from tests.people import PERSON
from tests.test_publishing import TEXT, letter, publish  # noqa: F401

SIMPLIFIED = {
    "title": "小区门口的红绿灯坏了一个星期",
    "body": "小区门口的红绿灯坏了一个星期，孩子过马路很危险，请尽快维修并答复。",
    "place": "广州市天河区体育东路",
}
TRADITIONAL = {
    "title": "小區門口的紅綠燈壞了一個星期",
    "body": "小區門口的紅綠燈壞了一個星期，孩子過馬路很危險，請盡快維修並答覆。",
    "place": "廣州市天河區體育東路",
}
LETTERS = [SIMPLIFIED, TRADITIONAL]


def test_table_leads_to_simplified_in_one_step():
    table = json.loads(characters.DATA.read_text(encoding="utf-8"))
    pairs = dict(zip(table["traditional"], table["simplified"], strict=True))
    assert len(pairs) == len(table["traditional"]) > 2500
    assert not set(pairs) & set(pairs.values())


def test_grams_and_folded_text_are_the_same_in_either_form():
    texts = ["\n".join(one.values()) for one in LETTERS]
    assert texts[0] != texts[1]
    assert grams.of(texts[0]) == grams.of(texts[1])
    assert grams.folded(texts[0]) == grams.folded(texts[1])
    assert plain(texts[0]) == plain(texts[1])


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["红绿灯", "紅綠燈", "体育东路", "體育東路 維修", "答复", "答覆"])
def test_words_in_either_form_find_letters_in_either_form(client, make_officer, make_case, typed):
    receipts = {make_case(**one).letter.receipt for one in LETTERS}
    found = searching.find(Case.objects.all(), searching.words_of(typed))
    assert {case.letter.receipt for case in found.cases} == receipts
    client.force_login(make_officer("triage_case"))
    rows = look_for(client, typed).context["rows"]
    assert {row.case.letter.receipt for row in rows} == receipts
    for word in typed.split():  # and the page marks the words as they stand there
        assert "<mark>" in client.post("/desk/search/", {"q": word}, follow=True).text


@pytest.mark.django_db
def test_letters_in_the_two_forms_are_alike(make_case):
    one, other = (make_case(**text, person={}) for text in LETTERS)
    assert [found.case.pk for found in similar(one, Case.objects.all())] == [other.pk]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("place", "box"),
    [
        ("廣州市天河區", "440100"),
        ("惠東縣平山街道", "441300"),
        ("雲浮市羅定", "445300"),
        ("佛山順德", "440600"),
        ("Tianhe District, Guangzhou", "440100"),
        ("near Bao’an airport", "440300"),
        ("long gang", "440300"),
    ],
)
def test_mailbox_is_found_by_a_place_in_traditional_or_latin_letters(cast, place, box):
    first, _rest = steps.mailboxes_for(place)
    assert first[0].code == box


@pytest.mark.django_db
def test_what_a_traditional_letter_is_about_is_suggested(make_case):
    made = [make_case(**one, mailbox="440100", person={}) for one in LETTERS]
    same = list(map(suggesting.suggest, made))
    assert same[0].category == same[1].category == "traffic"
    assert same[0].units[0].code == same[1].units[0].code == "440106"
    assert suggesting.category_of("辦理居住證", "請問居住證如何簽注，要什麼材料？") == (
        suggesting.category_of("办理居住证", "请问居住证如何签注，要什么材料？")
    )


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("樓下著火了", "着火"),
        ("我活夠了", "活够了"),
        ("有人開槍", "开枪"),
        ("煤氣洩漏", "煤气泄漏"),
    ],
)
def test_alarm_is_raised_by_traditional_words(text, word):
    assert alarms.find(text).words == (word,)


@pytest.mark.parametrize("name", ["陳國強", "陈国强"])
def test_name_is_struck_from_a_text_in_either_form(name):
    said = "陈国强您好，陳國強先生，陳先生，陈女士，陳老師。"
    assert strike(said, [], [name]) == "***您好，***先生，***先生，***女士，***老師。"


@pytest.mark.django_db
def test_published_answer_is_found_offered_and_marked_by_its_own_form(letter, client):  # noqa: F811
    publish(letter)
    for words in ("红绿灯", "紅綠燈", "紅綠燈 壞了"):
        assert [one.title for one in publishing.published(words)] == [TEXT["title"]]
    assert likely.answers("紅綠燈壞了向誰反映", "小區附近路口的信號燈損壞，應當向哪裏反映？")
    assert '<li lang="zh-Hans">' in Client().get("/answers/").text
    publish(letter, **{name: converted(text) for name, text in TEXT.items()})
    assert PublicAnswer.objects.get().language == "zh-hant"


def test_writers_words_are_never_changed(db, make_case):
    case = make_case(**TRADITIONAL)
    assert {name: getattr(case.letter, name) for name in TRADITIONAL} == TRADITIONAL
    named = make_case(person={**PERSON, "name": "陳國強"}).letter
    assert crypto.open_sealed(named.writer.key_id, named.writer.sealed)["name"] == "陳國強"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("小區門口的紅綠燈", "zh-hant"),
        ("小区门口的红绿灯", "zh-hans"),
        ("信箱", "zh"),
        ("Traffic light", "en"),
        ("他用「視頻」，我们说视频电话", "zh-hans"),
        ("19500000009", ""),
        ("", ""),
    ],
)
def test_language_of_a_text_is_seen_from_its_characters(text, language):
    assert characters.language_of(text) == language


def test_lists_of_words_are_simplified_throughout():
    words = [*alarms.words(), *json.loads(suggesting.DATA.read_text(encoding="utf-8"))["not"]]
    assert [word for word in words if characters.simplified(word) != word] == []
