"""Every page × every role: a page opens to whom the table of rights names, and to nobody else.

The pages come from the addresses, the rights from what each page declares and from roles.json; a
page without a declaration fails.
"""

import re

import pyotp
import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from django.urls import path

from cases import receipts, second_factor, units, worlds
from cases.desk import nav, rights_table
from cases.models import Batch, Case, Officer, Recusal, SavedView, Unit
from cases.transitions import PERMISSIONS, State
from simulation.models import Run, Study
from simulation.whatif_pages import KIND
from tests.desk_page import OFFICERS_ROWS
from tests.people import MORNING, PERSON
from tests.reports import no_tasks_left  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_tasks_left")]

PAGES = rights_table.pages()
ROLES = {role["code"]: role for role in units.roles()}
SECRET = pyotp.random_base32()
CITY, ABSENT = "440300", receipts.new_receipt()
OF_A_LETTER = [page for page in PAGES if "<str:receipt>" in page.route]
# What these ask for is not there in this test, so that they look absent to everyone.
ROWLESS = {
    "desk:attachment",
    "desk:evidence",
    "desk:publish",
    "desk:world-enter",
    "desk:world-forward",
    "practice:again",
    "practice:delete",
    "simulation:staff",
    "admin:app_list",
    "desk:draft",
    "simulation:csv",
    "simulation:forecast-csv",
    "simulation:json",
}
# What a page is told, where nothing at all would be an address that isn't there.
SAID = {
    "desk:duty": {"do": "add"},
    "desk:view": {"name": "另一个名称"},
    "desk:batch-act": {},
    "desk:publish": {"step": "write"},
    "desk:bulk": {"case": "-", "action": "note"},
}
CHOOSES = {"app_label": "cases", "model_name": "officer", "field_name": "unit", "term": ""}
WORDS = {
    "desk:one-step": "accept",
    "desk:view": "rename",
    "desk:batch-act": "stop",
    "simulation:csv": "days",
}


def officer_of(code, unit=CITY):
    """Return an officer of this role; "" has no role at all."""
    officer = Officer.objects.create(
        username=f"{code or 'nobody'}-{unit}", is_staff=True, unit=Unit.objects.get(code=unit)
    )
    if code:
        officer.groups.add(Group.objects.get(name=ROLES[code]["name"]))
    return Officer.objects.get(pk=officer.pk)


def rows_for(officer):
    """Return {how the name of an address begins: the key of a row that this officer may open}."""
    now = worlds.now()
    own = {"created_by": officer, "created_at": now}
    run = Run.objects.create(
        name="一年", scenario="guangdong-2021", letters=9, status="failed", **own
    )
    study = Study.objects.create(
        name="比较", kind=KIND, scenario="guangdong-2021", spec={"changes": {}}, **own
    )
    view = SavedView.objects.create(officer=officer, name="视图", address="?scope=all")
    batch = Batch.objects.create(officer=officer, action="note", created_at=now, stage="done")
    return {
        "desk:view": view.pk,
        "desk:batch": batch.pk,
        "simulation:study": study.pk,
        "simulation:cancel-study": study.pk,
        "simulation:resume-study": study.pk,
        "simulation:delete-study": study.pk,
        "simulation:": run.pk,
    }


def address(page, receipt, other, rows, officer):
    """Return a page's address with all that is left open filled in."""
    found = [pk for start, pk in rows.items() if page.name.startswith(start)]
    values = {
        "receipt": receipt,
        "other": other,
        "number": 1,
        "pk": found[0] if found else officer.pk,
        "id": officer.pk,
        "object_id": _kept(page, officer),
        "action": WORDS.get(page.name, "note"),
        "month": "2026-03",
        "name": WORDS.get(page.name, "days"),
        "app_label": "cases",
        "url": "nowhere/",
    }
    route = re.sub(r"\(\?P<(\w+)>[^)]*\)\$?", r"<\1>", page.route).rstrip("$")
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda m: str(values[m[1]]), route)


