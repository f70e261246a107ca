import errno
import hashlib
import io
import os
import stat
import struct
import unicodedata
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, PngImagePlugin

from cases import attachments, filetypes
from cases.attachments import BadFile
from cases.models import Attachment, Letter, Unit
from tests.files import PDF, docx

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
HTML = b"<!doctype html><script>alert(1)</script>"


@pytest.fixture
def media(settings, tmp_path):
    """Give a test an attachment folder of its own."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def upload(name, content, declared="application/octet-stream"):
    return SimpleUploadedFile(name, content, declared)


def picture(kind="JPEG", size=(60, 40), mode="RGB", **options):
    """Return a picture whose left half is red."""
    image = Image.new(mode, size, "white")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def exif_with_place(orientation=6):
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "SecretMaker"
    exif.get_ifd(0x8825).update({1: "N", 2: (23.0, 7.0, 0.0), 3: "E", 4: (113.0, 15.0, 0.0)})
    return exif


def png_claiming(width, height):
    """Return a PNG of a few bytes that says it is that large."""

    def chunk(kind, body):
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = chunk(b"IDAT", zlib.compress(b"\0" * 100))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + data + chunk(b"IEND", b"")


def on_disk(media):
    return [path for path in media.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("name", "content", "content_type"),
    [
        ("照片.jpg", picture("JPEG"), "image/jpeg"),
        ("照片.png", picture("PNG"), "image/png"),
        ("透明.png", picture("PNG", mode="RGBA"), "image/png"),
        ("灰度.jpg", picture("JPEG", mode="L"), "image/jpeg"),
        ("印刷.jpg", picture("JPEG", mode="CMYK"), "image/jpeg"),
        ("判决书.pdf", PDF, "application/pdf"),
        ("材料.docx", docx(), filetypes.DOCX),
    ],
)
def test_store_keeps_each_accepted_type(media, name, content, content_type):
    stored = attachments.store(upload(name, content), "live")
    written = (media / stored.path).read_bytes()
    assert (stored.name, stored.content_type) == (name, content_type)
    assert stored.size == len(written)
    assert stored.sha256 == hashlib.sha256(written).hexdigest()


def test_store_writes_under_a_random_name_for_the_owner_alone(media):
    first = attachments.store(upload("a.pdf", PDF), "R12")
    second = attachments.store(upload("a.pdf", PDF), "R12")
    assert first.path != second.path
    assert first.path.startswith("R12/") and "a.pdf" not in first.path
    assert stat.S_IMODE((media / first.path).stat().st_mode) == 0o600
    assert len(on_disk(media)) == 2


@pytest.mark.parametrize("mark", ["", "..", "a/b", "/etc"])
def test_store_refuses_a_mark_that_leads_elsewhere(media, mark):
    with pytest.raises(ValueError, match="mark"):
        attachments.store(upload("a.pdf", PDF), mark)


def test_large_upload_lies_in_a_file_without_a_name_which_no_killed_process_leaves_behind(rf):
    sent = rf.post("/", {"file": upload("a.jpg", b"1" * 3_000_000)})
    with sent.FILES["file"] as file:
        assert os.fstat(file.fileno()).st_nlink == 0
        assert (file.size, file.name, file.read()) == (3_000_000, "a.jpg", b"1" * 3_000_000)


def test_jpeg_loses_place_maker_and_comment_and_is_upright(media):
    content = picture("JPEG", exif=exif_with_place(), comment=b"SecretComment")
    assert b"SecretMaker" in content and b"SecretComment" in content
    stored = attachments.store(upload("a.jpg", content), "live")
    written = (media / stored.path).read_bytes()
    assert b"Exif" not in written and b"Secret" not in written
    image = Image.open(io.BytesIO(written))
    assert not image.getexif()
    assert image.size == (40, 60)  # turned: red is above now
    assert image.getpixel((20, 5))[1] < 60 and image.getpixel((20, 55))[1] > 200


def test_png_loses_place_and_text(media):
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", "SecretAuthor")
    info.add(b"tEXt", b"After\0SecretAfter", after_idat=True)
    content = picture("PNG", exif=exif_with_place(1), pnginfo=info)
    assert b"SecretAfter" in content
    assert b"SecretAuthor" in content and b"SecretMaker" in content
    stored = attachments.store(upload("a.png", content), "live")
    assert b"Secret" not in (media / stored.path).read_bytes()


@pytest.mark.parametrize(
    ("mode", "colour", "seen"),
    [
        ("RGBA", (9, 8, 7, 100), (9, 8, 7, 100)),
        ("LA", (9, 100), (9, 100)),
        ("1", 1, 255),
        ("P", 0, (0, 0, 0)),
        ("I;16", 40000, 156),
    ],
)
def test_png_looks_as_before_in_every_mode(media, mode, colour, seen):
    out = io.BytesIO()
    Image.new(mode, (3, 3), colour).save(out, "PNG")
    stored = attachments.store(upload("a.png", out.getvalue()), "live")
    pixel = Image.open(media / stored.path).getpixel((1, 1))
    assert pixel == seen or (isinstance(pixel, tuple) and set(pixel) == {seen})


def test_what_follows_the_picture_is_dropped(media):
    stored = attachments.store(upload("a.png", picture("PNG") + HTML), "live")
    assert b"script" not in (media / stored.path).read_bytes()


def test_heic_becomes_a_jpeg_with_its_name(media):
    heif = pytest.importorskip("pillow_heif")
    heif.register_heif_opener()
    content = picture("HEIF", size=(64, 64), exif=exif_with_place(1).tobytes())
    assert b"SecretMaker" in content
    stored = attachments.store(upload("照片.HEIC", content, "image/heic"), "live")
    assert (stored.name, stored.content_type) == ("照片.jpg", "image/jpeg")
    assert b"Secret" not in (media / stored.path).read_bytes()


def test_heic_is_refused_naming_what_is_accepted_when_it_cannot_be_read(media, monkeypatch):
    monkeypatch.setattr(filetypes, "pillow_heif", None)
    content = b"\0\0\0\x18ftypheic" + bytes(100)
    with pytest.raises(BadFile, match="JPG、PNG"):
        attachments.store(upload("photo.HEIC", content), "live")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("图.svg", SVG, "可接收：JPG"),
        ("图.jpg", SVG, "可接收：JPG"),
        ("网页.jpg", HTML, "可接收：JPG"),
        ("网页.pdf", b"\n" + HTML + PDF, "可接收：JPG"),
        ("图.pdf", picture("PNG"), "扩展名不符"),
        ("图.html", picture("PNG"), "扩展名不符"),
        ("文.docx", PDF, "扩展名不符"),
        ("动图.gif", picture("GIF"), "可接收：JPG"),
        ("程序.exe", b"MZ" + bytes(100), "可接收：JPG"),
        ("截断.pdf", b"%PDF-1.4\n1 0 obj", "可接收：JPG"),
        ("截断.jpg", picture("JPEG", size=(600, 400))[:900], "可接收：JPG"),
        ("截断.png", picture("PNG", size=(600, 400))[:90], "可接收：JPG"),
        ("假.png", b"\x89PNG\r\n\x1a\n" + HTML, "可接收：JPG"),
        ("空.pdf", b"", "是空的"),
        ("现场.mp4", b"\0\0\0\x18ftypmp42" + bytes(50), "是视频"),
        ("现场.AVI", b"RIFF" + bytes(50), "是视频"),
        ("巨图.png", png_claiming(9000, 9000), "可接收：JPG"),
        ("炸弹.png", png_claiming(60000, 60000), "可接收：JPG"),
        ("压缩.docx", docx()[:-30], "可接收：JPG"),
        ("宏.docx", docx({"word/vbaProject.bin": b"x"}), "可接收：JPG"),
        ("炸弹.docx", docx({f"word/{n}": bytes(60 * 1024**2) for n in (1, 2)}), "可接收：JPG"),
        ("多.docx", docx({f"word/{n}": b"" for n in range(2001)}), "可接收：JPG"),
        ("压缩包.docx", docx().replace(b"word/document.xml", b"word/somewhat.xml"), "可接收：JPG"),
        ("错.docx", docx().replace(b"word/document.xml", b"word/document.xmI", 1), "可接收：JPG"),
    ],
)
def test_store_refuses_by_content_and_writes_nothing(media, name, content, reason):
    with pytest.raises(BadFile, match=reason) as caught:
        attachments.store(upload(name, content, "image/jpeg"), "live")
    assert name in str(caught.value)
    assert not on_disk(media)


def test_size_limit_is_ten_megabytes(media):
    body = PDF + b" " * (attachments.MAX_BYTES - len(PDF))
    assert attachments.store(upload("a.pdf", body), "live").content_type == "application/pdf"
    with pytest.raises(BadFile, match="超过10MB"):
        attachments.store(upload("a.pdf", body + b" "), "live")


LONG = "投" * 196 + ".pdf"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("投诉照片（1）.PDF", "投诉照片（1）.PDF"),
        (LONG, LONG),
        ("../../etc/密码.pdf", "密码.pdf"),
        ("C:\\Users\\某某\\a.pdf", "a.pdf"),
        ("a\x00b\r\n\u202ec.pdf", "abc.pdf"),
        (unicodedata.normalize("NFD", "é.pdf"), "é.pdf"),
        (".pdf", "pdf"),
        ("..", "附件"),
        ("", "附件"),
        ("长" * 400 + ".pdf", "长" * 251 + ".pdf"),
    ],
)
def test_clean_name_keeps_the_name_and_drops_the_path(given, kept):
    assert attachments.clean_name(given) == kept


@pytest.mark.parametrize(
    ("given", "content", "kept"),
    [("屏幕.jpg", picture("PNG"), "屏幕.png"), ("无后缀", PDF, "无后缀.pdf")],
)
def test_name_gets_the_suffix_of_its_content(media, given, content, kept):
    assert attachments.store(upload(given, content), "live").name == kept


def test_download_is_an_attachment_that_no_browser_guesses_at(media):
    stored = attachments.store(upload("投诉照片（1）.PDF", PDF), "live")
    file, headers = attachments.open_for_download(stored)
    with file:
        content = file.read()
    assert content.startswith(b"%PDF-")
    assert headers["Content-Type"] == "application/pdf"
    assert headers["Content-Length"] == str(len(content))
    assert headers["Content-Disposition"].startswith("attachment; filename*=utf-8''%E6%8A%95")
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_download_never_leaves_the_folder(media):
    outside = attachments.Stored("a", "application/pdf", 1, "", "../x")
    with pytest.raises(ValueError, match="outside"):
        attachments.open_for_download(outside)


def test_discard_removes_the_file_and_may_be_repeated(media):
    stored = attachments.store(upload("a.pdf", PDF), "live")
    attachments.discard(stored)
    attachments.discard(stored)
    assert not on_disk(media)


@pytest.mark.django_db
def test_discard_unclaimed_leaves_the_files_of_letters(media):
    unit = Unit.objects.get(code="440000")
    letter = Letter.objects.create(
        receipt="PA-1", mailbox=unit, kind="help", category="other", received_at=NOON
    )
    taken, left = (attachments.store(upload(name, PDF), "live") for name in ("a.pdf", "b.pdf"))
    Attachment.objects.create(letter=letter, **vars(taken))
    attachments.discard_unclaimed([taken, left])
    assert [path.name for path in on_disk(media)] == [Path(taken.path).name]


def test_failed_write_leaves_nothing(media, monkeypatch):
    def fail(_self, _target):
        raise OSError(errno.ENOSPC, "disk full")

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(attachments.BadFile, match="现在存不下"):
        attachments.store(upload("a.pdf", PDF), "live")
    assert not on_disk(media)
