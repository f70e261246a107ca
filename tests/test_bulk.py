"""One step on many letters: checked first, done on confirming, each an event of its own."""

import csv
import io
from datetime import timedelta

import pytest

from cases import actors, batches, tasks, worlds
from cases.batches import TOGETHER
from cases.models import Batch, Case, Event
from cases.transitions import BY_OFFICER, START, TRANSITIONS, State
from cases.workflow import perform
from tests.run_worlds import make_run

pytestmark = pytest.mark.django_db
CITY, HANDLER = "440300", "440304"


@pytest.fixture
def desk(client, cast):
    """A client whose officer has every right in Shenzhen."""
    client.officer = cast.writer
    client.force_login(cast.writer)
    return client


@pytest.fixture
def no_time(monkeypatch):
    """Requests have no time to work on a batch, so that all of it is left to others."""
    monkeypatch.setattr(batches, "REQUEST_SECONDS", -1)


def choose(client, action, cases=(), **typed):
    """Post a choice as the list and the page after it do, and return the answer."""
    fields = {"which": "picked", "action": action, "said": "1", **typed}
    return client.post("/desk/bulk/", {**fields, "case": [c.letter.receipt for c in cases]})


def checked(client, action, cases=(), **typed):
    """Choose, and return the batch that was checked."""
    answer = choose(client, action, cases, **typed)
    assert answer.status_code == 302, answer.content.decode()
    return Batch.objects.get(pk=int(answer.url.split("/")[-2]))


def act(client, batch, action="do"):
    answer = client.post(f"/desk/bulk/{batch.pk}/{action}/")
    batch.refresh_from_db()
    return answer


def outcomes(batch):
    return dict(batch.items.values_list("case", "outcome"))


def states(cases):
    return [Case.objects.get(pk=case.pk).state for case in cases]


# -- what can be common ------------------------------------------------------------------------


def test_steps_for_many_are_rows_for_officers():
    for action in TOGETHER:
        row = TRANSITIONS[action]
        assert BY_OFFICER in row.roles and START not in row.sources


def test_nothing_said_to_one_writer_is_said_to_many():
    never = {"ask_citizen", "feedback", "contact", "propose_reply", "approve_reply", "extend"}
    assert not never & set(TOGETHER)


EXAMPLES = {
    "accept": (State.RECEIVED, {}, State.ACCEPTED),
    "dispatch": (State.ACCEPTED, {"unit": HANDLER}, State.DISPATCHED),
    "merge": (State.RECEIVED, {"into": "main"}, State.MERGED),
    "urge": (State.IN_HAND, {"text": "请抓紧。"}, State.IN_HAND),
    "decline": (
        State.RECEIVED,
        {"decline_reason": "no_request", "elsewhere": "other"},
        State.DECLINED,
    ),
    "reclassify": (State.ACCEPTED, {"kind": "report", "category": "fraud"}, State.ACCEPTED),
    "sign": (State.DISPATCHED, {}, State.IN_HAND),
    "unmerge": (State.MERGED, {}, State.RECEIVED),
    "supervise": (State.IN_HAND, {"level": "yellow"}, State.IN_HAND),
    "instruct": (State.IN_HAND, {"text": "请妥善处理。"}, State.IN_HAND),
    "note": (State.CLOSED, {"text": "已归档。"}, State.CLOSED),
    "transfer_out": (
        State.ACCEPTED,
        {"elsewhere": "12345", "text": "请联系12345。"},
        State.TRANSFERRED_OUT,
    ),
}


@pytest.mark.parametrize("action", EXAMPLES)
def test_step_is_taken_on_each_and_written_once(desk, cast, whole_log, action):
    state, typed, after = EXAMPLES[action]
    main = cast.make_case(at=worlds.now())
    typed = {name: main.letter.receipt if v == "main" else v for name, v in typed.items()}
    cases = [cast.make_case(state, at=worlds.now()) for _time in range(3)]
    batch = checked(desk, action, cases, **typed)
    assert batch.stage == "checked" and states(cases) == [state] * 3
    assert set(outcomes(batch).values()) == {"ready"}
    before = Event.objects.count()
    act(desk, batch)
    assert batch.stage == "done" and states(cases) == [after] * 3
    assert Event.objects.count() == before + 3
    last = Event.objects.order_by("-pk")[:3]
    assert {(event.action, event.user) for event in last} == {(action, desk.officer)}
    assert batch.text == "" and batch.finished_at


