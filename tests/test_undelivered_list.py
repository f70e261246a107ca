"""What did not arrive, in one place: for administrators what officers were not told, for the desk whose writers."""

import pytest
from django.core import mail

from cases import duty_notices, outbox, undelivered, worlds
from cases.models import AccountNotice, DutyNotice, DutyWarning, Recusal
from cases.transitions import State
from mailbox import notices
from mailbox.models import Notice
from tests.beijing import at
from tests.browser import listened, violations
from tests.desk_page import CITY, HANDLER
from tests.people import PERSON
from tests.rosters import put
from tests.run_worlds import make_run
from tests.test_notices import Refusing, server_down  # noqa: F401

pytestmark = pytest.mark.django_db

PAGE = "/desk/undelivered/"
NO_PHONE = {name: value for name, value in PERSON.items() if name != "phone"}


def give_up(tell=duty_notices.tell):
    """Try until nothing is tried any more."""
    for _time in range(outbox.MAX_ATTEMPTS + 1):
        tell()
        for model in (DutyNotice, DutyWarning, AccountNotice):
            model.objects.filter(status="pending").update(next_at=worlds.now())


def missed(case, **fields):
    """Let a notice to the writer of a case be one that was given up."""
    now = worlds.now()
    row = {"channel": "mail", "status": "failed", "attempts": 5, "error": "OSError", **fields}
    return Notice.objects.create(
        event=case.events.order_by("seq").last(), letter=case.letter, next_at=now, created_at=now, **row
    )  # fmt: skip


@pytest.fixture
def administrator(make_officer):
    return make_officer("view_trouble", "change_trouble", unit="440000")


# -- officers ----------------------------------------------------------------------------------


def test_administrator_sees_what_officers_were_not_told_and_sends_it_again(
    client,
    cast,
    make_officer,
    administrator,
    server_down,  # noqa: F811
):
    on_duty = make_officer("triage_case", unit=CITY, email="a@example.com")
    put(on_duty)
    case = cast.make_case(at=worlds.now())
    other = cast.make_case(at=worlds.now())
    give_up()
    client.force_login(administrator)
    page = client.get(PAGE).text
    assert "值班提醒" in page and str(on_duty) in page and "SMTPRecipientsRefused 550" in page
    [row] = undelivered.given_up(cast.writer)
    assert (row.number, row.since) == (2, case.events.get().at)
    for secret in (case.letter.receipt, case.letter.title, "a@example.com", "no such user"):
        assert secret not in page
    assert "没有送到民警的消息：2条" in client.get("/admin/cases/trouble/").text
    assert client.get("/desk/counts/").json()["undelivered"] == "2"
    Refusing.down = False
    cast.step(other.pk, "accept", at=worlds.now())  # nobody needs to be told any more
    said = {"kind": "duty", "to": on_duty.pk}
    assert "2条会再发送" in client.post(PAGE, said, follow=True).text
    assert duty_notices.tell() == 1 and case.letter.receipt in mail.outbox[0].body
    assert other.letter.receipt not in mail.outbox[0].body and undelivered.count() == 0
    assert "没有要再发送的" in client.post(PAGE, said, follow=True).text


def test_warning_that_reaches_no_leader_is_given_up_for_the_day(
    cast,
    make_officer,
    server_down,  # noqa: F811
):
    make_officer("lead_case", unit=CITY, email="leader@example.com")
    cast.make_case(at=worlds.now())
    give_up()
    assert Refusing.offered == outbox.MAX_ATTEMPTS
    [row] = undelivered.given_up(cast.writer)
    assert (row.kind, row.to, row.error) == ("warning", "深圳市公安局", "SMTPRecipientsRefused 550")
    Refusing.down = False
    assert undelivered.again(cast.writer, "warning", row.to_id, worlds.now()) == 1
    assert duty_notices.tell() == 1 and mail.outbox[0].to == ["leader@example.com"]


@pytest.mark.parametrize(
    "said",
    [{}, {"kind": "x", "to": "1"}, {"kind": "writers", "to": "7"}, {"kind": "duty", "to": "\x00"}, {"kind": "duty", "to": "９" * 99}],
)  # fmt: skip
def test_nonsense_sends_nothing(client, administrator, said):
    client.force_login(administrator)
    assert "没有要再发送的" in client.post(PAGE, said, follow=True).text


def test_only_who_may_have_tasks_tried_again_sends_again(client, cast, make_officer):
    now = worlds.now()
    row = {"officer": cast.writer, "change": "bound", "at": now, "address": "a@example.com"}
    AccountNotice.objects.create(status="failed", error="OSError", next_at=now, **row)
    said = {"kind": "account", "to": cast.writer.pk}
    for rights, sees in ((["view_trouble"], True), (["triage_case"], False), ([], None)):
        client.force_login(make_officer(*rights))
        page = client.get(PAGE)
        assert page.status_code == (404 if sees is None else 200)
        assert ("账号变动通知" in page.text) == bool(sees) and "再发送</button>" not in page.text
        assert client.post(PAGE, said).status_code == 404
    assert undelivered.count() == 1


