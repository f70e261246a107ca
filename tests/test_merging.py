"""Merged letters: both histories say so, later additions reach the main case, and it can be undone."""

import pytest

from cases import actors, worlds
from cases.models import Case
from cases.refusals import GuardRefused
from cases.transitions import State
from cases.workflow import perform
from mailbox import doings
from tests.people import MORNING, build_officer

ADDED = "昨晚又吵到三点，有录像。"
FROM_B = {
    "title": "另一人写的烧烤店来信",
    "body": "楼下烧烤店每晚吵到两点，请管一管。",
    "person": {},
}


@pytest.fixture
def both(cast):
    """A main case in hand at a district, and a letter merged into it that lies at the city's desk."""
    main = cast.make_case(State.IN_HAND)
    inside = cast.merge_into(main, cast.make_case(**FROM_B))
    return main, inside


@pytest.fixture
def handler(db):
    return build_officer("handle_case", unit="440304")


def add(case, text=ADDED):
    return perform(case.pk, "add", actor=actors.citizen(case.pk), at=MORNING, text=text)


def page(client, user, case):
    client.force_login(user)
    return client.get(f"/desk/{case.letter.receipt}/")


def told(answer):
    return [(str(line.label), line.of) for line in answer.context["history"] if line.of]


def test_both_histories_say_so(client, cast, both, whole_log):
    main, inside = both
    receipt = inside.letter.receipt
    assert told(page(client, cast.writer, main)) == [("并入一件来信", receipt)]
    [line] = [x for x in page(client, cast.writer, inside).context["history"] if x.label == "并件"]
    assert line.said == (("主件编号", main.letter.receipt),) and line.who.startswith("民警")
    cast.step(inside.pk, "unmerge")
    assert told(page(client, cast.writer, main)) == [
        ("撤销并入", receipt),
        ("并入一件来信", receipt),
    ]
    assert Case.objects.get(pk=inside.pk).state == State.RECEIVED


def test_later_additions_reach_whoever_handles_the_main_case(client, cast, both, handler):
    main, inside = both
    add(inside)
    answer = page(client, handler, main)
    line = next(line for line in answer.context["history"] if line.of)
    assert (line.text, line.of) == (ADDED, inside.letter.receipt)
    assert FROM_B["body"] in answer.content.decode()
    assert client.get(f"/desk/{inside.letter.receipt}/").status_code == 404  # not theirs otherwise


def test_what_is_added_before_or_after_stays_with_the_letter(client, cast, handler):
    main, inside = cast.make_case(State.IN_HAND), cast.make_case(**FROM_B)
    add(inside, "并件以前")
    cast.merge_into(main, inside)
    cast.step(inside.pk, "unmerge")
    add(inside, "撤销以后")
    page_text = page(client, handler, main).content.decode()
    assert "并件以前" not in page_text and "撤销以后" not in page_text
    assert FROM_B["body"] not in page_text


def test_recused_officers_do_not_read_what_is_inside(client, cast, both, handler):
    main, inside = both
    add(inside)
    cast.step(inside.pk, "recuse", officer=handler, recusal_reason="interest")
    answer = page(client, handler, main)
    assert told(answer) == [] and ADDED not in answer.content.decode()
    assert FROM_B["body"] not in answer.content.decode()


def test_citizen_adds_until_the_main_case_is_done(cast, both):
    main, inside = both
    assert "add" in [offer.action for offer in doings.offers(inside)]
    cast.step(main.pk, "record_result", result="done")
    cast.step(main.pk, "propose_reply", text="已处理。")
    cast.step(main.pk, "approve_reply")
    assert "add" not in [offer.action for offer in doings.offers(Case.objects.get(pk=inside.pk))]
    with pytest.raises(GuardRefused):
        add(inside)
    cast.step(inside.pk, "unmerge")
    add(inside)


def test_merged_letters_can_be_many(client, cast, handler, django_assert_max_num_queries):
    main = cast.make_case(State.IN_HAND, at=worlds.now())
    for _number in range(6):
        add(cast.merge_into(main, cast.make_case(**FROM_B)))
    page(client, handler, main)
    with django_assert_max_num_queries(60):
        answer = client.get(f"/desk/{main.letter.receipt}/")
    assert len(told(answer)) == 12
