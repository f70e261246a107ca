"""What officers do in a year beside handling: a letter goes from hand to hand, rules and accounts change."""

import re

from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from cases import worlds
from cases.models import Attachment, Evidence, Officer, PolicyVersion, ReplyTemplate, SavedView
from config.celery import app
from tests import devices, rosters, versions
from tests.files import PDF
from tests.planted import SAID, Visitor, person, planted
from tests.planted_steps import HANDLER, SIGNED, WORDS


def among_officers(year):
    """Letters go from hand to hand, and into one another."""
    among_colleagues(year)
    merged_and_taken_apart(year)


def among_colleagues(year):
    """A letter goes from hand to hand; beside it stand files, drafts and notes that name somebody."""
    rosters.put(year.handler)
    client = year.write(12, attachments=SimpleUploadedFile(f"{SAID}.pdf", PDF))
    receipt, file = year.case(12).letter.receipt, {"files": SimpleUploadedFile(f"{SAID}a.pdf", PDF)}
    year.by_writer(client, "add", text="现场照片见附件。", **file)
    other = {"officer": year.other.pk, "text": WORDS}
    year.walk(12, [*SIGNED, ("assign", {"officer": year.handler.pk})])
    year.walk(12, [("request_extension", {"days": "2", "text": WORDS})])
    year.walk(12, [("refuse_extension", {"text": WORDS})])
    year.walk(12, [("recuse", {**other, "recusal_reason": "other"}), ("end_recusal", other)])
    note = {"text": f"@other {WORDS}", "files": SimpleUploadedFile(f"{SAID}b.pdf", PDF)}
    year.walk(12, [("note", note), ("ask_citizen", {"text": WORDS}), ("retract_question", {})])
    mine, place = year.officer(year.handler), f"/desk/{receipt}/"
    for kind, model in (("attachment", Attachment), ("evidence", Evidence)):
        for row in model.objects.all():
            assert mine.get(f"{place}{kind}/{row.pk}/").status_code == 200
            client.get(f"/follow/case/{'files' if kind == 'attachment' else 'more'}/{row.pk}/")
    draft = {"seen": year.case(12).seq, "text": WORDS}
    assert mine.post(f"{place}draft/propose_reply/", draft).status_code == 200
    mine.post(f"{place}presence/")
    handed = {"giver": year.handler.pk, "taker": year.other.pk}
    year.officer().get("/desk/hand-over/", handed)
    handed["text"] = WORDS
    assert year.officer().post("/desk/hand-over/", handed).context["done"]
    year.officer(year.other).get("/desk/mentions/")
    year.officer(year.other).post("/desk/mentions/read/")
    year.walk(12, [("recuse", {**other, "recusal_reason": "relative"})])
    assert year.officer(year.other).get(place).status_code == 404
    client.post("/follow/case/notices/", {"way": "mail"})
    year.beat()
    assert client.post(re.search(r"/notices/stop/\S+", _mails())[0]).status_code == 200
    client.post("/follow/leave/")


def _mails():
    return "\n".join(one.body for one in mail.outbox)


def merged_and_taken_apart(year):
    """Two letters become one and two again; a third loses its main letter to its writer."""
    clients = {number: year.write(number) for number in (13, 14, 15)}
    receipts = {number: year.case(number).letter.receipt for number in clients}
    desk = year.officer()
    into = {"into": receipts[14]}
    for path in (f"/desk/triage/{receipts[13]}/", f"/desk/{receipts[13]}/beside/{receipts[14]}/"):
        assert desk.get(path).status_code == 200
    year.walk(13, [("accept", {}), ("merge", into), ("unmerge", {}), ("merge", into)])
    year.by_writer(clients[13], "add", text="灯还是坏的。")
    year.by_writer(clients[14], "withdraw", text="不用办了。")
    assert year.case(13).state == "accepted"  # the system has taken it out
    said = {"seen": year.case(15).seq, "decline_reason": "not_ours", "elsewhere": "12345"}
    assert desk.post(f"/desk/triage/{receipts[15]}/decline/", said).status_code == 302
    year.walk(15, [("retract_decline", {})])
    sent = {"kind": "help", "category": "traffic", "unit": HANDLER, "seen": year.case(15).seq}
    assert desk.post(f"/desk/triage/{receipts[15]}/send/", sent).status_code == 302
    year.walk(13, [("ask_citizen", {"text": WORDS})])  # nobody answers: it lapses
    later = worlds.now() + versions.HOUR
    versions.put(later, **{"city.default.reply": "15d"})
    year.to(later.month, later.day, 11)


