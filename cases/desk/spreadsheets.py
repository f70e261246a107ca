"""Tables that spreadsheets open: Chinese is read rightly, and no cell is run as a formula."""

import csv
import io

from django.http import HttpResponse

BOM = "\ufeff"  # without it Excel takes Chinese for another encoding
# Full width too: some versions fold it before they look.
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def csv_file(name, rows):
    """Return rows as a CSV file to be saved; not streamed, for a world is left before that is read.

    name: of the file, without its ending; ASCII.
    """
    text = io.StringIO()
    text.write(BOM)
    csv.writer(text).writerows([harmless(value) for value in row] for row in rows)
    answer = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def harmless(value):
    """Return a cell that no spreadsheet takes for a formula; numbers stay numbers."""
    if isinstance(value, int | float):
        return value
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
