"""Practice worlds from the first row to the last: asked for, made by a worker, cleared away.

A world is made in one transaction, by whoever holds its row: all of it is there, or nothing.
"""

from contextlib import suppress
from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from cases import attachments, deadlines, practising, worlds
from cases.calendars import SHANGHAI
from cases.models import Unit, World
from cases.refusals import Refusal
from simulation import claims, practice_going, practice_letters, room, shards, texts
from simulation import scenario as scenarios
from simulation.models import Practice

SCENARIO = "guangdong-2021"
LETTERS, FEWEST, MOST_LETTERS = 300, 100, 2000
MOST = 3  # worlds an officer may have at once
RESEND_SECONDS = 60
KEPT_DAYS = 30  # since it was made; then it goes, unless its officer is in it


class PracticeRefused(Refusal):
    """A practice world that is not made, with the reason in words."""

    code = "practice"


def ask(officer, day, letters=LETTERS, seed=None):
    """Keep that an officer wants a world that stands at 8:30 of a day; return its row.

    Nothing is sent yet. seed: the same gives the same letters; by default the row's own number.
    Raises: PracticeRefused.
    """
    if officer.unit is None:
        raise PracticeRefused(_("您的账号还没有所属单位，不能演练。请联系系统管理员。"))
    if Practice.objects.filter(owner=officer).count() >= MOST:
        raise PracticeRefused(_("最多同时有%(most)s个演练世界，请先删除一个。") % {"most": MOST})
    try:
        with transaction.atomic():
            room.hold(letters)
            return _keep(officer, day, letters, seed)
    except room.NoRoom:
        raise PracticeRefused(
            _(
                "现在没有空间再建演练世界。请先删除您不再用的演练世界，"
                "或请系统管理员删除不再需要的模拟运行。"
            )
        ) from None


def _keep(officer, day, letters, seed):
    now = worlds.now()
    practice = Practice.objects.create(
        owner=officer,
        unit=officer.unit,
        stands_at=datetime.combine(day, practising.MORNING, SHANGHAI),
        letters=letters,
        seed=seed or 0,
        sent_at=now,
        created_at=now,
    )
    if seed is None:
        practice.seed = practice.pk
        practice.save(update_fields=["seed"])
    return practice


def send(practice):
    """Send a waiting world to the workers."""
    shards.send("make_practice", practice.pk)


def make(practice_id):
    """Make the world of a row that waits, unless another worker is at it; safe to repeat."""
    waiting = Practice.objects.filter(pk=practice_id, status=Practice.WAITING)
    with claims.claim(Practice, practice_id, status=Practice.WAITING) as claimed:
        if not claimed:
            return
        try:
            with transaction.atomic():
                held = waiting.select_for_update(of=("self",))
                practice = held.select_related("owner", "unit").first()
                if practice:  # not deleted meanwhile
                    _make(practice)
        except claims.CUT_OFF:
            raise
        except Exception:
            waiting.update(status=Practice.FAILED)
            raise


def _make(practice):
    began, word = practice.stands_at, timedelta(seconds=1)
    world = practice.world = World.objects.create(
        name=f"{practice.unit.name} {began.astimezone(SHANGHAI):%Y-%m-%d}",
        schema=f"run_p{practice.pk}",
        mark=f"P{practice.pk}",
        starts_at=began - word * practice_letters.OLDEST,
        ends_at=began + word * practice_letters.COMING,
        fingerprint=worlds.fingerprint(worlds.LIVE_SCHEMA),
        created_at=worlds.now(),
        owner=practice.owner,
        clock_at=began,
    )
    worlds.create(world)
    worlds.seal(world)
    past, coming = _stories(practice)
    with worlds.enter(world):
        going = _play(practice, past)
        while deadlines.scan(began):
            pass
    practice.coming = {"going": going, "letters": _letters(practice, coming)}
    practice.status = Practice.READY
    practice.save()


def _stories(practice):
    scenario = scenarios.load(SCENARIO)
    paths = dict(Unit.objects.values_list("code", "path"))
    place = practice_letters.Place(practice.unit.code, paths, scenario)
    start = datetime.combine(scenario.start, time(), SHANGHAI)
    seconds = int((practice.stands_at - start).total_seconds())
    return practice_letters.stories(scenario, practice.seed, place, seconds, practice.letters)


def _typed(practice, stories):
    """Return what is typed for each of the stories' letters."""
    arrivals = [story.arrival for story in stories]
    words = texts.compose_arrivals(practice.seed, arrivals)
    return [practice_going.submission(*one) for one in zip(arrivals, words, strict=True)]


def _letters(practice, stories):
    """Return the letters that come later: [second, what is typed, what others will do]."""
    return [
        [story.steps[0][0], typed, practice_going.plan(story.steps)]
        for story, typed in zip(stories, _typed(practice, stories), strict=True)
    ]


def _play(practice, stories):
    """Play what has been, in the order of time; return [case id, what others will do] of the rest."""
    typed = {s.arrival.number: t for s, t in zip(stories, _typed(practice, stories), strict=True)}
    steps = sorted(
        (at, story.arrival.number, seq, action, said)
        for story in stories
        for seq, (at, action, said) in enumerate(story.steps[: story.done])
    )
    cases = {}
    for at, number, _seq, action, said in steps:
        moment = practice.stands_at + timedelta(seconds=at)
        if action == "receive":
            cases[number] = practice_going.receive(typed[number], moment)
            continue
        if "into" in said:
            said = {"into": cases.get(said["into"], 0)}
        # Refused is what another year's calendar forbids, or needs a letter that is not here.
        with suppress(Refusal):
            practice_going.take(cases[number], action, said, moment)
    left = {s.arrival.number: practice_going.plan(s.steps[s.done - 1 :]) for s in stories if s.done}
    return [[cases[number], rest] for number, rest in left.items() if rest]


def delete(practice):
    """Delete a practice world with all that was done in it."""
    world = practice.world
    with transaction.atomic():
        practice.delete()
        if world:
            worlds.drop(world)
    if world:
        attachments.discard_world(world.mark)


def again(practice):
    """Put a new row in the place of a practice world, for the same letters on the same day."""
    day = practice.stands_at.astimezone(SHANGHAI).date()
    delete(practice)
    return _keep(practice.owner, day, practice.letters, practice.seed)


def sweep():
    """Send again what waits and nobody makes, and delete what is old; return how many were sent."""
    now = worlds.now()
    long_ago = now - timedelta(days=KEPT_DAYS)
    unused = Q(world__clock_since=None) | Q(world__clock_since__lt=long_ago)
    for practice in Practice.objects.filter(unused, created_at__lt=long_ago):
        delete(practice)
    sent_before = now - timedelta(seconds=RESEND_SECONDS)
    waiting = Practice.objects.filter(status=Practice.WAITING)
    free, tired = claims.unheld(waiting.filter(sent_at__lte=sent_before))
    waiting.filter(pk__in=tired).update(status=Practice.FAILED)
    waiting.filter(pk__in=free).update(sent_at=now)
    for pk in free:
        shards.send("make_practice", pk)
    return len(free)
