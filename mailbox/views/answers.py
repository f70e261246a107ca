"""Published answers and common questions: to browse and search, by anybody."""

from functools import wraps

from django.shortcuts import get_object_or_404, render
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases import publishing
from cases.desk.pages import page_number, page_of
from cases.fields import CATEGORIES, KINDS
from cases.identity import clean
from mailbox.letter_form import mailbox_name, mailboxes
from mailbox.questions import GROUPS, any_shown, found

PER_PAGE = 20


def _taken_back(view):
    """Make a page one that nobody shows again without asking: consent may be taken back at any time."""

    @wraps(view)
    def page(request, *args, **kwargs):
        answer = view(request, *args, **kwargs)
        patch_cache_control(answer, no_cache=True)
        answer["X-Robots-Tag"] = "noarchive"  # searched, but not kept
        return answer

    return page


@_taken_back
@require_safe
def answers(request):
    """List the published answers, narrowed by words, category, kind, mailbox and year."""
    words, category = _asked(request, CATEGORIES)
    narrowing = [_Narrowing(request, *one) for one in _narrowings()]
    chosen = {one.name: one.chosen for one in narrowing}
    number = page_number(request)
    rows, more = page_of(publishing.published(words, category, **chosen), number, PER_PAGE)
    context = {
        "narrowing": narrowing,
        "narrowed": any(chosen.values()),
        "rows": rows,
        "words": words,
        "category": category,
        "categories": [("", _("全部")), *CATEGORIES],
        "newer": number - 1,
        "older": number + 1 if more else 0,
    }
    return render(request, "mailbox/answers.html", context)


def _narrowings():
    """Return (name, label, choices) of what the list can be narrowed by beside words and category."""
    boxes = [(unit.code, mailbox_name(unit)) for unit in mailboxes()]
    years = [(str(year), str(year)) for year in publishing.years()]
    return (
        ("kind", _("信件类别"), KINDS),
        ("mailbox", _("信箱"), boxes),
        ("year", _("公开的年份"), years),
    )


class _Narrowing:
    """One select of the search: what it offers, and what the address chose of it."""

    def __init__(self, request, name, label, choices):
        chosen = request.GET.get(name, "")
        self.name, self.label = name, label
        self.choices = [("", _("全部")), *choices]
        self.chosen = chosen if chosen in dict(choices) else ""


@_taken_back
@require_safe
def answer(request, pk):
    """Show one published answer."""
    one = get_object_or_404(publishing.published(), pk=pk)
    return render(request, "mailbox/answer.html", {"one": one})


@require_safe
def questions(request):
    """List the common questions, narrowed by words and by group."""
    words, group = _asked(request, GROUPS)
    context = {
        "groups": (rows := found(words, group)),
        "none": not rows and not any_shown(),
        "words": words,
        "category": group,
        "categories": [("", _("全部")), *GROUPS],
    }
    return render(request, "mailbox/questions.html", context)


def _asked(request, categories):
    """Return (words, category) as the address has them; what is no category is none."""
    category = request.GET.get("category", "")
    words = clean(request.GET.get("q", ""))[: publishing.WORDS_LIMIT]
    return words, category if category in dict(categories) else ""
