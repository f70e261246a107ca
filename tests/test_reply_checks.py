"""What the reviewer is warned of: one text for everybody, letters not read, blanks, strange names."""

import csv
import gzip

import pytest
from django.core.management import CommandError, call_command

from cases import reply_checks
from cases.models import Case
from cases.reply_checks import Others, judge
from cases.transitions import State
from tests.desk_page import page
from tests.people import build_officer

LETTER = (
    "夜间烧烤店噪音扰民\n福华路海鲜烧烤店每晚营业到凌晨三点，音响震天，老人孩子没法睡觉，请管一管。"
)
ANSWER = "福华路那家海鲜烧烤店已被责令改正，音响已经拆除，民警每晚巡查，如再扰民请拨打电话。"
OTHER_LETTER = "身份证办理\n我在外地工作，想在深圳补办身份证，需要带哪些材料，多长时间能拿到？"
OTHER_ANSWER = "补办身份证请带居住证到就近派出所户籍窗口，二十个工作日可以领取，也可以邮寄到家。"
EMPTY = "您好，您的来信收悉，我局高度重视，已转交有关部门认真研究处理，感谢您的支持与监督。"


def codes(letter, reply, others=None):
    return [doubt.code for doubt in judge(letter, reply, others or Others())]


@pytest.mark.parametrize(
    ("letter", "reply", "expected"),
    [
        (LETTER, ANSWER, []),
        (OTHER_LETTER, OTHER_ANSWER, []),
        (LETTER, OTHER_ANSWER, ["off_topic"]),
        (OTHER_LETTER, ANSWER, ["off_topic"]),
        (LETTER, EMPTY, ["off_topic"]),
        (LETTER, "已处理。", ["short"]),
        (LETTER, "", ["short"]),
        (LETTER, ANSWER + "联系【联系电话】。", ["blank"]),
        (LETTER, ANSWER + "编号{受理编号}，电话XXXX。", ["blank", "blank"]),
        (LETTER, ANSWER.translate({ord("，"): "\n"}), []),
        (LETTER, "！" * 50, ["short"]),
    ],
)
def test_a_reply_is_judged_by_its_letter(letter, reply, expected):
    assert codes(letter, reply) == expected


def test_a_reply_like_another_is_told_with_the_other():
    others = Others()
    others.add(7, OTHER_LETTER, ANSWER)
    (doubt,) = judge(LETTER, ANSWER, others)
    assert (doubt.code, doubt.case_id, doubt.share) == ("alike", 7, 1)


def test_the_same_reply_to_the_same_matter_is_right():
    others = Others()
    others.add(7, LETTER, ANSWER)
    assert codes(LETTER + "谢谢！", ANSWER, others) == []


def test_what_stands_in_a_standard_text_counts_neither_way():
    others = Others(standard=[EMPTY, "您反映的噪音扰民"])
    others.add(7, OTHER_LETTER, EMPTY)
    assert codes(LETTER, EMPTY, others) == ["off_topic"]
    assert codes(LETTER, "您反映的噪音扰民" + EMPTY, others) == ["off_topic"]


def test_words_that_all_letters_have_prove_nothing():
    others = Others()
    for number in range(30):
        others.add(number, f"派出所第{number}封", f"派出所已答复第{number}封")
    assert "off_topic" in codes(
        "派出所窗口态度", "派出所对此事十分重视，一定会认真严肃地查明。", others
    )
    for number in range(30):
        others.drop(number)
    assert not others.kept and not +others.letters and not +others.replies


def proposed(cast, text, **letter):
    case = cast.make_case(State.IN_HAND, **letter)
    cast.step(case.pk, "record_result", result="done")
    cast.step(case.pk, "propose_reply", text=text)
    return Case.objects.get(pk=case.pk)


LIGHTS = "福田区小区门口的红绿灯已由交警维修，请孩子过马路时注意安全。"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "found"),
    [
        (LIGHTS, []),
        (LIGHTS + "福田中心派出所已回访。", []),
        (LIGHTS + "深圳市公安局已知晓。", []),
        (LIGHTS + "南山分局已派员。", [("unit", "南山分局")]),
        (LIGHTS + "南山第二派出所已派员。", [("unit", "南山第二派出所")]),
        (LIGHTS + "编号 PA-7KQ2-M9XR-C8。", []),  # no receipt: its check character is wrong
    ],
)
def test_names_of_units_without_a_part_in_it_are_told(cast, text, found):
    case = proposed(cast, text)
    doubts = reply_checks.doubts(case, text)
    assert [(doubt.code, doubt.name) for doubt in doubts] == found


@pytest.mark.django_db
def test_the_receipt_of_another_letter_is_told_and_not_the_own(cast):
    case, other = proposed(cast, LIGHTS), cast.make_case()
    text = f"{LIGHTS}（{case.letter.receipt}、{other.letter.receipt.lower()}）"
    doubts = reply_checks.doubts(case, text)
    assert [(doubt.code, doubt.name) for doubt in doubts] == [("receipt", other.letter.receipt)]


@pytest.mark.django_db
def test_the_reviewer_sees_the_warning_with_a_link_and_may_still_approve(client, cast):
    first = proposed(cast, EMPTY, title="问身份证怎么补办", body="身份证丢了，问怎么补办。" * 3)
    cast.step(first.pk, "approve_reply")
    case = proposed(cast, EMPTY)
    reviewer = build_officer("review_reply", unit="440304")
    shown = page(client, reviewer, case)
    assert dict(shown.context["review"].warnings).popitem() is not None
    text = shown.content.decode()
    assert "100%的文字" in text and f"/desk/{first.letter.receipt}/" in text
    assert "可能没有针对这封信" in text
    cast.step(case.pk, "approve_reply")


@pytest.mark.django_db
def test_a_similar_reply_out_of_sight_is_told_without_its_number(client, cast):
    first = proposed(cast, EMPTY, title="问身份证怎么补办", body="身份证丢了，问怎么补办。" * 3)
    cast.step(first.pk, "approve_reply")
    case = proposed(cast, EMPTY)
    Case.objects.filter(pk=first.pk).update(accused_unit=case.unit)
    reviewer = build_officer("review_reply", unit="440304")
    text = page(client, reviewer, case).content.decode()
    assert "100%的文字" in text and first.letter.receipt not in text


def write(folder, rows):
    columns = ["letter_id", "title", "body", "reply", "replied_at"]
    with gzip.open(folder / "letters_reply.csv.gz", "wt", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)


def test_the_command_measures_own_replies_and_shuffled_ones(tmp_path, capsys):
    pairs = [(LETTER, ANSWER), (OTHER_LETTER, OTHER_ANSWER)] * 3
    rows = [
        {
            "letter_id": n,
            "title": "",
            "body": body,
            "reply": reply,
            "replied_at": f"2020-01-0{n + 1}",
        }
        for n, (body, reply) in enumerate(pairs)
    ]
    write(tmp_path, rows)
    call_command("reply_check", data=tmp_path, seed=3)
    said = capsys.readouterr().out
    assert "6 letters" in said and "off_topic" in said


@pytest.mark.parametrize("what", ["absent", "no gzip", "columns"])
def test_the_command_says_what_is_wrong_with_the_data(tmp_path, what):
    if what == "no gzip":
        (tmp_path / "letters_reply.csv.gz").write_text("x")
    if what == "columns":
        with gzip.open(tmp_path / "letters_reply.csv.gz", "wt") as file:
            file.write("a,b\n1,2\n")
    with pytest.raises(CommandError):
        call_command("reply_check", data=tmp_path)
