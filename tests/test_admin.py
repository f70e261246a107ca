"""The stock admin: officers, units and roles are kept here; letters only lead to the desk."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission

from cases.models import Case, Officer, Unit
from cases.transitions import State

pytestmark = pytest.mark.django_db

MANAGES = ("view_officer", "add_officer", "change_officer", "view_unit", "add_unit", "change_unit")


@pytest.fixture
def administrator(make_officer):
    return make_officer(*MANAGES, unit="440000")


def change(client, officer, **fields):
    """Post an officer's change form; return the answer."""
    typed = {
        "username": officer.username,
        "first_name": officer.first_name,
        "unit": officer.unit_id,
        "is_active": "on",
        "is_staff": "on",
    }
    typed = {name: value for name, value in {**typed, **fields}.items() if value is not None}
    return client.post(f"/admin/cases/officer/{officer.pk}/change/", typed)


def test_pages_of_the_admin_open(client, administrator, cast):
    client.force_login(administrator)
    unit = Unit.objects.get(code="440304")
    for address in (
        "/admin/",
        "/admin/cases/unit/",
        "/admin/cases/unit/?q=futian",
        f"/admin/cases/unit/{unit.pk}/change/",
        "/admin/cases/unit/add/",
        "/admin/cases/officer/",
        "/admin/cases/officer/add/",
        f"/admin/cases/officer/{cast.writer.pk}/change/",
        f"/admin/cases/officer/{cast.writer.pk}/history/",
    ):
        assert client.get(address).status_code == 200, address


def test_admin_and_desk_lead_to_each_other(client, administrator):
    client.force_login(administrator)
    assert 'href="/desk/"' in client.get("/admin/").content.decode()
    assert 'href="/admin/"' in client.get("/desk/").content.decode()


def test_administrator_makes_an_officer_and_gives_a_role(client, administrator):
    client.force_login(administrator)
    typed = {
        "username": "new-officer",
        "first_name": "新民警",
        "unit": Unit.objects.get(code="440304").pk,
        "usable_password": "true",
        "password1": "a long password for tests",
        "password2": "a long password for tests",
        "is_staff": "on",
        "groups": [
            g.pk
            for g in client.get("/admin/cases/officer/add/")
            .context["adminform"]
            .form.fields["groups"]
            .queryset
            if g.name == "承办民警"
        ],
    }
    assert client.post("/admin/cases/officer/add/", typed).status_code == 302
    officer = Officer.objects.get(username="new-officer")
    assert officer.has_perm("cases.handle_case") and str(officer) == "新民警"


def test_nobody_is_deleted(client, administrator, cast):
    administrator.user_permissions.add(
        *Permission.objects.filter(codename__in=("delete_officer", "delete_unit"))
    )
    client.force_login(administrator)
    unit = Unit.objects.get(code="440304-01")
    for address in (f"officer/{cast.writer.pk}", f"unit/{unit.pk}"):
        assert client.post(f"/admin/cases/{address}/delete/", {"post": "yes"}).status_code == 403
    assert Officer.objects.filter(pk=cast.writer.pk).exists()
    client.post(
        "/admin/cases/officer/", {"action": "delete_selected", "_selected_action": cast.writer.pk}
    )
    assert Officer.objects.filter(pk=cast.writer.pk).exists()


def test_officer_is_deactivated_and_can_do_nothing(client, administrator, cast):
    client.force_login(administrator)
    assert change(client, cast.writer, is_active=None).status_code == 302
    cast.writer.refresh_from_db()
    assert not cast.writer.is_active and not cast.writer.has_perm("cases.triage_case")


def test_administrator_gives_no_rights_to_himself(client, administrator):
    client.force_login(administrator)
    role = "groups"
    everything = [str(pk) for pk in range(1, 30)]
    change(client, administrator, **{role: everything, "is_superuser": "on"})
    mine = Officer.objects.get(pk=administrator.pk)
    assert not mine.has_perm("cases.triage_case") and not mine.is_superuser


def test_administrator_makes_no_superuser_and_changes_none(client, administrator, cast):
    client.force_login(administrator)
    change(client, cast.writer, is_superuser="on", user_permissions=["1", "2"])
    assert not Officer.objects.get(pk=cast.writer.pk).is_superuser
    above = Officer.objects.create_superuser("root", password="a long password for tests")
    assert change(client, above, first_name="换名").status_code == 403
    typed = {"usable_password": "true", "password1": "x" * 20, "password2": "x" * 20}
    assert client.post(f"/admin/cases/officer/{above.pk}/password/", typed).status_code == 403


def test_administrator_keeps_roles_but_not_an_own_one(client, administrator):
    own, other = Group.objects.get(name="系统管理员"), Group.objects.get(name="承办民警")
    administrator.groups.add(own)
    client.force_login(administrator)
    page = client.get(f"/admin/auth/group/{other.pk}/change/")
    labels = [label for _key, label in page.context["adminform"].form.fields["permissions"].choices]
    assert {"签收与办理", "修改单位", "新增规则版本"} <= set(labels)
    note = Permission.objects.get(codename="note_case")
    typed = {"name": other.name, "permissions": [note.pk]}
    assert client.post(f"/admin/auth/group/{other.pk}/change/", typed).status_code == 302
    assert list(other.permissions.values_list("codename", flat=True)) == ["note_case"]
    assert client.post(f"/admin/auth/group/{own.pk}/change/", typed).status_code == 403
    made = {"name": "值班员", "permissions": [note.pk]}
    assert client.post("/admin/auth/group/add/", made).status_code == 302
    assert client.post(f"/admin/auth/group/{other.pk}/delete/", {"post": "yes"}).status_code == 403


