"""`scenario_from_log`: a run gives back what it was played with; other logs what can be mapped."""

import csv
import gzip
from datetime import date, datetime, timedelta
from functools import cache

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from cases import worlds
from simulation import (
    casebook,
    drawing,
    eventlogs,
    fitting,
    logfiles,
    measuring,
    playbook,
    runs,
    values,
)
from simulation import scenario as scenarios
from simulation.models import Run
from simulation.sources import source
from tests.people import MORNING
from tests.reports import no_tasks_left  # noqa: F401

BASE = "guangdong-2021"
# Rates that are not those of the base, so that what comes back was measured.
CHANGED = {
    "chances.decline": 0.12, "chances.rate": 0.5, "chances.contact": 0.6, "chances.supply": 0.5,
    "chances.ask_citizen": 0.15, "work.matter.help": 6, "lags.reopen": 2, "arrivals.day_off": 0.7,
    "outcomes.done": 0.3, "outcomes.thanks_per_solved": 0.3, "outcomes.satisfied.explained": 0.4,
}  # fmt: skip
LETTERS = 3000


def made_run(**asked):
    """Return a finished run, each of its tasks done here."""
    run = runs.create(BASE, **asked)
    runs.simulate(run.pk)
    for number in range(Run.objects.get(pk=run.pk).shards):
        runs.load_shard(run.pk, number)
    runs.seal(run.pk)
    return Run.objects.get(pk=run.pk)


def refused(**options):
    """Return (exit status, message) of a call that must fail."""
    with pytest.raises(CommandError) as refusal:
        call_command("scenario_from_log", **options)
    return refusal.value.returncode, str(refusal.value)


@cache
def played(letters=400, seed=3):
    """Return the book of a small year."""
    return playbook.of_run(scenarios.load(BASE).scaled(letters), seed)


# -- a run, and back ----------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("no_tasks_left")
def test_a_run_gives_back_what_it_was_played_with(tmp_path):
    run = made_run(letters=LETTERS, seed=5, changes=CHANGED)
    scenario = runs.scenario_of(run)
    end = scenario.start + timedelta(days=scenario.days - 1)
    cities = tuple(city.code for city in scenario.cities)
    with worlds.enter(run.world):
        book = casebook.of_log(scenario.start, end, cities)
    same = playbook.of_run(scenario, run.seed)
    for name in casebook.COLUMNS:
        assert np.array_equal(np.sort(book[name]), np.sort(same[name])), name
    assert book.return_reasons == same.return_reasons

    drawn = drawing.draw(book, source(BASE), BASE)
    truth = scenarios.sources.tree(source(BASE), BASE)
    scenarios.changing.apply(truth, CHANGED, BASE)
    outside = []
    for path, (_n, low, high) in drawn.measured.items():
        if low is not None and path not in ("scenario.letters", "arrivals.checkpoints"):
            if path.startswith("city.") and "population" in values.place(truth, path)[0]:
                continue  # a city whose share the base leaves to its population
            if not low <= values.shown(path, values.get(truth, path)) <= high:
                outside.append(path)
    assert len(drawn.measured) > 90
    assert len(outside) <= 0.1 * len(drawn.measured), outside
    assert not set(outside) & (set(CHANGED) - {"outcomes.thanks_per_solved"}), outside

    rows = fitting.compare(drawn.scenario, book, replications=6)
    assert len(rows) > 30
    wide = [row.name for row in rows if not row.fits and not row.measured.holds(row.simulated)]
    assert len(wide) <= 1, wide


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("no_tasks_left")
def test_it_writes_a_scenario_that_can_be_played(tmp_path, capsys):
    run = made_run(letters=300, seed=2)
    path = tmp_path / "own.toml"
    call_command("scenario_from_log", world=run.pk, output=str(path), replications=2)
    text = path.read_text(encoding="utf-8")
    scenario = scenarios.load(str(path))
    assert (scenario.letters, scenario.days, scenario.start) == (300, 365, date(2021, 5, 1))
    assert "# MEASURED n=300" in text
    assert "PRIOR, too few to measure (n=" in text
    assert "an officer's own time is not in a log" in text
    numbers = [line for line in text.splitlines() if " = " in line and not line.startswith("#")]
    said = [line for line in numbers if "MEASURED" in line or "PRIOR" in line]
    unsaid = [line for line in numbers if line not in said]
    assert all(
        line.split(" = ")[0] in ("name", "title", "start", "days", "code") for line in unsaid
    ), unsaid
    assert "of" in capsys.readouterr().out.splitlines()[-2]


