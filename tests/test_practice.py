"""Practice: an officer's own world, its clock, what goes on in it, and nothing outside."""

from datetime import date, timedelta

import pytest
from django.db import connection

from cases import access, log, practising, worlds
from cases.desk.middleware import SESSION_KEY
from cases.models import Case, Event, Letter, Unit, World
from cases.transitions import State
from mailbox.models import Notice
from simulation import claims, practice, practice_going, practice_letters, practice_people, scenario
from simulation.models import Practice
from tests.reports import no_tasks_left  # noqa: F401
from tests.run_worlds import at_home, make_run, schemas

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_tasks_left")]

DAY = date(2022, 3, 1)  # a Tuesday
RIGHTS = ("triage_case", "dispatch_case", "note_case", "reveal_identity", "view_statistics")
YEAR = scenario.load("guangdong-2021")


def made(officer, letters=30):
    """Return the row of an officer's world, made here."""
    row = practice.ask(officer, DAY, letters, seed=3)
    practice.make(row.pk)
    return Practice.objects.select_related("world", "owner").get(pk=row.pk)


@pytest.fixture
def trainee(make_officer):
    return make_officer(*RIGHTS, unit="440300")


@pytest.fixture
def inside(client, trainee):
    """A client whose officer has gone into their practice world."""
    row = made(trainee, letters=20)
    client.force_login(trainee)
    answer = client.post("/desk/world/enter/", {"schema": row.world.schema}, follow=True)
    assert "演练" in answer.content.decode()
    return client


def clock_set(client):
    return client.get("/desk/").content.decode().split('name="seen" value="')[1].split('"')[0]


def forward(client, by, seen=None):
    return client.post("/desk/world/forward/", {"by": by, "seen": seen or clock_set(client)})


# -- what stands in it -------------------------------------------------------------------------


def test_world_stands_at_the_chosen_morning_with_work_of_every_kind(trainee):
    row = made(trainee)
    assert row.status == Practice.READY
    with worlds.enter(row.world):
        assert worlds.now() == row.stands_at
        states = set(access.visible_cases(trainee).values_list("state", flat=True))
        assert {State.RECEIVED, State.ACCEPTED, State.DISPATCHED, State.IN_HAND} <= states
        assert {State.IN_REVIEW, State.AWAITING_CITIZEN, State.REPLIED, State.CLOSED} <= states
        assert not Letter.objects.filter(received_at__gt=row.stands_at).exists()
        assert not Event.objects.filter(at__gt=row.stands_at).exists()
        assert list(log.check()) == []
        assert Letter.objects.filter(writer=None).count() == 0
        assert all(
            r.startswith(row.world.mark) for r in Letter.objects.values_list("receipt", flat=True)
        )
    assert at_home() and not Letter.objects.exists()


@pytest.mark.parametrize("code", ["440000", "440000-CR", "440300", "440304", "440306-02"])
def test_every_unit_has_letters_in_hand_and_to_come(code):
    paths = dict(Unit.objects.values_list("code", "path"))
    place = practice_letters.Place(code, paths, YEAR)
    past, coming = practice_letters.stories(YEAR, 1, place, 300 * 86400, 100)
    assert 90 <= len(past) <= 200 and coming
    for story in past:
        began = [at <= 0 for at, _action, _said in story.steps[: story.done]]
        assert story.done and all(began)
    numbers = [story.arrival.number for story in past + coming]
    assert len(numbers) == len(set(numbers))


def test_same_seed_gives_the_same_letters():
    place = practice_letters.Place("440304", dict(Unit.objects.values_list("code", "path")), YEAR)
    one, other = (practice_letters.stories(YEAR, 5, place, 10**9, 100) for _time in range(2))
    assert one == other


def test_made_up_people_can_be_nobody():
    person = practice_people.person(4711, "440300")
    assert person == practice_people.person(4711, "440300")
    assert person["phone"].startswith("0755-0000") and person["name"][1] == "某"


# -- the clock ---------------------------------------------------------------------------------


