"""What a password must be so that nobody guesses it."""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from threading import Lock

from app.errors import Invalid
from app.i18n import gettext as _

LEAST, MOST = 12, 200
GUESSES = 1e10  # at least so many would be needed: the best of the estimator's five grades
LOOKED_AT = 72  # characters; what comes after them makes a password no worse, and the work grows with their square
ALONE = Lock()  # the estimator keeps the words it was given in one place for all threads


def check(password: str) -> None:
    """Refuse what is too short or too long; raises Invalid."""
    if len(password) < LEAST:
        raise Invalid(
            password=_("Please choose at least %(least)s characters; a sentence is a good password.") % {"least": LEAST}
        )
    if len(password) > MOST:
        raise Invalid(password=_("Please choose at most %(most)s characters.") % {"most": MOST})


def check_guesses(password: str, own: Iterable[str]) -> None:
    """Refuse what is easy to guess; raises Invalid. Takes 2 to 300 ms: not for the event loop.

    own: what others know of the person, such as name, address and organisation.
    """
    from zxcvbn import zxcvbn  # its lists of words take 50 ms and 14 MB, for forms that are rarely sent

    with ALONE:
        found = zxcvbn(password[:LOOKED_AT], user_inputs=[*_parts(own), *common()])
    if found["guesses"] < GUESSES:
        raise Invalid(
            password=_(
                "This password is too easy to guess: it is made of common words, names, years or rows of keys."
                " A sentence that only you would think of is a good password."
            )
        )


def _parts(own: Iterable[str]) -> list[str]:
    """Everything of a person's own that could stand in a password: whole, without its gaps, and word by word."""
    texts = [text.lower()[:LOOKED_AT] for text in own if text.strip()]
    words = [word for text in texts for word in re.findall(r"\w{3,}", text)]
    return [*texts, *("".join(re.findall(r"\w+", text)) for text in texts), *words]


@cache
def common() -> list[str]:
    """What people who write German choose, the most common first; the estimator itself knows English."""
    return (Path(__file__).parent / "german_passwords.txt").read_text().split()
