"""Finding letters: words of two characters, numbers, places, writers; and who finds what."""

import re
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from django.test import Client

from cases import gram_filling, grams, searching, worlds
from cases.desk import words
from cases.models import Batch, Case, Disclosure, Letter, LetterGrams, LookupAttempt
from cases.transitions import State
from simulation import search_bench
from tests.desk_page import look_for
from tests.people import PERSON, build_officer
from tests.run_worlds import make_run

LETTER = {
    "title": "小区电梯多次停运请求检修",
    "body": "３号线旁的小区，WiFi信号差，电\u200b梯停了又停，𠮷祥楼的老人下不了楼。",
    "place": "福田区华强北路",
}
FOUND = [
    ("电梯", "two characters"),
    ("电梯 停运", "two words"),
    ("停运请求", "in the middle of a sentence"),
    ("电梯多次停运", "a long phrase"),
    ("wifi 信号", "Latin and Chinese"),
    ("ＷＩＦＩ信号", "full width and case"),
    ("3号线", "a digit that was typed in full width"),
    ("电梯停了", "a mark that nobody sees"),
    ("𠮷祥楼", "a rare character"),
    ("华强北", "the place"),
    ("电梯　华强北", "a full-width space"),
    ("请求检修,停运", "a sign between", False),
    ("电梯信号", "pairs that stand apart", False),
    ("停梯", "turned round", False),
    ("电梯 水管", "one word that isn't there", False),
    ("检修３", "across title and text", False),
]


@pytest.fixture
def searcher(client, make_officer):
    """A browser in which an officer of Shenzhen who may read letters has signed in."""
    client.force_login(make_officer("triage_case"))
    return client


def hits(answer):
    return [hit.case.letter.receipt for hit in answer.context["hits"]]


def listed(client, typed, **more):
    """What the box of the list of letters finds, which is the same search among other filters."""
    answer = look_for(client, typed, **more)
    return [row.case.letter.receipt for row in answer.context["rows"]]


def ask(client, typed, **more):
    """Return what the search page answers to the address that its box leads to."""
    there = client.post("/desk/search/", {"q": typed}).url
    return client.get(there, more | dict(parse_qsl(urlsplit(there).query)))


@pytest.mark.parametrize("row", FOUND, ids=lambda row: row[1])
def test_words_are_found(searcher, make_case, row):
    letter = make_case(**LETTER).letter
    make_case()
    expected = [] if row[2:] == (False,) else [letter.receipt]
    assert hits(ask(searcher, row[0])) == expected
    assert listed(searcher, row[0]) == expected


def test_list_finds_words_among_its_other_filters(searcher, make_case, monkeypatch):
    letter, other = make_case(**LETTER).letter, make_case().letter
    for few in (2000, 0):  # looked up before, or as a part of the query
        monkeypatch.setattr(searching, "_FEW", few)
        assert listed(searcher, "电梯", state="received") == [letter.receipt]
        assert listed(searcher, "电梯多次停运") == [letter.receipt]
        assert listed(searcher, "电梯", state="closed") == []
        for typed in (other.receipt[3:11], other.receipt.replace("-", "").lower()):
            assert listed(searcher, typed) == [other.receipt]
    LetterGrams.objects.all().delete()
    page = look_for(searcher, "红绿灯")
    assert [row.case.letter for row in page.context["rows"]] == [other]
    assert "只在标题和编号里找了" in page.content.decode()


def test_part_of_a_receipt_finds_it_and_a_whole_one_opens_it(searcher, make_case):
    receipt = make_case().letter.receipt
    for part in (receipt[:9], receipt[3:7].lower(), receipt[5:].replace("-", "")):
        assert hits(ask(searcher, part)) == [receipt], part
    answer = ask(searcher, receipt.lower().replace("-", " "))
    assert (answer.status_code, answer["Location"]) == (302, f"/desk/{receipt}/")


def test_newest_come_first_a_page_at_a_time(searcher, make_case):
    made = [make_case().letter.receipt for _number in range(5)]
    page = searching.find(Case.objects.all(), ["红绿灯"], size=2)
    assert [case.letter.receipt for case in page.cases] == made[:2:-1]
    rest = searching.find(Case.objects.all(), ["红绿灯"], after=page.last, size=3)
    assert [case.letter.receipt for case in rest.cases] == made[2::-1] and rest.last is None
    assert hits(ask(searcher, "红绿灯", after=made[2])) == [made[1], made[0]]
    assert hits(ask(searcher, "红绿灯", after="PA-no\0thing")) == made[::-1]


TYPED = ["张三", "fraud@bank.example", "H71650299", "73916099"]


