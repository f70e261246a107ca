"""PDF and Word files lose what they say of their makers, and nothing that stands on their pages."""

import io
import zipfile
import zlib

import pikepdf
import pytest
from PIL import Image

from cases import filetypes, papers
from tests.files import docx, pdf

NAME = "张三丰"
OWN = NAME.encode()


def named(file):
    """Write the name wherever a PDF says who made it, and once where it is part of a page."""
    file.docinfo["/Author"] = NAME
    with file.open_metadata() as about:
        about["dc:creator"] = [NAME]
    page = file.pages[0]
    note = {"/Type": pikepdf.Name.Annot, "/Subtype": pikepdf.Name.Text, "/Rect": [0, 0, 9, 9]}
    page.Annots = pikepdf.Array([pikepdf.Dictionary({**note, "/T": NAME, "/Contents": "看这里"})])
    page.PieceInfo = pikepdf.Dictionary({"/Word": pikepdf.Dictionary({"/Private": NAME})})
    page.Metadata = pikepdf.Stream(file, OWN)


def everything_in(content):
    """Return all that a PDF says, in one text."""
    with pikepdf.open(io.BytesIO(content)) as file:
        said = [str(file.trailer.keys())]
        for thing in file.objects:
            said.append(repr(thing))
            if isinstance(thing, pikepdf.Stream):
                said.append(thing.read_bytes().decode("utf-8", "replace"))
    return "".join(said)


def test_pdf_keeps_its_pages_and_comments_and_loses_who_made_it():
    content = pdf(named)
    assert NAME in everything_in(content)
    told = everything_in(papers.pdf(content))
    assert NAME not in told and "看这里" in told and "/Info" not in told


def test_pdf_takes_no_other_files_along():
    """A program, or a photograph with its place, lay in a PDF that was taken for one."""

    def packed(file):
        file.attachments["a.exe"] = pikepdf.AttachedFileSpec(file, b"MZ " + OWN)
        pinned = pikepdf.AttachedFileSpec(file, b"pinned " + OWN).obj
        note = {"/Subtype": pikepdf.Name.FileAttachment, "/Rect": [0, 0, 9, 9], "/FS": pinned}
        file.pages[0].Annots = pikepdf.Array([file.make_indirect(pikepdf.Dictionary(note))])
        file.Root.AF = pikepdf.Array([pinned])

    name, content = OWN.decode(), pdf(packed)
    assert everything_in(content).count(name) >= 2
    assert name not in everything_in(papers.pdf(content))


def test_pdf_keeps_the_names_of_its_form_fields():
    def field(file):
        box = {"/Subtype": pikepdf.Name.Widget, "/Rect": [0, 0, 9, 9], "/T": "地址"}
        box = file.make_indirect(pikepdf.Dictionary(box))
        file.pages[0].Annots = pikepdf.Array([box])
        file.Root.AcroForm = pikepdf.Dictionary({"/Fields": [box]})

    assert "地址" in everything_in(papers.pdf(pdf(field)))


def test_pdf_has_no_earlier_version_of_itself():
    """A program that saves a change at the end leaves the deleted text before it."""
    content = pdf()
    assert b"secret" not in papers.pdf(content + b"9 0 obj (secret) endobj\n" + content[-200:])


@pytest.mark.parametrize("packed", [False, True])
def test_photo_in_a_pdf_loses_its_place_and_stays_the_same_picture(packed):
    photo = photo_with_place()
    image = {"/Type": pikepdf.Name.XObject, "/Subtype": pikepdf.Name.Image}
    image |= {"/Width": 300, "/Height": 200, "/ColorSpace": pikepdf.Name.DeviceGray}
    image |= {"/BitsPerComponent": 8, "/Filter": pikepdf.Name.DCTDecode}
    if packed:
        image["/Filter"] = pikepdf.Array([pikepdf.Name.FlateDecode, pikepdf.Name.DCTDecode])

    def shown(file):
        stream = pikepdf.Stream(file, zlib.compress(photo) if packed else photo, image)
        file.pages[0].Resources = pikepdf.Dictionary({"/XObject": {"/a": stream}})

    with pikepdf.open(io.BytesIO(papers.pdf(pdf(shown)))) as file:
        kept = pikepdf.PdfImage(file.pages[0].Resources.XObject["/a"])
        assert b"Exif" not in kept.obj.read_raw_bytes()
        assert kept.as_pil_image().tobytes() == Image.open(io.BytesIO(photo)).tobytes()


