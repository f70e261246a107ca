"""Write what a mailbox needs before its first letter: units, roles and, if asked, demo officers."""

import json

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, Permission
from django.core.management.base import BaseCommand, CommandError

from cases import units
from cases.models import Officer, ReplyTemplate, RoleGrant, Unit

DEMO_FILE = units.DATA / "demo_officers.json"
TEMPLATES_FILE = units.DATA / "reply_templates.json"


class Command(BaseCommand):
    """Idempotent: what is there already is left as it is, also where people have changed it."""

    help = "Write the units, the roles and their rights (and demo officers with --demo) that are not there yet."

    def add_arguments(self, parser):
        parser.add_argument("--demo", action="store_true", help="also make the demo officers")

    def handle(self, *args, demo=False, **options):
        if demo and settings.SECURE:
            raise CommandError(
                "seed --demo: refused, SITE_URL is https and demo passwords are public"
            )
        made = {"units": seed_units(), "roles": seed_roles(), "rights of roles": seed_rights()}
        made["reply templates"] = seed_templates()
        if demo:
            made["demo officers"] = seed_demo_officers()
        for name, count in made.items():
            self.stdout.write(f"{name}: {count} new")


def seed_units():
    """Write the units of cases/data/units.json that are missing; return how many."""
    known = {unit.code: unit for unit in Unit.objects.all()}
    before = len(known)
    for row in units.rows():
        if row["code"] not in known:
            columns = {**row, "parent": known.get(row["parent"])}
            known[row["code"]] = Unit.objects.create(**columns)
    return len(known) - before


def seed_roles():
    """Make a group for each role of roles.json that has none; return how many."""
    roles = units.roles()
    return sum(Group.objects.get_or_create(name=role["name"])[1] for role in roles)


def seed_rights():
    """Give each role the rights of roles.json that it was never given; return how many.

    What was given is remembered: a right that an administrator has taken back stays away.
    """
    given = 0
    for role in units.roles():
        group = Group.objects.get(name=role["name"])
        before = set(group.grants.values_list("codename", flat=True))
        new = [name for name in role["permissions"] if name not in before]
        group.permissions.add(
            *Permission.objects.filter(codename__in=new, content_type__app_label="cases")
        )
        RoleGrant.objects.bulk_create(RoleGrant(group=group, codename=name) for name in new)
        given += len(new)
    return given


def seed_templates():
    """Write the reply templates for all units that are missing; return how many."""
    known = set(ReplyTemplate.objects.filter(unit=None).values_list("name", flat=True))
    rows = json.loads(TEMPLATES_FILE.read_text(encoding="utf-8"))["templates"]
    new = [ReplyTemplate(**row) for row in rows if row["name"] not in known]
    ReplyTemplate.objects.bulk_create(new)
    return len(new)


def seed_demo_officers():
    """Make the officers of the demonstration that are missing; return how many."""
    demo = json.loads(DEMO_FILE.read_text(encoding="utf-8"))
    role_names = {role["code"]: role["name"] for role in units.roles()}
    password = make_password(demo["password"])  # hashed once: it is slow on purpose
    made = 0
    for entry in demo["officers"]:
        officer, is_new = Officer.objects.get_or_create(
            username=entry["username"],
            defaults={
                "first_name": entry["name"],
                "unit": Unit.objects.get(code=entry["unit"]),
                "password": password,
                "is_staff": True,
            },
        )
        if is_new:
            officer.groups.add(Group.objects.get(name=role_names[entry["role"]]))
            made += 1
    return made
