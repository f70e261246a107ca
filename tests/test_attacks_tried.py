"""Attacks that were tried on the running demo beyond the usual lists; those that found something are here."""

import base64
import io
import json
import threading
import tracemalloc
import uuid

import pytest
from django.test import Client
from PIL import Image

from cases import filetypes, letter_files, receipts
from cases.desk import password_pages
from cases.identity import BadInput
from cases.models import Batch, Letter, Officer, Recusal, Unit
from cases.transitions import State
from mailbox import proof
from tests.citizens import send, typed
from tests.devices import give_password, secret_on
from tests.people import PASSWORD
from tests.test_letter_import import preview, take, text_of
from tests.test_rights import officer_of

pytestmark = pytest.mark.django_db


# -- numbers that are none ---------------------------------------------------------------------


@pytest.mark.parametrize("number", ["1e999", "-1e999", "NaN", "1.5", "[]", "null", '"\\ud800"'])
def test_proof_of_a_number_that_is_none_is_no_proof(number):
    """JSON knows numbers without end; the page that reads them must not fall over one."""
    asked = {**proof.challenge(), "number": 0}
    said = json.dumps(asked).replace('"number": 0', f'"number": {number}')
    assert not proof.holds(base64.b64encode(said.encode()).decode())


@pytest.mark.parametrize("page", ["9" * 5000, "0" * 5000, "²", "٣", "-1", "1e9", "\0"])
def test_page_of_a_number_that_is_none_is_a_page(client, cast, page):
    client.force_login(cast.writer)
    for place in ("/answers/", "/desk/?scope=all", "/desk/incidents/", "/desk/bulk/"):
        assert client.get(place, {"page": page}).status_code == 200, place


# -- signing in --------------------------------------------------------------------------------


def test_session_planted_before_the_password_does_not_see_the_secret_of_the_device(
    client, make_officer, settings
):
    """Session fixation, half-way: who signs in for the first time is shown the secret of their codes."""
    settings.SECOND_FACTOR = True
    make_officer(username="sz-desk")
    client.get("/admin/login/")
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    give_password(client)
    assert secret_on(client.get("/admin/second-factor/"))
    attacker = Client()
    attacker.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    assert attacker.get("/admin/second-factor/").url == "/admin/login/"


@pytest.mark.parametrize("before", ["", "0", "%30"])
def test_own_password_is_changed_with_the_old_one_alone(client, make_officer, before):
    """Who has an administrator's open session, and not the password, gives themself none."""
    officer = make_officer("change_officer", "view_officer")
    client.force_login(officer)
    said = {"usable_password": "true", "password1": "t" + PASSWORD, "password2": "t" + PASSWORD}
    answer = client.post(f"/admin/cases/officer/{before}{officer.pk}/password/", said)
    assert answer.status_code in (302, 404)
    officer.refresh_from_db()
    assert officer.check_password(PASSWORD)


def test_who_finds_a_session_open_does_not_guess_its_password_at_will(
    client, make_officer, monkeypatch
):
    """The door counts wrong passwords; the page that asks for the old one, inside, did not."""
    monkeypatch.setattr(password_pages, "LIMIT_OF_OLD", 2)
    client.force_login(officer := make_officer())
    fresh = {"new_password1": "t" + PASSWORD, "new_password2": "t" + PASSWORD}
    for old in ("wrong", "wrong", PASSWORD):
        answer = client.post("/admin/password_change/", {"old_password": old, **fresh})
        assert answer.status_code == 200
    assert "尝试次数过多" in answer.text
    officer.refresh_from_db()
    assert officer.check_password(PASSWORD)


