"""The page that shows the system behind the citizen's pages: its tokens, and its parts in their states."""

from datetime import timedelta
from types import SimpleNamespace

from django.conf import settings
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases import worlds
from cases.transitions import STATES, State
from mailbox import display, palette, qr, standing
from mailbox.forms import FollowForm
from mailbox.history import Step
from mailbox.letter_form import LetterForm
from mailbox.wording import DOINGS, STEPS

RECEIPT = "PA-7KQ2-M9XR-C9"  # the example that the look-up page gives, too

_LENGTHS = ("measure", "names", "short", "middling", "round", "target", "box", "square", "rows")


@require_safe
def style(request):
    """Show tokens and parts, made by the templates that the pages are made with."""
    now = worlds.now()
    context = {**_tokens(), **_forms(), **_letter(now), **_answered(now)}
    context["all_on"] = dict.fromkeys(display.WAYS, True)
    response = render(request, "mailbox/style.html", context)
    response["X-Robots-Tag"] = "noindex"
    return response


def _tokens():
    found = palette.tokens()
    return {
        "colours": [name for name, value in found.items() if value.startswith("#")],
        "types": [name for name in found if name.startswith("type-")],
        "spaces": [name for name in found if name.startswith("space-")],
        "lengths": [(name, value) for name, value in found.items() if name.startswith(_LENGTHS)],
        "pairs": palette.pairs(),
    }


def _forms():
    wrong = FollowForm({"receipt": RECEIPT[:-1], "code": ""}, auto_id="wrong_%s")
    wrong.add_error("receipt", _("受理编号不完整，请检查。"))
    kept = [SimpleNamespace(name=f"{_('现场照片')}.jpg", size=2_400_000, path="")]
    return {
        "form": LetterForm(
            only=("kind", "title", "body", "category", "confidential", "attachments")
        ),
        "unchosen": LetterForm({}, only=("kind",), auto_id="unchosen_%s"),
        "wrong": wrong,
        "writing": SimpleNamespace(files=kept),
        "kept_years": settings.RETENTION_YEARS,
        "number": 3,
        "count": 10,
        "begun": True,
    }


def _letter(now):
    """A letter that is late, with its receipt, its steps and what was asked to be done again."""
    title = _("小区门口红绿灯损坏")
    picture = {"name": f"{_('现场照片')}.svg", "size": 800, "is_picture": True, "pk": 0}
    banner = SimpleNamespace(**picture, example=static("mailbox/icon.svg"))
    letter = SimpleNamespace(receipt=RECEIPT, title=title, kind="help")
    due = now + timedelta(days=5)
    case = SimpleNamespace(letter=letter, received_at=now, reply_due_at=due, due_provisional=True)
    unit = _("办理单位")
    steps = [
        Step(now - timedelta(days=9), "receive", STEPS["receive"], by_citizen=True),
        Step(now - timedelta(days=8), "dispatch", STEPS["dispatch"] % {"unit": unit}),
        Step(
            now - timedelta(days=3),
            "feedback",
            STEPS["feedback"] % {"unit": unit},
            text=title,
            details=((_("地点"), title),),
        ),
        Step(now, "thank", STEPS["thank"], by_citizen=True, files=(banner,)),
    ]
    return {
        "case": case,
        "code": "00000000",
        "told": [_("短信")],
        "ways": True,
        "mailbox": unit,
        "qr": qr.of_receipt(RECEIPT),
        "state": STATES[State.IN_HAND].citizen_label,
        "standing": [
            standing.Row(_("现在由谁办理"), unit),
            standing.Row(
                _("下一步"), "", now, standing.days_left(now - timedelta(days=1), now), True
            ),
            standing.Row(_("最迟答复"), "", due, standing.days_left(due, now), provisional=True),
        ],
        "steps": steps,
        "redo": standing.Redo(Step(now, "reopen", "", text=title), None, due),
        "others": [
            SimpleNamespace(action=name, doing=DOINGS[name]) for name in ("add", "withdraw")
        ],
        "letters": [
            {
                "case": case,
                "hidden": False,
                "mailbox": unit,
                "state": STATES[State.CLOSED].citizen_label,
            },
            {"case": case, "hidden": True},
        ],
        "parts": [(SimpleNamespace(name="content"), [("title", _("标题"), title)])],
    }


def _answered(now):
    """An answer, what is kept of its writer, and a year's figures."""
    title = _("小区门口红绿灯损坏")
    case = SimpleNamespace(letter=SimpleNamespace(receipt=RECEIPT, title=title))
    kept = [(_("姓名"), "**"), (_("联系电话"), "***")]
    return {
        "spoken": Step(now, "approve_reply", "", text=title),
        "answers": [SimpleNamespace(pk=0, title=title, language="")],
        "own": {"case": case, "kept": kept, "seen": [], "asked": [], "why_not": ""},
        "year": {"received": "12,345", "on_time": 98, "thanks": 120},
    }
