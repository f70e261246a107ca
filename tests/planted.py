"""People whose names and numbers occur nowhere else, and finding them again in whatever is kept or sent."""

import base64
import io
import json
import logging
import re
import smtplib
import zlib
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from urllib.parse import quote, unquote

import pytest
import redis
from django.conf import settings
from django.core import mail, signing
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection
from django.test import Client
from django.utils.module_loading import import_string

from cases.models import Session
from tests.carriers import SENT
from tests.factories import id_card

GIVEN = (
    "彧翮 翀翯 琤瑭 珅璟 湜淏 昉暐 晅昴 垚堃 翙彣 晗昳 玥琮 珩璞 玶珬 翊罡 昃昳 琏珹".split()
)  # of no text of ours
VALUES = dict.fromkeys(GIVEN)  # and all that is told of them
SAID = "鬯罍簋簠"  # stands in each text of a letter, an answer, a note
CHILD = (date(2018, 5, 6) - date(1960, 1, 1)).days


def planted(*values):
    """Remember values that nobody but who may know them may see; return the first."""
    VALUES.update(dict.fromkeys(values))
    return values[0]


def person(number, id_type="id_card", born=10_000, **changes):
    """Return what the nth planted writer tells of themself."""
    numbers = {
        "id_card": id_card(born * 1000 + 371 + number),
        "passport": f"ZQW73{number:02d}61",
        "hk_macau_permit": f"H716502{number:02d}",
        "taiwan_permit": f"739160{number:02d}",
    }
    said = {
        "name": f"仝{GIVEN[number]}",
        "phone": f"154739{number:02d}268",
        "email": f"zq{number}wkx@planted.example",
        "id_number": numbers[id_type],
    }
    planted(said["phone"], said["id_number"], said["email"].split("@")[0])
    return {**said, "id_type": id_type, **changes}


def place(number):
    """Return the address of the network from which the nth planted writer comes."""
    return planted(f"10.197.{number}.213")


# -- Looking ---------------------------------------------------------------------------------------


def found_in(text, values=VALUES):
    """Return the planted values that a text holds: plain, escaped, in percents, hex or base64."""
    text = text.decode(errors="replace") if isinstance(text, bytes) else str(text)
    plain = {text, re.sub(r"(?<=\d)[ -](?=\d)", "", text), unquote(text)}
    return [
        value for value in values if any(form in one for form in _forms(value) for one in plain)
    ]


def _forms(value, known={}):  # noqa: B006
    if value not in known:
        raw = value.encode()
        escaped = json.dumps(value)[1:-1]
        known[value] = {value, escaped, escaped.upper(), quote(value), raw.hex(), *_in_base64(raw)}
    return known[value]


def _in_base64(raw):
    for lead, first in enumerate((0, 2, 3)):
        sure = (lead + len(raw)) * 8 // 6
        yield base64.b64encode(bytes(lead) + raw).decode()[first:sure]


