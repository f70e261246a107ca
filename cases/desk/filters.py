"""What a list of letters is narrowed to: read from the address, and written back to it.

A value that is no choice is no filter, so that an old address never breaks a page.
"""

import re
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from urllib.parse import urlencode

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases import access, identity, searching
from cases.desk import measures, waiting
from cases.desk import words as kept_words
from cases.desk.clock_words import COLOURS
from cases.desk.periods import day_of
from cases.fields import CATEGORIES, KINDS
from cases.models import Case, Unit
from cases.models.cases import OURS_DUE
from cases.statistics import CHINA
from cases.transitions import OPEN, STATES

SCOPES = {
    "waiting": _("待我办理"),
    "mine": _("由我承办"),
    "unit": _("在本单位"),
    "all": _("全部可见"),
}
STATE_LABELS = {"open": _("未了结"), **{s.value: info.label for s, info in STATES.items()}}
SORTS = {
    "due": _("期限最近的在前"),
    "new": _("最新收到的在前"),
    "old": _("最早收到的在前"),
    "returns": _("退回最多的在前"),
}
CHOICES = {
    "scope": SCOPES,
    "state": STATE_LABELS,
    "kind": dict(KINDS),
    "category": dict(CATEGORIES),
    "colour": {code: label for code, label in COLOURS.items() if code},
    "measure": measures.LABELS,
    "sort": SORTS,
    "due": {"48h": _("48小时内到期")},
}


@dataclass(frozen=True)
class Filters:
    """The filters of one list. month: "2021-05", of receiving; unit: code, with those below.

    measure: the cases behind a figure, counted from day since to day until, ISO dates or "";
    taken: "1" for those that it takes back instead. area: code of a mailbox, with the units that
    stand below no other mailbox. own: "1" for the unit without those below it. came_from, came_to:
    days of receiving. due: "48h" for what will be late within that time if nothing is done.
    sort: a name of SORTS, or "" for what suits the list. words: the key of the words that are looked
    for; q: what they are, which no address tells; is_lost: they are not known any more.
    """

    scope: str = "waiting"
    state: str = ""
    kind: str = ""
    category: str = ""
    colour: str = ""
    month: str = ""
    unit: str = ""
    area: str = ""
    measure: str = ""
    since: str = ""
    until: str = ""
    taken: str = ""
    sort: str = ""
    own: str = ""
    came_from: str = ""
    came_to: str = ""
    due: str = ""
    words: str = ""
    q: str = ""
    is_lost: bool = False

    @property
    def days(self):
        """The days of the measure."""
        return measures.Days(day_of(self.since), day_of(self.until))

    @property
    def hidden(self):
        """The (name, value) of the filters that only links set, and that the form keeps."""
        return [(name, getattr(self, name)) for name in _BY_LINKS if getattr(self, name)]

    @cached_property
    def matching(self):
        """The condition that the words stand in the letter; found once for all that a page counts."""
        return searching.condition(searching.words_of(self.q), self.only_titles)

    @cached_property
    def only_titles(self):
        """Whether the words are looked for in titles and receipts only."""
        return searching.looks_in_titles_only(searching.words_of(self.q))

    def address(self, **changes):
        """Return the query string of these filters with some changed; what is empty is left out."""
        values = asdict(replace(self, **changes, q="", is_lost=False))
        return "?" + urlencode({name: value for name, value in values.items() if value})

    @property
    def narrowed(self):
        """Whether anything but the scope narrows the list."""
        return self != Filters(scope=self.scope, sort=self.sort)

    def cases(self, user, at, with_state=True):
        """Return the cases this officer sees through these filters; not ordered."""
        cases = self.before_measure(user, at, with_state)
        if not self.measure:
            return cases
        listed = measures.taken_back if self.taken else measures.narrowed
        return listed(cases, self.measure, self.days)

    def before_measure(self, user, at, with_state=True):
        """Return the cases among which the measure counts: all other filters are applied."""
        cases = Case.objects.none() if self.is_lost else _scoped(self.scope, user, at)
        for name in ("kind", "category"):
            if getattr(self, name):
                cases = cases.filter(**{name: getattr(self, name)})
        if self.state and with_state:
            states = OPEN if self.state == "open" else [self.state]
            cases = cases.filter(state__in=states)
        if self.colour:
            cases = waiting.of_colour(cases, self.colour, at)
        if self.month:
            start, end = month_bounds(self.month)
            cases = cases.filter(received_at__gte=start, received_at__lt=end)
        if self.unit:
            top = Unit.objects.filter(code=self.unit).first()
            lies = Q(unit__in=[top.pk] if self.own else top.below) if top else Q(pk__in=[])
            cases = cases.filter(lies)
        if self.due:
            cases = waiting.due_within(cases, at, waiting.SOON)
        came = measures.Days(day_of(self.came_from), day_of(self.came_to))
        cases = cases.filter(came.q("received_at"))
        if self.area:
            cases = cases.filter(_in_area(self.area))
        return cases.filter(self.matching) if self.q else cases

    def ordered(self, cases, at):
        """Return them as asked; else late ones first if all are open, else the newest first."""
        if self.sort:
            return cases.order_by(*_ORDERS[self.sort])
        if self.is_open_only:
            return waiting.in_order(cases, at)
        return cases.order_by("-pk")

    @property
    def is_open_only(self):
        """Whether the list can hold only letters that are still being handled."""
        return (
            self.scope == "waiting"
            or self.state in ("open", *OPEN)
            or bool(self.colour or self.due)
        )


