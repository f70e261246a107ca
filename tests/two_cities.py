"""A scenario small enough to be played again and again: two cities, sixty days, a surge, long work."""

import tomlkit

from simulation import sources

NAME = "two-cities"
CITIES = ("441700", "445300")
LETTERS = 800


def text(**staff):
    """Return its TOML text. staff: desk, duty, handlers or reviewers of both cities."""
    tree = tomlkit.parse(sources.source("guangdong-2021"))
    for key in ("roles", "free", "priors"):
        del tree[key]
    del tree["arrivals"]["checkpoints"]
    tree["scenario"].update({"name": NAME, "title": "Two cities", "days": 60, "letters": LETTERS})
    tree["work"]["action"]["record_result"]["minutes"] = 300
    rows = tomlkit.aot()
    for city in tree["city"]:
        if city["code"] in CITIES:
            city.update(staff)
            rows.append(city)
    tree["city"] = rows
    return tomlkit.dumps(tree)
