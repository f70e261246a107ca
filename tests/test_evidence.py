"""Files beside a return or a note: who may lay them there, who gets them, and what is refused."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from cases import actors, attachments, worlds
from cases.models import Case, Draft, Event, Evidence
from cases.transitions import State
from cases.workflow import perform
from tests.citizens import open_letter, send
from tests.files import PDF
from tests.people import MORNING, WALKS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("whole_log")]
RETURN = {"return_reason": "not_our_area", "text": "地图显示在东莞。"}


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def paper(name="地图.pdf", content=PDF):
    return SimpleUploadedFile(name, content, "application/pdf")


def act(client, case, action, **typed):
    return client.post(f"/desk/{case.letter.receipt}/{action}/", {"seen": case.seq, **typed})


def kept(media):
    return [path for path in media.rglob("*") if path.is_file()]


def test_return_carries_files_that_officers_get_and_nobody_else(
    desk, client, cast, make_officer, media
):
    case = cast.make_case(State.DISPATCHED)
    assert (
        'enctype="multipart/form-data"'
        in desk.get(f"/desk/{case.letter.receipt}/").content.decode()
    )
    answer = act(desk, case, "return_to_desk", **RETURN, files=[paper(), paper("照片说明.pdf")])
    assert answer.status_code == 302
    event = Event.objects.get(action="return_to_desk")
    assert [one.name for one in event.evidence.order_by("pk")] == ["地图.pdf", "照片说明.pdf"]
    assert event.data == {"return_reason": "not_our_area"} and len(kept(media)) == 2
    page = desk.get(f"/desk/{case.letter.receipt}/").content.decode()
    address = f"/desk/{case.letter.receipt}/evidence/{event.evidence.first().pk}/"
    assert address in page and "地图.pdf" in page
    assert "地图.pdf" in desk.get(f"/desk/{case.letter.receipt}/print/").content.decode()
    file = desk.get(address)
    assert (file.content[:5], file["X-Content-Type-Options"]) == (b"%PDF-", "nosniff")
    assert file["Content-Disposition"].startswith("attachment")
    other = cast.make_case()
    client.force_login(make_officer("handle_case", unit="441900"))
    absent = client.get("/desk/PA-AAAA-AAAA-AA/evidence/1/")
    for hidden in (address, address.replace(case.letter.receipt, other.letter.receipt)):
        answer = client.get(hidden)
        assert (answer.status_code, answer.content) == (404, absent.content)
    client.force_login(cast.writer)
    wrong = address.replace(case.letter.receipt, other.letter.receipt)
    assert client.get(wrong).status_code == 404


def test_recused_officer_gets_no_file(desk, client, cast, make_officer):
    case = cast.make_case(State.IN_HAND)
    act(desk, case, "note", text="材料见附件。", files=[paper()])
    officer = make_officer("handle_case", unit="440304")
    client.force_login(officer)
    address = f"/desk/{case.letter.receipt}/evidence/{Evidence.objects.get().pk}/"
    assert client.get(address).status_code == 200
    cast.step(case.pk, "recuse", officer=officer, recusal_reason="interest")
    assert client.get(address).status_code == 404


def test_writer_sees_nothing_of_it(client, cast):
    receipt, code = send(client)
    case = Case.objects.get(letter__receipt=receipt)
    for action, fields in WALKS[State.DISPATCHED]:
        cast.step(case.pk, action, at=worlds.now(), **fields)
    files = [attachments.store(paper("内部地图.pdf"))]
    who = {"actor": actors.officer(cast.writer), "at": worlds.now()}
    perform(case.pk, "return_to_desk", **who, files=files, **RETURN)
    page = open_letter(client, receipt, code)
    assert page.status_code == 200 and "内部地图" not in page.text and "evidence" not in page.text
    address = f"/desk/{receipt}/evidence/{Evidence.objects.get().pk}/"
    assert client.get(address).status_code == 302  # to the sign-in


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([paper("空.pdf", b"")], "是空的"),
        ([paper("脚本.pdf", b"<script>alert(1)</script>")], "无法接收"),
        ([paper(), paper("假.pdf", b"GIF89a")], "无法接收"),
        ([paper(f"{n}.pdf") for n in range(6)], "附件最多5个"),
    ],
)
def test_bad_file_is_said_at_its_field_and_keeps_what_was_typed(desk, cast, media, files, said):
    case = cast.make_case(State.DISPATCHED)
    for file in files:
        file.seek(0)
    answer = act(desk, case, "return_to_desk", **RETURN, files=files)
    text = answer.content.decode()
    assert answer.status_code == 409 and said in text and "地图显示在东莞。" in text
    [form] = [form for form in answer.context["steps"]["moves"] if form.errors]
    assert list(form.errors) == ["files"] and said in form.errors["files"][0]
    good = min(5, sum(file.name != "假.pdf" for file in files)) if len(files) > 1 else 0
    assert len(words(answer)) == len(kept(media)) == good  # what was good need not be chosen again
    assert not Event.objects.filter(action="return_to_desk") and Draft.objects.get().typed["text"]


def words(answer):
    """Return the words by which a page lists the files that it has kept."""
    return re.findall(r'name="kept" value="([^"]+)" checked', answer.text)


def test_files_of_a_refused_step_stay_on_its_page_and_go_with_it_then(desk, cast, media):
    case = cast.make_case(State.DISPATCHED)
    answer = act(desk, case, "return_to_desk", return_reason="not_our_area", files=[paper()])
    assert answer.status_code == 409
    (word,) = words(answer)
    other = act(desk, cast.make_case(State.DISPATCHED), "return_to_desk", **RETURN, kept=word)
    assert other.status_code == 409 and "附件已不在" in other.text  # they are this step's alone
    for _time in range(2):
        assert act(desk, case, "return_to_desk", **RETURN, kept=word).status_code == 302
    assert Evidence.objects.get().name == "地图.pdf" and len(kept(media)) == 1


def test_repeated_step_leaves_no_file_behind(desk, cast, media):
    case = cast.make_case(State.DISPATCHED)
    for _time in range(2):
        assert act(desk, case, "return_to_desk", **RETURN, files=[paper()]).status_code == 302
    assert Evidence.objects.count() == len(kept(media)) == 1


def test_lost_file_is_said_and_other_steps_take_none(desk, cast, media):
    case = cast.make_case(State.IN_HAND)
    act(desk, case, "note", text="材料。", files=[paper()])
    for path in kept(media):
        path.unlink()
    answer = desk.get(f"/desk/{case.letter.receipt}/evidence/{Evidence.objects.get().pk}/")
    assert answer.status_code == 404 and "已不在服务器上" in answer.content.decode()
    case.refresh_from_db()
    act(desk, case, "feedback", text="已到现场。", files=[paper()])
    assert Event.objects.filter(action="feedback").exists() and Evidence.objects.count() == 1
    with pytest.raises(ValueError):
        files = [attachments.store(paper())]
        perform(case.pk, "sign", actor=actors.officer(cast.writer), at=MORNING, files=files)


def test_text_in_the_place_of_a_file_is_none(desk, cast):
    case = cast.make_case(State.IN_HAND)
    assert act(desk, case, "note", text="材料。", files="x\x00y").status_code == 302
    assert not Evidence.objects.exists()
