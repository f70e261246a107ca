"""The bench of the officers' pages: it measures every list and leaves nothing behind."""

import pytest

from cases.models import Officer
from simulation import desk_bench
from tests.run_worlds import at_home, make_run

pytestmark = pytest.mark.django_db


def test_every_list_is_measured_and_nobody_is_left(monkeypatch):
    monkeypatch.setattr(desk_bench, "TIMES", 1)
    world = make_run(1, letters=3)
    found = desk_bench.lists(world)
    assert len(found) == len(desk_bench.READERS) * len(desk_bench.LISTS)
    assert all(seconds > 0 and ratio > 0 for _reader, _list, seconds, ratio in found)
    assert at_home() and not Officer.objects.filter(username__startswith="bench").exists()
