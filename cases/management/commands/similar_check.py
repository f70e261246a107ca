import csv
import gzip
import random
import statistics
import time
from collections import defaultdict
from datetime import datetime
from itertools import combinations
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from cases import actors, grams, worlds
from cases.calendars import SHANGHAI
from cases.intake import BODY_LIMITS, TITLE_LIMITS, Submission, intake
from cases.models import Case, Unit, World
from cases.similar import THRESHOLD, similar

THRESHOLDS = (0.1, THRESHOLD, 0.2, 0.3)
SHOWN, SAMPLE, SAME_TITLE = 5, 300, 0.5
ABOUT = """\
Labels are proxies, made by people for another purpose:
  alike    pairs that two or more of the four teams put into one hot topic;
  right    a letter shown that any team puts into one topic with the letter looked at, so that
           precision is known for letters in a topic only, and is a lower bound;
  repeated pairs of one user with half or more of their titles' grams in common.
Writers are not used: texts alone are compared.
"""


class Command(BaseCommand):
    help = "Print recall and precision of similar letters on the letters of 附件3, kept in a passing world."

    def add_arguments(self, parser):
        """Where the letters are, and how many of them to take."""
        parser.add_argument(
            "--data", type=Path, required=True, help="folder of letters_topic.csv.gz"
        )
        parser.add_argument("--letters", type=int, help="only so many, for a quick look")

    def handle(self, *, data, letters, **options):
        """Keep the letters in a world, look for the like of each, print, and drop the world."""
        try:
            with gzip.open(data / "letters_topic.csv.gz", "rt", encoding="utf-8") as file:
                rows = list(csv.DictReader(file))[:letters]
            topics = _topics(data / "hot_topics_by_team.csv")
        except OSError as error:
            raise CommandError(str(error)) from None
        world = _world(rows)
        try:
            worlds.create(world)
            worlds.seal(world)
            with worlds.enter(world):
                numbers = _keep(rows)
                _analyse()
                self._print(rows, numbers, topics)
        finally:
            worlds.drop(world)

    def _print(self, rows, numbers, topics):
        """Print what was found of each kind of pairs, at several thresholds."""
        alike, right = _pairs(topics, numbers)
        repeated = _repeated(rows, numbers)
        wanted = sorted({one for pair in alike | repeated for one in pair})
        sample = random.Random(1).sample(sorted(numbers.values()), min(SAMPLE, len(numbers)))
        found, seconds = {}, []
        for key in dict.fromkeys(wanted + sample):
            began = time.perf_counter()
            found[key] = _found(key)
            seconds.append(time.perf_counter() - began)
        self.stdout.write(
            f"{len(rows):,} letters; {len(alike):,} pairs alike, {len(repeated):,} repeated. "
            f"{statistics.median(seconds) * 1000:.0f} ms a letter (median).\n{ABOUT}"
        )
        for threshold in THRESHOLDS:
            shown = {
                key: [pk for pk, score in likes if score >= threshold][:SHOWN]
                for key, likes in found.items()
            }
            self.stdout.write(
                f"threshold {threshold}: " + _line(shown, alike, right, repeated, sample)
            )


def _line(shown, alike, right, repeated, sample):
    """Return the measures at one threshold in words."""
    asked = {one for pair in alike for one in pair}
    pairs = [(key, pk) for key in asked for pk in shown[key]]
    good = [pair for pair in pairs if frozenset(pair) in right]
    hit = {key for key, _pk in good}
    again = [pair for pair in map(tuple, repeated) if pair[1] in shown[pair[0]]]
    each = statistics.mean(len(shown[key]) for key in sample) if sample else 0
    return (
        f"recall {_share(hit, asked)} of letters with one alike are shown a right one, "
        f"precision {_share(good, pairs)}; {_share(again, repeated)} of repeated found; "
        f"{each:.1f} shown for any letter"
    )


def _share(part, whole):
    return f"{len(part) / len(whole):.2f}" if whole else "-"


def _found(key):
    """Return [(pk, score)] of the letters found for one, the likest first."""
    case = Case.objects.select_related("letter__writer").get(pk=key)
    likes = similar(
        case, Case.objects.all(), may_link=lambda other: False, limit=SHOWN, threshold=THRESHOLDS[0]
    )
    return [(one.case.pk, one.score) for one in likes]


def _topics(path):
    """Return [(team, set of letter ids)] of each hot topic."""
    topics = defaultdict(set)
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            topics[row["team_repo"], row["topic_rank"]].add(row["letter_id"])
    return [(team, ids) for (team, _rank), ids in topics.items()]


def _pairs(topics, numbers):
    """Return (pairs that two teams put together, pairs that any team did)."""
    teams = defaultdict(set)
    for team, ids in topics:
        keys = sorted(numbers[one] for one in ids if one in numbers)
        for pair in combinations(keys, 2):
            teams[frozenset(pair)].add(team)
    return {pair for pair, by in teams.items() if len(by) > 1}, set(teams)


def _repeated(rows, numbers):
    """Return the pairs of letters of one user whose titles are much the same."""
    by_user = defaultdict(list)
    for row in rows:
        by_user[row["user_id"]].append((numbers[row["letter_id"]], grams.of(row["title"])))
    pairs = set()
    for letters in by_user.values():
        for (one, title), (two, other) in combinations(letters, 2):
            if title and other and len(title & other) >= SAME_TITLE * len(title | other):
                pairs.add(frozenset((one, two)))
    return pairs


def _world(rows):
    times = [_time(row) for row in rows]
    return World.objects.create(
        name="similar_check",
        schema="run_similar_check",
        mark="CHECK",
        starts_at=min(times),
        ends_at=max(times),
        fingerprint=worlds.fingerprint(worlds.LIVE_SCHEMA),
        created_at=worlds.now(),
    )


def _analyse():
    with connection.cursor() as cursor:
        for table in worlds.domain_tables():
            cursor.execute(f"ANALYZE {table}")
    grams.analyse()


def _time(row):
    return datetime.fromisoformat(row["received_at"]).replace(tzinfo=SHANGHAI)


def _keep(rows):
    """Take the letters in, cut or filled up to the lengths of a letter; return {id: number}."""
    mailbox = Unit.objects.filter(is_mailbox=True).order_by("path").first().code
    numbers = {}
    for row in sorted(rows, key=lambda row: row["received_at"]):
        sent = Submission(
            mailbox=mailbox,
            kind="other",
            category="other",
            title=row["title"][: TITLE_LIMITS[1]].ljust(TITLE_LIMITS[0], "。"),
            body=row["body"][: BODY_LIMITS[1]].ljust(BODY_LIMITS[0], "。"),
            channel="simulation",
            emergency=False,
        )
        receipt = intake(sent, actor=actors.simulated("citizen"), at=_time(row))
        numbers[row["letter_id"]] = receipt.case_id
    return numbers