# -- what is hidden ----------------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.ACCEPTED, State.DECLINED])
def test_main_letter_that_is_hidden_is_refused_as_one_that_is_not_there(
    client, cast, make_officer, state
):
    """Merging was an oracle: it told whether a receipt exists, is closed, and whom it accuses."""
    hidden = cast.make_case(state, kind="complaint", accused_unit="440304")
    mine = cast.make_case(State.DISPATCHED)
    client.force_login(make_officer("triage_case", unit=mine.unit.code))
    answers = []
    for receipt in (hidden.letter.receipt, receipts.new_receipt()):
        said = {"into": receipt, "seen": mine.seq}
        one = client.post(f"/desk/{mine.letter.receipt}/merge/", said)
        many = {"case": mine.letter.receipt, "action": "merge", "said": "1", "into": receipt}
        both = one, client.post("/desk/bulk/", many)
        assert all("没有找到这个编号的来信" in answer.text for answer in both)
        answers.append([answer.status_code for answer in both])
    assert answers[0] == answers[1] == [409, 409]
    assert not Batch.objects.exists()


@pytest.mark.parametrize(("may", "unit"), [("supervise_case", "440000"), ("view_audit", "440300")])
def test_nobody_keeps_supervisors_above_or_auditors_from_a_letter(
    client, cast, make_officer, may, unit
):
    """A forged number kept the province's supervisor out; who had looked people up, the auditor."""
    case = cast.make_case(State.ACCEPTED)
    above = make_officer(may, unit=unit)
    client.force_login(make_officer("triage_case", "note_case", unit=case.unit.code))
    said = {"officer": above.pk, "recusal_reason": "interest", "seen": case.seq}
    answer = client.post(f"/desk/{case.letter.receipt}/recuse/", said)
    assert answer.status_code == 409 and "只能决定本单位" in answer.text
    client.force_login(above)
    assert client.get(f"/desk/{case.letter.receipt}/").status_code == 200


def test_register_does_not_even_count_what_recusal_hides(client, cast, make_officer):
    cases = [cast.make_case(State.IN_HAND) for _one in range(3)]
    for case in cases:
        cast.step(case.pk, "record_incident", number="A440304202600001")
    officer = make_officer("handle_case", unit="440304")
    Recusal.objects.create(case=cases[0], officer=officer)
    client.force_login(officer)
    text = client.get("/desk/incidents/").text
    assert cases[1].letter.receipt in text and cases[0].letter.receipt not in text
    assert "您不能查看" not in text


# -- files -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["a,b\n" + "\n" * 1_000_000, "," * 1_000_000, "a,b\n" + ",,\n" * 300_000]
)
def test_file_of_empty_rows_or_cells_takes_little_memory(text):
    """Ten megabytes of newlines took the web process two gigabytes and a minute."""
    tracemalloc.start()
    try:
        with pytest.raises(BadInput):
            letter_files.read(text)
        assert tracemalloc.get_traced_memory()[1] < 40 * 1024**2
    finally:
        tracemalloc.stop()


def test_large_pictures_are_decoded_one_at_a_time():
    """Eight kilobytes ask for 300 MB; with each thread for as much, the web process would be killed."""
    with filetypes.LARGE:
        large = threading.Thread(target=filetypes.cleaned, args=(_png(4100),))
        large.start()
        assert filetypes.cleaned(_png(100))[0] == filetypes.PNG  # the others don't wait
        assert large.is_alive()
    large.join()
    assert filetypes.cleaned(_png(8001)) is None


def _png(side):
    out = io.BytesIO()
    Image.new("1", (side, side)).save(out, "PNG")
    return out.getvalue()


# -- keys of letters ---------------------------------------------------------------------------

_ROW = "GD-77,夜间烧烤店噪音扰民,楼下烧烤店每晚营业到两点，噪音很大。,投诉,测试乙,020-00000000,"


def _imported(client, make_officer):
    client.force_login(make_officer("enter_letter", unit="440300"))
    shown = preview(client, text_of(_ROW))
    return take(client, shown)


