"""Attachments: judged by their content, cleaned of hidden places, kept on disk.

Pictures, also those inside a PDF or DOCX, lose what tells where and with what they were taken,
PDF and DOCX who made them (cases/papers.py). A video is refused, since its place can't be removed yet.
Files are stored under MEDIA_ROOT/<world mark or "live">/<random name>; the name the
citizen gave stands in the database alone, so no file system ever meets it.
"""

import hashlib
import logging
import os
import re
import secrets
import shutil
import unicodedata
from collections.abc import Collection, Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from cases.filetypes import ACCEPTED, SUFFIXES, cleaned, is_video
from cases.identity import BadInput, clean
from cases.models import Attachment, Evidence

log = logging.getLogger(__name__)

MAX_FILES = 5
MAX_BYTES = 10 * 1024 * 1024
MAX_NAME = 255  # characters
LIVE = "live"
STRAY_AGE = timedelta(days=1)
_AT_ONCE = 1000


class BadFile(BadInput):
    """A file can't be taken; the message names it and what would be taken."""


@dataclass(frozen=True)
class Stored:
    """A file on disk: the columns of an Attachment. path is relative to MEDIA_ROOT."""

    name: str
    content_type: str
    size: int
    sha256: str
    path: str


def what_is_taken() -> str:
    """Return how many files of which types can be sent, in words."""
    said = {"count": MAX_FILES, "types": _types()}
    return _("最多%(count)s个，每个不超过10MB：%(types)s。") % said


def _types():
    """Return the accepted types as a list is written in the reader's language."""
    return _("、").join(ACCEPTED)


def add(upload: UploadedFile, others: Collection[Stored], mark: str = LIVE) -> Stored | None:
    """Store a file that goes with others; return it, or None for one of them, chosen twice.

    Raises: BadFile, also for one too many.
    """
    if len(others) >= MAX_FILES:
        said = {"count": MAX_FILES, "name": clean_name(upload.name or "")}
        raise BadFile(_("附件最多%(count)d个，“%(name)s”没有上传。") % said)
    file = store(upload, mark)
    if any((file.name, file.sha256) == (other.name, other.sha256) for other in others):
        discard(file)
        return None
    return file


def store(upload: UploadedFile, mark: str = LIVE) -> Stored:
    """Check a file, clean it, and write it so that it survives a power cut.

    mark: the world's, or "live". Raises: BadFile, also if the disk refuses; ValueError for a bad mark.
    """
    if not re.fullmatch(r"[A-Za-z0-9_-]+", mark):
        raise ValueError(f"not a world's mark: {mark!r}")
    name = clean_name(upload.name or "")
    content_type, content = _check(upload, name)
    path = Path(mark) / secrets.token_hex(16)
    try:
        _write(Path(settings.MEDIA_ROOT) / path, content)
    except OSError as error:  # no room, no right, no disk: what was typed is kept all the same
        log.error("a file could not be stored: %s", error.strerror)
        raise BadFile(
            _("文件“%(name)s”现在存不下，是我们的存储出了问题。请稍后再试，或先不带附件提交。")
            % {"name": name}
        ) from None
    return Stored(
        name=_with_suffix(name, content_type),
        content_type=content_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        path=path.as_posix(),
    )


def discard(stored: Stored) -> None:
    """Remove a stored file, as when the intake it belonged to was rolled back."""
    _absolute(stored.path).unlink(missing_ok=True)


def discard_unclaimed(kept: Iterable[Stored]) -> None:
    """Remove the stored files that no letter and no step has: after what was refused or repeated.

    Asks the database instead of trusting an error, so one whose commit came through
    although the answer was lost keeps its files.
    """
    kept = list(kept)
    if not kept:
        return
    claimed = _claimed([stored.path for stored in kept])
    for stored in kept:
        if stored.path not in claimed:
            discard(stored)


def is_free(stored: Stored) -> bool:
    """Return whether a file is there, and no letter and no step has it."""
    return _absolute(stored.path).is_file() and not _claimed([stored.path])


def _claimed(paths: Iterable[str]) -> set[str]:
    """Return those of the paths that a letter or a step has."""
    return {
        path
        for model in (Attachment, Evidence)
        for path in model.objects.filter(path__in=list(paths)).values_list("path", flat=True)
    }


def discard_stray(at: datetime, others: set[str], age: timedelta = STRAY_AGE) -> int:
    """Remove live files that no letter and no step has: of who died between file and row.

    others: the paths that letters still being written have, which is not known here.
    age: a younger file may belong to a letter that is being kept just now. Return how many went.
    """
    before, removed = (at - age).timestamp(), 0
    folder = _absolute(LIVE)
    with os.scandir(folder) if folder.is_dir() else nullcontext(()) as entries:
        found = iter(entries)
        while part := list(islice(found, _AT_ONCE)):
            old = {f"{LIVE}/{one.name}" for one in part if _is_older(one, before)}
            for path in old - others - _claimed(old):
                _absolute(path).unlink(missing_ok=True)
                removed += 1
    return removed


