"""E-mail addresses: one recipient each, in the plain form that every mail program reads in the same way."""

import re

from app.i18n import gettext as _

ATOM = r"[a-z0-9_+'&/=~-]+"
LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
TOP = r"(?:[a-z]{2,63}|xn--[a-z0-9-]{0,58}[a-z0-9])"
GRAMMAR = re.compile(rf"(?P<local>{ATOM}(?:\.{ATOM})*)@(?P<host>(?:{LABEL}\.)+{TOP})")


def of(typed: str) -> str:
    """The one address that was typed, in small letters; raises ValueError with a sentence for anything else.

    Words joined by dots (at most 64 characters), an @ and the name of a host: no display name, comment, route, quotes,
    encoded words or IP address, for mail programs would read more into them than the person who typed them.
    """
    text = typed.strip()
    found = GRAMMAR.fullmatch(text.lower()) if text.isascii() and len(text) <= 254 else None
    if found and len(found["local"]) <= 64:
        return found[0]
    if text.count("@") > 1 and re.search(r"[,;\s]", text):
        raise ValueError(_("Please enter one e-mail address only: this field takes a single recipient."))
    raise ValueError(_("Please enter an e-mail address such as name@example.org."))
