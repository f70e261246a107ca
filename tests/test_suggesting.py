"""Where a letter should go: kind, category and unit, each with its reason, and never the accused."""

import pytest
from django.utils import translation

from cases import past_units, suggesting
from cases.models import Case, Unit
from cases.transitions import State

pytestmark = pytest.mark.django_db
CITY, FUTIAN, NANSHAN = "440300", "440304", "440305"
PLAIN = {"title": "反映一个情况", "body": "请领导看一看这件事情，谢谢。", "place": ""}


@pytest.fixture(autouse=True)
def in_chinese():
    """Reasons are words: another test's request may have left its language behind."""
    with translation.override("zh-hans"):
        yield


@pytest.fixture
def suggested(cast):
    """suggested(**letter): what is suggested for a letter that says little else."""

    def suggested(**changes):
        return suggesting.suggest(cast.make_case(**{**PLAIN, **changes}))

    return suggested


def codes(choices):
    return [choice.code for choice in choices]


@pytest.mark.parametrize(
    ("title", "own", "kind"),
    [
        ("请问居住证如何办理", "other", "consult"),
        ("举报一处聚众赌博窝点", "help", "report"),
        ("建议在学校门口增设斑马线", "consult", "suggestion"),
        ("感谢民警帮我找回老人", "praise", "praise"),
        ("表扬热心服务的好民警并送锦旗", "other", "praise"),
        ("投诉楼下烧烤店夜间扰民", "other", "complaint"),
        ("反映一个情况", "help", "help"),
        ("投诉楼下烧烤店", "help", "complaint"),
        ("楼下烧烤店的事想投诉", "help", "help"),
        ("How can I renew a passport?", "other", "consult"),
        ("I Want to Report a gambling den", "other", "report"),
        ("Thank you, Officer Li", "other", "praise"),
    ],
)
def test_kind_comes_from_words_and_the_writers_choice(suggested, title, own, kind):
    assert suggested(title=title, kind=own).kind == kind


@pytest.mark.parametrize(
    ("title", "category"),
    [
        ("小区门口红绿灯损坏多日", "traffic"),
        ("新生儿户口登记需要什么材料", "household"),
        ("护照到期换发在哪里预约", "exit_entry"),
        ("麻将馆聚众赌博", "public_order"),
        ("家里昨夜被盗，小偷入室", "criminal"),
        ("公司非法集资无法兑付", "economic"),
        ("刷单被骗三万元请止付", "fraud"),
        ("个人信息被网站泄露信息", "cyber"),
        ("出租屋里有人吸毒贩毒", "drugs"),
        ("广场舞音响噪音扰民", "noise"),
        ("老人走失下落不明", "missing"),
        ("派出所民警态度恶劣不立案", "conduct"),
        ("ｐ２ｐ投资平台爆雷", "economic"),
        ("Ｐ２Ｐ投资平台", "economic"),
        ("Traffic lights at the junction are broken", "traffic"),
        ("Renewing my VISA and residence permit", "exit_entry"),
        ("A scammer cheated me, money transferred", "fraud"),
        ("I can’t sleep, loud music downstairs", "noise"),
        ("My daughter is missing since Monday", "missing"),
        ("Rude officer at the station, a bribe", "conduct"),
        ("懷疑遇上騙案", "fraud"),
        ("身分證遺失", "household"),
        ("住宅門口違泊", "traffic"),
    ],
)
def test_category_comes_from_words(suggested, title, category):
    suggestion = suggested(title=title, category="other")
    assert suggestion.category == category
    assert "提到" in suggestion.categories[0].reasons[0]


def test_what_an_officer_has_chosen_stays(cast):
    case = cast.make_case(title="举报一处聚众赌博窝点", kind="help", category="other")
    cast.step(case.pk, "reclassify", kind="consult", category="noise")
    suggestion = suggesting.suggest(Case.objects.get(pk=case.pk))
    assert (suggestion.kind, suggestion.category) == ("consult", "noise")
    assert "已改为此类" in suggestion.kinds[0].reasons