def test_the_live_log_gives_what_officers_did(make_case, tmp_path, capsys):
    states = ("closed", "declined", "in_hand", "withdrawn", "transferred_out", "closed")
    for n in range(102):
        make_case(states[n % 6], at=MORNING + timedelta(hours=5 * n))
    path = tmp_path / "live.toml"
    span = {"from": "2026-03-02", "to": "2026-03-23"}
    call_command("scenario_from_log", **span, output=str(path), replications=2)
    scenario = scenarios.load(str(path))
    assert (scenario.letters, scenario.days) == (102, 22)
    assert scenario.kinds == {"help": 1.0} and scenario.categories["help"] == {"traffic": 1.0}
    assert scenario.chances["transfer_out"] == pytest.approx(0.25)  # 17 of 68 that were taken in
    assert "102 letters" in path.read_text(encoding="utf-8")
    assert "Figure" in capsys.readouterr().out


def test_a_year_keeps_its_months_and_takes_no_burst_from_the_base(db):
    drawn = drawing.draw(played(), source("gas-in-winter"), "gas-in-winter")
    assert "burst" in source("gas-in-winter") and "burst" not in drawn.tree
    points = drawn.tree["arrivals"]["checkpoints"]
    assert len(points) == 11
    received = played()["received"]
    assert points[0]["received"] == (received < 31 * 86400).sum()
    assert drawn.scenario.horizon == 365 * 86400


def test_intervals_of_a_share_are_wilsons():
    figure = measuring.share(10, 100)
    assert figure.holds(0.1)
    assert (round(figure.low, 4), round(figure.high, 4)) == (0.0552, 0.1744)
    assert measuring.share(0, 0).n == 0


# -- what it refuses ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options, says",
    [
        ({}, "--from and --to are needed"),
        ({"from": "2026-02-30", "to": "2026-03-01"}, "no date such as"),
        ({"from": "2026-03-02", "to": "2026-03-01"}, "must not be after"),
        ({"from": "2026-01-01", "to": "2099-01-01"}, "nor --to after today"),
        ({"from": "2026-01-01", "to": "2026-01-02"}, "too short"),
        ({"from": "2026-01-01", "to": "2026-02-01"}, "0 letters were received"),
        ({"world": 4711}, "no finished run 4711"),
        ({"base": "nowhere"}, "is no scenario"),
        ({"replications": 1}, "--replications must be at least 2"),
        ({"output": "/nowhere/at/all.toml"}, "can't be written"),
        ({"csv": "log.csv", "world": 1}, "name one"),
        ({"csv": "log.txt"}, "must end in .csv or .xes"),
        ({"csv": "/nowhere/log.csv"}, "No such file"),
        ({"csv": "log.csv", "map": "case"}, "must be name=column"),
    ],
)
def test_it_says_in_one_line_what_is_wrong(db, options, says):
    status, message = refused(**options)
    assert status == 2
    assert says in message
    assert "\n" not in message


# -- another system's log -----------------------------------------------------------------------

START = datetime(2024, 1, 8, 9, 0)


def write_csv(path, rows, head=("id", "what", "when", "who")):
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([head, *rows])
    return str(path)


