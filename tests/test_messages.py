"""Compiled catalogues: made from the .po files, and seen to be stale when those change."""

from config import messages

PO = """
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

msgid "受理"
msgstr "{}"
"""


def test_changed_catalogue_is_stale_until_compiled(tmp_path):
    source = tmp_path / "en" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    source.write_text(PO.format("Accept"))
    assert messages.stale(tmp_path) == [source]
    assert messages.compile_all(tmp_path) == [source]
    assert messages.stale(tmp_path) == []
    source.write_text(PO.format("Take in"))
    assert messages.stale(tmp_path) == [source]


def test_committed_catalogues_are_fresh():
    assert messages.stale() == []