def test_roles_are_not_for_other_officers(client, cast):
    client.force_login(cast.writer)
    answer = client.get("/admin/auth/group/")
    assert answer.status_code == 403 and "没有权限" in answer.content.decode()


def test_new_officer_can_sign_in_unless_that_is_taken_away(client, administrator):
    client.force_login(administrator)
    page = client.get("/admin/cases/officer/add/")
    text = page.content.decode()
    assert page.context["adminform"].form.initial["is_staff"] is True
    assert "密码请当面或电话告知本人" in text and 'type="checkbox" name="groups"' in text


@pytest.mark.parametrize("model", ["officer", "unit", "replytemplate", "commonquestion"])
@pytest.mark.parametrize("key", ["0", "x", "%00", str(10**30)])
def test_absent_rows_lead_back(client, cast, model, key):
    client.force_login(Officer.objects.create_superuser("root", password="a long password"))
    for place in ("change", "history", "delete"):
        status = client.get(f"/admin/cases/{model}/{key}/{place}/").status_code
        assert status in (302, 403, 404), place


@pytest.mark.parametrize("typed", ["坏\x00字", "长" * 500])
def test_bad_names_are_said_at_their_field(client, administrator, cast, typed):
    client.force_login(administrator)
    for field in ("first_name", "username", "email", "phone", "unit"):
        answer = change(client, cast.writer, **{field: typed})
        assert answer.status_code == 200 and answer.context["errors"], field


def test_new_unit_takes_its_place_in_the_tree(client, administrator):
    client.force_login(administrator)
    parent = Unit.objects.get(code="440304")
    typed = {
        "code": "440304-09",
        "name": "新派出所",
        "name_en": "New Station",
        "level": "station",
        "parent": parent.pk,
        "pinyin": "xin pai chu suo",
        "active": "on",
    }
    assert client.post("/admin/cases/unit/add/", typed).status_code == 302
    made = Unit.objects.get(code="440304-09")
    assert made.path == f"{parent.path}440304-09/"
    change_page = client.get(f"/admin/cases/unit/{made.pk}/change/").context["adminform"].form
    assert not {"code", "level", "parent"} & set(change_page.fields)


def test_letters_lead_to_the_desk_and_their_history_is_the_event_log(client, cast):
    case = cast.make_case(State.IN_HAND)
    client.force_login(cast.writer)
    page = f"/desk/{case.letter.receipt}/"
    assert client.get("/admin/cases/case/").url == "/desk/"
    assert client.get(f"/admin/cases/case/{case.pk}/change/").url == page
    assert client.get(f"/admin/cases/case/{case.pk}/history/").url == f"{page}#history"
    assert "签收" in client.get(page).content.decode()


@pytest.mark.parametrize("place", ["change/", "history/"])
def test_hidden_and_absent_letters_look_the_same_from_the_admin(client, cast, make_officer, place):
    case = cast.make_case()
    client.force_login(make_officer("triage_case", unit="440100"))
    keys = (case.pk, 10**9, 10**40, "x")
    answers = [client.get(f"/admin/cases/case/{key}/{place}", follow=True) for key in keys]
    assert {(a.status_code, a.content) for a in answers} == {(404, answers[0].content)}


def test_letters_cannot_be_changed_in_the_admin(client, cast):
    case = cast.make_case()
    boss = Officer.objects.create_superuser("root", password="a long password for tests")
    boss.unit = cast.writer.unit
    boss.save()
    client.force_login(boss)
    assert client.get("/admin/cases/case/add/").status_code == 403
    assert client.post(f"/admin/cases/case/{case.pk}/delete/", {"post": "yes"}).status_code == 403
    client.post(f"/admin/cases/case/{case.pk}/change/", {"state": "closed"})
    assert Case.objects.get(pk=case.pk).state == State.RECEIVED


def test_no_log_entry_tells_of_a_letter(client, cast):
    case = cast.make_case()
    client.force_login(cast.writer)
    client.post(f"/desk/{case.letter.receipt}/accept/", {"seen": case.seq})
    assert Case.objects.get(pk=case.pk).state == State.ACCEPTED
    assert not LogEntry.objects.exists()


def test_guessing_a_password_has_an_end_and_locks_nobody_else_out(client, cast):
    def sign_in(password, **elsewhere):
        typed = {"username": "all-rights", "password": password}
        return client.post("/admin/login/?next=/desk/", typed, **elsewhere)

    for _time in range(10):
        assert "请输入" in sign_in("wrong").content.decode()
    right = "a long password for tests"
    assert "尝试次数过多" in sign_in(right).content.decode()
    assert sign_in(right, REMOTE_ADDR="203.0.113.9").url == "/desk/"
    for _time in range(12):  # who knows the password is never counted out
        assert sign_in(right, REMOTE_ADDR="203.0.113.9").status_code == 302
