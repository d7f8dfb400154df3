"""Texts as they may stand in a file: whole, visible, and no command to the program that opens it."""

import re

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
UNFIT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # control characters: one of them makes a whole workbook unreadable
    "\u202a-\u202e\u2066-\u2069"  # turn the direction of reading and let a text look like another
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"  # are no characters
)


def clean(text: str) -> str:
    """The text without characters that no file format takes or that nobody sees; line breaks as a line feed."""
    if text.isprintable():
        return text
    return UNFIT.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def inert(text: str) -> str:
    """A cleaned text with an apostrophe before whatever a spreadsheet would take for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
