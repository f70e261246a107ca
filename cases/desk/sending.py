"""Sending a letter on its way in one go: take it in, put it in its class, dispatch it.

Each is a step of the table, taken by perform; they follow one another, each checked against
what the page showed. If one is refused, those before it stand, and the officer is told.
"""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from cases import access, actors, worlds
from cases.fields import CATEGORIES, KINDS
from cases.identity import clean, fold
from cases.refusals import Incomplete, NotFound, Refusal, Stale, WrongState
from cases.suggesting import Suggestion
from cases.transitions import TRANSITIONS, State
from cases.workflow import perform

_STEPS = ("accept", "reclassify", "dispatch")


@dataclass
class Sending:
    """The decision that is one key away: what is suggested, what was typed, and the units to choose.

    unit: the code chosen among the suggested ones; other: the name or code of another one, typed.
    """

    user: object
    case: object
    suggestion: Suggestion
    kind: str = ""
    category: str = ""
    unit: str = ""
    other: str = ""
    # Words of alarm stand in it: it goes on only when the officer says that they have been heeded.
    alarming: bool = False
    heeded: bool = False
    errors: dict = field(default_factory=dict)

    def __post_init__(self):
        rows = {row.action for row in _rows(self.user)}
        self.takes_in = "accept" in rows and self.case.state == State.RECEIVED
        self.sorts, self.dispatches = "reclassify" in rows, "dispatch" in rows
        self.units = list(access.units_to_choose(self.case, "dispatch"))

    @property
    def label(self):
        """What the button says that takes all the steps."""
        if not self.dispatches:
            return TRANSITIONS["accept"].label
        return _("受理并交办") if self.takes_in else TRANSITIONS["dispatch"].label

    @property
    def kinds(self):
        """(code, label) of the kinds, the suggested ones first."""
        return [(choice.code, choice.label) for choice in self.suggestion.kinds]

    @property
    def categories(self):
        """(code, label) of the categories, the suggested ones first."""
        return [(choice.code, choice.label) for choice in self.suggestion.categories]

    def steps(self):
        """Return (action, fields) of the steps to take, in order. Raises: Incomplete."""
        if self.alarming and not self.heeded:
            raise Incomplete(_("这封信可能涉及紧急情况：请先判断，再确认。"), ["heeded"])
        steps = [("accept", {})] if self.takes_in else []
        sorted_now = {"kind": self.kind, "category": self.category}
        if self.sorts and sorted_now != {"kind": self.case.kind, "category": self.case.category}:
            _check(sorted_now)
            steps.append(("reclassify", sorted_now))
        if self.dispatches:
            steps.append(("dispatch", {"unit": self.chosen()}))
        if not steps:
            raise WrongState(_("这封信已不在您这里等待处理。"))
        return steps

    def chosen(self):
        """Return the unit to dispatch to, None for who dispatches nothing. Raises: Incomplete."""
        if not self.dispatches:
            return None
        typed = fold(self.other)
        if typed:
            found = [u for u in self.units if typed in (u.code, fold(u.name))]
            if not found:
                raise Incomplete(
                    _("没有可交办的单位“%(name)s”。") % {"name": typed[:40]}, ["other"]
                )
            return found[0]
        found = [u for u in self.units if u.code == self.unit]
        if not found:
            raise Incomplete(_("请选择办理单位。"), ["unit"])
        return found[0]


def begin(user, case, suggestion, alarming=False):
    """Return the Sending that a page begins with: as suggested."""
    first = (suggestion.kind, suggestion.category, suggestion.unit)
    return Sending(user, case, suggestion, *first, alarming=alarming)


def typed(user, case, suggestion, data, alarming=False):
    """Return the Sending that a request asks for."""
    said = {name: clean(data.get(name, ""))[:100] for name in ("kind", "category", "unit", "other")}
    heeded = data.get("heeded") == "1"
    return Sending(user, case, suggestion, **said, alarming=alarming, heeded=heeded)


def send(sending, seen):
    """Take the steps; return (labels of those taken, the Refusal that stopped it or None).

    Raises: NotFound.
    """
    done = []
    try:
        if before := _sent_before(sending, seen):
            return before, None
        for action, fields in sending.steps():
            done.append(_said(action, fields))
            seen = _perform(sending, action, seen, fields).seq
    except NotFound:
        raise
    except Refusal as refusal:
        done = done[:-1]
        before = isinstance(refusal, Stale) and not done and _sent_before(sending, seen)
        if before:
            return before, None
        sending.errors = dict.fromkeys(refusal.fields, str(refusal.message))
        return done, refusal
    return done, None


def _perform(sending, action, seen, fields):
    actor = actors.officer(sending.user)
    return perform(sending.case.pk, action, actor=actor, at=worlds.now(), seen=seen, **fields)


def _said(action, fields):
    label = str(TRANSITIONS[action].label)
    return f"{label}（{fields['unit'].name}）" if "unit" in fields else label


def _sent_before(sending, seen):
    """Return the labels of these very steps if this officer has taken them since the page was made."""
    events = list(sending.case.events.select_related("unit").filter(seq__gt=seen).order_by("seq"))
    if any(e.user_id != sending.user.pk or e.action not in _STEPS for e in events):
        return []
    if not events or sending.dispatches and events[-1].action != "dispatch":
        return []
    same = sending.chosen() in (None, events[-1].unit)
    return [str(TRANSITIONS[e.action].label) for e in events] if same else []


def _check(values):
    for (name, code), known in zip(values.items(), (KINDS, CATEGORIES), strict=True):
        if code not in dict(known):
            raise Incomplete(_("“%(value)s”不在可选范围内。") % {"value": code[:40]}, [name])


def _rows(user):
    return [TRANSITIONS[n] for n in _STEPS if user.has_perm(f"cases.{TRANSITIONS[n].permission}")]
