"""The network by which engines are compared is one and the same: all three find theory's times."""

import pytest

from simulation import engines

# Jackson: 3.870 and 18.750 minutes of waiting (Erlang C) before 10 and 150 minutes of work.
DESK, UNIT = 13.870, 168.750


@pytest.mark.parametrize("engine", [engines.ours, engines.simpys, engines.ciws])
def test_engine_plays_the_network_of_theory(engine):
    seconds, (desk, unit) = engine(6_000, seed=3)
    assert seconds > 0
    assert desk == pytest.approx(DESK, rel=0.15)
    assert unit == pytest.approx(UNIT, rel=0.08)
