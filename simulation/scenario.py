"""Scenarios: what is modelled, read from one TOML file and checked whole.

A scenario names actions, kinds, categories and cities of the workflow; one that the
table does not know is refused. Rates have units in their names; shares add up to 1.
"""

import json
import re
from dataclasses import replace
from pathlib import Path

from cases import fields
from cases.calendars import MissingCalendar, require_years
from cases.transitions import TRANSITIONS
from simulation import absences, bursts, changing, priors, sources
from simulation.model import DAY, Arrivals, City, Outcomes, Promises, Scenario
from simulation.reader import MOST_LETTERS, Table

UNITS_FILE = Path(__file__).parent.parent / "cases" / "data" / "units.json"
DEPARTMENT = "440000"
DRAWN = "drawn"  # the change that draws every parameter from its prior, by this seed

KIND_CODES, CATEGORY_CODES, RESULT_CODES, DECLINE_CODES, ELSEWHERE_CODES, RETURN_CODES = (
    tuple(code for code, _ in choices)
    for choices in (
        fields.KINDS,
        fields.CATEGORIES,
        fields.RESULTS,
        fields.DECLINE_REASONS,
        fields.ELSEWHERE,
        fields.RETURN_REASONS,
    )
)
OTHER_KINDS = tuple(kind for kind in KIND_CODES if kind not in fields.PROBLEM_KINDS)
_UNDONE = tuple(result for result in RESULT_CODES if result != "done")

# The officers' actions that take work, those that happen by chance, and what comes later.
WORKED = (
    "accept", "dispatch", "forward_down", "sign", "contact", "return_to_desk", "record_result",
    "propose_reply", "approve_reply",
)  # fmt: skip
CHANCES = (
    "merge", "decline", "reconsider", "transfer_out", "ask_citizen", "supply", "contact", "extend",
    "send_back_reply", "rate", "reopen", "close",
)  # fmt: skip
LAGS = (
    "supply", "reconsider", "feedback", "rate", "reopen", "thank", "record_incident", "record_rule",
)  # fmt: skip


def load(name, changes=None):
    """Return the Scenario of a published or saved name, or of a path that ends in .toml.

    changes: as for parse. Raises: ScenarioError, one line with file, key and rule.
    """
    return parse(sources.source(name), name, changes)


def parse(text, name, changes=None):
    """Return the Scenario that a TOML text describes.

    name: of the scenario or its file, for errors. changes: {name: value} as changing.apply
    takes them. Raises: ScenarioError.
    """
    file = str(name) if str(name).endswith(".toml") else f"{name}.toml"
    tree = sources.tree(text, file)
    if not changes:
        return _scenario(tree, file)
    if DRAWN in changes:
        priors.draw(tree, changes[DRAWN])
    changing.apply(tree, {name: new for name, new in changes.items() if name != DRAWN}, file)
    note = "changed: " + ", ".join(f"{path} = {value}" for path, value in changes.items())
    return replace(_scenario(tree, file), notes=(note,))


