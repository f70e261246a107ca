"""What writers say while their letter is being handled: officers see that there is something new to read."""

from django.db.models import Max

from cases.models import Case, Event
from cases.transitions import BY_OFFICER, OPEN, State

_ADDING = ("add", "supply")


def mark(cases):
    """Give each of these cases `added`: whether its writer, or one of a letter inside, has said more.

    More than an officer has answered by a step since. Three queries, however many cases there are.
    """
    keys = [case.pk for case in cases if case.state in OPEN]
    inside = Case.objects.filter(merged_into__in=keys, state=State.MERGED)
    into = dict(inside.values_list("pk", "merged_into"))
    worked = _latest(Event.objects.filter(case__in=keys, role=BY_OFFICER))
    said = {}
    for key, at in _latest(
        Event.objects.filter(case__in=[*keys, *into], action__in=_ADDING)
    ).items():
        main = into.get(key, key)
        said[main] = max(at, said.get(main, at))
    for case in cases:
        case.added = case.pk in said and said[case.pk] > worked.get(case.pk, case.received_at)


def _latest(events):
    """Return {key of a case: the moment of its latest event}."""
    return dict(events.order_by().values_list("case").annotate(Max("at")))
