"""A new version of the rules on the desk: the form, the preview, saving, withdrawing, bad input."""

import re
from datetime import timedelta
from html import unescape

import pytest

from cases import in_force, policy, policy_text, worlds
from cases.desk import policy_page
from cases.models import PolicyVersion
from tests.people import MORNING
from tests.run_worlds import make_run
from tests.versions import DAY, HOUR, rules

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("put_version")]
NEW = "/desk/policy/new/"


@pytest.fixture
def administrator(client, make_officer):
    client.officer = make_officer("change_unit", "add_policyversion", unit="440300")
    client.force_login(client.officer)
    return client


def typed(page, **changes):
    """Return what a browser would send of the form on this page, with changes."""
    html, data = page.content.decode(), {}
    html = html[html.index('class="policy-form"') :]
    for tag in re.findall(r"<input[^>]*>", html):
        said = dict(re.findall(r'([a-z]+)="([^"]*)"', tag))
        if said["type"] != "checkbox" or " checked" in tag:
            data.setdefault(said["name"], []).append(unescape(said.get("value", "")))
    for name, body in re.findall(r'<select name="([^"]+)".*?>(.*?)</select>', html, re.DOTALL):
        data[name] = re.findall(r'value="([a-z]+)" selected', body)
    data["note"] = ["试行"]
    return data | {"do": "preview"} | changes


def saved(client, **changes):
    """Type changes, look at the preview, save; return the answer to the saving."""
    preview = client.post(NEW, typed(client.get(NEW), **changes))
    assert preview.status_code == 200, preview.content.decode()
    return client.post(NEW, typed(preview, do="save", note=preview.context["form"].data["note"]))


def test_form_sends_back_just_what_is_in_force(administrator):
    answer = administrator.post(NEW, typed(administrator.get(NEW)))
    assert answer.status_code == 400 and "没有改动任何一条" in answer.content.decode()


def test_values_survive_text_and_form():
    text = policy.DEFAULT_PATH.read_text("utf-8")
    assert policy_text.changed(text, policy_text.values(text)) == text
    wanted = {"city.consult.reply": "", "city.report.sign": "5wm", "legal.kinds": ["help"]}
    changed = policy.read(policy_text.changed(text, wanted), "")
    assert changed.length("city", "consult", "reply").text == "20d"
    assert changed.length("city", "report", "sign").text == "5wm"
    assert changed.length("city", "complaint", "legal") is None
    gone = policy_text.changed(
        text, {f"city.consult.{clock}": "" for clock in policy.SERVICE_CLOCKS}
    )
    assert "[city.consult]" not in gone and policy.read(gone, "")


def test_preview_says_what_changes_and_how_many_letters_then_saving_keeps_it(
    administrator, make_case
):
    make_case(at=worlds.now()), make_case(at=worlds.now(), kind="consult", category="household")
    changes = {"city.default.reply_0": "１５", "city.default.reply_1": "d", "minimum": "12"}
    page = administrator.post(NEW, typed(administrator.get(NEW), **changes))
    text = page.content.decode()
    shown = page.context["preview"]["changes"]
    assert [(was, becomes) for _what, was, becomes in shown] == [("20天", "15天"), ("10", "12")]
    assert "在办来信2件，其中1件的期限会缩短" in text and not PolicyVersion.objects.exists()
    answer = administrator.post(NEW, typed(page, do="save"))
    version = PolicyVersion.objects.get()
    assert answer.url == "/desk/policy/" and version.made_by == administrator.officer
    ahead = version.valid_from - worlds.now()
    assert timedelta(minutes=1) < ahead <= timedelta(minutes=3)
    assert in_force.policy().length("city", "help", "reply").text == "20d"
    later = in_force.policy(version.valid_from)
    assert later.length("city", "help", "reply").text == "15d" and later.minimum_count == 12
    text = administrator.get("/desk/policy/").content.decode()
    assert "尚未生效" in text and "程序自带的规则" in text
    text = administrator.get(f"/desk/policy/?version={version.pk}").content.decode()
    assert "<ins>15天</ins>" in text and "试行" in text


def test_what_was_changed_after_the_preview_is_shown_again_before_it_is_saved(administrator):
    page = administrator.post(NEW, typed(administrator.get(NEW), minimum="12"))
    again = administrator.post(NEW, typed(page, do="save", minimum="13"))
    assert again.status_code == 200 and again.context["preview"]["changes"][0][2] == "13"
    assert not PolicyVersion.objects.exists()


