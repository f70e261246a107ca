"""A case and the steps that a table of examples takes on it."""

import pytest

from cases import actors
from cases.refusals import GuardRefused
from cases.workflow import perform
from tests.people import MORNING


class Scene:
    """A case, and the steps of a table of examples on it."""

    def __init__(self, cast, state, **letter):
        self.cast, self.case = cast, cast.make_case(state, **letter)

    def by_office(self, action, at=MORNING, **fields):
        return self.cast.step(self.case.pk, action, at=at, **fields)

    def by_citizen(self, action, at=MORNING, **fields):
        return perform(self.case.pk, action, actor=actors.citizen(self.case.pk), at=at, **fields)

    def by_system(self, action, at=MORNING, **fields):
        return perform(self.case.pk, action, actor=actors.system(), at=at, **fields)

    def by(self, user, action, at=MORNING, **fields):
        return perform(self.case.pk, action, actor=actors.officer(user), at=at, **fields)

    def return_times(self, times):
        for _time in range(times):
            self.by_office("return_to_desk", return_reason="unclear", text="见附件。")
            self.by_office("dispatch", unit="440304")

    def reply(self):
        self.by_office("record_result", result="done")
        self.by_office("propose_reply", text="已办好。")
        self.by_office("approve_reply")


def refused(step, *args, **fields):
    """Assert that a guard refuses this step, with a sentence for the reader."""
    with pytest.raises(GuardRefused) as why:
        step(*args, **fields)
    assert str(why.value).endswith("。")
