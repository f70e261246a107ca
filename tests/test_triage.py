"""One letter at a time: which comes next, what one key does, and what is told when it cannot."""

import pytest
from django.contrib.messages import get_messages

from cases import presence, worlds
from cases.models import Case
from cases.transitions import State
from tests.run_worlds import at_home, make_run

pytestmark = pytest.mark.django_db
CITY, FUTIAN, NANSHAN = "440300", "440304", "440305"


@pytest.fixture
def desk(client, make_officer):
    """An officer of the team in Shenzhen, signed in: desk.officer and desk.client."""
    officer = make_officer("triage_case", "dispatch_case", "ask_citizen", unit=CITY)
    client.force_login(officer)
    client.officer = officer
    return client


def one(case, place=""):
    return f"/desk/triage/{case.letter.receipt}/{place}"


def take(client, case, action="send", seen=None, **typed):
    return client.post(one(case, f"{action}/"), {"seen": seen or case.seq, **typed})


def send(client, case, **changes):
    typed = {"kind": case.kind, "category": case.category, "unit": FUTIAN}
    return take(client, case, **{**typed, **changes})


def told(answer):
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def actions(case):
    return list(case.events.order_by("seq").values_list("action", flat=True))


def test_first_letter_is_the_one_that_waits_longest(desk, cast):
    assert "没有等您" in desk.get("/desk/triage/").content.decode()
    old = cast.make_case()
    cast.make_case(at=worlds.now())
    assert desk.get("/desk/triage/").url == one(old)


def test_letter_that_someone_has_open_is_passed_over(desk, cast):
    first, second = cast.make_case(), cast.make_case()
    presence.arrive(cast.writer, first)
    assert desk.get("/desk/triage/").url == one(second)
    presence.arrive(cast.writer, second)
    assert desk.get("/desk/triage/").url == one(first)


def test_place_in_the_queue_is_said(desk, cast):
    first, second, third = (cast.make_case() for _time in range(3))
    place = desk.get(one(second)).context["place"]
    assert (place.number, place.count) == (2, 3)
    assert (place.previous, place.next) == (first.letter.receipt, third.letter.receipt)
    place = desk.get(one(third)).context["place"]
    assert (place.previous, place.next) == (second.letter.receipt, first.letter.receipt)
    assert desk.get(one(first)).context["place"].previous == third.letter.receipt


def test_only_letter_has_no_neighbours(desk, cast):
    place = desk.get(one(cast.make_case())).context["place"]
    assert (place.previous, place.next) == ("", "")


def test_suggestion_is_chosen_beforehand(desk, cast):
    page = desk.get(one(cast.make_case()))
    sending = page.context["sending"]
    assert (sending.unit, sending.kind, sending.category) == (FUTIAN, "help", "traffic")
    assert "地点“福田区”" in page.content.decode()


def test_sending_takes_in_and_dispatches_and_opens_the_next(desk, cast, whole_log):
    case, following = cast.make_case(), cast.make_case()
    answer = send(desk, case)
    assert answer.url.startswith(one(following))
    assert actions(case) == ["receive", "accept", "dispatch"]
    assert "受理、交办（福田分局）" in told(answer)
    assert Case.objects.get(pk=case.pk).unit.code == FUTIAN


def test_sending_sorts_where_another_kind_was_chosen(desk, cast, whole_log):
    case = cast.make_case()
    answer = send(desk, case, kind="complaint", category="noise", unit=NANSHAN)
    assert answer.url == f"/desk/triage/?done={case.letter.receipt}"
    assert actions(case) == ["receive", "accept", "reclassify", "dispatch"]
    fresh = Case.objects.get(pk=case.pk)
    assert (fresh.kind, fresh.category, fresh.unit.code) == ("complaint", "noise", NANSHAN)


