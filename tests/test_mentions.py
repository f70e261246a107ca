"""Notes that name a colleague: who is told, who is not, and that no citizen sees either."""

import pytest

from cases import access, mentions
from cases.models import Event, Mention
from cases.transitions import State
from tests.citizens import Sent
from tests.desk_page import HANDLER, address, page, take
from tests.people import MORNING, build_officer

pytestmark = pytest.mark.django_db


def colleague(name, unit=HANDLER, username=None, rights=("handle_case", "note_case"), **fields):
    officer = build_officer(*rights, unit=unit, username=username, **fields)
    officer.first_name = name
    officer.save()
    return officer


@pytest.fixture
def case(cast):
    return cast.make_case(State.IN_HAND)


@pytest.fixture
def author(cast):
    return build_officer("handle_case", "note_case", unit=HANDLER, username="author")


@pytest.fixture
def others(cast):
    return [
        colleague("张三", username="zhang-san"),
        colleague("张三丰", username="zsf"),
        colleague("李四", unit="440300", username="Li_4"),
        colleague("王五", unit="440100", username="wang"),
        colleague("赵六", username="zhao", is_active=False),
    ]


@pytest.mark.parametrize(
    ("text", "told", "blind", "unknown"),
    [
        ("@张三 请看", ["zhang-san"], [], []),
        ("＠张三请看", ["zhang-san"], [], []),
        ("@张三丰，请看", ["zsf"], [], []),
        ("@zhang-san请看", ["zhang-san"], [], []),
        ("@ZHANG-SAN. 请看", ["zhang-san"], [], []),
        ("请@li_4和@张三一起看，@张三", ["Li_4", "zhang-san"], [], []),
        ("@王五 请看", [], ["王五"], []),
        ("@赵六 已停用", [], [], ["赵六"]),
        ("@没有这个人的名字啊啊啊啊", [], [], ["没有这个人的名字啊啊"]),
        ("发到 someone@example.com", [], [], []),
        ("@ 空的，@", [], [], []),
        ("@zhang-sanx", [], [], ["zhang-sanx"]),
        ("没有人", [], [], []),
    ],
)
def test_names_are_read(case, others, text, told, blind, unknown):
    named = mentions.named_in(text, case)
    assert [officer.username for officer in named.officers] == told
    assert (list(named.blind), list(named.unknown)) == (blind, unknown)


def test_one_name_of_several_officers_means_those_who_see_the_letter(case, others):
    colleague("王五", username="other-wang")
    named = mentions.named_in("@王五", case)
    assert [o.username for o in named.officers] == ["other-wang"] and not named.blind


def test_a_note_tells_whom_it_names_in_its_own_step(client, case, author, others):
    client.force_login(author)
    answer = take(client, case, "note", text="@张三 @author @王五 @马七 请核实。")
    said = client.get(answer.url).content.decode()
    assert "已提醒：张三。" in said
    assert "王五看不到这封信" in said and "没有找到@马七" in said
    mention = Mention.objects.get()
    assert mention.officer == others[0] and mention.event == Event.objects.latest("pk")


def test_other_steps_name_nobody(client, case, author, others):
    client.force_login(author)
    take(client, case, "feedback", text="@张三 您好")
    assert not Mention.objects.exists()


def test_the_desk_counts_and_lists_what_names_me_until_i_have_read_it(client, case, author, others):
    client.force_login(author)
    take(client, case, "note", text="@张三 第一条")
    take(client, case, "note", text="@张三 第二条")
    shown = page(client, others[0], case).content.decode()
    assert '提醒 <span class="nav-count">2</span>' in shown and "在备注中提到您" in shown
    listed = client.get("/desk/mentions/").content.decode()
    assert listed.index("第二条") < listed.index("第一条") and listed.count("未读") == 2
    assert client.get("/desk/mentions/read/").status_code == 405
    assert mentions.unread(others[0]).count() == 2  # reading alone changes nothing
    answer = client.post("/desk/mentions/read/", {"receipt": case.letter.receipt})
    assert answer.url == address(case)
    assert not mentions.unread(others[0]).exists()
    assert "第一条" in client.get("/desk/mentions/").content.decode()


def test_all_are_marked_at_once_and_only_ones_own(client, case, author, others):
    client.force_login(author)
    take(client, case, "note", text="@张三 @李四 请看")
    client.force_login(others[0])
    assert client.post("/desk/mentions/read/").url == "/desk/mentions/"
    assert mentions.unread(others[2]).count() == 1 and not mentions.unread(others[0]).exists()


def test_a_letter_gone_out_of_sight_takes_its_mentions_along(client, cast, case, author, others):
    client.force_login(author)
    take(client, case, "note", text="@张三 请看")
    cast.step(case.pk, "return_to_desk", return_reason="not_our_area", text="不在本辖区。")
    client.force_login(others[0])
    assert not access.visible_cases(others[0]).exists()
    assert "请看" not in client.get("/desk/mentions/").content.decode()
    assert client.post("/desk/mentions/read/", {"receipt": case.letter.receipt}).status_code == 404


@pytest.mark.parametrize("receipt", ["x", "PA-0000-0000-00", "\x00"])
def test_a_receipt_that_is_none_is_absent(client, author, receipt):
    client.force_login(author)
    assert client.post("/desk/mentions/read/", {"receipt": receipt}).status_code == 404


def test_who_reads_no_letters_has_no_reminders(client, case):
    client.force_login(build_officer("view_statistics"))
    assert "/desk/mentions/" not in client.get("/desk/").content.decode()
    assert client.get("/desk/mentions/").status_code == 404


def test_own_drafts_are_listed_with_the_letter(client, case, author):
    client.force_login(author)
    client.post(address(case, "draft/note/"), {"seen": case.seq, "text": "半句话"})
    listed = client.get("/desk/mentions/").content.decode()
    assert "半句话" in listed and f"{address(case)}#step-note" in listed


def test_the_number_of_queries_does_not_grow_with_the_list(
    client, case, author, others, django_assert_max_num_queries
):
    client.force_login(author)
    for number in range(5):
        take(client, case, "note", text=f"@张三 第{number}条")
    client.force_login(others[0])
    with django_assert_max_num_queries(20):
        client.get("/desk/mentions/")


def test_marking_is_at_the_time_of_the_world(cast, case, others):
    cast.step(case.pk, "note", text="@张三")
    assert mentions.mark_read(others[0], MORNING) == 1
    assert Mention.objects.get().read_at == MORNING


def test_the_citizen_sees_neither_the_note_nor_who_is_named(client, cast, others):
    letter = Sent(client, cast)
    letter.walk(State.IN_HAND)
    cast.step(letter.case.pk, "note", text="@张三 来信人情绪激动，请注意。")
    shown = letter.page()
    assert "张三" not in shown and "情绪激动" not in shown and "内部备注" not in shown