def test_other_administrators_version_is_seen_before_mine_is_saved(administrator):
    page = administrator.post(NEW, typed(administrator.get(NEW), minimum="12"))
    saved(administrator, return_limit="4")
    answer = administrator.post(NEW, typed(page, do="save"))
    assert answer.status_code == 409 and PolicyVersion.objects.count() == 1
    assert {name for name, *_rest in answer.context["preview"]["changes"]} == {
        "退回几次后由领导指定办理单位", "不足几件时不显示比率，也不排名",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("city.default.reply_0", "", "请填写1至9999的整数"),
        ("city.default.reply_0", "二十", "请填写1至9999的整数"),
        ("city.default.reply_0", "0", "请填写1至9999的整数"),
        ("city.default.reply_1", "y", "请填写1至9999的整数"),
        ("city.default.reply_0", "70", "的答复时限长于法定期限"),
        ("city.consult.sign_0", "-1", "请填写1至9999的整数"),
        ("blocks", "08:30-12:00 11:00-17:00", "按先后排列，不要重叠"),
        ("blocks", "早八点", "按先后排列，不要重叠"),
        ("blocks", "", "这个字段是必填项"),
        ("yellow_share", "100", "请填写1至99的整数"),
        ("return_limit", "0", "请填写1至99的整数"),
        ("legal_kinds", "nobody", "选择一个有效的选项"),
        ("note", "", "这个字段是必填项"),
        ("note", "a\x00b", "不允许是用空字符串"),
        ("note", "长" * 201, "200"),
        ("valid_from", "2020-01-01T00:00", "至少在两分钟以后"),
        ("valid_from", "9999-12-31T23:59", "最多在两年以后"),
        ("valid_from", "0001-01-01T00:00", "。"),
        ("valid_from", "明天", "时间请写成"),
    ],
)  # fmt: skip
def test_wrong_value_is_said_at_its_field_and_keeps_what_was_typed(
    administrator, name, value, said
):
    answer = administrator.post(
        NEW, typed(administrator.get(NEW), **{"return_limit": "7", name: value})
    )
    text = unescape(answer.content.decode())
    assert answer.status_code == 400 and not PolicyVersion.objects.exists()
    assert 'class="error"' in text
    if name != "note" or "\x00" not in value:
        assert said in text
    if name != "return_limit":
        assert 'name="return_limit" value="7"' in text


def test_version_must_come_after_the_newest_and_a_planned_one_can_be_withdrawn(administrator):
    far = (worlds.now() + 10 * DAY).astimezone().strftime("%Y-%m-%dT%H:%M")
    saved(administrator, minimum="12", valid_from=far)
    planned = PolicyVersion.objects.get()
    answer = administrator.post(NEW, typed(administrator.get(NEW), minimum="13", valid_from=far))
    assert "应晚于上一版" in answer.content.decode()
    preview = administrator.post(NEW, typed(administrator.get(NEW), minimum="13"))
    answer = administrator.post(NEW, typed(preview, do="save"))
    assert answer.status_code == 400 and "应晚于上一版" in answer.content.decode()
    administrator.post(f"/desk/policy/{planned.pk}/withdraw/")
    assert not PolicyVersion.objects.exists()
    assert in_force.policy(planned.valid_from).minimum_count == 10


def test_version_in_force_or_nearly_so_is_not_withdrawn(administrator, put_version):
    near, old = put_version(worlds.now() + timedelta(minutes=1)), put_version(MORNING)
    for version in (near, old):
        administrator.post(f"/desk/policy/{version.pk}/withdraw/")
    assert PolicyVersion.objects.count() == 2
    for pk in (0, 10**30):
        assert administrator.post(f"/desk/policy/{pk}/withdraw/").status_code == 302


def test_history_is_for_all_officers_and_changes_for_administrators_alone(
    client, make_officer, put_version
):
    version = put_version(MORNING, **{"city.default.sign": "15m"})
    client.force_login(make_officer("handle_case"))
    text = client.get("/desk/policy/").content.decode()
    assert f"?version={version.pk}" in text and "policy/new" not in text
    assert "修改规则" not in text and "撤回" not in text
    for absent in ("?version=0", "?version=x%00", f"?version={10**30}"):
        assert client.get("/desk/policy/" + absent).status_code == 404
    for method, address in (
        (client.get, NEW),
        (client.post, NEW),
        (client.post, f"/desk/policy/{version.pk}/withdraw/"),
    ):
        assert method(address).status_code == 404


def test_run_shows_the_rules_it_was_made_with_and_changes_none(administrator, put_version):
    put_version(MORNING, **{"city.default.sign": "15m"})
    with worlds.enter(make_run()):
        assert in_force.policy() is policy.load()
        assert not policy_page.may_change(administrator.officer)


def test_processes_look_again_after_a_while(put_version, monkeypatch):
    put_version(worlds.now() - HOUR)
    assert in_force.policy().length("city", "help", "sign").text == "20m"
    PolicyVersion.objects.create(
        text=rules(**{"city.default.sign": "15m"}),
        valid_from=worlds.now() - HOUR / 2,
        note="别的进程保存的",
        made_by=PolicyVersion.objects.get().made_by,
        made_at=worlds.now(),
    )
    assert in_force.policy().length("city", "help", "sign").text == "20m"
    monkeypatch.setattr(in_force, "EVERY_SECONDS", 0)
    assert in_force.policy().length("city", "help", "sign").text == "15m"
