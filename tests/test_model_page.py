"""The page of the model names every parameter of the first year, and what is tuned as tuned."""

import re
from pathlib import Path

import pytest

from simulation import scenario, sources

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "model.md").read_text(encoding="utf-8")
NAME = "guangdong-2021"
TREE = sources.tree(sources.source(NAME), NAME)
# About the file itself, and about what is not known of it; told in words.
TOLD = {"name", "title", "code"}
ABOUT = {"roles", "free", "priors"}


def parameters():
    """Return the names of tables, or of the keys in them, as the page writes them."""
    for table, values in TREE.items():
        if table in ABOUT:
            continue
        rows = values if isinstance(values, list) else [values]
        for key in sorted({key for row in rows for key in row} - TOLD):
            yield table, f"{table}.{key}"


@pytest.mark.parametrize("table, name", [*parameters()])
def test_every_parameter_is_told(table, name):
    assert f"`{name}`" in PAGE or f"`{table}`" in PAGE


def test_no_parameter_is_told_that_is_not_there():
    there = {name for pair in parameters() for name in pair}
    rows = re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`([\w.]+)`", row)}
    assert len(named) > 50 and named <= there


def test_what_is_fitted_is_told_as_tuned_and_nothing_else():
    """The n-th role is that of the n-th name, if there are as many; else all have the first."""
    tuned = set()
    for names, roles in re.findall(r"^\| (`.*?) \|.*\| (.*?) \|$", PAGE, re.MULTILINE):
        names, roles = re.findall(r"`([\w.]+)`", names), roles.split(", ")
        roles = roles if len(roles) == len(names) else roles[:1] * len(names)
        tuned |= {name for name, role in zip(names, roles, strict=True) if role == "tuned"}
    assert tuned == {free.parameter for free in scenario.load(NAME).free}