def _scenario(tree, name):
    file = Table(tree, name)
    head, work, staff = file.table("scenario"), file.table("work"), file.table("staff")
    start, days, letters = head.day("start"), head.count("days", 1), head.count("letters", 1)
    _check_calendar(head, start, days)
    cities = _cities(file)
    found = bursts.read(file, start, days, cities, KIND_CODES, CATEGORY_CODES)
    codes = (DEPARTMENT, *(city.code for city in cities))
    everyone = letters + sum(burst.letters for burst in found)
    if everyone > MOST_LETTERS:
        raise head.error("letters", f"must be at most {MOST_LETTERS:,}, not {everyone:,}")
    scenario = Scenario(
        name=head.text("name"),
        title=head.text("title"),
        start=start,
        days=days,
        letters=everyone,
        arrivals=_arrivals(file.table("arrivals"), start, days, letters),
        kinds=file.named_shares("kinds", KIND_CODES, "kind"),
        categories=file.named("categories", KIND_CODES, "kind", _categories),
        cities=cities,
        bursts=found,
        absences=absences.read(file, start, days, codes),
        department_desk=staff.shifts("department_desk"),
        day_shift=_block(staff, "day_shift", staff.text("day_shift")),
        office_hours=_blocks(staff, "office_hours"),
        at_any_hour=staff.names("at_any_hour", KIND_CODES, "kind"),
        work=_by_action(work, "action", WORKED, Table.spread),
        matter=work.named("matter", KIND_CODES, "kind", Table.spread),
        effort=work.named("effort", KIND_CODES, "kind", Table.number),
        redo_matter=work.number("redo_matter"),
        returns=tuple(work.shares("returns", 4)),
        chances=_by_action(file, "chances", CHANCES, Table.share),
        lags=_by_action(file, "lags", LAGS, Table.spread),
        decline_reasons=file.named_shares("decline_reasons", DECLINE_CODES, "reason"),
        elsewhere=file.named_shares("elsewhere", ELSEWHERE_CODES, "place"),
        return_reasons=file.named_shares("return_reasons", RETURN_CODES, "reason"),
        promises=_promises(file.table("promises")),
        outcomes=_outcomes(file.table("outcomes")),
        **priors.read(file, tree),
    )
    for table in (head, work, staff, file):
        table.done()
    return scenario


def _check_calendar(head, start, days):
    last = start.fromordinal(start.toordinal() + days)
    try:
        require_years(start.year, last.year)
    except MissingCalendar as missing:
        raise head.error("start", str(missing)) from missing


def _by_action(table, key, used, read):
    """Read a table by action; one that the workflow or the model does not know is refused."""
    for action in table.take(key, dict, "a table"):
        if action not in TRANSITIONS:
            raise table.error(f"{key}.{action}", "is an unknown action")
    return table.named(key, used, "use of this action: the model has none", read)


def _categories(table, kind):
    return table.named_shares(kind, CATEGORY_CODES, "category")


def _arrivals(table, start, days, letters):
    arrivals = Arrivals(
        checkpoints=_checkpoints(table, start, days, letters),
        surge_peak=table.number("surge_peak"),
        surge_days=table.number("surge_days", 0.1),
        daily_cv=table.number("daily_cv"),
        day_off=table.number("day_off"),
        weekdays=tuple(table.shares("weekdays", 5)),
        hours=tuple(table.shares("hours", 24)),
        repeat=table.share("repeat"),
        repeat_days=table.number("repeat_days"),
        same_matter=table.share("same_matter"),
        same_matter_days=table.number("same_matter_days"),
        emergency=table.share("emergency"),
        emergency_declined=table.share("emergency_declined"),
        confidential=table.named("confidential", KIND_CODES, "kind", Table.share),
    )
    if arrivals.same_matter > arrivals.repeat:
        raise table.error("same_matter", "must not be more than repeat")
    table.done()
    return arrivals


def _checkpoints(table, start, days, letters):
    """Return (days from the start, letters until then), the year's end last."""
    points = []
    for point in table.tables("checkpoints", least=0) if table.has("checkpoints") else ():
        until, received = point.day("until"), point.count("received")
        day = until.toordinal() - start.toordinal() + 1
        before = points[-1] if points else (0, 0)
        if not before[0] < day < days or not before[1] <= received <= letters:
            raise point.error("until", "checkpoints must rise, inside the scenario")
        point.done()
        points.append((day, received))
    return (*points, (days, letters))


def _cities(file):
    codes = _unit_codes()
    cities, populations = [], []
    for table in file.tables("city"):
        code = table.text("code")
        units = _units_of(code, codes)
        if not units or code in [city.code for city in cities]:
            raise table.error("code", f"is an unknown city, or a second time there: {code}")
        by_share = table.has("share")
        populations.append(0 if by_share else table.count("population", 1))
        cities.append(
            City(
                code=code,
                share=table.share("share") if by_share else 0.0,
                to_department=table.share("to_department"),
                units=units,
                desk=table.shifts("desk"),
                duty=table.shifts("duty"),
                handlers=table.officers("handlers"),
                reviewers=table.officers("reviewers"),
            )
        )
        table.done()
    return _with_shares(file, cities, populations)