def test_text_is_said_with_each_and_then_kept_with_the_event_alone(desk, cast):
    cases = [cast.make_case(State.IN_HAND, at=worlds.now()) for _time in range(2)]
    batch = checked(desk, "note", cases, text="同一小区，同一商户。")
    assert batch.text and "text" not in batch.fields
    act(desk, batch)
    for case in cases:
        assert case.events.last().message.body == "同一小区，同一商户。"
    assert "同一小区" not in str(Batch.objects.values().get(pk=batch.pk))


# -- what will happen --------------------------------------------------------------------------


def test_page_says_how_many_can_and_why_others_cannot(desk, cast):
    good = [cast.make_case(State.ACCEPTED, at=worlds.now()) for _time in range(2)]
    accused = cast.make_case(State.ACCEPTED, at=worlds.now(), accused_unit=HANDLER)
    closed = cast.make_case(State.CLOSED, at=worlds.now())
    batch = checked(desk, "dispatch", [*good, accused, closed], unit=HANDLER)
    page = desk.get(f"/desk/bulk/{batch.pk}/")
    assert page.context["found"]["ready"] == 2
    reasons = {str(why): n for n, why in page.context["reasons"]}
    assert reasons == {
        "被反映的单位应当回避，请交其他单位办理。": 1,
        "“已办结”状态下不能交办。": 1,
    }
    text = page.content.decode()
    assert "福田分局" in text and "交办 2 件" in text and accused.letter.receipt in text
    act(desk, batch)
    page = desk.get(f"/desk/bulk/{batch.pk}/").content.decode()
    assert "已完成" in page and states([*good, accused]) == ["dispatched"] * 2 + ["accepted"]


def test_all_of_a_filter_is_more_than_its_page(desk, cast, monkeypatch):
    cases = [cast.make_case(at=worlds.now()) for _time in range(4)]
    other = cast.make_case(at=worlds.now(), kind="consult")
    monkeypatch.setattr("cases.desk.pages.page_of.__defaults__", (2,))
    batch = checked(desk, "accept", which="all", address="?scope=all&kind=help")
    assert set(outcomes(batch)) == {case.pk for case in cases}
    act(desk, batch)
    assert set(states(cases)) == {"accepted"} and states([other]) == ["received"]


def test_letter_changed_since_is_left_alone(desk, cast):
    cases = [cast.make_case(at=worlds.now()) for _time in range(2)]
    batch = checked(desk, "accept", cases)
    cast.step(cases[0].pk, "note", at=worlds.now(), text="我在看这件。")
    act(desk, batch)
    assert outcomes(batch) == {cases[0].pk: "refused", cases[1].pk: "done"}
    assert "内部备注" in batch.items.get(case=cases[0]).message
    assert states(cases) == ["received", "accepted"]


def test_letters_that_are_not_mine_are_left_out(client, cast, make_officer):
    mine = cast.make_case(at=worlds.now())
    others = cast.make_case(at=worlds.now(), mailbox="440100")
    client.force_login(make_officer("triage_case", unit=CITY))
    batch = checked(client, "accept", [mine, others])
    assert set(outcomes(batch)) == {mine.pk} and batch.left_out == {"absent": 1}
    assert "您看不到" in client.get(f"/desk/bulk/{batch.pk}/").content.decode()


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"unit": ""}, "请填写：办理单位"),
        ({"unit": "999999"}, "没有这个单位"),
        ({"unit": "\0"}, 'class="field wrong"'),
        ({"unit": HANDLER, "text": "长" * 5001}, "不能超过5000字"),
    ],
)
def test_wrong_fields_are_told_and_nothing_is_lost(desk, cast, typed, says):
    case = cast.make_case(State.ACCEPTED, at=worlds.now())
    answer = choose(desk, "dispatch", [case], **typed)
    page = answer.content.decode()
    assert answer.status_code == 409 and says in page
    assert f'name="case" value="{case.letter.receipt}"' in page
    assert typed.get("text", "") in page
    assert not Batch.objects.exists()


