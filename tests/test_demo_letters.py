"""The letters of the first look: one in every state at least, made by the workflow itself."""

from collections import Counter
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from cases import log, worlds
from cases.models import Case, Event, Letter
from cases.transitions import OPEN, State
from simulation import demo_letters

pytestmark = pytest.mark.django_db


@pytest.fixture
def made():
    """The demo letters; how many they are."""
    call_command("seed", "--demo", stdout=StringIO())
    return demo_letters.make()


def test_every_state_has_a_letter_and_a_second_call_makes_none(made):
    states = Counter(Case.objects.values_list("state", flat=True))
    assert set(states) == {state.value for state in State}
    assert sum(states.values()) == Letter.objects.count() == made
    assert 40 <= made <= 60
    assert Letter.objects.filter(language="zh-hant", body__contains="請").count() > 2
    assert list(log.check()) == []
    # A second call makes none.
    events = Event.objects.count()
    out = StringIO()
    call_command("demo_letters", stdout=out)
    assert out.getvalue() == "0 demo letters\n"
    assert (Letter.objects.count(), Event.objects.count()) == (made, events)


def test_answers_are_published_for_who_has_no_letter(made, client):
    page = client.get("/answers/").text
    assert page.count("<li lang=") == 3 and "护照" in page


def test_late_ones_fresh_ones_an_urgent_one_and_the_case_of_the_founding_text_are_among_them(made):
    now = worlds.now()
    for event in Event.objects.select_related("case"):
        assert event.case.received_at <= event.at <= now
    still_open = Case.objects.filter(state__in=OPEN)
    assert still_open.filter(next_due_at__lt=now).exists()
    assert still_open.filter(next_due_at__gt=now).exists()
    assert Case.objects.filter(urgent=True).count() == 1
    assert Case.objects.filter(received_at__gt=now - timedelta(hours=2)).exists()
    case = Case.objects.get(letter__title=demo_letters._YANG_LETTER["title"])
    actions = list(case.events.order_by("seq").values_list("action", flat=True))
    assert actions == ["receive", *demo_letters._YANG]
    assert case.events.filter(action="thank", data__form="banner").exists()
