"""The pages of searches for staffing: what was asked, how far it is, the answer or the best there is."""

import pytest
from django.urls import reverse

from simulation import staffing_report, studies
from simulation import targets as aims
from simulation.models import Study
from tests import two_cities
from tests.reports import no_tasks_left, row_of  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_tasks_left")]
TARGETS = ["on_time>=0.97", "reply_p90<=12d"]
SPEC = {"open": True, "targets": TARGETS, "confidence": 0.9, "replications": 3, "seed": 1}
# An answer as staffing_report.Answer.result gives it.
ANSWER = {
    "replications": 3,
    "letters": 800,
    "days": 60,
    "officers": {
        "now": {"department": 9, "desks": 4, "duty": 18, "handlers": 36, "review": 2},
        "found": {"department": 2, "desks": 4, "duty": 18, "handlers": 22, "review": 2},
    },
    "targets": [
        {"name": "on_time", "at_least": True, "limit": 0.97, "now": 0.99, "found": 0.989, "bound": 0.984},
        {"name": "reply_p90", "at_least": False, "limit": 288.0, "now": None, "found": 184.8, "bound": 223.0},
    ],
    "curve": {"0.7": [0.963, None], "1.0": [0.989, 184.8], "1.5": [0.99, 177.6]},
    "curve_officers": {"0.7": 39, "1.0": 48, "1.5": 1075},
    "cities": {"441700": {"desks": [2, 2], "duty": [2, 2], "handlers": [4, 3], "review": [1, 1]}},
    "one_more": [{"name": "wait_department", "mean": -0.05, "low": -0.06, "high": -0.04}],
    "breaks": {"now": 3.586, "found": None},
    "spells": [
        {"station": "handlers 441700", "first": "2021-05-03", "last": "2021-06-01",
         "letters": 1234, "days": 12.34, "utilisation": 0.93, "wait": 100.0},
    ],
    "behind": 7,
    "text": "Smallest staffing found",
}  # fmt: skip


def made(**changes):
    """Return a study of staffing, running, as the command makes it; with changes to its row."""
    text = two_cities.text(handlers=4)
    study = studies.create(
        "staff", text, arms={"as it is": {}}, seeds=[1, 2], scenario=two_cities.NAME, spec=SPEC
    )
    Study.objects.filter(pk=study.pk).update(status=Study.RUNNING, **changes)
    return Study.objects.get(pk=study.pk)


def read(client, name, *args, **query):
    answer = client.get(reverse(f"simulation:{name}", args=args), query)
    assert answer.status_code == 200
    return answer.text


def test_the_list_says_how_to_begin_and_what_was_asked(planner):
    page = read(planner, "staff-list")
    assert "还没有测算" in page and "./manage.py staff" in page
    assert reverse("simulation:staff-list") in read(planner, "list")
    made()
    page = read(planner, "staff-list")
    assert "按时答复率 ≥ 97.0%" in page and "答复用时（九成以内） ≤ 12.0 天" in page
    assert "0 / 2" in page and "运行中" in page


def test_a_search_that_goes_on_is_watched_then_stopped_and_can_be_gone_on_with(planner):
    study = made()
    page = read(planner, "staff", study.pk)
    assert 'data-poll="?part=progress"' in page
    assert "共 2 次" in read(planner, "staff", study.pk, part="progress")
    answer = planner.post(reverse("simulation:cancel-study", args=[study.pk]))
    assert answer.url == reverse("simulation:staff", args=[study.pk])
    page = read(planner, "staff", study.pk)
    assert f"./manage.py staff --resume {study.pk}" in page
    answer = planner.post(reverse("simulation:delete-study", args=[study.pk]))
    assert answer.url == reverse("simulation:staff-list")
    assert not Study.objects.exists()


def test_an_answer_is_shown_in_words_numbers_and_pictures(planner):
    study = made()
    studies.finish(study, ANSWER)
    page = read(planner, "staff", study.pk)
    assert row_of(page, "按时答复率 ≥ 97.0%").endswith("99.0% 98.9% 98.4%")
    assert row_of(page, "答复用时（九成以内） ≤ 12.0 天").endswith("从不 7.7 天 9.3 天")
    assert row_of(page, "厅专班（日夜班合计）").endswith("9 2 -7")
    assert row_of(page, "各市审核").endswith("2 2 0")
    assert row_of(page, "-21") == "合计 69 48 -21"
    assert row_of(page, "1,075").endswith("1,075 99.0% 7.4 天")
    assert "4 → <b>3</b>" in page
    assert page.count("<polyline") == 2 and page.count("<circle") == 3 + 2
    assert "厅专班多一人：来信在厅专班等候少 3 分钟（2.4 分钟 至 3.6 分钟）。" in page
    assert "来信到 3.59 倍（60 天 2,869 封）就越积越多" in page
    assert "来信到 8 倍也不会越积越多" in page
    assert row_of(page, "承办 · 阳江市公安局").endswith("1,234 12.3 93% 4.2 天")
    assert "共 7 个" in page and "✓ 可以达到" in page


def test_targets_out_of_reach_show_the_best_that_can_be_had(planner):
    study, wanted = made(), aims.together(TARGETS)
    plays = [{"on_time": 0.99}, {"on_time": 0.991}]  # no letter is ever answered
    best = staffing_report.best_reachable(wanted, plays, 0.9)
    studies.finish(study, {"unreachable": "no staffing meets the targets", "best": best})
    page = read(planner, "staff", study.pk)
    assert "最好能到多少" in page
    assert row_of(page, "答复用时").endswith("从不 从不 ✗ 达不到")
    assert row_of(page, "按时答复率").endswith("✓ 可以达到")
    assert "✗ 达不到" in read(planner, "staff-list")


def test_an_answer_of_an_older_version_is_shown_in_its_own_words(planner):
    study = made()
    studies.finish(study, {"text": "Smallest staffing found", "curve": {}})
    assert "Smallest staffing found" in read(planner, "staff", study.pk)


def test_studies_of_other_kinds_look_absent(planner):
    study = made()
    assert planner.get(reverse("simulation:study", args=[study.pk])).status_code == 404
    Study.objects.update(kind="calibrate")
    for name in ("staff", "study"):
        assert planner.get(reverse(f"simulation:{name}", args=[study.pk])).status_code == 404
    for name in ("cancel-study", "delete-study", "resume-study"):
        assert planner.post(reverse(f"simulation:{name}", args=[study.pk])).status_code == 404
    assert Study.objects.get().status == Study.RUNNING
