"""检视问题: complaints about police, what was found, what was put right, and the rule that came of it."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import access, leading
from cases.desk import registers
from cases.desk.leading import finding_line, rectification_line
from cases.desk.pages import officer_page
from cases.desk.registers import Cell, Register
from cases.desk.rights import READS, having
from cases.fields import FINDINGS


@officer_page("GET", "POST", needs=READS, posts=having("view_statistics"))
def inspection(request):
    """Show the complaints about police with their findings and rectifications."""
    return registers.answer(request, _INSPECTION)


def _complaints(asked):
    cases = leading.about_police(access.visible_cases(asked.user))
    return cases.filter(asked.days("received_at"), asked.place("unit"))


def _chosen(asked):
    cases = _complaints(asked)
    if asked.choice == "open":
        return cases.filter(pk__in=leading.events_standing(*leading.RECTIFICATION).values("case"))
    if asked.choice == "none":
        return cases.exclude(pk__in=_found().values("case"))
    if asked.choice:
        return cases.filter(pk__in=_found(asked.choice).values("case"))
    return cases


def _found(finding=""):
    """Return the last finding of each case, or those that say this."""
    findings = leading.events_standing("record_finding")
    return findings.filter(data__finding=finding) if finding else findings


def _rows(asked, first, end):
    shown = ("letter", "mailbox", "unit", "accused_unit")
    cases = list(_chosen(asked).select_related(*shown).order_by("-pk")[first:end])
    events = registers.notable(cases)
    return [_row(case, events[case.pk], asked.at) for case in cases]


def _row(case, events, at):
    stands = leading.fold(case, events)
    found, right = Cell(_("未认定")), Cell()
    if stands.finding:
        line = finding_line(case, stands.finding)
        found = Cell(line.value, words=line.text)
    if stands.rectification or stands.rectified:
        line = rectification_line(case, stands, at)
        right = Cell(line.value, words=line.text, late=line.late)
    elif stands.found_faulty:
        right = Cell(_("还没有整改措施"), late=True)
    rules = [e.data for e in events if e.action == "record_rule"]
    return [
        registers.letter(case),
        Cell(case.accused_unit.name if case.accused_unit else _("未指明"), case.unit.name),
        found,
        right,
        Cell("；".join(f"{rule['number']}《{rule['title']}》" for rule in rules)),
    ]


def _summary(asked):
    cases = _complaints(asked).values("pk")
    return [(label, _found(code).filter(case__in=cases).count()) for code, label in FINDINGS]


_INSPECTION = Register(
    name="desk:inspection",
    title=gettext_lazy("检视问题"),
    about=gettext_lazy("反映民警和公安单位的来信：认定是否属实，怎样整改，推动了什么制度。"),
    heads=(
        gettext_lazy("来信"),
        gettext_lazy("被反映单位 / 办理单位"),
        gettext_lazy("认定"),
        gettext_lazy("整改"),
        gettext_lazy("推动的制度"),
    ),
    rows=_rows,
    empty=gettext_lazy("没有符合条件的来信。"),
    choices={
        "none": gettext_lazy("未认定"),
        **dict(FINDINGS),
        "open": gettext_lazy("整改未完成"),
    },
    summary=_summary,
)
