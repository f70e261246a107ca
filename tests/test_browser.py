"""Pages in a real browser, under the strict Content-Security-Policy."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_officers_sign_in_without_a_policy_violation(browser, live_server):
    page = browser.new_page()
    said = []
    page.on("console", lambda message: said.append(message.text))
    answer = page.goto(f"{live_server.url}/admin/login/")
    assert answer.status == 200
    assert page.locator("input[name=username]").is_visible()
    assert said == []


def test_inline_script_does_not_run(browser, live_server):
    page = browser.new_page()
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{live_server.url}/admin/login/")
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'),"
        " {textContent: 'window.broken = true'}))"
    )
    assert page.evaluate("window.broken") is None
    assert "Content Security Policy" in said[0]
