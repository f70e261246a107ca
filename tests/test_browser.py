"""Pages in a real browser, under the strict Content-Security-Policy."""

import pytest

from tests.browser import listened

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_officers_sign_in_without_a_policy_violation(browser, live_server):
    with listened(browser) as page:
        answer = page.goto(f"{live_server.url}/admin/login/")
        assert answer.status == 200
        assert page.locator("input[name=username]").is_visible()


def test_inline_script_does_not_run(browser, live_server):
    page = browser.new_page()
    page.goto(f"{live_server.url}/admin/login/")
    with page.expect_console_message() as said:
        page.evaluate(
            "document.body.append(Object.assign(document.createElement('script'),"
            " {textContent: 'window.broken = true'}))"
        )
    assert page.evaluate("window.broken") is None
    assert "Content Security Policy" in said.value.text
    page.close()
