"""What a citizen can do with a letter now, and doing it once."""

from dataclasses import dataclass

from cases import actors, guards, worlds
from cases.fields import CODE, FIELDS
from cases.inputs import Said, read_fields
from cases.models import Case
from cases.refusals import GuardRefused, Incomplete, Stale
from cases.transitions import BY_CITIZEN, TRANSITIONS, actions_from
from cases.workflow import FILES_OF_CITIZEN, perform
from mailbox.forms import DoingForm
from mailbox.wording import DOINGS

_TRIES = 5


@dataclass(frozen=True)
class Offer:
    """An action that the table and the guards allow now, and the choices left for its codes."""

    row: object
    choices: dict

    @property
    def action(self):
        """The action's name."""
        return self.row.action

    @property
    def doing(self):
        """The citizen's words for it."""
        return DOINGS[self.row.action]

    def form(self, data=None, files=None):
        """Return the action's form, empty or with what was typed and chosen."""
        takes_files = self.row.action in FILES_OF_CITIZEN
        return DoingForm(self.row, data, files, choices=self.choices, takes_files=takes_files)


def offers(case):
    """Return what the citizen can do with this case now, as Offers, in the order of DOINGS."""
    rows = {row.action: row for row in actions_from(case.state, BY_CITIZEN)}
    found = (_offer(case, rows[action]) for action in DOINGS if action in rows)
    return [offer for offer in found if offer]


def _offer(case, row):
    """Return the Offer of a row, or None where a guard refuses every choice."""
    codes = [name for name in row.requires if FIELDS[name].type == CODE]
    if not codes:
        return Offer(row, {}) if _guards_allow(case, row, {}) else None
    (name,) = codes
    left = [
        (code, label)
        for code, label in FIELDS[name].choices
        if _guards_allow(case, row, {name: code})
    ]
    return Offer(row, {name: left}) if left else None


def _guards_allow(case, row, data):
    try:
        guards.check(case, row, actors.citizen(case.pk), Said(data=data), worlds.now())
    except GuardRefused:
        return False
    return True


def do(case_id, action, *, seen, files=(), **fields):
    """Take a citizen's step once, though the request may come twice.

    seen: the case's seq on the page, as typed. What officers did meanwhile stops nobody;
    the same step of the citizen's since then, with the same words, is taken for this one.
    Raises: Refusal.
    """
    actor = actors.citizen(case_id)
    for _try in range(_TRIES):
        case = Case.objects.get(pk=case_id)
        if is_done(case, action, seen, len(files), fields):
            return
        try:
            at = worlds.now()
            perform(case_id, action, actor=actor, at=at, seen=case.seq, files=files, **fields)
            return
        except Stale:
            continue
    perform(case_id, action, actor=actor, at=worlds.now(), files=files, **fields)


def is_done(case, action, seen, files, fields):
    """Return whether the citizen has taken this very step since the page was made.

    files: how many come with it. Another text from another tab is another step, and not lost.
    """
    if not (str(seen).isdecimal() and len(str(seen)) < 10):
        return False
    try:
        said = read_fields(TRANSITIONS[action], fields)
    except Incomplete:
        return False
    since = case.events.filter(seq__gt=int(seen), role=BY_CITIZEN, action=action, data=said.data)
    since = since.select_related("message").prefetch_related("evidence")
    return any(_words(event) == said.text and len(event.evidence.all()) == files for event in since)


def _words(event):
    return event.message.body if hasattr(event, "message") else ""
