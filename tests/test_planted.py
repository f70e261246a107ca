"""Who wrote stands nowhere but sealed: a year of planted people, then a search of all that is kept and sent."""

import base64
import json
import logging
import re
from urllib.parse import quote

import pytest
import redis
from django.conf import settings
from django.contrib import admin
from django.core import mail, signing
from django.core.management import call_command
from django.db import connection, transaction
from django.http import HttpResponse

from cases import access
from cases.desk.urls import urlpatterns
from cases.models import Case, Event
from config import backing_up
from tests import planted
from tests.brokers import empty_broker
from tests.carriers import SENT, carried  # noqa: F401
from tests.planted import Visitor, found_in
from tests.planted_letters import LETTERS
from tests.planted_office import OFFICE
from tests.planted_whole import unwalked
from tests.planted_worlds import in_worlds
from tests.planted_year import Year, pass_by

PARTS = (*LETTERS, *OFFICE, in_worlds)
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("carried")]

# Pages for those who may know, since they tell it or since they typed it: searched for their links alone.
KNOWING = {
    "the letter as it is written": r"(GET|POST) /write/.*",
    "what was typed to look a letter up": r"POST /follow/(phone/)?",
    "what the writer corrects": r"POST /follow/mine/data/",
    "the writer's own copy": r"POST /follow/(mine|case)/data/copy/",
    "who wrote, shown for a reason": r"POST /desk/PA-[-\w]+/identity/",
    "what a clerk types": r"POST /desk/(enter|import)/",
    "what an officer looks for": r"POST /desk/search/(writer/|prepare/)?",
    "the list that an officer would save": r"POST /desk/views/",
    "what was asked for and is not there": r"GET /154\d+/.*",
    "what is typed to sign in": r"POST /admin/(login|password_reset)/",
    "a device as it is bound, and its codes, once": r"(GET|POST) /admin/second-factor/(own/)?",
}

# Where texts of letters, answers and notes stand, names of files among them, and the pages that show them.
TEXTS = r"\w+\.cases_(letter|message|draft|attachment|evidence|replytemplate)"
SHOWING = {
    "the letter, to its officers": r"(GET|POST) /desk/(triage/)?(PA|R\d+)-[-\w]+/.*",
    "the letter, to its writer": r"(GET|POST) /follow/(case|mine)/.*",
    "what officers are to read": r"GET /desk/(mentions|supervision|thanks)/",
    "letters of one writer": r"POST /desk/search/writer/",
    "a text to begin with": r"GET /admin/cases/replytemplate/\d+/change/",
}
FILES = r"GET /(desk/PA-[-\w]+|follow/case)/(attachment|evidence|files|more)/\d+/"


def test_nothing_that_tells_who_wrote_is_found_after_a_year(
    monkeypatch, settings, cast, tmp_path, capsys
):
    settings.SENDING_FREE, settings.ANCHORS_TO = 0, ["anchors@example.com"]
    Visitor.seen, found, known, before = [], [], set(), len(planted.database_log())
    empty_broker()
    with planted.written() as log:
        year = Year(monkeypatch, settings, cast, lambda: found.extend(_found(_kept(known))))
        pass_by(year, PARTS)
        _look_at_everything(year)
        folder = backing_up.backup(tmp_path, print)
        year.settings.RETENTION_YEARS = 0  # all that has ended did so long ago
        year.to(12, day=29)
        call_command("check_log")
    lines = log.getvalue()
    for kind in ("Internal Server Error", "attempt 5 failed", "ValueError", "Not Found"):
        assert kind in lines  # or nothing was searched
    found += unwalked(Visitor.seen, known)
    assert len(mail.outbox) > 30 and SENT and list(planted.files(settings.MEDIA_ROOT))
    found += _searched(log, known) + _found(planted.files(tmp_path))
    found += _found(
        [
            ("manifest", (folder / backing_up.MANIFEST).read_text()),
            ("dump", backing_up.run_program("pg_restore", "--file=-", folder / backing_up.DUMP)),
            ("output", capsys.readouterr().out),
            ("log of the database", planted.database_log()[before:]),
        ]
    )
    hidden = {c.letter.receipt for c in Case.objects.all() if access.hides_writer(c)}
    told = "\n".join(text for _which, text in planted.mails())
    found += [
        f"receipt of a confidential letter in a mail or text message: {r}"
        for r in hidden
        if r in told
    ]
    found += _astray(log, known)
    assert found == [], "\n".join(found)


def _into_session():
    browser = Visitor()
    browser.get("/write/")
    session = browser.session
    session["typed"] = {"phone": PHONE}
    session.save()


def _into_redis():
    body = base64.b64encode(json.dumps([[], {"name": NAME}]).encode()).decode()
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.lpush("default", json.dumps({"body": body, "headers": {}}))


def _into_event(make_case):
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("SET LOCAL session_replication_role = replica")
        event = Event.objects.filter(case=make_case()).update(data={"name": NAME})
    assert event == 1


