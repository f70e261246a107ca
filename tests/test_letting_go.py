"""When a main letter ends without an answer, the matter of those merged into it is not lost."""

import pytest
from django.core import mail

from cases import worlds
from cases.models import Case
from cases.transitions import State
from mailbox import notices
from tests.people import MORNING
from tests.scenes import refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("whole_log")]


def state(case):
    return Case.objects.get(pk=case.pk).state


def test_letters_inside_a_withdrawn_one_go_on_where_they_were(scene):
    main = scene(State.IN_HAND)
    first, second, gone = scene(State.RECEIVED), scene(State.DISPATCHED), scene(State.ACCEPTED)
    for one in (first, second, gone):
        one.by_office("merge", into=main.case.letter.receipt)
    gone.by_office("unmerge")
    main.by_citizen("withdraw")
    assert state(main.case) == State.WITHDRAWN
    assert [state(one.case) for one in (first, second, gone)] == [
        State.RECEIVED,
        State.DISPATCHED,
        State.ACCEPTED,
    ]
    for one in (first, second):
        last = one.case.events.order_by("seq").last()
        assert (last.action, last.role, last.user) == ("unmerge", "system", None)
        assert Case.objects.get(pk=one.case.pk).merged_into is None
    assert gone.case.events.filter(action="unmerge").count() == 1
    second.by_office("merge", into=first.case.letter.receipt)


def test_merged_letter_is_withdrawn_by_itself_until_the_matter_is_answered(letter, client):
    cast, at = letter.cast, worlds.now()
    main = cast.make_case(State.IN_HAND, at=MORNING, person={})
    cast.merge_into(main, letter.case, at)
    assert "/follow/case/withdraw/" in letter.page()
    letter.post("withdraw", seen=letter.case.seq, text="已经解决了。")
    assert letter.case.state == State.WITHDRAWN and letter.case.merged_into is None
    assert state(main) == State.IN_HAND
    client.force_login(cast.writer)
    page = client.get(f"/desk/{main.letter.receipt}/").text
    assert "并入来信的来信人撤回来信" in page and "并入本件的来信" not in page


def test_refused_withdrawal_lets_nobody_go(scene):
    main, inside = scene(State.IN_HAND), scene(State.RECEIVED)
    inside.by_office("merge", into=main.case.letter.receipt)
    main.reply()
    with pytest.raises(Exception, match="已答复"):
        main.by_citizen("withdraw")
    assert state(inside.case) == State.MERGED
    refused(inside.by_citizen, "add", text="还有一次。")
    refused(inside.by_citizen, "withdraw")


def test_their_writers_are_told_and_the_desk_reads_why(letter, client):
    cast, at = letter.cast, worlds.now()
    main = cast.make_case(State.IN_HAND, at=MORNING, person={})
    cast.merge_into(main, letter.case, at)
    notices.send_notices()
    mail.outbox.clear()
    cast.step(main.pk, "withdraw", at=at)
    notices.send_notices()
    assert [one.to for one in mail.outbox] == [["writer@example.com"]]
    assert "合并已撤销，来信单独办理" in mail.outbox[0].body
    page = letter.page()
    assert "已收到，等待受理" in page and "合并办理的进展" not in page
    client.force_login(cast.writer)
    assert "主件已由来信人撤回" in client.get(f"/desk/{letter.receipt}/").text


@pytest.mark.parametrize(
    ("action", "fields", "label"),
    [
        ("decline", {"decline_reason": "not_ours", "elsewhere": "12345"}, "不予受理"),
        ("transfer_out", {"elsewhere": "12345", "text": "只写给主件来信人。"}, "已转交其他部门"),
    ],
)
def test_main_letter_that_went_elsewhere_says_so_to_the_others(letter, action, fields, label):
    cast, at = letter.cast, worlds.now()
    main = cast.make_case(State.ACCEPTED, at=MORNING, person={})
    cast.merge_into(main, letter.case, at)
    notices.send_notices()
    mail.outbox.clear()
    cast.step(main.pk, action, at=at, **fields)
    notices.send_notices()
    assert [one.to for one in mail.outbox] == [["writer@example.com"]]
    assert "已有处理结果" in mail.outbox[0].body
    page = letter.page()
    assert label in page and "12345" in page and "请另写一封信" in page
    assert "只写给主件来信人" not in page and "/follow/case/add/" not in page
