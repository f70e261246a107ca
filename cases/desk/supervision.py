"""督办: every card given, to which unit, since when, and how it was answered; it stays counted."""

from collections import Counter

from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.fields.json import KT
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.desk import registers
from cases.desk.clock_words import span
from cases.desk.history import text_of
from cases.desk.leading import day
from cases.desk.pages import officer_page
from cases.desk.registers import Cell, Register
from cases.desk.rights import READS, every, having
from cases.fields import LEVELS
from cases.models import Event, Unit
from cases.transitions import IN_OFFICE


@officer_page(
    "GET", "POST", needs=every(READS, having("supervise_case")), posts=having("view_statistics")
)
def supervision(request):
    """Show the letters under supervision."""
    return registers.answer(request, _CARDS)


def _cards(asked):
    cards = registers.events(asked, "supervise").filter(asked.days("at"))
    if asked.choice == "open":
        return _unanswered(cards)
    return cards.filter(data__level=asked.choice) if asked.choice else cards


def _unanswered(cards):
    """Return those cards that their unit must still answer."""
    answers = Event.objects.filter(
        case=OuterRef("case"), seq__gt=OuterRef("seq"), action="answer_supervision"
    )
    return cards.filter(~Exists(answers), case__state__in=IN_OFFICE)


def _rows(asked, first, end):
    found = list(_cards(asked).select_related("unit", "message").order_by("-at", "-pk")[first:end])
    cases = registers.cases_by_id([event.case_id for event in found])
    events = registers.notable(cases.values())
    return [_row(cases[e.case_id], e, events[e.case_id], asked.at) for e in found]


def _row(case, card, events, at):
    level = card.data["level"]
    return [
        Cell(dict(LEVELS)[level], badge=f"card-{level}"),
        registers.letter(case),
        Cell(card.unit.name),
        Cell(day(card.at), words=text_of(case, card)),
        _answer(case, card, events, at),
    ]


def _answer(case, card, events, at):
    answers = [e for e in events if e.action == "answer_supervision" and e.seq > card.seq]
    if answers:
        after = _("%(time)s后答复") % {"time": span(answers[0].at - card.at)}
        return Cell(day(answers[0].at), after, text_of(case, answers[0]))
    if case.state in IN_OFFICE:
        return Cell(_("未答复，已%(time)s") % {"time": span(at - card.at)}, late=True)
    return Cell(_("已答复来信或了结，没有督办回复"))


def _by_unit(asked):
    """Return how many cards each unit got and must still answer, the units by pinyin."""
    cards = _cards(asked).order_by()
    given = cards.annotate(level=KT("data__level")).values_list("unit", "level")
    counts = Counter({(u, level): n for u, level, n in given.annotate(n=Count("pk"))})
    rest = dict(_unanswered(cards).values_list("unit").annotate(n=Count("pk")))
    units = Unit.objects.filter(Q(pk__in={unit for unit, _level in counts}))
    levels = [code for code, _label in LEVELS]
    return [
        (unit.name, [*(counts[unit.pk, level] for level in levels), rest.get(unit.pk, 0)])
        for unit in units.order_by("pinyin")
    ]


_CARDS = Register(
    name="desk:supervision",
    title=gettext_lazy("督办"),
    about=gettext_lazy("发出的黄牌和红牌。单位答复后不必再答，牌仍然计数。"),
    heads=(
        gettext_lazy("督办等级"),
        gettext_lazy("来信"),
        gettext_lazy("受督办单位"),
        gettext_lazy("发牌"),
        gettext_lazy("督办回复"),
    ),
    rows=_rows,
    empty=gettext_lazy("没有符合条件的督办。"),
    choices={"open": gettext_lazy("待答复"), **dict(LEVELS)},
    by_unit=_by_unit,
    tabs=(),
)
