"""One seed played both ways: the bulk path writes what intake and perform would have written."""

import pytest
from django.db import connection

from cases import gram_filling, grams, log, worlds
from cases.models import Letter
from cases.refusals import WrongState
from simulation import bulk, engine, play, runs, scenario, shards, sources
from simulation.automaton import TimelineError
from simulation.model import DAY
from simulation.models import Run
from tests.reports import no_tasks_left  # noqa: F401
from tests.run_worlds import make_world
from tests.timelines import block_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_tasks_left")]

LETTERS, SEED = 150, 5
# The shipped scenario with the rare made common, so that few letters show every step.
YEAR = scenario.load("guangdong-2021")
COMMON = {
    "same_matter = 0.08": "same_matter = 0.3",
    "same_matter_days = 6": "same_matter_days = 1",
    "emergency = 0.006": "emergency = 0.05",
    "decline = 0.045": "decline = 0.15",
    "reconsider = 0.03": "reconsider = 0.4",
    "transfer_out = 0.02": "transfer_out = 0.05",
    "ask_citizen = 0.05": "ask_citizen = 0.25",
    "supply = 0.80": "supply = 0.5",
    "send_back_reply = 0.05": "send_back_reply = 0.2",
    "rate = 0.30": "rate = 0.7",
    "reopen = 0.35": "reopen = 0.8",
    "consult = { days = 0.42": "consult = { days = 3.0",
    "help = { days = 3.2": "help = { days = 20",
    "report = { days = 3.2": "report = { days = 20",
    "record_incident = { days = 40": "record_incident = { days = 10",
    "record_rule = { days = 45": "record_rule = { days = 10",
    # A fitted number, that may be another one tomorrow.
    f"letters_per_rule = {YEAR.outcomes.letters_per_rule}": "letters_per_rule = 2",
}
STEPS = set(
    "receive accept decline reconsider transfer_out merge dispatch forward_down sign return_to_desk"
    " contact ask_citizen supply lapse feedback extend urge supervise answer_supervision"
    " record_result propose_reply send_back_reply approve_reply rate close reopen thank"
    " record_incident record_rule".split()
)
# Numbers that the database gives out, in the order of writing.
SERIAL = {"cases_event": "id", "cases_incident": "id", "cases_rule": "id"}


@pytest.fixture
def busy(tmp_path):
    """The path of a scenario in which little is rare."""
    text = (sources.DATA / "guangdong-2021.toml").read_text("utf-8")
    for old, new in COMMON.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path = tmp_path / "busy.toml"
    path.write_text(text, "utf-8")
    return str(path)


def bulk_run(scenario):
    """Return a run of the scenario, each of its tasks done here, in several shards."""
    run = runs.create(scenario, letters=LETTERS, seed=SEED)
    runs.simulate(run.pk)
    for piece in reversed(run.pieces.all()):  # in any order
        runs.load_shard(run.pk, piece.number)
    runs.seal(run.pk)
    run = Run.objects.get(pk=run.pk)
    assert (run.status, run.shards) == (Run.DONE, 4)
    return run


def rows(world):
    """Return {table: its rows as {column: value}} of a world, without serial numbers, in order."""
    found = {}
    with worlds.enter(world), connection.cursor() as cursor:
        for table in worlds.domain_tables():
            cursor.execute(f"SELECT * FROM {table}")
            names = [column.name for column in cursor.description]
            lines = [dict(zip(names, line, strict=True)) for line in cursor.fetchall()]
            for line in lines:
                line.pop(SERIAL.get(table), None)
            found[table] = sorted(lines, key=_place)
    return found


def _place(line):
    keys = ("id", "letter_id", "case_id", "seq", "number")
    return [str(line[key]).zfill(12) for key in keys if key in line]


def faults(world):
    with worlds.enter(world):
        return list(log.check())


def differences(one, two):
    """Return (table, key, column, both values) wherever two lists of rows of a table differ."""
    for table in one:
        assert len(one[table]) == len(two[table]), table
        for a, b in zip(one[table], two[table], strict=True):
            assert a.keys() == b.keys()
            for name in a:
                if a[name] != b[name]:
                    yield table, _place(a), name, a[name], b[name]


def empty_world(like):
    """Return a sealed world without letters, with schema, mark and span of one that is gone."""
    number = int(like.mark[1:])
    world = make_world(number, starts_at=like.starts_at, ends_at=like.ends_at)
    worlds.create(world)
    worlds.seal(world)
    return world


def test_one_seed_played_both_ways_gives_equal_rows(busy, monkeypatch):
    """Every column of every table but serial numbers; every step that the engine knows occurs."""
    monkeypatch.setattr(runs, "SHARD_LETTERS", 40)
    run = bulk_run(busy)
    with worlds.enter(run.world):
        assert gram_filling.fill() == grams.total() == LETTERS
        connection.check_constraints()  # else the world can't be dropped in this transaction
    in_bulk, faults_in_bulk = rows(run.world), faults(run.world)
    scenario = runs.scenario_of(run)
    runs.delete(run)

    world = empty_world(run.world)
    play.play(world, SEED, list(engine.run(scenario, SEED).letters()))
    step_by_step = rows(world)

    assert list(differences(in_bulk, step_by_step)) == []
    assert {event["action"] for event in in_bulk["cases_event"]} == STEPS
    assert len(in_bulk["cases_letter"]) == LETTERS
    for table in SERIAL:
        assert in_bulk[table]
    cards = [event["data"] for event in in_bulk["cases_event"] if event["action"] == "supervise"]
    assert set(cards) == {'{"level": "yellow"}', '{"level": "red"}'}
    assert faults_in_bulk == faults(world) == []


def test_a_step_that_the_table_forbids_is_refused_both_ways(busy):
    run = runs.create(busy, letters=1)
    scenario = runs.scenario_of(run)
    playing = engine.run(scenario, SEED)
    arrival, _timeline = next(playing.letters())
    timeline = [(arrival.at, "receive", {}), (arrival.at + 60, "sign", {})]
    block = block_of(playing.arrivals, arrival, timeline)
    rows_of = bulk.Rows(
        seed=SEED,
        mark=run.world.mark,
        start=run.world.starts_at,
        seconds=365 * DAY,
        units=shards.unit_table(run.pk),
    )
    with pytest.raises(TimelineError, match="letter 1: sign does not follow from “received”"):
        rows_of.add(block)
    worlds.seal(run.world)
    with pytest.raises(WrongState):
        play.play(run.world, SEED, [(arrival, timeline)])
    with worlds.enter(run.world):
        assert not Letter.objects.exists()
