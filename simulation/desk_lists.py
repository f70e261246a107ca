"""The lists of the officers' desk as an officer comes to them.

They are found by the table of addresses and by the filters, orders and links of the pages
themselves, so that what measures or tests them all never forgets a new one.
"""

from html.parser import HTMLParser
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

from django.urls import reverse

from cases.desk import urls

# Of one choice, such as the unit, and of the links to one page, so many are followed.
MOST = 12
DEEP = 200


def pages():
    """Return the addresses of the desk that need nothing to be filled in."""
    table = [url for url in urls.urlpatterns if not url.pattern.converters]
    return [reverse(f"{urls.app_name}:{url.name}") for url in table]


def is_list(answer):
    """Return whether an answer is a page, and no file, counts, refusal or way elsewhere."""
    return answer.status_code == 200 and answer.get("Content-Type", "").startswith("text/html")


def variants(address, html):
    """Return the addresses to which a page's filters, orders and links lead, and pages far behind."""
    reader = _Reader()
    reader.feed(html)
    path, known = urlsplit(address).path, set(pages())
    found = []
    for name, values in reader.choices.items():
        found += [f"{path}?{urlencode({name: value})}" for value in _some(values)]
    links = {}
    for link in dict.fromkeys(urljoin(address, href) for href in reader.links):
        parts = urlsplit(link)
        if parts.query and parts.path in known:
            links.setdefault(parts.path, []).append(link)
            if parts.path == path and "page" not in parse_qs(parts.query):
                found.append(f"{link}&page={DEEP}")
    for several in links.values():
        found += _some(several)
    return [one for one in dict.fromkeys(found) if one != address]


def _some(values):
    return values[:: -(-len(values) // MOST)]


class _Reader(HTMLParser):
    """Collects the choices of a page's filters, and where its links lead."""

    def __init__(self):
        super().__init__()
        self.choices, self.links = {}, []
        self._filters, self._name = False, ""

    def handle_starttag(self, tag, attrs):
        """Take up a form that filters, its choices, and links."""
        attrs = dict(attrs)
        if tag == "form":
            by_get = (attrs.get("method") or "get").lower() == "get"
            # The list's form posts, and what comes of it is an address like the others.
            self._filters = by_get or attrs.get("class") == "filters"
        elif tag == "select":
            self._name = attrs.get("name", "") if self._filters else ""
        elif tag == "option" and self._name and attrs.get("value"):
            self.choices.setdefault(self._name, []).append(attrs["value"])
        elif tag == "a":
            self.links.append(attrs.get("href") or "")

    def handle_endtag(self, tag):
        """End a form or a choice."""
        if tag == "form":
            self._filters = False
        elif tag == "select":
            self._name = ""
