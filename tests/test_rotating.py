"""Keys rotate beside whoever works: everything opens and is found at each moment, and the old one goes."""

import base64
import io
import os

import pytest
from django.core.management import CommandError, call_command

from cases import actors, crypto, own_data, rotating, second_factor, worlds
from cases.intake import intake
from cases.models import Case, DataRequest, Writer
from config import server_checks
from mailbox.models import Unsent
from tests.desk_page import CITY
from tests.people import MORNING, PERSON, submission

pytestmark = pytest.mark.django_db
OLD, NEW = (f"{name}:{base64.b64encode(os.urandom(32)).decode()}" for name in ("k1", "k2"))
OTHER = {**PERSON, "phone": "19500000001", "id_number": "110101200002290106"}


@pytest.fixture
def keys(settings):
    def have(*entries):
        settings.IDENTITY_KEYS = ",".join(entries)

    have(OLD)
    return have


@pytest.fixture
def letters(keys):
    """Two letters of one person and one of another."""
    people = (PERSON, PERSON, OTHER)
    return [write(person) for person in people]


def write(person):
    receipt = intake(submission(person=person), actor=actors.citizen(None), at=MORNING)
    return Case.objects.get(pk=receipt.case_id)


def found_by(phone):
    indexes = " ".join(crypto.blind_indexes("phone", phone))
    return {case.pk for case in own_data.cases_of_phone(indexes)}


def assert_all_is_there(letters):
    first, second, third = letters
    assert found_by(PERSON["phone"]) == {first.pk, second.pk}
    assert found_by(OTHER["phone"]) == {third.pk}
    for case, person in zip(letters, (PERSON, PERSON, OTHER), strict=True):
        letter = type(case).objects.get(pk=case.pk).letter
        assert (
            crypto.open_sealed(letter.writer.key_id, letter.writer.sealed)["name"] == person["name"]
        )
        assert own_data.is_own_number(letter.case, person["id_number"])


def run(**options):
    said = io.StringIO()
    call_command("rotate_keys", stdout=said, **options)
    return said.getvalue()


def test_everything_opens_and_is_found_before_during_and_after(letters, keys, monkeypatch):
    keys(NEW, OLD)
    assert_all_is_there(letters)
    monkeypatch.setattr(rotating, "BATCH", 1)
    for number in rotating.rotate():
        assert number == 1
        assert_all_is_there(letters)
    said = run()
    assert "k2: 3 rows" in said
    assert "k1 has sealed nothing any more" in said
    keys(NEW)
    assert_all_is_there(letters)
    assert server_checks.check_sealing_keys(None) == []


def test_rotation_that_was_stopped_goes_on(letters, keys, monkeypatch):
    keys(NEW, OLD)
    monkeypatch.setattr(rotating, "BATCH", 1)
    next(rotating.rotate())
    assert rotating.held() == {"k1": 2, "k2": 1}
    assert "2 of 2 sealed anew" in run()
    assert rotating.held() == {"k2": 3}


def test_dry_run_counts_and_changes_nothing(letters, keys):
    keys(NEW, OLD)
    before = list(Writer.objects.order_by("pk").values_list())
    assert "k1: 3 rows" in run(dry_run=True)
    assert list(Writer.objects.order_by("pk").values_list()) == before


def test_row_that_changes_meanwhile_stays_as_it_became(letters, keys, monkeypatch):
    keys(NEW, OLD)
    writer = letters[0].letter.writer
    opened = crypto.open_sealed

    def changed_meanwhile(key_id, sealed):
        key, fresh = crypto.seal({**PERSON, "phone": "19500000009"})
        Writer.objects.filter(pk=writer.pk).update(key_id=key, sealed=fresh)
        return opened(key_id, sealed)

    monkeypatch.setattr(crypto, "open_sealed", changed_meanwhile)
    assert rotating._seal_anew(Writer, writer) == 0
    monkeypatch.undo()
    writer.refresh_from_db()
    assert crypto.open_sealed(writer.key_id, writer.sealed)["phone"] == "19500000009"


