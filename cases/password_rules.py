"""What makes a password too easy here, beyond Django's list of 20,000: Chinese habits, our own words.

Length is what counts: no signs are asked for, and nobody has to change a good one every year.
"""

import re
from functools import cache

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from cases import units

LEFT = 6  # characters that must stand beside what everybody guesses

# What people here put together: declarations, numbers that sound like one, keys side by side, and
# the words of this office.
_WORDS = """
woaini woaiwojia aini iloveyou love wodemima mima password passwd pass admin root administrator
guanliyuan user test demo qwertyuiop qwerty qwer asdfghjkl asdf zxcvbnm zxcv abcdef abcd abc aaa
police jingcha minjing gongan gonganju gonganting paichusuo pingan pinganting mailbox xinxiang
tingzhang juzhang zhongguo china guangdong welcome huanying nihao renmin weirenmin fuwu
""".split()
_NUMBERS = re.compile(
    r"(19|20)\d\d|5201314|1314|520|521|110|888|666|168|(\d)\2\2+|(\d{2,3})\3+|1qaz|2wsx|3edc|1q2w3e4r?"
)
_SERIES = ("0123456789", "9876543210", "abcdefghijklmnopqrstuvwxyz")
_LEET = str.maketrans("@$!0", "asio")


class GuessableValidator:
    """Refuse what is nothing but common words, years, names of units and runs of keys."""

    def validate(self, password, user=None):
        """Raises: ValidationError if too little is left once all that is taken away."""
        if len(set(_rest(password, user))) < LEFT:
            raise ValidationError(
                _("这个密码太容易猜到：去掉常见的词、年份、单位名称和连续的数字后，所剩无几。"),
                code="password_guessable",
            )

    def get_help_text(self):
        """Return the sentence under the field."""
        return _(
            "不要只用常见的词、拼音、年份、单位名称或连续的数字拼成；几个不相干的词最好记也最安全。"
        )


def _rest(password, user):
    """Return what stands in a password beside what everybody guesses."""
    left = re.sub(r"[\W_]", "", password.lower().translate(_LEET))
    own = re.sub(r"[\W_]", "", user.username.lower()) if user else ""
    for word in (*([own] if len(own) > 2 else ()), *_guessed()):
        left = left.replace(word, "")
    return _without_series(_NUMBERS.sub("", left))


@cache
def _guessed():
    """Return the words that everybody guesses, longest first, so that none breaks another up."""
    places = {row["name_en"].split()[0].lower() for row in units.rows()}
    return sorted({*_WORDS, *places}, key=len, reverse=True)


def _without_series(text):
    """Return a text without runs of three or more that follow one another, as 3456 and cdef."""
    for series in _SERIES:
        for length in range(len(series), 2, -1):
            for start in range(len(series) - length + 1):
                text = text.replace(series[start : start + length], "")
    return text
