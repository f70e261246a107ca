"""Compile the message catalogues, or check that the compiled ones are fresh; needs no gettext."""

import sys
from pathlib import Path

import polib

LOCALE = Path(__file__).resolve().parent.parent / "locale"


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


def main(arguments):
    """Compile, or with --check only tell; return the exit status."""
    if arguments == ["--check"]:
        for source in (old := stale()):
            print(f"{source}: the compiled messages are not fresh; run `make docs`")
        return 1 if old else 0
    for source in compile_all():
        print(f"compiled {source}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