# As units have them; what else is typed would be long in an address.
_CODE = re.compile("[0-9A-Za-z-]+")


def read(params, request):
    """Return the Filters that an address's parameters say, for the officer who asks."""
    values = {}
    for name, choices in CHOICES.items():
        if params.get(name) in choices:
            values[name] = params[name]
    month = params.get("month", "")
    if month_bounds(month):
        values["month"] = month
    for name in ("unit", "area"):
        code = identity.fold(params.get(name, ""))[:12]
        values[name] = code if _CODE.fullmatch(code) else ""
    for name in ("since", "until", "came_from", "came_to"):
        values[name] = params.get(name, "") if day_of(params.get(name, "")) else ""
    for name in ("taken", "own"):
        values[name] = "1" if params.get(name) == "1" else ""
    key = identity.fold(params.get("words", ""))[:20]
    words = kept_words.found(request, key) if key else ""
    # An address that tells words themselves is an old one: a list of all would be no answer to it.
    values["is_lost"] = words is None or bool(params.get("q", "").strip())
    return Filters(**values, words=key if words else "", q=words or "")


def typed(request):
    """Return the address of the list that was asked for by its form."""
    params = request.POST.copy()
    params.pop("q", None)
    params["words"] = kept_words.keep(request, kept_words.typed(request))
    return read(params, request).address()


def month_bounds(month):
    """Return the first moment of a month in Guangdong and of the next, or None if it is none."""
    try:
        start = datetime.strptime(month, "%Y-%m").replace(tzinfo=CHINA)
        return start, (start + timedelta(days=31)).replace(day=1)
    except (ValueError, OverflowError):
        return None


_BY_LINKS = (
    *("month", "unit", "own", "area", "measure", "since", "until"),
    *("came_from", "came_to", "due"),
)
_ORDERS = {
    "due": (OURS_DUE.asc(nulls_last=True), "-pk"),
    "new": ("-pk",),
    "old": ("pk",),
    "returns": ("-returns", "-pk"),
}


def _in_area(code):
    """Return the condition that a case is with a mailbox or a unit below it, and below no other."""
    boxes = {box.code: box for box in Unit.objects.filter(is_mailbox=True)}
    top = boxes.get(code)
    if top is None:
        return Q(pk__in=[])
    inner = tuple(box.path for box in boxes.values() if box != top and box.is_within(top))
    below = Unit.objects.filter(path__startswith=top.path).order_by().values_list("pk", "path")
    return Q(unit__in=[pk for pk, path in below if not path.startswith(inner)])


def _scoped(scope, user, at):
    if scope == "waiting":
        return waiting.waiting_for(user, at)
    cases = access.visible_cases(user)
    if scope == "mine":
        return cases.filter(officer=user)
    return cases.filter(unit=user.unit_id) if scope == "unit" else cases
