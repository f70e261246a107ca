"""Files that tests send: a PDF and a Word file, with as much in them as a test asks for, a picture."""

import io
import zipfile

import pikepdf
from PIL import Image


def pdf(change=None, **save):
    """Return a PDF of one empty page, after change(pdf)."""
    out = io.BytesIO()
    with pikepdf.new() as file:
        file.add_blank_page()
        if change:
            change(file)
        file.save(out, **save)
    return out.getvalue()


def docx(parts=None):
    """Return a Word file with these parts beside the two that each must have."""
    out = io.BytesIO()
    own = {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (own | (parts or {})).items():
            archive.writestr(name, content)
    return out.getvalue()


def picture():
    """Return a small PNG."""
    out = io.BytesIO()
    Image.new("RGB", (16, 12), "red").save(out, "PNG")
    return out.getvalue()


PDF = pdf()
