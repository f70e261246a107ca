"""Real ways through all of the citizens' pages, each state of which is kept in an album."""

import re
import uuid
from datetime import timedelta

from django.core import mail
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.test import Client, override_settings

from cases import actors, publishing, worlds
from cases.intake import intake
from cases.models import Case, PublicAnswer
from cases.transitions import State
from mailbox import display, year
from mailbox.notices import send_notices
from tests.carriers import SENT
from tests.citizen_album import LANGUAGES, Album
from tests.citizens import Sent, open_letter, typed
from tests.files import PDF
from tests.people import WALKS, Cast, submission
from tests.test_writing import CHILD, Walker

# Without Chinese characters, so that what is left of them on an English page is ours.
LETTER = {
    "title": "Traffic light is broken",
    "body": "The traffic light at our gate has been broken for a week.",
    "name": "Ann Example",
}
DANGER = "Somebody with a knife stands at our gate."
WORDS = "In somebody's own words, which are long enough to need more than a single line."
WRONG = {"phone": "1", "id_number": "1", "email": "x", "title": "x", "accused": "Station"}
# What of a page was typed, or is a number: no word of ours.
TYPED = re.compile(
    r"PA-[-0-9A-Z]+|plan\.pdf|icon\.svg|Nanshan Park|Broken traffic light|[\d\W_]+|"
    + "|".join(LETTER.values())
)
FIGURES = {"received": 93300, "half_days": 3, "on_time": 99, "solved_by_word": 81, "satisfied": 92}


def built():
    """Return the album of all pages, and of all states in which they are looked at."""
    album, cast = Album(), Cast()
    for way in (_plain, _errors, _in_steps, _on_one_page, _looking_up, _waiting, _answered):
        way(album, cast)
    for way in (_ended, _merged, _late, _by_phone, _published, _much):
        way(album, cast)
    return album


def _letter(**changes):
    return typed(**{**LETTER, **changes})


def _walker(client, **changes):
    """Return somebody who goes from step to step, with a place in English."""
    walker = Walker(client, **LETTER, **changes)
    walker.said["place"] = "Nanshan Park"
    return walker


def _opened(cast, **changes):
    """Return a letter that was sent on one page and looked up."""
    return Sent(Client(), cast, **{**LETTER, **changes})


def _walk(letter, state, start=0):
    """Lead a letter to a state, with the officers' words in English."""
    for action, fields in WALKS[state][start:]:
        said = {"text": WORDS} if "text" in fields else {}
        letter.cast.step(letter.pk, action, at=worlds.now(), **{**fields, **said})


def _case(album, state, letter, *actions):
    """Keep a letter's page, and the pages of actions, empty and sent empty."""
    album.take(state, letter.client, "/follow/case/")
    for action in actions:
        path = f"/follow/case/{action}/"
        album.take("empty", letter.client, path)
        if 'class="field"' in album.shots[-1].html.replace(" wrong", ""):
            album.take(
                "wrong", letter.client, path, {"form": "x", "solved": "x", "text": "x" * 6000}
            )


def _plain(album, cast):
    cache.set(year._KEY, {**FIGURES, "thanks": 7})
    album.take("with figures", Client(), "/")
    cache.delete(year._KEY)
    large = Client()
    large.cookies[display.COOKIE] = "large-contrast"
    for path in ("/", "/style/"):
        album.take("large", large, path)
    for path in (
        "/",
        "/write/",
        "/write/cleared/",
        "/follow/",
        "/follow/phone/",
        "/questions/",
        "/answers/",
        "/style/",
    ):
        album.take("empty", Client(), path)
    for path in ("/answers/", "/questions/"):
        album.take("nothing found", Client(), f"{path}?q=nothing")


def _errors(album, cast):
    album.take("absent", Client(), "/nothing", page="404")
    album.take("cookie lost", Client(enforce_csrf_checks=True), "/follow/", {}, page="403_csrf")
    album.take("other site", Client(SERVER_NAME="other.example"), "/", page="400")
    officer = Client()
    officer.force_login(cast.writer)
    officer_only = {"page": "403", "languages": LANGUAGES[:1]}
    album.take("no right", officer, "/admin/cases/unit/import/", **officer_only)
    broken = Client(raise_request_exception=False)
    session = broken.session
    session["sent"] = {"case": 0}
    session.save()
    album.take("broken", broken, "/write/sent/", page="500")
    with connection.execute_wrapper(_away):
        album.take("asked", broken, "/follow/case/", page="503")
        album.take("sent", broken, "/follow/case/add/", {"text": WORDS}, page="503")


