"""Clues, incidents, rules and thanks: each thing once with its letters, as page and as file."""

from datetime import timedelta

import pytest

from cases import access, actors, leading
from cases.desk import measures
from cases.models import Case, Export, Incident, Rule
from cases.transitions import State
from cases.workflow import perform
from tests.counted import counted
from tests.desk_page import HANDLER
from tests.people import MORNING, build_officer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("whole_log")]
DAY = timedelta(days=1)
PAGES = ["clues", "incidents", "rules", "thanks", "inspection", "supervision"]


def get(client, user, address):
    client.force_login(user)
    answer = client.get(f"/desk/{address}")
    assert answer.status_code == 200
    return answer.content.decode()


def rows(page):
    return page.partition('class="letters register"')[2].count("<tr>") - (
        "letters register" in page
    )


@pytest.fixture
def filled(cast):
    """Cases with one of everything that the pages list; the last is out of the handler's sight."""
    made = [cast.make_case(State.IN_HAND, category="fraud") for _n in range(2)]
    made.append(cast.make_case(State.ACCEPTED, category="fraud"))
    cast.step(made[2].pk, "dispatch", unit="440305")
    cast.step(made[2].pk, "sign")
    for case in made:
        cast.step(case.pk, "record_incident", number="深公刑〔2026〕1号")
        cast.step(case.pk, "record_rule", number="深公〔2026〕2号", title="反诈劝阻工作规定")
    cast.step(made[0].pk, "pass_clue", review="plain", text="移送刑侦大队。")
    cast.step(made[0].pk, "supervise", level="yellow", text="请说明。")
    return made


@pytest.mark.parametrize(
    ("page", "number"), [("incidents", "深公刑〔2026〕1号"), ("rules", "深公〔2026〕2号")]
)
def test_thing_stands_once_with_all_its_letters(client, cast, filled, page, number):
    text = get(client, cast.writer, f"{page}/")
    assert text.count(number) == 1 and rows(text) == 1
    for case in filled:
        assert case.letter.receipt in text
    assert "合计 <strong>1</strong>" in text


@pytest.mark.parametrize("page", ["incidents", "rules"])
def test_letters_out_of_sight_are_counted_and_not_named(client, filled, page):
    handler = build_officer("handle_case", unit=HANDLER)
    text = get(client, handler, f"{page}/")
    assert filled[0].letter.receipt in text and filled[2].letter.receipt not in text
    assert "另有1封您不能查看" in text
    stranger = build_officer("handle_case", unit="440306")
    assert "没有登记的" in get(client, stranger, f"{page}/")


def test_number_is_counted_once_by_the_page_the_figures_and_the_tables(client, cast, filled):
    counts = counted()
    cases = access.visible_cases(cast.writer)
    for name, model in (("incidents", Incident), ("rules", Rule), ("criminal_incidents", Incident)):
        assert (
            counts[name]
            == model.objects.count()
            == measures.figure(cases, name, measures.ALWAYS, 1, 0)
            == 1
        )
    assert rows(get(client, cast.writer, "incidents/?choice=criminal")) == 1


def test_clue_has_the_legal_time_and_then_its_decision(client, cast):
    case = cast.make_case(State.IN_HAND)
    cast.step(case.pk, "pass_clue", review="plain")
    cast.step(
        case.pk, "pass_clue", review="check", at=MORNING + DAY
    )  # more time, from the first day
    found = client, cast.writer
    assert "超期" in get(*found, "clues/") and "2026-03-02" in get(*found, "clues/")
    assert rows(get(*found, "clues/?choice=open")) == 1
    cast.step(
        case.pk, "decide_filing", filing="filed", number="深公刑〔2026〕9号", at=MORNING + 2 * DAY
    )
    assert "没有移送" in get(*found, "clues/?choice=open")
    assert "立案 深公刑〔2026〕9号" in get(*found, "clues/?choice=filed")
    assert not Incident.objects.exists()  # filed is not yet solved: record_incident says that


