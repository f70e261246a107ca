"""Every page of the citizens', in its real states and each language: before axe-core, on a narrow phone,
enlarged, by the keyboard, and weighed.

The pages come from the addresses, the steps, the actions and the templates themselves: one that is new
and is on no way of tests/citizen_ways.py fails here.
"""

import gzip
import re
from collections import defaultdict
from functools import cache, partial
from itertools import cycle
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client, override_settings

from config.urls import urlpatterns as top
from mailbox.steps import STEPS
from mailbox.urls import urlpatterns
from mailbox.wording import DOINGS
from tests.browser import listened, violations
from tests.citizen_album import LANGUAGES, ZIPPED, bytes_sent
from tests.citizen_ways import TYPED, built
from tests.page_table import CHECKED, LIMIT, WEIGHED
from tests.test_citizen_traditional import SIMPLIFIED
from tests.texts_to_translate import CHINESE

ROOT = Path(__file__).resolve().parent
TEMPLATES = ROOT.parent / "mailbox" / "templates"
FREE = {"SMS_PROVIDER": "tests.carriers.carrier", "SENDING_FREE": 0}
HTML, POLICY = "text/html; charset=utf-8", "Content-Security-Policy"
SITE = "http://localhost"
NARROW, ENLARGED = {"width": 320, "height": 640}, {"width": 640, "height": 400}
# Each page in each, since colours are the same in every language.
THEMES = ({"color_scheme": "light"}, {"color_scheme": "dark"}, {"contrast": "more"})
# Addresses that only lead on, or give a file: they have no page of their own.
LEADING = set(
    "clear display own-copy letter-copy leave mine-open erase letter-erase consent notices download download-more".split()
)
# What stands beside the citizens' pages at the top; the error pages stand below all of it.
BESIDE = {
    "health",
    "health/ready",
    "favicon.ico",
    "i18n/",
    "admin/",
    "desk/practice/",
    "desk/",
    "simulation/",
    "",
}
# In another language by intent: its button, and specimens of type.
OTHER = re.compile(r"(?<=>)(简体|繁體)(?=</button>)|<svg.*?</svg>")


@pytest.fixture(scope="module")
def album(django_db_setup, django_db_blocker):
    """Shots of every page. What was written on the way to them is taken back."""
    with django_db_blocker.unblock(), override_settings(**FREE):
        with transaction.atomic():
            album = built()
            transaction.set_rollback(True)
        # With a browser's loop in this thread it is another connection than that of the tests.
        connection.close()
    return album


@pytest.fixture(scope="module")
def facts(album, browser):
    """{shot: what the browser found}, of one look at each."""
    script, found = (ROOT / "page_facts.js").read_text(encoding="utf-8"), {}
    options = {"viewport": NARROW, "device_scale_factor": 2, "reduced_motion": "reduce"}
    for language, theme in zip(LANGUAGES, cycle(THEMES), strict=False):
        with listened(browser, **options, **theme) as page:
            page.add_init_script(script)
            shown = {}
            page.route(f"{SITE}/**", partial(_answer, shown))
            for shot, slowly in _to_look_at(album, language):
                shown["shot"] = shot
                page.goto(SITE + shot.path)
                found[shot] = _looked_at(page, slowly)
    return found


def _to_look_at(album, language):
    """Yield (shot, whether it has its slow looks) of a language: of each page its first state, and of all
    states those whose turn it is in this language."""
    languages, met = defaultdict(list), set()
    for shot in album.shots:
        languages[shot.page, shot.state].append(shot.language)
    turns = {
        state: there[place % len(there)] for place, (state, there) in enumerate(languages.items())
    }
    for shot in (shot for shot in album.shots if shot.language == language):
        turn = turns[shot.page, shot.state] == language
        if turn or shot.page not in met:
            yield shot, turn
        met.add(shot.page)


def _answer(shown, route):
    """Give the browser a page of the album, or a static file, as the site sends it."""
    path = urlsplit(route.request.url).path
    if path.startswith(settings.STATIC_URL):
        body, headers = _file(path)
    else:
        body, headers = shown["shot"].html, dict(shown["shot"].answer.items())
        # Unzipped; and an error page comes as any other, or the browser itself complains of it.
        headers = {k: v for k, v in headers.items() if not k.startswith("Content-") or k == POLICY}
    route.fulfill(body=body, headers=headers, content_type=headers.get("Content-Type", HTML))


@cache
def _file(path):
    """Return (the content of a static file, its headers), as it is sent."""
    answer = Client(headers=ZIPPED).get(path)
    assert answer.status_code == 200, path
    headers = {k: v for k, v in answer.items() if k not in ("Content-Encoding", "Content-Length")}
    return gzip.decompress(answer.content), headers


_LOOK = """() => {
  facts.unfold();
  const plain = facts.told(), found = { ...facts.marks(), names: facts.names(), told: plain };
  found.lost = facts.lost();
  facts.space(true);
  found.spaced = [...facts.lost(), ...plain.filter((text, place) => facts.told()[place] !== text)];
  facts.space(false);
  document.documentElement.classList.toggle("large");
  found.large = facts.lost();
  document.documentElement.classList.toggle("large");
  return found;
}"""


