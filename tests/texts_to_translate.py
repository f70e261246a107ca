"""Finds the texts of Python files and templates without gettext's tools, and what is not English."""

import io
import re
from pathlib import Path

import polib
from babel.messages.extract import extract_python
from django.utils.translation.template import templatize

KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
}

_CALL = re.compile(r"""n?gettext\((?:[^'")]|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")*\)""")


_LOCALE = Path(__file__).resolve().parent.parent / "locale"
CATALOGUE = {
    entry.msgid: entry for entry in polib.pofile(str(_LOCALE / "en" / "LC_MESSAGES" / "django.po"))
}
CHINESE = re.compile("[\u3400-\u9fff\uff00-\uffef\u3000-\u303f]")


def chinese_in(answer):
    """Return the lines of a page that have Chinese characters, but for the language buttons."""
    lines = re.sub(">(简体|繁體)<", "><", answer.text).splitlines()
    return [line for line in lines if CHINESE.search(line)]


def untranslated(path):
    """Return the msgids of a file that have no English."""
    entries = {text: CATALOGUE.get(text) for text in texts(path)}
    return [text for text, entry in entries.items() if entry is None or not entry.translated()]


def texts(path):
    """Return the set of msgids in a Python file or a template."""
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        source = templatize(source, origin=str(path))
        source = "\n".join(_CALL.findall(source))  # what stands between is no Python
    found = extract_python(io.BytesIO(source.encode()), KEYWORDS, (), {"encoding": "utf-8"})
    flat = set()
    for _line, _function, messages, _comments in found:
        # Of a text with two forms the third is what is counted.
        messages = messages[:2] if isinstance(messages, tuple) else (messages,)
        flat |= {message for message in messages if message}
    return flat
