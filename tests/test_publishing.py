"""Published answers: with consent alone, in a text of their own, read by a second officer, taken back."""

from datetime import date

import pytest
from django.test import Client

from cases import publishing, worlds
from cases.calendars import SHANGHAI
from cases.models import Consent, PublicAnswer
from cases.transitions import State
from tests.beijing import at
from tests.citizens import Sent
from tests.factories import id_card
from tests.people import PERSON

pytestmark = pytest.mark.django_db
TEXT = {
    "title": "路口红绿灯坏了向谁反映",
    "question": "小区附近路口的信号灯损坏，应当向哪里反映？",
    "answer": "可以拨打当地交警电话，或在网上反映，一般七日内修复。",
}


@pytest.fixture
def letter(client, cast):
    """A closed letter that was sent through the form and is open in the client."""
    return Sent(client, cast).walk(State.CLOSED)


def consent(letter, said="yes"):
    return letter.client.post("/follow/case/consent/", {"consent": said}, follow=True).text


def signed_in(officer):
    client = Client()
    client.force_login(officer)
    return client


def act(officer, letter, step, **typed):
    address = f"/desk/publishing/{letter.receipt}/"
    return signed_in(officer).post(address, {"step": step, **typed}, follow=True)


def publish(letter, **changes):
    """Take a letter's answer to the public page; return its address."""
    consent(letter)
    seen = PublicAnswer.objects.first()
    typed = {**TEXT, "version": seen.version if seen else "", **changes}
    act(letter.cast.writer, letter, "write", **typed)
    act(letter.cast.reviewer, letter, "publish", version=PublicAnswer.objects.get().version)
    return f"/answers/{PublicAnswer.objects.get().pk}/"


def test_nothing_is_published_without_consent(letter):
    assert "我同意公开" in letter.page() and not Consent.objects.exists()
    assert act(letter.cast.writer, letter, "write", **TEXT).status_code == 404
    assert letter.receipt not in signed_in(letter.cast.writer).get("/desk/publishing/").text


def test_answer_is_read_by_everybody_once_two_officers_let_it(letter):
    assert "您已同意公开" in consent(letter)
    begun = signed_in(letter.cast.writer).get(f"/desk/publishing/{letter.receipt}/").text
    assert "红绿灯已修好" in begun  # the approved reply, to begin with
    act(letter.cast.writer, letter, "write", **TEXT)
    stranger = Client()
    assert TEXT["title"] not in stranger.get("/answers/").text
    own = act(letter.cast.writer, letter, "publish", version=1)
    assert own.status_code == 409 and "不能审核自己写的" in own.text
    act(letter.cast.reviewer, letter, "publish", version=1)
    page = stranger.get(f"/answers/{PublicAnswer.objects.get().pk}/").text
    assert TEXT["question"] in page and TEXT["answer"] in page
    for secret in (letter.receipt, letter.case.letter.body[:12], PERSON["name"], "深圳"):
        assert secret not in page


def test_consent_taken_back_hides_it_at_once(letter):
    address = publish(letter)
    assert Client().get(address).status_code == 200
    assert "已撤回同意" in consent(letter, "no")
    assert Client().get(address).status_code == 404
    assert TEXT["title"] not in Client().get("/answers/").text


def test_letter_that_is_done_again_is_not_public_meanwhile(letter):
    address = publish(letter)
    letter.post("reopen", seen=letter.case.seq, text="灯还是坏的。")
    assert Client().get(address).status_code == 404


@pytest.mark.parametrize("changes", [{"confidential": True}, {"kind": "report"}])
def test_confidential_letter_is_never_asked_for(cast, changes):
    case = cast.make_case(State.CLOSED, **changes)
    assert not publishing.may_be_published(case, worlds.now())
    with pytest.raises(publishing.GuardRefused):
        publishing.consent(case, True, worlds.now())


def test_minor_is_never_asked_until_the_day_they_are_grown_up_in_guangdong(make_case):
    number = id_card(date(2015, 1, 1).toordinal() * 1000 - date(1960, 1, 1).toordinal() * 1000)
    case = make_case(State.CLOSED, person={**PERSON, "id_number": number})
    assert not publishing.may_be_published(case, at("2032-12-31 23:59"))
    assert publishing.may_be_published(case, at("2033-01-01 00:01"))


def test_who_wrote_is_struck_from_the_text(letter):
    publish(letter, answer=f"{PERSON['name']}您好，已修复。电话{PERSON['phone']}。{letter.receipt}")
    assert PublicAnswer.objects.get().answer == "***您好，已修复。电话***。***"


