"""Hostile words in letters, names and files, on all pages where somebody reads them (XSS)."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from cases import batches, publishing, worlds
from cases.models import (
    Batch,
    Case,
    Officer,
    PublicAnswer,
    ReplyTemplate,
    SavedView,
    Trouble,
    Unit,
)
from cases.transitions import TRANSITIONS, State
from simulation.models import Run, SavedScenario, Study
from tests.browser import listened
from tests.citizens import Sent, typed
from tests.files import PDF
from tests.reports import no_tasks_left  # noqa: F401
from tests.test_attacks_inside import SCRIPT, receipt_of
from tests.test_rights import PAGES, address, officer_of, rows_for

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_tasks_left")]
NAME = SCRIPT[:50]
ALIVE = re.compile("<script>alert|<img src=x|&amp;lt;", re.IGNORECASE)  # run, or escaped twice


@pytest.fixture
def hostile(cast, settings, tmp_path):
    """A letter all of whose words are a script, with steps whose words are ones too."""
    settings.MEDIA_ROOT, settings.SENDING_FREE = tmp_path, 0
    file = SimpleUploadedFile(f"{SCRIPT.replace('/', '')}.pdf", PDF)
    words = {"title": NAME, "body": SCRIPT * 3, "place": SCRIPT[:100]}
    letter = Sent(Client(), cast, name=f"李{NAME[:40]}", **words, attachments=[file])
    letter.walk(State.IN_HAND)
    for action, fields in (
        ("note", {"text": f"@all-rights {SCRIPT}"}),
        ("feedback", {"text": SCRIPT}),
        ("record_incident", {"number": SCRIPT[:40]}),
        ("record_rule", {"number": SCRIPT[:40], "title": SCRIPT}),
        ("pass_clue", {"review": "plain", "text": SCRIPT}),
        ("escalate", {"text": SCRIPT}),
        ("take_charge", {"text": SCRIPT}),
        ("supervise", {"level": "yellow", "text": SCRIPT}),
        ("record_result", {"result": "done"}),
        ("propose_reply", {"text": SCRIPT}),
        ("approve_reply", {}),
    ):
        cast.step(letter.pk, action, at=worlds.now(), **fields)
    letter.post("rate", satisfied="no", solved="no", text=SCRIPT)
    letter.post("thank", form="letter", text=SCRIPT)
    letter.like_it = receipt_of(cast.make_case(at=worlds.now(), **words))
    grave = cast.make_case(State.IN_HAND, at=worlds.now(), **words)
    for action in ("escalate", "request_extension", "take_charge"):
        cast.step(grave.pk, action, at=worlds.now(), **_GRAVE[action])
    said = {"text": SCRIPT}
    note = TRANSITIONS["note"]
    letter.batch = batches.create(cast.writer, note, Case.objects.all(), said, worlds.now())
    assert batches.take_on(letter.batch.pk, 60)  # a page that waits for it would load itself anew
    return letter


_GRAVE = {
    "escalate": {"text": SCRIPT},
    "request_extension": {"days": 3, "text": SCRIPT},
    "take_charge": {"text": SCRIPT},
}


def _everywhere(officer, letter):
    """Return {name of a page: its address}, of all pages of officers that can be looked at."""
    rows = rows_for(officer)
    now = {"created_by": officer, "created_at": worlds.now()}
    SavedScenario.objects.create(name="a", note=SCRIPT, text="", **now)
    Run.objects.update(name=NAME, note=SCRIPT, error=SCRIPT, scenario=NAME)
    Study.objects.update(name=SCRIPT, error=SCRIPT)
    view = SavedView.objects.create(officer=officer, name="<img src=x>", words=SCRIPT[:60])
    Batch.objects.update(text=SCRIPT, error=SCRIPT)
    batch = Batch.objects.get(officer=officer)
    batch.items.create(case=letter.case, seen=1, outcome="refused", message=SCRIPT)
    Trouble.objects.create(task=SCRIPT, error=SCRIPT, first_at=worlds.now(), last_at=worlds.now())
    ReplyTemplate.objects.create(name=NAME[:40], body=SCRIPT)
    Officer.objects.exclude(pk=officer.pk).update(first_name=NAME)
    Unit.objects.filter(code="440304").update(name=NAME[:40], name_en=NAME[:40])
    found = {}
    for page in PAGES:
        if "GET" in page.methods and page.name not in ("admin:logout", "password_reset_confirm"):
            other = letter.like_it
            found[page.name] = address(page, letter.receipt, other, rows, officer)
    found_by = f"/desk/search/?words=v{view.pk}"
    more = {"desk:one": f"/desk/triage/{letter.like_it}/", "desk:search": found_by}
    return {**found, **more}


# Where the words of letters, of officers and of planners must have been seen by this test.
SEEN = """desk:list desk:case desk:one desk:beside desk:print desk:search desk:batch desk:enter desk:duty
desk:overview desk:leading desk:supervision desk:clues desk:incidents desk:rules desk:thanks
desk:inspection desk:mentions simulation:list simulation:run simulation:delete simulation:study
admin:cases_batch_changelist admin:cases_trouble_changelist admin:cases_unit_changelist
admin:cases_officer_changelist admin:cases_replytemplate_changelist"""


def test_hostile_words_are_shown_as_they_were_written_on_every_page_of_officers(
    hostile, client, cast
):
    officer = officer_of("leader")
    Officer.objects.filter(pk=officer.pk).update(is_superuser=True)
    client.force_login(officer)
    named = {"text": f"@{officer.username} {SCRIPT}"}
    cast.step(hostile.pk, "note", at=worlds.now(), **named)
    seen = set()
    for name, place in _everywhere(officer, hostile).items():
        answer = client.get(place)
        if answer.get("Content-Type", "").startswith("text/html"):
            text = answer.text
            assert not ALIVE.search(text), (name, ALIVE.search(text))
            if "&lt;script&gt;alert(1)" in text:
                seen.add(name)
    assert seen >= set(SEEN.split()), set(SEEN.split()) - seen


def _where_it_is_shown(letter):
    receipt, query = letter.receipt, "?q=%3Cscript%3Ealert(1)%3C/script%3E"
    places = [
        f"/desk/{receipt}/",
        f"/desk/{receipt}/print/",
        f"/desk/{receipt}/beside/{letter.like_it}/",
    ]
    places += [
        f"/desk/search/{query}",
        f"/desk/?scope=all&{query[1:]}",
        "/desk/?scope=all&state=replied",
    ]
    places += [f"/desk/triage/{letter.like_it}/", f"/desk/bulk/{letter.batch.pk}/"]
    lists = "mentions risk leading supervision clues incidents rules thanks inspection".split()
    places += [f"/desk/{name}/" for name in lists]
    return places + [f"/admin/cases/case/{letter.pk}/history/"]


def test_hostile_words_are_shown_as_they_were_written(hostile, client, cast):
    client.force_login(cast.writer)
    shown = [client.get(place).content.decode() for place in _where_it_is_shown(hostile)]
    shown += [hostile.page(), Client().get("/questions/", {"q": SCRIPT}).text]
    shown += [Client().get("/answers/", {"q": SCRIPT}).text]
    shown += [Client().post("/write/", typed(title=SCRIPT, body=SCRIPT, name=SCRIPT)).text]
    shown += [client.post("/desk/search/", {"q": SCRIPT}, follow=True).content.decode()]
    shown += [client.post("/desk/enter/", typed(title=SCRIPT, name=SCRIPT)).content.decode()]
    for text in shown:
        assert "<script>alert" not in text and "<img src=x" not in text
    assert "&lt;script&gt;alert(1)" in shown[0] and "&lt;script&gt;alert(1)" in shown[1]


def test_hostile_words_are_shown_as_written_in_a_published_answer(client, cast):
    letter = Sent(client, cast).walk(State.CLOSED)
    client.post("/follow/case/consent/", {"consent": "yes"})
    texts = {"title": SCRIPT[:50], "question": SCRIPT * 2, "answer": SCRIPT * 2}
    publishing.write(cast.writer, letter.case, texts, worlds.now())
    publishing.review(cast.reviewer, letter.case, 1, worlds.now())
    for place in ("/answers/", f"/answers/{PublicAnswer.objects.get().pk}/"):
        text = client.get(place).text
        assert "&lt;script&gt;alert(1)" in text
        assert "<script>alert" not in text and "<img src=x" not in text


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_hostile_words_run_in_no_browser(browser, live_server, hostile, client, cast):
    client.force_login(cast.writer)
    own = (live_server.url, client.session.session_key)
    with listened(browser, session=own, locale="zh-CN") as page:
        opened = []
        page.on("dialog", lambda dialog: (opened.append(dialog.message), dialog.dismiss()))
        for place in _where_it_is_shown(hostile):
            page.goto(f"{live_server.url}{place}")
            assert page.locator("img[onerror], [onfocus]").count() == 0, place
        page.goto(f"{live_server.url}/desk/{hostile.receipt}/")
        assert "<script>alert(1)</script>" in page.inner_text("main, #content")
        assert opened == []
