"""The letters of a year by planted people: every way in, what is done with them, and what goes wrong."""

import re
import uuid
from contextlib import suppress

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import DatabaseError, connection

from cases.models import Case, DataRequest, PublicAnswer, Trouble
from config.celery import app
from mailbox import notices, sending
from tests.carriers import SENT
from tests.citizens import typed
from tests.files import PDF
from tests.planted import CHILD, GIVEN, Refusing, Visitor, person, place, planted
from tests.planted_steps import ANSWER, CLUE, COMPLAINT, MUCH, SIGNED, WORDS
from tests.test_letter_import import text_of, upload
from tests.test_writing import Walker


def in_steps_by_several(year):
    client = Visitor(REMOTE_ADDR=place(0))
    together = "、".join(f"仝{GIVEN[n]}" for n in (10, 11))
    others = {"acting": "joint", "together": together, "consent": "on"}
    walker = Walker(client, **person(0), **others)
    client.post("/write/steps/person/", {**walker.said, "phone": "1"})
    walker.to_check()
    answer = walker.send()
    year.open(0, client, answer)
    year.walk(0, [("accept", {}), ("ask_citizen", {"text": "请说明具体路口。"})])
    year.by_writer(client, "supply", text="在学校门口的路口。")
    year.walk(0, [*MUCH[1:], *ANSWER[:2], ("send_back_reply", {"text": WORDS}), *ANSWER[1:]])
    year.by_writer(client, "rate", satisfied="no", solved="no", text="还没有修好。")
    year.by_writer(client, "reopen", text="灯还是坏的。")
    year.walk(0, ANSWER)
    year.by_writer(client, "thank", form="letter", text="谢谢。")
    year.by_writer(client, "close")
    client.post("/follow/case/consent/", {"consent": "yes"})
    _publish(year, 0)


def _publish(year, number):
    """Publish the answer; what its draft says of the writer is struck."""
    told = person(number)
    text = {
        "title": "路口红绿灯坏了向谁反映",
        "question": f"{told['name']}问：小区附近路口的信号灯损坏，应当向哪里反映？",
        "answer": f"可以拨打当地交警电话，或在网上反映。{told['phone']} {told['email']}",
    }
    address = f"/desk/publishing/{year.case(number).letter.receipt}/"
    year.officer().post(address, {"step": "write", **text})
    version = PublicAnswer.objects.get().version
    year.officer(year.cast.reviewer).post(address, {"step": "publish", "version": version})
    visitor = Visitor()
    assert visitor.get(f"/answers/{PublicAnswer.objects.get().pk}/").status_code == 200
    visitor.get("/answers/?q=红绿灯")


def report_by_a_company(year):
    company = planted("岭彧峤翯玻璃厂")
    client = year.write(
        1, who=["passport"], kind="report", acting="company", company=company, consent="on"
    )
    year.walk(1, CLUE)
    _reveal(year, 1)
    client.get("/follow/case/")


def _reveal(year, number):
    """Show who wrote: without a reason, then with one; look for them by each number."""
    receipt, told = year.case(number).letter.receipt, year.told[number]
    for reason in ("", "需要电话核实情况"):
        shown = year.officer().post(f"/desk/{receipt}/identity/", {"reason": reason})
    assert told["phone"] in shown.text
    for name in ("phone", "id_number", "email"):
        year.officer().post("/desk/search/", {"q": told[name]})
        asked = {"number": told[name], "reason": "核对是否同一来信人"}
        year.officer().post("/desk/search/writer/", asked)
        year.officer().post("/desk/search/prepare/", {})
    _look_on_the_list(year, told["phone"])


def _look_on_the_list(year, said):
    """Narrow the list by what somebody said of themself; keep it as a view, take it away as a file."""
    officer = year.officer()
    address = officer.post("/desk/", {"scope": "all", "q": said}).url.removeprefix("/desk/")
    officer.post("/desk/views/", {"name": said, "address": address})
    officer.post("/desk/export/", {"address": address})


def in_traditional_by_a_child(year):
    client = Visitor(REMOTE_ADDR=place(2), HTTP_ACCEPT_LANGUAGE="zh-hant")
    client.cookies["django_language"] = "zh-hant"
    guardian = {"guardian": f"仝{GIVEN[9]}", "guardian_phone": planted("15473955268")}
    year.write(2, client, ["id_card", CHILD], **guardian, guardian_consent="on")
    year.by_writer(client, "withdraw", text="不用办了。")


