"""What perform does, and what it refuses."""

import pytest

from cases.transitions import State

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("whole_log")]


@pytest.mark.parametrize("state", list(State))
def test_every_state_can_be_reached(make_case, state):
    assert make_case(state).state == state