def test_clock_runs_inside_stands_outside_and_goes_on(inside, trainee):
    world = World.objects.get()
    assert world.clock_since is not None
    inside.post("/desk/world/leave/")
    world.refresh_from_db()
    stood = world.clock_at
    assert world.clock_since is None and worlds.clock(world) == stood
    inside.post("/desk/world/enter/", {"schema": world.schema})
    world.refresh_from_db()
    world.clock_since -= timedelta(minutes=40)
    assert worlds.clock(world) - stood >= timedelta(minutes=40)


def test_next_morning_brings_letters_and_timers_once(inside):
    world = World.objects.get()
    with worlds.enter(world):
        before = Letter.objects.count(), Event.objects.filter(role="system").count()
    seen = clock_set(inside)
    assert forward(inside, "morning", seen).status_code == 302
    world.refresh_from_db()
    assert f"{world.clock_at.astimezone(practising.SHANGHAI):%m-%d %H:%M}" == "03-02 08:30"
    with worlds.enter(world):
        after = Letter.objects.count(), Event.objects.filter(role="system").count()
        assert after[0] > before[0] and after[1] > before[1]
        assert list(log.check()) == []
    forward(inside, "morning", seen)  # the second click
    world.refresh_from_db()
    assert f"{world.clock_at.astimezone(practising.SHANGHAI):%m-%d}" == "03-02"
    assert at_home() and not Event.objects.exists()


def test_others_go_on_with_what_the_officer_has_dispatched(inside):
    world = World.objects.get()
    practice_row = Practice.objects.get()
    actions = {case: [step[1] for step in steps] for case, steps in practice_row.coming["going"]}
    with worlds.enter(world):
        waiting = Case.objects.filter(state=State.RECEIVED, mailbox__code="440300")
        case = next(c for c in waiting if {"dispatch", "sign"} <= set(actions.get(c.pk, ())))
        receipt = case.letter.receipt
    unit = next(
        said["unit"]
        for pk, steps in practice_row.coming["going"]
        if pk == case.pk
        for _gap, action, said in steps
        if action == "dispatch"
    )
    inside.post(f"/desk/{receipt}/accept/", {"seen": case.seq})
    with worlds.enter(world):
        seq = Case.objects.get(pk=case.pk).seq
    inside.post(f"/desk/{receipt}/dispatch/", {"seen": seq, "unit": unit})
    forward(inside, "morning")
    with worlds.enter(world):
        steps = list(
            Event.objects.filter(case=case.pk).order_by("seq").values_list("action", flat=True)
        )
        assert steps[:3] == ["receive", "accept", "dispatch"] and "sign" in steps
        untouched = Case.objects.filter(state=State.RECEIVED, pk__in=[c.pk for c in waiting])
        assert untouched.exists()  # what is the officer's own to do waits for them


def test_clock_goes_no_other_way_and_stops_at_the_end(inside):
    for by in ("", "year", "\0"):
        assert forward(inside, by).status_code == 404
    for _time in range(3):
        forward(inside, "week")
    world = World.objects.get()
    assert worlds.clock(world) == world.ends_at
    assert inside.get("/desk/").status_code == 200


def test_only_a_practice_world_is_moved_on(client, make_officer):
    make_run(1, letters=1)
    client.force_login(make_officer("run_simulation", unit="440300"))
    assert client.post("/desk/world/forward/", {"by": "hour"}).status_code == 404
    client.post("/desk/world/enter/", {"schema": "run_1"})
    assert client.post("/desk/world/forward/", {"by": "hour"}).status_code == 404


# -- whose it is, and nothing outside ----------------------------------------------------------


def test_another_officers_world_looks_absent(client, trainee, make_officer):
    row = made(trainee, letters=5)
    client.force_login(make_officer("run_simulation", *RIGHTS, unit="440300"))
    assert client.post("/desk/world/enter/", {"schema": row.world.schema}).status_code == 404
    assert SESSION_KEY not in client.session
    for what in ("again", "delete"):
        assert client.post(f"/desk/practice/{row.pk}/{what}/").status_code == 404
    assert (
        str(row.unit)
        not in client.get("/desk/practice/").content.decode().split("practice-worlds")[1][:200]
    )


