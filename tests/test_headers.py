"""Headers of every answer, by GET and POST, to officers, to citizens and to nobody; files above all.

The pages come from the addresses themselves, so that a new one is held to the same.
"""

import os
import re
import runpy

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from cases.models import Attachment, Evidence
from cases.transitions import State
from mailbox import urls as citizens_urls
from tests.citizens import Sent
from tests.files import PDF
from tests.reports import no_tasks_left  # noqa: F401
from tests.test_rights import PAGES, address, ask, officer_of, rows_for

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_tasks_left")]

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
POLICY = {
    "default-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "frame-ancestors": "'none'",
    "form-action": "'self'",
    "base-uri": "'none'",
}
OF_FILES = "default-src 'none'; sandbox"
# Nothing of anybody's is on these: they may be kept.
PUBLIC = {"home", "display", "style", "write", "cleared", "questions", "answers", "answer"}
# What is being written may be shown again by the browser's own "back", and by nothing between.
BEING_WRITTEN = {"check", "step", "clear"}


def weak(answer):
    """Return what is missing from an answer's headers, in words."""
    found = [name for name, value in ALWAYS.items() if answer.get(name) != value]
    policy = answer.get("Content-Security-Policy", "")
    told = dict(part.split(" ", 1) for part in policy.split("; ") if " " in part)
    if policy != OF_FILES and told != POLICY:
        found.append(f"Content-Security-Policy {policy}")
    if "camera=()" not in answer.get("Permissions-Policy", ""):
        found.append("Permissions-Policy")
    for cookie in answer.cookies.values():
        strict = cookie["httponly"] and cookie["samesite"] in ("Lax", "Strict")
        if cookie.value and not strict:  # an empty one takes a cookie away
            found.append(f"cookie {cookie.key}")
    return found


def kept(answer):
    """Return whether somebody between, or the next at this computer, may keep an answer's page."""
    return answer.status_code == 200 and "no-store" not in answer.get("Cache-Control", "")


def test_every_page_of_officers_and_planners_has_them_and_is_kept_nowhere(client, cast):
    case, other = cast.make_case(State.ACCEPTED), cast.make_case(State.ACCEPTED)
    officer = officer_of("")
    officer.groups.set(Group.objects.all())
    client.force_login(officer)
    rows, wrong, opened = rows_for(officer), [], 0
    for page in PAGES:
        if page.name in ("admin:logout", "password_reset_confirm"):
            continue
        place = address(page, case.letter.receipt, other.letter.receipt, rows, officer)
        for who, methods in ((client, page.methods), (Client(), ("GET",))):
            for method in methods:
                answer = ask(who, method, place, {})
                opened += answer.status_code == 200
                bad = weak(answer)
                if kept(answer):
                    bad.append("may be kept")
                wrong += [(method, place, answer.status_code, bad)] if bad else []
    assert not wrong, "\n".join(map(str, wrong))
    assert opened > 80


def test_every_page_of_citizens_has_them_and_what_is_theirs_is_kept_nowhere(client, cast):
    letter = Sent(client, cast)
    letter.walk(State.REPLIED)
    wrong = []
    for pattern in citizens_urls.urlpatterns:
        place = "/" + re.sub(r"<slug:action>", "rate", str(pattern.pattern))
        place = re.sub("<[^>]+>", "1", place).replace("steps/1/", "steps/content/")
        for who in (client, Client()):
            for method in ("GET", "POST"):
                answer = ask(who, method, place, {})
                bad, how = weak(answer), answer.get("Cache-Control", "")
                private = "private" in how and pattern.name in BEING_WRITTEN
                if kept(answer) and not private and pattern.name not in PUBLIC:
                    bad.append("may be kept")
                wrong += [(method, place, answer.status_code, how, bad)] if bad else []
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize(
    "place", ["/health", "/nowhere", "/desk/nowhere/", "/static/nothing.js", "/favicon.ico"]
)
def test_other_answers_have_them_too(client, place):
    assert not weak(client.get(place))


def test_static_files_have_them_too(client):
    sheet = client.get(re.search(r'href="(/static/[^"]+\.css)"', client.get("/").text)[1])
    assert b"".join(sheet) and not weak(sheet)


def test_https_is_kept_to_for_a_year_where_the_site_has_it(monkeypatch, client, settings):
    monkeypatch.setitem(os.environ, "SITE_URL", "https://mailbox.example")
    read = runpy.run_path(settings.BASE_DIR / "config" / "settings.py")
    for name in ("SECURE_HSTS_SECONDS", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE"):
        setattr(settings, name, read[name])
    assert read["LANGUAGE_COOKIE_SECURE"] and read["SECURE_HSTS_SECONDS"] >= 31_536_000
    answer = client.get("/write/", secure=True)
    assert answer["Strict-Transport-Security"] == "max-age=31536000"
    assert client.cookies[settings.CSRF_COOKIE_NAME]["secure"]
    assert not client.get("/").has_header("Strict-Transport-Security")


# -- files -------------------------------------------------------------------------------------


@pytest.fixture
def files(client, cast, settings, tmp_path):
    """{address: (who may have it, whom it is refused)} of a letter's file, and of one laid beside it."""
    settings.MEDIA_ROOT = tmp_path
    paper = lambda: SimpleUploadedFile("plan.pdf", PDF, "application/pdf")  # noqa: E731
    writer, stranger, nobody = Client(), Client(), Client()
    letter = Sent(writer, cast, attachments=[paper()])
    Sent(stranger, cast, attachments=[paper()])
    letter.walk(State.IN_HAND)
    client.force_login(cast.writer)
    said = {"seen": letter.case.seq, "text": "材料见附件。", "files": [paper()]}
    assert client.post(f"/desk/{letter.receipt}/note/", said).status_code == 302
    number = Attachment.objects.get(letter__receipt=letter.receipt).pk
    beside = Evidence.objects.get().pk
    elsewhere = Client()
    elsewhere.force_login(officer_of("handler", "440100"))
    return letter, {
        f"/follow/case/files/{number}/": (writer, [stranger, nobody, elsewhere, client]),
        f"/desk/{letter.receipt}/attachment/{number}/": (client, [writer, nobody, elsewhere]),
        f"/desk/{letter.receipt}/evidence/{beside}/": (client, [writer, nobody, elsewhere]),
        f"/follow/case/more/{beside}/": (None, [writer, stranger, nobody, elsewhere, client]),
    }


def test_file_is_for_those_with_the_right_alone_and_no_browser_opens_it(files):
    _letter, places = files
    for place, (owner, others) in places.items():
        if owner:
            answer = owner.get(place)
            assert answer.status_code == 200 and not weak(answer), place
            assert answer["Content-Disposition"].startswith("attachment"), place
            assert answer["Content-Security-Policy"] == OF_FILES
            assert not kept(answer)
            assert b"".join(answer).startswith(b"%PDF")
        for other in others:
            answer = other.get(place)
            assert answer.status_code in (302, 404), place
            assert b"%PDF" not in answer.content


def test_files_lie_under_no_address(files, client):
    letter, _places = files
    stored = Attachment.objects.get(letter__receipt=letter.receipt).path
    assert settings.MEDIA_URL == "/" and not settings.STATICFILES_DIRS
    for start in ("", "media/", "static/", "attachments/", "static/../", "static/%2e%2e/"):
        assert client.get(f"/{start}{stored}").status_code == 404
