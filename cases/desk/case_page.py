"""One letter: what was written and what has happened on the left, what I may decide on the right."""

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from cases import access, alarms, attachments, drafts, extensions, guards, mentions, worlds
from cases.acting import ACTING
from cases.desk import additions, beginnings, beside, clock_words, leading, merging, waiting
from cases.desk.drafts import unused
from cases.desk.forms import StepForm
from cases.desk.pages import find_case, officer_page, show
from cases.desk.presence import who_else
from cases.desk.review import review
from cases.desk.rights import READS
from cases.fields import FIELDS
from cases.identity import ID_TYPES
from cases.models import Evidence
from cases.refusals import NotFound, Refusal, Stale
from cases.transitions import SAME, STATES, State

_PERSON = {
    "name": _("姓名"),
    "phone": _("电话"),
    "id_type": _("证件类型"),
    "id_number": _("证件号码"),
    "email": _("电子邮箱"),
    "acting": _("为谁写信"),
    "for_person": _("替谁写信"),
    "together": _("联名的其他代表"),
    "company": _("代表的单位"),
    "guardian": _("监护人"),
    "guardian_phone": _("监护人电话"),
}
_MANY = 100
# (name in the template, function of a case) of what others than the core know of a letter.
MORE = []


@officer_page("GET", needs=READS)
def case_page(request, receipt):
    """Show a letter, its case and the steps that are open to me."""
    return render_case(request, find_case(request.user, receipt))


def render_case(request, case, refused=None, refusal=None, status=200, **more):
    """Return the case page; refused: the StepForm of a step that was refused, and why."""
    at, user = worlds.now(), request.user
    kept, reviewed = drafts.of(user, case), review(user, case)
    asked = extensions.asked(case)
    steps = _steps(user, case, refused, kept, beginnings.first_values(case, reviewed, asked))
    templates = beginnings.templates_for(case, at)
    for form in _offered(steps):
        beginnings.begin(form, templates, request.GET.get("template"))
    shown = {form.row.action for form in [*_offered(steps), *filter(None, [refused])]}
    lines = merging.lines(user, case)
    additions.mark([case])
    calls = [line for line in lines if line.reached is not None and not line.of]
    context = {
        "title": case.letter.title,
        "case": case,
        "letter": case.letter,
        "alarm": alarms.of_case(case),
        "who_else": who_else(user, case),
        "state": STATES[case.state].label,
        "clock": clock_words.face(case, at),
        "clocks": clock_words.all_faces(case, at),
        "leading": leading.panel(case, at),
        "history": lines,
        "calls": calls,
        "reached": sum(line.reached for line in calls),
        "files": list(case.letter.attachments.order_by("pk")),
        "merged": merging.panel(user, case),
        "similar": beside.panel(user, case),
        "recused": list(case.recusals.select_related("officer").order_by("pk")),
        "steps": steps,
        "review": reviewed,
        "asked": asked,
        "leader_decides": case.state == State.ACCEPTED and waiting.returned_too_often(case),
        "mentioned": list(
            mentions.unread(user).filter(event__case=case).select_related("event__user")
        ),
        "refusal": refusal,
        "stale": isinstance(refusal, Stale),
        "lost": _lost(steps, refused),
        "unused": unused(kept, shown),
        "identity": labelled(access.identity_for(user, case)),
        "may_know_writer": access.may_know_writer(user, case),
        "disclosures": _disclosures(user, case),
        **{name: known_of(case) for name, known_of in MORE},
        **more,
    }
    return show(request, "desk/case.html", context, status=status)


def _steps(user, case, refused, kept, first):
    """Return the forms of the steps open to this officer: the next one, moves, and the rest.

    kept: {action: Draft}; a step begins with what was typed for it before, else with what
    first, {action: {field: value}}, says.
    """
    groups = {"next": [], "moves": [], "more": []}
    following = {waiting.next_step(case), *leading.next_steps(case, worlds.now())}
    if "extend" in first:  # a leader's word is waited for
        following |= {extensions.GRANT, extensions.REFUSE}
    for row in guards.open_to(user, case, worlds.now()):
        is_refused = refused is not None and refused.row.action == row.action
        begun = {"draft": kept.get(row.action), "first": first.get(row.action, {})}
        form = refused if is_refused else StepForm(row, user, case, **begun)
        group = "more" if row.target == SAME else "moves"
        groups["next" if row.action in following else group].append(form)
    return groups


def _offered(steps):
    return [form for group in steps.values() for form in group]


def _lost(steps, refused):
    """Return what was typed into a form that this page no longer has, so that it can be copied."""
    if refused is None or refused in _offered(steps):
        return None
    return [(FIELDS[name].label, value) for name, value in refused.said().items()]


def labelled(person):
    """Return an identity as (label, value) pairs, in the order in which people read it."""
    coded = (("id_type", ID_TYPES), ("acting", ACTING))
    words = {**person, **{name: dict(known).get(person.get(name)) for name, known in coded}}
    return [(label, words[name]) for name, label in _PERSON.items() if words.get(name)]


def _disclosures(user, case):
    """Return who was shown the writer, for auditors; None for everyone else."""
    if not user.has_perm("cases.view_audit"):
        return None
    return list(case.letter.disclosures.select_related("user__unit").order_by("-at", "-pk")[:_MANY])


@officer_page("GET", needs=READS)
def download(request, receipt, number):
    """Send one attachment of the letter, or of one that is handled with it."""
    case = find_case(request.user, receipt)
    own = case.letter.attachments.filter(pk=number).first()
    return _sent(request, case, own or merging.attachment(request.user, case, number))


@officer_page("GET", needs=READS)
def download_evidence(request, receipt, number):
    """Send one file that was laid beside a step of the case."""
    case = find_case(request.user, receipt)
    own = Evidence.objects.filter(event__case=case, pk=number).first()
    return _sent(request, case, own or merging.evidence(request.user, case, number))


def _sent(request, case, attachment):
    if attachment is None:
        raise NotFound()
    try:
        file, headers = attachments.open_for_download(attachment)
    except FileNotFoundError:
        said = _("附件“%(name)s”的文件已不在服务器上，请告知系统管理员。")
        refusal = Refusal(said % {"name": attachment.name})
        return render_case(request, case, refusal=refusal, status=404)
    with file:
        return HttpResponse(file.read(), headers=headers)