def test_row_that_cannot_be_opened_holds_up_no_other_and_is_told(letters, keys, caplog):
    keys(NEW, OLD)
    broken = letters[0].letter.writer_id
    Writer.objects.filter(pk=broken).update(sealed=b"changed by somebody")
    with pytest.raises(CommandError, match="1 rows stay under older keys"):
        run()
    assert rotating.held() == {"k1": 1, "k2": 2}
    assert f"cases.Writer {broken} stays as it is" in caplog.text


def test_missing_key_is_an_error_at_the_start_and_of_the_command(letters, keys):
    keys(NEW)
    (found,) = server_checks.check_sealing_keys(None)
    assert (found.id, "'k1'" in found.msg) == ("config.E012", True)
    with pytest.raises(CommandError, match="lacks k1"):
        run()
    assert rotating.held() == {"k1": 3}


def test_key_with_the_id_of_another_is_an_error_at_the_start_and_none_of_a_page(
    letters, keys, client, make_officer
):
    """It would have sealed letters that the right key never opens, and no older one had a page."""
    right, spoilt = server_checks.check_current_key, Writer.objects.earliest("pk")
    Writer.objects.filter(pk=spoilt.pk).update(sealed=b"spoilt")
    assert right(None) == []
    keys("k1:" + NEW.split(":")[1])
    (found,) = right(None)
    assert (found.id, "'k1'" in found.msg) == ("config.E020", True)
    keys(NEW, "k1:" + NEW.split(":")[1])  # as it says, where the right one is lost for good
    assert right(None) == server_checks.check_sealing_keys(None) == []
    case = letters[1]
    own_data.ask_correction([case], {"phone": "19500000002"}, MORNING)
    DataRequest.objects.update(sealed=b"spoilt")
    client.force_login(make_officer("triage_case", "reveal_identity", unit=case.mailbox.code))
    place = f"/desk/{case.letter.receipt}/"
    for page in (place, f"{place}print/", "/desk/own-data/"):
        assert client.get(page).status_code == 200, page
    assert client.post(f"{place}identity/", {"reason": "核实情况"}).status_code == 200
    client.post("/desk/own-data/", {"request": DataRequest.objects.get().pk, "decision": "granted"})
    assert DataRequest.objects.get().decision and Writer.objects.get(letter=case.pk).phone_index
    session = client.session
    session["follow"] = {"case": case.pk, "at": worlds.now().isoformat()}
    session.save()
    for page in ("/follow/case/", "/follow/case/data/"):
        assert client.get(page).status_code == 200, page


def test_every_table_that_is_sealed_is_rotated(keys, make_officer):
    """A table that is sealed later is found too: by its columns."""
    names = {model._meta.label for model in rotating.sealed_models()}
    assert names >= {"cases.Writer", "cases.DataRequest", "cases.LetterFile"}
    assert names >= {"cases.SecondFactor", "mailbox.Unsent"}
    key_id, sealed = crypto.seal({"title": "草稿"})
    row = Unsent.objects.create(
        pk="6f7f8d0e-0c0e-4d57-9b8e-3a5a3b0d4c11", key_id=key_id, sealed=sealed, saved_at=MORNING
    )
    officer = make_officer(unit=CITY)
    secret = second_factor.new_secret()
    key_id, sealed = crypto.seal({"secret": secret})
    second_factor.SecondFactor.objects.create(
        officer=officer, key_id=key_id, sealed=sealed, set_up_at=worlds.now(), last_step=0
    )
    keys(NEW, OLD)
    run()
    keys(NEW)
    row.refresh_from_db()
    assert crypto.open_sealed(row.key_id, row.sealed) == {"title": "草稿"}
    factor = second_factor.SecondFactor.objects.get(officer=officer)
    assert crypto.open_sealed(factor.key_id, factor.sealed) == {"secret": secret}


def test_indexes_of_an_older_version_are_computed_anew(letters, keys):
    """It sealed with the first key and indexed with the last."""
    old = crypto.blind_index("phone", PERSON["phone"])
    keys(NEW, OLD)
    run()
    Writer.objects.filter(pk=letters[0].letter.writer_id).update(phone_index=old)
    assert_all_is_there(letters)
    run(all=True)
    keys(NEW)
    assert_all_is_there(letters)