def test_fields_are_asked_for_and_a_step_without_any_is_checked_at_once(desk, cast):
    case = cast.make_case(at=worlds.now())
    picked = {"which": "picked", "case": case.letter.receipt}
    page = desk.post("/desk/bulk/", {**picked, "action": "urge"})
    assert page.status_code == 200 and "催办" in page.content.decode()
    assert desk.post("/desk/bulk/", {**picked, "action": "accept"}).status_code == 302
    page = desk.post("/desk/bulk/", {**picked, "action": ""})
    assert "请选择要做的操作" in page.content.decode()
    page = desk.post("/desk/bulk/", {"which": "picked", "action": "accept"}, follow=True)
    assert "还没有选中来信" in page.content.decode()
    picked["case"] = ["\0", "PA-0000-0000-00"]
    assert desk.post("/desk/bulk/", {**picked, "action": "accept"}).status_code == 302


@pytest.mark.parametrize("action", ["propose_reply", "receive", "nonsense", "supervise"])
def test_step_without_the_right_is_not_offered(client, cast, make_officer, action):
    case = cast.make_case(State.IN_HAND, at=worlds.now())
    client.force_login(make_officer("triage_case", unit=CITY))
    page = choose(client, action, [case], level="red")
    assert "请选择要做的操作" in page.content.decode() and not Batch.objects.exists()


def test_officer_without_any_such_right_finds_no_page(client, cast, make_officer):
    cast.make_case(State.IN_REVIEW, at=worlds.now())
    client.force_login(make_officer("review_reply", unit=CITY))
    assert choose(client, "accept").status_code == 404
    assert "批量" not in client.get("/desk/").content.decode()


# -- any size, any interruption ----------------------------------------------------------------


def test_what_a_request_cannot_do_a_worker_does(desk, cast, no_time, monkeypatch):
    sent = []
    monkeypatch.setattr(tasks.take_batch_on, "delay", sent.append)
    cases = [cast.make_case(at=worlds.now()) for _time in range(25)]
    batch = checked(desk, "accept", which="all", address="?scope=all")
    assert batch.stage == "checking" and sent == [batch.pk]
    page = desk.get(f"/desk/bulk/{batch.pk}/")
    assert page.context["found"]["taken"] == 0 and "progress" in page.content.decode()
    tasks.take_batch_on(batch.pk)
    act(desk, batch)
    assert batch.stage == "doing" and sent == [batch.pk] * 2
    monkeypatch.setattr(batches, "TASK_SECONDS", 0)  # a task that is out of time sends another
    tasks.take_batch_on(batch.pk)
    assert sent == [batch.pk] * 3
    monkeypatch.setattr(batches, "TASK_SECONDS", 5)
    tasks.take_batch_on(batch.pk)
    batch.refresh_from_db()
    assert batch.stage == "done" and set(states(cases)) == {"accepted"}


def test_step_taken_before_a_crash_is_not_taken_again(desk, cast, whole_log):
    case = cast.make_case(at=worlds.now())
    batch = checked(desk, "urge", [case])
    actor = actors.officer(desk.officer)
    perform(case.pk, "urge", actor=actor, at=worlds.now())  # the worker died right after
    act(desk, batch)
    assert outcomes(batch) == {case.pk: "done"}
    assert case.events.filter(action="urge").count() == 1


def test_batch_held_by_another_is_left_to_them_until_they_are_gone(desk, cast):
    case = cast.make_case(at=worlds.now())
    batch = checked(desk, "accept", [case])
    batches.confirm(batch)
    held = Batch.objects.filter(pk=batch.pk)
    held.update(held_until=worlds.now() + timedelta(seconds=20))
    assert batches.take_on(batch.pk, 5) and states([case]) == ["received"]
    assert batches.unfinished(worlds.now()) == []
    held.update(held_until=worlds.now() - timedelta(seconds=1))
    assert batches.unfinished(worlds.now()) == [batch.pk]
    assert batches.take_on(batch.pk, 5) and states([case]) == ["accepted"]


def test_confirming_twice_and_doing_twice_is_once(desk, cast):
    case = cast.make_case(State.IN_HAND, at=worlds.now())
    batch = checked(desk, "urge", [case])
    for _click in range(2):
        assert act(desk, batch).status_code == 302
    tasks.take_batch_on(batch.pk)
    assert case.events.filter(action="urge").count() == 1


