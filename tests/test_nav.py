"""The desk's links: each role sees those of the pages that open to it, and no others."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from cases import units
from cases.desk import nav
from cases.models import Officer
from tests.people import build_officer

ROLES = units.roles()


@pytest.mark.django_db
@pytest.mark.parametrize("role", [role["name"] for role in ROLES])
def test_links_lead_to_the_pages_that_a_role_may_open(role, client):
    officer = build_officer(unit="440300")
    officer.groups.add(Group.objects.get(name=role))
    officer = Officer.objects.get(pk=officer.pk)  # permissions are remembered
    client.force_login(officer)
    shown = nav.shown(officer, "/desk/")
    links = [row.link for row in (*shown["often"], *shown["more"])]
    opened = [link for link in nav.LINKS if client.get(reverse(link.name)).status_code == 200]
    assert links == [link for link in nav.LINKS if link in links]
    assert set(links) <= set(opened)
    assert links[0].name == "desk:list"
    managed = {"desk:duty", "desk:policy", "desk:hand-over"} & {link.name for link in links}
    admin = client.get("/admin/").text
    assert {name for name in managed if reverse(name) in admin} == managed
    assert admin.count('<li><a href="/desk/') == len(managed)
