"""The live backlog as a simulation can begin with it: how many cases are open, and where.

Read from the cases alone: no letter's text, no writer.
"""

from datetime import datetime, timedelta
from datetime import time as clock

from django.db.models import Count, Q

from cases.models import Case
from cases.statistics import CHINA
from cases.transitions import OPEN, State
from simulation import backlog as stages
from simulation.backlog import NONE, Backlog
from simulation.model import DAY
from simulation.scenario import CATEGORY_CODES, DEPARTMENT, KIND_CODES

_STAGES = {
    State.RECEIVED: stages.RECEIVED,
    State.ACCEPTED: stages.ACCEPTED,
    State.DISPATCHED: stages.DISPATCHED,
    State.IN_HAND: stages.IN_HAND,
    State.IN_REVIEW: stages.IN_REVIEW,
    State.AWAITING_CITIZEN: stages.ASKED,
}
_READ = (
    "pk", "state", "kind", "category", "mailbox__code", "unit__path", "received_at", "updated_at",
    "episode_at", "signed_at", "contacted_at", "reply_due_at", "returns", "reopened", "urgent",
    "pauses",
)  # fmt: skip
RECENT_DAYS, RECENT_LETTERS = 28, 28
ANSWERED_DAYS = 90


def of_live(scenario, at):
    """Return the Backlog of the open cases of the world one is in, in the order of receiving.

    at: aware datetime, the present; seconds count from the midnight before it in Guangdong.
    scenario: whose cities and units they are matched with.
    """
    midnight = datetime.combine(at.astimezone(CHINA).date(), clock(), CHINA)
    second = lambda moment: int((moment - midnight).total_seconds())  # noqa: E731
    cities, units = _places(scenario)
    rows = []
    found = Case.objects.filter(state__in=OPEN, received_at__lte=at).order_by("received_at", "pk")
    for values in found.values_list(*_READ).iterator(chunk_size=5000):
        case = dict(zip(_READ, values, strict=True))
        path = case["unit__path"].strip("/").split("/")
        city = next((cities[c] for c in (case["mailbox__code"], *path) if c in cities), NONE)
        promised = scenario.promises.reply[case["kind"]] * DAY
        due = case["reply_due_at"]
        rows.append(
            {
                "number": case["pk"],
                "stage": _STAGES[case["state"]],
                "kind": KIND_CODES.index(case["kind"]),
                "category": CATEGORY_CODES.index(case["category"]),
                "to_department": int(case["mailbox__code"] == DEPARTMENT),
                "city": city,
                "unit": next((units[c] for c in reversed(path) if c in units), NONE),
                "received": second(case["received_at"]),
                "since": second(_since(case)),
                "due": second(due) if due else second(case["episode_at"]) + promised,
                "returns": case["returns"],
                "redo": int(case["reopened"] > 0),
                "emergency": int(case["urgent"]),
            }
        )
    return Backlog(second(at), *([row[name] for row in rows] for name in stages.LISTS))


def level(at):
    """Return letters a day of the last four weeks in this world, or None if there are too few.

    at: aware datetime, the present.
    """
    recent = Case.objects.filter(
        received_at__gt=at - timedelta(days=RECENT_DAYS), received_at__lte=at
    )
    n = recent.count()
    return n / RECENT_DAYS if n >= RECENT_LETTERS else None


def answered(at):
    """Return what a backlog leaves out: answered letters that may still be reopened.

    waiting: answered and not closed now. replied: answered in the last days, reopened: how many of
    those were handled again so far.
    """
    recent = Case.objects.filter(
        Q(reopened__gt=0) | Q(replied_at__isnull=False),
        updated_at__gt=at - timedelta(days=ANSWERED_DAYS),
        updated_at__lte=at,
    )
    again = Count("pk", filter=Q(reopened__gt=0))
    found = recent.aggregate(replied=Count("pk"), reopened=again)
    return {"waiting": Case.objects.filter(state=State.REPLIED).count(), **found}


def _since(case):
    """Return when the stage of a case began."""
    if case["state"] == State.AWAITING_CITIZEN and case["pauses"]:
        return datetime.fromisoformat(case["pauses"][-1][0])
    if case["state"] == State.IN_HAND:
        steps = (case["signed_at"], case["contacted_at"], case["episode_at"])
        return max(step for step in steps if step)
    return case["updated_at"]


def _places(scenario):
    """Return {code of a city: index} and {code of a unit: index within its city}."""
    cities = {city.code: n for n, city in enumerate(scenario.cities)}
    units = {code: n for city in scenario.cities for n, code in enumerate(city.units)}
    return cities, units