def rules_and_accounts(year):
    """Rules and views change; officers sign in with a device, forget a password, and are locked out."""
    planned = (
        max(worlds.now(), timezone.now()) + 9 * versions.DAY
    )  # the database has a clock of its own
    later = versions.put(planned)
    chief, desk = year.officer(year.chief), year.officer()
    chief.get("/desk/policy/new/")
    said = chief.post(f"/desk/policy/{later.pk}/withdraw/", follow=True)
    assert PolicyVersion.objects.count() == 1, said.text
    desk.post("/desk/views/", {"name": "福田", "address": "?scope=all&kind=help"})
    view = SavedView.objects.get()
    desk.post(f"/desk/views/{view.pk}/rename/", {"name": "福田求助"})
    desk.post(f"/desk/views/{view.pk}/default/")
    ReplyTemplate.objects.create(name="开头", body="{称呼}：您好！" + WORDS)
    _device(year)
    _password(year)


def _device(year):
    """Sign in with the wrong things, bind a device, change it, and have it taken away."""
    told, browser = person(15), Visitor()
    year.settings.SECOND_FACTOR = True
    for typed in ({"name": told["name"]}, {"name": "other", "password": told["phone"]}):
        devices.give_password(browser, **typed)
    devices.give_password(browser, name="other")
    secret = planted(devices.secret_on(browser.get(devices.STEP)))
    devices.give(browser, told["phone"])
    shown = devices.give(browser, devices.code(secret=secret))
    codes = re.findall(r"<code>([\w-]+)</code>", devices.text(shown))
    assert len(codes) == 10 and planted(*codes)
    browser.post(devices.STEP)
    assert devices.signed_in(browser)
    for path in (
        devices.OWN,
        "/admin/session/",
        "/admin/session/own/",
        "/admin/password_change/done/",
        "/admin/",
    ):
        browser.get(path)
    assert browser.post(devices.OWN, {"code": codes[0], "device": "x"}).url == devices.STEP
    browser.post("/admin/logout/")
    year.settings.SECOND_FACTOR = False
    place = f"/admin/cases/officer/{year.other.pk}/second-factor/"
    chief = year.officer(year.chief)
    assert chief.get(place).status_code == 200


def _password(year):
    """Whoever has forgotten a password asks for a mail; others type what is no officer's."""
    told, browser = person(15), Visitor()
    page, new = "/admin/password_reset/", planted("three quiet rivers meet 翥")
    for address in (told["email"], told["phone"], f"{told['name']}@", year.other.email):
        browser.post(page, {"email": address}, follow=True)
    app.tasks["cases.tasks.send_password_reset"].apply([year.other.pk])
    link = re.findall(r"http://[^/]+(/admin/reset/\S+)", mail.outbox[-1].body)[0]
    form = browser.get(link, follow=True).request["PATH_INFO"]
    browser.post(form, {"new_password1": new, "new_password2": told["name"]})
    assert browser.post(form, {"new_password1": new, "new_password2": new}, follow=True)
    Officer.objects.filter(pk=year.other.pk).update(password_temporary=True)
    devices.give_password(browser, new, "other")
    browser.get(devices.NEW)
    again = {f"new_password{n}": planted("four quiet rivers meet 翎") for n in (1, 2)}
    assert browser.post(devices.NEW, again).status_code == 302
    browser.post("/admin/password_change/", {"old_password": new, **again})


OFFICE = (among_officers, rules_and_accounts)
