"""What goes over the wire: static files under names that may be kept for good, and compressed."""

import gzip
import re

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from config.static_files import hashed

pytestmark = pytest.mark.django_db
ZIPPED = {"Accept-Encoding": "gzip, deflate, br"}


def linked(client, page="/"):
    """Return the addresses of the static files that a page names."""
    return sorted(set(re.findall(r'"(/static/[^"]+)"', client.get(page).text)))


def fetched(client, file, **headers):
    """Return (answer, its bytes), with the file closed again."""
    answer = client.get(file, headers=headers)
    text = answer.getvalue()
    answer.close()
    return answer, text


def test_pages_name_files_by_their_hash_and_browsers_keep_them_for_good(client):
    for page in ("/", "/admin/login/"):
        files = linked(client, page)
        assert len(files) >= 3
        for file in files:
            assert re.search(r"\.[0-9a-f]{12}\.\w+$", file), file
            answer, _text = fetched(client, file)
            assert "immutable" in answer["Cache-Control"] and "max-age=3" in answer["Cache-Control"]


def test_another_content_is_another_name(tmp_path, monkeypatch):
    file = tmp_path / "a.css"
    monkeypatch.setattr(finders, "find", lambda name, **_options: str(file))
    names = set()
    for text in ("a{}", "b{}"):
        file.write_text(text)
        names.add(hashed.__wrapped__("x/a.css"))
    assert len(names) == 2 and all(name.startswith("x/a.") for name in names)


@pytest.mark.parametrize("name", ["mailbox/none.css", "mailbox/mailbox.0123456789ab.css", "../a"])
def test_absent_or_outdated_name_is_not_found(client, name):
    assert client.get(f"/static/{name}").status_code == 404


def test_plain_name_is_found_and_asked_for_again_soon(client):
    answer, _text = fetched(client, "/static/mailbox/icon.svg")
    assert answer.status_code == 200 and "immutable" not in answer["Cache-Control"]


def test_texts_are_compressed_for_who_reads_that(client):
    for file in linked(client):
        plain, text = fetched(client, file)
        small, packed = fetched(client, file, **ZIPPED)
        assert gzip.decompress(packed) == text and len(packed) < len(text), file
        assert small["Content-Encoding"] == "gzip" and "Content-Encoding" not in plain
        assert plain["Vary"] == small["Vary"] == "Accept-Encoding"
        assert int(small["Content-Length"]) == len(packed)
        again, nothing = fetched(client, file, **{"If-None-Match": small["ETag"]}, **ZIPPED)
        assert (again.status_code, nothing) == (304, b"")
        assert client.head(file, headers=ZIPPED).status_code == 200
        part, first = fetched(client, file, Range="bytes=0-9", **ZIPPED)
        assert (part.status_code, first) == (206, text[:10])


def test_citizens_pages_are_compressed_and_officers_are_not(client, cast):
    small = client.get("/", headers=ZIPPED)
    assert small["Content-Encoding"] == "gzip" and "Accept-Encoding" in small["Vary"]
    assert len(small.content) < len(client.get("/").content) * 0.6
    client.force_login(cast.writer)
    assert "Content-Encoding" not in client.get("/desk/?q=secret", headers=ZIPPED)


def test_two_compressed_pages_have_two_tokens(client):
    """So that nobody finds the token of a form by the length of a compressed page."""
    token = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
    client = Client()
    seen = {token.search(client.get("/follow/").text)[1] for _time in range(3)}
    assert len(seen) == 3
