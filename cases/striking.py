"""Striking from a text what would tell who somebody is, before others read it."""

import re

from cases.characters import either, simplified

# Family names of two characters.
_DOUBLE = frozenset(
    "欧阳 司徒 上官 诸葛 司马 东方 尉迟 公孙 夏侯 皇甫 端木 令狐 慕容 轩辕 南宫 独孤 长孙 宇文 闻人".split()
)
_ADDRESSED = "(?=先生|女士|小姐|太太|同志|老[师師]|阿姨|大[爷爺]|某)"


def strike(text, words, names=()):
    """Return a text with stars in place of words and names.

    words: numbers and addresses, names: of people. Found in small and capital letters, with blanks
    or dashes within, Chinese in Simplified and in Traditional; of Chinese names also the family
    name before 先生, 女士 and the like.
    """
    words, names = filter(None, words), list(filter(None, names))
    patterns = [_loosely(word) for word in [*words, *names]]
    for name in map(simplified, names):
        if re.match("[\u4e00-\u9fff]", name):
            family = name[:2] if name[:2] in _DOUBLE else name[:1]
            patterns.append("".join(map(either, family)) + _ADDRESSED)
    return re.sub("|".join(patterns), "***", text, flags=re.IGNORECASE) if patterns else text


def _loosely(word):
    return r"[\s\-]*".join(either(c) for c in re.sub(r"[\s\-]", "", word))
