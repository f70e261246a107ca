"""What letters led to: clues and incidents, rules, thanks; each thing once, with its letters."""

from collections import defaultdict

from django.db.models import Exists, OuterRef, Q
from django.db.models.fields.json import KT
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import access, leading
from cases.desk import clock_words, registers
from cases.desk.history import text_of
from cases.desk.leading import day, filing_line
from cases.desk.pages import officer_page
from cases.desk.registers import Cell, Register
from cases.desk.rights import READS, having
from cases.fields import CRIMINAL_CATEGORIES, FIELDS, FILING_REVIEWS, FILINGS
from cases.models import Event, Incident, Rule


@officer_page("GET", "POST", needs=READS, posts=having("view_statistics"))
def clues(request):
    """Show the clues of crimes that left the mailbox, and what police decided on them."""
    return registers.answer(request, _CLUES)


@officer_page("GET", "POST", needs=READS, posts=having("view_statistics"))
def incidents(request):
    """Show the incidents by number, each once, with all letters that led to it."""
    return registers.answer(request, _INCIDENTS)


@officer_page("GET", "POST", needs=READS, posts=having("view_statistics"))
def rules(request):
    """Show the rules made by number, each once, with all letters that led to it."""
    return registers.answer(request, _RULES)


@officer_page("GET", "POST", needs=READS, posts=having("view_statistics"))
def thanks(request):
    """Show the letters of thanks and the banners, with the letters they are for."""
    return registers.answer(request, _THANKS)


def _clue_rows(asked, first, end):
    clues = _last_clues(asked).select_related("message", "unit")
    found = list(clues.order_by("-at", "-pk")[first:end])
    cases = registers.cases_by_id([event.case_id for event in found])
    events = registers.notable(cases.values())
    return [_clue_row(cases[e.case_id], e, events[e.case_id], asked.at) for e in found]


def _last_clues(asked):
    """Return the last event of each case by which a clue was passed on, as the choice narrows it."""
    clues = leading.events_standing("pass_clue") & registers.events(asked, "pass_clue")
    clues = clues.filter(asked.days("at"))
    after = Event.objects.filter(
        case=OuterRef("case"), seq__gt=OuterRef("seq"), action="decide_filing"
    )
    if asked.choice == "open":
        return clues.filter(~Exists(after))
    if asked.choice:
        return clues.filter(Exists(after.filter(data__filing=asked.choice)))
    return clues


def _clue_row(case, event, events, at):
    stands = leading.fold(case, events)
    review = dict(FILING_REVIEWS)[event.data["review"]]
    if stands.clue:
        due_at = stands.clue_due_at
        decided = Cell(clock_words.in_words(due_at, at), late=at > due_at)
    else:
        decided = Cell(filing_line(stands.filing).value, day(stands.filing.at))
    words = text_of(case, event)
    return [
        Cell(day(stands.clue_since)),
        registers.letter(case),
        Cell(case.unit.name),
        Cell(review, words=words),
        decided,
    ]


def _thing_rows(model, action, row):
    """Return the function that gives the rows of things with numbers of their own."""

    def rows(asked, first, end):
        things = list(_things(model, action, asked).order_by("-recorded_at", "-pk")[first:end])
        letters, hidden = _letters_of(asked.user, action, [thing.number for thing in things])
        return [row(thing, letters[thing.number], hidden[thing.number]) for thing in things]

    return rows


def _things(model, action, asked):
    named = registers.events(asked, action).annotate(number=KT("data__number")).values("number")
    things = model.objects.filter(asked.days("recorded_at"), number__in=named)
    if asked.choice == "criminal":
        things = things.filter(case__category__in=CRIMINAL_CATEGORIES)
    return things


def _letters_of(user, action, numbers):
    """Return {number: cases the officer sees} and {number: how many others there are}.

    What recusal or accusation hides is not even counted.
    """
    linked = Event.objects.filter(action=action).annotate(number=KT("data__number"))
    pairs = set(linked.filter(number__in=numbers).values_list("number", "case"))
    cases = registers.cases_by_id([pk for _number, pk in pairs])
    seen = set(access.visible_cases(user).filter(pk__in=list(cases)).values_list("pk", flat=True))
    told = set(access.readable(user, list(cases)))
    letters, hidden = defaultdict(list), defaultdict(int)
    for number, pk in sorted(pairs):
        if pk in seen:
            letters[number].append(cases[pk])
        elif pk in told:
            hidden[number] += 1
    return letters, hidden


