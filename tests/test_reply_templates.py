"""Reply templates: their fields, whom they are offered to, and how they come into a step's text."""

import json

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.utils.html import escape

from cases import filling, units
from cases.management.commands.seed import TEMPLATES_FILE
from cases.models import Officer, ReplyTemplate, Unit
from cases.transitions import State
from tests.desk_page import HANDLER, address, page, take
from tests.people import MORNING, build_officer

pytestmark = pytest.mark.django_db


@pytest.fixture
def handler(cast):
    return build_officer("handle_case", "ask_citizen", unit=HANDLER)


def make(body="{受理编号}收悉。", name="一", **columns):
    return ReplyTemplate.objects.create(**{"name": name, "body": body, **columns})


def offered(client, user, case, action="propose_reply"):
    """Return the names of the templates that a step's form offers."""
    groups = page(client, user, case).context["steps"].values()
    forms = {form.row.action: form for group in groups for form in group}
    return [name for _key, name, _text in forms[action].templates]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("{标题}", "小区门口红绿灯损坏"),
        ("由{单位}办理", "由福田分局办理"),
        ("{ 来信日期 }到{日期}", "2026年3月2日到2026年3月2日"),
        ("{信件类别}·{业务类别}·{地点}", "求助·交通管理·福田区某路口"),
        ("{信箱}，{答复期限}前", "深圳市公安局，2026年3月22日前"),
        ("{电话}与{}", "{电话}与{}"),
        ("【联系电话】", "【联系电话】"),
    ],
)
def test_fields_are_filled_from_the_case(make_case, body, text):
    assert filling.fill(body, make_case(State.IN_HAND), MORNING) == text


def test_what_a_citizen_wrote_is_never_taken_for_a_field(make_case):
    case = make_case(title="{受理编号}和{日期}是什么", body="内容" * 20)
    assert filling.fill("“{标题}”", case, MORNING) == "“{受理编号}和{日期}是什么”"


def test_each_field_has_a_value_of_any_case(make_case):
    case = make_case()
    for name in filling.NAMES:
        assert isinstance(filling.fill(f"{{{name}}}", case, MORNING), str)


@pytest.mark.parametrize("body", ["{姓名}", "{标题}和{电话 号码}", "{}", "{标题{x}}"])
def test_a_field_that_no_letter_has_is_refused(body):
    with pytest.raises(ValidationError) as refused:
        ReplyTemplate(name="一", body=body).full_clean()
    assert "可用的有：{受理编号}" in refused.value.message_dict["body"][0]


@pytest.mark.parametrize(
    ("columns", "seen"),
    [
        ({}, True),
        ({"kind": "help"}, True),
        ({"kind": "report"}, False),
        ({"unit": HANDLER}, True),
        ({"unit": "440300"}, True),
        ({"unit": "440305"}, False),
        ({"unit": "440304-01"}, False),
        ({"active": False}, False),
        ({"action": "feedback"}, False),
    ],
)
def test_templates_are_offered_where_they_fit(client, cast, handler, columns, seen):
    if "unit" in columns:
        columns = {"unit": Unit.objects.get(code=columns["unit"])}
    make(**columns)
    case = cast.make_case(State.IN_HAND)
    assert offered(client, handler, case) == (["一"] if seen else [])


def test_the_own_and_the_nearest_come_first(client, cast, handler):
    make(name="全部")
    make(name="求助", kind="help")
    make(name="分局", unit=Unit.objects.get(code=HANDLER))
    case = cast.make_case(State.IN_HAND)
    assert offered(client, handler, case) == ["分局", "求助", "全部"]


def test_a_link_fills_the_text_without_a_script_and_after_a_draft(client, cast, handler):
    one, case = make("您好！{标题}一事收悉。"), cast.make_case(State.IN_HAND)
    client.force_login(handler)
    asked = address(case) + f"?template={one.pk}"
    assert "您好！小区门口红绿灯损坏一事收悉。</textarea>" in client.get(asked).content.decode()
    typed = {"seen": case.seq, "text": "草稿在前。"}
    client.post(address(case, "draft/propose_reply/"), typed)
    assert "草稿在前。\n您好！" in client.get(asked).content.decode()


@pytest.mark.parametrize("asked", ["0", "x", "9" * 30, "\x00", "-1"])
def test_an_address_with_no_such_template_is_no_error(client, cast, handler, asked):
    case = cast.make_case(State.IN_HAND)
    client.force_login(handler)
    assert client.get(address(case), {"template": asked}).status_code == 200


def test_hostile_text_of_a_letter_stays_text(client, cast, handler):
    make("“{标题}”")
    title = '"><script>alert(1)</script>'
    case = cast.make_case(State.IN_HAND, title=title)
    shown = page(client, handler, case).content.decode()
    assert title not in shown and escape(f"“{title}”") in shown


def test_administrators_keep_templates_and_read_no_letters(client, cast):
    client.force_login(build_officer(*units.MANAGE_PERMISSIONS, unit="440000"))
    typed = {
        "name": "新",
        "action": "feedback",
        "kind": "",
        "unit": "",
        "body": "{标题}",
        "active": "on",
    }
    add = "/admin/cases/replytemplate/add/"
    assert client.post(add, {**typed, "body": "{姓名}"}).status_code == 200
    assert client.post(add, typed).status_code == 302
    assert ReplyTemplate.objects.get().action == "feedback"
    assert client.get("/admin/cases/replytemplate/").status_code == 200
    assert client.post(add, typed).status_code == 200  # the name is taken
    client.force_login(build_officer("handle_case"))
    assert client.get(add).status_code == 403


def test_seeding_writes_templates_that_fit_the_table_and_changes_none(db):
    call_command("seed", verbosity=0)
    rows = json.loads(TEMPLATES_FILE.read_text(encoding="utf-8"))["templates"]
    assert ReplyTemplate.objects.count() == len(rows) > 10
    for one in ReplyTemplate.objects.all():
        one.full_clean()
    ReplyTemplate.objects.filter(name=rows[0]["name"]).update(body="改过")
    call_command("seed", verbosity=0)
    assert ReplyTemplate.objects.count() == len(rows)
    assert ReplyTemplate.objects.get(name=rows[0]["name"]).body == "改过"
    assert not Officer.objects.filter(username="gd-clerk").exists()


def test_a_filled_template_can_be_sent(client, cast, handler):
    case = cast.make_case(State.IN_HAND)
    client.force_login(handler)
    text = filling.fill("{标题}一事已安排。", case, MORNING)
    assert take(client, case, "feedback", text=text).status_code == 302
