"""What colleagues want me to look at: notes that name me, and my own drafts."""

from dataclasses import dataclass

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from cases import access, mentions, worlds
from cases.desk.pages import around, find_case, officer_page, page_number, page_of, show
from cases.desk.rights import READS
from cases.models import Draft
from cases.transitions import TRANSITIONS

_MANY = 100


@dataclass(frozen=True)
class MyDraft:
    """One of my drafts, as a list shows it."""

    draft: Draft
    step: str
    beginning: str


@officer_page("GET", needs=READS)
def mention_list(request):
    """List the notes that name me, the newest first, and my drafts."""
    number = page_number(request)
    mine = mentions.mentions_of(request.user)
    mine = mine.select_related("event__case__letter", "event__user__unit", "event__message")
    rows, more = page_of(mine, number)
    context = {
        "title": _("提醒与草稿"),
        "rows": rows,
        "some_unread": any(one.read_at is None for one in rows),
        "drafts": _drafts(request.user) if number == 1 else [],
        **around(number, more),
    }
    return show(request, "desk/mentions.html", context)


def _drafts(user):
    cases = access.visible_cases(user).values("pk")
    kept = Draft.objects.filter(officer=user, case__in=cases).select_related("case__letter")
    return [
        MyDraft(one, TRANSITIONS[one.action].label, Truncator(one.typed.get("text", "")).chars(60))
        for one in kept.order_by("-saved_at", "-pk")[:_MANY]
        if one.action in TRANSITIONS
    ]


@officer_page("POST", needs=READS)
def mark_read(request):
    """Mark as read what names me: in one letter (receipt), or everywhere."""
    receipt = request.POST.get("receipt", "")
    narrowed = {"event__case": find_case(request.user, receipt)} if receipt else {}
    number = mentions.mark_read(request.user, worlds.now(), **narrowed)
    messages.success(request, _("%(n)s条提醒已标为已读。") % {"n": number})
    return redirect("desk:case", receipt) if receipt else redirect("desk:mentions")


def say_whom_it_reached(request, case, text):
    """Tell the author of a note whom it named, and whom it could not reach."""
    named = mentions.named_in(text, case)
    told = [str(officer) for officer in named.officers if officer.pk != request.user.pk]
    said = (
        (messages.info, _("已提醒：%(names)s。"), told),
        (messages.warning, _("%(names)s看不到这封信，没有提醒。"), named.blind),
        (
            messages.warning,
            _("没有找到%(names)s，没有提醒。"),
            [f"@{one}" for one in named.unknown],
        ),
    )
    for say, sentence, names in said:
        if names:
            say(request, sentence % {"names": "、".join(names)})
