"""Attacks of an outsider on the citizens' door; each is tried on the running program."""

import socket
from datetime import timedelta

import pytest
from django.conf import settings
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from cases import worlds
from cases.models import Attachment, Case, Event, Letter
from cases.transitions import State
from mailbox import urls as citizens_urls
from mailbox.notices import send_notices
from tests.citizens import Sent, open_letter, send, typed
from tests.files import PDF, docx
from tests.people import PASSWORD, PERSON
from tests.test_races import at_once

pytestmark = pytest.mark.django_db
EVIL = "evil.example"
TEXT = {"text": "路口还是没有修好。"}


@pytest.fixture(autouse=True)
def _no_limit(settings, tmp_path):
    settings.SENDING_FREE, settings.MEDIA_ROOT = 0, tmp_path


@pytest.fixture
def letter(client, cast):
    return Sent(client, cast)


# -- whose letter is it? -----------------------------------------------------------------------


def test_letter_is_opened_by_no_number_in_address_form_or_cookie(letter, cast, client):
    """IDOR: a citizen's addresses hold no number but a file's, and that is looked for in the letter opened."""
    stranger = Client()
    mine = Sent(stranger, cast, title="另一封信的标题", attachments=_file())
    number = Attachment.objects.get().pk
    for place in (f"/follow/case/files/{number}/", f"/follow/case/more/{number}/"):
        assert client.get(place).status_code in (302, 404)
    for guess in ({"case": mine.pk}, {"pk": mine.pk, "letter": mine.receipt}):
        answer = client.post("/follow/case/add/", {**TEXT, **guess, "seen": letter.case.seq})
        assert "另一封信的标题" not in client.get("/follow/case/", guess).text
        assert answer.status_code in (200, 302)
    assert not mine.case.events.filter(action="add").exists()


def _file(name="plan.pdf", content=PDF):
    return [SimpleUploadedFile(name, content)]


def test_session_of_before_the_look_up_is_worth_nothing_after_it(letter):
    """Session fixation: who plants a session on somebody's browser does not share what they open."""
    victim = Client()
    victim.get("/follow/")
    session = victim.session
    session["planted"] = True
    session.save()
    victim.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    open_letter(victim, letter.receipt, letter.code)
    attacker = Client()
    attacker.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    assert attacker.get("/follow/case/").status_code == 302


# -- forms -------------------------------------------------------------------------------------


def _posts():
    """Return addresses of all citizens' pages, and of the sign-in, that a form may be sent to."""
    found = ["/i18n/setlang/", "/admin/login/", "/admin/password_reset/", "/admin/second-factor/"]
    for pattern in citizens_urls.urlpatterns:
        place = f"/{pattern.pattern}".replace("<slug:action>", "rate").replace("<int:pk>", "1")
        found += [place.replace("<slug:name>", "content")] * (pattern.name != "stop-mail")
    return found


def test_every_form_is_refused_without_its_token_and_from_another_site(letter, cast):
    visitor = Client(enforce_csrf_checks=True)
    visitor.cookies = letter.client.cookies
    before = Letter.objects.count(), letter.case.seq
    assert visitor.post("/notices/stop/x/").status_code == 404  # its link is the proof: RFC 8058
    for place in _posts():
        refused = visitor.post(place, typed(**TEXT)).status_code
        assert refused in (403, 405), place
        foreign = {"origin": f"https://{EVIL}"}
        assert visitor.post(place, typed(), headers=foreign).status_code in (403, 405), place
    assert (Letter.objects.count(), letter.case.seq) == before