def test_nobody_brings_the_key_of_a_letter_from_another_platform(client, cast, make_officer):
    """It is made of the platform's number, which is no secret: who brought it was shown the query code
    of that letter, or, before it was imported, kept it out for good.
    """
    key = uuid.uuid5(letter_files._NAMESPACE, "12345\0GD77")
    said = {"title": "夜间烧烤店噪音扰民", "body": "楼下烧烤店每晚营业到两点，噪音很大。"}
    mine, _code = send(Client(), key=str(key), kind="complaint", category="other", **said)
    _imported(client, make_officer)
    theirs = Letter.objects.get(channel="platform")
    assert theirs.idempotency_key == key and theirs.receipt != mine
    other, _code = send(Client(), key=str(key), kind="complaint", category="other", **said)
    assert other == mine  # a second sending of the same page
    by_clerk = {**typed(**said), "kind": "complaint", "key": str(key), "channel": "paper"}
    answer = client.post("/desk/enter/", {**by_clerk, "category": "other"})
    assert answer.status_code == 200 and theirs.receipt not in answer.text
    assert Letter.objects.count() == 3


# -- administrators ----------------------------------------------------------------------------


def test_no_filter_of_the_admin_tells_a_password_letter_by_letter(client, make_officer):
    client.force_login(officer_of("administrator"))
    make_officer()
    for model in ("officer", "unit", "batch", "trouble", "replytemplate"):
        for name in (
            "password__startswith",
            "officer__password__startswith",
            "groups__user__password__gt",
        ):
            answer = client.get(f"/admin/cases/{model}/", {name: "md5"})
            assert answer.status_code == 400 or answer.url.endswith("?e=1"), (model, name)


def test_hidden_fields_of_the_admin_change_nothing_and_a_name_stays_on_one_line(
    client, make_officer
):
    client.force_login(officer_of("administrator"))
    officer, unit = make_officer(), Unit.objects.get(code="440304")
    kept = {"username": officer.username, "first_name": "甲", "unit": officer.unit_id}
    more = {"is_superuser": "on", "user_permissions": "1", "password": "md5$x$y", "is_staff": "on"}
    place = f"/admin/cases/officer/{officer.pk}/change/"
    assert client.post(place, {**kept, **more, "is_active": "on"}).status_code == 302
    now = Officer.objects.get(pk=officer.pk)
    assert (now.first_name, now.is_superuser, now.password) == ("甲", False, officer.password)
    assert not now.user_permissions.exists()
    said = {
        "name": "福田\r\nBcc: all@evil.example",
        "name_en": "F",
        "active": "on",
        "path": "440000/",
    }
    place = f"/admin/cases/unit/{unit.pk}/change/"
    client.post(place, {**said, "code": "440000", "level": "department", "parent": "1"})
    now = Unit.objects.get(pk=unit.pk)
    assert now.name == "福田 Bcc: all@evil.example"
    assert (now.path, now.code, now.level) == (unit.path, unit.code, unit.level)


def test_choice_of_no_row_and_of_any_row_of_any_table_is_no_error(client, make_officer):
    """The stock admin led from a table's number and a key to any row, and fell over most keys."""
    client.force_login(officer_of("administrator"))
    for chosen in ("abc", "\0", "²", "9" * 5000):
        said = {"action": "again", "_selected_action": chosen}
        assert client.post("/admin/cases/trouble/", said).url == "/admin/cases/trouble/"
    for number in (1, 40, 50):
        for key in ("%00", "abc", "1"):
            assert client.get(f"/admin/r/{number}/{key}/").status_code == 404


def test_no_unit_is_made_a_mailbox_that_has_no_name_for_one(client, make_officer):
    """One tick of an administrator's, and nobody could write: the citizens' pages fell over its name."""
    client.force_login(officer_of("administrator"))
    unit = Unit.objects.get(code="440304")
    said = {"name": unit.name, "name_en": unit.name_en, "active": "on", "is_mailbox": "on"}
    answer = client.post(f"/admin/cases/unit/{unit.pk}/change/", said)
    assert "只有省厅和市局可以设信箱" in answer.text
    line = {**said, "code": "440000-ZZ", "level": "line", "parent": unit.parent.parent_id}
    assert "只有省厅和市局可以设信箱" in client.post("/admin/cases/unit/add/", line).text
    assert not Unit.objects.filter(is_mailbox=True, level__in=("line", "district")).exists()
    assert client.get("/write/").status_code == 200