def by_clerk_and_merged(year):
    told = person(3, "hk_macau_permit")
    letter = {**typed(**told), "channel": "paper"}
    clerk = year.officer()
    clerk.post("/desk/enter/", {**letter, "title": "短"})
    year.keep(3, clerk.post("/desk/enter/", letter))
    year.write(4, None, ["taiwan_permit"], acting="other", for_person="仝" + GIVEN[8], consent="on")
    into = year.case(3).letter.receipt
    year.walk(4, [("accept", {}), ("merge", {"into": into})])
    year.walk(3, [*SIGNED, *ANSWER])


def from_another_platform(year):
    a, b = person(5), person(6)
    kept = f"GD-71,夜间烧烤店噪音扰民,楼下烧烤店每晚营业到两点，噪音很大。,求助,{a['name']},{a['phone']},"
    bad = f"GD-72,短,,什么,{b['name']},{b['phone']},火星信箱"
    clerk = year.officer()
    asked = {"platform": "12345", "mailbox": "440300"}
    shown = clerk.post("/desk/import/", {**asked, "file": upload(text_of(kept, bad))})
    columns = {f"column-{f}": "" if c is None else c for f, _label, c in shown.context["fields"]}
    year.look()  # the file is kept until it is taken
    for do in ("bad", "take"):
        said = {**asked, **columns, "token": shown.context["token"], "do": do}
        clerk.post("/desk/import/", said)
    year.letters[5] = Case.objects.get(letter__title="夜间烧烤店噪音扰民").pk
    refused = [("decline", {"decline_reason": "not_ours", "elsewhere": "12345"})]
    year.walk(5, [*refused, ("retract_decline", {}), *refused])


def confidential_with_own_data(year):
    year.write(6, confidential="on")
    year.walk(6, [*SIGNED, *ANSWER])
    client = year.write(7)
    year.walk(7, [*SIGNED, *ANSWER])
    year.by_writer(client, "close")
    told, receipt = person(7), year.case(7).letter.receipt
    client.post("/follow/phone/", {"phone": told["phone"]})
    client.post("/follow/phone/code/", {"code": "000000"})
    code = re.search(r"\d{6}", SENT[-1][1])[0]
    assert client.post("/follow/phone/code/", {"code": code}).url == "/follow/mine/"
    for address in ("/follow/mine/", "/follow/mine/data/"):
        assert client.get(address).status_code == 200
    client.post("/follow/mine/code/", {"receipt": receipt, "sure": "1"})
    client.post("/follow/mine/open/", {"receipt": receipt})
    other = planted("15473988268")
    client.post("/follow/mine/data/", {"phone": "1", "email": told["email"]})
    client.post(
        "/follow/mine/data/", {"phone": other, "email": planted("zq77wkx") + "@planted.example"}
    )
    _decide(year, "granted")
    client.post("/follow/phone/", {"phone": other})
    code = re.search(r"\d{6}", SENT[-1][1])[0]
    client.post("/follow/phone/code/", {"code": code})
    client.post("/follow/mine/data/copy/", {"receipt": receipt, "id_number": told["id_number"]})
    client.post("/follow/mine/data/erase/", {"receipt": receipt})
    year.officer().get("/desk/own-data/")
    year.beat()
    _decide(year, "refused", "kept")


def _decide(year, decision, reason=""):
    for asked in DataRequest.objects.filter(decision=""):
        said = {"request": asked.pk, "decision": decision, "reason": reason}
        year.officer().post("/desk/own-data/", said)