def test_changed_text_is_read_anew_and_old_readings_count_no_more(letter):
    address = publish(letter)
    changed = {**TEXT, "title": "改过的标题在这里"}
    for _click in range(2):
        assert act(letter.cast.writer, letter, "write", version=1, **changed).status_code == 200
    late = act(letter.cast.writer, letter, "write", version=1, **TEXT)  # shown before the change
    assert late.status_code == 409 and changed["title"] in late.text and TEXT["title"] in late.text
    assert PublicAnswer.objects.get().version == 2
    assert Client().get(address).status_code == 404
    stale = act(letter.cast.reviewer, letter, "publish", version=1)
    assert stale.status_code == 409 and Client().get(address).status_code == 404
    act(letter.cast.reviewer, letter, "publish", version=2)
    assert "改过的标题在这里" in Client().get(address).text


def test_reviewer_sends_it_back_with_a_word(letter):
    consent(letter)
    act(letter.cast.writer, letter, "write", **TEXT)
    assert act(letter.cast.reviewer, letter, "back", version=1).status_code == 409
    act(letter.cast.reviewer, letter, "back", version=1, note="请删去路口名称")
    page = signed_in(letter.cast.writer).get(f"/desk/publishing/{letter.receipt}/").text
    assert "请删去路口名称" in page and "审核退回" in page


@pytest.mark.parametrize(
    ("name", "value"),
    [("title", "短"), ("title", "长" * 61), ("question", "\x00"), ("answer", "长" * 5001)],
)
def test_wrong_text_is_said_at_its_field_and_kept(letter, name, value):
    consent(letter)
    answer = act(letter.cast.writer, letter, "write", **{**TEXT, name: value})
    assert answer.status_code == 409 and answer.context["form"].errors.keys() == {name}
    assert f'id="id_{name}_error"' in answer.text  # to which its field points
    assert (TEXT["answer"] if name != "answer" else TEXT["question"]) in answer.text
    assert not PublicAnswer.objects.exists()


def test_only_who_may_writes_and_reviews(letter, make_officer):
    consent(letter)
    handler = make_officer("handle_case", unit="440304")
    assert signed_in(handler).get("/desk/publishing/").status_code == 404
    assert act(handler, letter, "write", **TEXT).status_code == 404
    elsewhere = make_officer("triage_case", "review_reply", unit="440100")
    assert act(elsewhere, letter, "write", **TEXT).status_code == 404
    reviewer = make_officer("review_reply", unit="440300")
    assert act(reviewer, letter, "write", **TEXT).status_code == 404
    assert act(letter.cast.writer, letter, "nonsense").status_code == 404


def test_answers_are_searched_by_words_and_category(letter):
    publish(letter)
    found = [("q=红绿灯", 1), ("q=红绿灯 修复", 1), ("q=护照", 0), ("category=traffic", 1)]
    found += [("category=drugs", 0), ("category=\x00", 1), ("q=%00%25", 0), ("page=99", 0)]
    year = worlds.now().astimezone(SHANGHAI).year
    found += [("kind=help", 1), ("kind=consult", 0), ("mailbox=440300", 1), ("mailbox=440100", 0)]
    found += [(f"year={year}", 1), (f"year={year - 1}", 1), ("year=%00", 1), ("kind=x&mailbox=", 1)]
    for query, count in found:
        page = Client().get(f"/answers/?{query}").text
        assert page.count("<li lang=") == count, query


def test_narrowed_list_says_so_and_its_pages_stay_narrowed(letter):
    publish(letter)
    page = Client().get("/answers/?kind=help&mailbox=440300").text
    assert '<details class="field more" open>' in page
    assert '<option value="help" selected>' in page and '<option value="440300" selected>' in page
    assert '<details class="field more">' in Client().get("/answers/").text
    assert "没有找到" in Client().get("/answers/?kind=consult").text
    older = Client().get("/answers/?kind=help&page=2").text
    assert 'href="?kind=help&amp;page=1"' in older


def test_no_cache_and_no_search_engine_keeps_what_may_be_taken_back(letter):
    for address in (publish(letter), "/answers/"):
        answer = Client().get(address)
        assert "no-cache" in answer["Cache-Control"] and answer["X-Robots-Tag"] == "noarchive"


@pytest.mark.parametrize("number", ["0", "9" * 30, "999"])
def test_absent_answer_is_not_found(client, number):
    assert client.get(f"/answers/{number}/").status_code == 404


def test_consent_needs_an_opened_closed_letter_and_a_post(client, cast):
    assert client.post("/follow/case/consent/", {"consent": "yes"}).url == "/follow/"
    letter = Sent(client, cast)
    assert "我同意公开" not in letter.page() and "这封信不公开" in consent(letter)
    assert client.get("/follow/case/consent/").status_code == 405
    assert not Consent.objects.exists()
