"""What an uploaded file really is, and that file without its hidden data.

Nothing believes the name or the declared type. `cleaned` answers None for whatever is
not plainly one of the accepted types: SVG, HTML, archives, scripts, damaged files.
"""

import io
import re
import threading
from contextlib import nullcontext

from PIL import Image, ImageOps

from cases import papers

try:
    import pillow_heif
except ImportError:  # pictures of newer phones are then refused, naming what is accepted
    pillow_heif = None

MAX_PIXELS = 64_000_000  # phones make 50 million; decoded, 192 MB
# Larger ones are decoded one at a time: a file of 8 kB may ask for 300 MB, and each thread for another.
MANY_PIXELS = 16_000_000
LARGE = threading.Lock()
MAX_PIXELS_INSIDE = 200_000_000  # of all pictures in a document: some seconds of work

JPEG, PNG, PDF = "image/jpeg", "image/png", "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

# The first suffix is the one given to a file that came without a right one.
SUFFIXES = {
    JPEG: (".jpg", ".jpeg", ".jpe", ".jfif"),
    PNG: (".png",),
    "image/heic": (".heic", ".heif"),
    PDF: (".pdf",),
    DOCX: (".docx",),
}
ACCEPTED = ("JPG", "PNG", *(["HEIC"] if pillow_heif else []), "PDF", "DOCX")

_STARTS = {"JPEG": b"\xff\xd8\xff", "PNG": b"\x89PNG\r\n\x1a\n"}
_VIDEOS = (".mp4", ".mov", ".m4v", ".avi", ".mkv", ".webm", ".3gp", ".wmv", ".flv")
_HEIC_START = re.compile(rb"....ftyp(?:hei[cxmsv]|hev[cxms]|mif1|msf1)", re.DOTALL)


def cleaned(content: bytes) -> tuple[str, bytes] | None:
    """Return (content type, cleaned content), or None if it is no accepted type.

    A HEIC picture becomes a JPEG.
    """
    if kind := _kind(content):
        return _picture(content, kind)
    if pillow_heif and _HEIC_START.match(content):
        return _picture(content, "HEIF")
    if content.startswith(b"%PDF-"):
        return _paper(PDF, papers.pdf(content))
    if content.startswith(b"PK\x03\x04"):
        return _paper(DOCX, papers.docx(content, _inner_pictures()))
    return None


def is_video(content: bytes, name: str) -> bool:
    """Say whether a file that is not accepted is a video, so that its sender is told why."""
    if _HEIC_START.match(content):
        return False
    return content[4:8] == b"ftyp" or name.lower().endswith(_VIDEOS)


def _kind(content):
    return next((kind for kind, start in _STARTS.items() if content.startswith(start)), None)


def _paper(kind, content):
    return (kind, content) if content else None


def _inner_pictures():
    """Return what cleans the pictures of one document of place and camera.

    It raises ValueError for one that cannot be cleaned, and once they are too many.
    """
    left = MAX_PIXELS_INSIDE

    def cleaned_picture(content):
        nonlocal left
        kind = _kind(content)
        if kind is None:
            return None
        left -= _pixel_count(content, kind)
        found = left >= 0 and _picture(content, kind)
        if not found:
            raise ValueError("too many pixels, or damaged")
        return found[1]

    return cleaned_picture


def _pixel_count(content, kind):
    """Return how many pixels a picture says it has, 0 if it is none."""
    try:
        with Image.open(io.BytesIO(content), formats=[kind]) as image:
            return image.width * image.height
    except Exception:
        # As in _picture.
        return 0


def _picture(content: bytes, kind: str) -> tuple[str, bytes] | None:
    """Decode a picture wholly, turn it upright and encode its pixels alone anew."""
    if kind == "HEIF":
        pillow_heif.register_heif_opener()
    out = io.BytesIO()
    try:
        with Image.open(io.BytesIO(content), formats=[kind]) as image:
            pixels = image.width * image.height
            if pixels > MAX_PIXELS:
                return None
            with LARGE if pixels > MANY_PIXELS else nullcontext():
                _encode(image, kind, out)
            return (PNG if kind == "PNG" else JPEG), out.getvalue()
    except Exception:
        # Decoders meet hostile bytes with errors of every class; each means: not a picture.
        return None


def _encode(image, kind, out):
    image.load()
    ImageOps.exif_transpose(image, in_place=True)
    if kind == "PNG":
        _pixels(image, "LA" if image.mode == "LA" else "RGBA").save(out, "PNG")
    else:
        _pixels(image, None).save(out, "JPEG", quality=90)


def _pixels(image: Image.Image, see_through: str | None) -> Image.Image:
    """Return a loaded picture in a plain mode, without what travels beside its pixels.

    see_through: the mode for pictures with transparency, None to lose it. Converts only
    where it must, for each copy of a large picture is 200 MB.
    """
    mode = "L" if image.mode in ("1", "L") else "RGB"
    if see_through and image.has_transparency_data:
        mode = see_through
    if image.mode.startswith("I"):  # 16 bits of grey, which convert() alone clips to white
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    plain = image if image.mode == mode else image.convert(mode)
    plain.info = {}  # comments, profiles and places
    return plain