@pytest.mark.parametrize(
    ("mailbox", "letter", "unit"),
    [
        (CITY, {"place": "福田区某路口"}, FUTIAN),
        (CITY, {"place": "深圳市南山区科苑路"}, NANSHAN),
        (CITY, {"place": "南山地铁站"}, NANSHAN),
        (CITY, {"body": "我住在南山，楼下每天晚上很吵，请处理。"}, NANSHAN),
        (CITY, {"body": "我住在ｎａｎｓｈａｎ，楼下每天晚上很吵。"}, ""),
        (CITY, {"body": "我在南山大道上每天堵车一个小时，请处理。"}, ""),
        (CITY, {"place": "福田区", "body": "我在南山区上班，住处楼下很吵。"}, FUTIAN),
        (CITY, {"body": "福田中心派出所办户口要排队很久很久。"}, FUTIAN),
        (CITY, {"body": "晚上天空一片光明，路灯太亮，睡不着觉。"}, ""),
        (CITY, {"place": "光明区"}, "440311"),
        (CITY, {}, ""),
        ("440000", {"place": "深圳市南山区"}, CITY),
        ("440000", {"place": "惠东县平山街道"}, "441300"),
        ("440000", {"title": "护照签证办理问题咨询"}, "440000-CR"),
        ("440000", {"title": "民警态度恶劣不立案", "place": "深圳市南山区"}, "440000-DC"),
    ],
)
def test_unit_comes_from_the_place_and_the_line(suggested, mailbox, letter, unit):
    category = "other" if mailbox == "440000" else "noise"
    suggestion = suggested(mailbox=mailbox, category=category, **letter)
    assert suggestion.unit == unit


def test_reason_names_the_place(suggested):
    assert suggested(place="福田区某路口").units[0].reasons == ("地点“福田区”",)


def test_accused_unit_and_those_below_it_are_never_suggested(suggested):
    suggestion = suggested(place="福田区", body="福田中心派出所的事，请看。", accused_unit=FUTIAN)
    assert not [code for code in codes(suggestion.units) if code.startswith(FUTIAN)]
    assert suggestion.unit == ""


def test_unit_that_the_letter_complains_of_is_offered_but_not_chosen(suggested):
    suggestion = suggested(title="福田分局民警态度恶劣不立案", category="conduct")
    assert suggestion.units[0].code == FUTIAN and suggestion.unit == ""


def answer(cast, unit, **letter):
    case = cast.make_case(State.ACCEPTED, **{**PLAIN, **letter})
    cast.step(case.pk, "dispatch", unit=unit)
    for action, fields in (
        ("sign", {}),
        ("contact", {"how": "phone", "reached": True}),
        ("feedback", {"text": "正在核实。"}),
        ("record_result", {"result": "done"}),
        ("propose_reply", {"text": "已处理，感谢来信。"}),
        ("approve_reply", {}),
    ):
        cast.step(case.pk, action, **fields)


def test_history_knows_which_unit_answers_for_a_road(cast, suggested):
    for _time in range(3):
        answer(cast, NANSHAN, place="科苑路10号", category="traffic")
    answer(cast, FUTIAN, place="深南中路", category="traffic")
    suggestion = suggested(place="深圳市科苑路与学府路交界", category="noise")
    assert suggestion.unit == NANSHAN
    assert "“科苑路”的来信多由它答复（3/3）" in suggestion.units[0].reasons


def test_history_of_the_category_is_offered_but_not_chosen(cast, suggested):
    for _time in range(3):
        answer(cast, NANSHAN, category="drugs")
    suggestion = suggested(category="drugs")
    assert codes(suggestion.units) == [NANSHAN] and suggestion.unit == ""


def test_unit_that_returned_the_case_comes_last(cast):
    case = cast.make_case(State.DISPATCHED, place="福田区和南山")
    cast.step(case.pk, "return_to_desk", return_reason="not_our_area", text="不属本辖区")
    suggestion = suggesting.suggest(Case.objects.get(pk=case.pk))
    assert codes(suggestion.units) == [NANSHAN, FUTIAN] and suggestion.unit == NANSHAN


@pytest.mark.parametrize(
    ("text", "spots"),
    [
        ("深圳市南山区科苑路10号", ["科苑路"]),
        ("阳光花园３栋", ["阳光花园"]),
        ("幸福小区门口人民路", ["幸福小区", "门口人民路"]),
        ("路", []),
        ("", []),
    ],
)
def test_spots_are_roads_and_estates(text, spots):
    assert past_units.spots_in(text) == spots


def test_every_line_of_the_data_is_a_unit_of_the_department():
    for code, _weight in suggesting._words()["lines"].values():
        assert Unit.objects.filter(code=code, level="line").exists()


@pytest.mark.parametrize(
    "text", ["a" * 2000, "区" * 2000, "\\d+(*[" * 300, "　" * 50 + "十个字的正文在这里了吧"]
)
def test_any_text_gives_a_suggestion(suggested, text):
    suggestion = suggested(body=text, place=text[:100])
    assert len(suggestion.kinds) == 7 and len(suggestion.categories) == 13
