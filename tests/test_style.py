"""The citizen's design system: one set of tokens, contrast that holds, and a page that shows each part."""

import gzip
import re
from itertools import chain
from pathlib import Path

import pytest

from mailbox import palette

ROOT = Path(__file__).resolve().parent.parent / "mailbox"
STATIC = ROOT / "static" / "mailbox"
TEMPLATES = sorted(ROOT.glob("templates/**/*.html"))
SHEETS = ("mailbox.css", "contrast.css")
# What WCAG 2.2 asks: AA of words and of parts, AAA of words where high contrast is asked for.
WORDS, PARTS, WORDS_AAA = 4.5, 3.0, 7.0
RULES = [rule for sheet in SHEETS for rule in palette.rules(sheet)]
COLOUR = re.compile(
    r"#[0-9a-f]{3,8}\b|\b(rgb|hsl)a?\(|\b(white|black|red|blue|gr[ae]y)\b", re.IGNORECASE
)
# What a length may be made of: tokens, nothing, the line's own size, a hair.
FREE = re.compile(r"0|auto|-?[\d.]+em|[1-6]px|1[07]px|-1|2|\*|\+|-|/|calc|\(|\)|,|\s+")
SPACED = re.compile(r"(margin|padding|gap|border-radius|max-width)(-\w+)?$")


def classes_of(text):
    """Return the classes that a selector names."""
    return set(re.findall(r"\.([a-z][\w-]*)", text))


def classes_in(html):
    """Return the classes that a page or a template gives to elements."""
    plain = re.sub(r"{%.*?%}|{{.*?}}", " ", html)
    return set(" ".join(re.findall(r'class="([^"]*)"', plain)).split())


STYLED = set(chain.from_iterable(classes_of(selector) for _at, selector, _body in RULES))
BY_SCRIPTS = {
    name for name in ("count", "late") if f'"{name}"' in (STATIC / "mailbox.js").read_text()
}


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_page_shows_every_part(client, language):
    client.cookies["django_language"], client.cookies["display"] = language, "large"
    answer = client.get("/style/")
    assert STYLED - classes_in(answer.text) - BY_SCRIPTS == set()
    ids = re.findall(r' id="([^"]+)"', answer.text)
    assert len(ids) == len(set(ids))
    assert answer["X-Robots-Tag"] == "noindex" and 'name="robots" content="noindex"' in answer.text


@pytest.mark.django_db
def test_page_shows_every_token_and_the_contrast_of_every_pair(client):
    page = client.get("/style/").text
    for name in palette.tokens():
        assert f">{name}<" in page or name in ("root",), name
    assert "文Aa" in page and f"{palette.contrast('#16202c', '#fff'):.1f}" in page


@pytest.mark.django_db
def test_no_page_of_citizens_leads_to_it(client):
    assert "/style/" not in client.get("/").text


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_template_uses_parts_of_the_system_alone(path):
    text = path.read_text(encoding="utf-8")
    assert classes_in(text) - STYLED == set()
    assert not re.search(r"style=|<style|<font|bgcolor|#[0-9a-f]{6}\b", text)


def test_colours_and_sizes_of_type_stand_in_the_tokens_alone():
    for at_rule, selector, declared in RULES:
        for name, value in declared.items():
            if name.startswith("--"):
                continue
            assert not COLOUR.search(value), f"{at_rule} {selector} {name}"
            if name == "font-size":
                assert re.fullmatch(r"var\(--(type-[\w-]+|root)\)", value), f"{selector}: {value}"


def test_distances_stand_in_the_tokens_alone():
    for at_rule, selector, declared in RULES:
        for name, value in declared.items():
            if SPACED.match(name) and "print" not in at_rule:
                left = FREE.sub("", re.sub(r"var\(--[\w-]+\)|50%|100%|min|none|inset", "", value))
                assert left == "", f"{selector} {name}: {value}"


def test_every_token_is_used_and_every_used_one_is_there():
    there = set(palette.tokens())
    text = "".join(value for _at, _one, body in RULES for value in body.values())
    used = set(re.findall(r"var\(--([\w-]+)\)", text))
    assert used == there


def test_every_pair_of_one_rule_is_among_those_that_are_computed():
    known = {(front, back) for front, back, _is_words, _where in palette.PAIRS}
    for _at, selector, declared in RULES:
        both = [declared.get(name, "") for name in ("color", "background")]
        pair = tuple(value.removeprefix("var(--").removesuffix(")") for value in both)
        if all(value.startswith("var(--") for value in both):
            assert pair in known, selector


def test_pages_have_these_sheets_and_no_other():
    linked = set()
    for path in TEMPLATES:
        linked |= set(re.findall(r"[\w/]+\.css", path.read_text(encoding="utf-8")))
    assert linked == {f"mailbox/{name}" for name in SHEETS}


@pytest.mark.parametrize("theme", palette.THEMES)
def test_words_and_parts_can_be_told_from_what_they_stand_on(theme):
    colours = palette.tokens(theme)
    for front, back, is_words, _where in palette.PAIRS:
        found = palette.contrast(colours[front], colours[back])
        words = WORDS_AAA if theme.startswith("contrast") else WORDS
        assert found >= (words if is_words else PARTS), (front, back, found)


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000", "#fff", 21), ("#fff", "#ffffff", 1), ("#777", "#fff", 4.48), ("#00f", "#fff", 8.59)],
)
def test_contrast_is_that_of_wcag(one, other, ratio):
    assert palette.contrast(one, other) == pytest.approx(ratio, abs=0.01)


def test_sheets_are_small():
    packed = {name: len(gzip.compress((STATIC / name).read_bytes())) for name in SHEETS}
    assert packed["mailbox.css"] < 6000 and packed["contrast.css"] < 1000
