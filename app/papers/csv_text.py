"""Tables as CSV: UTF-8, comma, header in English; no cell can become a formula."""

import csv
import io
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from app.clock import BERLIN
from app.papers.lists import Table
from app.papers.safe_text import clean, inert


def text(table: Table) -> bytes:
    """The table as CSV. Texts that a spreadsheet would take for a formula get an apostrophe before them."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(table.columns)
    writer.writerows([[cell(value) for value in row] for row in table.rows])
    return out.getvalue().encode("utf-8")


def cell(value: Any) -> str:
    """One value as a cell: like `plain`, and inert in a spreadsheet."""
    return inert(clean(value)) if isinstance(value, str) else plain(value)


def plain(value: Any) -> str:
    """One value as text: numbers with a point, days and moments (German time) in ISO form, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return value.astimezone(BERLIN).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return clean(str(value))
