"""Saved views: lists that an officer comes back to."""

from importlib import import_module
from threading import Thread

import pytest
from django.apps import apps
from django.db import connection, transaction

from cases.models import SavedView
from cases.transitions import State
from tests.desk_page import words_address
from tests.processes import PATIENCE_SECONDS, becomes, waits_for_a_lock

pytestmark = pytest.mark.django_db
LATE = "?scope=all&colour=red"


@pytest.fixture
def mine(client, make_officer):
    """A client whose officer has no views yet."""
    client.officer = make_officer("triage_case", unit="440300")
    client.force_login(client.officer)
    return client


def save(client, name="超期件", address=LATE):
    return client.post("/desk/views/", {"name": name, "address": address})


def save_with(client, words, **more):
    """Save the list on which these words were looked for."""
    return save(client, address=words_address(client, words), **more)


def change(client, action, pk=None, **typed):
    pk = pk or SavedView.objects.get().pk
    return client.post(f"/desk/views/{pk}/{action}/", typed)


def names(client):
    return [view.name for view, _to in client.get("/desk/views/").context["views"]]


def test_view_is_saved_once_and_stands_on_the_desk(mine):
    for _click in range(2):
        answer = save(mine)
        assert (answer.status_code, answer.url) == (302, f"/desk/{LATE}")
    assert names(mine) == ["超期件"]
    page = mine.get(f"/desk/{LATE}")
    assert [(view.name, shown) for view, _to, shown in page.context["views"]] == [("超期件", True)]
    assert "超期件" in page.content.decode()
    assert [shown for *_view, shown in mine.get("/desk/?scope=all").context["views"]] == [False]


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("?colour=red&scope=all&page=7", "?scope=all&colour=red"),
        ("?sort=returns", "?scope=waiting&sort=returns"),
        ("?scope=all&month=2026-03", "?scope=all&month=2026-03"),
        ("?nonsense=1&state=%00", "?scope=waiting"),
        ("javascript:alert(1)", "?scope=waiting"),
        ("//elsewhere.example/?scope=all", "?scope=waiting"),
        ("", "?scope=waiting"),
        ("?unit=" + "x" * 5000, "?scope=waiting&unit=" + "x" * 12),
    ],
)
def test_view_keeps_filters_and_nothing_else(mine, address, kept):
    assert save(mine, address=address).status_code == 302
    view = SavedView.objects.get()
    assert view.address == kept
    assert mine.get(f"/desk/{view.address}").status_code == 200


@pytest.mark.parametrize(
    "words", ["154 7390 9268", "15473909268", "zq9wkx@example.com", "H71650299"]
)
def test_view_with_a_number_or_address_is_not_kept(mine, words):
    for answer in (save_with(mine, words), save(mine, name=words)):
        assert answer.status_code == 409 and "号码或电子邮箱" in answer.text
    assert not SavedView.objects.exists()
    save(mine)
    assert change(mine, "rename", name=words).status_code == 409


def test_words_of_a_view_stand_in_its_row_and_in_no_address(mine, make_case, client):
    case = make_case(title="楼上噪音扰民的来信")
    make_case()
    for _click in range(2):
        answer = save_with(mine, "噪音", name="吵")
    view = SavedView.objects.get()
    assert answer.url == f"/desk/?scope=all&words=v{view.pk}"
    assert (view.words, view.address) == ("噪音", "?scope=all")
    page = mine.get("/desk/views/")
    ((_view, there),) = page.context["views"]
    assert there == f"?scope=all&words=v{view.pk}" and "噪音" not in page.text
    mine.session.flush()
    mine.force_login(mine.officer)  # another session
    listed = mine.get(f"/desk/{there}").context
    assert [row.case.pk for row in listed["rows"]] == [case.pk]
    assert [shown for *_view, shown in listed["views"]] == [True]
    change(mine, "default")
    assert mine.get("/desk/").url == f"/desk/{there}"
    change(mine, "delete")
    assert mine.get(f"/desk/{there}").context["filters"].is_lost


