"""The factories make letters that intake keeps, and people who pass every check."""

from datetime import date

from cases import fields, identity
from tests.factories import LetterFactory, PersonFactory, SubmissionFactory


def test_people_pass_the_checks_of_the_form():
    for person in PersonFactory.build_batch(30):
        good, wrong = identity.checked_person(person, today=date(2026, 3, 2))
        assert (good, wrong) == (person, {})


def test_people_differ():
    people = PersonFactory.build_batch(2000)
    assert len({person["id_number"] for person in people}) == 2000
    assert len({person["phone"] for person in people}) == 2000


def test_letters_of_every_kind_and_category_are_kept(whole_log):
    letters = LetterFactory.create_batch(len(fields.CATEGORIES))
    assert {letter.category for letter in letters} == {code for code, _ in fields.CATEGORIES}
    assert {letter.kind for letter in letters} == {code for code, _ in fields.KINDS}
    assert len({letter.body for letter in letters}) == len(letters)
    assert [letter.case.seq for letter in letters] == [1] * len(letters)


def test_texts_follow_what_is_given():
    letter = SubmissionFactory.build(kind="report", category="fraud", district="441900-22")
    assert letter.mailbox == "441900" and "举报" in letter.title
    assert "东莞市虎门镇" in letter.body and letter.place.startswith("东莞市虎门镇")
