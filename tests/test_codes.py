"""Events as numbers: whatever a timeline says comes back as it was."""

from dataclasses import replace

from cases.transitions import TRANSITIONS
from simulation import codes, engine, scenario

OFTEN = scenario.load("guangdong-2021").scaled(2000)
OFTEN = replace(OFTEN, outcomes=replace(OFTEN.outcomes, letters_per_rule=10))


def test_every_event_of_a_run_comes_back_from_its_numbers():
    coder, seen = codes.Coder(OFTEN), set()
    for arrival, timeline in engine.run(OFTEN, 1).letters():
        for _at, action, said in timeline:
            numbers = coder.encode(action, said)
            found = coder.fields_of(*numbers, arrival.number, arrival.category)
            assert list(found.items()) == list(said.items())
            assert codes.ACTIONS[numbers[0]] == action
            seen.add(action)
    assert seen >= {"dispatch", "forward_down", "merge", "extend", "record_rule", "record_incident"}


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
