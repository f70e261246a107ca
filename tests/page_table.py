"""What was measured of the citizens' pages, told once at the end of all tests, whoever ran them."""

import textwrap

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
    lines = [*_checked(found[CHECKED]), *_weighed(found[WEIGHED])]
    for page, (kilobytes, first, whole) in found[LOADED].items():
        lines.append(
            f"slow 3G, 400 kbit/s and 400 ms: {page} {kilobytes:.1f} KB, "
            f"to be read after {first:.1f} s, whole after {whole:.1f} s"
        )
    return lines


def _checked(pages):
    if not pages:
        return []
    states = sum(count for count, _languages in pages.values())
    by_languages = {}
    for page, (_count, languages) in pages.items():
        by_languages.setdefault(languages, []).append(page)
    said = f"axe-core found nothing on {len(pages)} pages in {states} states: "
    most = max(by_languages, key=lambda languages: len(by_languages[languages]))
    rest = [f"{', '.join(names)} in {k}" for k, names in by_languages.items() if k != most]
    return textwrap.wrap(said + "; ".join([f"all in {most}", *rest]), 98)


def _weighed(pages):
    if not pages:
        return []
    shown = [f"{page} {weight / 1000:.1f}" for page, (weight,) in pages.items()]
    first = f"KB of a first visit over the wire, at most {LIMIT // 1000}:"
    return [first, *textwrap.wrap(", ".join(shown), 98, break_on_hyphens=False)]
