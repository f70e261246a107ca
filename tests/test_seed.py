"""The seed command: what a mailbox needs before its first letter, and nothing twice."""

from importlib import import_module
from io import StringIO

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command

from cases import units
from cases.models import Officer, RoleGrant, Unit

pytestmark = pytest.mark.django_db


def seed(*options):
    out = StringIO()
    call_command("seed", *options, stdout=out)
    return out.getvalue()


@pytest.fixture
def nothing_there(db):
    Unit.objects.all()._raw_delete("default")
    Group.objects.all().delete()


def test_units_and_roles_are_written_once(nothing_there):
    assert "units: 458 new" in seed()
    assert Unit.objects.count() == len(units.rows())
    station = Unit.objects.get(code="440304-01")
    assert (station.parent.code, station.path) == ("440304", "440000/440300/440304/440304-01/")
    assert {g.name for g in Group.objects.all()} == {role["name"] for role in units.roles()}
    names = ("units", "roles", "rights of roles", "reply templates")
    assert seed() == "".join(f"{name}: 0 new\n" for name in names)


def test_what_people_changed_stays(nothing_there):
    seed()
    role = Group.objects.get(name="审计员")
    role.permissions.clear()
    Unit.objects.filter(code="440304").update(name="福田分局（新名）")
    seed()
    assert not role.permissions.exists()
    assert Unit.objects.get(code="440304").name == "福田分局（新名）"


def test_right_that_came_with_an_update_reaches_the_roles_that_are_there(nothing_there):
    seed()
    leaders, handlers = (Group.objects.get(name=name) for name in ("领导", "承办民警"))
    for group in (leaders, handlers):  # as an older version left them
        group.permissions.remove(Permission.objects.get(codename="hand_over_case"))
        group.grants.filter(codename="hand_over_case").delete()
    leaders.permissions.remove(Permission.objects.get(codename="supervise_case"))
    Group.objects.create(name="本局自设")
    assert "rights of roles: 2 new" in seed()
    held = {
        g.name: set(g.permissions.values_list("codename", flat=True)) for g in Group.objects.all()
    }
    assert "hand_over_case" in held["领导"] & held["承办民警"]
    assert "supervise_case" not in held["领导"] and not held["本局自设"]


def test_groups_made_before_an_update_keep_what_was_taken_back(nothing_there):
    migration = import_module("cases.migrations.0019_batch_faults_role_grants")
    for name in migration.GIVEN:
        Group.objects.create(name=name)
    RoleGrant.objects.all().delete()
    migration.remember(apps, None)
    assert set(migration.GIVEN) == {role["name"] for role in units.roles()}
    seed()
    auditor = Group.objects.get(name="审计员")
    assert not auditor.permissions.exists()
    new = Group.objects.get(name="系统管理员").permissions.values_list("codename", flat=True)
    of_questions = {f"{verb}_commonquestion" for verb in ("view", "add", "change")}
    late = {"view_batch", "add_policyversion", "view_trouble", "change_trouble"}
    assert set(new) == late | of_questions


def test_demo_officers_are_made_only_when_asked(db):
    seed()
    assert not Officer.objects.exists()
    assert "demo officers: 35 new" in seed("--demo")
    assert "demo officers: 0 new" in seed("--demo")


def test_demo_has_every_role_in_the_department_and_can_sign_in(client, db):
    seed("--demo")
    department = Officer.objects.filter(unit__code="440000")
    roles = set(department.values_list("groups__name", flat=True))
    assert roles == {role["name"] for role in units.roles()}
    assert client.login(username="sz-desk", password="pingan-demo")
    assert client.get("/desk/").status_code == 200


def test_demo_officers_have_the_rights_of_their_role(db):
    seed("--demo")
    assert Officer.objects.get(username="sz-desk").has_perm("cases.triage_case")
    assert Officer.objects.get(username="futian-handler").has_perm("cases.handle_case")
    admin = Officer.objects.get(username="gd-admin")
    assert admin.has_perm("cases.change_officer") and not admin.has_perm("cases.triage_case")
    assert not Officer.objects.filter(is_superuser=True).exists()


def test_demo_officers_are_refused_on_a_public_site(settings, db):
    settings.SECURE = True
    with pytest.raises(CommandError, match="https"):
        seed("--demo")
    assert not Officer.objects.exists()