@pytest.mark.parametrize(("review", "days"), [("plain", 3), ("check", 7), ("grave", 30)])
def test_time_to_decide_is_the_laws(cast, review, days):
    case = cast.make_case(State.IN_HAND)
    cast.step(case.pk, "pass_clue", review=review)
    stands = leading.standing(Case.objects.get(pk=case.pk))
    assert stands.clue_due_at == MORNING + days * DAY


def test_thanks_are_listed_with_their_words_on_the_page_alone(client, cast):
    case = cast.make_case(State.REPLIED)
    for form in ("letter", "banner"):
        said = {"form": form, "text": f"谢谢，{form}。"}
        perform(case.pk, "thank", actor=actors.citizen(case.pk), at=MORNING + DAY, **said)
    text = get(client, cast.writer, "thanks/")
    assert rows(text) == 2 and "谢谢，banner。" in text
    assert "感谢信 <strong>1</strong>" in text and "锦旗 <strong>1</strong>" in text
    assert rows(get(client, cast.writer, "thanks/?choice=banner")) == 1
    file = client.post("/desk/thanks/")
    assert "谢谢" not in file.content.decode() and case.letter.receipt in file.content.decode()


@pytest.mark.parametrize("page", PAGES)
def test_each_page_narrows_by_month_and_unit_and_gives_a_file(client, cast, filled, page):
    assert client.get(f"/desk/{page}/").status_code == 302  # to sign in
    whole = get(client, cast.writer, f"{page}/")
    assert rows(get(client, cast.writer, f"{page}/?month=2026-03&unit={HANDLER}")) == rows(whole)
    if rows(whole):
        assert rows(get(client, cast.writer, f"{page}/?month=2025-01")) == 0
        assert rows(get(client, cast.writer, f"{page}/?unit=440307")) == 0
    file = client.post(f"/desk/{page}/?month=2026-03")
    assert file["Content-Type"] == "text/csv; charset=utf-8"
    assert file.content.decode().startswith("\ufeff")
    assert len(file.content.decode().splitlines()) == rows(whole) + 1
    kept = Export.objects.get()
    assert (kept.user, kept.rows) == (cast.writer, rows(whole)) and "month=2026-03" in kept.filters


@pytest.mark.parametrize("page", PAGES)
def test_file_is_for_who_may_see_figures(client, filled, page):
    client.force_login(build_officer("supervise_case", unit="440300"))
    assert client.post(f"/desk/{page}/").status_code == 404
    assert "导出全部" not in client.get(f"/desk/{page}/").content.decode()


@pytest.mark.parametrize("page", PAGES)
def test_no_address_breaks_a_page(client, cast, filled, page):
    for junk in ("month=13", "month=%00", "unit=%00", "choice=%27", "page=-1", "page=99999999999999",
                 "page=²", "unit=440100", "format=exe", "month=9999-12"):  # fmt: skip
        get(client, cast.writer, f"{page}/?{junk}")


@pytest.mark.parametrize("page", PAGES)
def test_page_looks_absent_to_who_reads_no_letters(client, page):
    client.force_login(build_officer("view_statistics", unit="440300"))
    assert client.get(f"/desk/{page}/").status_code == 404


def test_file_cell_that_looks_like_a_formula_is_made_harmless(client, cast):
    case = cast.make_case(State.IN_HAND)
    cast.step(case.pk, "record_incident", number="=1+1")
    client.force_login(cast.writer)
    assert "'=1+1" in client.post("/desk/incidents/").content.decode()


@pytest.mark.parametrize("page", ["incidents", "rules", "supervision", "clues"])
def test_page_takes_as_many_queries_for_one_letter_as_for_many(
    client, cast, filled, page, django_assert_num_queries
):
    get(client, cast.writer, f"{page}/")
    with django_assert_num_queries(16, exact=False) as few:
        client.get(f"/desk/{page}/")
    for n in range(3):
        case = cast.make_case(State.IN_HAND)
        cast.step(case.pk, "record_incident", number=f"A{n}")
        cast.step(case.pk, "record_rule", number=f"R{n}", title="规定")
        cast.step(case.pk, "pass_clue", review="grave")
        cast.step(case.pk, "supervise", level="red")
    with django_assert_num_queries(len(few.captured_queries)):
        client.get(f"/desk/{page}/")
