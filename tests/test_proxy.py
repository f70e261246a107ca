"""Behind the proxy of docker-compose.yml slow clients hold up nobody; without it they would."""

import re
import shutil
import socket
import subprocess
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from tests import processes
from tests.test_deployment import COMPOSE, ROOT, service

pytestmark = pytest.mark.django_db(transaction=True)
SLOW = 40
HONEST_SECONDS = 3  # in which nobody is answered where all threads wait
MISSING = "TESTS OF THE PROXY SKIPPED: no nginx here. Install it (Debian, Ubuntu: nginx-light)."
MAIN = """
daemon off;
pid {home}/nginx.pid;
error_log {home}/error.log;
events {{ worker_connections 512; }}
http {{
  access_log {log};
  client_body_temp_path {home}/body;
  proxy_temp_path {home}/proxy;
  fastcgi_temp_path {home}/fastcgi;
  uwsgi_temp_path {home}/uwsgi;
  scgi_temp_path {home}/scgi;
  include {home}/mailbox.conf;
}}
"""
ALWAYS = """Content-Security-Policy Permissions-Policy Referrer-Policy X-Content-Type-Options
    X-Frame-Options Cache-Control""".split()
HEAD = b"POST /follow/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
HALVES = {
    "head": HEAD + b"X-Slow: ",
    "body": HEAD + b"Content-Type: text/plain\r\nContent-Length: 9000\r\n\r\nhalf of it",
}


def nginx():
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    return processes.found_or_skipped(found, MISSING)


@contextmanager
def proxied(home, port):
    """Run nginx with the project's own file before a web process; yields its port."""
    with running(home, port) as here:
        assert processes.becomes(lambda: is_answered(here, seconds=60))
        yield here


@contextmanager
def running(home, port, log="off"):
    program, here = nginx(), processes.free_port()
    text = (ROOT / "config" / "proxy.conf").read_text()
    assert text.count("listen 8080;") == text.count("http://web:8000;") == 1
    text = text.replace("listen 8080", f"listen 127.0.0.1:{here}")
    (home / "mailbox.conf").write_text(text.replace("web:8000", f"127.0.0.1:{port}"))
    (home / "nginx.conf").write_text(MAIN.format(home=home, log=log))
    home.chmod(0o755)
    with (home / "said").open("wb") as said:
        command = [program, "-p", home, "-c", home / "nginx.conf"]
        process = subprocess.Popen(command, stderr=said)
    try:
        yield here
    finally:
        process.terminate()
        process.wait(processes.PATIENCE_SECONDS)


def is_answered(port, seconds=HONEST_SECONDS):
    try:
        return urlopen(f"http://127.0.0.1:{port}/", timeout=seconds).status == 200
    except OSError:
        return False


@contextmanager
def slow_clients(port, said):
    with ExitStack() as stack:
        for _number in range(SLOW):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            client.sendall(said)
        yield


@pytest.mark.parametrize("half", HALVES)
def test_slow_clients_hold_up_nobody_behind_the_proxy(tmp_path, half):
    port = processes.free_port()
    with service("web", port) as is_well:
        assert processes.becomes(is_well)
        with proxied(tmp_path, port) as here, slow_clients(here, HALVES[half]):
            assert [is_answered(here, seconds=60) for _time in range(5)] == [True] * 5


def test_slow_clients_would_hold_up_everybody_without_it():
    port = processes.free_port()
    with service("web", port) as is_well:
        assert processes.becomes(is_well)
        with slow_clients(port, HALVES["head"]):
            assert not all(is_answered(port) for _time in range(3))


def test_proxy_writes_down_nobody_who_came(tmp_path):
    """Its usual log has the address and the minute of whoever sent a letter, and what officers look for."""
    port, log = processes.free_port(), tmp_path / "access.log"
    with running(tmp_path, port, log=log) as here:
        assert processes.becomes(
            lambda: _status(here, "/desk/search/?q=secret") == 502
        )  # no web process
        assert _status(here, "/write/", b"x" * 70_000_000) in (0, 413)
    assert log.read_text() == ""
    told = (tmp_path / "said").read_text() + (tmp_path / "error.log").read_text()
    assert "secret" not in told and "127.0.0.1" not in told


def test_what_the_proxy_answers_itself_is_in_both_languages_with_our_headers(tmp_path):
    """Its own pages, and those of the web process, were bare, in English, and could be framed."""
    given = []
    with running(tmp_path, processes.free_port()) as here:
        assert processes.becomes(lambda: _status(here, "/") == 502)
        # Not an address that is too long: the connection is cut while it is still being sent.
        for path, status in (("/", 502), ("/a%00", 400), ("/not-delivered", 404)):
            with closing(HTTPConnection("127.0.0.1", here, timeout=20)) as connection:
                connection.request("GET", path, headers={"X-Forwarded-Proto": "https"})
                answer = connection.getresponse()
                text = answer.read().decode()
            assert answer.status == status
            assert "没有送到信箱" in text and "Not delivered" in text
            for name in ALWAYS:
                assert answer.headers[name], name
            # Of a first line that is wrong the rest is not read.
            assert answer.headers["Strict-Transport-Security"] or status == 400
            given += re.findall("<b>([0-9a-f]{32})</b>", text)
    told = (tmp_path / "said").read_text()
    assert len(given) == 3 and all(f" {number}\n" in told for number in given)


def _status(port, path, body=None):
    try:
        return urlopen(f"http://127.0.0.1:{port}{path}", body, timeout=20).status
    except HTTPError as error:
        return error.code
    except OSError:
        return 0


def test_nobody_comes_to_the_web_process_but_by_the_proxy():
    services = COMPOSE["services"]
    assert "ports" not in services["web"]
    assert services["proxy"]["ports"] == ["127.0.0.1:8000:8080"]
    assert services["proxy"]["volumes"] == ["./config/proxy.conf:/etc/nginx/conf.d/default.conf:ro"]
    assert (ROOT / "config" / "proxy.conf").exists()