def test_view_whose_words_are_gone_is_not_saved(mine):
    answer = save(mine, address="?scope=all&words=00ff00ff")
    assert answer.status_code == 409 and "重新输入再存" in answer.text
    assert not SavedView.objects.exists()


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("", "1至20个字"),
        ("　 \n", "1至20个字"),
        ("\0", "1至20个字"),
        ("长" * 21, "1至20个字"),
        ("超期件", "同名"),
    ],
)
def test_wrong_name_is_told_and_kept(mine, name, says):
    save(mine)
    answer = save(mine, name=name, address="?scope=unit")
    page = answer.content.decode()
    assert answer.status_code == 409 and says in page
    assert 'value="?scope=unit"' in page and (
        not name.strip("\0　 \n") or f'value="{name}"' in page
    )
    answer = change(mine, "rename", name=name)
    assert answer.status_code == (302 if name == "超期件" else 409)
    assert names(mine) == ["超期件"]


def test_there_are_not_too_many(mine):
    for number in range(20):
        save(mine, name=f"视图{number}")
    answer = save(mine, name="还要一个")
    assert answer.status_code == 409 and "最多保存20个" in answer.content.decode()
    assert SavedView.objects.count() == 20


def test_view_is_renamed_and_deleted(mine):
    save(mine)
    assert change(mine, "rename", name="  红色的  ").status_code == 302
    assert names(mine) == ["红色的"]
    change(mine, "delete")
    assert names(mine) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("action", "status"), [("rename", 409), ("default", 302)])
def test_another_tab_that_is_first_in_the_same_instant_is_no_error(mine, action, status):
    for name in ("甲", "乙"):
        save(mine, name)
    first, second = SavedView.objects.order_by("pk")
    answers = []

    def late():
        answers.append(change(mine, action, second.pk, name="新名").status_code)
        connection.close()

    with transaction.atomic():
        SavedView.objects.filter(pk=first.pk).update(name="新名", is_default=True)
        other = Thread(target=late)
        other.start()
        assert becomes(waits_for_a_lock)
    other.join(PATIENCE_SECONDS)
    second.refresh_from_db()
    assert (answers, second.name, second.is_default) == ([status], "乙", False)


def test_desk_opens_with_the_default_until_it_is_none(mine):
    save(mine)
    save(mine, name="本单位", address="?scope=unit")
    first, second = SavedView.objects.order_by("pk")
    assert mine.get("/desk/").status_code == 200
    for view in (first, second):
        for _click in range(2):
            change(mine, "default", view.pk)
        assert mine.get("/desk/").url == f"/desk/{view.address}"
    assert SavedView.objects.filter(is_default=True).count() == 1
    assert mine.get("/desk/?scope=waiting").status_code == 200
    for _click in range(2):
        change(mine, "plain", second.pk)
        assert mine.get("/desk/").status_code == 200


def test_views_of_others_are_absent(mine, client, make_officer):
    save(mine)
    pk = SavedView.objects.get().pk
    client.force_login(make_officer("triage_case", unit="440300"))
    for action in ("rename", "delete", "default"):
        assert change(client, action, pk, name="我的").status_code == 404
    assert change(client, "nonsense", pk).status_code == 404
    assert names(client) == [] and SavedView.objects.get().name == "超期件"
    assert save(client).status_code == 302  # the same name is another officer's own


def test_looking_changes_nothing(mine):
    save(mine)
    pk = SavedView.objects.get().pk
    for action in ("rename", "delete", "default"):
        assert mine.get(f"/desk/views/{pk}/{action}/").status_code == 405
    assert not SavedView.objects.get().is_default


def test_view_shows_its_letters(mine, make_case):
    case = make_case(State.IN_HAND)
    save(mine)
    rows = mine.get(f"/desk/{SavedView.objects.get().address}").context["rows"]
    assert [row.case.pk for row in rows] == [case.pk]


def test_words_of_views_saved_before_stand_in_their_rows_after_an_update(mine):
    views = [("吵", "?scope=all&q=%E5%99%AA%E9%9F%B3&month=2026-03"), ("红", LATE)]
    for name, address in views:
        SavedView.objects.create(officer=mine.officer, name=name, address=address)
    import_module("cases.migrations.0032_words_of_views").take_words_out(apps, None)
    found = SavedView.objects.order_by("pk").values_list("words", "address")
    assert list(found) == [("噪音", "?scope=all&month=2026-03"), ("", LATE)]