def tables():
    """Return the names of all tables: those of live letters, common ones, and those of worlds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT format('%I.%I', table_schema, table_name) FROM information_schema.tables"
            " WHERE table_schema ~ '^(live|public|run_.*)$' AND table_type = 'BASE TABLE'"
        )
        return [table for (table,) in cursor]


def rows():
    """Yield (table, row as text) of every row of all tables; sessions opened, too."""
    with connection.cursor() as cursor:
        for table in tables():
            cursor.execute(f"SELECT to_jsonb(t)::text FROM {table} t")
            yield from ((table, row) for (row,) in cursor)
    for session in Session.objects.all():
        yield "django_session, decoded", json.dumps(session.get_decoded(), ensure_ascii=False)


_READERS = {
    b"string": lambda client, key: [client.get(key)],
    b"list": lambda client, key: client.lrange(key, 0, -1),
    b"set": lambda client, key: client.smembers(key),
    b"hash": lambda client, key: [part for pair in client.hgetall(key).items() for part in pair],
    b"zset": lambda client, key: client.zrange(key, 0, -1),
}


def entries():
    """Yield (key, what it holds) of Redis, messages of queues opened."""
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        for key in client.scan_iter():
            for value in [key, *_READERS[client.type(key)](client, key)]:
                yield f"Redis {key!r}", value
                if b'"body"' in value:
                    yield f"Redis {key!r}, body", _opened(json.loads(value))


def _opened(message):
    message = message if isinstance(message, dict) else message[0]
    return base64.b64decode(message["body"])


def mails():
    """Yield (which, text) of each mail and text message, without its own recipient."""
    for one in mail.outbox:
        raw = one.message()
        kept = [f"{name}: {value}" for name, value in raw.items() if name != "To"]
        yield f"mail to {one.to}", "\n".join([str(one.subject), one.body, *kept])
    for phone, text in SENT:
        yield f"text message to {phone}", text


def files(folder):
    """Yield (what, name) of every file and folder below one."""
    for path in Path(folder).rglob("*"):
        yield "path of a file", str(path.relative_to(folder))


def database_log():
    """Return what the database server of the tests has written so far."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW data_directory")
        log = Path(cursor.fetchone()[0]).with_name("postgres.log")
    if not log.exists():
        pytest.skip("the log of this database is somewhere else")
    return log.read_text(errors="replace")


# All is written, but for the many lines about words that a template does not know.
_LEVELS = {"": logging.DEBUG, "django.template": logging.INFO}


@contextmanager
def written():
    """What the handler of the settings writes, here to a text, with LOG_LEVEL=DEBUG."""
    stream, root = io.StringIO(), logging.getLogger()
    levels = {name: logging.getLogger(name).level for name in _LEVELS}
    options = settings.LOGGING["formatters"]["line"]
    handler = logging.StreamHandler(stream)
    handler.setFormatter(import_string(options["()"])(options["format"]))
    root.addHandler(handler)
    for name, level in _LEVELS.items():
        logging.getLogger(name).setLevel(level)
    try:
        yield stream
    finally:
        root.removeHandler(handler)
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


def _unpacked(value):
    """Return what stands packed in a cookie, as the messages of a page do, or "" if nothing does."""
    packed = value.split(":")[0]
    try:
        raw = signing.b64_decode(packed.strip(".").encode())
        return (zlib.decompress(raw) if packed.startswith(".") else raw).decode()
    except (ValueError, zlib.error):
        return ""


class Page:
    """An answer as it came: which page, what it says, where it leads."""

    def __init__(self, request, answer):
        self.method, self.path = request["REQUEST_METHOD"], request["PATH_INFO"]
        if answer.streaming:
            content = b"".join(answer.streaming_content)
            answer.streaming_content = [content]
        else:
            content = answer.content
        self.status, self.content = answer.status_code, content
        headers = [f"{name}: {value}" for name, value in answer.headers.items()]
        cookies = [
            f"{one.key}={one.value} {_unpacked(one.value)}" for one in answer.cookies.values()
        ]
        self.headers = "\n".join([*headers, *cookies])

    def __str__(self):
        return f"{self.method} {self.path} ({self.status})"

    def links(self):
        """Return all addresses that the page names."""
        links = re.findall(
            r'(?:href|src|action|formaction)="([^"]*)"', self.content.decode("utf-8", "replace")
        )
        return "\n".join(links)


class Visitor(Client):
    """A browser, each of whose pages is kept in `seen`."""

    seen = []

    def __init__(self, **options):
        super().__init__(raise_request_exception=False, **options)

    def request(self, **request):
        answer = super().request(**request)
        self.seen.append(Page(request, answer))
        return answer


class Refusing(BaseEmailBackend):
    """A mail server that takes nothing, and quotes the address."""

    def send_messages(self, messages):
        address = messages[0].to[0]
        raise smtplib.SMTPRecipientsRefused({address: (550, f"<{address}> is unknown".encode())})
