"""The duty roster: spans and gaps, who may write it, and who is warned of gaps."""

from datetime import date, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from cases import duty, worlds
from cases.calendars import SHANGHAI
from cases.desk import duty_forms
from cases.models import Duty, Officer, Unit
from tests.desk_page import CITY, HANDLER
from tests.people import MORNING
from tests.rosters import HOUR, put

pytestmark = pytest.mark.django_db

PAGE = "/desk/duty/"
DAY = timedelta(days=1)
MONDAY = datetime(2026, 3, 2, tzinfo=SHANGHAI)


@pytest.fixture
def leader(client, make_officer):
    """A browser in which the leader of Shenzhen has signed in."""
    officer = make_officer("lead_case", unit=CITY, email="leader@example.com")
    client.force_login(officer)
    client.officer = officer
    return client


def post(client, do, unit=CITY, week="2026-03-04", **typed):
    return client.post(f"{PAGE}?unit={unit}&week={week}", {"do": do, **typed})


# -- the roster --------------------------------------------------------------------------------

SPANS = [
    # rows (hours from, to)        what the day shows: (from, to, manned)
    ([], [(0, 24, False)]),
    ([(0, 24)], [(0, 24, True)]),
    ([(-6, 8), (17, 32)], [(0, 8, True), (8, 17, False), (17, 24, True)]),
    ([(8, 12), (10, 14)], [(0, 8, False), (8, 12, True), (10, 14, True), (14, 24, False)]),
    ([(8, 18), (9, 10)], [(0, 8, False), (8, 18, True), (9, 10, True), (18, 24, False)]),
    ([(-9, -1), (25, 30)], [(0, 24, False)]),
]


@pytest.mark.parametrize(("rows", "expected"), SPANS)
def test_day_shows_its_spans_and_its_gaps(rows, expected):
    rows = [Duty(starts_at=MONDAY + a * HOUR, ends_at=MONDAY + b * HOUR) for a, b in rows]
    found = duty.spans(rows, MONDAY, MONDAY + DAY)
    assert [
        ((s.starts_at - MONDAY) // HOUR, (s.ends_at - MONDAY) // HOUR, s.duty is not None)
        for s in found
    ] == expected


def test_who_has_left_is_on_duty_no_more(make_officer):
    officer = make_officer("handle_case")
    put(officer)
    assert list(duty.on_duty(officer.unit, worlds.now())) == [officer]
    Officer.objects.filter(pk=officer.pk).update(is_active=False)
    assert not duty.on_duty(officer.unit, worlds.now())
    assert duty.week(officer.unit, duty.monday(worlds.now().date()))[0][1][0].duty is None


def test_duty_ends_where_the_chain_of_shifts_ends(make_officer):
    officer = make_officer("handle_case")
    assert duty.until(officer, MONDAY) is None
    put(officer, MONDAY - HOUR, MONDAY + 3 * HOUR)
    put(officer, MONDAY + 2 * HOUR, MONDAY + 8 * HOUR)
    put(officer, MONDAY + 9 * HOUR, MONDAY + 10 * HOUR)
    assert duty.until(officer, MONDAY) == MONDAY + 8 * HOUR
    assert duty.until(officer, MONDAY + 8 * HOUR) is None


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ("08:30", 510),
        ("8:30", 510),
        ("０８：３０", 510),
        ("0830", 510),
        ("24:00", 1440),
        (" 0:00", 0),
    ],
)
def test_times_are_read_in_any_width(typed, minutes):
    assert duty_forms.time_of(typed) == timedelta(minutes=minutes)


@pytest.mark.parametrize("typed", ["", "x", "25:00", "24:01", "8:60", "8", "\x00", "²:30"])
def test_nonsense_is_no_time(typed):
    with pytest.raises(ValueError, match="08:30"):
        duty_forms.time_of(typed)


def test_leader_adds_night_shifts_for_several_days_at_once(leader, make_officer):
    officer = make_officer("triage_case", unit=CITY)
    typed = {"officer": officer.pk, "start": "17:30", "end": "08:30", "days": ["0", "2"]}
    assert post(leader, "add", **typed).status_code == 302
    post(leader, "add", **typed)  # a second click adds nothing
    rows = list(Duty.objects.values_list("starts_at", "ends_at"))
    assert rows == [
        (MONDAY + n * DAY + 17.5 * HOUR, MONDAY + (n + 1) * DAY + 8.5 * HOUR) for n in (0, 2)
    ]
    text = leader.get(f"{PAGE}?week=2026-03-04").content.decode()
    assert str(officer) in text and "无人值班" in text and "17:30–24:00" in text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"officer": "x"}, "选择"),
        ({"officer": ""}, "请选择值班民警"),
        ({"start": "\x00"}, "空字符"),
        ({"end": "99:99"}, "08:30"),
        ({"days": []}, "请至少选择一天"),
        ({"days": ["9"]}, "9"),
    ],
)
def test_mistakes_are_said_at_the_field_and_what_was_typed_stays(
    leader, make_officer, changes, words
):
    officer = make_officer("triage_case", unit=CITY)
    typed = {"officer": officer.pk, "start": "01:23", "end": "04:56", "days": ["0"]} | changes
    answer = post(leader, "add", **typed)
    text = answer.content.decode()
    assert answer.status_code == 400 and words in text and not Duty.objects.exists()
    assert ("01:23" in text) == (typed["start"] == "01:23")


def test_last_week_is_copied_once(leader, make_officer):
    officer = make_officer("triage_case", unit=CITY)
    put(officer, MONDAY, MONDAY + DAY)
    for _press in range(2):
        post(leader, "copy", week="2026-03-09")
    assert list(Duty.objects.values_list("starts_at", flat=True)) == [MONDAY, MONDAY + 7 * DAY]


