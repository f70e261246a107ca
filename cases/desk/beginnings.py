"""What a step's form begins with: what was said before, a draft, or a reply template that was chosen."""

from cases import filling
from cases.models import ReplyTemplate
from cases.transitions import State

_MANY = 200


def first_values(case, review, asked):
    """Return {action: {field: value}} of what a step goes on from.

    review: of cases/desk/review.py; a reply that was sent back is mended, not written again.
    asked: the request for an extension that waits, or None.
    """
    first = {"extend": {"days": asked.data["days"]}} if asked else {}
    if review and not review.waiting and case.state == State.IN_HAND:
        told = {"to_merged": "yes"} if review.to_merged else {}
        first["propose_reply"] = {"text": review.text, **told}
    return first


def templates_for(case, at):
    """Return {action: [(key, name, filled text)]} of the reply templates that fit a case.

    The unit's own come first, then those for its kind of letter, then the rest.
    """
    path = case.unit.path.strip("/").split("/")
    fitting = ReplyTemplate.objects.filter(active=True, kind__in=("", case.kind))
    fitting = list(fitting.select_related("unit").order_by("name", "pk")[:_MANY])
    fitting = [one for one in fitting if one.unit is None or one.unit.code in path]
    fitting.sort(key=lambda one: (-(one.unit.path.count("/") if one.unit else 0), not one.kind))
    found = {}
    for one in fitting:
        text = filling.fill(one.body, case, at)
        found.setdefault(one.action, []).append((one.pk, one.name, text))
    return found


def begin(form, templates, asked):
    """Give a form the templates of its step, and put in the one that the address asks for."""
    form.templates = templates.get(form.row.action, ())
    for key, _name, text in form.templates:
        if str(key) == asked and not form.is_bound:
            before = form.initial.get("text", "")
            form.initial["text"] = f"{before}\n{text}" if before else text
            form.begun = True
