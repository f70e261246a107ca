"""The tokens of the citizen's pages as their style sheets say them, and the contrast of their colours."""

import re
from functools import cache
from pathlib import Path

from django.utils.translation import gettext_lazy as _

_FOLDER = Path(__file__).parent / "static" / "mailbox"
DARK = "@media screen and (prefers-color-scheme: dark)"
# Which blocks of tokens hold, the last one strongest: (sheet, at-rule).
THEMES = {
    "light": (_("浅色"), (("mailbox.css", ""),)),
    "dark": (_("深色"), (("mailbox.css", ""), ("mailbox.css", DARK))),
    "contrast": (_("高对比"), (("mailbox.css", ""), ("contrast.css", ""))),
    "contrast-dark": (
        _("高对比、深色"),
        (("mailbox.css", ""), ("mailbox.css", DARK), ("contrast.css", ""), ("contrast.css", DARK)),
    ),
}
# Which colour stands on which: (foreground, background, whether words, where).
PAIRS = (
    ("ink", "paper", True, _("正文")),
    ("ink", "brand-soft", True, _("提示里的文字")),
    ("ink", "good-soft", True, _("已完成")),
    ("ink", "alarm-soft", True, _("紧急提示")),
    ("ink", "ground", True, _("经过里的文字")),
    ("quiet", "paper", True, _("说明文字")),
    ("quiet", "ground", True, _("页尾")),
    ("quiet", "brand-soft", True, _("选项里的说明")),
    ("brand", "paper", True, _("链接")),
    ("brand", "ground", True, _("页尾的链接")),
    ("brand", "brand-soft", True, _("提示里的链接")),
    ("brand-dark", "brand-soft", True, _("现在的状态")),
    ("brand-dark", "paper", True, _("数字")),
    ("paper", "brand", True, _("主按钮")),
    ("paper", "brand-dark", True, _("鼠标停在主按钮上")),
    ("on-head", "head", True, _("页头")),
    ("on-head", "head-dark", True, _("页头的开关")),
    ("alarm", "paper", True, _("错误")),
    ("alarm", "alarm-soft", True, _("110的链接")),
    ("alarm", "brand-soft", True, _("已过期限")),
    ("on-head", "call", True, _("拨打110的按钮")),
    ("good", "paper", True, _("可以办理的事")),
    ("line", "paper", False, _("输入框的边")),
    ("focus", "focus-edge", False, _("焦点的两圈")),
)


def rules(sheet):
    """Yield (at-rule or "", selector, {property: value}) of a style sheet, in its order."""
    text = re.sub(r"/\*.*?\*/", "", _text(sheet), flags=re.DOTALL)
    for at_rule, inside, selector, body in _RULE.findall(text):
        found = _RULE.findall(inside) if at_rule else [("", "", selector, body)]
        for _at, _inside, one, declared in found:
            yield at_rule.strip(), " ".join(one.split()), _declared(declared)


_RULE = re.compile(r"(@media[^{]*)\{((?:[^{}]*\{[^{}]*\})*)[^{}]*\}|([^{}@]+)\{([^{}]*)\}")


def _declared(body):
    lines = (line.split(":", 1) for line in body.split(";") if ":" in line)
    return {name.strip(): value.strip() for name, value in lines}


@cache
def _text(sheet):
    return (_FOLDER / sheet).read_text(encoding="utf-8")


def tokens(theme="light"):
    """Return {name: value} of the tokens that hold in a theme."""
    found = {}
    for sheet, wanted in THEMES[theme][1]:
        for at_rule, selector, declared in rules(sheet):
            if selector == ":root" and at_rule == wanted:
                found |= {name[2:]: value for name, value in declared.items() if name[:2] == "--"}
    return found


def contrast(one, other):
    """Return the contrast of two colours, #rgb or #rrggbb, as WCAG 2.2 computes it."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour):
    digits = colour.removeprefix("#")
    digits = digits if len(digits) == 6 else "".join(2 * digit for digit in digits)
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(p * weight for p, weight in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))


def pairs():
    """Return [(foreground, background, where, [(theme, contrast)])] of all pairs."""
    colours = {theme: tokens(theme) for theme in THEMES}
    return [
        (front, back, where, [
            (THEMES[theme][0], contrast(found[front], found[back]))
            for theme, found in colours.items()
        ])
        for front, back, _is_words, where in PAIRS
    ]  # fmt: skip
