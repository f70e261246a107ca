"""`calibrate`: parameters are fitted to tuned figures alone, by real workers; the same each time."""

import io
import tomllib

import pytest
from django.core.management import CommandError, call_command

from simulation import calibrating, newton, sources
from simulation import scenario as scenarios
from simulation.models import Study
from tests import processes

pytestmark = [pytest.mark.workers, pytest.mark.django_db(transaction=True)]

YEAR = sources.source("guangdong-2021")


def small(tuned="year-rules", parameter="scenario.letters", low=1400, high=4000, letters=1600):
    """Return the year's text with few letters, many rules, and one tuned figure."""
    start, end = YEAR.index("\n[roles]\n"), YEAR.index("\n[arrivals]\n")
    roles = f"""
[roles]
tuned = ["{tuned}"]
[[free]]
parameter = "{parameter}"
figure = "{tuned}"
low = {low}
high = {high}
prior = [{low}, {high}]
"""
    text = YEAR[:start] + roles + YEAR[end:]
    return sources.changed(text, "small", {"volume": letters, "outcomes.letters_per_rule": 8})


@pytest.fixture
def file(tmp_path, monkeypatch):
    """Return a function that writes a text to a file and returns its path."""
    monkeypatch.setenv("DATABASE_URL", processes.environment()["DATABASE_URL"])

    def write(text, name="small.toml"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def calibrate(path, output, **options):
    """Return what the command prints."""
    out = io.StringIO()
    call_command(
        "calibrate", str(path), output=str(output), stdout=out, stderr=io.StringIO(),
        **{"replications": 2, "workers": 1, **options},
    )  # fmt: skip
    return out.getvalue()


def refusal(*arguments, **options):
    """Return (exit status, message) of the command."""
    with pytest.raises(CommandError) as caught:
        call_command("calibrate", *map(str, arguments), stdout=io.StringIO(), **options)
    return caught.value.returncode, str(caught.value)


def test_it_meets_the_figure_keeps_the_comments_and_gives_the_same_file_again(file, tmp_path):
    path, first, second = file(small()), tmp_path / "first.toml", tmp_path / "second.toml"
    printed = calibrate(path, first, workers=2)  # one gives the same below
    assert "year-rules" in printed and "NOT MET" not in printed
    assert "half-widths, within" in printed and "predicted figures were not looked at" in printed
    text = first.read_text("utf-8")
    assert text.startswith("# Calibrated: ./manage.py calibrate small --replications 2 --seed 1\n")
    assert "# PRIOR" in text and "letters = 1600 " not in text
    before, after = tomllib.loads(small()), tomllib.loads(text)
    fitted = after["scenario"].pop("letters")
    assert before["scenario"].pop("letters") == 1600 < fitted < 4000
    assert before == after  # nothing else is touched
    calibrate(path, second)
    assert second.read_bytes() == first.read_bytes()
    calibrate(first, second)  # a fit of what is fitted stays there, under one head
    head, rest = second.read_text("utf-8").split("\n", 1)
    assert head.endswith("calibrate first --replications 2 --seed 1")
    assert rest == text.split("\n", 1)[1]
    study = Study.objects.filter(kind="calibrate").first()
    assert study.status == Study.DONE and study.result["met"]


def test_what_cannot_be_met_is_said_and_the_best_is_written(file, tmp_path):
    path, output = file(small(low=1400, high=1700)), tmp_path / "out.toml"
    status, told = refusal(path, output=str(output), workers=1, replications=1)
    assert (status, told) == (1, "best reached; not met: year-rules")
    assert tomllib.loads(output.read_text("utf-8"))["scenario"]["letters"] == 1700
    assert "not met: year-rules" in output.read_text("utf-8").split("\n")[2]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"replications": 0}, "--replications must be from 1"),
        ({"seed": -1}, "--seed must be"),
        ({"workers": 0}, "--workers must be"),
        ({"output": "here.json"}, "--output must end in .toml"),
        ({"output": "/nowhere/at/all.toml"}, "--output: cannot write to /nowhere/at"),
    ],
)
def test_bad_arguments_are_told_before_anything_is_made(options, told):
    status, message = refusal("guangdong-2021", **options)
    assert status == 2 and message.startswith(told)
    assert not Study.objects.exists()


def test_scenarios_that_cannot_be_fitted_are_refused(file):
    assert refusal("nowhere")[0] == 2
    start, end = YEAR.index("\n[roles]\n"), YEAR.index("\n[arrivals]\n")
    status, told = refusal(file(YEAR[:start] + YEAR[end:]))
    assert status == 2 and "there is no free parameter to fit" in told
    status, told = refusal(file(small(tuned="dongguan-solved-2-years")))
    assert status == 2 and "dongguan-solved-2-years ends after the scenario" in told


def test_targets_are_the_tuned_figures_and_no_other():
    chosen = scenarios.parse(YEAR, "guangdong-2021")
    assert set(calibrating.targets(chosen)) == set(chosen.tuned)
    assert set(calibrating.start_of(YEAR, chosen)) == {row.parameter for row in chosen.free}


def test_a_fit_is_told_figure_by_figure_with_its_place_in_the_range():
    chosen = scenarios.parse(YEAR, "guangdong-2021")
    goals = calibrating.targets(chosen)
    start = calibrating.start_of(YEAR, chosen)
    values = {**start, "outcomes.done_growth_per_year": 2.0}
    fit = newton.Fit(values, {**goals, "year-thanks": 1.0}, goals, 3)
    printed = "\n".join(calibrating.lines(fit, chosen))
    assert printed.count("NOT MET") == 1
    assert "+5.67 half-widths, OUTSIDE: less plausible than was thought, at its bound" in printed
    assert "0.3 to 0.6" in printed
