"""The part of the letters that a page of figures is about: an officer's unit, or one below it."""

from dataclasses import dataclass

import numpy as np

from cases import access, daybooks, identity
from cases.daybook import Seen, Tree
from cases.desk.triage import list_address
from cases.models import Officer, Unit


@dataclass(frozen=True)
class Area:
    """A chosen unit with all below it, among what counts for the officer's own.

    unit: None for the officer's own, with letters of its mailbox that lie elsewhere. seen: the
    cases of a kind. whole: the same of the officer's own unit.
    """

    user: Officer
    unit: Unit | None
    kind: str
    tree: Tree
    seen: Seen
    whole: Seen

    @property
    def top(self):
        """The unit itself, also if it is the officer's own."""
        return self.unit or self.user.unit

    @property
    def path(self):
        """The units from the officer's own down to this one, both included."""
        if self.top is None:
            return []
        codes = self.top.path.strip("/").split("/")
        own = self.user.unit.path.strip("/").count("/")
        found = {unit.code: unit for unit in Unit.objects.filter(code__in=codes[own:])}
        return [found[code] for code in codes[own:] if code in found]

    def children(self):
        """Return the units directly below, by pinyin: those in use, and others that have letters."""
        if self.top is None:
            return []
        areas = list(Unit.objects.filter(parent=self.top))
        here = set(self.seen.cases["unit"][self.seen.mine].tolist())
        held = {self.tree.paths[pk] for pk in here if pk in self.tree.paths}
        return [
            one for one in areas if one.active or any(path.startswith(one.path) for path in held)
        ]

    def parts(self):
        """Return the units directly below, then None for what lies with none of them; and a table
        that gives for each unit its place among these.
        """
        children = self.children()
        table = self.tree.areas(children)
        return [*children, None], np.where(table < 0, len(children), table)

    def opened(self, parts, table, day):
        """Return how many cases were open at each of the parts when a day ended; None: now."""
        rows = self.seen.open_at(day)
        units = table[self.seen.cases["unit"][rows]]
        return np.bincount(units, minlength=len(parts)).tolist()

    def holds(self, unit_id):
        """Return whether a unit is this one or below it; the officer's own holds all."""
        return self.unit is None or self.tree.paths.get(unit_id, "").startswith(self.unit.path)

    def link(self, **values):
        """Return the address of the list of these letters with more filters, or ""."""
        if not access.reads_letters(self.user):
            return ""
        unit = self.unit.code if self.unit else ""
        return list_address(**{"scope": "all", "unit": unit, "kind": self.kind, **values})

    def behind(self, period, **values):
        """Return a function that gives the address of the letters a measure counts in a span."""
        days = {}
        if period.since:
            days = {"since": str(period.since), "until": str(period.until)}
        return lambda measure: self.link(measure=measure, **days, **values)


def chosen_area(user, code, kind=""):
    """Return the Area of an officer's unit, or of the one below it with this code."""
    book, tree = daybooks.current(), daybooks.tree()
    hidden = access.recused_ids(user)
    whole = book.seen_by(user.unit, tree, hidden) if user.unit else book.nothing()
    whole = whole.narrowed(kind=kind) if kind else whole
    unit = None
    if user.unit and code != user.unit.code:
        unit = Unit.objects.filter(
            code=identity.fold(code)[:12], path__startswith=user.unit.path
        ).first()
    seen = whole.narrowed(units=tree.below(unit.path)) if unit else whole
    return Area(user, unit, kind, tree, seen, whole)
