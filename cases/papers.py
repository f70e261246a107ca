"""PDF and Word files without what they say of who made them: a confidential report stays one.

What is written on their pages stays as it was; names of authors and of those who commented,
where and with what it was made, scripts, and earlier versions go. A PDF with an electronic
signature is kept as it is, since every change would break the signature; with scripts it is refused.
A Word file loads nothing from elsewhere when it is opened.
"""

import io
import re
import zipfile
import zlib
from xml.etree import ElementTree

import pikepdf
from pikepdf.sanitize import Sanitizer

MAX_UNPACKED = 100 * 1024 * 1024  # bytes of a DOCX, and of one stream of a PDF
MAX_TEXT = 30 * 1024 * 1024  # bytes of the text of a DOCX, unpacked
MAX_PARTS = 2_000  # of a DOCX

pikepdf.settings.set_qpdf_limits(
    flate_max_memory=MAX_UNPACKED,
    run_length_max_memory=MAX_UNPACKED,
    png_max_memory=MAX_UNPACKED,
    tiff_max_memory=MAX_UNPACKED,
)
_SCRUBBER = (
    Sanitizer()
    .remove_javascript()
    .remove_external_access()
    .remove_thumbnails()
    .remove_private_app_data()
    .remove_attachments()  # files of any type, and photographs with their places
    .remove_collection()
    .remove_multimedia()
    .remove_web_capture()
)

_PHOTOS = (pikepdf.Name.DCTDecode, pikepdf.Array([pikepdf.Name.DCTDecode]))
_PACKED_PHOTO = pikepdf.Array([pikepdf.Name.FlateDecode, pikepdf.Name.DCTDecode])
# Parts of a JPEG, by their second byte: its picture; Exif and XMP, IPTC, comments.
_SCAN, _NOTES = b"\xda", (b"\xe1", b"\xed", b"\xfe")

# What does something by itself, in a PDF that says it is signed.
_ACTIVE = {"/JS", "/JavaScript", "/AA", "/XFA", "/EF", "/EmbeddedFiles", "/RichMediaContent"}
_ACTIONS = {
    "/JavaScript",
    "/Launch",
    "/ImportData",
    "/SubmitForm",
    "/GoToR",
    "/GoToE",
    "/Rendition",
}

# References of a Word file: to macros, however their part is called, and to pages of other formats.
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_MACROS = {"vbaproject", "wordvbadata", "control", "activexcontrolbinary", "afchunk"}
_NOWHERE = "Normal.dotm"  # Word's own template: what led elsewhere leads there
MAX_RELATIONS = 2 * 1024 * 1024  # bytes of all of them, unpacked
ElementTree.register_namespace("", _RELATIONS)

# What Word, WPS and SharePoint say of people outside the text: an empty part in its place. By its
# name or, as other programs call it otherwise, by the namespace at its beginning.
_HEAD = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_OFFICE = b"http://schemas.openxmlformats.org/officeDocument/2006/"
_ABOUT = (
    ("docProps/core.xml", b"cp:coreProperties", b"http://schemas.openxmlformats.org/package/2006/metadata/core-properties"),
    ("docProps/app.xml", b"cp:Properties", _OFFICE + b"extended-properties"),
    ("docProps/custom.xml", b"cp:Properties", _OFFICE + b"custom-properties"),
    ("customXml/", b"cp:properties", b"http://schemas.microsoft.com/office/2006/metadata/properties"),
    ("docMetadata/LabelInfo.xml", b"cp:labelList", b"http://schemas.microsoft.com/office/2020/mipLabelMetadata"),
)  # fmt: skip
_BEGINNING = 4096
_NAMED = re.compile(rb"""(\s(?:\w+:)?(?:author|initials|userId|providerId)=)("[^"]*"|'[^']*')""")


def pdf(content: bytes) -> bytes | None:
    """Return a PDF without its makers; None if nobody could open it, or not without a password."""
    try:
        with pikepdf.open(io.BytesIO(content)) as file:
            if not len(file.pages):
                return None
            if int(file.Root.get("/AcroForm", {}).get("/SigFlags", 0)) & 1:
                return None if any(map(_acts, file.objects)) else content
            _SCRUBBER.apply(file)
            if "/Info" in file.trailer:
                del file.trailer["/Info"]
            for page in file.pages:
                for note in page.obj.get("/Annots", []):
                    if "/T" in note and note.get("/Subtype") != "/Widget":  # or a field's name
                        del note["/T"]
            for thing in file.objects:
                if isinstance(thing, pikepdf.Dictionary | pikepdf.Stream) and "/Metadata" in thing:
                    del thing["/Metadata"]
                if isinstance(thing, pikepdf.Stream) and thing.get("/Filter") in _PHOTOS:
                    photo, parms = _without_notes(thing.read_raw_bytes()), thing.get("/DecodeParms")
                    thing.write(photo, filter=thing.Filter, decode_parms=parms)
                elif isinstance(thing, pikepdf.Stream) and _is_packed(thing):
                    photo = zlib.decompressobj().decompress(thing.read_raw_bytes(), MAX_UNPACKED)
                    thing.write(_without_notes(photo), filter=pikepdf.Name.DCTDecode)
            out = io.BytesIO()
            decode = pikepdf.StreamDecodeLevel.none
            file.save(out, encryption=False, stream_decode_level=decode, deterministic_id=True)
            return out.getvalue()
    except Exception:
        # As with pictures: hostile bytes raise errors of every class.
        return None


