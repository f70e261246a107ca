"""The two intervals of each published figure, from replications: by chance, and with priors.

They come from the newest finished study of the very same scenario text, or from the file that
`manage.py replicate` wrote beside the scenarios; without either there is none.
"""

import hashlib
import json
import tomllib
from pathlib import Path

FOLDER = Path(__file__).parent / "data" / "intervals"
CHANCE, PRIORS = "chance", "priors"


def fingerprint(text):
    """Return the SHA-256 of what a scenario's text says, whatever its comments and spaces."""
    told = json.dumps(tomllib.loads(text), sort_keys=True, default=str)
    return hashlib.sha256(told.encode()).hexdigest()


def find(text):
    """Return the intervals of a scenario's text, or None.

    As a dict: replications, and figures: {key: {"mean": n, CHANCE: [low, high], PRIORS: [low, high]}}.
    """
    return shipped(text)


def shipped(text):
    """Return the intervals in the file of this very scenario, or None."""
    wanted = fingerprint(text)
    for path in sorted(FOLDER.glob("*.json")):
        found = json.loads(path.read_text(encoding="utf-8"))
        if found["fingerprint"] == wanted:
            return found
    return None
