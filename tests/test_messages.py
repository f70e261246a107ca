"""Catalogues: Traditional is filled from the table and corrected by hand, all are compiled."""

import polib
import pytest

from config import messages

PO = """
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

msgid "受理"
msgstr "{}"

#, python-format
msgid "短信已发到%(n)s"
msgstr "A text message was sent to %(n)s"
"""


@pytest.fixture
def locale(tmp_path):
    """Return a folder with an English catalogue and a Traditional one made from it."""
    write(tmp_path, "en", PO.format("Accept"))
    messages.fill(tmp_path)
    return tmp_path


def write(folder, language, text):
    source = folder / language / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True, exist_ok=True)
    source.write_text(text, encoding="utf-8")
    return source


def traditional(folder):
    catalogue = polib.pofile(str(folder / "zh_Hant" / "LC_MESSAGES" / "django.po"))
    return catalogue, {entry.msgid: entry for entry in catalogue}


def test_changed_catalogue_is_stale_until_compiled(tmp_path):
    source = write(tmp_path, "en", PO.format("Accept"))
    assert messages.stale(tmp_path) == [source]
    assert messages.compile_all(tmp_path) == [source]
    assert messages.stale(tmp_path) == []
    write(tmp_path, "en", PO.format("Take in"))
    assert messages.stale(tmp_path) == [source]


def test_traditional_is_made_in_characters_and_words_and_keeps_placeholders(locale):
    _catalogue, entries = traditional(locale)
    assert entries["短信已发到%(n)s"].msgstr == "短訊已發到%(n)s"
    assert messages.wrong(locale) == []


def test_what_was_corrected_by_hand_stays_and_must_say_so(locale):
    catalogue, entries = traditional(locale)
    entries["受理"].msgstr = "接納"
    catalogue.save()
    messages.fill(locale)
    assert messages.wrong(locale) == ["not as the table says, and not marked “by hand”: 受理"]
    catalogue, entries = traditional(locale)
    assert entries["受理"].msgstr == "接納"
    entries["受理"].tcomment = messages.BY_HAND
    catalogue.save()
    assert messages.wrong(locale) == []
    messages.fill(locale, again=True)
    assert traditional(locale)[1]["受理"].msgstr == "接納"


def test_what_was_not_corrected_is_made_anew_when_asked(locale):
    catalogue, entries = traditional(locale)
    entries["受理"].msgstr = "接納"
    catalogue.save()
    assert messages.fill(locale, again=True) == 2
    assert traditional(locale)[1]["受理"].msgstr == "受理"


def test_missing_and_dead_texts_are_named_and_mended(locale):
    write(locale, "en", PO.format("Accept").replace("受理", "签收"))
    assert messages.wrong(locale) == ["missing: 签收", "dead: 受理"]
    assert messages.fill(locale) == 1
    assert messages.wrong(locale) == []


def test_committed_catalogues_are_whole_and_fresh():
    assert messages.wrong() == []
    assert messages.stale() == []
