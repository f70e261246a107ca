"""People who send letters without a pause, as a process of its own: it knows HTTP and no more.

Told on stdin as JSON: port, page (the form's), receipt_page ("" if there is none), clients,
seconds, and forms (what is typed, {field: text} each). Each client keeps a connection and the
form's CSRF cookie, and is somebody else with each letter: no session is taken along. Answers on
stdout: seconds, times (of each letter, in seconds), receipts (shown on their pages afterwards),
their times, and errors.
"""

import http.client
import json
import re
import sys
import threading
import time

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
RECEIPT = re.compile(r'class="figure">(PA-[^<]+)<')
BOUNDARY = "----form0a1b2c3d4e5f"
LAST_SECONDS = 60  # for one answer


class Client:
    """One who sends: a connection, the form's cookie and token, what was sent and in what time."""

    def __init__(self, port, page):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LAST_SECONDS)
        self.page, self.times, self.sessions, self.errors = page, [], [], []
        answer, text = self.ask("GET", page)
        self.cookie = re.search(r"csrftoken=[^;]+", answer.headers["Set-Cookie"])[0]
        self.token = TOKEN.search(text)[1]

    def ask(self, method, path, body=None, **headers):
        """Return (answer, its text)."""
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        return answer, answer.read().decode()

    def send(self, fields, accepted):
        """Post one form, and note how long that took; accepted: the status of a letter kept."""
        body = encoded({**fields, "csrfmiddlewaretoken": self.token})
        kind = f"multipart/form-data; boundary={BOUNDARY}"
        began = time.perf_counter()
        try:
            answer, _text = self.ask(
                "POST", self.page, body, **{"Content-Type": kind, "Cookie": self.cookie}
            )
        except (OSError, http.client.HTTPException) as error:
            self.errors.append(repr(error))
            self.connection.close()
            return
        self.times.append(time.perf_counter() - began)
        session = re.search(r"sessionid=[^;]+", str(answer.headers))
        if answer.status == accepted and session:
            self.sessions.append(session[0])
        else:
            self.errors.append(f"status {answer.status}")


def encoded(fields):
    """Return the body of a form as browsers send it, with no file chosen."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    nothing = 'name="attachments"; filename=""\r\nContent-Type: application/octet-stream'
    parts.append(f"--{BOUNDARY}\r\nContent-Disposition: form-data; {nothing}\r\n\r\n\r\n")
    return "".join([*parts, f"--{BOUNDARY}--\r\n"]).encode()


def post(told):
    """Send until the time is over, then open the page of each receipt; return what came of it."""
    clients = [Client(told["port"], told["page"]) for _n in range(told["clients"])]
    forms = iter(told["forms"])
    accepted = 302 if told["receipt_page"] else 200
    began = time.perf_counter()
    end = began + told["seconds"]

    def go_on(client):
        while time.perf_counter() < end and (fields := next(forms, None)):
            client.send(fields, accepted)

    _at_once(clients, go_on)
    seconds = time.perf_counter() - began
    shown = []
    if told["receipt_page"]:
        _at_once(clients, lambda client: _open_receipts(client, told["receipt_page"], shown))
    return {
        "seconds": seconds,
        "times": [one for client in clients for one in client.times],
        "receipts": [receipt for receipt, _time in shown],
        "page_times": [time for _receipt, time in shown],
        "errors": [error for client in clients for error in client.errors],
    }


def _at_once(clients, act):
    threads = [threading.Thread(target=act, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _open_receipts(client, page, shown):
    for session in client.sessions:
        began = time.perf_counter()
        _answer, text = client.ask("GET", page, Cookie=f"{client.cookie}; {session}")
        found = RECEIPT.search(text)
        if found:
            shown.append((found[1], time.perf_counter() - began))
        else:
            client.errors.append("no receipt shown")


if __name__ == "__main__":
    json.dump(post(json.load(sys.stdin)), sys.stdout)
