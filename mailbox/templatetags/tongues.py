"""Languages as pages name them."""

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.translation import get_language

from cases.characters import language_of

register = template.Library()

_TAGS = {"zh-hans": "zh-Hans", "zh-hant": "zh-Hant"}
_SHORT = {"zh-hans": "简体", "zh-hant": "繁體"}


@register.filter
def tongue(code):
    """Return a language as the attribute lang has it, such as zh-Hant."""
    return _TAGS.get(code, code)


@register.filter
def written(text):
    """Return the attribute lang of a text that somebody wrote, "" where it is that of the page."""
    code = language_of(str(text))
    same = get_language().startswith(code)  # as everything does with ""
    return "" if same else format_html(' lang="{}"', tongue(code))


@register.filter
def other_tongues(code):
    """Return (code, its name in itself) of the languages that a reader of this one may choose."""
    return [(other, _SHORT.get(other, name)) for other, name in settings.LANGUAGES if other != code]
