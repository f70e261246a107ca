"""Attacks of a dishonest officer, and of hostile letters on the officers who read them."""

import csv
import io

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from cases import worlds
from cases.models import Case, Event, Letter, Officer
from cases.transitions import PERMISSIONS, State
from simulation import desk_lists
from tests.reports import no_tasks_left  # noqa: F401
from tests.test_rights import PAGES, address, officer_of, rows_for

pytestmark = pytest.mark.django_db
EVERY_RIGHT = [codename for codename, _label in PERMISSIONS]
SCRIPT = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}"
FORMULA = '=HYPERLINK("http://evil.example","x")'


def receipt_of(case):
    return case.letter.receipt


# -- forms -------------------------------------------------------------------------------------


@pytest.mark.usefixtures("no_tasks_left")
def test_every_form_of_officers_is_refused_without_its_token(cast):
    case, other = cast.make_case(State.ACCEPTED), cast.make_case(State.ACCEPTED)
    officer, visitor = officer_of("administrator"), Client(enforce_csrf_checks=True)
    officer.user_permissions.set([])
    rows = rows_for(officer)
    visitor.force_login(officer)
    for page in PAGES:
        if "POST" in page.methods and "password_reset_confirm" not in page.name:
            place = address(page, receipt_of(case), receipt_of(other), rows, officer)
            assert visitor.post(place, {"seen": case.seq}).status_code in (403, 405), place
    assert Case.objects.get(pk=case.pk).seq == case.seq


def _digest():
    """Return a digest of every table, but for who was here last and what was tried."""
    not_facts = ("django_session", "cases_presence", "cases_lookupattempt", "cases_heartbeat")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT schemaname || '.' || tablename FROM pg_tables"
            " WHERE schemaname IN ('public', 'live') ORDER BY 1"
        )
        names = [n for (n,) in cursor if not n.endswith(not_facts)]
        found = {}
        for name in names:
            cursor.execute(
                f"SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {name} t"
            )
            found[name] = cursor.fetchone()
    return found


@pytest.mark.usefixtures("no_tasks_left")
def test_looking_changes_nothing_whatever_is_looked_at(client, cast):
    """Method tampering: GET and HEAD of every address, with what a form would send, write nothing."""
    case, other = cast.make_case(State.IN_HAND), cast.make_case(State.REPLIED)
    officer = officer_of("leader")
    officer.user_permissions.set(cast.writer.user_permissions.all())
    rows = rows_for(officer)
    client.force_login(officer)
    client.get("/desk/")
    before = _digest()
    said = {
        "seen": case.seq,
        "text": "看一看",
        "reason": "核对电话",
        "action": "note",
        "_method": "POST",
    }
    for page in PAGES:
        if page.name in ("admin:logout", "password_reset_confirm"):
            continue
        place = address(page, receipt_of(case), receipt_of(other), rows, officer)
        override = {"X-HTTP-Method-Override": "POST"}
        assert client.get(place, said, headers=override).status_code != 500, place
    assert _digest() == before
    for method in ("PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"):
        place = f"/desk/{receipt_of(case)}/"
        assert client.generic(method, place).status_code == 405
    assert _digest() == before


def test_fields_that_no_form_of_officers_has_do_nothing(client, cast, make_officer):
    """Mass assignment: other rights, another unit, another's name, another time beside a step."""
    officer = make_officer("handle_case", "note_case", unit="440304")
    case = cast.make_case(State.IN_HAND)
    client.force_login(officer)
    more = {
        "user": cast.writer.pk,
        "role": "system",
        "unit": "440305",
        "at": "2001-01-01",
        "state": "closed",
        "kind": "praise",
        "is_staff": "on",
        "is_superuser": "on",
        "groups": "1",
        "satisfied": "on",
        "case": "1",
    }
    said = {"seen": case.seq, "text": "已联系。", **more}
    assert client.post(f"/desk/{receipt_of(case)}/note/", said).status_code == 302
    event = Event.objects.get(case=case, action="note")
    now = Case.objects.get(pk=case.pk)
    assert (event.user, event.role, now.state, now.unit.code) == (
        officer,
        "officer",
        "in_hand",
        "440304",
    )
    assert now.kind == case.kind and event.data == {}
    assert worlds.now() - event.at < worlds.now() - case.updated_at
    fresh = Officer.objects.get(pk=officer.pk)
    assert not fresh.is_superuser and not fresh.groups.exists()
    for action in (
        "rate",
        "reopen",
        "withdraw",
        "close",
        "receive",
        "lapse",
        "approve_reply",
        "decline",
    ):
        seq = Case.objects.get(pk=case.pk).seq
        answer = client.post(f"/desk/{receipt_of(case)}/{action}/", {**said, "seen": seq})
        assert answer.status_code in (403, 404, 409), action
        assert Case.objects.get(pk=case.pk).seq == seq