def photo_with_place():
    out, exif = io.BytesIO(), Image.Exif()
    exif[0x8825] = {1: "N", 2: (23.0, 7.0, 0.0)}
    Image.effect_noise((300, 200), 50).save(out, "JPEG", exif=exif, comment="东莞")
    assert b"Exif" in out.getvalue()
    return out.getvalue()


def test_signed_pdf_is_kept_as_it_is():
    content = pdf(lambda file: file.Root.update({"/AcroForm": {"/SigFlags": 3}}))
    assert papers.pdf(content) == content


SCRIPT = {"/S": pikepdf.Name.JavaScript, "/JS": "app.alert(1)"}


@pytest.mark.parametrize(
    "change",
    [
        lambda file: file.Root.update({"/OpenAction": SCRIPT}),
        lambda file: file.Root.update(
            {"/OpenAction": file.make_indirect(pikepdf.Dictionary(SCRIPT))}
        ),
        lambda file: file.Root.update({"/Names": {"/EmbeddedFiles": {"/Names": []}}}),
        lambda file: file.pages[0].obj.update({"/Annots": [{"/A": {"/S": pikepdf.Name.Launch}}]}),
        lambda file: file.pages[0].obj.update({"/AA": {"/O": SCRIPT}}),
    ],
)
def test_pdf_that_only_says_it_is_signed_takes_no_script_along(change):
    def hostile(file):
        file.Root.update({"/AcroForm": {"/SigFlags": 1}})
        change(file)

    assert papers.pdf(pdf(hostile)) is None
    assert b"alert" not in papers.pdf(pdf(change))


def test_pdf_that_opens_with_a_password_alone_is_refused():
    assert papers.pdf(pdf(encryption=pikepdf.Encryption(owner="a", user="b"))) is None
    assert papers.pdf(pdf(encryption=pikepdf.Encryption(owner="a", user="")))


def test_pdf_that_would_fill_the_memory_is_refused():
    packed = zlib.compress(bytes(papers.MAX_UNPACKED + 1), 9)
    bomb = (
        b"%PDF-1.5\n1 0 obj\n<</Type/XRef/Size 2/W[1 2 1]/Filter/FlateDecode/Root 2 0 R/Length "
        + b"%d>>\nstream\n" % len(packed)
    )
    content = bomb + packed + b"\nendstream\nendobj\nstartxref\n9\n%%EOF\n"
    assert papers.pdf(content) is None


PARTS = {
    "docProps/core.xml": b"<dc:creator>" + OWN + b"</dc:creator>",
    "docProps/app.xml": b"<Company>" + OWN + b"</Company>",
    "docProps/custom.xml": OWN,
    "package/services/metadata/core-properties/1.psmdcp": b'<cp:coreProperties xmlns:cp="http://schemas'
    b'.openxmlformats.org/package/2006/metadata/core-properties">' + OWN,
    "customXml/item1.xml": b'<p:properties xmlns:p="http://schemas.microsoft.com/office/2006/metadata/'
    b'properties"><DisplayName>' + OWN,
    "word/comments.xml": b'<w:comment w:author="' + OWN + b"\" w:initials='" + OWN + b"'>x",
    "word/people.xml": b'<w15:person w15:author="' + OWN + b'"/>',
}


def test_word_file_keeps_its_text_and_loses_who_made_it():
    content = docx({**PARTS, "word/document.xml": "<w:t>我叫张三丰</w:t>".encode()})
    kind, made = filetypes.cleaned(content)
    assert kind == filetypes.DOCX
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
        assert all(part.date_time[0] == 1980 for part in archive.infolist())
    assert [name for name, part in parts.items() if OWN in part] == ["word/document.xml"]
    assert parts["word/comments.xml"] == b'<w:comment w:author="" w:initials="">x'
    hidden = {"word/comments.xml": '<w:comment w:author="张三丰"/>'.encode("utf-16")}
    assert filetypes.cleaned(docx(hidden)) is None


ELSEWHERE = "http://evil.example/a.dotm"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def relations(kind, mode="External", head="", name="Relationship"):
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    one = f'<{name} Id="r" Type="{OFFICE}/{kind}" Target="{ELSEWHERE}" TargetMode="{mode}"/>'
    return f'{head}<Relationships xmlns="{space}" xmlns:p="{space}">{one}</Relationships>'


