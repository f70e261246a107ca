"""Events as numbers: whatever a timeline says comes back as it was."""

from dataclasses import replace

from cases.transitions import TRANSITIONS
from simulation import codes, engine, scenario

OFTEN = scenario.load("guangdong-2021").scaled(2000)
OFTEN = replace(OFTEN, outcomes=replace(OFTEN.outcomes, letters_per_rule=10))


def test_every_event_of_a_run_comes_back_from_its_numbers():
    """The readable engine says it in words, the compiled one in numbers."""
    said = dict(engine.run(OFTEN, 1).letters())
    (block,) = engine.run(OFTEN, 1).blocks(2000)
    found = dict(block.timelines())
    assert found == said
    actions = {action for timeline in said.values() for _at, action, _said in timeline}
    assert actions >= {
        "dispatch",
        "forward_down",
        "merge",
        "extend",
        "record_rule",
        "record_incident",
    }
    for arrival, timeline in said.items():
        for ours, theirs in zip(timeline, found[arrival], strict=True):
            assert list(ours[2].items()) == list(theirs[2].items())


def test_codes_fit_their_types_and_none_is_said_twice():
    assert tuple(TRANSITIONS) == codes.ACTIONS
    assert len(codes.ACTIONS) <= 256
    assert len({codes.said_code(said) for said in codes.SAID}) == len(codes.SAID)
    assert codes.said_code(codes.NOTHING) == 0


def test_a_group_stands_in_the_order_of_its_keys():
    first = codes.said_code(codes.DECLINED["emergency"])
    for place, reason in enumerate(scenario.DECLINE_CODES):
        assert codes.SAID[first + place] is codes.DECLINED[reason]


def test_units_are_the_department_then_cities_then_their_units():
    units = codes.unit_codes(OFTEN)
    cities = OFTEN.cities
    assert units[: 1 + len(cities)] == ("440000", *(city.code for city in cities))
    assert len(set(units)) == len(units) == 1 + sum(1 + len(city.units) for city in cities)