def _is_packed(thing):
    return thing.get("/Filter") == _PACKED_PHOTO and "/DecodeParms" not in thing


def _acts(thing):
    """Say whether an object of a PDF holds a script, a file, or a way out, at any depth of its own."""
    if isinstance(thing, pikepdf.Stream):
        thing = thing.stream_dict
    if isinstance(thing, pikepdf.Dictionary):
        if _ACTIVE & set(thing.keys()) or str(thing.get("/S", "")) in _ACTIONS:
            return True
        parts = [value for _name, value in thing.items()]
    else:
        parts = list(thing) if isinstance(thing, pikepdf.Array) else []
    inside = (part for part in parts if isinstance(part, pikepdf.Object) and not part.is_indirect)
    return any(map(_acts, inside))


def _without_notes(photo):
    """Return a JPEG without what a camera or a program noted in it, its picture as it was."""
    out, at = [photo[:2]], 2
    while photo[at : at + 1] == b"\xff" and photo[at + 1 : at + 2] != _SCAN:
        end = at + 2 + int.from_bytes(photo[at + 2 : at + 4])
        if photo[at + 1 : at + 2] not in _NOTES:
            out.append(photo[at:end])
        at = end
    return b"".join([*out, photo[at:]])


def docx(content: bytes, picture) -> bytes | None:
    """Return a Word file without its makers; None if it isn't whole, too large, or has macros.

    picture: gives a picture's cleaned bytes, None of what is no picture; raises ValueError of one
    that cannot be cleaned.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if not _is_docx(archive.infolist()):
                return None
            out = io.BytesIO()
            with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
                for part in archive.infolist():
                    # A new entry has no time; reading one checks its size and checksum.
                    entry = zipfile.ZipInfo(part.filename)
                    entry.compress_type = zipfile.ZIP_DEFLATED
                    made.writestr(entry, _cleaned(part.filename, archive.read(part), picture))
            return out.getvalue()
    except Exception:
        # As above.
        return None


def _is_docx(parts):
    names = {part.filename for part in parts}
    return (
        {"[Content_Types].xml", "word/document.xml"} <= names
        and len(names) == len(parts)  # or readers would differ about which of two is meant
        and not any(".." in name or name.startswith("/") for name in names)
        and not any(name.lower().endswith("vbaproject.bin") for name in names)
        and len(parts) <= MAX_PARTS
        and sum(part.file_size for part in parts) <= MAX_UNPACKED
        and sum(part.file_size for part in parts if _is_text(part.filename)) <= MAX_TEXT
        and sum(part.file_size for part in parts if _is_relation(part.filename)) <= MAX_RELATIONS
    )


def _is_text(name):
    return name.startswith("word/") and name.endswith(".xml")


def _is_relation(name):
    return name.lower().endswith(".rels")


def _cleaned(name, content, picture):
    if _is_relation(name):
        return _kept_inside(content)
    if _is_text(name):
        return _unnamed(content)
    for called, root, space in _ABOUT:
        if name == called or space in content[:_BEGINNING]:
            return b'%s<%s xmlns:cp="%s"/>' % (_HEAD, root, space)
    return picture(content) or content  # whatever it is called


def _kept_inside(content):
    """Return a part's references: none leads out of the file but a link that somebody clicks.

    A template or picture elsewhere would be loaded as the letter is opened, and tell that it is.
    Raises: ValueError for macros; ElementTree.ParseError.
    """
    root = ElementTree.fromstring(content)  # noqa: S314  expat loads nothing, and bounds entities
    for one in root.iter():
        kind = one.get("Type", "").rsplit("/", 1)[-1].lower()
        if kind in _MACROS:
            raise ValueError("macros")
        if one.get("TargetMode", "").lower() == "external" and kind != "hyperlink":
            one.set("Target", _NOWHERE)
    return ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _unnamed(content):
    """Return XML with empty names of people; piece by piece, for a hostile one has millions.

    Raises: ValueError for a coding in which no name would be found; no program we know writes it.
    """
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise ValueError("UTF-16")
    out, done = io.BytesIO(), 0
    for found in _NAMED.finditer(content):
        out.write(content[done : found.end(1)])
        out.write(b'""')
        done = found.end()
    out.write(content[done:])
    return out.getvalue()
