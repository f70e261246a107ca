"""The web process itself writes down neither who asks nor what for, whatever it complains of."""

import socket

import pytest

from tests import processes
from tests.test_deployment import OURS, service

pytestmark = pytest.mark.django_db(transaction=True)
ASKED = "zqwkx154739"
HEAD = "HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
REQUESTS = {
    f"GET /desk/?q={ASKED} {HEAD}Referer: /{ASKED}/\r\n\r\n": "302",
    f"{ASKED} / {HEAD}\r\n": "400",
    f"GET /?q={ASKED} {HEAD}{ASKED} : x\r\n\r\n": "400",
    f"GET /?q={ASKED} HTTP/{ASKED}\r\n\r\n": "400",
    # What Python knows as a codec is not what a page is read by; and as long as the proxy lets pass.
    f"GET /answers/?q={ASKED} {HEAD}Content-Type: text/plain; charset=hex\r\n\r\n": "200",
    f"GET /answers/?q={ASKED * 700} {HEAD}\r\n": "200",
    f"POST /follow/ {HEAD}Cookie: csrftoken={'a' * 32}\r\nOrigin: http://{ASKED}\r\n\r\n": "403",
}


def ask(port, request):
    """Send a request as it is; return the status of the answer."""
    with socket.create_connection(("127.0.0.1", port), processes.PATIENCE_SECONDS) as client:
        client.sendall(request.encode())
        return client.recv(100).decode("latin-1").split()[1]


def test_web_process_writes_down_neither_who_asks_nor_what_for(monkeypatch, capfd):
    asked_for = {"GUNICORN_CMD_ARGS": "--access-logfile -"}
    monkeypatch.setitem(OURS["web"], "environment", {**OURS["web"]["environment"], **asked_for})
    port = processes.free_port()
    with service("web", port) as is_well:
        assert processes.becomes(is_well)
        assert {request: ask(port, request) for request in REQUESTS} == REQUESTS
    written = "".join(capfd.readouterr())
    assert written.count("a request was refused: Invalid") == 3
    assert ASKED not in written and "127.0.0.1" not in written.replace(f"127.0.0.1:{port}", "")
