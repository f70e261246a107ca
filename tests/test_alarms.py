"""Words that raise the banner with 110: found however they are spelled, and not where they are harmless."""

import pytest

from cases import alarms
from cases.models import Case
from cases.transitions import State


@pytest.mark.parametrize("word", alarms.words())
def test_every_word_of_the_list_is_found(word):
    alarm = alarms.find(f"楼下有人，情况危急， {word} ，请马上来人。")
    assert word in alarm.words


@pytest.mark.parametrize(
    ("text", "word", "self_harm"),
    [
        ("我真的不想活了", "不想活", True),
        ("他说要自 杀", "自杀", True),
        ("他说要自*杀", "自杀", True),
        ("他说要自殺", "自杀", True),
        ("有人綁架了我妹妹", "绑架", False),
        ("楼上有人持　刀", "持刀", False),
        ("我已经写好遺書", "遗书", True),
        ("她站在楼顶要跳楼，没人管", "跳楼", True),
        ("隔壁正在打人，快来", "正在打人", False),
        ("楼下起火了", "起火", False),
        ("有人持刀抢劫，已报案没人管", "持刀", False),
        ("I WANT TO DIE", "want to die", True),
        ("ｓｕｉｃｉｄｅ", "suicide", True),
        ("he came with a gun", "with a gun", False),
    ],
)
def test_a_word_is_found_however_it_is_spelled(text, word, self_harm):
    alarm = alarms.find(text)
    assert alarm.words == (word,) and alarm.self_harm == self_harm


@pytest.mark.parametrize(
    "text",
    [
        "小区门口红绿灯坏了，请维修。",
        "商场跳楼机噪音扰民",
        "店铺天天喊跳楼价，很吵",
        "减轻生活负担，年轻生命可贵",
        "请各自尽责处理",
        "工地上吊车整夜作业",
        "请组织反绑架宣传活动",
        "建议开展预防自杀讲座",
        "火车站等着火车的人很多",
        "我们一起火锅店被吵得睡不着",
        "道德绑架的邻居",
        "隔壁正在打桩、正在打电话、正在打麻将",
        "多年前的杀人案件何时告破",
        "剧本杀人气店噪音大",
        "那是我妈的救命钱，被骗走了",
        "派出所自成立以来，尽。自。",
        "burgundy begun",
        "",
    ],
)
def test_what_means_something_else_raises_no_alarm(text):
    assert not alarms.find(text)


def test_words_stand_in_the_order_of_the_text_once():
    alarm = alarms.find("他说不想活了", "还写了遗书，又说不想活了，持刀")
    assert alarm.words == ("不想活", "遗书", "持刀")
    assert alarm.kinds == {alarms.SELF_HARM, alarms.DANGER}


@pytest.mark.django_db
def test_what_the_writer_adds_later_raises_it_too(cast):
    case = cast.make_case(State.AWAITING_CITIZEN)
    assert not alarms.of_case(case)
    cast.step(case.pk, "supply", text="再不处理我就不想活了")
    assert alarms.of_case(Case.objects.get(pk=case.pk)).words == ("不想活",)


@pytest.mark.django_db
def test_what_officers_write_raises_none(cast):
    case = cast.make_case(State.IN_HAND)
    cast.step(case.pk, "note", text="来信人没有自杀的意思")
    assert not alarms.of_case(case)
