"""Fill the Traditional catalogue and compile all, or check both; needs no gettext.

English is written by hand. Every text that has English is put into Traditional Chinese by
mailbox/traditional.py; an entry marked `# by hand` was corrected by a person and is left alone.
"""

import sys
from pathlib import Path

import polib

from mailbox.traditional import converted

LOCALE = Path(__file__).resolve().parent.parent / "locale"
BY_HAND = "by hand"
_HEADER = {
    "Language": "zh_Hant",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=1; plural=0;",
}


def stale(locale=LOCALE):
    """Return the catalogues (Path of the .po) whose .mo is missing or says something else."""
    return [source for source in sorted(locale.rglob("*.po")) if not _is_fresh(source)]


def compile_all(locale=LOCALE):
    """Write the .mo of every stale catalogue and return the catalogues."""
    sources = stale(locale)
    for source in sources:
        source.with_suffix(".mo").write_bytes(polib.pofile(source).to_binary())
    return sources


def _is_fresh(source):
    compiled = source.with_suffix(".mo")
    return compiled.exists() and compiled.read_bytes() == polib.pofile(source).to_binary()


def wrong(locale=LOCALE):
    """Return a line for each text that Traditional lacks, has in vain, or has unlike the table."""
    english, traditional = _entries(_po(locale, "en")), _entries(_po(locale, "zh_Hant"))
    lines = [f"missing: {text}" for text, many in english if (text, many) not in traditional]
    lines += [f"dead: {text}" for text, many in traditional if (text, many) not in english]
    unlike = "not as the table says, and not marked “by hand”: "
    for (text, many), entry in traditional.items():
        said = entry.msgstr_plural.get(0) if many else entry.msgstr
        if said != converted(text) and not _is_by_hand(entry):
            lines.append(unlike + text)
    return lines


def fill(locale=LOCALE, again=False):
    """Write the Traditional catalogue in the order of the English one; return how many are new.

    What has an entry keeps it; again: but for those that nobody corrected, which are made anew.
    """
    kept = _entries(_po(locale, "zh_Hant"))
    if again:
        kept = {key: entry for key, entry in kept.items() if _is_by_hand(entry)}
    made = polib.POFile(wrapwidth=100)
    made.metadata = dict(_HEADER)
    english = _entries(_po(locale, "en"))
    for key, entry in english.items():
        made.append(kept.get(key) or _converted(entry))
    path = _path(locale, "zh_Hant")
    path.parent.mkdir(parents=True, exist_ok=True)
    made.save(str(path))
    return len(english.keys() - kept.keys())


def _converted(entry):
    made = polib.POEntry(msgid=entry.msgid, msgid_plural=entry.msgid_plural, flags=entry.flags)
    if entry.msgid_plural:  # Chinese has one form
        made.msgstr_plural = {0: converted(entry.msgid)}
    else:
        made.msgstr = converted(entry.msgid)
    return made


def _is_by_hand(entry):
    return BY_HAND in entry.tcomment


def _entries(catalogue):
    """Return {(text, text of many or ""): entry}."""
    return {(one.msgid, one.msgid_plural): one for one in catalogue if not one.obsolete}


def _po(locale, name):
    path = _path(locale, name)
    return polib.pofile(str(path), wrapwidth=100) if path.exists() else polib.POFile()


def _path(locale, name):
    return locale / name / "LC_MESSAGES" / "django.po"


def main(arguments):
    """Fill and compile (--again: convert anew), or with --check only tell; return the exit status."""
    if arguments == ["--check"]:
        lines = [
            *wrong(),
            *(f"{source}: the compiled messages are not fresh" for source in stale()),
        ]
        print("\n".join([*lines, "run `make docs`"] if lines else []), end="\n" if lines else "")
        return 1 if lines else 0
    if new := fill(again="--again" in arguments):
        print(f"put {new} texts into Traditional Chinese")
    for source in compile_all():
        print(f"compiled {source}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
