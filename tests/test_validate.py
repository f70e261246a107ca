"""Shapes beside real ones: distances that are known, files that are made here, and the command."""

import csv
import gzip
import io
import re
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from simulation import distances, mailboxes, scenario, shapes, sources, validating

ROOT = Path(__file__).resolve().parent.parent
SECRET = "words of a letter"
SMALL = """
base = "guangdong-2021"
[changes]
volume = "0.04x"
[scenario]
name = "small"
title = "Small"
[roles]
compared = false
"""


# -- distances -----------------------------------------------------------------------------------


def test_total_variation_is_the_share_that_would_have_to_move():
    assert distances.total_variation([3, 1], [1, 1]) == pytest.approx(0.25)
    assert distances.total_variation([2, 2], [5, 5]) == 0
    assert distances.total_variation([1, 0], [0, 9]) == 1


def test_samples_lie_as_far_from_their_shares_as_is_said():
    limit = distances.total_variation_by_chance([5, 3, 2], 400)
    rng = np.random.default_rng(7)
    far = [distances.total_variation(rng.multinomial(400, [0.5, 0.3, 0.2]), [5, 3, 2]) > limit for _ in range(2000)]  # fmt: skip
    assert np.mean(far) == pytest.approx(0.05, abs=0.025)


def test_the_largest_difference_of_distribution_functions_is_found():
    assert distances.kolmogorov_smirnov([1, 2, 3, 4], [3, 4, 5, 6]) == pytest.approx(0.5)
    assert distances.kolmogorov_smirnov([1, 2], [2, 1]) == 0


def test_a_lognormal_sample_fits_and_an_even_one_does_not():
    rng = np.random.default_rng(3)
    mu, sigma = distances.lognormal_fit(rng.lognormal(2, 0.8, 20_000))
    assert (mu, sigma) == (pytest.approx(2, abs=0.03), pytest.approx(0.8, abs=0.03))
    assert distances.from_lognormal(rng.lognormal(2, 0.8, 20_000)) < 0.015
    assert distances.from_lognormal(rng.uniform(0, 1, 20_000)) > 0.1
    assert distances.quantile_ratio(np.arange(1, 102), 0.9, 0.5) == pytest.approx(91 / 51)


def test_scatter_is_that_of_the_level_whatever_the_trend():
    rng = np.random.default_rng(5)
    trend = np.linspace(80, 120, 4000)
    index, scatter = distances.dispersion([rng.poisson(trend)])
    assert index == pytest.approx(1, abs=0.1) and scatter < 0.04
    index, scatter = distances.dispersion([rng.poisson(trend * rng.gamma(25, 1 / 25, 4000))])
    assert index == pytest.approx(1 + 100 * 0.04, rel=0.1)
    assert scatter == pytest.approx(0.2, rel=0.08)


def test_days_are_told_by_the_official_calendar():
    days = np.arange(np.datetime64("2019-04-01"), np.datetime64("2019-06-01"))
    letters = {"2019-05-01": 1, "2019-05-05": 3, "2019-05-04": 2}  # holiday, make-up, weekend
    times = np.repeat(days, [letters.get(str(day), 4) for day in days]).astype("datetime64[s]")
    kinds = shapes.by_kind_of_day(times)
    assert kinds["make-up workday"] == (pytest.approx((4 + 3) / 2 / 4), 2)
    assert kinds["holiday on a weekday"][1] == 4
    assert kinds["holiday on a weekday"][0] == pytest.approx((1 + 3 * 4) / 4 / 4)


# -- files in the form of the real ones, of what the simulator says ---------------------------------


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """(file of a small scenario, Log and which are consultations, of seed 5)."""
    path = tmp_path_factory.mktemp("scenario") / "small.toml"
    path.write_text(SMALL, encoding="utf-8")
    return path, *mailboxes.simulated(scenario.load(str(path)), 5)


def write(folder, path, columns):
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(target, "wt", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*columns, "body"])
        writer.writerows([*row, SECRET] for row in zip(*columns.values(), strict=True))


def texts(times, unit="s"):
    return ["" if text == "NaT" else text.replace("T", " ") for text in np.datetime_as_string(times, unit)]  # fmt: skip


def write_all(folder, log, consult, late=0):
    """Write the files of all sources as the log would have filled them; `late`: hours put off."""
    put_off = np.timedelta64(late * 3600, "s")
    received, replied = log.received + put_off, log.replied + put_off
    handled = ~consult
    write(folder, "leaderboard-gas/letters.csv.gz", {"received_at": texts(received, "m"), "replied_at": texts(replied, "m"), "state": ["已办理"] * len(log)})  # fmt: skip
    write(folder, "taidi-letters/letters_reply.csv.gz", {"received_at": texts(received[handled]), "replied_at": texts(replied[handled])})  # fmt: skip
    write(folder, "taidi-letters/letters_topic.csv.gz", {"received_at": texts(received), "user_id": log.writers})  # fmt: skip
    done = ~np.isnat(log.replied)
    write(folder, "fuzhou-appeals/letters.csv.gz", {"received_on": texts(received[done], "D"), "final_reply_on": texts(replied[done], "D"), "transfers": log.transfers[done]})  # fmt: skip
    status = np.where(log.duplicate, "Closed (Duplicate)", "Closed")
    write(folder, "baltimore-311/requests.csv.gz", {"created_at": texts(received), "closed_at": texts(replied), "channel": ["Phone"] * len(log), "status": status})  # fmt: skip
    write(folder, "nyc-council-casework/cases.csv.gz", {"opendate": texts(received, "D"), "closedate": texts(replied, "D")})  # fmt: skip
    days = np.arange(np.datetime64("1999-01-01"), np.datetime64("1999-07-01"))
    windows = {f"{n // 10:02d}:{n % 10 * 6:02d}": np.full(len(days), 2 + n % 2) for n in range(240)}
    write(folder, "bank-callcentre-1999/calls_per_6min.csv.gz", {"date": texts(days, "D"), **windows})  # fmt: skip