def _linked(letters, hidden):
    more = _("另有%(n)s封您不能查看") % {"n": hidden} if hidden else ""
    return Cell(sub=more, letters=tuple(letters))


def _units(letters):
    return Cell("、".join(dict.fromkeys(case.unit.name for case in letters)))


def _incident_row(incident, letters, hidden):
    kinds = dict.fromkeys(case.get_category_display() for case in letters)
    return [
        Cell(incident.number),
        Cell(day(incident.recorded_at)),
        Cell("、".join(map(str, kinds))),
        _linked(letters, hidden),
        _units(letters),
    ]


def _rule_row(rule, letters, hidden):
    return [
        Cell(rule.number),
        Cell(rule.title),
        Cell(day(rule.recorded_at)),
        _linked(letters, hidden),
        _units(letters),
    ]


def _total(model, action):
    return lambda asked: [(_("合计"), _things(model, action, asked).count())]


def _thank_rows(asked, first, end):
    given = _thanks(asked).select_related("message", "unit").prefetch_related("evidence")
    found = list(given.order_by("-at", "-pk")[first:end])
    cases = registers.cases_by_id([event.case_id for event in found])
    forms = dict(FIELDS["form"].choices)
    return [
        [
            Cell(day(event.at)),
            Cell(
                forms[event.data["form"]],
                words=text_of(cases[event.case_id], event),
                pictures=_pictures(cases[event.case_id], event),
            ),
            registers.letter(cases[event.case_id]),
            Cell(cases[event.case_id].unit.name),
        ]
        for event in found
    ]


def _pictures(case, event):
    return tuple((case.letter.receipt, file) for file in event.evidence.all())


def _thanks(asked):
    form = Q(data__form=asked.choice) if asked.choice else Q()
    return registers.events(asked, "thank").filter(asked.days("at"), form)


def _thanks_by_form(asked):
    found = _thanks(asked)
    return [
        (label, found.filter(data__form=code).count()) for code, label in FIELDS["form"].choices
    ]


_LETTERS, _UNIT = gettext_lazy("来信"), gettext_lazy("办理单位")
_CLUES = Register(
    name="desk:clues",
    title=gettext_lazy("案件线索"),
    about=gettext_lazy("来信中的犯罪线索移送后，公安机关应在3日、7日或30日内决定是否立案。"),
    heads=(
        gettext_lazy("移送"),
        _LETTERS,
        _UNIT,
        gettext_lazy("审查期限"),
        gettext_lazy("立案审查"),
    ),
    rows=_clue_rows,
    empty=gettext_lazy("没有移送的案件线索。办理来信时选“移送案件线索”，它就会出现在这里。"),
    choices={"open": gettext_lazy("待审查"), **dict(FILINGS)},
)
_INCIDENTS = Register(
    name="desk:incidents",
    title=gettext_lazy("查破案件"),
    about=gettext_lazy("一个案件编号只算一次，算在首次登记的那天，不管有几封来信。"),
    heads=(
        gettext_lazy("案件编号"),
        gettext_lazy("登记"),
        gettext_lazy("业务类别"),
        _LETTERS,
        _UNIT,
    ),
    rows=_thing_rows(Incident, "record_incident", _incident_row),
    empty=gettext_lazy("没有登记的查破案件。"),
    choices={"criminal": gettext_lazy("破获刑事案件")},
    summary=_total(Incident, "record_incident"),
)
_RULES = Register(
    name="desk:rules",
    title=gettext_lazy("规范性文件"),
    about=gettext_lazy("由来信推动出台的文件，一个文号只算一次，不管有几封来信。"),
    heads=(gettext_lazy("文号"), gettext_lazy("名称"), gettext_lazy("登记"), _LETTERS, _UNIT),
    rows=_thing_rows(Rule, "record_rule", _rule_row),
    empty=gettext_lazy("没有登记的规范性文件。"),
    summary=_total(Rule, "record_rule"),
)
_THANKS = Register(
    name="desk:thanks",
    title=gettext_lazy("感谢信与锦旗"),
    about=gettext_lazy("来信人对办理的致谢，一件来信的感谢信和锦旗各算一次。"),
    heads=(gettext_lazy("日期"), gettext_lazy("形式"), _LETTERS, _UNIT),
    rows=_thank_rows,
    empty=gettext_lazy("还没有感谢信和锦旗。"),
    choices=dict(FIELDS["form"].choices),
    summary=_thanks_by_form,
)