def test_fields_that_no_form_has_do_nothing(client, cast):
    """Mass assignment: state, unit, receipt, writer … beside a letter and beside a step."""
    other = cast.make_case()
    more = {
        "state": "closed",
        "unit": "440305",
        "urgent": "on",
        "receipt": other.letter.receipt,
        "writer": "1",
        "case": other.pk,
        "channel": "paper",
        "received_at": "2001-01-01",
        "is_staff": "on",
        "role": "officer",
        "at": "2001-01-01",
        "result": "done",
    }
    sent = Sent(client, cast, **more)
    case = sent.case
    assert (case.state, case.unit.code, case.letter.channel) == ("received", "440300", "web")
    assert case.letter.receipt != other.letter.receipt
    assert worlds.now() - case.letter.received_at < timedelta(minutes=10)
    sent.walk(State.REPLIED)
    sent.post("rate", satisfied="yes", solved="yes", **more)
    event = sent.case.events.get(action="rate")
    assert (event.role, event.user_id) == ("citizen", None)
    assert set(event.data) <= {"satisfied", "solved"}
    assert Case.objects.get(pk=other.pk).seq == other.seq
    for action in ("approve_reply", "accept", "decline", "note", "record_result", "nothing"):
        seq = sent.case.seq
        assert sent.post(action, **TEXT, **more).status_code in (404, 405), action
        assert sent.case.seq == seq


@pytest.mark.parametrize("bad", ["\r\nBcc: all@evil.example", "\n\nX: 1", "%0aBcc: x@evil.example"])
def test_newline_in_a_name_title_or_address_is_no_header_of_a_mail(client, cast, bad):
    receipt, _code = send(client, title=f"红绿灯{bad}")
    refused = client.post("/write/", typed(email=f"writer@example.com{bad}"))
    assert refused.status_code == 200 and Letter.objects.count() == 1
    client.post("/write/", typed(name=f"李四{bad}"))
    case = Case.objects.get(letter__receipt=receipt)
    cast.step(case.pk, "accept", at=worlds.now())
    assert send_notices() > 0
    for one in mail.outbox:
        assert one.recipients() == [PERSON["email"]]
        assert EVIL not in str(one.message()) and "\n" not in one.subject


# -- where pages lead --------------------------------------------------------------------------

ELSEWHERE = [
    f"https://{EVIL}/",
    f"//{EVIL}",
    f"/\\{EVIL}",
    f"\\\\{EVIL}",
    f"///{EVIL}",
    f"http:///{EVIL}",
    f"/%0d%0aLocation:%20https://{EVIL}",
    f"javascript://{EVIL}/%0aalert(1)",
    f"https://localhost@{EVIL}/",
]


@pytest.mark.parametrize("back", ELSEWHERE)
def test_no_page_leads_to_another_site(client, cast, back):
    name = {"username": "all-rights", "password": PASSWORD}
    answers = [
        client.post("/display/", {"next": back, "display": "large"}),
        client.post("/i18n/setlang/", {"next": back, "language": "en"}),
        client.post("/follow/leave/", {"next": back}),
        Client().post(f"/admin/login/?next={back}", {**name, "next": back}),
    ]
    for answer in answers:
        place = answer.get("Location", "/")
        assert place.startswith("/") and not place.startswith(("//", "/\\")), place
        assert answer.status_code in (302, 204)


@pytest.mark.parametrize("host", [EVIL, f"{EVIL}:80", "localhost.evil.example", "localhost@evil"])
def test_name_of_another_host_is_refused_by_our_own_page(client, host):
    answer = client.get("/follow/", headers={"host": host, "x-forwarded-host": host})
    assert answer.status_code == 400 and EVIL not in answer.text
    forwarded = client.get("/", headers={"x-forwarded-host": host, "x-forwarded-proto": "https"})
    assert EVIL not in forwarded.text


@pytest.mark.parametrize(
    "path",
    [
        "/static/../config/settings.py",
        "/static/%2e%2e/config/settings.py",
        "/static/..%2fmanage.py",
        "/static//etc/passwd",
        "/static/mailbox/../../../manage.py",
        "/static/%00",
        "/../etc/passwd",
        "/follow/case/files/../../etc/passwd",
    ],
)
def test_no_path_leads_out_of_the_static_files(client, path):
    answer = client.get(path)
    assert answer.status_code in (302, 404) and b"root:" not in answer.content
    assert b"SECRET_KEY" not in answer.content


# -- links and files fetch nothing -------------------------------------------------------------


