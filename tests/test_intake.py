"""Keeping a letter: once, whole, encrypted where it must be, and never half."""

import threading
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction

from cases import access, actors, crypto, intake, receipts
from cases.intake import is_emergency
from cases.models import Attachment, Case, Event, Letter, Unit, Writer
from cases.refusals import Incomplete, NotFound, NotPermitted
from tests.people import MORNING, PERSON, build_officer, submission
from tests.processes import PATIENCE_SECONDS

pytestmark = pytest.mark.django_db


def send(at=MORNING, actor=None, **changes):
    return intake.intake(submission(**changes), actor=actor or actors.citizen(None), at=at)


def kept():
    return [model.objects.count() for model in (Letter, Case, Event, Writer, Attachment)]


def test_a_letter_is_kept_with_its_case_and_first_event(whole_log):
    receipt = send()
    letter = Letter.objects.get(receipt=receipt.receipt)
    event = letter.case.events.get()
    assert kept() == [1, 1, 1, 1, 0]
    assert (letter.case.pk, receipt.case_id) == (letter.pk, letter.pk)
    assert (event.action, event.seq, event.role, event.data) == ("receive", 1, "citizen", {})
    assert letter.received_at == event.at == letter.case.received_at == MORNING
    assert letter.case.unit.code == "440300"
    assert receipts.parse(receipt.receipt) == receipt.receipt


def test_midnight_in_beijing_is_stored_as_such():
    at = datetime.fromisoformat("2023-05-27T00:00:00+08:00")
    letter = Letter.objects.get(pk=send(at=at).case_id)
    assert letter.received_at.astimezone(UTC) == datetime(2023, 5, 26, 16, tzinfo=UTC)


# -- once --------------------------------------------------------------------------------------


def test_the_same_sending_gives_the_same_receipt():
    key = uuid.uuid4()
    first = send(idempotency_key=key)
    assert send(idempotency_key=key, title="第二次按下按钮的来信") == first
    assert kept() == [1, 1, 1, 1, 0]
    assert len(first.query_code) == 8


def test_the_code_that_is_shown_opens_the_letter_and_is_not_stored():
    receipt = send(idempotency_key=uuid.uuid4())
    assert access.case_for_citizen(receipt.receipt, receipt.query_code).pk == receipt.case_id
    with connection.cursor() as cursor:
        cursor.execute("SELECT l::text FROM cases_letter l")
        assert receipt.query_code not in cursor.fetchone()[0]


