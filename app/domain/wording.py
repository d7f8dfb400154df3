"""What is wrong with a text before anybody reads its content: template text left in it, days that pass unsaid."""

import re
import unicodedata

PLACEHOLDER = re.compile(
    r"\[(?!\d+\])[^\]\n]{1,80}\](?!\()"  # [Beschreibung], [plista ...]; no footnote [1], no Markdown link
    r"|\{\{[^}\n]{0,80}\}\}"
    r"|(?<!\w)(?:TODO|TBD|FIXME|XXX+|lorem ipsum)(?!\w)"
    r"|(?<!\w)XX\.(?:XX|\d\d)\."
    r"|\?\?\?",
    re.IGNORECASE,
)
_SPANS = "tag|woche|monat|quartal|jahr|sommer|herbst|winter|frühjahr|frühling"
_ENGLISH = "week|month|quarter|year|summer|autumn|winter|spring"
RELATIVE = re.compile(
    r"(?<!\w)(?:heute|gestern|vorgestern|morgen|übermorgen|derzeit|demnächst|kürzlich|neulich|vor kurzem|bald"
    rf"|(?:in |seit |ab |zu |bis )?(?:diese[mnrs]?|nächste[mnrs]?|kommende[mnrs]?|vergangene[mnrs]?|letzte[mnrs]?)"
    rf" (?:{_SPANS})(?:e?s|en|e)?"
    rf"|today|yesterday|tomorrow|recently|currently|soon|(?:this|next|last) (?:{_ENGLISH}))(?!\w)",
    re.IGNORECASE,
)
_DAYS = "montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag"
_WEEKDAYS = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
SPAN = re.compile(
    rf"(?<!\w)(?:(?:diese|nächste|kommende)[mnrs]? (?:halbjahr|{_SPANS}|{_DAYS})(?:e?s|en|e)?"
    rf"|in kürze|demnächst|übermorgen|(?:this|next|coming) (?:{_ENGLISH}|{_WEEKDAYS})|the day after tomorrow)(?!\w)",
    re.IGNORECASE,
)
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})


def placeholder(text: str) -> str:
    """The first piece of a template that was left in a text; empty where there is none."""
    found = PLACEHOLDER.search(text)
    return found[0] if found else ""


def relative_day(text: str) -> str:
    """The first words that mean another day for every day on which they are read, such as "in diesem Monat"."""
    found = RELATIVE.search(text)
    return found[0] if found else ""


def relative_span(text: str) -> str:
    """The first words that name a time to come by the day on which they are read; words such as "today" may stay."""
    found = SPAN.search(text)
    return found[0] if found else ""


def slug(title: str, otherwise: str) -> str:
    """A title as it can stand in an address: a-z, digits and hyphens; something else where nothing is left of it."""
    plain = unicodedata.normalize("NFKD", title.translate(_UMLAUTS)).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:50].strip("-") or otherwise