def test_nothing_that_is_sent_makes_the_server_call_anyone(client, cast, monkeypatch):
    """SSRF: links in texts, and references out of pictures and Word files, are never followed."""
    called, real = [], socket.socket.connect

    def connect(self, address):
        if not isinstance(address, tuple) or address[0] not in ("127.0.0.1", "::1"):
            called.append(address)
            raise AssertionError(f"a connection to {address}")
        return real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: called.append(a) or [])
    link = f"http://169.254.169.254/ https://{EVIL}/ file:///etc/passwd"
    relation = f'<Relationships><Relationship TargetMode="External" Target="http://{EVIL}/a.dotx"/></Relationships>'
    entity = f'<!DOCTYPE a [<!ENTITY x SYSTEM "http://{EVIL}/">]><w>&x;</w>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg"><image href="http://{EVIL}/"/></svg>'
    for name, content in {
        "a.docx": docx({"word/_rels/document.xml.rels": relation.encode()}),
        "b.docx": docx({"word/document.xml": entity.encode()}),
        "c.svg": svg.encode(),
        "d.html": f"<img src=http://{EVIL}/>".encode(),
        "e.png": svg.encode(),
    }.items():
        client.post("/write/", typed(body=f"{link} 请查看" * 5, attachments=_file(name, content)))
    sent = Sent(client, cast, body=f"{link} 请查看" * 5, place=link[:90])
    sent.walk(State.REPLIED)
    send_notices()
    assert called == []
    types = set(Attachment.objects.values_list("content_type", flat=True))
    assert not {t for t in types if "svg" in t or "html" in t}


# -- too much ----------------------------------------------------------------------------------


def test_too_many_fields_or_too_much_text_is_refused_by_our_own_page(client):
    many = client.post("/write/", {f"f{n}": "x" for n in range(1200)})
    huge = client.post("/follow/", {"receipt": "x" * 3_000_000})
    for answer in (many, huge):
        assert answer.status_code in (400, 413)
        assert "<html" in answer.text and "Traceback" not in answer.text
    assert Letter.objects.count() == 0


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=", b"----"),
        ("multipart/form-data; boundary=a", b"--a\r\nContent-Disposition: form-data"),
        ("multipart/form-data; boundary=a", b"--a\r\n" * 3000),
        ("multipart/form-data; boundary=" + "b" * 300, b"--b"),
        ("application/x-www-form-urlencoded; charset=utf-7", b"receipt=%ff"),
        ("application/json", b"[" * 100_000),
        ("text/xml", b"<!DOCTYPE a [<!ENTITY a 'x'>]>"),
        ("\x7f", b"\xff"),
    ],
)
def test_broken_body_is_no_error_of_ours(kind, body):
    visitor = Client(raise_request_exception=False)
    for place in ("/write/", "/follow/", "/write/steps/files/", "/admin/login/"):
        answer = visitor.generic("POST", place, body, content_type=kind)
        assert answer.status_code in (200, 302, 400), (place, kind)
    assert Letter.objects.count() == 0


# -- two at once -------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("action", "state", "fields"),
    [
        ("rate", State.REPLIED, {"satisfied": "no", "solved": "no"}),
        ("reopen", State.REPLIED, TEXT),
        ("reconsider", State.DECLINED, TEXT),
        ("thank", State.CLOSED, {"form": "letter", **TEXT}),
        ("withdraw", State.RECEIVED, {}),
    ],
)
def test_two_at_once_have_one_effect(client, cast, action, state, fields):
    letter = Sent(client, cast).walk(state)
    tabs = [Client(), Client()]
    for tab in tabs:
        open_letter(tab, letter.receipt, letter.code)
    page = {"seen": letter.case.seq, "letter": letter.receipt, **fields}
    answers = at_once(*[lambda t=t: t.post(f"/follow/case/{action}/", page) for t in tabs])
    assert all(answer.status_code in (200, 302, 409) for answer in answers), answers
    assert letter.case.events.filter(action=action, role="citizen").count() == 1
    assert Event.objects.filter(case=letter.pk).count() == letter.case.seq
