"""Small text files that officers upload: read in the encodings that spreadsheets write."""

import csv
import io

ENCODINGS = ("utf-8-sig", "gb18030")


def text_of(content):
    """Return the text of a file's bytes, or None if they are no text that is known here."""
    for encoding in ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if "\x00" in text else text
    return None


def table_of(text):
    """Return the lines of a CSV as lists of cells; a broken quote makes one long cell, no error."""
    before = csv.field_size_limit(10_000_000)  # the limit is one for the whole process
    try:
        return list(csv.reader(io.StringIO(text)))
    finally:
        csv.field_size_limit(before)