def _kept(page, officer):
    """Return the key of what a page of the stock admin is about."""
    return officer.unit_id if "/unit/" in page.route else officer.pk


def ask(client, method, place, said):
    """Return the answer; what it wrote is undone."""
    with transaction.atomic():
        answer = getattr(client, method.lower())(place, said)
        transaction.set_rollback(True)
    return answer


def expected_refusal(page, answer):
    """Return whether an answer is the way in which a page of its part of the site says no."""
    if page.route.startswith("desk/"):
        nothing = render_to_string("desk/not_found.html").encode()
        return answer.status_code == 404 and answer.content == nothing
    return answer.status_code == (404 if page.route.startswith("simulation/") else 403)


@pytest.mark.parametrize("code", ["", *ROLES])
def test_pages_open_to_this_role_as_the_table_says(client, cast, code):
    case, other = cast.make_case(State.ACCEPTED), cast.make_case(State.ACCEPTED)
    officer, both = officer_of(code), (case.letter.receipt, other.letter.receipt)
    rows = rows_for(cast.writer)
    mine = {**rows, **{k: v for k, v in rows_for(officer).items() if k.startswith("desk:")}}
    second_factor.set_up(cast.writer, SECRET, pyotp.TOTP(SECRET).at(MORNING), MORNING)
    client.force_login(officer)
    wrong = []
    for page in PAGES:
        if page.needs is rights_table.ANYONE or page.name in ("admin:logout", "admin:"):
            continue
        place = address(page, *both, mine, cast.writer)
        for method in ("GET", "POST"):
            said = CHOOSES if method == "GET" and page.name == "admin:autocomplete" else {}
            answer = ask(
                client, method, place, SAID.get(page.name, {}) if method == "POST" else said
            )
            status = answer.status_code
            may = (page.posts if method == "POST" else page.needs).may(officer)
            if method not in page.methods:
                right = status == 405
            elif may:
                right = status not in (403, 404, 500) or (status == 404 and page.name in ROWLESS)
            else:
                right = expected_refusal(page, answer)
            if not right:
                wrong.append((page.name or page.route, method, place, may, status))
    assert not wrong, "\n".join(map(str, wrong))


def test_nobody_who_has_not_signed_in_gets_anything_but_the_door(client, cast):
    case = cast.make_case(State.ACCEPTED)
    receipt, rows = case.letter.receipt, rows_for(cast.writer)
    for page in PAGES:
        if page.needs is rights_table.ANYONE or page.name == "admin:logout":
            continue
        place = address(page, receipt, receipt, rows, cast.writer)
        for method in ("GET", "POST"):
            answer = ask(client, method, place, {})
            assert answer.status_code == 302, (place, method)
            assert answer.url.startswith("/admin/login/?next="), (place, method)


def test_every_page_is_for_someone_and_each_link_of_the_desk_opens(client, cast):
    officers = [officer_of(code) for code in ROLES]
    for page in PAGES:
        deleting = page.name.endswith("_delete") or page.name.startswith(
            ("admin:cases_case_", "admin:cases_batch_", "admin:cases_trouble_")
        )
        assert deleting or any(page.posts.may(officer) for officer in officers), page.name
    for officer in officers:
        client.force_login(officer)
        for link in nav.LINKS:
            shown = nav.page_of(link.name).needs.may(officer)
            assert (ask(client, "GET", f"/{link_route(link)}", {}).status_code != 404) == shown


def link_route(link):
    return next(page.route for page in PAGES if page.name == link.name)


def test_page_that_declares_nothing_would_be_seen():
    forgotten = path("desk/forgotten/", lambda request: None, name="forgotten")
    with pytest.raises(rights_table.Undeclared):
        rights_table._page("desk/forgotten/", "forgotten", forgotten.callback)


# -- letters: role × unit ----------------------------------------------------------------------

# Where an officer sits, seen from a letter to Shenzhen (440300) that lies with Futian (440304).
PLACES = {
    "440304": True,  # has it
    "440300": True,  # above it, and its mailbox
    "440000": True,  # the department
    "440305": False,  # beside it
    "440304-01": False,  # below it
    "440100": False,  # another city
    "440104": False,  # below another city
}