def test_nothing_that_is_done_inside_is_felt_outside(inside, cast):
    live = cast.make_case()
    before = Event.objects.count(), Notice.objects.count()
    world = World.objects.get()
    with worlds.enter(world):
        case = Case.objects.filter(state=State.RECEIVED).select_related("letter").first()
    inside.post(f"/desk/{case.letter.receipt}/note/", {"seen": case.seq, "text": "练习"})
    inside.post(f"/desk/{case.letter.receipt}/identity/", {"reason": "核对电话"})
    forward(inside, "morning")
    assert (Event.objects.count(), Notice.objects.count()) == before
    assert Case.objects.get(pk=live.pk).seq == live.seq
    assert inside.get(f"/desk/{live.letter.receipt}/").status_code == 404


# -- the page ----------------------------------------------------------------------------------


def test_page_asks_for_a_world_and_says_what_is_wrong(client, trainee):
    client.force_login(trainee)
    assert "还没有演练世界" in client.get("/desk/practice/").content.decode()
    for day, letters, says in [
        ("2019-01-01", "100", "之间的一天"),
        ("\0", "100", "请填写日期"),
        ("2022-03-01", "１", "100至2000"),
        ("2022-03-01", "9" * 400, "100至2000"),
    ]:
        answer = client.post("/desk/practice/", {"day": day, "letters": letters})
        assert answer.status_code == 400 and says in answer.content.decode()
    assert not Practice.objects.exists()
    for _time in range(practice.MOST + 1):
        client.post("/desk/practice/", {"day": "2022-03-01", "letters": "100"})
    assert Practice.objects.count() == practice.MOST
    text = client.get("/desk/practice/?part=rows").content.decode()
    assert "准备中" in text and "data-poll" in text


def test_world_of_an_older_version_is_said_to_be_one(client, trainee):
    made(trainee, letters=5)
    World.objects.update(fingerprint="of an older version")
    client.force_login(trainee)
    text = client.get("/desk/practice/").content.decode()
    assert "请重来一次" in text and 'name="schema"' not in text


def test_again_and_delete(client, trainee):
    row = made(trainee, letters=5)
    client.force_login(trainee)
    client.post("/desk/world/enter/", {"schema": row.world.schema})
    connection.check_constraints()  # a test is one transaction, in which all is still to check
    client.post(f"/desk/practice/{row.pk}/again/")
    fresh = Practice.objects.get()
    assert (fresh.seed, fresh.stands_at, fresh.status) == (3, row.stands_at, Practice.WAITING)
    assert schemas() == set()
    assert "已离开" in client.get("/desk/", follow=True).content.decode()
    practice.make(fresh.pk)
    connection.check_constraints()
    client.post(f"/desk/practice/{fresh.pk}/delete/")
    assert schemas() == set() and not World.objects.exists() and not Practice.objects.exists()


def test_world_that_fails_leaves_nothing_and_says_so(trainee, client, monkeypatch):
    row = practice.ask(trainee, DAY, 100)
    monkeypatch.setattr(practice_going, "take", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        practice.make(row.pk)
    assert schemas() == set() and not World.objects.exists()
    client.force_login(trainee)
    assert "没有做成" in client.get("/desk/practice/").content.decode()


def test_sweep_sends_again_gives_up_and_clears_away(trainee):
    row = practice.ask(trainee, DAY, 100)
    assert practice.sweep() == 0
    for _time in range(claims.MAX_ATTEMPTS):
        Practice.objects.update(sent_at=worlds.now() - timedelta(hours=1))
        assert practice.sweep() == 1
        with claims.claim(Practice, row.pk):  # and its worker dies
            assert practice.sweep() == 0
    Practice.objects.update(sent_at=worlds.now() - timedelta(hours=1))
    assert practice.sweep() == 0
    row.refresh_from_db()
    assert row.status == Practice.FAILED
    Practice.objects.update(created_at=worlds.now() - timedelta(days=practice.KEPT_DAYS + 1))
    practice.sweep()
    assert not Practice.objects.exists()
