"""Counts that stay true while a page is open: what waits for me, what is late, what is new.

Nothing is counted to the end: a thousand is as good as more, and costs no more.
"""

from collections import Counter
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q
from django.http import JsonResponse

from cases import worlds
from cases.desk import filters, waiting
from cases.desk.pages import officer_page, polled
from cases.models import Event
from cases.transitions import IN_OFFICE, OPEN, State

CAP = 1000
# (key, function of user and time that gives what stands under it) of other pages: they add theirs.
MORE = []
_WAITING = (*IN_OFFICE, State.REPLIED)


def capped(cases):
    """Return how many cases there are, or CAP + 1 for more than CAP."""
    return cases.order_by()[: CAP + 1].count()


def in_words(count):
    """Return a count as it is shown: “1000+” for more than CAP."""
    return f"{CAP}+" if count > CAP else str(count)


def of_list(asked, user, at):
    """Return {state: count as shown} of what is open, or waits, behind these filters; "late" too."""
    found = _by_state(asked, user, at)
    found["late"] = capped(waiting.of_colour(asked.cases(user, at, with_state=False), "red", at))
    return {code: in_words(count) for code, count in found.items() if count}


def _by_state(asked, user, at):
    """Count by state, one query for all. Ended letters are not counted: there may be any number."""
    cases = asked.cases(user, at, with_state=False).order_by()
    states = _WAITING if asked.scope == "waiting" else OPEN
    if asked.q:  # one pass over what is open; for each state by itself, words are looked for anew
        found = cases.filter(state__in=states).values_list("state")
        return Counter(dict(found.annotate(n=Count("pk"))))
    first, *rest = (cases.filter(state=s).values_list("state")[: CAP + 1] for s in states)
    return Counter(state for (state,) in first.union(*rest, all=True))


@officer_page("GET")
@polled
def counts(request):
    """Answer with the counts of my desk and of the list that the address's filters ask for.

    since: when the page was made; then also how many letters have come to its list from others.
    """
    user, at = request.user, worlds.now()
    asked = filters.read(request.GET, request)
    mine = waiting.waiting_for(user, at)
    answer = {"waiting": in_words(capped(mine))}
    since = _moment(request.GET.get("since", ""))
    if since:
        answer["list"] = of_list(asked, user, at)
        answer["new"] = in_words(capped(_come(asked.cases(user, at), user, since)))
    return JsonResponse(answer | {key: of(user, at) for key, of in MORE})


def _moment(typed):
    try:
        moment = datetime.fromisoformat(typed)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _come(cases, user, since):
    """Return the cases that others have brought here since then: sent, moved on or handed over."""
    moved = ~Q(old_state=F("new_state")) | Q(action="assign")
    others = Q(user=None) | ~Q(user=user)
    events = Event.objects.filter(moved, others, case=OuterRef("pk"), at__gt=since)
    return cases.filter(Exists(events), updated_at__gt=since)
