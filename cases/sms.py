"""Short messages (短信): one way to send one, whichever carrier takes it.

settings.SMS_PROVIDER is "file" or "console", or the dotted path of a function
`(phone, text) -> None` that hands one message to a carrier and raises if it was not taken: within ten
seconds, for a person waits for it, and so do deadlines.
Nothing personal may stand in a text: the number of a letter and an address, no more.
"""

import json
import os
import sys
from pathlib import Path

from django.conf import settings
from django.utils.module_loading import import_string

from cases import worlds


def send(phone, text):
    """Hand one message to the carrier, and return once it has taken it; else what it raises.

    phone: as identity.check_phone gives it. At least once: who is cut off between the carrier's
    answer and the own note of it sends the message again. Nothing is sent from a run's world.
    """
    if not worlds.current().live:
        raise RuntimeError("no message leaves a run's world")
    provider()(phone, text)


def provider():
    """Return the function that settings name. Raises: ImportError for a path that is none."""
    return _SHIPPED.get(settings.SMS_PROVIDER) or import_string(settings.SMS_PROVIDER)


def to_file(phone, text):
    """Add the message as a line of JSON to sms.jsonl in settings.SMS_FOLDER, for its owner alone."""
    path = Path(settings.SMS_FOLDER) / "sms.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps(
        {"at": worlds.now().isoformat(), "to": phone, "text": text}, ensure_ascii=False
    )
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, f"{line}\n".encode())
    finally:
        os.close(file)


def to_console(phone, text):
    """Print the message."""
    print(f"SMS {phone}: {text}", file=sys.stdout, flush=True)


_SHIPPED = {"file": to_file, "console": to_console}
