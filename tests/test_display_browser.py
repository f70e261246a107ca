"""Large text and high contrast in a real browser: each page looked at once in both, in light and in dark."""

import pytest

from tests.browser import listened, violations
from tests.citizens import typed
from tests.files import PDF
from tests.visitors import fill, fits

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 320, "height": 640}
STRICT = (
    "color-contrast-enhanced",
    "target-size",
)  # AAA of contrast; axe leaves them out by itself
# What is pressed and typed in, and is smaller than the guidance for old people asks (60 pixels).
SMALL = """() => [...document.querySelectorAll(
  "button, a.button, a.door, a.call, .can a, .choice, summary, select, textarea, " +
  "input:not([type=hidden], [type=radio], [type=checkbox])")]
  .filter((one) => one.tabIndex >= 0 || one.matches(".choice"))
  .map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
  .filter(([, box]) => box.height && (box.height < 60 || box.width < 60))
  .map(([html, box]) => `${html} ${box.width} x ${box.height}`)"""
TYPE = "(selector) => parseFloat(getComputedStyle(document.querySelector(selector)).fontSize)"
# What WCAG 1.4.12 lets a reader do to a page.
SPACED = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important;
    word-spacing: .16em !important } p { margin-bottom: 2em !important }`);
  document.adoptedStyleSheets = [sheet];
}"""


def looked_at(page, dark=False):
    """Check a page as it stands in both ways: contrast AAA, targets, nothing lost when spaced out."""
    assert page.get_attribute("html", "class") == "large"
    assert fits(page), page.url
    assert page.evaluate(SMALL) == [], page.url
    for scheme in ("light", "dark") if dark else ("light",):
        page.emulate_media(color_scheme=scheme)
        assert violations(page, rules=STRICT) == [], (page.url, scheme)
    page.emulate_media(color_scheme="light")
    page.evaluate(SPACED)
    assert fits(page), page.url
    page.evaluate("document.adoptedStyleSheets = []")


def stands_in_one_line(page):
    """Check that a receipt would, whatever letters it was given."""
    height = """(one, text) => {
      const was = one.textContent;
      one.textContent = text;
      const height = one.getBoundingClientRect().height;
      one.textContent = was;
      return height;
    }"""
    receipt = page.locator(".figure").first
    assert receipt.evaluate(height, "PA-MWMW-WMWM-WM") == receipt.evaluate(height, "1")


def test_every_page_in_large_text_and_high_contrast(browser, live_server):
    site = live_server.url
    with listened(browser, viewport=PHONE, locale="zh-CN", expected=("Failed to load",)) as page:
        page.goto(site)
        before = page.evaluate(TYPE, "main p")
        for button in ("大字版", "高对比"):
            page.focus(f"text={button}")
            page.keyboard.press("Enter")
            page.wait_for_selector(f"text=退出{button}")
        assert page.evaluate(TYPE, "main p") / before == pytest.approx(1.4, abs=0.01)
        looked_at(page, dark=True)
        for path in (
            "/write/begin/",
            "/follow/phone/",
            "/answers/",
            "/nothing/",
            "/write/cleared/",
        ):
            page.goto(site + path)
            looked_at(page)
        page.goto(f"{site}/style/")
        looked_at(page, dark=True)
        page.goto(f"{site}/write/")
        fill(page, title="太短")
        page.click("main form button.big")
        page.wait_for_selector("#errors")
        looked_at(page, dark=True)
        page.fill("#id_title", "小区门口红绿灯损坏")
        page.click("main form button.big")
        page.wait_for_url("**/write/sent/")
        code = page.locator(".figure").nth(1).inner_text()
        looked_at(page)
        stands_in_one_line(page)
        page.click("text=退出大字版")
        page.wait_for_selector("html:not(.large)")
        assert page.locator(".figure").nth(1).inner_text() == code  # shown once, and still here
        stands_in_one_line(page)
        page.click("text=大字版")
        page.wait_for_selector("html.large")
        receipt = page.locator(".figure").first.inner_text()
        page.emulate_media(media="print")
        assert page.locator(".receipt").is_visible() and not page.locator(".strip").is_visible()
        page.emulate_media(media="screen")
        page.goto(f"{site}/follow/")
        page.fill("#id_receipt", receipt)
        page.fill("#id_code", code)
        page.click("main form button.big")
        page.wait_for_url("**/follow/case/")
        assert not page.locator("details .words").is_visible()
        page.emulate_media(media="print")
        assert page.locator("details .words").is_visible()  # paper has the whole letter
        page.emulate_media(media="screen")
        wide = "document.querySelector('.receipt-number').textContent = 'PA-MWMW-WMWM-WM'"
        page.evaluate(wide)  # whatever letters it was given
        looked_at(page, dark=True)
        for path in ("add/", "data/"):
            page.goto(f"{site}/follow/case/{path}")
            looked_at(page)


def test_steps_in_both_ways_keep_what_was_typed(browser, live_server):
    options = {"viewport": PHONE, "locale": "zh-CN", "java_script_enabled": True}
    with listened(browser, **options) as page:
        page.goto(f"{live_server.url}/write/begin/")
        page.fill("#id_place", "福田区")
        for button in ("大字版", "高对比"):
            page.click(f".switch >> text={button}")
            page.wait_for_selector(f"text=退出{button}")
            assert page.input_value("#id_place") == "福田区"
        page.press("#id_place", "Enter")  # goes on, and switches nothing
        page.wait_for_url("**/steps/mailbox/")
        looked_at(page)
        page.click("main button.big >> nth=0")
        page.wait_for_url("**/steps/kind/")
        page.click("main button.big >> nth=0")
        page.wait_for_selector("#errors")
        looked_at(page, dark=True)
        page.check(f"input[value={typed()['kind']}]")
        page.click("main button.big >> nth=0")
        page.wait_for_url("**/steps/content/")
        looked_at(page)
        page.goto(f"{live_server.url}/write/steps/files/")
        file = {"name": "plan.pdf", "mimeType": "application/pdf", "buffer": PDF}
        page.set_input_files("input[type=file]", [file])
        page.click("text=退出大字版")
        page.wait_for_selector("html:not(.large)")
        assert "plan.pdf" in page.inner_text(".files")


@pytest.mark.parametrize(("contrast", "colours"), [("more", "none"), ("no-preference", "active")])
def test_what_the_system_asks_for_is_done(browser, live_server, contrast, colours):
    """More contrast, or a system's own few colours: borders, the chosen one and the focus are seen."""
    options = {"viewport": PHONE, "locale": "zh-CN", "contrast": contrast, "forced_colors": colours}
    with listened(browser, **options) as page:
        page.goto(f"{live_server.url}/write/")
        style = "(one) => { const s = getComputedStyle(one); return [s.outlineStyle, s.borderTopStyle] }"
        page.check("input[value=help]")
        chosen = page.locator(".choice:has(:checked)").first.evaluate(style)
        other = page.locator(".choice:not(:has(:checked))").first.evaluate(style)
        assert chosen == ["solid", "solid"] and other == ["none", "solid"]
        page.focus("#id_title")
        page.keyboard.press("Tab")
        assert page.locator(":focus").evaluate(style)[0] == "solid"
        if contrast == "more":
            assert violations(page, rules=STRICT) == []


def test_motion_is_left_out_where_it_is_not_wanted(browser, live_server):
    scrolls = "getComputedStyle(document.documentElement).scrollBehavior"
    for wanted, found in (("reduce", "auto"), ("no-preference", "smooth")):
        with listened(browser, reduced_motion=wanted) as page:
            page.goto(f"{live_server.url}/follow/")
            assert page.evaluate(scrolls) == found