def letter_pages(client, case, officer):
    """Return {(page, method): (status, content)} of all pages of a letter."""
    receipt, found = case.letter.receipt, {}
    for page in OF_A_LETTER:
        for method in page.methods:
            place = address(page, receipt, receipt, {}, officer)
            answer = ask(client, method, place, {"seen": case.seq, "reason": "核对电话"})
            found[page.name, method] = answer.status_code, answer.content
    return found


@pytest.mark.parametrize("unit, sees", PLACES.items())
def test_letter_is_seen_by_role_and_unit(client, cast, unit, sees):
    case = cast.make_case(State.IN_HAND)
    for code in ROLES:
        officer = officer_of(code, unit)
        reads = bool(
            set(ROLES[code]["permissions"])
            & set(
                "triage_case dispatch_case handle_case review_reply lead_case supervise_case"
                " call_back_case enter_letter view_audit".split()
            )
        )
        client.force_login(officer)
        opened = client.get(f"/desk/{case.letter.receipt}/").status_code
        assert opened == (200 if sees and reads else 404), code
        listed = case.letter.receipt in client.get("/desk/?scope=all").content.decode()
        assert listed == (sees and reads), code


def test_step_without_its_right_changes_nothing(client, cast):
    case = cast.make_case(State.IN_HAND)
    client.force_login(officer_of("auditor"))
    for row in OFFICERS_ROWS:
        place = f"/desk/{case.letter.receipt}/{row.action}/"
        answer = client.post(place, {"seen": case.seq, "text": "看一看"})
        assert answer.status_code in (404, 409), row.action
    assert Case.objects.get(pk=case.pk).seq == case.seq


@pytest.mark.parametrize("why", ["elsewhere", "below", "recused", "accused", "reads nothing"])
def test_hidden_letter_and_absent_one_give_the_same_bytes_after_the_same_queries(
    client, cast, make_officer, why
):
    every = [codename for codename, _label in PERMISSIONS]
    unit = {"elsewhere": "440305", "below": "440304-01"}.get(why, "440304")
    officer = make_officer(*(["view_statistics"] if why == "reads nothing" else every), unit=unit)
    case = cast.make_case(State.IN_HAND)
    if why == "recused":
        Recusal.objects.create(case=case, officer=officer)
    elif why == "accused":
        cast.step(case.pk, "name_accused", accused_unit="440304")
    client.force_login(officer)
    receipt = case.letter.receipt
    for page in OF_A_LETTER:
        for method in page.methods:
            asked = []
            for one in (receipt, ABSENT):
                place = address(page, one, one, {}, officer)
                with CaptureQueriesContext(connection) as queries:
                    answer = ask(client, method, place, {"seen": case.seq, "text": "看一看"})
                said = [
                    q["sql"].replace(one, "-")
                    for q in queries
                    if not re.search("SAVEPOINT|django_session", q["sql"])
                ]
                asked.append((answer.status_code, answer.content, said))
            assert asked[0] == asked[1], (page.name, method)
            assert asked[0][0] == 404, (page.name, method)


@pytest.mark.parametrize(
    "fields, places",
    [({"kind": "report"}, ("440304", "440300", "440000")), ({"confidential": True}, ("440304",))],
)
def test_only_who_has_the_right_at_the_mailbox_learns_who_wrote(client, cast, fields, places):
    case = cast.make_case(State.IN_HAND, **fields)
    secrets = [PERSON["name"], PERSON["phone"], "195****0000", "测**"]
    for unit in places:
        for code, role in ROLES.items():
            rights = {"reveal_identity", "view_report_writer"}
            may = rights <= set(role["permissions"]) and unit in ("440300", "440000")
            officer = officer_of(code, unit)
            client.force_login(officer)
            shown = b"".join(
                content for _status, content in letter_pages(client, case, officer).values()
            )
            assert any(s.encode() in shown for s in secrets) == may, (unit, code)
