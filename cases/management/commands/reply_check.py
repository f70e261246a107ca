"""How often the reviewer's checks speak up: on real letters with their replies, and on shuffled ones."""

import csv
import gzip
import random
from collections import Counter
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from cases.reply_checks import COMPARED, Others, judge

FILE = "letters_reply.csv.gz"
COLUMNS = {"letter_id", "title", "body", "reply", "replied_at"}
# Of a letter's own reply, by whether people found that it explains anything.
JUDGED = {True: "- that explains", False: "- that explains nothing"}
CODES = ("short", "blank", "alike", "off_topic")


class Command(BaseCommand):
    """Reads letters with replies; writes nothing."""

    help = f"Measure the checks of replies on the letters of a folder with {FILE}."

    def add_arguments(self, parser):
        parser.add_argument("--data", type=Path, required=True, help=f"a folder with {FILE}")
        parser.add_argument("--seed", type=int, default=1, help="of the shuffling")

    def handle(self, *args, data, seed, **options):
        rows = read(data / FILE)
        self.stdout.write(
            f"{len(rows)} letters with replies; each is compared with {COMPARED} before it"
        )
        found = measure(rows, seed)
        self.stdout.write(f"{'':32}" + "".join(f"{code:>12}" for code in (*CODES, "any")))
        for name, (number, codes) in found.items():
            shares = (f"{100 * codes[code] / number:.1f} %" for code in (*CODES, "any"))
            self.stdout.write(f"{name:24}{number:>8}" + "".join(f"{share:>12}" for share in shares))


def read(path):
    """Return the letters, in the order of their replies. Raises: CommandError."""
    try:
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CommandError(f"{path}: {error}") from None
    if not rows or not set(rows[0]) >= COLUMNS:
        raise CommandError(f"{path}: needs rows with the columns {sorted(COLUMNS)}")
    return sorted(rows, key=lambda row: row["replied_at"])


def measure(rows, seed):
    """Return {group: [replies, Counter of their doubts by code]}; people's judgement makes groups too."""
    shuffled = rows[:]
    random.Random(seed).shuffle(shuffled)
    others, found = Others(), {}
    for number, (row, other) in enumerate(zip(rows, shuffled, strict=True)):
        letter = f"{row['title']}\n{row['body']}"
        own = judge(letter, row["reply"], others)
        _count(found, "own reply", own)
        if row.get("human_explains"):
            _count(found, JUDGED[row["human_explains"] == "1"], own)
        _count(found, "another letter's reply", judge(letter, other["reply"], others))
        others.add(number, letter, row["reply"])
        if number >= COMPARED:
            others.drop(number - COMPARED)
    return found


def _count(found, group, doubts):
    group = found.setdefault(group, [0, Counter()])
    codes = {doubt.code for doubt in doubts}
    group[0] += 1
    group[1].update(codes | ({"any"} if codes else set()))
