"""How fast officers find letters in a simulated year, beside the floor of desk_bench.py; medians."""

import time
from statistics import median

from django.db import connection

from cases import access, gram_filling, searching, worlds
from cases.models import Case, Unit
from cases.similar import similar
from simulation.desk_bench import median_seconds, page_by_key

# As a department, a city and a district search: a rare word, common ones, a sentence, nothing.
UNITS = ("440000", "440300", "440304")
TYPED = ("噪音", "公安", "身份证", "电动车被盗", "无犯罪记录 证明", "尊敬的公安领导", "龙舟赛")
COMPARED = 20


def searches(world):
    """Yield lines: filling in the grams, the slowest search of each unit, and similar letters."""
    _forget(world)
    began, count = time.perf_counter(), 0
    while filled := _fill(world):
        count += filled
    yield f"search: {count:,} letters made findable in {time.perf_counter() - began:.1f} s"
    with worlds.enter(world):
        floor = median_seconds(page_by_key)
        for code in UNITS:
            cases = access.cases_of(Unit.objects.get(code=code))
            times = {typed: median_seconds(lambda t=typed, c=cases: _find(c, t)) for typed in TYPED}
            slowest = max(times, key=times.get)
            yield (
                f"search in {code}: slowest {times[slowest] * 1000:.0f} ms (“{slowest}”, "
                f"{times[slowest] / floor:.0f} floors), median {median(times.values()) * 1000:.0f} ms; "
                f"floor {floor * 1000:.1f} ms"
            )
        seconds = median(median_seconds(lambda c=case: _like(c)) for case in _some())
        yield f"similar letters: {seconds * 1000:.0f} ms ({seconds / floor:.0f} floors, median)"


def _forget(world):
    """Take away the grams that a worker has filled in, to measure how long that takes."""
    with worlds.enter(world), connection.cursor() as cursor:
        cursor.execute("TRUNCATE cases_lettergrams")
        cursor.execute(f"DROP INDEX IF EXISTS {worlds.LATE_INDEX}")


def _fill(world):
    with worlds.enter(world):
        return gram_filling.fill()


def _find(cases, typed):
    return searching.find(cases, searching.words_of(typed))


def _some():
    """Return letters spread over the year."""
    keys = list(Case.objects.order_by("pk").values_list("pk", flat=True))
    chosen = keys[:: max(len(keys) // COMPARED, 1)][:COMPARED]
    return list(Case.objects.select_related("letter__writer").filter(pk__in=chosen))


def _like(case):
    return similar(case, Case.objects.all())