def _is_older(entry: os.DirEntry, before: float) -> bool:
    try:
        return entry.stat().st_mtime < before
    except FileNotFoundError:  # another took it away, or it has its last name by now
        return False


def free_bytes() -> int:
    """Return how much room is left for files. Raises: OSError if their disk is not there."""
    root = Path(settings.MEDIA_ROOT)
    return shutil.disk_usage(root if root.exists() else root.parent).free


def discard_world(mark: str) -> None:
    """Remove all files of a world that is deleted. Raises: ValueError for live letters' own."""
    if mark == LIVE or not re.fullmatch(r"[A-Za-z0-9_-]+", mark):
        raise ValueError(f"no mark of a world that can be deleted: {mark!r}")
    shutil.rmtree(_absolute(mark), ignore_errors=True)


def open_for_download(attachment: Attachment | Stored) -> tuple[BinaryIO, dict[str, str]]:
    """Return the open file and the headers it must be sent with; the caller closes it.

    Raises: FileNotFoundError if it is gone.
    """
    file = _absolute(attachment.path).open("rb")
    return file, {
        "Content-Type": attachment.content_type,
        "Content-Length": str(attachment.size),
        "Content-Disposition": content_disposition_header(True, attachment.name),
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-store",
    }


def clean_name(name: str) -> str:
    """Return a file name in NFC without path, control or invisible characters.

    The longest keep their suffix and are cut to MAX_NAME characters.
    """
    name = unicodedata.normalize("NFC", clean(name)).replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(c for c in name if unicodedata.category(c) not in ("Cc", "Cf")).strip(". ")
    stem, dot, suffix = name.rpartition(".")
    if dot and len(suffix) <= 10:
        return f"{stem[: MAX_NAME - len(suffix) - 1]}.{suffix}"
    return name[:MAX_NAME] or _("附件")


def _check(upload: UploadedFile, name: str) -> tuple[str, bytes]:
    """Return the content type a file really has, and its cleaned content."""
    if not upload.size:
        raise BadFile(_("文件“%(name)s”是空的。") % {"name": name})
    if upload.size > MAX_BYTES:
        raise BadFile(
            _("文件“%(name)s”超过%(size)dMB。") % {"name": name, "size": MAX_BYTES // 1024**2}
        )
    upload.seek(0)
    content = upload.read()
    found = cleaned(content)
    if found is None and is_video(content, name):
        raise BadFile(
            _(
                "文件“%(name)s”是视频，现在还不能收：视频里记录的拍摄地点等信息还无法去掉。"
                "请在信里写明您有视频，需要时会告诉您怎样提供。"
            )
            % {"name": name}
        )
    if found is None:
        raise BadFile(
            _("文件“%(name)s”无法接收：内容损坏，或不是可接收的类型。可接收：%(types)s。")
            % {"name": name, "types": _types()}
        )
    content_type, content = found
    if _suffix_family(name) not in (None, _family(content_type)):
        raise BadFile(
            _("文件“%(name)s”的内容与扩展名不符。可接收：%(types)s。")
            % {"name": name, "types": _types()}
        )
    return content_type, content


def _family(content_type: str) -> str:
    """Return what must agree: a PNG may be named .jpg, but not .pdf."""
    return "image" if content_type.startswith("image/") else content_type


def _suffix_family(name: str) -> str | None:
    """Return the family a name claims; None without a suffix, "" for a foreign one."""
    suffix = Path(name).suffix.lower()
    if not suffix:
        return None
    claimed = (kind for kind, suffixes in SUFFIXES.items() if suffix in suffixes)
    return _family(next(claimed, ""))


def _with_suffix(name: str, content_type: str) -> str:
    """Return the name, with the content's own suffix where it has another or none."""
    path = Path(name)
    if path.suffix.lower() in SUFFIXES[content_type]:
        return name
    return path.stem[: MAX_NAME - 5] + SUFFIXES[content_type][0]


def _absolute(path: str) -> Path:
    root = Path(settings.MEDIA_ROOT).resolve()
    absolute = (root / path).resolve()
    if not absolute.is_relative_to(root):
        raise ValueError(f"outside MEDIA_ROOT: {path!r}")
    return absolute


def _write(path: Path, content: bytes) -> None:
    """Write under a temporary name, sync, rename, and sync the folder: whole or not at all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
