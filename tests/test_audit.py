"""The auditor's log of showings: narrowed by officer, receipt and day, paged, and as a file."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from cases import worlds
from cases.calendars import SHANGHAI
from cases.models import Disclosure, Export
from tests.desk_page import CITY, HANDLER

pytestmark = pytest.mark.django_db

PAGE = "/desk/audit/"


@pytest.fixture
def scene(client, cast, make_officer):
    """Three showings: two today by two officers of two letters, one ten days ago."""
    first, second = cast.make_case(), cast.make_case()
    li = make_officer("reveal_identity", unit=CITY, username="li")
    wang = make_officer("reveal_identity", unit=HANDLER, username="wang")
    now = worlds.now()
    shown = ((first, li, "=核对电话", now), (second, wang, "回访", now))
    for case, user, reason, at in (*shown, (first, wang, "旧的理由", now - timedelta(days=10))):
        Disclosure.objects.create(letter=case.letter, user=user, reason=reason, at=at)
    client.force_login(make_officer("view_audit", unit=CITY))
    client.first = first.letter.receipt
    client.today = f"{now.astimezone(SHANGHAI):%Y-%m-%d}"
    return client


def reasons(client, **asked):
    return {row.reason for row in client.get(PAGE, asked).context["rows"]}


def test_log_is_narrowed_by_officer_unit_receipt_and_day(scene):
    assert reasons(scene) == {"=核对电话", "回访", "旧的理由"}
    assert reasons(scene, who="wan") == {"回访", "旧的理由"}
    assert reasons(scene, who="福田") == {"回访", "旧的理由"}
    assert reasons(scene, receipt=scene.first.lower()) == {"=核对电话", "旧的理由"}
    assert reasons(scene, since=scene.today) == {"=核对电话", "回访"}
    assert reasons(scene, until=scene.today, who="li") == {"=核对电话"}
    assert reasons(scene, who="wang", receipt=scene.first, until="2000-01-01") == set()


@pytest.mark.parametrize(
    "typed", [{"since": "x"}, {"until": "9999-12-31"}, {"since": "\x00"}, {"page": "-1"}]
)
def test_what_is_no_filter_narrows_nothing(scene, typed):
    assert len(reasons(scene, **typed)) == 3


@pytest.mark.parametrize("typed", [{"who": "\x00" * 9}, {"who": "%"}, {"receipt": "'" * 900}])
def test_odd_words_find_what_they_can(scene, typed):
    assert scene.get(PAGE, typed).status_code == 200


def test_pages_keep_the_filters(scene, make_officer):
    one = Disclosure.objects.get(reason="回访")
    rows = [Disclosure(letter_id=one.letter_id, user_id=one.user_id, reason="多", at=one.at)]
    Disclosure.objects.bulk_create(rows * 60)
    page = scene.get(PAGE, {"who": "wang"})
    assert page.context["older"] == "?who=wang&page=2" and len(page.context["rows"]) == 50
    assert len(scene.get(PAGE + page.context["older"]).context["rows"]) == 12


def test_file_holds_what_the_page_asks_for_and_no_formula(scene):
    answer = scene.post(f"{PAGE}file/", {"who": "li"})
    text = answer.content.decode()
    assert answer["Content-Type"].startswith("text/csv") and text.startswith("\ufeff")
    assert text.count("\n") == 2 and ",'=核对电话" in text and scene.first in text
    kept = Export.objects.get()
    assert kept.rows == 1 and "li" not in kept.filters
    assert "身份查看记录" in scene.get("/desk/exports/").content.decode()


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE cases_disclosure SET reason = '回访'",
        "DELETE FROM cases_disclosure",
        "TRUNCATE cases_disclosure",
    ],
)
@pytest.mark.usefixtures("scene")
def test_database_refuses_to_change_the_log(sql):
    refused = pytest.raises(DatabaseError, match="append-only: .* on live.cases_disclosure")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(sql)
    assert Disclosure.objects.filter(reason="旧的理由").exists()


def test_log_of_letters_elsewhere_is_not_shown(client, scene, make_officer):
    client.force_login(make_officer("view_audit", unit="440100"))
    assert reasons(client) == set()
    assert client.post(f"{PAGE}file/").content.decode().count("\n") == 1
