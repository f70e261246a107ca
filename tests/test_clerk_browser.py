"""A clerk's day in a real browser: a paper letter and its receipt, then a file of another platform's."""

import pytest

from cases.models import Letter
from tests.browser import violations
from tests.files import PDF
from tests.people import build_officer
from tests.test_desk_browser import NARROW, WIDE, desk, fits

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SCAN = {"name": "扫描件.pdf", "mimeType": "application/pdf", "buffer": PDF}
CSV = (
    "工单编号,标题,诉求内容,姓名,联系电话\n"
    "GD-1,小区门口红绿灯损坏,小区门口的红绿灯坏了一个星期，请尽快维修。,测试甲,020-00000001\n"
    "GD-2,短,太短,测试乙,123\n"
)


def fill(page, title):
    page.select_option("#id_channel", "paper")
    page.select_option("#id_kind", "help")
    page.select_option("#id_category", "traffic")
    page.fill("#id_title", title)
    page.fill("#id_body", "老人来信反映，小区门口的红绿灯坏了一个星期，请尽快维修。")
    page.fill("#id_name", "测试来信人")
    page.fill("#id_phone", "020-00000000")


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_paper_letter_gets_a_receipt_to_print(browser, live_server, viewport):
    clerk = build_officer("enter_letter", "triage_case", unit="440300")
    with desk(browser, live_server, clerk, viewport) as page:
        page.goto(f"{live_server.url}/desk/enter/")
        assert fits(page) and violations(page) == []
        page.click(".enter-others > summary")
        page.select_option("#id_acting", "company")
        page.fill("#id_company", "某某公司")
        page.check("#id_consent")
        assert fits(page)
        fill(page, "小区门口红绿灯损坏")
        page.dblclick(".enter-form > button")
        page.wait_for_selector(".receipt-card")
        page.wait_for_selector("[data-print]")  # shown by a script
        assert fits(page) and violations(page) == []
        page.emulate_media(media="print")
        assert page.is_visible(".receipt-card") and not page.is_visible(".desk-nav")
        page.emulate_media(media="screen")
        code = page.inner_text(".facts.big dd >> nth=1")
        page.reload()  # sent again: the same letter, and the same code
        assert page.inner_text(".facts.big dd >> nth=1") == code
        page.go_back()
        page.wait_for_selector("#id_title")
        fill(page, "短")
        page.set_input_files("#id_attachments", [SCAN])
        page.click(".enter-form > button")
        page.wait_for_selector(".kept-files input:checked")
        assert fits(page) and violations(page) == []
    assert Letter.objects.get().channel == "paper"


def test_file_is_looked_at_and_then_taken(browser, live_server):
    clerk = build_officer("enter_letter", "triage_case", unit="440300")
    sent = {"name": "letters.csv", "mimeType": "text/csv", "buffer": CSV.encode("gb18030")}
    with desk(browser, live_server, clerk) as page:
        page.goto(f"{live_server.url}/desk/enter/")
        page.click("text=用CSV导入")
        page.wait_for_selector("#file")
        page.set_input_files("#file", sent)
        page.click(".enter-form > button")
        page.wait_for_selector(".import-counts")
        assert violations(page) == [] and fits(page)
        assert "GD-2" not in page.inner_text("body") and "标题应为5至50个字" in page.inner_text(
            "body"
        )
        with page.expect_download() as download:
            page.click("text=下载不能导入的行")
        assert "not-imported" in download.value.suggested_filename
        page.click(".import-take .default")
        page.wait_for_selector("table.import-rows a.receipt")
        assert violations(page) == []
    assert Letter.objects.get().origin.number == "GD-1"