def _told_in_cookie():
    answer = HttpResponse()
    answer.set_cookie("messages", signing.dumps([f"{NAME}的来信" * 9], compress=True))
    return planted.Page({"REQUEST_METHOD": "POST", "PATH_INFO": "/desk/enter/"}, answer)


def _linked():
    answer = HttpResponse(f'<a href="/write/?name={quote(NAME)}">')
    return planted.Page({"REQUEST_METHOD": "GET", "PATH_INFO": "/write/"}, answer)


NAME, PHONE = "仝彧翮", "154739 00-268"
LEAKS = {
    "log": lambda make_case: logging.getLogger("cases.leak").debug("it was %s", PHONE),
    "live.cases_event": _into_event,
    "django_session, decoded": lambda make_case: _into_session(),
    "Redis": lambda make_case: _into_redis(),
    "mail": lambda make_case: mail.send_mail(f"{NAME}您好", "", None, ["a@example.com"]),
    "text message": lambda make_case: SENT.append(("154", f"{NAME}您好")),
    "path of a file": lambda make_case: (settings.MEDIA_ROOT / f"{NAME}.pdf").touch(),
    "headers of": lambda make_case: Visitor.seen.append(_told_in_cookie()),
    "links of": lambda make_case: Visitor.seen.append(_linked()),
}


def test_search_finds_what_is_planted_by_hand(make_case, settings, tmp_path):
    """Else it would find nothing for another reason."""
    planted.person(0)
    settings.MEDIA_ROOT, Visitor.seen = tmp_path, []
    empty_broker()
    with planted.written() as log:
        assert _searched(log) == []
        for where, leak in LEAKS.items():
            leak(make_case)
            assert any(line.startswith(where) for line in _searched(log)), where
        assert _astray(log, set()) == []
        logging.getLogger("cases.leak").debug("it said %s", planted.SAID)
        assert _astray(log, set())
    empty_broker()


def _found(places, values=planted.VALUES):
    """Return a line for each planted value that a place holds."""
    places = [(where, what) for where, what in places]
    return [
        f"{where}: {value} in {str(what)[:300]}"
        for where, what in places
        for value in found_in(what, values)
    ]


def _searched(log, known=()):
    """Return what is found in everything that is kept and sent, but for what was known to be kept before."""
    places = [("log", log.getvalue()), *_kept(set(known)), *planted.mails()]
    return _found([*places, *planted.files(settings.MEDIA_ROOT), *_pages()])


def _astray(log, known):
    """Return where else than in their own place words of a letter, an answer or a note are found."""
    kept = [(where, what) for where, what in known if not re.fullmatch(TEXTS, where)]
    places = [("log", log.getvalue()), *kept, *planted.mails(), *planted.files(settings.MEDIA_ROOT)]
    for page in Visitor.seen:
        if not _is_one_of(SHOWING.values(), page):
            places.append((str(page), page.content))
        if not _is_one_of([FILES], page):  # whose name is a header
            places.append((f"headers and links of {page}", f"{page.headers}\n{page.links()}"))
    return _found(places, [planted.SAID])


def _is_one_of(patterns, page):
    return any(re.fullmatch(pattern, f"{page.method} {page.path}") for pattern in patterns)


def _kept(known):
    """Return (where, what) of each row and each entry of Redis that was not known before."""
    new = {*planted.rows(), *planted.entries()} - known
    known |= new
    return sorted(new, key=str)


def _pages():
    """Yield (which page, what of it is searched)."""
    for page in Visitor.seen:
        yield f"headers of {page}", page.headers
        yield f"links of {page}", page.links()
        if not _is_one_of(KNOWING.values(), page):
            yield str(page), page.content


def _look_at_everything(year):
    """Open every page and take every file, as who has all rights, as the handling unit, as administrator."""
    handler, chief = year.handler, year.chief
    cases = list(Case.objects.select_related("letter"))
    lists = [f"/desk/{p.pattern}" for p in urlpatterns if not p.pattern.converters]
    of_letters = [f"/desk/{c.letter.receipt}/" for c in cases]
    prints = [f"{path}print/" for path in of_letters]
    for who, paths in (
        (year.cast.writer, [*lists, "/desk/?scope=all", *of_letters, *prints[::2]]),
        (handler, ["/desk/?scope=all", *of_letters, *prints[1::2]]),
        (chief, ["/desk/?scope=all", "/desk/audit/", "/desk/exports/", "/desk/overview/"]),
    ):
        browser = year.officer(who)
        for path in paths:
            browser.get(path, follow=True)
        browser.post("/desk/export/", {"address": "?scope=all"})
        browser.post("/desk/audit/file/")
        browser.get("/desk/bulletin/2026-03/")
        browser.get("/desk/bulletin/2026-03/figures.csv")
    for model in admin.site._registry:
        address = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        year.officer(chief).get(address)
        first = model._default_manager.first()
        if first:
            year.officer(chief).get(f"{address}{first.pk}/change/")
            year.officer(chief).get(f"{address}{first.pk}/history/")
