"""What a mailbox's own history says of a case: who replied to letters like it, who returned it."""

import re
from collections import Counter

from django.db.models import Q
from django.utils.translation import gettext as _

from cases.characters import simplified
from cases.identity import fold
from cases.models import Case
from cases.transitions import ANSWERED

_LOOKED_AT = 200  # the latest letters like it
_SEARCHED = 3000  # the latest answered letters among which those of its spot are looked for
_SAME_PLACE, _SAME_CATEGORY = 4, 1.9  # what it weighs if one unit replied to all of them
_FEWEST = 3  # before this many one unit's share says little

_SPOT = re.compile(
    r"[\u4e00-\u9fff]{2,6}?(?:大道|社区|小区|花园|广场|市场|大厦|公园|新村|工业区|路|街|村|镇)"
)
_BEFORE_A_SPOT = re.compile(r".*(?:[省市县镇]|(?<!小)区)(?=.)")


def replied(case, category, placed):
    """Yield (code, weight, reason) of units that replied to letters like this in its mailbox.

    placed: whether the letter itself names a unit's place; then the history of its spot is not asked.
    """
    answered = Case.objects.filter(mailbox=case.mailbox_id, state__in=ANSWERED)
    spots = [] if placed else spots_in(case.letter.place) or spots_in(case.letter.title)
    if spots:
        here = Q()
        for spot in spots:
            here |= Q(letter__place__contains=spot) | Q(letter__title__contains=spot)
        latest = answered.order_by("-pk").values("pk")[:_SEARCHED]
        why = _("“%(spot)s”的来信多由它答复") % {"spot": spots[0]}
        yield from _shares(Case.objects.filter(here, pk__in=latest), _SAME_PLACE, why)
    same = answered.filter(category=category)
    yield from _shares(same, _SAME_CATEGORY, _("同类来信多由它答复"))


def returned(case):
    """Return the codes of the units that have returned this case."""
    if not case.returns:
        return set()
    found, with_unit = set(), ""
    for action, code in case.events.order_by("seq").values_list("action", "unit__code"):
        if action == "return_to_desk":
            found.add(with_unit)
        with_unit = code
    return found


def spots_in(text):
    """Return the roads, estates and villages that a short text names, without what they lie in."""
    spots = (_BEFORE_A_SPOT.sub("", spot) for spot in _SPOT.findall(simplified(fold(text))))
    return [spot for spot in spots if len(spot) > 2][:3]


def _shares(cases, weight, why):
    rows = cases.order_by("-pk").values_list("unit__code", flat=True)[:_LOOKED_AT]
    counts = Counter(rows)
    total = sum(counts.values())
    for code, count in counts.most_common(5):
        sure = weight * count / max(total, _FEWEST)
        yield code, sure, f"{why}（{count}/{total}）"
