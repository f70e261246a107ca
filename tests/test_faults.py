"""What a fault looks like from outside: a database away, a full disk, a silent queue, a clock set back."""

import os
from datetime import datetime, timedelta

import psycopg
import pytest
from django.db import connection

from cases import attachments, heartbeats, worlds
from cases.models import Attachment, Heartbeat, Letter
from config import beat
from config.celery import app
from mailbox import tasks as mailbox_tasks
from tests import processes
from tests.brokers import empty_broker
from tests.citizens import send, typed
from tests.files import PDF


@pytest.fixture
def cut(client, db):
    """cut(): end this test's connection, as a server that is stopped does; the next one is whole."""
    client.raise_request_exception = False

    def do():
        connection.ensure_connection()
        with psycopg.connect(processes.environment()["DATABASE_URL"], autocommit=True) as other:
            pid = connection.connection.info.backend_pid
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])

    yield do
    connection.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("language", "title"), [("zh-hans", "系统正在恢复"), ("en", "The system is coming back")]
)
def test_page_says_that_the_database_is_away_and_keeps_what_was_typed(cut, client, language, title):
    client.cookies["django_language"] = language
    form = typed(title="路灯<b>坏了")
    cut()
    answer = client.post("/write/", form)
    assert (answer.status_code, answer["Retry-After"]) == (503, "20")
    assert f"<h1>{title}</h1>" in answer.text and 'action="/write/"' in answer.text
    assert 'name="title" value="路灯&lt;b&gt;坏了"' in answer.text
    assert form["body"] in answer.text and form["key"] in answer.text
    connection.close()
    assert client.post("/write/", form, follow=True).status_code == 200
    assert Letter.objects.count() == 1


@pytest.fixture
def read_only(client, db):
    """This test's connection takes nothing new, as after a fail-over to a standby."""
    client.raise_request_exception = False
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
    yield
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_database_that_takes_nothing_new_is_away_too_and_health_says_so(read_only, client):
    form = typed(title="只读时写的来信")
    answer = client.post("/write/", form)
    assert answer.status_code == 503 and form["body"] in answer.text and form["key"] in answer.text
    assert client.get("/health/ready").json()["database"] == "failed"
    connection.close()
    assert client.post("/write/", form, follow=True).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_page_of_a_database_away_repeats_no_password(cut, client):
    cut()
    answer = client.post("/admin/login/", {"username": "sz-desk", "password": "hunter2"})
    assert answer.status_code == 503
    assert "sz-desk" in answer.text and "hunter2" not in answer.text


@pytest.fixture
def cutting(client, db):
    """cutting(True): the connection is cut when a session is kept, after the letter; (False): no more."""
    client.raise_request_exception = False

    def switch(on):
        connection.close()
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION IF EXISTS cut() CASCADE")
            if on:
                cursor.execute(_CUT)

    yield switch
    switch(False)


_CUT = """
CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$;
CREATE TRIGGER cut BEFORE UPDATE ON django_session FOR EACH ROW EXECUTE FUNCTION cut()
"""


@pytest.mark.django_db(transaction=True)
def test_letter_whose_answer_was_cut_off_is_kept_and_the_same_form_shows_its_receipt(
    client, cutting
):
    send(client)  # there is a session now
    cutting(True)
    form = typed(title="回执没有看到的来信")
    answer = client.post("/write/", form)
    assert (answer.status_code, answer["Retry-After"]) == (503, "20")
    assert form["key"] in answer.text
    cutting(False)
    kept = Letter.objects.get(title="回执没有看到的来信")
    again = client.post("/write/", form, follow=True).text
    assert kept.receipt in again and Letter.objects.count() == 2


@pytest.mark.django_db
def test_file_that_finds_no_room_is_told_at_its_field_and_nothing_is_kept(
    client, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path / "no folder"
    settings.MEDIA_ROOT.touch()
    file = attachments_upload()
    answer = client.post("/write/", {**typed(title="附件存不下的来信"), "attachments": file})
    assert answer.status_code == 200
    assert "现在存不下" in answer.text and "附件存不下的来信" in answer.text
    assert not Letter.objects.exists()


def attachments_upload():
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile("路灯.pdf", PDF, "application/pdf")


@pytest.mark.django_db
def test_files_that_no_letter_has_are_swept_after_a_day(settings, tmp_path, make_case):
    settings.MEDIA_ROOT = tmp_path
    letter, now = make_case().letter, worlds.now()
    claimed, stray, written, young = (attachments.store(attachments_upload()) for _time in range(4))
    Attachment.objects.create(letter=letter, **vars(claimed))
    for stored in (claimed, stray, written):
        old = (now - timedelta(days=2)).timestamp()
        os.utime(tmp_path / stored.path, (old, old))
    assert attachments.discard_stray(now, {written.path}) == 1
    there = {f"live/{path.name}" for path in (tmp_path / "live").iterdir()}
    assert there == {claimed.path, written.path, young.path}


@pytest.mark.django_db
def test_file_of_a_letter_still_being_written_is_no_stray(client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    client.post("/write/", {**typed(title="短"), "attachments": attachments_upload()})
    (file,) = (tmp_path / "live").iterdir()
    old = (worlds.now() - timedelta(days=2)).timestamp()
    os.utime(file, (old, old))
    assert mailbox_tasks.forget_stray_files() == 0 and file.exists()


@pytest.mark.django_db
def test_health_is_red_while_a_queue_is_silent_and_the_door_stays_open(client):
    heartbeats.beat("simulation")
    assert client.get("/health").json()["tasks"] == "failed"
    heartbeats.beat("default")
    assert client.get("/health").status_code == 200
    late = datetime.now().astimezone() - heartbeats.SILENT_AFTER
    Heartbeat.objects.filter(queue="default").update(at=late)
    answer = client.get("/health")
    assert (answer.status_code, answer.json()["tasks"]) == (503, "failed")
    ready = client.get("/health/ready")
    assert (ready.status_code, ready.json()) == (200, {"database": "ok", "migrations": "ok"})


def test_beat_goes_on_at_once_when_the_clock_is_set_back(monkeypatch, tmp_path):
    scheduler = beat.Scheduler(app=app, schedule_filename=str(tmp_path / "beat"))
    try:
        scheduler.tick()
        ahead = worlds.now() + timedelta(hours=1)
        for entry in scheduler.schedule.values():  # as they were left by a clock an hour ahead
            entry.last_run_at = ahead
        scheduler._heap = None
        scheduler.tick()
        assert min(event.time for event in scheduler._heap) > ahead.timestamp()
        monkeypatch.setattr(worlds, "now", lambda: ahead)  # any jump, in either direction
        scheduler.tick()
        soon = datetime.now().timestamp() + 60
        assert min(event.time for event in scheduler._heap) < soon
    finally:
        scheduler.close()
        empty_broker()
