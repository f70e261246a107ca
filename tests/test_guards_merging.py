"""Rules of merging: what goes into what, what may be inside, and what its writers may add."""

import pytest

from cases.models import Case
from cases.receipts import new_receipt
from cases.refusals import Incomplete
from cases.transitions import State
from tests.people import build_officer
from tests.scenes import refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("whole_log")]


@pytest.mark.parametrize("state", State)
def test_a_case_is_merged_into_an_open_one_only(scene, state):
    s, main = scene(State.ACCEPTED), scene(state)
    into = main.case.letter.receipt
    if state in (State.REPLIED, *list(State)[7:]):
        refused(s.by_office, "merge", into=into)
    else:
        s.by_office("merge", into=into)
        assert Case.objects.get(pk=s.case.pk).merged_into_id == main.case.pk


def test_a_case_is_not_merged_into_itself(scene):
    s = scene(State.ACCEPTED)
    refused(s.by_office, "merge", into=s.case.letter.receipt)


def test_letters_about_different_units_are_not_merged(scene):
    s = scene(State.ACCEPTED, kind="complaint", accused_unit="440304")
    refused(s.by_office, "merge", into=scene(State.ACCEPTED).case.letter.receipt)
    same = scene(State.ACCEPTED, kind="complaint", accused_unit="440304")
    s.by_office("merge", into=same.case.letter.receipt)


def test_a_case_is_not_merged_into_one_the_officer_does_not_see(scene, cast):
    s, hidden = scene(State.DISPATCHED), scene(State.ACCEPTED)
    district = build_officer("triage_case", unit="440304")
    for receipt in (hidden.case.letter.receipt, new_receipt()):
        with pytest.raises(Incomplete, match="没有找到这个编号的来信"):
            s.by(district, "merge", into=receipt)
    s.by(cast.writer, "merge", into=hidden.case.letter.receipt)


def test_a_case_that_holds_others_is_not_merged(scene):
    s, inside, other = scene(State.ACCEPTED), scene(State.ACCEPTED), scene(State.ACCEPTED)
    inside.by_office("merge", into=s.case.letter.receipt)
    refused(s.by_office, "merge", into=other.case.letter.receipt)
    inside.by_office("unmerge")
    s.by_office("merge", into=other.case.letter.receipt)


def test_letters_with_other_recusals_are_not_merged(scene):
    s, main = scene(State.ACCEPTED), scene(State.ACCEPTED)
    officer = build_officer("handle_case", unit="440304")
    s.by_office("recuse", officer=officer, recusal_reason="interest")
    refused(s.by_office, "merge", into=main.case.letter.receipt)
    main.by_office("recuse", officer=officer, recusal_reason="interest")
    s.by_office("merge", into=main.case.letter.receipt)


def test_writers_of_merged_letters_add_until_the_main_case_is_done(scene):
    main, s = scene(State.IN_HAND), scene(State.ACCEPTED)
    s.by_office("merge", into=main.case.letter.receipt)
    s.by_citizen("add", text="昨晚又发生一次。")
    main.reply()
    refused(s.by_citizen, "add", text="还有一次。")
    s.by_office("unmerge")
    s.by_citizen("add", text="还有一次。")