def other_log():
    """Return rows of 300 cases over 100 days: 60 % stay with whom they came to, 40 % move once."""
    rows = []
    for n in range(300):
        at = START + timedelta(hours=8 * n)
        rows.append((n, "opened", at.isoformat(), "A"))
        if n % 5 < 2:
            rows.append((n, "passed", (at + timedelta(hours=5)).isoformat(), "B"))
        rows.append((n, "solved", (at + timedelta(hours=40 + n % 60)).isoformat(), ""))
    return rows


MAP = "case=id,activity=what,timestamp=when,resource=who"


def test_another_systems_log_gives_arrivals_transfers_and_lengths(db, tmp_path, capsys):
    path = write_csv(tmp_path / "log.csv", other_log())
    output = tmp_path / "other.toml"
    call_command("scenario_from_log", csv=path, map=MAP, output=str(output), replications=2)
    said = capsys.readouterr().out
    assert "300 cases, 720 events; 100.0% finished, by: solved" in said
    assert "0: 60.0%, 1: 40.0%, 2: 0.0%, 3+: 0.0%" in said
    scenario = scenarios.load(str(output))
    assert scenario.letters == 300
    assert scenario.returns == pytest.approx((0.6, 0.4, 0, 0), abs=0.01)
    assert scenario.kinds == scenarios.load(BASE).kinds
    book = playbook.of_run(scenario, 9)
    mean_hours = (book["replied"] - book["received"])[book["replied"] >= 0].mean() / 3600
    assert 60 < mean_hours < 80  # 40 to 99 hours in the log, in the mean 69.5


def test_a_named_end_is_what_finishes_cases(tmp_path):
    path = write_csv(tmp_path / "log.csv", other_log())
    log = eventlogs.read(path, logfiles.parse_map(f"{MAP},end=solved"))
    assert log.ends == {"solved"}
    with pytest.raises(logfiles.LogError, match="no event is called 'done'"):
        eventlogs.read(path, logfiles.parse_map(f"{MAP},end=done"))


XES = """<?xml version="1.0"?>{declared}<log xmlns="http://www.xes-standard.org/">
<string key="concept:name" value="a log"/>
<trace><string key="concept:name" value="c1"/>
<event><string key="concept:name" value="begin"/><string key="org:resource" value="A"/>
<date key="time:timestamp" value="2024-01-08T09:00:00.000+01:00"/></event>
<event><string key="concept:name" value="end"/><string key="org:resource" value="B"/>
<date key="time:timestamp" value="2024-01-09T10:00:00.000+01:00"/></event></trace></log>"""


def test_xes_is_read_as_its_clocks_stood(tmp_path):
    path = tmp_path / "log.xes.gz"
    path.write_bytes(gzip.compress(XES.format(declared="").encode()))
    log = eventlogs.read(path, logfiles.parse_map(""))
    (events,) = log.cases.values()
    assert events == [
        (datetime(2024, 1, 8, 9), "begin", "A"),
        (datetime(2024, 1, 9, 10), "end", "B"),
    ]


@pytest.mark.parametrize(
    "name, content, says",
    [
        ("a.xes", XES.format(declared='<!DOCTYPE log [<!ENTITY a "b">]>'), "document type"),
        ("a.xes", "<log><trace>", "is not XML"),
        ("a.xes", "<log><trace><event/></trace></log>", "no time:timestamp"),
        ("a.xes", "<log/>", "holds no events"),
        ("a.csv", "", "has no column 'id'"),
        ("a.csv", "id,what\n1,x\n", "has no column 'when'"),
        ("a.csv", "id,what,when\n1,x,yesterday\n", "line 2: 'yesterday' is no time"),
        ("a.csv", "id,what,when\n1,x\n", "line 2: 2 fields, not 3"),
        ("a.csv.gz", "id,what,when\n", "gzip"),
    ],
)
def test_a_broken_log_is_told_with_its_place(tmp_path, name, content, says):
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    mapping = logfiles.parse_map(MAP if ".csv" in name else "")
    with pytest.raises(logfiles.LogError, match=says):
        eventlogs.read(path, mapping)
