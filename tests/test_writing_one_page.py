"""The form on one page: files and hints as in the steps, and nothing lost on the way."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from cases import worlds
from cases.models import Attachment, Letter
from mailbox import unsent
from mailbox.models import Unsent
from tests.citizens import typed
from tests.files import PDF, docx

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    """Give each test an attachment folder of its own."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def on_disk(media):
    return [path for path in media.rglob("*") if path.is_file()]


def pdf(name="现场 记录.pdf"):
    return SimpleUploadedFile(name, PDF)


def kept(answer):
    """Return the paths that a page sends along."""
    return [file.path for file in answer.context["writing"].files]


def post(client, **fields):
    return client.post("/write/", typed(**fields))


@pytest.mark.parametrize(
    "first", [{"title": "短"}, {"language": "en"}, {"body": "楼下有人持刀，大家都很害怕，请快来。"}]
)
def test_files_stay_when_a_letter_is_not_sent_at_once_and_go_with_it_then(client, media, first):
    answer = post(client, attachments=[pdf()], **first)
    (path,) = kept(answer)
    assert f'name="kept" value="{path}"' in answer.text and not Letter.objects.exists()
    more = SimpleUploadedFile("补充.docx", docx())
    sent = post(client, kept=path, attachments=[more], emergency_seen="1")
    assert sent.url == "/write/sent/"
    assert {file.name for file in Attachment.objects.all()} == {"现场 记录.pdf", "补充.docx"}
    assert len(on_disk(media)) == 2 and not Unsent.objects.exists()


def test_bad_file_leaves_the_good_one_and_one_can_be_taken_away(client, media):
    bad = SimpleUploadedFile("坏.exe", b"MZ")
    answer = post(client, attachments=[pdf(), bad, pdf("二.pdf")])
    assert "坏.exe" in str(answer.context["form"].errors["attachments"])
    first, second = kept(answer)
    page = post(client, kept=[first, second], remove=first, title="短")
    assert kept(page) == [second] and page.context["form"]["title"].value() == "短"
    assert not page.context["form"].errors  # nobody has asked to send it yet
    assert len(on_disk(media)) == 1


def test_file_that_is_chosen_twice_is_kept_once(client):
    answer = post(client, attachments=[pdf(), pdf(), pdf("另存.pdf")], title="短")
    again = post(client, kept=kept(answer), attachments=[pdf()], title="短")
    assert [file.name for file in again.context["writing"].files] == ["现场 记录.pdf", "另存.pdf"]


def test_retry_and_double_click_give_the_same_receipt_and_no_file_twice(client, media):
    (path,) = kept(post(client, attachments=[pdf()], title="短"))
    said = typed(kept=path)
    for again in ({}, {}, {"attachments": [pdf()]}):
        assert client.post("/write/", {**said, **again}).url == "/write/sent/"
    assert (Letter.objects.count(), Attachment.objects.count()) == (1, 1)
    assert len(on_disk(media)) == 1


def test_files_that_are_gone_are_told_and_those_of_others_never_taken(client, media):
    (path,) = kept(post(client, attachments=[pdf()], title="短"))
    for visitor, lost in ((Client(), path), (client, "live/nonsense"), (client, "../x")):
        answer = visitor.post("/write/", typed(kept=lost))
        assert "请重新选择" in str(answer.context["form"].errors["attachments"])
    assert not Letter.objects.exists()


def test_files_nobody_sends_are_deleted_after_a_day_or_at_once_when_cleared(client, media):
    for delete in (
        lambda: unsent.prune(worlds.now() + timedelta(hours=25)),
        lambda: client.post("/write/clear/"),
    ):
        post(client, attachments=[pdf()], title="短")
        assert on_disk(media) and "没写完的信" not in client.get("/write/begin/").text
        delete()
        assert not on_disk(media)


@pytest.mark.parametrize(
    ("changes", "hinted"),
    [
        ({"kind": "report", "body": "我是测试来信人，发现有人开设赌场。"}, True),
        ({"kind": "complaint", "confidential": "on", "title": "测试来信人的投诉"}, True),
        ({"kind": "report", "attachments": [pdf("测试来信人的证据.pdf")]}, True),
        ({"kind": "complaint", "title": "测试来信人的投诉"}, False),
    ],
)
def test_secret_letter_that_names_its_writer_is_hinted_at_once(client, changes, hinted):
    said = typed(**changes)
    answer = client.post("/write/", said)
    assert Letter.objects.exists() != hinted
    if hinted:
        assert "想保密，请先改掉" in answer.text and 'name="named_seen"' in answer.text
        said |= {"kept": kept(answer), "named_seen": "1", "attachments": []}
        assert client.post("/write/", said).url == "/write/sent/"


def test_looking_at_the_form_keeps_nothing_and_a_letter_without_files_makes_no_row(client):
    client.get("/write/"), post(client, title="短")
    assert not Unsent.objects.exists()
