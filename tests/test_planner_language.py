"""The planner's pages in English: every text of theirs, every page, and what they refuse."""

import re
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import translation

from cases import worlds
from cases.models import Officer
from simulation import forecasts, gallery, sources, staffing_report, studies, targets
from simulation.models import SavedScenario, Study
from tests import test_staff_pages
from tests.people import MORNING
from tests.reports import no_tasks_left, small_run  # noqa: F401
from tests.test_citizen_traditional import simplified_in
from tests.texts_to_translate import chinese_in, untranslated

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_tasks_left")]
ROOT = Path(__file__).resolve().parent.parent
FILES = [
    *(path for path in ROOT.glob("simulation/**/*.py") if "migrations" not in path.parts),
    *ROOT.glob("simulation/templates/**/*.html"),
    ROOT / "cases" / "desk" / "figure_labels.py",
    ROOT / "cases" / "desk" / "measures.py",
]
PICTURES = "days curves waiting funnel flow hours on_time replies checks".split()
# The words that the published figures were printed with, as their notes quote them.
QUOTED = re.compile("破获|查破各类案件|[0-9.]+万余?")
MARCH = datetime(2026, 3, 20, 8, 0, tzinfo=UTC)


def address(name, *args):
    return reverse(f"simulation:{name}", args=args)


@pytest.fixture
def english(planner):
    """A planner's browser in which English was chosen, by the button of the page itself."""
    Officer.objects.update(last_name="Planner", first_name="")  # a name is never translated
    page = planner.get(address("list")).text
    assert '<button name="language" value="en" lang="en">English</button>' in page
    planner.post(reverse("set_language"), {"language": "en", "next": address("list")})
    return planner


def read(client, where):
    """Return a page, which is there and has no Chinese in it but what is quoted."""
    answer = client.get(where)
    assert answer.status_code == 200, where
    unquoted = SimpleNamespace(text=QUOTED.sub("", answer.text))
    assert chinese_in(unquoted) == [], where
    return answer.text


def test_every_text_has_its_english():
    assert {path.name: found for path in FILES if (found := untranslated(path))} == {}


def test_they_are_chinese_until_english_is_chosen_and_the_desk_stays_so(english):
    assert "Simulations" in read(english, address("list"))
    assert chinese_in(english.get("/desk/"))
    del english.cookies["django_language"]
    assert chinese_in(english.get(address("list"), headers={"accept-language": "en"}))


def test_they_are_traditional_once_that_is_chosen(planner):
    Officer.objects.update(last_name="規劃員", first_name="")
    planner.post(reverse("set_language"), {"language": "zh-hant", "next": address("list")})
    for name in ("list", "new", "studies", "new-study", "staff-list", "forecast"):
        answer = planner.get(address(name))
        assert '<html lang="zh-hant"' in answer.text and simplified_in(answer) == [], name


def test_runs_and_their_figures_are_english(english):
    assert "No simulation yet" in read(english, address("list"))
    one, other = (
        small_run(name=f"run {seed}", seed=seed, changes=changes)
        for seed, changes in ((1, {}), (2, {"desk.staff": "12", "deadline.reply.help": "1"}))
    )
    one.report["full_size"] = True
    one.save()
    page = read(english, address("run", one.pk))
    assert "Beside the published figures" in page and "Guangzhou" in page
    page = read(english, address("run", other.pk))
    assert "desk.staff = 12" in page and "Due times are those of the mailbox" in page
    assert "Difference" in read(english, f"{address('compare')}?a={one.pk}&b={other.pk}")
    for name in ("list", "new", "compare"):
        read(english, address(name))
    read(english, address("delete", one.pk))
    for name in PICTURES:
        head = read(english, address("csv", one.pk, name)).splitlines()[0]
        assert head.count(",") > 1, name


def test_places_of_the_flow_have_different_names():
    with translation.override("en"):
        names = [str(label) for label in gallery.PLACES.values()]
    assert len(set(names)) == len(names)


@pytest.fixture
def small(db):
    """The name of a saved scenario of some hundred letters."""
    text = sources.changed(sources.source("guangdong-2021"), "x", {"volume": "400"}, "small")
    SavedScenario.objects.create(name="small", text=text, created_at="2026-03-02T08:00:00Z")
    return "small"


def test_what_ifs_are_english_from_the_form_to_the_answer(english, small):
    assert "No what-if yet" in read(english, address("studies"))
    form = f"{address('new-study')}?scenario={small}"
    assert "Department&#x27;s desk" in read(english, form)
    token = str(uuid4())
    wrong = {
        "desk_staff": "many",
        "handlers_staff": "12",
        "city_desk": "3",
        "others": "a=b\nvolume",
    }
    refused = english.post(form, {**wrong, "replications": "1", "token": token})
    assert refused.status_code == 400 and chinese_in(refused) == []
    sent = {"volume": "2x", "handlers_staff": "-50%", "replications": "2", "token": token}
    there = english.post(form, sent).url
    assert "Cancel this what-if" in read(english, there)
    study = Study.objects.get()
    for row in study.replications.all():
        studies.replicate(row.pk)
    assert "95% interval of the difference" in read(english, there)
    read(english, address("studies"))
    Study.objects.update(status=Study.CANCELLED)
    read(english, there)


def test_searches_for_staffing_are_english(english):
    assert "No search yet" in read(english, address("staff-list"))
    study = test_staff_pages.made()
    assert "Replies in time ≥ 97.0%" in read(english, address("staff", study.pk))
    studies.finish(study, test_staff_pages.ANSWER)
    assert "queues run away at 3.59 times" in read(english, address("staff", study.pk))
    wanted = targets.together(test_staff_pages.TARGETS)
    best = staffing_report.best_reachable(wanted, [{}, {}], 0.9)
    Study.objects.update(result={"unreachable": "none", "best": best})
    assert "never" in read(english, address("staff", study.pk))
    assert "can't be met" in read(english, address("staff-list"))


def test_the_forecast_is_english(english, monkeypatch, make_officer, make_case):
    monkeypatch.setattr(worlds, "now", lambda: MARCH)
    english.force_login(Officer.objects.get(last_name="Planner"))  # the sign-in was later than that
    english.cookies["django_language"] = "en"
    assert "No forecast yet" in read(english, address("forecast"))
    make_case("in_hand", at=MORNING)
    officer = make_officer("run_simulation", "lead_case", unit="440300")
    Officer.objects.update(last_name="Leader", first_name="")
    english.force_login(officer)
    english.cookies["django_language"] = "en"
    slow = {"work.matter.help": 6000, "chances.ask_citizen": 0, "chances.extend": 0}
    study = forecasts.create(weeks=2, replications=2, changes=slow)
    studies.start(study)
    assert "Working: 0 of 2" in read(english, address("forecast"))
    for row in study.replications.all():
        studies.replicate(row.pk)
    assert "In hand" in read(english, address("forecast"))
    read(english, address("forecast-csv"))


def test_what_is_not_there_is_said_in_english(english):
    answer = english.get(address("run", 77))
    assert answer.status_code == 404 and chinese_in(answer) == []