def _looked_at(page, slowly):
    """Return what one look at a page finds; slowly: also enlarged, and with the keyboard."""
    found = page.evaluate(_LOOK)
    found["axe"] = violations(page, rules=("target-size",))
    if slowly:
        # One more than there are, for the way round from the last to the first.
        for _stop in range(page.evaluate("facts.begin()") + 2):
            page.keyboard.press("Tab")
        found["keyboard"] = page.evaluate("facts.keyboard()")
        page.set_viewport_size(ENLARGED)
        found["enlarged"] = page.evaluate("facts.space(true), facts.lost()")
        page.set_viewport_size(NARROW)
    return found


def wrong(facts, *names):
    """Return a line for each thing found under these names."""
    return [
        f"{shot}: {line}"
        for shot, found in facts.items()
        for name in names
        for line in found.get(name, ())
    ]


def test_every_address_step_action_and_template_is_looked_at(album):
    known, met = (
        {pattern.name for pattern in urlpatterns},
        {s.page.split("/")[0] for s in album.shots},
    )
    assert known - met == LEADING, "a new address: bring it into tests/citizen_ways.py"
    assert {str(pattern.pattern) for pattern in top} == BESIDE
    assert {f"step/{step.name}" for step in STEPS} <= set(album.pages())
    assert {f"act/{action}" for action in DOINGS} <= set(album.pages())
    files = {path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html")}
    assert files - album.templates == set()


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(LEADING))
def test_address_without_a_page_of_its_own_shows_none(client, name):
    pattern = next(pattern for pattern in urlpatterns if pattern.name == name)
    path = "/" + re.sub("<[^>]+>", "1", str(pattern.pattern))
    assert client.get(path).status_code in (302, 405)


def test_axe_finds_nothing(album, facts, record_property):
    for page in album.pages():
        looks = {shot: found["axe"] for shot, found in facts.items() if shot.page == page}
        languages = {shot.language for shot in looks}
        record_property(CHECKED, [page, sum(map(len, looks.values())), len(looks), len(languages)])
        assert languages == {shot.language for shot in album.shots if shot.page == page}
    assert {(s.page, s.state) for s in facts} == {(s.page, s.state) for s in album.shots}
    assert not wrong(facts, "axe"), "\n".join(wrong(facts, "axe"))


def test_first_visit_weighs_little(album, record_property):
    for page in album.pages():
        weight = max(_weight(shot) for shot in album.shots if shot.page == page)
        record_property(WEIGHED, [page, weight])
        assert weight < LIMIT, page


def _weight(shot):
    """Return the bytes that a first visit brings over the wire: the page and all that it asks for."""
    files = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', shot.html))
    assert "Content-Encoding" in shot.answer or shot.page == "403" and len(files) >= 3, shot
    return shot.bytes_sent + sum(_file_weight(path) for path in files)


@cache
def _file_weight(path):
    answer = Client(headers=ZIPPED).get(path)
    return bytes_sent(answer, answer.content)


def test_nothing_is_lost_on_a_narrow_phone_in_large_text_spaced_out_or_enlarged(facts):
    lost = wrong(facts, "lost", "spaced", "large", "enlarged")
    assert not lost, "\n".join(lost)


def test_keyboard_comes_to_every_control_and_is_seen_there(facts):
    lost = [
        f"{shot}: {kind}: {line}"
        for shot, found in facts.items()
        for kind, lines in found.get("keyboard", {}).items()
        for line in lines
    ]
    assert not lost, "\n".join(lost)


def test_page_has_one_heading_its_own_title_and_its_landmarks(facts):
    pages = defaultdict(set)
    for shot, found in facts.items():
        assert (found["h1"], found["header"], found["main"], found["footer"]) == (1, 1, 1, 1), shot
        assert found["strays"] == [], shot
        pages[shot.language, found["title"]].add(shot.page)
    assert {title: names for title, names in pages.items() if len(names) > 1} == {}


def test_page_says_its_language_and_speaks_it(album, facts):
    strange = []
    for shot in album.shots:
        code, _dash, script = shot.language.partition("-")
        lang = f"{code}-{script.title()}" if script else code
        assert re.search(r'<html lang="([^"]+)"', shot.html)[1] == lang, shot
        lines = OTHER.sub("", shot.html).splitlines()
        if code != "zh":
            strange += [f"{shot}: {line}" for line in lines if CHINESE.search(line)]
        elif script == "hant":
            strange += [f"{shot}: {line}" for line in lines if SIMPLIFIED.search(line)]
    for shot, found in facts.items():
        if shot.language.startswith("zh"):
            names = [TYPED.sub("", name) for name in (found["title"], *found["names"])]
            strange += [f"{shot}: {name}" for name in names if name and not CHINESE.search(name)]
    assert not strange, "\n".join(strange)