def rows_of(folder, small):
    _path, log, consult = small
    rows = validating.compare(mailboxes.real(folder), log, consult)
    return {(row.what, row.source): row for row in rows}


def test_a_mailbox_is_at_no_distance_from_itself(small, tmp_path):
    write_all(tmp_path, *small[1:])
    rows = rows_of(tmp_path, small)
    for what, source in (
        ("hour of receipt", validating.GAS),
        ("hour of reply, all letters", validating.GAS),
        ("weekday of reply, no consultations", validating.BOARD),
        ("shape over its median", validating.BOARD),
        ("sigma of the lognormal fit", validating.BOARD),
        ("times passed on", validating.RIVERS),
        ("letters a writer", validating.BOARD),
        ("share of duplicates", validating.REQUESTS),
    ):
        assert rows[what, source].distance == pytest.approx(0, abs=1e-9), what
        assert rows[what, source].verdict in (validating.SAME, validating.NEAR)
    calls = rows["scatter, days", validating.CALLS]
    assert float(calls.real) == 0 and calls.verdict == validating.OFF


def test_a_mailbox_half_a_day_later_is_as_far_as_can_be_counted(small, tmp_path):
    write_all(tmp_path, *small[1:], late=12)
    row = rows_of(tmp_path, small)["hour of receipt", validating.GAS]
    hours = shapes.by_hour(small[1].received)
    moved = np.abs(hours - np.roll(hours, 12)).sum() / 2 / hours.sum()
    assert row.distance == pytest.approx(moved) and moved > 0.3
    assert row.verdict == validating.OFF
    assert row.size == len(small[1])


# -- the command ---------------------------------------------------------------------------------


def validate(*arguments):
    out = io.StringIO()
    call_command("validate", *map(str, arguments), stdout=out)
    return out.getvalue()


def test_the_page_holds_numbers_and_no_letter(small, tmp_path):
    write_all(tmp_path, *small[1:])
    (tmp_path / "nyc-council-casework/cases.csv.gz").unlink()
    page = tmp_path / "validation.md"
    told = validate(small[0], "--data", tmp_path, "--seed", 5, "--output", page)
    text = page.read_text(encoding="utf-8")
    assert "hour of receipt" in told and f"Wrote {page}" in told
    assert SECRET not in text and "已办理" not in text and str(tmp_path) not in text
    assert sources.fingerprint(sources.source(str(small[0])))[:16] in text
    assert "| seed | 5 |" in text
    assert "| not there, so not compared | nyc-council-casework/cases.csv.gz |" in text
    for title in validating.PARTS.values():
        assert f"## {title}\n" in text
    same = tmp_path / "again.md"
    validate(small[0], "--data", tmp_path, "--seed", 5, "--output", same)
    assert same.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    "arguments, told",
    [
        (("--data", "{}/nowhere"), "there is no folder .*nowhere"),
        (("--data", "{}"), "nothing to compare with in .*looked for taidi-letters"),
        (("--data", "{}", "--seed", "-1"), "--seed must be"),
        (("--data", "{}", "--output", "{}/no/page.md"), "can't be written"),
    ],
)
def test_without_data_it_says_so(tmp_path, arguments, told):
    with pytest.raises(CommandError, match=told) as error:
        validate(*(argument.format(tmp_path) for argument in arguments))
    assert error.value.returncode == 2


@pytest.mark.parametrize(
    "content", [b"not gzip", gzip.compress(b"a,b\n1,2\n")], ids=["text", "other columns"]
)
def test_a_file_of_another_form_is_refused(tmp_path, content):
    path = tmp_path / "leaderboard-gas/letters.csv.gz"
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(CommandError, match=r"letters\.csv\.gz can't be read") as error:
        validate("--data", tmp_path)
    assert error.value.returncode == 2


def test_a_scenario_that_is_not_there_is_refused(db, small, tmp_path):
    write_all(tmp_path, *small[1:])
    with pytest.raises(CommandError) as error:
        validate("no-such-scenario", "--data", tmp_path)
    assert error.value.returncode == 2


def test_the_page_of_the_project_holds_nothing_of_the_letters():
    text = (ROOT / "docs" / "validation.md").read_text(encoding="utf-8")
    assert not re.search("[\u4e00-\u9fff]", text)
    assert re.search(r"scenario \| guangdong-2021, SHA-256 of its text [0-9a-f]{16} \|", text)
