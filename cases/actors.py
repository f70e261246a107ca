"""Who takes a step. There is no anonymous actor, and no default one."""

from dataclasses import dataclass

from cases.transitions import BY_CITIZEN, BY_OFFICER, BY_SYSTEM


@dataclass(frozen=True)
class Actor:
    """An actor's role, and what proves it: a user, or the one case a citizen opened.

    Make one with the functions below; cases/access.py judges it.
    """

    role: str
    user: object = None
    case_id: int | None = None
    simulated: bool = False


def citizen(case_id):
    """The writer of this case, who has shown receipt and query code (or is sending it now)."""
    return Actor(BY_CITIZEN, case_id=case_id)


def officer(user):
    """A signed-in officer; rights and unit are checked at each step."""
    return Actor(BY_OFFICER, user=user)


def system():
    """The program itself, for timers and pressing; only for rows that name it."""
    return Actor(BY_SYSTEM)


def simulated(role):
    """A made-up person of this role; refused in the live world."""
    return Actor(role, simulated=True)