def test_without_a_key_no_code_opens_the_letter():
    receipt = send()
    assert receipt.query_code == ""
    for code in ("", "00000000"):
        with pytest.raises(NotFound):
            access.case_for_citizen(receipt.receipt, code)


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_once_keep_one_letter():
    key, answers, barrier = uuid.uuid4(), [], threading.Barrier(4)

    def request():
        try:
            barrier.wait(PATIENCE_SECONDS)
            answers.append(send(idempotency_key=key))
        finally:
            connection.close()

    threads = [threading.Thread(target=request) for _count in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    assert len(answers) == 4 and len(set(answers)) == 1
    assert kept() == [1, 1, 1, 1, 0]


@pytest.mark.django_db(transaction=True)
def test_letters_of_the_same_instant_belong_each_to_its_writer():
    answers, barrier = {}, threading.Barrier(4)

    def request(name):
        try:
            barrier.wait(PATIENCE_SECONDS)
            person = {**PERSON, "name": name}
            answers[name] = send(idempotency_key=uuid.uuid4(), person=person)
        finally:
            connection.close()

    names = ["来信人甲", "来信人乙", "来信人丙", "来信人丁"]
    threads = [threading.Thread(target=request, args=[name]) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    assert len({answer.receipt for answer in answers.values()}) == 4
    for name, answer in answers.items():
        letter = access.case_for_citizen(answer.receipt, answer.query_code).letter
        assert crypto.open_sealed(letter.writer.key_id, letter.writer.sealed)["name"] == name
        for other in names:
            if other != name:
                with pytest.raises(NotFound):
                    access.case_for_citizen(answer.receipt, answers[other].query_code)


def test_the_database_refuses_a_second_letter_with_the_same_receipt():
    first = Letter.objects.get(pk=send().case_id)
    columns = [f.column for f in Letter._meta.fields if f.column not in ("id", "idempotency_key")]
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        names = ", ".join(columns)
        cursor.execute(
            f"INSERT INTO cases_letter ({names}) SELECT {names} FROM cases_letter WHERE id = %s",
            [first.pk],
        )


def test_no_number_comes_twice_though_a_sending_was_rolled_back():
    seen = []
    for _time in range(3):
        with transaction.atomic():
            receipt = send()
            seen.append((receipt.case_id, receipt.receipt))
            transaction.set_rollback(True)
    kept_one = send()
    seen.append((kept_one.case_id, kept_one.receipt))
    assert len({number for number, _receipt in seen}) == 4
    assert len({receipt for _number, receipt in seen}) == 4


def test_a_letter_that_fails_half_way_is_not_kept():
    before = kept()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'disk full'; END $$"
        )
        cursor.execute(
            "CREATE TRIGGER fail BEFORE INSERT ON cases_event FOR EACH ROW EXECUTE FUNCTION fail()"
        )
        with pytest.raises(Exception, match="disk full"):
            send(idempotency_key=uuid.uuid4())
        transaction.set_rollback(True)
    assert kept() == before


# -- who wrote ---------------------------------------------------------------------------------


def test_what_others_keep_of_a_letter_is_kept_with_it_or_neither_is():
    def fails(letter):
        Letter.objects.get(pk=letter.pk)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        intake.intake(submission(), actor=actors.citizen(None), at=MORNING, also=fails)
    assert not Letter.objects.exists()


def test_a_person_stands_nowhere_in_plain_text():
    send(idempotency_key=uuid.uuid4())
    send(person={**PERSON, "phone": "１９５－００００－００００"})
    wanted = [value for name, value in PERSON.items() if name != "id_type"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname IN ('live', 'public')")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            rows = "\n".join(row for (row,) in cursor.fetchall())
            for value in wanted:
                assert value not in rows, table
                assert value.encode().hex() not in rows, table


def test_the_blind_index_finds_a_persons_letters_and_nobody_elses():
    mine = send(person=PERSON).case_id
    again = send(person={**PERSON, "phone": "195 0000 0000", "name": "同一人"}).case_id
    send(person={**PERSON, "phone": "19500000001", "id_number": ""})
    index = crypto.blind_index("phone", "19500000000")
    found = Letter.objects.filter(writer__phone_index=index).values_list("pk", flat=True)
    assert set(found) == {mine, again}
    number = crypto.blind_index("id_number", PERSON["id_number"].lower())
    assert Writer.objects.filter(id_index=number).count() == 2


def test_an_empty_field_is_found_by_nobody():
    send(person={"name": "只有姓名"})
    writer = Writer.objects.get()
    assert (writer.phone_index, writer.id_index, writer.has_email) == ("", "", False)
    assert crypto.blind_index("phone", "") == ""


def test_a_letter_may_come_without_a_person():
    assert Letter.objects.get(pk=send(person={}).case_id).writer is None


def test_what_is_said_about_a_person_is_checked():
    with pytest.raises(Incomplete) as refusal:
        send(person={"name": "王", "phone": "12300000000", "id_number": "1" * 18, "email": "x"})
    assert set(refusal.value.fields) == {"name", "phone", "id_number", "email"}


# -- what is urgent ------------------------------------------------------------------------------


def test_a_word_that_calls_for_help_makes_it_urgent():
    receipt = send(body="楼下有人持刀，情况危急，请马上来人。")
    case = Case.objects.get(pk=receipt.case_id)
    assert case.urgent and case.letter.emergency


def test_the_writers_own_word_comes_first():
    assert not is_emergency(submission())
    assert is_emergency(submission(emergency=True))
    assert is_emergency(submission(title="有人要跳楼怎么办"))
    assert not is_emergency(submission(title="反映跳楼机的噪音", emergency=False))


# -- what is wrong -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes, fields",
    [
        ({"mailbox": "440304"}, {"mailbox"}),
        ({"mailbox": ""}, {"mailbox"}),
        ({"mailbox": "4403\x0000"}, set()),
        ({"mailbox": "' OR 1=1"}, {"mailbox"}),
        ({"kind": "nonsense", "category": "nonsense"}, {"kind", "category"}),
        ({"title": "四字标题"}, {"title"}),
        ({"title": "字" * 51}, {"title"}),
        ({"title": "\x00\x00\x00\x00\x00 \n"}, {"title"}),
        ({"title": "\u200b" * 9, "body": "？！。…—🙂" * 3}, {"title", "body"}),
        ({"title": "🙂🙂🙂🙂急", "body": "１２３，" * 3}, set()),
        ({"body": "九个字的内容不够长"}, {"body"}),
        ({"body": "字" * 2001}, {"body"}),
        ({"place": "地" * 101}, {"place"}),
        ({"accused_unit": "999999"}, {"accused_unit"}),
        ({"channel": "pigeon" * 9, "language": "fr"}, {"channel", "language"}),
        ({"title": "", "body": "", "kind": "", "person": {"phone": "1"}},
         {"title", "body", "kind", "phone"}),
        ({"title": "字" * 50, "body": "字" * 2000, "place": "地" * 100}, set()),
        ({"title": "五个字标题", "body": "十个字的内容刚好够长"}, set()),
        # Of a wrong type altogether, as a program might send it.
        ({"title": None, "body": ["x"], "kind": {}}, {"title", "body", "kind"}),
        ({"mailbox": 440300, "category": [], "place": 7}, {"mailbox", "category", "place"}),
        ({"person": ["x"]}, {"person"}),
        ({"person": {"name": 10**5000}}, {"person"}),
        ({"idempotency_key": "abc"}, {"idempotency_key"}),
    ],
)  # fmt: skip
def test_a_wrong_letter_names_its_fields_and_is_not_kept(changes, fields):
    if not fields:
        send(**changes)
        return
    with pytest.raises(Incomplete) as refusal:
        send(**changes)
    assert set(refusal.value.fields) == fields
    assert kept() == [0, 0, 0, 0, 0]


def test_a_nul_is_taken_out_and_the_rest_is_kept():
    letter = Letter.objects.get(pk=send(body="噪音\x00扰民，每晚十一点以后都有。").case_id)
    assert letter.body == "噪音扰民，每晚十一点以后都有。"


def test_a_closed_mailbox_takes_no_letters():
    Unit.objects.filter(code="440300").update(active=False)
    with pytest.raises(Incomplete):
        send()


# -- who may send --------------------------------------------------------------------------------


def test_a_clerk_enters_paper_letters_and_others_do_not():
    clerk = build_officer("enter_letter")
    event = Event.objects.get(case=send(actor=actors.officer(clerk), channel="clerk").case_id)
    assert (event.role, event.user) == ("officer", clerk)
    with pytest.raises(NotPermitted):
        send(actor=actors.officer(build_officer("handle_case")))
    with pytest.raises(NotPermitted):
        send(actor=actors.simulated("citizen"))
    assert Letter.objects.count() == 1


def test_the_accused_unit_stands_in_the_first_event(whole_log):
    case = Case.objects.get(pk=send(kind="complaint", accused_unit="440304").case_id)
    unit = Unit.objects.get(code="440304")
    assert case.accused_unit == unit
    assert case.events.get().data == {"accused_unit": unit.pk}


def test_a_letter_is_kept_while_redis_is_away(settings):
    settings.CACHES = {
        "default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}
    }
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    with pytest.raises(Exception, match="refused"):
        cache.get("anything")
    receipt = send(idempotency_key=uuid.uuid4())
    assert Letter.objects.filter(receipt=receipt.receipt).exists()


def test_a_changed_secret_shuts_nobody_out_if_the_old_one_is_named(settings):
    receipt = send(idempotency_key=uuid.uuid4())
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another long secret for this test only"
    assert access.case_for_citizen(receipt.receipt, receipt.query_code).pk == receipt.case_id


def test_clocks_start_at_the_sending():
    case = Case.objects.get(pk=send().case_id)
    assert case.accept_due_at == MORNING + timedelta(minutes=10)
    assert case.next_clock == "accept" and case.scan_at == case.accept_due_at
