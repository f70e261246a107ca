"""Going into a run's world: its letters on the officers' pages, and no effect outside."""

import pytest
from django.http import StreamingHttpResponse
from django.test import RequestFactory
from django.urls import Resolver404, resolve

from cases import worlds
from cases.desk import middleware
from cases.models import Case, Event, Officer, Unit, World
from tests.run_worlds import at_home, make_run, make_world

pytestmark = pytest.mark.django_db

EVERYTHING = ("triage_case", "note_case", "run_simulation", "view_statistics", "enter_letter")


@pytest.fixture
def inside(client, make_officer):
    """A client whose officer has gone into run_1, which has two letters."""
    make_run(1, letters=2)
    client.force_login(make_officer(*EVERYTHING, unit="440300"))
    answer = client.post("/desk/world/enter/", {"schema": "run_1"}, follow=True)
    assert "run_1" in answer.content.decode()
    return client


def run_receipts(client):
    return [row.case.letter.receipt for row in client.get("/desk/?scope=all").context["rows"]]


def test_desk_shows_the_letters_of_the_run_and_says_so(inside, cast):
    cast.make_case()
    receipts = run_receipts(inside)
    assert len(receipts) == 2 and all(receipt.startswith("R1-") for receipt in receipts)
    for address in ("/desk/", f"/desk/{receipts[0]}/", "/desk/overview/", "/admin/"):
        text = inside.get(address).content.decode()
        assert "模拟世界" in text and "2026-04-01 09:00" in text, address
    assert at_home()


def test_steps_inside_stay_inside(inside, cast):
    live = cast.make_case()
    before = Event.objects.count()
    (receipt, _other) = run_receipts(inside)
    answer = inside.post(f"/desk/{receipt}/accept/", {"seen": 1})
    assert answer.status_code == 302
    assert inside.get(f"/desk/{receipt}/").context["case"].state == "accepted"
    assert Event.objects.count() == before
    assert Case.objects.get(pk=live.pk).seq == live.seq
    assert inside.get(f"/desk/{live.letter.receipt}/").status_code == 404


def test_figures_are_of_the_run(inside, cast):
    cast.make_case()
    counts = {str(f.label): f.value for f in inside.get("/desk/overview/").context["counts"]}
    assert counts["收到"] == "2"


def test_leaving_shows_live_letters_again(inside, cast):
    case = cast.make_case()
    answer = inside.post("/desk/world/leave/", follow=True)
    assert "模拟世界 run_1" not in answer.content.decode()
    assert run_receipts(inside) == [case.letter.receipt]


def test_planner_sees_letters_in_a_run_and_none_outside(client, cast, make_officer):
    cast.make_case()
    make_run(1, letters=2)
    client.force_login(make_officer("run_simulation", unit="440000"))
    assert run_receipts(client) == []
    client.post("/desk/world/enter/", {"schema": "run_1"})
    assert len(run_receipts(client)) == 2


def test_entering_needs_the_right_and_a_world(client, make_officer):
    make_run(1, letters=1)
    client.force_login(make_officer("triage_case"))
    assert client.post("/desk/world/enter/", {"schema": "run_1"}).status_code == 404
    assert "world" not in client.session
    client.force_login(make_officer("run_simulation"))
    for schema in ("live", "\0", ""):
        assert client.post("/desk/world/enter/", {"schema": schema}).status_code == 404
    assert client.get("/desk/world/enter/").status_code == 405


def test_unready_world_is_refused_with_a_sentence(client, make_officer):
    make_world(1)
    client.force_login(make_officer("run_simulation", "triage_case"))
    answer = client.post("/desk/world/enter/", {"schema": "run_1"}, follow=True)
    assert "还没有完成" in answer.content.decode()
    assert "world" not in client.session


@pytest.mark.parametrize("end", ["deleted", "outdated", "right lost"])
def test_world_that_cannot_be_entered_any_more_is_left_and_nothing_is_done(inside, cast, end):
    live = cast.make_case()
    world = World.objects.get()
    if end == "deleted":
        worlds.drop(world)
    elif end == "outdated":
        world.fingerprint = "of an older version"
        world.save()
    else:
        Officer.objects.get(pk=inside.session["_auth_user_id"]).user_permissions.clear()
    answer = inside.post(f"/desk/{live.letter.receipt}/note/", {"seen": live.seq, "text": "备注"})
    assert (answer.status_code, answer.url) == (302, "/desk/")
    assert "world" not in inside.session
    assert Case.objects.get(pk=live.pk).seq == live.seq
    assert "已离开模拟世界" in inside.get("/desk/").content.decode()


def test_common_tables_cannot_be_changed_from_inside(inside, make_officer):
    administrator = make_officer(
        "change_unit", "add_unit", "view_unit", "run_simulation", unit="440000"
    )
    inside.force_login(administrator)
    unit = Unit.objects.get(code="440304")
    address = f"/admin/cases/unit/{unit.pk}/change/"
    assert inside.get(address).context["has_change_permission"]
    inside.post("/desk/world/enter/", {"schema": "run_1"})
    answer = inside.get(address)
    assert answer.status_code == 200 and not answer.context["has_change_permission"]
    assert inside.post(address, {"name": "别名"}).status_code == 403


def test_server_error_inside_undoes_what_was_written(inside, monkeypatch):
    def broken(*args):
        raise ZeroDivisionError

    (receipt, _other) = run_receipts(inside)
    monkeypatch.setattr("cases.desk.steps.redirect", broken)
    inside.raise_request_exception = False
    assert inside.post(f"/desk/{receipt}/accept/", {"seen": 1}).status_code == 500
    monkeypatch.undo()
    assert inside.get(f"/desk/{receipt}/").context["case"].state == "received"
    assert at_home()


def test_streaming_answer_inside_is_an_error(make_officer):
    make_run(1, letters=1)
    request = RequestFactory().get("/desk/")
    request.user = make_officer("run_simulation")
    request.session = {middleware.SESSION_KEY: "run_1"}
    streaming = middleware.WorldMiddleware(lambda request: StreamingHttpResponse(["x"]))
    with pytest.raises(RuntimeError, match="streaming"):
        streaming(request)
    assert at_home()


@pytest.mark.parametrize(
    ("path", "inside"),
    [
        ("/desk/", True),
        ("/desk/overview/", True),
        ("/admin/", True),
        ("/admin/cases/unit/", True),
        ("/admin/login/", False),
        ("/admin/logout/", False),
        ("/desk/world/leave/", False),
        ("/simulation/", False),
        ("/admin/simulation/run/", False),
        ("/", False),
        ("/write/", False),
        ("/health", False),
    ],
)
def test_officers_pages_alone_are_inside(path, inside):
    assert middleware.is_inside(path) == inside


@pytest.mark.parametrize("path", [p for p in middleware.OUTSIDE if "simulation" not in p])
def test_addresses_left_outside_are_there(path):
    try:
        resolve(path)
    except Resolver404:
        assert resolve(f"{path}leave/")
