"""Practice: an officer's own world of made-up letters, whose clock runs while they are in it."""

from datetime import datetime, time, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import deadlines, worlds
from cases.calendars import SHANGHAI
from cases.models import World

HOUR = timedelta(hours=1)
MORNING = time(8, 30)
# Functions of (world, since, until): what comes in between, for the apps above to bring in.
# Each is called inside the world and returns how many letters came.
COMING = []


def next_morning(at):
    """Return 8:30 of the next day, in Beijing time."""
    day = at.astimezone(SHANGHAI).date() + timedelta(days=1)
    return datetime.combine(day, MORNING, SHANGHAI)


# How far an officer may move the clock at once: the button's label, and where it leads.
STEPS = {
    "hour": (gettext_lazy("1小时后"), lambda at: at + HOUR),
    "morning": (gettext_lazy("次日早上"), next_morning),
    "week": (gettext_lazy("一周后"), lambda at: at + timedelta(days=7)),
}


def resume(world):
    """Let a practice world's clock run on: its officer has come in."""
    if world.clock_since is None:
        worlds.set_clock(world, world.clock_at, ticking=True)


def pause(world):
    """Let a practice world's clock stand: its officer has gone."""
    worlds.set_clock(world, worlds.clock(world), ticking=False)


def forward(world, step, seen):
    """Move a practice world's clock on; letters come and timers run out bit by bit.

    step: of STEPS. seen: where the clock was last set, as the page said; None is returned, and
    nothing done, if it has been set since. Returns what happened, in words.
    """
    since = worlds.clock(world)
    until = min(step[1](since), world.ends_at)
    with worlds.enter(world, at=until):
        world = World.objects.select_for_update().get(pk=world.pk)
        if world.clock_at.isoformat() != seen:
            return None
        came = timers = 0
        stride = max(HOUR, (until - since) / 24)
        while since < until:
            moment = min(since + stride, until)
            came += sum(bring(world, since, moment) for bring in COMING)
            timers += _run_out(moment)
            since = moment
        worlds.set_clock(world, until, ticking=True)
    if until == world.ends_at:
        return _("这个演练世界走到了尽头，可以重来。")
    return _("新到%(came)s封来信，到期动作%(timers)s个。") % {"came": came, "timers": timers}


def _run_out(at):
    """Take the steps that the clocks bring about until `at`; return how many."""
    taken = more = deadlines.scan(at)
    while more:
        more = deadlines.scan(at)
        taken += more
    return taken
