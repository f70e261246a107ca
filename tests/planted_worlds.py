"""Worlds of runs in a year: what planners ask for, and what officers type inside."""

from uuid import uuid4

from cases import worlds
from cases.models import Case
from simulation.models import Study
from tests.citizens import typed
from tests.planted import person
from tests.planted_steps import WORDS
from tests.reports import small_run


def in_worlds(year):
    """A run is played and entered; questions are asked of the scenario and of the live letters."""
    run, planner = small_run(letters=40), year.officer(year.chief)
    _inside(year.officer(year.chief), run.world)
    for place, asked in (
        ("forecast/", {"weeks": 1, "scenario": "guangdong-2021"}),
        ("whatif/new/", {"replications": "2", "volume": "2x", "name": "twice", "save": ""}),
        ("whatif/new/", {"replications": "2", "volume": "2x"}),
    ):
        answer = planner.post(f"/simulation/{place}", {**asked, "token": str(uuid4())})
        assert answer.status_code == 302, (place, answer.context["form"].errors)
    pages = (
        "",
        f"{run.pk}/",
        f"{run.pk}/daily.csv",
        f"{run.pk}/progress/",
        f"{run.pk}/report.json",
    )
    more = ("compare/", "forecast/", "forecast/progress/", "forecast/days.csv", "whatif/")
    for place in (*pages, *more, f"whatif/{Study.objects.first().pk}/"):
        planner.get(f"/simulation/{place}")


def _inside(browser, world):
    """Enter a world; look at its letters, look for a person, enter their letter, and leave."""
    told = person(14)
    assert browser.post("/desk/world/enter/", {"schema": world.schema}).status_code == 302
    with worlds.enter(world):
        case = Case.objects.select_related("letter").order_by("pk").last()
    place = f"/desk/{case.letter.receipt}/"
    for path in (place, f"{place}print/", "/desk/?scope=all", "/desk/overview/", "/desk/leading/"):
        assert browser.get(path).status_code == 200, path
    browser.post(f"{place}identity/", {"reason": "需要电话核实情况"})
    assert browser.post(f"{place}note/", {"seen": case.seq, "text": WORDS}).status_code == 302
    browser.post("/desk/enter/", {**typed(**told), "channel": "paper"})
    for name in ("phone", "id_number", "email"):
        browser.post("/desk/search/", {"q": told[name]})
        browser.post("/desk/search/writer/", {"number": told[name], "reason": "核对是否同一人"})
    browser.post("/desk/export/", {"address": "?scope=all"})
    browser.post("/desk/world/forward/", {"by": "hour"})
    browser.post("/desk/world/leave/")
