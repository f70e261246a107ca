"""A drawn scenario as TOML text: behind each number, how it was come by."""

import tomlkit

from simulation.reader import SECONDS

# What a log holds no trace of; said so, so that nobody takes it for measured.
UNSEEN = {
    "staff": "officers are not in a log; the base's, in proportion to the letters a day",
    "city.desk": "the same",
    "city.duty": "the same",
    "city.handlers": "the same",
    "city.reviewers": "the same",
    "work.action": "an officer's own time is not in a log",
    "work.effort": "an officer's own time is not in a log",
    "promises": "what is promised, not what was done",
}


def as_toml(tree, measured=None, few=None, base="", head=()):
    """Return the text of a tree of values, with a comment behind each.

    measured: {path: (n, low, high)}; low and high may be None. few: {path: n} of what was too
    little to measure. base: name of the scenario that the rest is from. head: lines on top.
    """
    writer = _Writer(measured or {}, few or {}, base)
    document = tomlkit.document()
    for line in head:
        document.add(tomlkit.comment(line) if line else tomlkit.nl())
    for key, value in tree.items():
        writer.add(document, key, value, key)
    return tomlkit.dumps(document)


class _Writer:
    def __init__(self, measured, few, base):
        self._measured, self._few, self._base = measured, few, base

    def add(self, table, key, value, path):
        """Add a value at a path to a table of the document."""
        if isinstance(value, dict) and not self._is_whole(value, path):
            inner = tomlkit.table()
            for name, one in value.items():
                self.add(inner, name, one, f"{path}.{name}")
            table.add(key, inner)
        elif isinstance(value, list) and value and isinstance(value[0], dict) and key == "city":
            rows = tomlkit.aot()
            for row in value:
                inner = tomlkit.table()
                for name, one in row.items():
                    self.add(inner, name, one, f"city.{row['code']}.{name}")
                rows.append(inner)
            table.add(key, rows)
        else:
            item = _item(value)
            comment = self._comment(path, value)
            if comment and self._base:
                item.comment(comment)
            table.add(key, item)

    def _is_whole(self, value, path):
        """Whether a table stands in one line: a length of time, or shares of one kind."""
        by_kind = path.startswith(("categories.", "outcomes.results."))
        return by_kind or any(unit in value for unit in SECONDS) or path.endswith("_days")

    def _comment(self, path, value):
        if path.startswith("scenario.") and path != "scenario.letters" or path.endswith(".code"):
            return ""
        for at in (path, path.rpartition(".")[0]):
            if at in self._measured:
                parts = [_measured(*self._measured[at])]
                if f"{at}.cv" in self._measured:
                    parts.append("cv " + _measured(*self._measured[f"{at}.cv"]))
                return "; ".join(parts)
            if at in self._few:
                return f"PRIOR, too few to measure (n={self._few[at]}): from {self._base}"
        if path.startswith("city.") and path.endswith(".share"):
            return f"PRIOR, too few to measure (n={self._few.get('city', 0)}): from {self._base}"
        why = next((why for start, why in UNSEEN.items() if _bare(path).startswith(start)), "")
        return f"PRIOR, from {self._base}" + (f": {why}" if why else "")


def _bare(path):
    """Leave the code out of a city's path."""
    first, *rest = path.split(".")
    return ".".join([first, *rest[1:]]) if first == "city" else path


def _item(value):
    if isinstance(value, dict):
        item = tomlkit.inline_table()
        for key, one in value.items():
            item.append(key, one)
        return item
    if isinstance(value, list) and value and isinstance(value[0], dict):
        array = tomlkit.array()
        for row in value:
            array.append(_item(row))
        return array.multiline(True)
    return tomlkit.item(value)


def _measured(n, low, high):
    if low is None or low == high:
        return f"MEASURED n={n:,}"
    return f"MEASURED n={n:,}, 95 %: {low:.4g} to {high:.4g}"
