"""In a real browser, on a small phone: the proof of work solves itself, and what was typed survives the session."""

import re

import pytest
from django.core import mail

from cases import throttle
from cases.models import Case
from mailbox import looking_up
from mailbox.notices import send_notices
from tests.browser import listened, violations
from tests.visitors import PHONE, write

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TYPED = "昨晚又坏了一次。"
SEND = "form#letter > button.big"


def looked_at(page):
    """Check a page as it stands: nothing to scroll sideways, nothing that axe finds."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
    assert violations(page) == [], page.url


def test_letter_that_is_guessed_at_opens_and_an_addition_outlives_its_session(browser, live_server):
    with listened(browser, viewport=PHONE, locale="zh-CN") as page:
        receipt, code = write(page, live_server.url)
        for _guess in range(looking_up.FREE):
            throttle.note("follow receipt", receipt)
        page.goto(f"{live_server.url}/follow/#{receipt}")
        page.fill("#id_code", code)
        page.click(SEND)
        page.wait_for_function("document.querySelector('[name=altcha]')?.value")
        assert "验证完成" in page.inner_text("#proof") and page.input_value("#id_code") == code
        looked_at(page)
        page.click(SEND)
        page.wait_for_url("**/follow/case/")
        looked_at(page)  # also tells of the guesses

        page.click("text=追加情况")
        page.fill("#id_text", TYPED)
        page.context.clear_cookies(name="sessionid")
        page.click(SEND)
        page.wait_for_selector("text=还没有提交")
        looked_at(page)
        assert page.input_value("#id_receipt") == receipt
        page.fill("#id_code", code)
        page.click(SEND)  # the proof is asked for again
        page.wait_for_function("document.querySelector('[name=altcha]')?.value")
        page.click(SEND)
        page.wait_for_selector("text=您刚才填写的内容还在")
        looked_at(page)
        assert page.input_value("#id_text") == TYPED
        page.click(SEND)
        page.wait_for_selector("text=已提交")
        assert Case.objects.get().events.get(action="add").message.body == TYPED

        for address in ("/follow/case/data/", "/answers/?kind=help", _stop()):
            page.goto(live_server.url + address)
            looked_at(page)


def _stop():
    """Return the address by which the writer's mails are stopped."""
    send_notices()
    return re.search(r"/notices/stop/\S+/", mail.outbox[0].body)[0]
