"""Citizens' pages over slow 3G, from the web server itself: measured and told, without a limit in seconds."""

import pytest

from cases.models import Case
from cases.transitions import State
from config import demo
from tests import processes
from tests.browser import listened
from tests.page_table import LIMIT, LOADED
from tests.visitors import write

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# 400 kbit/s both ways, and 400 ms until an answer begins.
SLOW = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
WEB = [word if word != "2" else "1" for word in demo.PROCESSES["web"]]  # one process is enough
# Nothing until the page is both loaded and painted: either may come first.
_MEASURED = """() => {
  const [page] = performance.getEntriesByType("navigation");
  const [paint] = performance.getEntriesByName("first-contentful-paint");
  if (!paint || !page.loadEventEnd) return null;
  const all = [page, ...performance.getEntriesByType("resource")];
  return [all.reduce((sum, one) => sum + one.transferSize, 0), paint.startTime, page.loadEventEnd,
          all.every((one) => one.encodedBodySize < one.decodedBodySize)];
}"""


def test_first_pages_come_over_slow_3g(browser, cast, monkeypatch, record_property):
    for name, value in processes.environment().items():
        monkeypatch.setenv(name, value)
    port = processes.free_port()
    site = f"http://127.0.0.1:{port}"
    phone = {"viewport": {"width": 390, "height": 844}, "locale": "zh-CN"}
    with demo.processes(port, {"web": WEB}), listened(browser, **phone) as page:
        receipt, code = write(page, site)
        page.goto(f"{site}/follow/")
        page.fill("#id_receipt", receipt)
        page.fill("#id_code", code)
        page.click("main button.big")
        page.wait_for_url("**/follow/case/")
        network = page.context.new_cdp_session(page)
        network.send("Network.enable")
        network.send("Network.emulateNetworkConditions", SLOW)
        for path, part in (
            ("", ".door"),
            ("write/steps/place/", "#id_place"),
            ("follow/case/", ".state"),
        ):
            network.send("Network.clearBrowserCache")
            page.goto(f"{site}/{path}")
            weight, first, whole, all_packed = page.wait_for_function(_MEASURED).json_value()
            assert page.locator(part).first.is_visible()
            assert weight < LIMIT and all_packed, path
            record_property(LOADED, [f"/{path}", weight / 1000, first / 1000, whole / 1000])
    assert Case.objects.get().state == State.RECEIVED
