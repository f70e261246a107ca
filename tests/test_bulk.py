"""One step on many letters: checked first, done on confirming, each an event of its own."""

import pytest

from cases import worlds
from cases.batches import TOGETHER
from cases.models import Batch, Event
from cases.transitions import BY_OFFICER, START, TRANSITIONS, State
from tests.bulk_page import act, checked, choose, outcomes, states
from tests.desk_page import CITY, HANDLER

pytestmark = pytest.mark.django_db


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
        ({"unit": "\0"}, 'class="field wrong '),
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
