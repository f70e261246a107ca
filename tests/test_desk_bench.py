"""The bench of the officers' pages: it opens every list and leaves nothing behind."""

import pytest

from cases.models import Officer
from simulation import desk_bench, desk_lists
from tests.run_worlds import at_home, make_run

pytestmark = pytest.mark.django_db


def test_every_list_is_measured_and_nobody_is_left(monkeypatch):
    monkeypatch.setattr(desk_bench, "TIMES", 1)
    monkeypatch.setattr(desk_lists, "MOST", 1)
    readers = {"auditor": desk_bench.READERS["auditor"]}
    monkeypatch.setattr(desk_bench, "READERS", readers)
    found = desk_bench.lists(make_run(1, letters=3))
    assert all(one.seconds > 0 and one.floors > 0 and one.target > 0 for one in found)
    assert {one.reader for one in found} == {*readers}
    assert {"/desk/", "/desk/incidents/", "/desk/audit/"} <= {one.page for one in found}
    assert at_home() and not Officer.objects.filter(username__startswith="bench").exists()


def test_the_filters_orders_and_links_of_a_page_are_followed():
    html = """<form><select name="state"><option value="">all<option value="open">open</select>
      <select name="sort"><option value="due">due</select></form>
      <form class="filters" method="post"><select name="kind"><option value="help"></select></form>
      <form method="post"><select name="action"><option value="merge">merge</select></form>
      <a href="?scope=all">all</a> <a href="/desk/clues/?month=2021-05">clues</a>
      <a href="/desk/clues/">clues</a> <a href="https://example.org/?q=1">elsewhere</a>"""
    assert desk_lists.variants("/desk/", html) == [
        "/desk/?state=open",
        "/desk/?sort=due",
        "/desk/?kind=help",
        f"/desk/?scope=all&page={desk_lists.DEEP}",
        "/desk/?scope=all",
        "/desk/clues/?month=2021-05",
    ]
