"""Traditional Chinese is complete where citizens read: in the catalogue, on every page, in every mail."""

import json
import re
from datetime import datetime
from pathlib import Path

import opencc
import polib
import pytest
from django.core import mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from cases import throttle, worlds
from cases.calendars import SHANGHAI
from cases.desk import policy_words
from cases.models import Case, Unit
from cases.policy import Length
from cases.transitions import State
from mailbox import traditional, wording
from mailbox.notices import send_notices
from simulation import showing
from tests.citizens import open_letter, send, typed
from tests.people import WALKS

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = polib.pofile(str(ROOT / "locale" / "zh_Hant" / "LC_MESSAGES" / "django.po"))
OPENCC = Path(opencc.__file__).parent / "dictionary" / "STCharacters.txt"
HOLDER = re.compile(r"%\(\w+\)[sd]")
# A letter in Traditional characters, so that what is left of Simplified ones is ours.
WRITTEN = {
    "title": "小區門口紅綠燈損壞",
    "body": "小區門口的紅綠燈壞了一個星期，過馬路很危險，請盡快維修。",
    "place": "深圳市羅湖區",
    "name": "陳大文",
}


def _simplified_only():
    """Return the characters that OpenCC would write otherwise, but for those that we write so."""
    rows = (line.split("\t") for line in OPENCC.read_text(encoding="utf-8").splitlines())
    ours = json.loads(traditional.DATA.read_text(encoding="utf-8"))["characters"].values()
    return {one for one, forms in rows if one not in forms.split()} - set(ours)


SIMPLIFIED = re.compile(f"[{''.join(_simplified_only())}“”]")


def simplified_in(answer):
    """Return the lines of a page that have Simplified characters, but for the language button."""
    text = answer.text.replace(">简体<", "><")
    return [line for line in text.splitlines() if SIMPLIFIED.search(line)]


@pytest.fixture
def hant(client):
    client.cookies["django_language"] = "zh-hant"
    return client


def test_texts_have_no_simplified_character_and_keep_their_placeholders():
    for entry in CATALOGUE:
        for said in entry.msgstr_plural.values() or [entry.msgstr]:
            assert not SIMPLIFIED.search(said), said
            assert sorted(HOLDER.findall(entry.msgid)) == sorted(HOLDER.findall(said)), said


@pytest.mark.parametrize(
    ("simplified", "made"),
    [
        ("短信里有验证码，请下载文件并打印。", "短訊裏有驗證碼，請下載檔案並列印。"),
        ("“平安厅”信箱的用户说明了回复", "「平安廳」信箱的用戶說明了回覆"),
        ("代表单位", "代表單位"),
        ("地点“甲”", "地點「甲」"),
        ("满100封后公布，行政复议", "滿100封後公佈，行政復議"),
        ("规范性文件、港澳居民来往内地通行证", "規範性文件、港澳居民來往內地通行證"),
        ("台湾居民来往大陆通行证、居民身份证", "台灣居民來往大陸通行證、居民身份證"),
        ("《个人信息保护法》第四十五条", "《個人信息保護法》第四十五條"),
        ("12345 政务服务便民热线", "12345 政務服務便民熱線"),
    ],
)
def test_table_writes_as_is_read_in_hong_kong(simplified, made):
    assert traditional.converted(simplified) == made


@pytest.mark.django_db
def test_names_of_units_are_traditional_and_each_writes_its_own_way():
    with translation.override("zh-hant"):
        names = [wording.unit_name(unit) for unit in Unit.objects.all()]
    assert {"廣州市公安局", "雲浮市公安局", "鬱南縣公安局", "台山市公安局"} <= set(names)
    assert not any(map(SIMPLIFIED.search, names))
    with translation.override("zh-hant"):
        assert showing.own_words({"note": "Told", "note_zh": "来自公报"}, "note") == "來自公報"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("zh-HK", "zh-hant"),
        ("zh-TW,zh;q=0.9", "zh-hant"),
        ("zh-MO", "zh-hant"),
        ("zh-Hant-HK,en;q=0.8", "zh-hant"),
        ("zh-CN", "zh-hans"),
        ("zh", "zh-hans"),
        ("en-GB,zh-HK;q=0.5", "en"),
        ("fr", "zh-hans"),
    ],
)
def test_browser_is_given_its_language(client, asked, given):
    answer = client.get("/follow/", headers={"accept-language": asked})
    tag = {"zh-hant": "zh-Hant", "zh-hans": "zh-Hans", "en": "en"}[given]
    assert f'<html lang="{tag}">' in answer.text
    others = {"zh-hant", "zh-hans", "en"} - {given}
    assert set(re.findall(r'name="language" value="([^"]+)"', answer.text)) == others