@pytest.mark.parametrize("typed", TYPED)
def test_what_is_typed_gets_into_no_address(searcher, make_case, monkeypatch, typed):
    monkeypatch.setattr(searching.find, "__defaults__", (None, 2))
    monkeypatch.setattr("cases.desk.pages.page_of.__defaults__", (2,))
    body = f"有人用{typed}骗我转账，请尽快查处，谢谢。"
    made = [make_case(body=body).letter.receipt for _number in range(3)][::-1]
    make_case()
    for path, rows in (("/desk/search/", hits), ("/desk/", receipts_of)):
        answer = searcher.post(path, {"q": typed, "scope": "all", "sort": "new"})
        page = searcher.get(answer.url)
        assert rows(page) == made[:2] and f'value="{typed}"' in page.text
        (older,) = re.findall('<a href="([^"]*)" rel="next"', page.text)
        rest = searcher.get(path + older.replace("&amp;", "&"))
        assert rows(rest) == made[2:]
        said = [
            answer.url,
            *re.findall('(?:href|action|data-filters)="([^"]*)"', page.text + rest.text),
        ]
        assert "words=" in answer.url and not [one for one in said if typed in unquote(one)]
    again = searcher.post("/desk/", {"q": typed, "scope": "all", "sort": "new"})
    assert again.url == answer.url  # the same words have one key
    assert typed not in str(dict(searcher.session))


def receipts_of(page):
    return [row.case.letter.receipt for row in page.context["rows"]]


@pytest.mark.parametrize("asked", ["words=00ff00ff", "words=v1", "words=v%001%25", "q=红绿灯"])
def test_words_that_are_not_kept_find_nothing_and_are_asked_for_again(searcher, make_case, asked):
    make_case()
    for path in ("/desk/?scope=all&", "/desk/search/?"):
        page = searcher.get(path + asked)
        assert (
            "请重新输入" in page.text
            and not page.context.get("rows")
            and "hits" not in page.context
        )
    answer = searcher.post("/desk/bulk/", {"which": "all", "address": f"?scope=all&{asked}"})
    assert answer.status_code == 404 or not Batch.objects.exists()


def test_words_are_the_officers_who_typed_them_and_the_last_are_kept(
    searcher, make_case, make_officer
):
    there = [searcher.post("/desk/", {"q": f"红绿灯 {n}"}).url for n in range(words.MOST + 1)]
    lost = [searcher.get(one).context["filters"].is_lost for one in there]
    assert lost == [True] + [False] * words.MOST
    other = Client()
    other.force_login(make_officer("triage_case"))
    assert other.get(there[-1]).context["filters"].is_lost


def test_letters_whose_pairs_stand_apart_do_not_end_the_search(make_case):
    wanted = make_case(title="关于电梯停运的来信")
    for _number in range(5):
        make_case(title="电梯坏了和梯停运故障")
    found = searching.find(Case.objects.all(), ["电梯停运"], size=2)
    assert [case.pk for case in found.cases] == [wanted.pk]


def test_only_what_the_officer_sees_is_found(client, make_case, make_officer):
    receipt = make_case(State.DISPATCHED).letter.receipt
    accused = make_case(accused_unit="440304", kind="complaint").letter.receipt
    for unit, seen in (
        ("440300", [accused, receipt]),
        ("440304", [receipt]),
        ("440305", []),
        ("440100", []),
    ):
        client.force_login(make_officer("handle_case", unit=unit))
        assert hits(ask(client, "红绿灯")) == seen, unit
        assert ask(client, receipt).status_code == (302 if receipt in seen else 200), unit
    client.force_login(make_officer("view_statistics"))
    assert hits(ask(client, "红绿灯")) == []


@pytest.mark.parametrize(
    "typed", ["", " ", "\0", "灯", "，。", "%", "_", "'", "\\", "{1}", "[", "灯" * 9000, "a b c d"]
)
def test_whatever_is_typed_is_answered(searcher, make_case, typed):
    make_case()
    assert ask(searcher, typed).status_code == 200
    answer = searcher.post("/desk/search/", {"q": typed})
    assert answer.status_code == 302


def test_words_are_marked_and_what_was_written_is_escaped(searcher, make_case):
    make_case(title="<b>红绿灯</b>损坏", body="前" * 80 + "<script>电梯</script>" + "后" * 200)
    page = ask(searcher, "红绿灯 电梯").content.decode()
    assert "&lt;b&gt;<mark>红绿灯</mark>&lt;/b&gt;损坏" in page
    assert "前&lt;script&gt;<mark>电梯</mark>&lt;/script&gt;后" in page and "<script>电" not in page


def test_box_stands_on_every_page_and_posts(searcher, make_case):
    page = searcher.get("/desk/").content.decode()
    assert 'action="/desk/search/"' in page and 'method="post"' in page
    assert re.fullmatch(
        r"/desk/search/\?words=\w+", searcher.post("/desk/search/", {"q": "电梯"}).url
    )


# -- writers -----------------------------------------------------------------------------------


def by_writer(client, number, reason="核对是否重复来信"):
    return client.post("/desk/search/writer/", {"number": number, "reason": reason})


@pytest.fixture
def knower(client, make_officer):
    """An officer of the district who may be shown writers."""
    officer = make_officer("handle_case", "reveal_identity", unit="440304")
    client.force_login(officer)
    return officer


