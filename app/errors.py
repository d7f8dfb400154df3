"""Why a verb refuses. Only main.py knows which page and status follow."""

from collections.abc import Mapping
from datetime import timedelta


class Refusal(Exception):
    """A verb does not do what was asked; the message says what to do instead."""


class NotFound(Refusal):
    """There is no such thing for this person."""


class SpentLink(NotFound):
    """A mailed link was used already, is too old or was never sent; which of them is not said.

    kind: invitation (to a committee), colleague (to an organisation), appointment, confirmation or password.
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__()


class NotAllowed(Refusal):
    """The person may see it, but not do this now; the message says why."""


class TooMany(Refusal):
    """It was tried too often, or by too many at once; after so much time it may be tried again."""

    def __init__(self, message: str, after: timedelta) -> None:
        self.after = after
        super().__init__(message)


class Invalid(Refusal):
    """What was entered cannot be taken: field name -> sentence."""

    def __init__(self, fields: Mapping[str, str] | None = None, /, **more: str) -> None:
        self.fields = {**(fields or {}), **more}
        super().__init__(" ".join(self.fields.values()))


class Conflict(Refusal):
    """Somebody else was faster: what they stored, beside what was entered."""

    def __init__(self, message: str, mine: Mapping[str, str], theirs: Mapping[str, str]) -> None:
        self.mine, self.theirs = mine, theirs
        super().__init__(message)
