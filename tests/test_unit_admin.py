"""Units, officers and roles in the admin: codes that fit, nobody left behind, units from a file."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.files.uploadedfile import SimpleUploadedFile

from cases import unit_files
from cases.models import Officer, Unit
from cases.transitions import State
from tests.desk_page import HANDLER

pytestmark = pytest.mark.django_db

MANAGES = ("view_officer", "add_officer", "change_officer", "view_unit", "add_unit", "change_unit")
IMPORT = "/admin/cases/unit/import/"
GOOD = (
    "编码,名称,英文名称,拼音\n440304-11,莲花派出所,,\n440304-12,梅林派出所,Meilin Station,mei lin\n"
)


@pytest.fixture
def administrator(client, make_officer):
    """A browser in which an administrator has signed in."""
    client.force_login(make_officer(*MANAGES, unit="440000"))
    return client


def add_unit(client, **changes):
    typed = {
        "code": "440304-09",
        "name": "香蜜湖派出所",
        "name_en": "Xiangmihu Station",
        "level": "station",
        "parent": Unit.objects.get(code=HANDLER).pk,
        "pinyin": "",
        "active": "on",
    } | changes
    return client.post("/admin/cases/unit/add/", typed)


def change_unit(client, unit, **changes):
    typed = {"name": unit.name, "name_en": unit.name_en, "pinyin": unit.pinyin}
    typed |= {"active": "on"} | ({"is_mailbox": "on"} if unit.is_mailbox else {}) | changes
    typed = {name: value for name, value in typed.items() if value is not None}
    return client.post(f"/admin/cases/unit/{unit.pk}/change/", typed)


def upload(client, text, encoding="utf-8"):
    return client.post(IMPORT, {"file": SimpleUploadedFile("u.csv", text.encode(encoding))})


# -- one unit ----------------------------------------------------------------------------------


def test_new_unit_gets_its_pinyin_and_path(administrator):
    assert add_unit(administrator).status_code == 302
    made = Unit.objects.get(code="440304-09")
    assert made.pinyin == "xiang mi hu pai chu suo" and made.path.endswith("440304/440304-09/")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"code": "x"}, "不合规则"),
        ({"code": "440304-01"}, "已存在"),
        ({"level": "city"}, "层级应为派出所"),
        ({"parent": ""}, "上级应为440304"),
        ({"code": "440305-09"}, "上级应为440305"),
        ({"name": "a\x00b"}, "空字符"),
    ],
)
def test_code_decides_where_a_unit_stands(administrator, changes, words):
    answer = add_unit(administrator, **changes)
    assert answer.status_code == 200 and words in answer.content.decode()
    assert not Unit.objects.filter(name="香蜜湖派出所").exists()


def test_unit_with_open_letters_is_not_closed(administrator, cast):
    unit = Unit.objects.get(code=HANDLER)
    Unit.objects.filter(parent=unit).update(active=False)
    case = cast.make_case(State.IN_HAND)
    assert "还有1封未了结" in change_unit(administrator, unit, active=None).content.decode()
    cast.step(case.pk, "recall", text="改派。")
    assert change_unit(administrator, unit, active=None).status_code == 302
    assert not Unit.objects.get(pk=unit.pk).active


def test_mailbox_with_open_letters_stays_one_wherever_they_lie(administrator, cast):
    unit = Unit.objects.get(code="440300")
    cast.make_case(State.IN_HAND)
    text = change_unit(administrator, unit, is_mailbox=None).content.decode()
    assert "不能撤销" in text and Unit.objects.get(pk=unit.pk).is_mailbox


def test_unit_with_active_units_below_is_not_closed(administrator):
    answer = change_unit(administrator, Unit.objects.get(code=HANDLER), active=None)
    assert "还有启用的下级单位" in answer.content.decode()


# -- from a file -------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_file_is_shown_first_and_taken_when_confirmed(administrator, encoding):
    preview = upload(administrator, GOOD, encoding)
    assert "将新增2个单位" in preview.content.decode()
    assert not Unit.objects.filter(code="440304-11").exists()
    typed = {"confirmed": "yes", "text": preview.context["text"]}
    assert administrator.post(IMPORT, typed).status_code == 302
    made = Unit.objects.get(code="440304-11")
    assert (made.level, made.parent.code, made.pinyin) == (
        "station", HANDLER, "lian hua pai chu suo",
    )  # fmt: skip
    assert made.is_within(Unit.objects.get(code="440300"))
    administrator.post(IMPORT, typed)  # again: nothing new
    assert Unit.objects.filter(code__startswith="440304-1").count() == 2


def test_units_above_may_stand_after_those_below(administrator):
    text = "编码,名称\n440399-01,甲派出所\n440399,甲分局\n"
    plan = unit_files.read(text)
    assert plan.faults == [] and unit_files.write(plan) == 2
    assert Unit.objects.get(code="440399-01").parent.code == "440399"


def test_known_code_gets_new_names_and_keeps_its_place(administrator):
    before = Unit.objects.get(code=HANDLER)
    plan = unit_files.read("名称,编码\n福田公安分局,440304\n")
    assert unit_files.write(plan) == 0 and len(plan.changed) == 1
    after = Unit.objects.get(code=HANDLER)
    assert (after.pk, after.name, after.path) == (before.pk, "福田公安分局", before.path)
    assert after.children.count() == before.children.count()


BAD = [
    ("440304-11,甲", "列名"),
    ("编码,名称\n44,甲", "第2行：编码"),
    ("编码,名称\n440304-11,", "没有名称"),
    ("编码,名称\n440304-11,甲\n440304-11,乙", "第3行：编码与第2行重复"),
    ("编码,名称\n449999-01,甲", "没有上级单位 449999"),
    ("编码,名称\n440304-11," + "长" * 61, "不能超过60个字"),
    ("编码,名称\n" + "440304-11,甲\n" * 2001, "2000"),
    ('编码,名称\n"440304-11,甲', "第2行"),
    ("", "列名"),
]


@pytest.mark.parametrize(("text", "words"), BAD)
def test_one_fault_and_nothing_is_taken(administrator, text, words):
    good = "\n440304-13,好派出所" if text.startswith("编码") else ""
    before = Unit.objects.count()
    answer = administrator.post(IMPORT, {"confirmed": "yes", "text": text + good})
    assert answer.status_code == 200 and words in answer.content.decode()
    assert Unit.objects.count() == before


@pytest.mark.parametrize("text", ["\x00\x00", "x" * 500_001])
def test_file_that_is_none_is_refused(administrator, text):
    assert "errornote" in upload(administrator, text).content.decode()
    assert "errornote" in administrator.post(IMPORT).content.decode()


def test_names_in_a_file_are_text(administrator):
    preview = upload(administrator, "编码,名称\n440304-11,<script>alert(1)</script>\n")
    assert "<script>alert" not in preview.content.decode()


def test_import_is_for_who_manages_units(client, make_officer):
    client.force_login(make_officer("view_unit", "add_unit"))
    assert client.get(IMPORT).status_code == 403


# -- officers and roles ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "officer/?q=%00", "officer/?is_active__exact=%00", "officer/?unit__level__exact=%00",
        "officer/?p=%00", "unit/?q=a%00b", "unit/?level__exact=%00", "officer/%00/change/",
        "unit/?o=%00&level__exact=city", "officer/?nonsense=%00",
    ],
)  # fmt: skip
def test_nul_in_an_address_is_no_error(administrator, address):
    assert administrator.get(f"/admin/cases/{address}", follow=True).status_code in (200, 404)


def test_nul_in_a_pop_up_choice_is_no_error(administrator):
    typed = {"app_label": "cases", "model_name": "officer", "field_name": "unit", "term": "a\x00"}
    assert administrator.get("/admin/autocomplete/", typed).status_code == 200


def test_closing_an_account_says_which_letters_it_leaves_behind(administrator, cast, make_officer):
    officer = make_officer("handle_case", unit=HANDLER)
    case = cast.make_case(State.IN_HAND)
    cast.step(case.pk, "assign", officer=officer)
    typed = {"username": officer.username, "first_name": officer.first_name}
    typed |= {"unit": officer.unit_id, "is_staff": "on"}
    address = f"/admin/cases/officer/{officer.pk}/change/"
    text = administrator.post(address, typed, follow=True).content.decode()
    assert "名下还有1封未了结的来信" in text
    assert not Officer.objects.get(pk=officer.pk).is_active


def test_role_offers_only_rights_that_mean_something(client, make_officer):
    boss = Officer.objects.create_superuser("root", password="a long password for tests")
    client.force_login(boss)
    group = Group.objects.get(name="承办民警")
    form = client.get(f"/admin/auth/group/{group.pk}/change/").context["adminform"].form
    offered = set(form.fields["permissions"].queryset.values_list("codename", flat=True))
    assert {"handle_case", "hand_over_case", "change_unit"} <= offered
    assert not {"delete_officer", "add_session", "delete_unit"} & offered
    assert len(offered) < Permission.objects.count()
