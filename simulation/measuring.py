"""Figures of a book of letters, each with the number it rests on and a 95 % interval.

One function measures what was and what was simulated; a scenario is drawn by making the two
agree. Names of figures are paths of the scenario where a figure is about just that.
"""

import numpy as np

from cases.fields import PROBLEM_KINDS
from simulation import levels
from simulation.casebook import RESULT_CODES
from simulation.figure import counts, mean, quantile, scatter, share
from simulation.model import DAY
from simulation.scenario import CATEGORY_CODES, DECLINE_CODES, ELSEWHERE_CODES, KIND_CODES

HOUR = 3600
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DONE = RESULT_CODES.index("done")
_EMERGENCY = DECLINE_CODES.index("emergency")


def groups(book):
    """Return {name: counts} of what is cut into shares: kinds, categories, hours, cities, …"""
    kind, problem = book["kind"], _is_problem(book)
    resulted, undone = book["result"] >= 0, book["result"] != DONE
    declined = (book["declined"] >= 0) & (book["decline_reason"] != _EMERGENCY)
    placed = (book["dispatched"] >= 0) & (book["city"] >= 0)
    found = {
        "kinds": counts(kind, KIND_CODES),
        "decline_reasons": counts(book["decline_reason"][declined], DECLINE_CODES),
        "elsewhere": counts(book["elsewhere"], ELSEWHERE_CODES),
        "return_reasons": dict(book.return_reasons),
        "outcomes.undone": counts(book["result"][problem & resulted & undone], RESULT_CODES),
        "city": counts(book["city"][placed], book.cities),
        "arrivals.hours": counts(book["received"] % DAY // HOUR, range(24)),
        "arrivals.weekdays": levels.weekdays(book),
    }
    for n, code in enumerate(KIND_CODES):
        found[f"categories.{code}"] = counts(book["category"][kind == n], CATEGORY_CODES)
        if code not in PROBLEM_KINDS:
            found[f"outcomes.results.{code}"] = counts(book["result"][kind == n], RESULT_CODES)
    return found


def figures(book):
    """Return {name: Figure} of all that a scenario can be drawn from, or compared by."""
    return {**_letters(book), **_chances(book), **_spans(book), **_outcomes(book), **_ends(book)}


def _letters(book):
    found = {
        "arrivals.repeat": share((book["wrote_before"] >= 0).sum(), len(book)),
        "arrivals.same_matter": share((book["merged"] >= 0).sum(), (book["accepted"] >= 0).sum()),
        "arrivals.emergency": share((book["emergency"] == 1).sum(), (book["emergency"] >= 0).sum()),
        "arrivals.repeat_days": mean(_found(book["wrote_before"])),
    }
    urgent = (book["emergency"] == 1) & (book["accepted"] >= 0)
    pointed = urgent & (book["decline_reason"] == _EMERGENCY)
    found["arrivals.emergency_declined"] = share(pointed.sum(), urgent.sum())
    for n, code in enumerate(KIND_CODES):
        mine = book["kind"] == n
        secret = (book["confidential"][mine] == 1).sum()
        found[f"arrivals.confidential.{code}"] = share(secret, mine.sum())
    placed = book["dispatched"] >= 0
    for n, code in enumerate(book.cities):
        here = placed & (book["city"] == n)
        found[f"city.{code}.to_department"] = share(book["to_department"][here].sum(), here.sum())
    return {**found, **levels.days(book)}


def _chances(book):
    has = lambda name: book[name] >= 0  # noqa: E731
    emergency = book["decline_reason"] == _EMERGENCY
    read = has("accepted") & ~has("merged") & ~emergency
    refused, called, replied = has("declined") & ~emergency, has("contacted"), has("replied")
    asked = has("asked") & (has("supplied") | has("lapsed"))
    reviewed = has("sent_back") | replied
    unhappy = (book["satisfied"] == 0) & (book["solved"] == 0)
    found = {
        "decline": (refused, read),
        "reconsider": (has("reconsidered"), refused),
        "transfer_out": (has("transferred"), read & (~refused | has("reconsidered"))),
        "ask_citizen": (has("asked"), called),
        "supply": (has("supplied") & asked, asked),
        "contact": (book["reached"] == 1, called),
        "extend": (has("extended"), called),
        "send_back_reply": (has("sent_back"), reviewed),
        "rate": (has("rated"), replied),
        "reopen": (has("reopened") & unhappy, unhappy),
        "close": ((book["by_writer"] == 1) & (book["satisfied"] == 1), book["satisfied"] == 1),
    }
    return {f"chances.{name}": share(p.sum(), w.sum()) for name, (p, w) in found.items()}


def _spans(book):
    """Return mean and scatter of what elapses: seconds, waiting and nights included."""
    spans = {
        "lags.supply": ("asked", "supplied"),
        "lags.reconsider": ("declined", "reconsidered"),
        "lags.feedback": ("contacted", "fed_back"),
        "lags.rate": ("replied", "rated"),
        "lags.reopen": ("rated", "reopened"),
        "lags.thank": ("replied", "thanked"),
        "lags.record_incident": ("replied", "incident"),
        "lags.record_rule": ("replied", "rule"),
    }
    found = {}
    for name, (since, until) in spans.items():
        length = _between(book, since, until)
        found |= {name: mean(length), f"{name}.cv": scatter(length)}
    # Of another system's log: all kinds together, from its first event to its last.
    whole = _between(book, "received", "replied")
    found |= {"work.matter": mean(whole), "work.matter.cv": scatter(whole)}
    for n, code in enumerate(KIND_CODES):
        length = _between(book, "contacted", "resulted", book["kind"] == n)
        found |= {f"work.matter.{code}": mean(length), f"work.matter.{code}.cv": scatter(length)}
    return found


def _between(book, since, until, which=True):
    both = (book[since] >= 0) & (book[until] >= book[since]) & which
    return (book[until] - book[since])[both].astype(float)


def _outcomes(book):
    problem, result = _is_problem(book), book["result"]
    done, resulted = result == DONE, result >= 0
    solved = done & ((book["solved"] == 1) | ((book["closed"] >= 0) & (book["solved"] < 0)))
    solved &= problem
    thanked = book["thanked"] >= 0
    found = {
        "outcomes.done": share((done & problem).sum(), (resulted & problem).sum()),
        "outcomes.thanks_per_solved": share((thanked & solved).sum(), solved.sum()),
        "outcomes.banners": share((book["form"] == 1).sum(), thanked.sum()),
        "outcomes.incident": share((book["incident"] >= 0).sum(), (book["replied"] >= 0).sum()),
        "solved": share(solved.sum(), len(book) if resulted.any() else 0),
    }
    for n, code in enumerate(KIND_CODES):
        if code in PROBLEM_KINDS:
            mine = resulted & (book["kind"] == n)
            found[f"outcomes.done_kind.{code}"] = share((done & mine).sum(), mine.sum())
    for n, code in enumerate(CATEGORY_CODES):
        mine = resulted & problem & (book["category"] == n)
        found[f"outcomes.done_category.{code}"] = share((done & mine).sum(), mine.sum())
    rated = book["satisfied"] >= 0
    for n, code in enumerate(RESULT_CODES):
        mine = rated & (result == n)
        for name, column in (("satisfied", "satisfied"), ("said_solved", "solved")):
            found[f"outcomes.{name}.{code}"] = share((book[column][mine] == 1).sum(), mine.sum())
    return found


def _ends(book):
    """Return what is compared only: shares of letters that came so far, and hours till then."""
    n, hour = len(book), float(HOUR)
    found = {}
    for name in ("contacted", "replied", "closed"):  # another system may know nothing of one
        came = (book[name] >= 0).sum()
        found[name] = share(came, n if came else 0)
    for name, column in (("first_contact", "contacted"), ("reply", "replied")):
        length = _between(book, "received", column) / hour
        for q in (50, 90):
            found[f"{name}_p{q}_hours"] = quantile(length, q / 100)
    passed = (book["contacted"] >= 0) | (book["replied"] >= 0)
    for k in range(4):
        back = (book["returns"] == k) if k < 3 else (book["returns"] >= 3)
        found[f"returned_{k}{'+' if k == 3 else ''}"] = share((back & passed).sum(), passed.sum())
    weekday = (book["received"] // DAY + book.start.weekday()) % 7
    for day, name in enumerate(WEEKDAYS):
        found[f"received_{name}"] = share((weekday == day).sum(), n)
    end = book.days * DAY
    ended = _ended(book)
    found["open_days"] = mean((np.where(ended >= 0, ended, end) - book["received"]) / DAY)
    return found


def _ended(book):
    """Return when each letter was first answered, declined, merged or passed on, or -1."""
    ends = [book[name] for name in ("replied", "declined", "merged", "transferred")]
    never = 1 << 62
    first = np.min([np.where(end >= 0, end, never) for end in ends], axis=0)
    return np.where(first == never, -1, first)


def _is_problem(book):
    return np.isin(book["kind"], [KIND_CODES.index(kind) for kind in PROBLEM_KINDS])


def _found(column):
    return column[column >= 0].astype(float)