def test_shift_to_come_is_taken_off_one_that_runs_ends_now_one_that_is_over_stays(
    leader, make_officer
):
    officer, now = make_officer("triage_case", unit=CITY), worlds.now()
    past = put(officer, now - 3 * HOUR, now - 2 * HOUR)
    running, coming = put(officer), put(officer, now + 2 * HOUR, now + 3 * HOUR)
    for row in (past, running, coming):
        post(leader, "remove", duty=row.pk)
    for junk in ("x", "\x00", "9" * 30, ""):
        assert post(leader, "remove", duty=junk).status_code == 302
    assert set(Duty.objects.values_list("pk", flat=True)) == {past.pk, running.pk}
    running.refresh_from_db()
    assert now <= running.ends_at <= worlds.now()


def upload(text, encoding="utf-8"):
    return SimpleUploadedFile("roster.csv", text.encode(encoding))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_file_is_taken_whole(leader, make_officer, encoding):
    make_officer("triage_case", unit=CITY, username="sz-a")
    text = "账号,日期,开始,结束\nsz-a,2026-03-02,8:30,17:30\n\nsz-a,2026-03-03,17：30,8：30\n"
    assert post(leader, "import", file=upload(text, encoding)).status_code == 302
    assert Duty.objects.count() == 2


BAD_FILES = [
    ("账号,日期,开始,结束\nsz-a,2026-03-02,8:30,17:30\nnobody,2026-03-02,8:30,17:30", "第3行"),
    ("账号,日期,开始,结束\nsz-a,2.3.2026,8:30,17:30", "日期请写成"),
    ("账号,日期,开始,结束\nsz-a,0001-01-01,8:30,17:30", "日期请写成"),
    ("账号,日期,开始,结束\nsz-a,2026-03-02,8:30", "应有四列"),
    ("账号,日期,开始,结束\nsz-a,2026-03-02,8:30,x", "时间请写成"),
    ("账号,日期,开始,结束\n", "行"),
    ("账号\n" + "sz-a\n" * 1001, "行"),
    ("\x00", "编码"),
    ("x" * 200_001, "KB"),
]


@pytest.mark.parametrize(("text", "words"), BAD_FILES)
def test_file_with_a_fault_is_refused_whole(leader, make_officer, text, words):
    make_officer("triage_case", unit=CITY, username="sz-a")
    answer = post(leader, "import", file=upload(text))
    assert answer.status_code == 400 and words in answer.content.decode()
    assert not Duty.objects.exists()


# -- who may -----------------------------------------------------------------------------------


def test_others_see_the_roster_and_write_nothing(client, make_officer):
    officer = make_officer("handle_case", unit=HANDLER)
    client.force_login(officer)
    assert "排班</h2>" not in client.get(PAGE).content.decode()
    typed = {"officer": officer.pk, "start": "8:30", "end": "9:30", "days": ["0"]}
    assert post(client, "add", HANDLER, **typed).status_code == 404
    assert client.get(f"{PAGE}?unit={CITY}").status_code == 404


@pytest.mark.parametrize(
    "address", ["?unit=x\x00y", "?unit=440100", "?unit=nothing", "?unit=440300/", "?unit=440000"]
)
def test_units_elsewhere_are_absent(leader, address):
    assert leader.get(PAGE + address).status_code == 404


@pytest.mark.parametrize("week", ["x", "\x00", "9999-12-31", "0001-01-01", "２０２６-03-04"])
def test_odd_weeks_are_this_week_or_that_one(leader, week):
    assert leader.get(PAGE, {"week": week}).status_code == 200


def test_statistician_finds_no_roster(client, make_officer):
    client.force_login(make_officer("view_statistics", unit=CITY))
    assert client.get(PAGE).status_code == 404


def test_leader_writes_the_roster_of_a_station_and_of_no_other_city(leader, make_officer):
    officer = make_officer("handle_case", unit="440304-01")
    typed = {"officer": officer.pk, "start": "0:00", "end": "24:00", "days": ["0"]}
    assert post(leader, "add", "440304-01", **typed).status_code == 302
    assert post(leader, "add", "440100", **typed).status_code == 404
    assert Duty.objects.get().unit.code == "440304-01"


def test_sound_is_each_officers_own_choice(client, make_officer):
    officer = make_officer("handle_case", unit=HANDLER)
    client.force_login(officer)
    assert "data-sound" not in client.get("/desk/").content.decode()
    client.post(f"{PAGE}wishes/", {"on": "yes"})
    assert "data-sound" in client.get("/desk/").content.decode()


def test_leader_is_warned_on_the_desk_while_nobody_is_there(leader, cast, make_officer):
    assert "无人值班" not in leader.get("/desk/").content.decode()  # nothing waits
    cast.make_case(at=MORNING)
    assert "现在无人值班，有 1 封" in leader.get("/desk/").content.decode()
    assert [unit.code for unit, _n in leader.get(PAGE).context["alone"]] == [CITY]
    put(make_officer("triage_case", unit=CITY))
    assert "现在无人值班，有" not in leader.get("/desk/").content.decode()
    assert leader.get(PAGE).context["alone"] == []


def test_week_of_a_unit_takes_one_query(make_officer, django_assert_num_queries):
    officer = make_officer("triage_case", unit=CITY)
    for n in range(5):
        put(officer, MONDAY + n * DAY, MONDAY + n * DAY + HOUR)
    unit = Unit.objects.get(code=CITY)
    with django_assert_num_queries(1):
        assert len(duty.week(unit, duty.monday(date(2026, 3, 4)))) == 7
