"""The database's own log does not quote what somebody typed, also where a statement fails."""

import pytest
from django.db import DatabaseError, connection, transaction

from config import server_checks
from config.servers import POSTGRES_SETTINGS, QUIET
from tests.planted import database_log
from tests.test_deployment import SERVICES

pytestmark = pytest.mark.django_db
FAILING = {
    "a statement": "SELECT 1 / 0 FROM cases_officer WHERE username <> %s HAVING count(*) > 0",
    "a row": "INSERT INTO auth_group (name) VALUES (%s), (%s)",
}


@pytest.mark.parametrize("failing", FAILING.values(), ids=FAILING)
def test_statement_that_fails_is_not_quoted(make_officer, failing):
    make_officer()
    before = len(database_log())
    with pytest.raises(DatabaseError) as why, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(failing, ["zqwkx154739"] * failing.count("%s"))
    written = database_log()[before:]
    assert str(why.value).split("\n")[0] in written  # the fault itself is told
    assert "zqwkx154739" not in written


def test_settings_are_those_of_the_embedded_server_and_of_compose():
    command = SERVICES["postgres"]["command"]
    assert QUIET.items() <= POSTGRES_SETTINGS.items()
    assert {f"{name}={value}" for name, value in QUIET.items()} <= set(command)


@pytest.mark.parametrize("name", QUIET)
def test_database_that_quotes_is_a_warning(monkeypatch, name):
    assert server_checks.check_log_of_database(None) == []
    monkeypatch.setitem(QUIET, name, "another")
    assert [m.id for m in server_checks.check_log_of_database(None)] == ["config.W015"]
