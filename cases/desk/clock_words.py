"""A case's clock in words: what is due, how long is left, and a colour that is also said."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from cases import clocks, in_force
from cases.calendars import HOUR, MINUTE, WORKING_HOURS, to_local
from cases.transitions import NOBODY, OFFICE, STATES

CLOCKS = {
    "accept": gettext_lazy("受理"),
    "sign": gettext_lazy("签收"),
    "contact": gettext_lazy("联系来信人"),
    "feedback": gettext_lazy("首次反馈"),
    "reply": gettext_lazy("答复"),
    "legal": gettext_lazy("法定期限"),
    "supply": gettext_lazy("来信人补充"),
    "silence": gettext_lazy("自动办结"),
}
COLOURS = {
    "green": gettext_lazy("正常"),
    "yellow": gettext_lazy("将到期"),
    "red": gettext_lazy("已超期"),
    "": gettext_lazy("不计时"),
}
# What a length is counted in; English has two forms of each.
UNITS = {
    "m": ngettext_lazy("%(n)s分钟", "%(n)s分钟", "n"),
    "h": ngettext_lazy("%(n)s小时", "%(n)s小时", "n"),
    "d": ngettext_lazy("%(n)s天", "%(n)s天", "n"),
    "wm": ngettext_lazy("%(n)s分钟工作时间", "%(n)s分钟工作时间", "n"),
    "wh": ngettext_lazy("%(n)s小时工作时间", "%(n)s小时工作时间", "n"),
    "wd": ngettext_lazy("%(n)s个工作日", "%(n)s个工作日", "n"),
}


@dataclass(frozen=True)
class Face:
    """What a clock shows. colour: green, yellow, red, or "" when nothing of ours is due.

    working: how much of what is left is working time, for promises of days or of working time.
    """

    clock: str
    colour: str
    word: str
    left: str
    due_at: datetime | None = None
    kept_at: datetime | None = None
    provisional: bool = False
    working: str = ""


def face(case, at):
    """Return the Face of what a case waits for at this time."""
    if case.next_due_at is None:
        waits = STATES[case.state].waits_for
        left = _("已了结") if waits == NOBODY else _("没有期限")
        return Face("", "", str(COLOURS[""]), left)
    if STATES[case.state].waits_for != OFFICE:
        return Face("", "", str(COLOURS[""]), _citizens_turn(case, at), due_at=case.next_due_at)
    colour = _colour(case, case.next_due_at, at)
    return Face(
        str(CLOCKS[case.next_clock]),
        colour,
        str(COLOURS[colour]),
        in_words(case.next_due_at, at),
        due_at=case.next_due_at,
        provisional=case.due_provisional,
        working=_working(case, case.next_clock, case.next_due_at, at),
    )


def _citizens_turn(case, at):
    """Say what comes if the writer stays silent, and when; nobody in the office is late for it."""
    if at > case.next_due_at:
        return _("等来信人，期限已到")
    words = {"time": span(case.next_due_at - at), "then": CLOCKS[case.next_clock]}
    if case.next_clock == "silence":
        return _("等来信人，%(time)s后%(then)s") % words
    return _("等来信人，%(time)s后不再等") % words


def all_faces(case, at):
    """Return the Faces of every promise of a case, kept ones with when they were kept."""
    kept_columns = {"accept": "accepted_at", "sign": "signed_at", "contact": "contacted_at"}
    kept_columns |= {"feedback": "feedback_at", "reply": "replied_at", "legal": "replied_at"}
    faces = []
    for promise in clocks.PROMISES:
        due_at = getattr(case, f"{promise}_due_at")
        if due_at is not None:
            kept_at = _kept_in_this_round(case, getattr(case, kept_columns[promise]), promise)
            faces.append(_promise_face(case, promise, due_at, kept_at, at))
    return faces


def _kept_in_this_round(case, kept_at, promise):
    """A reply of before the case was reopened keeps no promise of now."""
    answered = promise in ("reply", "legal")
    return None if kept_at and answered and kept_at < case.episode_at else kept_at


def _promise_face(case, promise, due_at, kept_at, at):
    if kept_at:
        late = kept_at > due_at and kept_at >= case.episode_at
        colour, word = ("red", _("超期完成")) if late else ("green", _("按期完成"))
        left = _("超 %(time)s") % {"time": span(kept_at - due_at)} if late else ""
    elif STATES[case.state].waits_for == OFFICE:
        colour = _colour(case, due_at, at)
        word, left = str(COLOURS[colour]), in_words(due_at, at)
    else:
        colour, left = "", ""
        ended = STATES[case.state].waits_for == NOBODY
        word = _("不再计时") if ended else _("暂停，等来信人")
    name, working = str(CLOCKS[promise]), ""
    if not kept_at and colour:
        working = _working(case, promise, due_at, at)
    return Face(name, colour, word, left, due_at, kept_at, case.due_provisional, working)


def _colour(case, due_at, at):
    return clocks.colour(due_at, case.episode_at, at, in_force.policy(at).yellow_share)


def _working(case, promise, due_at, at):
    """Say how much working time is left; a promise that runs day and night says nothing of it."""
    length = in_force.policy(at).length(case.mailbox.level, case.kind, promise)
    if at > due_at or length is None or length.round_the_clock:
        return ""
    calendar = in_force.policy(at).calendar
    minutes = calendar.between(WORKING_HOURS, to_local(at), to_local(due_at)) // MINUTE
    if not minutes:
        return _("其中没有工作时间")
    hours, minutes = divmod(minutes, HOUR // MINUTE)
    parts = [UNITS["h"] % {"n": hours}] if hours else []
    parts += [UNITS["m"] % {"n": minutes}] if minutes and hours < 10 else []
    return _("其中工作时间 %(time)s") % {"time": "".join(parts)}


def in_words(due_at, at):
    """Return “还剩 2天3小时” or “超期 5分钟”."""
    if at > due_at:
        return _("超期 %(time)s") % {"time": span(at - due_at)}
    return _("还剩 %(time)s") % {"time": span(due_at - at)}


def span(length):
    """Return a timedelta in its two largest units: days and hours, or hours and minutes."""
    minutes = int(length.total_seconds() // 60)
    days, minutes = divmod(minutes, 24 * 60)
    hours, minutes = divmod(minutes, 60)
    if days:
        tail = UNITS["h"] % {"n": hours} if hours else ""
        return UNITS["d"] % {"n": days} + tail
    if hours:
        tail = UNITS["m"] % {"n": minutes} if minutes else ""
        return UNITS["h"] % {"n": hours} + tail
    return UNITS["m"] % {"n": minutes} if minutes else _("不到1分钟")
