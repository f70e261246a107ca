"""Letters as people type them into the form, all different, from made-up people."""

import uuid
from datetime import date, timedelta

from cases import identity, worlds
from cases.calendars import SHANGHAI
from config.bench.stage import SCENARIO
from simulation import arrivals, scenario, texts


def typed(count, seed):
    """Return so many filled-in forms, {field: text} each; kinds, places and lengths as in a year."""
    drawn = arrivals.draw(scenario.load(SCENARIO).scaled(2 * count), seed)
    found = [one for one in list(drawn) if not one.repeats][:count]
    words = texts.compose_arrivals(seed, found)
    return [
        {
            "key": str(uuid.uuid4()),
            "mailbox": one.mailbox,
            "kind": one.kind,
            "category": one.category,
            "title": title,
            "body": body,
            "place": place,
            "emergency_seen": "1",
            **person(number),
        }
        for number, (one, (title, body, place)) in enumerate(zip(found, words, strict=True))
    ]


def person(number):
    """Return the particulars of somebody who can't be: no telephone begins with 154."""
    return {
        "name": f"测试{'甲乙丙丁戊己庚辛壬癸'[number % 10]}",
        "phone": f"154{number:08d}",
        "id_type": "id_card",
        "id_number": _id_card(number),
        "email": f"writer{number}@example.com",
    }


def _id_card(number):
    """Return a well-formed identity number that nobody has: region 440000 is given to no one."""
    born = date(1960, 1, 1) + timedelta(days=number // 1000 % 15_000)
    today = worlds.now().astimezone(SHANGHAI).date()
    for last in "0123456789X":
        try:
            whole = f"440000{born:%Y%m%d}{number % 1000:03d}{last}"
            return identity.check_id_number(whole, today=today)
        except identity.BadInput:
            continue
    raise AssertionError("one of eleven fits")
