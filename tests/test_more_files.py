"""Files that come after the letter: with an answer, more facts, a picture of a banner; to whom they go."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from cases import actors, attachments, worlds
from cases.inputs import TEXT_LIMIT
from cases.models import Evidence
from cases.transitions import State
from cases.workflow import FILES_OF_CITIZEN, perform
from mailbox import more_files
from tests.citizens import Sent, open_letter, send
from tests.files import PDF
from tests.people import build_officer

pytestmark = pytest.mark.django_db
STATES = {"supply": State.AWAITING_CITIZEN, "add": State.IN_HAND, "thank": State.CLOSED}


@pytest.fixture
def letter(client, cast, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return Sent(client, cast)


def paper(name="照片说明.pdf", content=PDF):
    return SimpleUploadedFile(name, content)


def post(letter, action, files=(), **fields):
    fields = {"seen": letter.case.seq, "text": "见附件。", "files": files, **fields}
    return letter.client.post(f"/follow/case/{action}/", fields, follow=True)


def kept(settings):
    return [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]


def test_steps_that_take_files_are_these():
    assert set(STATES) == set(FILES_OF_CITIZEN)


@pytest.mark.parametrize("action", FILES_OF_CITIZEN)
def test_files_go_to_the_writer_and_to_who_sees_the_letter(letter, action):
    letter.walk(STATES[action])
    fields = {"form": "banner"} if action == "thank" else {}
    page = post(letter, action, [paper(), paper("锦旗.pdf")], **fields).text
    assert "照片说明.pdf" in page and "锦旗.pdf" in page
    one = Evidence.objects.first()
    address = f"/follow/case/more/{one.pk}/"
    assert b"".join(letter.client.get(address).streaming_content).startswith(b"%PDF")
    stranger = Client()
    assert stranger.get(address).url == "/follow/"
    open_letter(stranger, *send(stranger))
    assert stranger.get(address).status_code == 404
    officer = Client()
    officer.force_login(letter.cast.writer)
    assert "照片说明.pdf" in officer.get(f"/desk/{letter.receipt}/").text
    assert officer.get(f"/desk/{letter.receipt}/evidence/{one.pk}/").status_code == 200


def test_file_of_an_officer_is_not_the_writers(letter):
    letter.walk(State.IN_HAND)
    who = {"actor": actors.officer(letter.cast.writer), "at": worlds.now()}
    perform(letter.pk, "note", text="x", files=[attachments.store(paper("内部.pdf"))], **who)
    assert "内部.pdf" not in letter.page()
    address = f"/follow/case/more/{Evidence.objects.get().pk}/"
    assert letter.client.get(address).status_code == 404


@pytest.mark.parametrize(
    "files",
    [
        [paper("a.exe", b"MZ")],
        [paper("a.pdf", b"<html>")],
        [paper("空.pdf", b"")],
    ],
)
def test_bad_file_is_said_at_its_field_and_nothing_is_kept(letter, settings, files):
    answer = post(letter, "add", files)
    assert answer.context["form"].errors.keys() == {"files"} and "见附件。" in answer.text
    assert not Evidence.objects.exists() and kept(settings) == []
    assert letter.case.seq == 1


def words(answer):
    """Return the words by which a page lists the files that it has kept."""
    return re.findall(r'name="kept" value="([^"]+)" checked', answer.text)


@pytest.mark.parametrize("action", FILES_OF_CITIZEN)
@pytest.mark.parametrize(
    "first",
    [
        {"text": "很" * (TEXT_LIMIT + 1)},
        {"display": "large"},
        {"language": "en"},
        {"and": "a.exe"},
    ],
)
def test_files_stay_when_a_step_is_not_taken_at_once_and_go_with_it_then(letter, action, first):
    letter.walk(STATES[action])
    seen = letter.case.seq
    fields = {"form": "banner"} if action == "thank" else {}
    files = [paper(), paper("二.pdf"), *([paper("a.exe", b"MZ")] if "and" in first else [])]
    answer = post(letter, action, files, **first, **fields)
    first_word, second = words(answer)
    assert "照片说明.pdf" in answer.text and "二.pdf" in answer.text
    assert "重新选择" not in answer.text and not Evidence.objects.exists()
    for _click in range(2):  # the second is not ticked, another is chosen
        said = {"kept": first_word, "files": [paper("三.pdf")], "seen": seen, **fields}
        answer = post(letter, action, **said)
        assert answer.redirect_chain
    sent = Evidence.objects.order_by("pk").values_list("name", flat=True)
    assert list(sent) == ["照片说明.pdf", "三.pdf"]


def test_files_chosen_alone_are_kept_by_the_switch_and_bad_ones_told(letter):
    letter.walk(State.AWAITING_CITIZEN)
    files = [paper(), paper("a.exe", b"MZ")]
    answer = post(letter, "supply", files, text="", display="contrast")
    assert len(words(answer)) == 1 and "a.exe" in answer.text and "无法接收" in answer.text


def test_kept_files_are_of_their_letter_alone(letter, client, cast):
    (word,) = words(post(letter, "add", [paper()], text=""))
    other = Sent(Client(), cast)
    for somebody, kept_word in ((other, word), (letter, f"{word}x"), (letter, "\0")):
        answer = post(somebody, "add", [], kept=kept_word)
        assert "附件已不在" in answer.text and not Evidence.objects.exists()


def test_refused_and_repeated_steps_leave_no_file(letter, settings):
    seen = letter.case.seq
    for _click in range(2):
        post(letter, "add", [paper()], seen=seen)
    assert Evidence.objects.count() == len(kept(settings)) == 1
    letter.walk(State.REPLIED)
    post(letter, "add", [paper()])
    assert Evidence.objects.count() == len(kept(settings)) == 1


def test_a_letter_takes_so_many_and_no_more(letter, monkeypatch):
    monkeypatch.setattr(more_files, "MOST", 2)
    post(letter, "add", [paper(), paper("b.pdf")])
    answer = post(letter, "add", [paper("c.pdf")])
    assert "最多再传2个附件" in answer.text and Evidence.objects.count() == 2


def test_files_of_a_merged_letter_reach_whoever_handles_the_main_one(
    client, cast, tmp_path, settings
):
    settings.MEDIA_ROOT = tmp_path
    letter = Sent(client, cast, attachments=paper("随信.pdf"))
    main = cast.make_case(State.IN_HAND, at=worlds.now())
    cast.merge_into(main, letter.case, worlds.now())
    assert "随信.pdf" in letter.page() and "合并办理的单位都能看到" in letter.page()
    post(letter, "add", [paper("后来.pdf")])
    handler = Client()
    handler.force_login(build_officer("handle_case", unit="440304"))
    page = handler.get(f"/desk/{main.letter.receipt}/").text
    assert "随信.pdf" in page and "后来.pdf" in page
    came, added = letter.case.letter.attachments.get(), Evidence.objects.get()
    files = (f"attachment/{came.pk}", f"evidence/{added.pk}")
    assert [status(handler, main, file) for file in files] == [200, 200]
    assert [status(handler, letter.case, file) for file in files] == [404, 404]
    cast.step(letter.pk, "unmerge", at=worlds.now())
    assert [status(handler, main, file) for file in files] == [404, 200]


def status(client, case, file):
    return client.get(f"/desk/{case.letter.receipt}/{file}/").status_code