def test_administrator_sends_to_writers_again_what_an_outage_held_up(
    client,
    cast,
    administrator,
    server_down,  # noqa: F811
):
    case, hidden = cast.make_case(), cast.make_case()
    for _time in range(outbox.MAX_ATTEMPTS):
        notices.send_notices()
        Notice.objects.update(next_at=worlds.now())
    Notice.objects.filter(channel="sms").delete()
    Recusal.objects.create(case=hidden, officer=administrator)
    client.force_login(administrator)
    page = client.get(PAGE).text
    assert "来信通知（电子邮件）" in page and "1条" in page and "2条" not in page
    assert case.letter.receipt not in page and case.letter.title not in page
    Refusing.down = False
    client.post(PAGE, {"kind": "writers", "to": "0"})
    assert notices.send_notices() == 1 and case.letter.receipt in mail.outbox[0].subject
    assert Notice.objects.get(letter=hidden.letter).status == "failed"


# -- writers -----------------------------------------------------------------------------------


def test_desk_lists_letters_whose_writers_missed_something(client, cast, make_officer):
    case = cast.make_case(State.IN_HAND)
    missed(case, error="SMTPRecipientsRefused 550")
    missed(cast.make_case(), status="sent", error="")
    client.force_login(cast.writer)
    page = client.get(PAGE)
    assert [one.pk for one in page.context["letters"]] == [case.pk]
    assert case.letter.title in page.text and "SMTPRecipientsRefused 550" in page.text
    assert PERSON["email"] not in page.text and "发送失败的消息" not in page.text
    assert client.get("/desk/counts/").json()["undelivered"] == "1"
    for number in ("0", "2", "x", "9" * 40):
        assert client.get(PAGE, {"page": number}).status_code == 200


@pytest.mark.parametrize("why", ["elsewhere", "recused", "accused", "reads nothing", ""])
def test_letter_that_an_officer_does_not_see_is_neither_listed_nor_counted(
    client, cast, make_officer, why
):
    case = cast.make_case(State.IN_HAND)
    missed(case)
    unit = "440305" if why == "elsewhere" else HANDLER
    officer = make_officer("view_trouble" if why == "reads nothing" else "handle_case", unit=unit)
    if why == "recused":
        Recusal.objects.create(case=case, officer=officer)
    elif why == "accused":
        cast.step(case.pk, "name_accused", accused_unit=HANDLER)
    client.force_login(officer)
    sees = why == ""
    assert (case.letter.receipt in client.get(PAGE).text) == sees
    assert client.get("/desk/counts/").json()["undelivered"] == str(int(sees))


@pytest.mark.parametrize(
    "made_up, listed",
    [
        ({"channel": "sms", "status": "sent"}, False),  # the same news by another way
        ({"reached": True}, False),
        ({"reached": False}, True),
    ],
)
def test_letter_leaves_the_list_once_its_writer_was_told(client, cast, made_up, listed):
    case = cast.make_case(State.IN_HAND)
    Notice.objects.filter(pk=missed(case).pk).update(created_at=at("2026-03-02 08:00"))
    if "reached" in made_up:
        cast.step(case.pk, "contact", how="phone", at=worlds.now(), **made_up)
    else:
        missed(case, **made_up)
    client.force_login(cast.writer)
    assert (case.letter.receipt in client.get(PAGE).text) == listed
    shown = client.get(f"/desk/{case.letter.receipt}/").text
    assert ("没有送到的通知</h2>" in shown) == listed


def test_in_a_world_nothing_was_to_be_delivered(client, cast, make_officer):
    missed(cast.make_case())
    officer = make_officer("triage_case", "view_trouble", "change_trouble", "run_simulation")
    client.force_login(officer)
    world = make_run()
    session = client.session
    session["world"] = world.schema
    session.save()
    page = client.get(PAGE).text
    assert "给来信人的通知都送到了" in page and "发送失败的消息" not in page


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_page_fits_a_phone_and_counts_in_the_menu(browser, live_server, client, cast, make_officer):
    missed(cast.make_case(), error="SMTPRecipientsRefused 550")
    officer = make_officer("triage_case", "view_trouble", "change_trouble")
    now = worlds.now()
    row = {"officer": officer, "change": "bound", "at": now, "address": "a@example.com"}
    AccountNotice.objects.create(status="failed", error="OSError", next_at=now, **row)
    client.force_login(officer)
    session = live_server.url, client.session.session_key
    with listened(browser, session=session, viewport={"width": 320, "height": 700}) as page:
        page.goto(f"{live_server.url}/desk/")
        page.locator(".nav-more summary").click()
        page.locator("[data-count=undelivered]").get_by_text("2").wait_for()
        page.get_by_role("link", name="未送达").click()
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        page.get_by_role("button", name="把账号变动通知再发送").click()
        page.get_by_text("1条会再发送。").wait_for()
    assert AccountNotice.objects.get().status == "pending"
