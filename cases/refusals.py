"""Why a step is refused: one small family, each with a code, and a message for the reader."""

from django.utils.translation import gettext_lazy as _


class Refusal(Exception):
    """A step that may not be taken. Nothing has changed.

    code: a word for programs. message: a sentence in the reader's language.
    fields: names of the fields concerned, if any.
    """

    code = "refused"

    def __init__(self, message, fields=()):
        super().__init__(str(message))
        self.message = message
        self.fields = tuple(fields)


class WrongState(Refusal):
    """The case is in a state from which this action does not lead."""

    code = "wrong_state"


class NotPermitted(Refusal):
    """This actor has not the right to take this step."""

    code = "not_permitted"


class Incomplete(Refusal):
    """A required field is missing or has a value that is not allowed."""

    code = "incomplete"


class Stale(Refusal):
    """Someone else changed the case since the caller's page was made."""

    code = "stale"


class GuardRefused(Refusal):
    """A rule that goes beyond the table refuses (cases/guards.py)."""

    code = "rule"


class NotFound(Refusal):
    """Absent and forbidden look the same."""

    code = "not_found"

    def __init__(self):
        super().__init__(_("没有找到。请核对编号和查询码。"))
