"""Finds the texts of Python files and templates without gettext's tools."""

import io
import re

from babel.messages.extract import extract_python
from django.utils.translation.template import templatize

KEYWORDS = {"_": None, "gettext": None, "gettext_lazy": None, "ngettext": (1, 2)}

_CALL = re.compile(r"""n?gettext\((?:[^'")]|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")*\)""")


def texts(path):
    """Return the set of msgids in a Python file or a template."""
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        source = templatize(source, origin=str(path))
        source = "\n".join(_CALL.findall(source))  # what stands between is no Python
    found = extract_python(io.BytesIO(source.encode()), KEYWORDS, (), {"encoding": "utf-8"})
    flat = set()
    for _line, _function, messages, _comments in found:
        messages = messages if isinstance(messages, tuple) else (messages,)
        flat |= {message for message in messages if message}
    return flat