def _away(*_query):
    """Answer a query as a database does that is not there."""
    raise OperationalError("server closed the connection unexpectedly")


def _in_steps(album, cast):
    """A report of several people, sent by a child: the way with the most steps."""
    client = Client()
    others = {"acting": "joint", "together": "Bob Example", "consent": "on", "id_number": CHILD}
    guardian = {"guardian": "Eve", "guardian_phone": "19500000001", "guardian_consent": "on"}
    walker = _walker(client, kind="report", **others, **guardian)
    album.take("empty", client, "/write/steps/mailbox/")
    wrong = {"title": "x", "mailbox": "x", "kind": "x", "category": "x", "acting": "x", **WRONG}
    steps = "place mailbox kind content category files acting others person guardian privacy"
    for name in steps.split():
        path = f"/write/steps/{name}/"
        album.take("empty", client, path)
        bad = {"attachments": SimpleUploadedFile("a.exe", b"MZ")} if name == "files" else wrong
        if name == "guardian":
            bad = {"guardian": "", "guardian_phone": "1"}
        elif name == "place":
            bad = {"place": "x" * 101}
        album.take("wrong", client, path, lambda bad=bad: dict(bad))
        if name == "content":
            for language in LANGUAGES:  # asked once of each letter
                only = {"page": "emergency", "languages": [language]}
                album.take("in steps", Client(), path, {**LETTER, "body": DANGER}, **only)
        elif name == "files":
            client.post(path, {"attachments": [SimpleUploadedFile("plan.pdf", PDF)], "upload": "1"})
            album.take("with a file", client, path)
        elif name == "privacy":
            album.take("several", client, path, {"accused": "Futian"})
        assert walker.post(name).status_code == 302, name
    album.take("unsent", client, "/write/begin/")
    album.take("named", client, "/write/check/")


def _on_one_page(album, cast):
    album.take("wrong", Client(), "/write/", _letter(**WRONG))
    album.take("all wrong", Client(), "/write/", {"acting": "other"})
    danger = _letter(body=DANGER)
    file = lambda: {**danger, "attachments": SimpleUploadedFile("plan.pdf", PDF)}  # noqa: E731
    album.take("on one page", Client(), "/write/", file, page="emergency")
    album.take("back", Client(), "/write/", lambda: {**file(), "back": "1"})
    for language in LANGUAGES:
        client = Client()
        client.post("/write/", _letter())
        album.take("with code", client, "/write/sent/", languages=[language])
    album.take("again", client, "/write/sent/")


def _looking_up(album, cast):
    album.take("wrong", Client(), "/follow/", {"receipt": "PA-1", "code": "1"})
    album.take("unknown", Client(), "/follow/", {"receipt": "PA-7KQ2-M9XR-C9", "code": "00000000"})


def _waiting(album, cast):
    letter = _opened(cast)
    _case(album, "received", letter, "add", "withdraw")
    letter.client.post("/follow/case/add/", {"text": WORDS, "files": _pdf()}, follow=True)
    meeting = {
        "how": "online",
        "slot": f"{worlds.now() + timedelta(days=2):%Y-%m-%dT%H:%M}",
        "link": "https://meet.example/1",
    }
    _walk(letter, State.IN_HAND)
    cast.step(letter.pk, "arrange_meeting", at=worlds.now(), **meeting)
    _case(album, "in hand", letter)
    asked = _opened(cast)
    _walk(asked, State.AWAITING_CITIZEN)
    _case(album, "asked", asked, "supply")
    done = {"text": WORDS}
    album.take("told", asked.client, "/follow/case/supply/", done, languages=LANGUAGES[:1])


def _answered(album, cast):
    letter = _opened(cast)
    _walk(letter, State.REPLIED)
    _case(album, "answered", letter, "rate", "reopen", "close", "thank")
    letter.post("rate", satisfied="no", solved="no", text=WORDS)
    _case(album, "rated", letter)
    send_notices()
    stop = re.search("/notices/stop/[^/]+/", mail.outbox[-1].body)[0]
    for state, data in (("asked", None), ("stopped", {})):
        album.take(state, Client(), stop, data)
    letter.post("reopen", text=WORDS)
    _case(album, "redo", letter)
    _walk(letter, State.REPLIED, start=3)
    _case(album, "done again", letter)


def _ended(album, cast):
    letter = _opened(cast)
    letter.client.post("/write/", _letter(attachments=_pdf()))
    _walk(letter, State.CLOSED)
    _case(album, "closed", letter)
    letter.client.post("/follow/case/consent/", {"consent": "yes"})
    letter.post("thank", form="letter", text=WORDS)
    _case(album, "thanked", letter)
    for state in (State.DECLINED, State.TRANSFERRED_OUT, State.WITHDRAWN):
        letter = _opened(cast, attachments=_pdf())
        _walk(letter, state)
        _case(album, state, letter, *(["reconsider"] if state == State.DECLINED else []))


