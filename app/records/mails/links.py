"""Links that come by mail: a mail is kept with a mark in their place, and the address is made when it is sent.

So nobody who reads the database or a backup has a link that opens anything: it takes the server's secret as well.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime

from app import clock, database, seals
from app.settings import SETTINGS

JOINING = "organisations/joining"  # these links are kept nowhere: what they say is in them
PLACES = "password|confirmation|invitations|appointments|organisations/joining"
MARK = re.compile(rf"\[\[({PLACES}) ([\w-]+) ([\w-]+)\]\]")
GONE = re.compile(rf"https?://\S*/({PLACES})/…")  # a link of version 0.1.0, which kept them in clear
OPEN = """
SELECT EXISTS (SELECT FROM email_token WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2)
    OR EXISTS (SELECT FROM invitation WHERE token_hash = $1 AND accepted_at IS NULL AND expires_at > $2)
    OR EXISTS (SELECT FROM appointment WHERE token_hash = $1 AND accepted_at IS NULL AND expires_at > $2)
"""


@dataclass(frozen=True)
class Link:
    """The mark that stands in a mail for an address, and what is kept of the secret in it."""

    mark: str
    token_hash: str


def new(place: str, email: str, until: datetime) -> Link:
    """A link below this place of the site that only a mail to this address will hold, and that nobody can guess."""
    return saying(place, place, {"nonce": secrets.token_urlsafe(16)}, email, until)


def saying(place: str, purpose: str, said: dict[str, object], email: str, until: datetime) -> Link:
    """The same for a link that carries what it says, to be read by seals.opened for the purpose."""
    text = seals.unsigned(purpose, said, until)
    return Link(f"[[{place} {text} {_bound(place, text, email)}]]", seals.hashed(seals.signed(text)))


def written_out(body: str, email: str) -> str:
    """The body of a mail with its links as addresses. A mark that was not made for this recipient stays as it is."""

    def address(found: re.Match[str]) -> str:
        place, text, bound = found.groups()
        if not seals.same(bound, _bound(place, text, email)):
            return found[0]
        return f"{SETTINGS.base_url}/{place}/{seals.signed(text)}"

    return MARK.sub(address, body)


async def lead_on(body: str, email: str) -> bool:
    """Whether every link of a mail still opens something."""
    if GONE.search(body):
        return False
    for place, text, bound in MARK.findall(body):
        if not seals.same(bound, _bound(place, text, email)):
            return False  # made with the secret of another server
        sealed = seals.signed(text)
        known = place == JOINING or await database.value(OPEN, seals.hashed(sealed), clock.now())
        if not known or not seals.fresh(text):
            return False
    return True


def _bound(place: str, text: str, email: str) -> str:
    return seals.signature(f"mark {place} {text} {email.lower()}".encode())
