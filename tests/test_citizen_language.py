"""English is complete where citizens read: in the catalogue, in every state of a letter, in every mail."""

import re
from pathlib import Path

import pytest
from django.core import mail

from cases import worlds
from cases.models import Case
from cases.transitions import State
from mailbox.notices import send_notices
from tests.citizens import open_letter, send
from tests.people import WALKS
from tests.texts_to_translate import CATALOGUE, CHINESE, chinese_in, texts, untranslated

ROOT = Path(__file__).resolve().parent.parent
# What the core says to citizens: labels, and why something is refused.
CORE = (
    "access acting attachments fields guards identity inputs intake receipts refusals throttle "
    "transitions workflow"
).split()
FILES = [
    *(path for path in ROOT.glob("mailbox/**/*.py") if "migrations" not in path.parts),
    *ROOT.glob("mailbox/templates/**/*.html"),
    *(ROOT / "cases" / f"{name}.py" for name in CORE),
]
# A letter without Chinese characters, so that what is left of them is ours.
ENGLISH = {
    "title": "Traffic light is broken",
    "body": "The traffic light at our gate has been broken for a week.",
    "name": "Ann Example",
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_text_is_translated(path):
    assert untranslated(path) == []


def test_translation_keeps_placeholders_and_has_no_chinese_left():
    holder = re.compile(r"%\(\w+\)[sd]")
    for text, entry in CATALOGUE.items():
        for said in entry.msgstr_plural.values() or [entry.msgstr]:
            assert sorted(holder.findall(text)) == sorted(holder.findall(said)), text
            assert not CHINESE.search(said), text


# Where what is counted is two or more: a limit of ours, or the day after tomorrow and later.
NEVER_ONE = {
    "已过期限%(n)s天",
    "还有%(n)s天",
    "已退回%(n)s次，应由领导指定办理单位。",
    "附件最多%(count)d个，“%(name)s”没有上传。",
    "一封信最多再传%(count)s个附件。",
    "最多%(count)s个，每个不超过10MB：%(types)s。",
    (
        "这个电话号码一天内已寄出%(count)s封信。请明天再寄，或在原信中追加情况；"
        "如果不是您寄的，请先在“查询来信”里用手机验证这个号码。"
    ),
}


def test_one_and_many_have_each_their_english():
    many = re.compile(r"%\((?:n|days|count|minutes|hours|weeks)\)[sd] [a-z]+s\b")
    found = {text for path in FILES for text in texts(path)} - NEVER_ONE
    assert [text for text in found if many.search(CATALOGUE[text].msgstr)] == []


def test_finder_sees_each_way_of_marking_a_text(tmp_path):
    template = tmp_path / "page.html"
    template.write_text(
        '{% load i18n %}<p title="{% translate \'甲\' %}">{% translate "乙" as it %}'
        "{% blocktranslate trimmed with n=1 %}\n丙{{ n }}\n{% endblocktranslate %}</p>",
        encoding="utf-8",
    )
    module = tmp_path / "page.py"
    module.write_text(
        '_("丁" "戊")\ngettext_lazy("己")\nngettext("庚", "辛", 2)\nf("壬")\n', "utf-8"
    )
    assert texts(template) == {"甲", "乙", "丙%(n)s"}
    assert texts(module) == {"丁戊", "己", "庚", "辛"}


@pytest.fixture
def english(client):
    client.cookies["django_language"] = "en"
    return client


@pytest.mark.django_db
@pytest.mark.parametrize("state", [state for state in WALKS if state != State.MERGED])
def test_letter_and_its_mails_are_english_in_each_state(english, cast, state):
    receipt, code = send(english, **ENGLISH)
    case = Case.objects.get(letter__receipt=receipt)
    for action, fields in WALKS[state]:
        said = {"text": "In the officer's own words."} if "text" in fields else {}
        cast.step(case.pk, action, at=worlds.now(), **{**fields, **said})
    assert chinese_in(open_letter(english, receipt, code)) == []
    send_notices()
    assert not any(CHINESE.search(message.subject + message.body) for message in mail.outbox)