def references(rels, name="word/_rels/settings.xml.rels"):
    """Return the references of a Word file with these as they are kept, or None if it is refused."""
    made = papers.docx(docx({name: rels}), lambda content: None)
    return made and zipfile.ZipFile(io.BytesIO(made)).read(name).decode()


@pytest.mark.parametrize("kind", ["attachedTemplate", "image", "oleObject", "frame", "video"])
def test_word_file_loads_nothing_from_elsewhere_when_it_is_opened(kind):
    """A template elsewhere is fetched by the officer's Word, with its macros, and tells who reads."""
    for rels in (
        relations(kind),
        relations(kind, mode="&#69;xternal"),
        relations(kind, name="p:Relationship"),
        relations(kind, head='<?xml version="1.0" encoding="UTF-16"?>').encode("utf-16"),
        relations(kind, head="<!DOCTYPE a [<!ENTITY x 'y'>]>"),
    ):
        assert ELSEWHERE not in references(rels) and "Normal.dotm" in references(rels)
    assert ELSEWHERE in references(relations("hyperlink"))  # which somebody clicks, or does not
    inside = relations(kind, mode="Internal").replace(ELSEWHERE, "media/a.png")
    assert references(inside).count("media/a.png") == 1 and "xmlns:ns0" not in references(inside)


@pytest.mark.parametrize(
    "rels", [relations("vbaProject", "Internal"), relations("aFChunk"), "<a", ""]
)
def test_word_file_with_macros_by_any_name_is_refused(rels):
    assert references(rels, "word/_rels/document.xml.rels") is None


@pytest.mark.parametrize("content", [b"%PDF-", b"%PDF-1.7\n%%EOF", b"%PDF-" + bytes(10_000)])
def test_what_no_reader_opens_is_no_pdf(content):
    assert papers.pdf(content) is None


def drawn(size=(30, 20)):
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    ("parts", "taken"),
    [
        ({"word/a.xml": b'<a author="x"/>' * 6, "word/media/1.png": drawn()}, True),
        ({"word/a.xml": b'<a author="x"/>' * 7}, False),  # more text than a letter needs
        ({f"word/media/{n}.png": drawn() for n in range(2)}, True),
        ({f"word/media/{n}.png": drawn() for n in range(3)}, False),  # more to decode
        ({"word/media/1.png": b"no picture"}, True),
        ({"../../word/x.bin": b""}, False),
        ({"/word/x.bin": b""}, False),
    ],
)
def test_word_file_that_would_keep_the_server_busy_is_refused(monkeypatch, parts, taken):
    monkeypatch.setattr(papers, "MAX_TEXT", 100)
    monkeypatch.setattr(filetypes, "MAX_PIXELS_INSIDE", 1200)
    assert bool(filetypes.cleaned(docx(parts))) == taken


def test_picture_that_cannot_be_cleaned_takes_no_place_along_in_a_word_file(monkeypatch):
    photo = photo_with_place()
    names, damaged = ("word/media/1.jpg", "word/media/2.jfif", "media/3.dat"), photo[:-5000]
    _kind, whole = filetypes.cleaned(docx(dict.fromkeys(names, photo)))
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        assert not any(b"Exif" in archive.read(name) for name in names)
    assert filetypes.cleaned(docx({"word/media/1.jpg": damaged})) is None
    monkeypatch.setattr(filetypes, "MAX_PIXELS", 300 * 200 - 1)
    assert filetypes.cleaned(docx({"word/media/1.jpg": photo})) is None


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_word_file_with_two_parts_of_one_name_is_refused():
    out = io.BytesIO(docx())
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("word/document.xml", b"<another/>")
    assert filetypes.cleaned(out.getvalue()) is None


HTML = b"<!doctype html><script>alert(1)</script>"


@pytest.mark.parametrize(
    "content", [pdf() + HTML, pdf() + docx(), docx() + HTML, docx() + pdf(), drawn() + docx()]
)
def test_file_that_is_two_at_once_is_kept_as_one_of_them(content):
    kind, kept = filetypes.cleaned(content)
    starts = {"application/pdf": b"%PDF-", "image/png": b"\x89PNG", filetypes.DOCX: b"PK"}
    assert kept.startswith(starts.pop(kind)) and b"<script>" not in kept
    assert not any(other in kept for other in starts.values() if len(other) > 2)
    assert kind == filetypes.DOCX or b"word/document.xml" not in kept
