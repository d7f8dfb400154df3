"""Tables as CSV: UTF-8, comma, header in English; no cell can become a formula."""

import csv
import io
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from app.domain.exports.tables import Table

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def text(table: Table) -> bytes:
    """The table as CSV. Texts that a spreadsheet would take for a formula get an apostrophe before them."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(table.columns)
    writer.writerows([[cell(value) for value in row] for row in table.rows])
    return out.getvalue().encode("utf-8")


def cell(value: Any) -> str:
    """One value as a cell: like `plain`, and inert in a spreadsheet."""
    found = plain(value)
    return f"'{found}" if isinstance(value, str) and found.startswith(FORMULA_STARTS) else found


def plain(value: Any) -> str:
    """One value as text: numbers with a point, days and moments in ISO form, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, int):
        return str(value)
    return "".join(letter for letter in str(value) if letter in "\n\t" or ord(letter) >= 32)
