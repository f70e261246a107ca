"""The form in steps, without JavaScript: what comes next, what is kept, and that nothing is lost."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import F
from django.test import Client

from cases import access, crypto, identity, worlds
from cases.desk.case_page import labelled
from cases.models import Attachment, Case, Letter
from mailbox import unsent
from mailbox.models import Unsent
from tests.citizens import child, typed
from tests.files import PDF

pytestmark = pytest.mark.django_db


CHILD = child()


def at(name):
    return f"/write/steps/{name}/"


class Walker:
    """Somebody who goes from step to step, and what they type where."""

    def __init__(self, client, **changes):
        self.client = client
        said = typed(place="南山区科技园", **changes)
        self.said = {"acting": "self", **said}

    def post(self, name, **more):
        return self.client.post(at(name), {**self.said, **more})

    def to_check(self, start="place"):
        """Go on from a step until the last look; return the steps that were met."""
        met, here = [], at(start)
        while here != "/write/check/":
            name = here.split("/")[-2]
            met.append(name)
            assert len(met) < 20 and self.client.get(here).status_code == 200
            answer = self.post(name)
            assert answer.status_code == 302, answer.context["form"].errors
            here = answer.url
        return met

    def send(self):
        return self.client.post("/write/check/", follow=True)


ALWAYS = "place mailbox kind content category files acting person".split()


def test_last_look_shows_what_is_kept_of_the_writer(client):
    said = {
        "phone": "１９５－０００００００７",
        "id_number": "11010519491231002x",
        "email": "li．si＠example。com",
    }
    Walker(client, **said, kind="report", accused="futian branch").to_check()
    page = client.get("/write/check/").text
    assert not any(typed in page for typed in said.values())
    kept = ("19500000007", "11010519491231002X", "li.si@example.com", "深圳市公安局福田分局")
    assert all(shown in page for shown in kept)


@pytest.mark.parametrize(
    ("changes", "more"),
    [
        ({}, []),
        ({"kind": "report"}, ["privacy"]),
        ({"kind": "complaint"}, ["privacy"]),
        ({"acting": "other", "for_person": "李四", "consent": "on"}, ["others"]),
        (
            {
                "id_number": CHILD,
                "guardian": "父亲",
                "guardian_phone": "19500000001",
                "guardian_consent": "on",
            },
            ["guardian"],
        ),
    ],
)
def test_steps_are_those_that_apply_and_lead_to_a_receipt(client, changes, more):
    walker = Walker(client, **changes)
    assert sorted(walker.to_check()) == sorted([*ALWAYS, *more])
    page = client.get("/write/check/").text
    assert "小区门口红绿灯损坏" in page and "深圳市公安局" in page
    assert "no-store" in str(client.get("/write/check/").headers)
    assert page.count('class="change"') == page.count("<dt>")  # each line has its way to change it
    sent = walker.send()
    assert sent.request["PATH_INFO"] == "/write/sent/" and sent.context["code"]
    case = Case.objects.get()
    assert (case.mailbox.code, case.letter.place) == ("440300", "南山区科技园")
    assert not Unsent.objects.exists()


def test_mailbox_is_proposed_from_the_place_in_ones_own_words(client):
    for place, first, is_chosen in [
        ("南山区科技园", "440300", True),
        ("从天河坐车到南山区", "440300", False),
        ("", None, False),
        ("火星", None, False),
        ("<script>alert(1)</script>", None, False),
    ]:
        client.post(at("place"), {"place": place})
        answer = client.get(at("mailbox"))
        likely = [box["code"] for box in answer.context["likely"]]
        assert likely[:1] == ([first] if first else []) and "<script>alert" not in answer.text
        assert bool(answer.context["chosen"]) == is_chosen
        assert len(likely) + len(answer.context["rest"]) == 22


def test_what_was_typed_wrong_is_still_there_after_a_reload_and_says_so(client):
    answer = client.post(at("content"), {"title": "短", "body": "一二三四五六七八九十"})
    assert answer.status_code == 200 and "现有1个字" in answer.text
    again = client.get(at("content"))
    assert "现有1个字" in again.text and "一二三四五六七八九十" in again.text
    assert client.get("/write/check/").url == at("place")  # the first that is missing


def test_way_back_and_another_language_keep_what_was_typed(client):
    walker = Walker(client)
    walker.to_check()
    assert client.post(at("kind"), {"kind": "praise", "back": "1"}).url == at("mailbox")
    assert client.get(at("kind")).context["form"]["kind"].value() == "praise"
    client.post(at("content"), {"title": "半", "body": "句", "language": "en"})
    page = client.get(at("content"))
    assert 'lang="en"' in page.text and page.context["form"]["body"].value() == "句"


def test_page_that_is_left_half_filled_in_keeps_it_and_blames_nobody(client):
    Walker(client).to_check()
    left = client.post(at("person"), {"name": "陈", "phone": "195", "left": ""})
    assert left.status_code == 204
    form = client.get(at("person")).context["form"]
    assert (form["name"].value(), form["phone"].value(), form.errors) == ("陈", "195", {})
    assert client.get("/write/check/").url == at("person")  # it has still to be gone on with
    # A danger that was never gone on with is asked about when it is.
    client.post(
        at("content"), {"title": "快来救人", "body": "楼下有人持刀，大家都很害怕。", "left": ""}
    )
    assert client.get("/write/check/").url == at("content")


def test_page_of_a_letter_that_is_gone_keeps_nothing_when_it_is_left(client):
    walker = Walker(client)
    walker.to_check()
    key = client.get(at("content")).context["writing"].typed["key"]
    walker.send()
    assert client.post(at("person"), {**typed(), "left": key}).status_code == 204
    assert not Unsent.objects.exists()


def test_change_from_the_last_look_leads_back_there_or_to_what_it_brings_up(client):
    walker = Walker(client)
    walker.to_check()
    assert client.post(at("kind"), {"kind": "help", "then": "check"}).url == "/write/check/"
    assert client.post(at("kind"), {"kind": "report", "then": "check"}).url == at("privacy")
    # Another place may be another mailbox's.
    assert client.post(at("place"), {"place": "天河区", "then": "check"}).url == at("mailbox")


@pytest.mark.parametrize("later", [timedelta(), timedelta(minutes=61)])
def test_change_of_for_whom_somebody_writes_asks_who_that_is(client, later):
    Walker(client, acting="other", for_person="李四", consent="on").to_check()
    Unsent.objects.update(saved_at=F("saved_at") - later)
    assert client.post(at("acting"), {"acting": "joint", "then": "check"}).url == at("others")


def test_double_click_and_retry_lead_to_the_one_receipt(client):
    walker = Walker(client)
    walker.to_check()
    sent = walker.send().context["case"]
    assert walker.send().context["case"] == sent  # the draft is gone, the letter is kept
    assert Letter.objects.count() == 1
    Walker(client, title="另一封信的标题").to_check()
    assert walker.send().context["case"] != sent


def test_change_after_a_sending_that_broke_off_is_another_letter_and_not_swallowed(
    client, monkeypatch
):
    walker = Walker(client)
    walker.to_check()
    with monkeypatch.context() as broken:
        broken.setattr(unsent, "forget", lambda *_slots: None)  # as if it died before that
        walker.send()
    body = "后来想起：红绿灯坏了以后，还发生过一次碰撞。"
    client.post(at("content"), {"title": "路口的碰撞", "body": body, "then": "check"})
    assert "这是另一封" in client.post("/write/check/").text and Letter.objects.count() == 1
    walker.send()
    assert sorted(Letter.objects.values_list("body", flat=True)) == sorted(
        [walker.said["body"], body]
    )


def test_letter_being_written_is_sealed_and_nothing_is_made_by_looking(client):
    client.get("/write/begin/"), client.get(at("place")), client.get("/write/check/")
    assert not Unsent.objects.exists()
    client.post(at("person"), typed())
    kept = Unsent.objects.get()
    assert "测试来信人".encode() not in bytes(kept.sealed)
    assert crypto.open_sealed(kept.key_id, kept.sealed)["typed"]["name"] == "测试来信人"
    assert str(kept.pk) in str(dict(client.session)) and "测试" not in str(dict(client.session))
    assert Client().get(at("person")).context["form"]["name"].value() is None


def test_who_writes_is_forgotten_after_an_hour_and_the_rest_after_a_day(client):
    walker = Walker(client)
    walker.to_check()
    Unsent.objects.update(saved_at=F("saved_at") - timedelta(minutes=61))
    assert client.get("/write/check/").url == at("acting")
    assert client.get(at("person")).context["form"]["id_number"].value() is None
    assert client.get(at("content")).context["form"]["title"].value() == walker.said["title"]
    Unsent.objects.update(saved_at=F("saved_at") - timedelta(hours=24))
    assert client.get("/write/begin/").url == at("place")


def test_letter_being_written_outlives_a_closed_browser(client, settings):
    client.post(at("place"), {"place": "南山区"})
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["max-age"] >= 24 * 3600  # as long as the letter itself


def test_clearing_deletes_the_letter_and_its_files(client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    client.post(at("files"), {"attachments": [SimpleUploadedFile("a.pdf", PDF)]})
    assert "没写完的信" in client.get("/write/begin/").text
    answer = client.post("/write/clear/", follow=True)
    assert "已经删除" in answer.text
    assert not Unsent.objects.exists()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_browser_forgets_pages_that_say_who_writes(client):
    assert "no-store" in client.get(at("person"))["Cache-Control"]
    assert "no-store" not in client.get(at("content"))["Cache-Control"]
    assert client.post("/write/clear/")["Clear-Site-Data"] == '"cache"'


def test_what_is_left_lying_is_deleted_with_its_files(client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    client.post(at("files"), {"attachments": [SimpleUploadedFile("a.pdf", PDF)]})
    assert unsent.prune(worlds.now()) == 0
    assert unsent.prune(worlds.now() + timedelta(hours=25)) == 1
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_files_stay_through_errors_and_go_one_by_one(client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    files = [SimpleUploadedFile("现场 记录.pdf", PDF), SimpleUploadedFile("坏.exe", b"MZ")]
    answer = client.post(at("files"), {"attachments": files, "upload": "1"})
    assert "坏.exe" in str(answer.context["form"].errors)
    page = client.get(at("files"))
    assert "现场 记录.pdf" in page.text and "坏.exe" not in page.text
    six = [SimpleUploadedFile(f"{n}.pdf", PDF) for n in range(6)]
    full = client.post(at("files"), {"attachments": six}).text
    assert "最多5个，“5.pdf”没有上传" in full
    assert 'href="#id_attachments"' in full and '<h2 id="id_attachments"' in full
    kept = page.context["writing"].files[0].path
    client.post(at("files"), {"remove": kept}), client.post(at("files"), {"remove": "../../x"})
    page = client.get(at("files"))
    assert len(page.context["writing"].files) == 4 and "现场" not in page.text
    walker = Walker(client)
    walker.to_check(), walker.send()
    assert Attachment.objects.count() == 4
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 4


def test_emergency_is_asked_about_as_soon_as_it_is_written_and_once(client):
    walker = Walker(client, body="楼下有人持刀，大家都很害怕，请快来。")
    asked = walker.post("content")
    assert "tel:110" in asked.text and asked.context["onward"] == at("category")
    assert walker.post("content").status_code == 302
    walker.to_check()
    walker.send()
    assert Case.objects.get().urgent


@pytest.mark.parametrize(
    ("changes", "hinted"),
    [
        ({"kind": "report", "body": "我是测试来信人，发现有人开设赌场。"}, True),
        ({"kind": "report", "body": "有人开设赌场，请打１９５ 0000-0000找我。"}, True),
        ({"kind": "complaint", "confidential": "on", "title": "测试来信人的投诉"}, True),
        ({"kind": "complaint", "title": "测试来信人的投诉"}, False),
        ({"kind": "report"}, False),
    ],
)
def test_secret_letter_that_names_its_writer_is_hinted_at(client, changes, hinted):
    Walker(client, **changes).to_check()
    assert ("想保密，请先改掉" in client.get("/write/check/").text) == hinted


OTHERS = [
    ({"acting": "other", "consent": "on"}, "for_person", "替谁写信"),
    ({"acting": "other", "for_person": "李四"}, "consent", "得到同意"),
    ({"acting": "joint", "together": "甲某、乙某、丙某、丁某、戊某", "consent": "on"}, "together", "最多5人"),
    ({"acting": "company", "company": "厂", "consent": "on"}, "company", "2至100个字"),
    ({"acting": "nobody"}, "acting", "您为谁写信"),
    ({"id_number": CHILD}, "guardian", "未满14周岁"),
    ({"id_number": CHILD, "guardian": "父亲", "guardian_phone": "1"}, "guardian_phone", "手机号码"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "field", "message"), OTHERS)
def test_what_is_missing_for_others_is_named_at_its_field(client, said, field, message):
    answer = client.post("/write/", typed(**said))
    assert message in str(answer.context["form"].errors[field])
    assert "<details" in answer.text and " open>" in answer.text and not Letter.objects.exists()


def test_those_written_for_are_sealed_with_the_writer_and_masked(client, cast):
    names = {"acting": "joint", "together": "李四，王五", "consent": "on"}
    client.post("/write/", typed(**names))
    case = Case.objects.get()
    writer = case.letter.writer
    told = crypto.open_sealed(writer.key_id, writer.sealed)
    assert (told["acting"], told["together"], told["consent"]) == ("joint", "李四、王五", "yes")
    assert {k: identity.mask(k, v) for k, v in told.items()}["together"] == "李**、王**"
    shown = dict(labelled({k: identity.mask(k, v) for k, v in told.items()}))
    assert (shown["为谁写信"], shown["联名的其他代表"]) == ("几个人联名", "李**、王**")
    assert "王五" not in access.without_writer(case.letter, "王五说他叫李四")


def test_letter_for_oneself_says_nothing_of_others(client):
    client.post("/write/", typed(acting="self", for_person="李四", together="王五"))
    writer = Letter.objects.get().writer
    assert "李四" not in str(crypto.open_sealed(writer.key_id, writer.sealed))


@pytest.mark.parametrize("name", ["nonsense", "guardian", "others", "privacy"])
def test_step_that_does_not_apply_is_no_dead_end(client, name):
    answer = client.get(at(name))
    assert answer.status_code == 404 if name == "nonsense" else answer.url == at("place")


def test_letter_of_two_matters_is_hinted_at_and_may_be_sent(client):
    body = "小区门口的红绿灯坏了一个星期。还有一件事，楼上每天半夜唱歌。"
    walker = Walker(client, body=body)
    walker.to_check()
    assert "好像写了两件事" in client.get("/write/check/").text
    walker.send()
    assert Letter.objects.get().body == body