@pytest.mark.django_db
def test_what_was_typed_stays_when_the_language_changes(client):
    page = client.post("/write/", typed(**WRITTEN, language="zh-hant")).text
    assert '<html lang="zh-Hant">' in page and f'value="{WRITTEN["title"]}"' in page
    assert client.post("/write/", typed(**WRITTEN, language="zh-hans")).text.count(WRITTEN["body"])
    client.get("/write/begin/", follow=True)
    step = "/write/steps/place/"
    back = client.post(step, {"place": WRITTEN["place"], "language": "zh-hant"}, follow=True)
    assert '<html lang="zh-Hant">' in back.text and WRITTEN["place"] in back.text


@pytest.mark.django_db
def test_unit_is_known_by_its_traditional_name(hant):
    page = hant.post("/write/", typed(**WRITTEN, kind="complaint", accused="羅湖"))
    assert "深圳市公安局羅湖分局</span>" in page.text and simplified_in(page) == []


@pytest.mark.django_db
@pytest.mark.parametrize("state", [state for state in WALKS if state != State.MERGED])
def test_letter_and_its_mails_are_traditional_in_each_state(hant, cast, state):
    receipt, code = send(hant, **WRITTEN)
    case = Case.objects.get(letter__receipt=receipt)
    assert case.letter.language == "zh-hant" and case.letter.body == WRITTEN["body"]
    for action, fields in WALKS[state]:
        said = {"text": "本人知悉。"} if "text" in fields else {}
        cast.step(case.pk, action, at=worlds.now(), **{**fields, **said})
    assert simplified_in(open_letter(hant, receipt, code)) == []
    hant.cookies["django_language"] = "en"
    page = open_letter(hant, receipt, code).text
    assert f'<h1 lang="zh-Hant">{WRITTEN["title"]}</h1>' in page
    send_notices()
    assert not any(SIMPLIFIED.search(one.subject + one.body) for one in mail.outbox)


@pytest.mark.django_db
def test_officer_sees_in_which_language_the_writer_reads(client, hant, make_officer):
    receipt, _code = send(hant, **WRITTEN)
    client.force_login(make_officer("triage_case"))
    page = client.get(reverse("desk:case", args=[receipt])).text
    assert '<html lang="zh-hans"' in page and "<dd>繁體中文</dd>" in page
    assert f'lang="zh-hant"><p>{WRITTEN["body"]}' in page


def test_one_and_many_are_told_apart_in_english():
    def said(language, length):
        with translation.override(language):
            return policy_words.in_words(Length.parse(length))

    assert said("en", "1wd") == "1 working day"
    assert said("en", "2wd") == "2 working days"
    assert said("zh-hant", "1wd") == "1個工作日" and said("zh-hans", "2wd") == "2个工作日"
    with translation.override("en"):
        assert str(throttle.TooManyAttempts(60)).endswith("in 1 minute.")
        assert str(throttle.TooManyAttempts(61)).endswith("in 2 minutes.")


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("zh-hans", "2026年11月26日（星期四）"),
        ("zh-hant", "2026年11月26日（星期四）"),
        ("en", "Thursday, 26 November 2026"),
    ],
)
def test_day_is_written_as_each_language_does(language, shown):
    at = datetime(2026, 11, 26, 9, 0, tzinfo=SHANGHAI)
    with translation.override(language):
        assert f">{shown}</time>" in render_to_string("mailbox/day.html", {"at": at})
