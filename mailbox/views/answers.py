"""Published answers and common questions: to browse and search, by anybody."""

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases import publishing
from cases.desk.pages import page_number, page_of
from cases.fields import CATEGORIES
from cases.identity import clean
from mailbox.questions import GROUPS, found

PER_PAGE = 20


@require_safe
def answers(request):
    """List the published answers, narrowed by words and by category."""
    words, category = _asked(request, CATEGORIES)
    number = page_number(request)
    rows, more = page_of(publishing.published(words, category), number, PER_PAGE)
    asked = request.GET.copy()
    context = {
        "rows": rows,
        "words": words,
        "category": category,
        "categories": [("", _("全部")), *CATEGORIES],
        "newer": _page(asked, number - 1) if number > 1 else "",
        "older": _page(asked, number + 1) if more else "",
    }
    return render(request, "mailbox/answers.html", context)


def _page(asked, number):
    asked["page"] = number
    return f"?{asked.urlencode()}"


@require_safe
def answer(request, pk):
    """Show one published answer."""
    if pk >= 2**63:
        raise Http404
    return render(
        request, "mailbox/answer.html", {"one": get_object_or_404(publishing.published(), pk=pk)}
    )


@require_safe
def questions(request):
    """List the common questions, narrowed by words and by group."""
    words, group = _asked(request, GROUPS)
    context = {
        "groups": found(words, group),
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
