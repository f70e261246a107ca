"""Languages as pages name them."""

from django import template
from django.conf import settings

register = template.Library()

_TAGS = {"zh-hans": "zh-Hans", "zh-hant": "zh-Hant"}
_SHORT = {"zh-hans": "简体", "zh-hant": "繁體"}


@register.filter
def tongue(code):
    """Return a language as the attribute lang has it, such as zh-Hant."""
    return _TAGS.get(code, code)


@register.filter
def other_tongues(code):
    """Return (code, its name in itself) of the languages that a reader of this one may choose."""
    return [(other, _SHORT.get(other, name)) for other, name in settings.LANGUAGES if other != code]