@pytest.mark.parametrize("other", ["南山分局", "440305", "４４０３０５", " 南山分局 "])
def test_any_unit_can_be_named(desk, cast, other):
    case = cast.make_case()
    send(desk, case, other=other)
    assert Case.objects.get(pk=case.pk).unit.code == NANSHAN


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"unit": ""}, "unit", "请选择办理单位"),
        ({"unit": "440100"}, "unit", "请选择办理单位"),
        ({"other": "没有的分局"}, "other", "没有可交办的单位“没有的分局”"),
        ({"other": "x" * 5000}, "other", "没有可交办的单位"),
        ({"kind": "nonsense"}, "kind", "不在可选范围内"),
        ({"category": "\x00"}, "category", "不在可选范围内"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_done(desk, cast, changes, field, says):
    case = cast.make_case()
    answer = send(desk, case, **changes)
    assert answer.status_code == 409
    assert says in answer.context["sending"].errors[field] and says in answer.content.decode()
    assert actions(case) == ["receive"]


def test_what_was_chosen_is_kept_when_it_is_refused(desk, cast):
    answer = send(desk, cast.make_case(), kind="report", category="drugs", other="没有的分局")
    sending = answer.context["sending"]
    assert (sending.kind, sending.category, sending.other) == ("report", "drugs", "没有的分局")


def test_step_before_a_refused_one_stands_and_is_said(desk, cast, make_officer):
    case = cast.make_case(State.DISPATCHED)
    for _time in range(3):
        reason = {"return_reason": "not_our_area", "text": "不属本辖区"}
        cast.step(case.pk, "return_to_desk", **reason)
        if _time < 2:
            cast.step(case.pk, "dispatch", unit=FUTIAN)
    case = Case.objects.get(pk=case.pk)
    answer = send(desk, case, kind="complaint", unit=NANSHAN)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "“改类”已完成" in page and "应由领导指定" in page
    assert Case.objects.get(pk=case.pk).kind == "complaint"
    assert answer.context["sending"].unit == NANSHAN


def test_sent_twice_is_one_dispatch(desk, cast):
    case = cast.make_case()
    first, second = send(desk, case), send(desk, case)
    assert first.status_code == second.status_code == 302
    assert actions(case) == ["receive", "accept", "dispatch"]


def test_second_officer_is_told_what_the_first_did(desk, cast):
    case = cast.make_case()
    cast.step(case.pk, "accept")
    answer = send(desk, case, unit=NANSHAN)
    assert answer.status_code == 409 and f"{cast.writer}已于" in answer.content.decode()
    assert answer.context["sending"].unit == NANSHAN
    cast.step(case.pk, "dispatch", unit=FUTIAN)
    answer = take(desk, case, "ask_citizen", text="请补充具体的路口。")
    page = answer.content.decode()
    assert answer.status_code == 409 and "“交办”" in page and "请补充具体的路口。" in page


@pytest.mark.parametrize(
    ("action", "typed", "state"),
    [
        ("accept", {}, State.ACCEPTED),
        ("ask_citizen", {"text": "请补充具体的路口。"}, State.AWAITING_CITIZEN),
        ("decline", {"decline_reason": "not_ours", "elsewhere": "12345"}, State.DECLINED),
    ],
)
def test_each_step_opens_the_next_letter(desk, cast, action, typed, state):
    case, following = cast.make_case(), cast.make_case()
    assert take(desk, case, action, **typed).url.startswith(one(following))
    assert Case.objects.get(pk=case.pk).state == state


def test_incomplete_step_is_refused_where_it_was_typed(desk, cast):
    case = cast.make_case()
    answer = take(desk, case, "decline", decline_reason="", text="抱歉")
    page = answer.content.decode()
    assert answer.status_code == 409 and "抱歉" in page and actions(case) == ["receive"]


UNDONE = {
    "merge": ({"into": "main"}, "unmerge", State.RECEIVED),
    "send": ({"unit": FUTIAN}, "recall", State.ACCEPTED),
    "decline": (
        {"decline_reason": "not_ours", "elsewhere": "12345"},
        "retract_decline",
        "received",
    ),
    "ask_citizen": ({"text": "请补充具体的路口。"}, "retract_question", State.RECEIVED),
}


@pytest.mark.parametrize("action", UNDONE)
def test_step_can_be_taken_back_from_the_next_letter(desk, cast, whole_log, action):
    typed, back, state = UNDONE[action]
    case, main = cast.make_case(), cast.make_case()
    typed = {name: main.letter.receipt if v == "main" else v for name, v in typed.items()}
    answer = send(desk, case) if action == "send" else take(desk, case, action, **typed)
    undo = desk.get(answer.url).context["undo"]
    assert (undo.case, undo.action) == (case, back)
    done = Case.objects.get(pk=case.pk)
    for _click in range(2):
        answer = take(desk, done, undo.action, **({"text": undo.text} if undo.text else {}))
        assert answer.url.startswith(one(case))
    fresh = Case.objects.get(pk=case.pk)
    assert fresh.state == state and fresh.unit.code == CITY and actions(case)[-1] == back
    assert fresh.accept_due_at == case.accept_due_at
    assert desk.get(answer.url).context["undo"] is None


def test_acceptance_is_said_to_have_no_way_back(desk, cast):
    case, _following = cast.make_case(), cast.make_case()
    answer = desk.get(take(desk, case, "accept").url)
    assert not answer.context["undo"].action
    assert "受理不能撤销" in answer.content.decode()


def test_undo_is_gone_once_the_unit_has_signed(desk, cast):
    case, _following = cast.make_case(), cast.make_case()
    answer = send(desk, case)
    cast.step(case.pk, "sign", at=worlds.now())
    assert desk.get(answer.url).context["undo"] is None


def test_similar_letters_are_offered_to_merge_into_while_they_are_open(desk, cast):
    case, main, closed = cast.make_case(), cast.make_case(), cast.make_case(State.CLOSED)
    context = desk.get(one(case)).context
    assert [like.case for like in context["mergeable"]] == [main]
    assert closed in [like.case for like in context["similar"]["found"]]
    answer = take(desk, case, "merge", into=["", main.letter.receipt])
    assert answer.status_code == 302 and Case.objects.get(pk=case.pk).merged_into == main


@pytest.mark.parametrize("done", ["", "nonsense", "\x00", "PA-2222-2222-22"])
def test_undo_is_offered_for_nothing_else(desk, cast, done):
    answer = desk.get(one(cast.make_case()), {"done": done})
    assert answer.status_code == 200 and answer.context["undo"] is None


def test_merge_by_another_is_not_mine_to_undo(desk, cast):
    merged = cast.make_case(State.MERGED)
    answer = desk.get(one(cast.make_case()), {"done": merged.letter.receipt})
    assert answer.context["undo"] is None


@pytest.mark.parametrize(
    ("rights", "state", "label", "done"),
    [
        (["triage_case"], State.RECEIVED, "受理", ["accept"]),
        (["dispatch_case"], State.ACCEPTED, "交办", ["dispatch"]),
        (["triage_case", "dispatch_case"], State.ACCEPTED, "交办", ["dispatch"]),
        (["triage_case", "dispatch_case"], State.RECEIVED, "受理并交办", ["accept", "dispatch"]),
    ],
)
def test_one_key_does_what_the_officer_may(client, cast, make_officer, rights, state, label, done):
    case = cast.make_case(state)
    client.force_login(make_officer(*rights, unit=CITY))
    assert client.get(one(case)).context["sending"].label == label
    before = actions(case)
    send(client, case)
    assert actions(case) == [*before, *done]


@pytest.mark.parametrize("rights", [["handle_case"], ["view_audit"], ["lead_case"]])
def test_who_decides_nothing_here_finds_no_such_page(client, cast, make_officer, rights):
    case = cast.make_case()
    client.force_login(make_officer(*rights, unit=CITY))
    for address in ("/desk/triage/", one(case)):
        assert client.get(address).status_code == 404
    assert send(client, case).status_code == take(client, case, "accept").status_code == 404


def test_hidden_and_absent_letters_look_the_same(client, cast, make_officer):
    case = cast.make_case()
    client.force_login(make_officer("triage_case", unit="440100"))
    answers = [
        client.get(one(case)),
        client.get("/desk/triage/PA-0000-0000-00/"),
        send(client, case),
    ]
    assert {(a.status_code, a.content) for a in answers} == {(404, answers[0].content)}


@pytest.mark.parametrize("action", ["note", "withdraw", "receive", "nonsense", "reclassify"])
def test_other_steps_are_not_taken_here(desk, cast, action):
    assert take(desk, cast.make_case(), action, text="x").status_code == 404


def test_letter_that_waits_no_more_has_its_own_page(desk, cast):
    case = cast.make_case(State.IN_HAND)
    assert desk.get(one(case)).url == f"/desk/{case.letter.receipt}/"


def test_queue_is_counted_and_gone_through_to_its_end(desk, cast):
    cases = [cast.make_case() for _time in range(12)]
    last = desk.get(one(cases[-1])).context["place"]
    assert (last.number, last.count) == (12, 12)
    assert (last.previous, last.next) == (cases[-2].letter.receipt, cases[0].letter.receipt)
    addresses = [desk.get("/desk/next/", {"after": c.letter.receipt}).url for c in cases]
    assert addresses == [f"/desk/{c.letter.receipt}/" for c in [*cases[1:], cases[0]]]


def test_words_of_alarm_are_shown_at_the_top(desk, cast):
    page = desk.get(one(cast.make_case(body="我真的不想活了，没有人管我的事。"))).content.decode()
    assert "<mark>不想活</mark>" in page and "伤害自己" in page


def test_letter_with_words_of_alarm_goes_on_only_when_they_were_heeded(desk, cast):
    alarming, urgent = (
        cast.make_case(body="我真的不想活了，没有人管我的事。"),
        cast.make_case(emergency=True),
    )
    for case in (alarming, urgent):
        answer = send(desk, case)
        assert answer.status_code == 409 and actions(case) == ["receive"]
        assert 'id="heed" tabindex="-1" role="alert">' in answer.content.decode()
        assert send(desk, case, heeded="1").status_code == 302
        assert actions(case) == ["receive", "accept", "dispatch"]
    assert "heed" not in desk.get(one(cast.make_case())).content.decode()


def test_letters_of_a_world_are_decided_inside_it(desk, cast, make_officer):
    live = cast.make_case()
    make_run(1, letters=2)
    rights = ("triage_case", "dispatch_case", "run_simulation")
    desk.force_login(make_officer(*rights, unit=CITY))
    desk.post("/desk/world/enter/", {"schema": "run_1"})
    first = desk.get("/desk/triage/").url
    assert first.startswith("/desk/triage/R1-")
    typed = {"seen": 1, "kind": "help", "category": "traffic", "unit": "", "other": "福田分局"}
    following = desk.post(f"{first}send/", typed).url
    assert following.startswith("/desk/triage/R1-") and not following.startswith(first)
    assert at_home() and actions(live) == ["receive"]
