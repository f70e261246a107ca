"""An album of the citizens' pages: each as the site answers it, state by state, in each language."""

import gzip
from dataclasses import dataclass, field

from django.conf import settings
from django.urls import Resolver404, resolve

LANGUAGES = [code for code, _name in settings.LANGUAGES]
ZIPPED = {"Accept-Encoding": "gzip"}


@dataclass(frozen=True)
class Shot:
    """One page as it was answered. page: name of its address, of a step of it, or of an error."""

    page: str
    state: str
    language: str
    path: str
    answer: object = field(repr=False)

    def __str__(self):
        return f"{self.page} ({self.state}, {self.language})"

    @property
    def html(self):
        """The page's source."""
        content = self.answer.content
        is_zipped = "Content-Encoding" in self.answer
        return (gzip.decompress(content) if is_zipped else content).decode()

    @property
    def bytes_sent(self):
        """What goes over the wire for it: its headers and its body."""
        return bytes_sent(self.answer, self.answer.content)


def bytes_sent(answer, content):
    """Return how long an answer is with its headers."""
    return len(content) + sum(len(f"{name}: {value}\r\n") for name, value in answer.items())


class Album:
    """Shots of all pages, and the names of all templates that they came from."""

    def __init__(self):
        self.shots, self.templates = [], set()

    def take(self, state, client, path, data=None, *, page=None, languages=LANGUAGES):
        """Ask for a page in each language, or send a form there, and keep what is answered.

        data: a function, where it makes files that can be read once.
        """
        for language in languages:
            client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
            sent = data() if callable(data) else data
            way = {"headers": ZIPPED, "follow": True}
            answer = client.get(path, **way) if data is None else client.post(path, sent, **way)
            assert answer["Content-Type"].startswith("text/html"), path
            here = answer.request["PATH_INFO"]
            self.templates |= {one.name for one in answer.templates if one.name}
            self.shots.append(Shot(page or name_of(here), state, language, here, answer))

    def pages(self):
        """Return the names of all pages, in the order in which they were met."""
        return list(dict.fromkeys(shot.page for shot in self.shots))


def name_of(path):
    """Return the name of an address, with its step or action."""
    try:
        match = resolve(path)
    except Resolver404:
        return path
    part = match.kwargs.get("name") or match.kwargs.get("action")
    return f"{match.url_name}/{part}" if part else match.url_name
