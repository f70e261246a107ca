"""What a reviewer should look at twice in a proposed reply. It warns; it never refuses.

Two faults are known by name: one text for everybody (模板回复), and an answer to a letter that
was not read (已读乱回). The first shares long pieces with the reply to another letter; the second
shares none of the letter's rare words. `reply_check` measures both on real letters: of 2,816 public ones
one or the other speaks up at 9 % of the replies that people found to explain something, at 82 %
of those that explain nothing, and at 90 % of replies that were given to the wrong letter.
"""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

from cases import filling, receipts
from cases.characters import simplified
from cases.models import Case, Event, ReplyTemplate, Unit

# Compared with the unit's latest replies.
COMPARED = 200
# A reply is like another if so much of it stands there too, unless the letters are alike as well.
ALIKE = 0.7
SAME_MATTER = 0.5
# A pair of characters is common if it stands in more than this share of letters, or of replies.
COMMON_IN_LETTERS, COMMON_IN_REPLIES = 0.03, 0.05
# At least so many rare pairs of the letter should come back in a reply that is not short.
RARE_PAIRS = 2
SHORT = 20
_GRAMMAR = set(
    "的了是在我你他她它们和与及或有无不没这那就也都还又再请您好个为以于从被把让给到上下中时后前会能可要将已经等之其所因由对向按但而且如若则并"
)
_BLANK = re.compile(r"【[^】\d]{1,40}】|[xX×]{3,}|_{3,}")


@dataclass(frozen=True)
class Doubt:
    """One thing to look at: code, and what it is about: a share, a name, another case's key."""

    code: str
    share: float = 0
    name: str = ""
    case_id: int | None = None


def plain(text):
    """Return a text without punctuation and blanks, in half width, small letters and Simplified."""
    return simplified(re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text)).lower())


def pieces(text, size):
    """Return the runs of `size` characters of a plain text."""
    return {text[at : at + size] for at in range(len(text) - size + 1)}


def pairs(text):
    """Return the pairs of characters of a plain text that could carry a meaning."""
    return {pair for pair in pieces(text, 2) if not set(pair) & _GRAMMAR and not pair.isdigit()}


class Others:
    """Letters and the replies to them, with which a reply is compared; they may be added and left.

    standard: texts that anyone may use, such as templates; they count neither for nor against.
    """

    def __init__(self, standard=()):
        plain_standard = [plain(text) for text in standard]
        self.standard = set().union(*(pieces(text, 4) for text in plain_standard))
        self.standard_pairs = set().union(*(pairs(text) for text in plain_standard))
        self.kept = {}
        self.letters, self.replies = Counter(), Counter()

    def add(self, key, letter, reply):
        """Take in one letter and its reply."""
        letter, reply = plain(letter), plain(reply)
        self.kept[key] = (pieces(letter, 4), pieces(reply, 4), pairs(letter), pairs(reply))
        self.letters.update(self.kept[key][2])
        self.replies.update(self.kept[key][3])

    def drop(self, key):
        """Forget one."""
        _letter, _reply, of_letter, of_reply = self.kept.pop(key)
        self.letters.subtract(of_letter)
        self.replies.subtract(of_reply)

    def most_alike(self, letter, reply):
        """Return (share of the reply that stands in another, key of that one)."""
        letter, reply = pieces(plain(letter), 4), pieces(plain(reply), 4) - self.standard
        best = (0.0, None)
        for key, (other_letter, other_reply, *_pairs) in self.kept.items():
            share = len(reply & other_reply) / len(reply) if reply else 0
            if share > best[0] and len(letter & other_letter) < SAME_MATTER * len(letter):
                best = (share, key)
        return best

    def rare_pairs(self, letter, reply):
        """Return the pairs that this letter and this reply share, and that few others have."""
        shared = (pairs(plain(letter)) & pairs(plain(reply))) - self.standard_pairs
        in_letters = max(2, COMMON_IN_LETTERS * len(self.kept))
        in_replies = max(2, COMMON_IN_REPLIES * len(self.kept))
        return {
            pair
            for pair in shared
            if self.letters[pair] <= in_letters and self.replies[pair] <= in_replies
        }


def judge(letter, reply, others):
    """Return the Doubts about a reply from its text, its letter's and those of others."""
    doubts = [Doubt("blank", name=found) for found in _BLANK.findall(reply)[:3]]
    doubts += [Doubt("blank", name=found) for found in filling.fields_in(reply)[:3]]
    if len(plain(reply)) < SHORT:
        return [*doubts, Doubt("short", share=len(plain(reply)))]
    share, key = others.most_alike(letter, reply)
    if share >= ALIKE:
        doubts.append(Doubt("alike", share=share, case_id=key))
    if len(others.rare_pairs(letter, reply)) < RARE_PAIRS:
        doubts.append(Doubt("off_topic"))
    return doubts


def doubts(case, reply):
    """Return the Doubts about a reply that is proposed for a case."""
    letter = f"{case.letter.title}\n{case.letter.body}\n{case.letter.place}"
    found = judge(letter, reply, latest_replies(case))
    return [*found, *_other_receipts(case, reply), *_other_units(case, letter, reply)]


def latest_replies(case):
    """Return the Others of a case: what its unit answered last, and the templates in use."""
    others = Others(ReplyTemplate.objects.filter(active=True).values_list("body", flat=True)[:500])
    answered = Case.objects.filter(unit=case.unit_id, replied_at__isnull=False)
    answered = list(answered.exclude(pk=case.pk).order_by("-replied_at", "-pk")[:COMPARED])
    proposals = Event.objects.filter(
        case__in=[one.pk for one in answered], action="propose_reply", message__isnull=False
    )
    columns = ("case_id", "case__letter__title", "case__letter__body", "message__body")
    last = {row[0]: row[1:] for row in proposals.order_by("seq").values_list(*columns)}
    for key, (title, body, text) in last.items():
        others.add(key, f"{title}\n{body}", text)
    return others


def _other_receipts(case, reply):
    inside = case.merged.values_list("letter__receipt", flat=True)
    found = receipts.found_in(reply) - {case.letter.receipt, *inside}
    return [Doubt("receipt", name=receipt) for receipt in sorted(found)[:3]]


def _other_units(case, letter, reply):
    """Return a Doubt for each unit that the reply names, but the letter doesn't and that has no part in it."""
    known = []
    for unit in Unit.objects.exclude(level="department"):
        if unit.name in reply and unit.name not in letter:
            kin = unit.is_within(case.unit) or case.unit.is_within(unit)
            if not kin and case.accused_unit_id != unit.pk:
                known.append(unit.name)
    longest = [name for name in known if not any(name != one and name in one for one in known)]
    return [Doubt("unit", name=name) for name in longest[:3]]