def test_officer_makes_themself_no_more_than_they_are(client, make_officer):
    officer = make_officer(*EVERY_RIGHT)
    client.force_login(officer)
    said = {"username": officer.username, "is_superuser": "on", "is_staff": "on", "unit": "1"}
    for place in (
        f"/admin/cases/officer/{officer.pk}/change/",
        "/admin/cases/officer/add/",
        "/admin/auth/group/add/",
        f"/admin/cases/officer/{officer.pk}/password/",
        "/admin/cases/unit/add/",
    ):
        assert client.post(place, said).status_code == 403, place
    assert not Officer.objects.filter(is_superuser=True).exists()


# -- hostile words in every parameter ----------------------------------------------------------

INJECTIONS = (
    "' OR '1'='1",
    "1; DROP TABLE live.cases_letter; --",
    "%' UNION SELECT password FROM cases_officer --",
    "\\' OR pg_sleep(5) --",
    "{{7*7}}${7*7}%s%(x)s",
    SCRIPT,
    "../../../etc/passwd",
    "\r\nSet-Cookie: a=b",
    "9" * 400,
    "-1",
    "١٢",
)
PARAMETERS = """q scope state kind category colour measure sort due month unit
since until taken area own came_from came_to page after who receipt of span day show by view template letters"""


@pytest.mark.usefixtures("no_tasks_left")
def test_no_parameter_of_any_list_is_code(client, cast):
    case = cast.make_case(State.IN_HAND)
    officer = officer_of("leader")
    officer.user_permissions.set(cast.writer.user_permissions.all())
    client.force_login(officer)
    before = Letter.objects.count()
    for number, place in enumerate([*desk_lists.pages(), f"/desk/{receipt_of(case)}/"]):
        for some in (INJECTIONS[number % 3 :: 3], INJECTIONS):
            asked = {n: some[k % len(some)] for k, n in enumerate(PARAMETERS.split())}
            answer = client.get(place, asked)
            text = answer.content.decode(errors="replace")
            assert answer.status_code in (200, 301, 302, 404, 405), place
            assert "<script>alert" not in text and "<img src=x" not in text, place
            assert "pbkdf2" not in text and not answer.has_header("Set-Cookie"), place
            assert ">49<" not in text and "${49}" not in text
    for q in INJECTIONS:
        answer = client.post("/desk/search/", {"q": q}, follow=True)
        assert "<script>alert" not in answer.content.decode()
    assert Letter.objects.count() == before


# -- files that are taken away -----------------------------------------------------------------


def test_no_file_of_ours_holds_a_formula(client, cast):
    """CSV: titles, reasons and names that are formulas; each file that the desk gives."""
    cast.make_case(State.IN_HAND, title=FORMULA[:50])
    cast.writer.first_name = FORMULA[:30]
    cast.writer.save()
    client.force_login(cast.writer)
    case = Case.objects.get()
    client.post(f"/desk/{receipt_of(case)}/identity/", {"reason": FORMULA})
    said = {"reason": FORMULA}
    files = [
        client.post("/desk/export/", {"address": "?scope=all"}),
        client.post("/desk/audit/file/", said),
        client.get("/desk/bulletin/2026-03/figures.csv"),
    ]
    for kind in ("clues", "incidents", "rules", "thanks", "inspection", "supervision"):
        files.append(client.post(f"/desk/{kind}/", {}))
    seen = 0
    for answer in files:
        if "text/csv" in answer.get("Content-Type", ""):
            seen += 1
            for row in csv.reader(io.StringIO(answer.content.decode()[1:])):
                assert not [cell for cell in row if cell.startswith(tuple("=+-@\t\r＝＋－＠"))]
    assert seen >= 5
    apps = [settings.BASE_DIR / name for name in ("cases", "mailbox", "simulation", "config")]
    files = [path for app in apps for path in app.rglob("*.py")]
    # All files go through the one function that test_export tries with each sign.
    assert [p.name for p in files if "csv.writer" in p.read_text("utf-8")] == ["spreadsheets.py"]