def test_stopped_batch_does_no_more(desk, cast, no_time):
    cases = [cast.make_case(at=worlds.now()) for _time in range(2)]
    batch = checked(desk, "accept", cases)
    act(desk, batch, "stop")
    assert batch.stage == "stopped"
    act(desk, batch, "do")
    tasks.take_batch_on(batch.pk)
    assert batch.stage == "stopped" and states(cases) == ["received"] * 2


def test_officer_who_lost_the_right_meanwhile_does_nothing(desk, cast, no_time):
    case = cast.make_case(at=worlds.now())
    batch = checked(desk, "accept", [case])
    tasks.take_batch_on(batch.pk)
    act(desk, batch)
    desk.officer.user_permissions.clear()
    tasks.take_batch_on(batch.pk)
    assert states([case]) == ["received"] and outcomes(batch) == {case.pk: "refused"}


# -- what came of it ---------------------------------------------------------------------------


def test_results_are_a_table_for_spreadsheets(desk, cast):
    cases = [cast.make_case(at=worlds.now()) for _time in range(2)]
    batch = checked(desk, "accept", cases)
    cast.step(cases[1].pk, "accept", at=worlds.now() - timedelta(seconds=9))
    act(desk, batch)
    answer = desk.get(f"/desk/bulk/{batch.pk}/results.csv")
    text = answer.content.decode()
    assert text.startswith("\ufeff") and "attachment" in answer["Content-Disposition"]
    head, *rows = csv.reader(io.StringIO(text[1:]))
    assert head == ["受理编号", "操作", "结果", "说明"]
    assert [row[:3] for row in rows] == [
        [cases[1].letter.receipt, "受理", "不能"],
        [cases[0].letter.receipt, "受理", "已完成"],
    ]


def test_batches_are_their_officers_own(desk, cast, client):
    batch = checked(desk, "accept", [cast.make_case(at=worlds.now())])
    assert [row[0] for row in desk.get("/desk/bulk/").context["listed"]] == [batch]
    client.force_login(cast.reviewer)
    assert client.get(f"/desk/bulk/{batch.pk}/").status_code == 404
    assert client.get(f"/desk/bulk/{batch.pk}/results.csv").status_code == 404
    assert act(client, batch).status_code == 404
    assert client.get("/desk/bulk/").context["listed"] == []
    client.force_login(cast.writer)
    assert client.get(f"/desk/bulk/{batch.pk}/do/").status_code == 405
    assert act(client, batch, "nonsense").status_code == 404
    assert Batch.objects.get(pk=batch.pk).stage == "checked"


def test_title_of_a_letter_that_went_out_of_sight_is_not_shown(client, cast, make_officer):
    case = cast.make_case(State.DISPATCHED, at=worlds.now(), title="只有承办单位知道的事")
    client.force_login(make_officer("handle_case", unit=HANDLER))
    batch = checked(client, "sign", [case])
    act(client, batch)
    cast.step(case.pk, "return_to_desk", at=worlds.now(), return_reason="unclear", text="不清楚")
    page = client.get(f"/desk/bulk/{batch.pk}/").content.decode()
    assert "只有承办单位" not in page and "您看不到这件来信" in page
    table = client.get(f"/desk/bulk/{batch.pk}/results.csv").content.decode()
    assert case.letter.receipt not in table


def test_in_a_run_the_open_page_goes_on_and_no_task_is_sent(
    client, make_officer, no_time, monkeypatch
):
    monkeypatch.setattr(tasks.take_batch_on, "delay", pytest.fail)
    make_run(1, letters=3)
    client.force_login(make_officer("triage_case", "run_simulation", unit=CITY))
    client.post("/desk/world/enter/", {"schema": "run_1"})
    answer = choose(client, "accept", which="all", address="?scope=all")
    page = answer.url
    monkeypatch.setattr(batches, "REQUEST_SECONDS", 5)
    on = client.post(f"{page}on/", headers={"accept": "application/json"})
    assert on.json() == {"stage": "checked", "taken": 3, "all": 3}
    client.post(f"{page}do/")
    assert "3</b> 件已完成" in client.get(page).content.decode()
    assert not Batch.objects.exists()
    client.post("/desk/world/leave/")
    assert client.get(page).status_code == 404
