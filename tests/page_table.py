"""What was measured of the citizens' pages, told once at the end of all tests, whoever ran them."""

LIMIT = 60_000  # bytes of a first visit, over the wire
CHECKED = "citizen page checked"
WEIGHED = "citizen page weighed"
LOADED = "citizen page loaded slowly"


def told(stats):
    """Return the lines to print. stats: the reports of pytest, which carry what tests recorded."""
    found = {CHECKED: {}, WEIGHED: {}, LOADED: {}}
    for report in (report for reports in stats.values() for report in reports):
        for name, value in getattr(report, "user_properties", ()):
            if name in found:
                page, *rest = value
                found[name][page] = rest
    lines = _table(found[CHECKED], found[WEIGHED])
    for page, (kilobytes, first, whole) in found[LOADED].items():
        lines.append(
            f"slow 3G, 400 kbit/s and 400 ms: {page} {kilobytes:.1f} KB, "
            f"to be read after {first:.1f} s, whole after {whole:.1f} s"
        )
    return lines


def _table(checked, weighed):
    """Return the pages, two a line: the weight of a first visit, and what axe-core found where."""
    cells = []
    for page in dict.fromkeys([*weighed, *checked]):
        cell = f"{page:<15}"
        if page in weighed:
            cell += f"{weighed[page][0] / 1000:5.1f} KB"
        if page in checked:
            faults, states, languages = checked[page]
            cell += f"  axe {faults} in {states:>2} looks, languages {languages}"
        cells.append(cell)
    half = -(-len(cells) // 2)
    left, right = cells[:half], [*cells[half:], ""]
    return [f"{one:<52} {other}".rstrip() for one, other in zip(left, right, strict=False)]