def what_goes_wrong(year):
    told = person(8)
    visitor = Visitor(REMOTE_ADDR=place(8))
    for name, content in ((f"{told['name']}.exe", b"MZ"), (f"{told['phone']}.png", b"\x89PNG\r\n")):
        said = typed(**told)
        visitor.post("/write/", {**said, "attachments": SimpleUploadedFile(name, content)})
        visitor.post("/write/steps/files/", {"attachments": SimpleUploadedFile(name, content)})
    visitor.post(
        "/write/", typed(**told, attachments=SimpleUploadedFile("plan.pdf", PDF), back="1")
    )
    for wrong in ({"email": "x"}, {"phone": "1"}, {"id_number": "1"}, {"mailbox": "x"}):
        visitor.post("/write/", typed(**{**told, **wrong}))
    visitor.post("/follow/", {"receipt": told["name"], "code": told["phone"]})
    visitor.get(f"/{told['phone']}/{told['name']}/")
    visitor.post("/desk/", {"username": told["email"]})
    visitor.post("/admin/login/", {"username": told["email"], "password": told["phone"]})
    visitor.post("/write/steps/person/", typed(**told))
    with suppress(DatabaseError), connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0 WHERE %s <> ''", [told["name"]])
    _elsewhere(visitor)
    fault = ValueError(" ".join(told.values()))
    with year.patch.context() as patch:
        patch.setattr(sending, "known", _raising(fault))
        assert visitor.post("/write/", typed(**told)).status_code == 500
        patch.setattr(notices, "_collect", _raising(fault))
        app.tasks["mailbox.tasks.send_notices"].apply()
        year.look()  # the trouble is forgotten with the next one that goes well
        for page in ("change", "history"):
            trouble = f"/admin/cases/trouble/{Trouble.objects.get().pk}/{page}/"
            assert year.officer(year.chief).get(trouble).status_code == 200
    year.settings.SMS_PROVIDER = "tests.carriers.busy"
    known, year.settings.EMAIL_BACKEND = (
        year.settings.EMAIL_BACKEND,
        f"{Refusing.__module__}.Refusing",
    )
    visitor.post("/follow/phone/", {"phone": told["phone"]})
    year.write(8)
    for hours in range(1, 8):
        year.to(7, 12, 10 + hours, ["mailbox.tasks.send_notices"])
    year.settings.SMS_PROVIDER, year.settings.EMAIL_BACKEND = "tests.carriers.carrier", known


def _elsewhere(visitor):
    """Look at what stands beside letters, while one is being written."""
    for path in ("", "style", "questions", "write/begin", "write/check", "write/cleared"):
        visitor.get(f"/{path}/".replace("//", "/"))
    for path in ("/health", "/health/ready", "/favicon.ico"):
        visitor.get(path)
    visitor.post("/display/", {"display": "large"})
    visitor.post("/i18n/setlang/", {"language": "en"})
    visitor.post("/i18n/setlang/", {"language": "zh-hans"})
    Visitor().post("/write/clear/")


def _raising(fault):
    def fail(*_arguments, **_more):
        raise fault

    return fail


def many_at_once(year):
    for number in (8, 9):
        year.write(number, key=str(uuid.uuid4()))
    said = {"which": "all", "address": "?scope=all", "action": "accept", "said": "1"}
    batch = year.officer().post("/desk/bulk/", said).url
    year.officer().post(f"{batch}do/")
    year.officer().get(batch)
    year.officer().get(f"{batch}results.csv")
    for name in ("phone", "id_number", "email"):  # what an officer narrows a list by
        _look_on_the_list(year, year.told[9][name])
    call_command("recompute_deadlines")


def complaint_that_goes_elsewhere(year):
    client = year.write(10, who=["hk_macau_permit"], kind="complaint")
    year.walk(10, COMPLAINT)
    year.walk(10, [*ANSWER, ("call_back", {"reached": "yes", "text": WORDS})])
    client.get("/follow/case/data/")
    client.post("/follow/case/data/copy/", {"id_number": year.told[10]["id_number"]})
    client.post("/follow/case/data/erase/")
    client = year.write(11, who=["taiwan_permit"])
    year.walk(11, [("decline", {"decline_reason": "not_ours", "elsewhere": "12345"})])
    year.by_writer(client, "reconsider", text="请再看一看。")
    year.walk(11, [("accept", {}), ("transfer_out", {"elsewhere": "12345", "text": WORDS})])


LETTERS = (
    in_steps_by_several,
    report_by_a_company,
    in_traditional_by_a_child,
    by_clerk_and_merged,
    from_another_platform,
    confidential_with_own_data,
    what_goes_wrong,
    many_at_once,
    complaint_that_goes_elsewhere,
)