def _merged(album, cast):
    letter, at = _opened(cast), worlds.now()
    main = cast.make_case(State.IN_HAND, at=at)
    cast.merge_into(main, letter.case, at=at)
    _case(album, "merged", letter)
    cast.step(main.pk, "record_result", at=worlds.now(), result="done")
    cast.step(main.pk, "propose_reply", at=worlds.now(), text=WORDS, to_merged="yes")
    cast.step(main.pk, "approve_reply", at=worlds.now())
    _case(album, "merged and answered", letter)


def _late(album, cast):
    """A letter of three weeks ago, answered too late."""
    at = worlds.now() - timedelta(days=21)
    said = {"title": LETTER["title"], "body": LETTER["body"], "idempotency_key": uuid.uuid4()}
    kept = intake(submission(**said, place=""), actor=actors.citizen(None), at=at)
    letter = Opened(Client(), cast, kept)
    for action, fields in WALKS[State.IN_HAND]:
        cast.step(letter.pk, action, at=at + timedelta(minutes=1), **fields)
    _case(album, "late", letter, "urge")
    letter.post("urge")
    _walk(letter, State.REPLIED, start=3)
    _case(album, "answered late", letter)


class Opened(Sent):
    """A letter that came at another time, looked up."""

    def __init__(self, client, cast, kept):
        self.client, self.cast, self.pk = client, cast, kept.case_id
        open_letter(client, kept.receipt, kept.query_code)


def _pdf():
    return SimpleUploadedFile("plan.pdf", PDF)


def _by_phone(album, cast):
    """A telephone of its own, with a letter that is confidential and one that is not."""
    phone, client = "19500000007", Client()
    open_one = _opened(cast, phone=phone)
    secret = _opened(cast, phone=phone, confidential="on")
    album.take("wrong", client, "/follow/phone/", {"phone": "1"})
    client.post("/follow/phone/", {"phone": phone})
    album.take("empty", client, "/follow/phone/code/")
    album.take("wrong", client, "/follow/phone/code/", {"code": "x"})
    client.post("/follow/phone/code/", {"code": re.search(r"\d{6}", SENT[-1][1])[0]})
    album.take("two letters", client, "/follow/mine/")
    for letter, state in ((open_one, "open"), (secret, "confidential")):
        asked = {"receipt": letter.receipt}
        album.take(state, client, "/follow/mine/code/", asked)
    album.take("wrong", client, "/follow/mine/code/", {**asked, "sure": "1", "id_number": "x"})
    renewed = {"receipt": open_one.receipt, "sure": "1"}
    album.take("renewed", client, "/follow/mine/code/", renewed, page="renewed")
    album.take("kept", client, "/follow/mine/data/")
    album.take("wrong", client, "/follow/mine/data/", {"phone": "1", "email": "x"})
    album.take("no copy", client, "/follow/mine/data/copy/", {"id_number": "1"}, page="own-data")
    client.post("/follow/mine/data/", {"email": "new@example.com"}, follow=True)
    erased = {"receipt": open_one.receipt}
    album.take("not erased", client, "/follow/mine/data/erase/", erased, languages=LANGUAGES[:1])
    album.take("confidential", secret.client, "/follow/case/data/")
    session = client.session
    session["proved"] = {**session["proved"], "index": ""}
    session.save()
    album.take("no letters", client, "/follow/mine/")


def _published(album, cast):
    letter = _opened(cast)
    _walk(letter, State.CLOSED)
    letter.client.post("/follow/case/consent/", {"consent": "yes"})
    texts = {"title": "Broken traffic light", "question": WORDS, "answer": WORDS}
    case = Case.objects.get(pk=letter.pk)
    publishing.write(cast.writer, case, texts, worlds.now())
    case = Case.objects.get(pk=letter.pk)
    publishing.review(cast.reviewer, case, 1, worlds.now())
    album.take("one", Client(), "/answers/")
    album.take("one", Client(), f"/answers/{PublicAnswer.objects.get().pk}/")
    client = Client()
    _walker(client).to_check()
    album.take("with an answer", client, "/write/steps/category/")


@override_settings(SENDING_FREE=1)
def _much(album, cast):
    """From an address that has sent so much that a proof of work is asked for."""
    client = Client()
    client.post("/write/", _letter())
    album.take("proof asked", client, "/write/", _letter())
    _walker(client).to_check()
    album.take("proof asked", client, "/write/check/", {})