@pytest.mark.parametrize("typed", ["19500000000", "１９５ 0000-0000", "+86 19500000000"])
def test_telephone_never_gets_into_an_address(client, knower, make_case, typed):
    receipt = make_case(State.DISPATCHED).letter.receipt
    answer = client.post("/desk/search/", {"q": typed})
    assert answer.status_code == 200 and "hits" not in answer.context
    assert hits(by_writer(client, typed)) == [receipt]
    shown = Disclosure.objects.get()
    assert (shown.user, shown.reason) == (knower, "核对是否重复来信")


def test_identity_number_finds_the_letters_of_one_person(client, knower, make_case):
    mine = [make_case(State.DISPATCHED).letter.receipt for _number in range(2)]
    make_case(State.DISPATCHED, person={**PERSON, "phone": "15400000001", "id_number": ""})
    assert client.post("/desk/search/", {"q": PERSON["id_number"]}).status_code == 200
    assert hits(by_writer(client, PERSON["id_number"])) == mine[::-1]


def test_writers_of_reports_are_not_found_by_the_handling_unit(client, knower, make_case):
    make_case(State.DISPATCHED, kind="report")
    make_case(State.DISPATCHED, confidential=True)
    make_case(State.DISPATCHED, person={})
    make_case()  # at the mailbox: not seen at all
    assert hits(by_writer(client, PERSON["phone"])) == []
    assert not Disclosure.objects.exists()
    client.force_login(build_officer("triage_case", "reveal_identity", "view_report_writer"))
    assert len(hits(by_writer(client, PERSON["phone"]))) == 3


@pytest.mark.parametrize(
    "number, reason, status",
    [("", "核对", 400), ("1", "核对", 400), ("19500000000", "", 400), ("1\0", "核\0", 400)],
)
def test_number_and_reason_are_asked_for(client, knower, make_case, number, reason, status):
    make_case(State.DISPATCHED)
    answer = by_writer(client, number, reason)
    assert answer.status_code == status and answer.context["refusal"]
    assert not Disclosure.objects.exists()


def test_without_the_right_no_number_is_looked_for(searcher, make_case):
    make_case()
    answer = by_writer(searcher, PERSON["phone"])
    assert answer.status_code == 404 and not Disclosure.objects.exists()
    assert "hits" not in searcher.post("/desk/search/", {"q": PERSON["phone"]}).context


def test_one_number_after_another_is_stopped(client, knower):
    codes = {by_writer(client, f"154{number:08d}").status_code for number in range(62)}
    assert codes == {200, 429} and LookupAttempt.objects.count() == 60


# -- grams -------------------------------------------------------------------------------------


def test_grams_are_kept_with_the_letter_and_once(make_case):
    letter = make_case(**LETTER).letter
    assert set(letter.grams.grams) == grams.of_letter(letter)
    assert gram_filling.ready() and gram_filling.fill() == 0


def test_grams_of_many_letters_are_those_of_each():
    nasty = (
        "",
        " ",
        "红",
        "红绿灯 坏了",
        "ＡＢｃ１２",
        "a\u200bb\u00ad中文",
        "😀😀火",
        "\ud800半",
        "İstanbul",
        "x_y-z\n\x00末",
    )
    places, found = gram_filling.of_many(list(nasty))
    by_text = [set(found[places == place].astype("i4").tolist()) for place in range(len(nasty))]
    assert by_text == [grams.of(text) for text in nasty]


def test_a_run_is_made_findable_part_by_part(client, make_officer):
    world = make_run(1, letters=5, load=lambda: LetterGrams.objects.all().delete())
    client.force_login(make_officer("run_simulation", unit="440000"))
    client.post("/desk/world/enter/", {"schema": world.schema})
    answer = ask(client, "红绿灯")
    assert answer.context["preparing"] and answer.context["ready"] == 0
    with worlds.enter(world):
        assert gram_filling.fill(most=2) == 2 and gram_filling.missing() == 3
        assert not worlds.has_index(worlds.LATE_INDEX)
    answer = client.post("/desk/search/prepare/", {"words": answer.context["words"]})
    assert answer.status_code == 302
    with worlds.enter(world):
        assert LetterGrams.objects.count() == 5 and worlds.has_index(worlds.LATE_INDEX)
        for letter in Letter.objects.all():
            assert set(letter.grams.grams) == grams.of_letter(letter)
    found = hits(client.get(answer["Location"]))
    assert len(found) == 5 and found[0].startswith("R1-")
    assert not LetterGrams.objects.exists()


def test_search_of_words_takes_few_queries(searcher, make_case, django_assert_max_num_queries):
    for _number in range(3):
        make_case()
    there = searcher.post("/desk/search/", {"q": "红绿灯"}).url
    with django_assert_max_num_queries(12):
        assert len(hits(searcher.get(there))) == 3


@pytest.mark.django_db
def test_bench_prints_how_fast_letters_are_found():
    world = make_run(1, letters=3, load=lambda: LetterGrams.objects.all().delete())
    lines = list(search_bench.searches(world))
    assert len(lines) == 2 + len(search_bench.UNITS) and lines[0].startswith("search: 3 letters")