def _with_shares(file, cities, populations):
    """Give the cities without a share what the others leave, by population."""
    left, people = 1 - sum(city.share for city in cities), sum(populations)
    if left < -1e-6 or (not people and left > 1e-6):
        raise file.error("city", f"shares must add up to 1; they leave {left:g}")
    return tuple(
        replace(city, share=left * n / people) if n else city
        for city, n in zip(cities, populations, strict=True)
    )


def _unit_codes():
    with UNITS_FILE.open(encoding="utf-8") as file:
        return [unit["code"] for unit in json.load(file)["units"]]


def _units_of(city, codes):
    """Return a city's districts, or its stations where it has no districts."""
    if not re.fullmatch(r"\d{4}00", city) or city == DEPARTMENT or city not in codes:
        return ()
    districts = re.compile(rf"{city[:4]}(?!00)\d\d")
    stations = re.compile(rf"{city}-\d\d")
    found = [code for code in codes if districts.fullmatch(code)]
    return tuple(found or [code for code in codes if stations.fullmatch(code)])


def _block(table, key, text):
    """Return "08:30-12:00" as seconds of the day."""
    match = re.fullmatch(r"(\d\d):(\d\d)-(\d\d):(\d\d)", str(text))
    opens, closes = (
        (int(match[i]) * 3600 + int(match[i + 1]) * 60 for i in (1, 3)) if match else (0, 0)
    )
    if not opens < closes <= DAY:
        raise table.error(key, f'must be hours such as "08:30-12:00", not {text!r}')
    return opens, closes


def _blocks(table, key):
    blocks = [_block(table, key, text) for text in table.take(key, list, "a list of hours")]
    if not blocks or any(a[1] >= b[0] for a, b in zip(blocks, blocks[1:], strict=False)):
        raise table.error(key, "must be hours of the day in order")
    return tuple(blocks)


def _promises(table):
    promises = Promises(
        reply=table.named("reply_days", KIND_CODES, "kind", Table.days),
        redo=table.named("redo_days", KIND_CODES, "kind", Table.days),
        extension=table.named("extension_days", KIND_CODES, "kind", Table.days),
        supply=table.days("supply_days", 1),
        silence=table.days("silence_days", 1),
        yellow_working_days=table.days("yellow_working_days", 1),
        red_working_days=table.days("red_working_days", 1),
    )
    if promises.red_working_days <= promises.yellow_working_days:
        raise table.error("red_working_days", "must be more than yellow_working_days")
    table.done()
    return promises


def _outcomes(table):
    outcomes = Outcomes(
        done=table.number("done"),
        done_growth_per_year=table.number("done_growth_per_year"),
        done_kind=table.named("done_kind", fields.PROBLEM_KINDS, "problem kind", Table.number),
        done_category=table.named("done_category", CATEGORY_CODES, "category", Table.number),
        done_per_return=table.share("done_per_return"),
        done_per_week=table.share("done_per_week"),
        unit_cv=table.number("unit_cv"),
        undone=table.named_shares("undone", _UNDONE, "result"),
        results=table.named("results", OTHER_KINDS, "kind without a problem", _results),
        satisfied=table.named("satisfied", RESULT_CODES, "result", Table.share),
        said_solved=table.named("said_solved", RESULT_CODES, "result", Table.share),
        thanks_per_solved=table.share("thanks_per_solved"),
        banners=table.share("banners"),
        incident=table.number("incident"),
        incident_kind=table.named("incident_kind", KIND_CODES, "kind", Table.number),
        incident_category=table.named(
            "incident_category", CATEGORY_CODES, "category", Table.number
        ),
        letters_per_rule=table.count("letters_per_rule", 1),
        rule_kinds=table.names("rule_kinds", KIND_CODES, "kind"),
        rule_titles=table.named("rule_titles", CATEGORY_CODES, "category", Table.text),
    )
    table.done()
    return outcomes


def _results(table, kind):
    return table.named_shares(kind, RESULT_CODES, "result")
