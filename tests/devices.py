"""An officer who signs in with a device: binding it, its codes, and what the pages of it say."""

import re

import pyotp
import pytest

from cases import second_factor, worlds
from tests.people import MORNING, PASSWORD

LOGIN, STEP, OWN, NEW = (
    "/admin/login/",
    "/admin/second-factor/",
    "/admin/second-factor/own/",
    "/admin/new-password/",
)
SECRET = pyotp.random_base32()


@pytest.fixture(name="officer")
def sz_desk(make_officer):
    """An officer with a name to sign in by."""
    return make_officer("triage_case", username="sz-desk")


@pytest.fixture(autouse=True)
def required(settings):
    """Where it is imported, a second factor is required."""
    settings.SECOND_FACTOR = True


def bind(officer, at=MORNING):
    """Bind a device with SECRET; return the recovery codes."""
    return second_factor.set_up(officer, SECRET, code(at), at)


def code(at=None, steps=0, secret=SECRET):
    at = at or worlds.now()
    return pyotp.TOTP(secret).at(at, counter_offset=steps)


def give_password(client, password=PASSWORD, name="sz-desk", onward="/desk/", **more):
    typed = {"username": name, "password": password, "next": onward}
    return client.post(LOGIN, typed, **more)


def give(client, typed, place=STEP):
    return client.post(place, {"code": typed})


def signed_in(client):
    return client.get("/desk/").status_code == 200


def secret_on(answer):
    return re.sub(r"\s|<[^>]+>", "", re.search(r'class="key">(.*?)</dd>', text(answer), re.S)[1])


def text(answer):
    return answer.content.decode()
