"""Who may try what how often, and in which order passwords are worked out.

A client is an address as the server sees it, behind a trusted proxy as that one names it; in IPv6 it is the network
of 64 bits.

Signing in, counted in the database for all processes:
- From one client 10 times in a quarter of an hour to one account. A success ends this count.
- From clients that the account was never opened from, 100 times an hour altogether. A client counts as known for
  90 days after a success, and what happens elsewhere does not touch it: no stranger can lock the owner out.
- A new password ends all counts of the account.

Working out passwords, in each process for itself:
- Two at once. A client may begin 50 in a row, then one every 1.5 seconds; one that was right costs it nothing.
- Whoever signs in to an account from a client that is known to it goes before everybody else, whatever the client has
  left. Then the newest goes first, since whoever has waited long has left. At most 100 wait for a client, 300 for all
  clients and nobody for longer than 20 seconds: too many, and the oldest stranger of whoever has most waiting is sent
  away.
- Who is sent away is told so one after the other: making 1,000 pages in one go would hold up whoever is next.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv6Address, ip_address

from app import clock, database, seals
from app.errors import TooMany
from app.i18n import gettext as _
from app.seals import hashed

QUARTER, HOUR, DAY, KNOWN_FOR = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1), timedelta(days=90)
FROM_ONE_CLIENT, FROM_NEW_CLIENTS = 10, 100
INVITATIONS_A_DAY = 60  # by one person

AT_ONCE, IN_A_ROW, PAUSE = 2, 50, 1.5
WAITING, WAITING_OF_A_CLIENT, PATIENCE = 300, 100, 20
BETWEEN = 0.01  # seconds between two who are sent away
CLIENTS = 10_000  # of so many it is remembered what they have left

client: ContextVar[str] = ContextVar("client", default="")

NOTE = """
WITH seen AS (
    SELECT count(*) FILTER (WHERE kind = $2 AND at > $5) AS here,
        count(*) FILTER (WHERE kind LIKE 'sign-in:%' AND at > $6) AS everywhere,
        count(*) FILTER (WHERE kind = $3 AND at > $7) AS successes
    FROM attempt WHERE subject = $1
)
INSERT INTO attempt (kind, subject, times, at)
SELECT $2, $1, 1, $4 FROM seen WHERE here < $8 AND (successes > 0 OR everywhere < $9) RETURNING id
"""
KNOWN = """
SELECT DISTINCT a.subject, a.kind FROM attempt a JOIN unnest($1::text[], $2::text[]) AS asked (subject, kind)
USING (subject, kind) WHERE a.at > $3
"""
SUCCEED = """
WITH over AS (
    DELETE FROM attempt WHERE subject = $1 AND (kind = ANY($2) OR ($5 AND kind LIKE 'sign-in:%'))
)
INSERT INTO attempt (kind, subject, times, at) VALUES ($3, $1, 1, $4)
"""
FORGET = "DELETE FROM attempt WHERE at <= $1 AND (kind NOT LIKE 'known:%' OR at <= $2)"


def client_of(address: str) -> str:
    """The client that an address belongs to; the address itself where it is none, as of a socket."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    return str(found.ipv4_mapped or IPv6Address(int(found) >> 64 << 64))


# ── counting ────────────────────────────────────────────────────────────────────────────────────


async def note_sign_in(email: str) -> None:
    """Count a sign-in to an account, whether there is one or not; raises TooMany for one too many."""
    account, (trying, known), now = _account(email), _kinds(email), clock.now()
    since = now - QUARTER, now - HOUR, now - KNOWN_FOR
    if not await database.value(NOTE, account, trying, known, now, *since, FROM_ONE_CLIENT, FROM_NEW_CLIENTS):
        raise TooMany(
            _("Too many attempts. Please wait a quarter of an hour, or choose a new password: then you are signed in."),
            QUARTER,
        )


async def is_known(email: str) -> bool:
    """Whether this account was opened from this client before."""
    return await LOOK.ask((_account(email), _kinds(email)[1]))


async def note_success(email: str, *, everywhere: bool = False) -> None:
    """The account was opened by its owner: from now on this client is known to it, and its count begins anew.

    everywhere: so does that of all other clients.
    """
    LINE.give_back(client.get())
    kinds, now = _kinds(email), clock.now()
    await database.rows(SUCCEED, _account(email), list(kinds), kinds[1], now, everywhere)


async def keep_out(kind: str, subject: str, limit: int, within: timedelta) -> None:
    """Count any other attempt; raises TooMany once there were too many within the time."""
    now = clock.now()
    name = hashed(f"{kind} {subject.lower()}")
    await database.rows("INSERT INTO attempt (kind, subject, times, at) VALUES ($1, $2, 1, $3)", kind, name, now)
    if await database.value("SELECT count(*) FROM attempt WHERE subject = $1 AND at > $2", name, now - within) > limit:
        raise TooMany(_("Too many attempts. Please try again later."), within)


async def keep_out_inviting(person: int) -> None:
    """Count an invitation by mail, to whatever it is; raises TooMany once a person has sent many within a day."""
    await keep_out("invitations", str(person), INVITATIONS_A_DAY, DAY)


async def forget_old() -> None:
    """Delete what no count looks at any more: attempts after a day, successes after the time that a client is known."""
    now = clock.now()
    await database.rows(FORGET, now - DAY, now - KNOWN_FOR)


def _account(email: str) -> str:
    return hashed(f"sign-in {email.lower()}")


def _kinds(email: str) -> tuple[str, str]:
    """What rows of this account and this client are called: an attempt, and a success."""
    name = seals.fingerprint("client", f"{email.lower()} {client.get()}")
    return f"sign-in:{name[:12]}", f"known:{name[:14]}"


class Look:
    """Who is known: all who ask while a query is under way share the next one, and one connection."""

    def __init__(self) -> None:
        self.asked: dict[tuple[str, str], asyncio.Future[bool]] = {}
        self.looking: asyncio.Task[None] | None = None

    async def ask(self, pair: tuple[str, str]) -> bool:
        """Whether there is a success of this account and this client."""
        answer = self.asked.setdefault(pair, asyncio.get_running_loop().create_future())
        if self.looking is None or self.looking.done():
            self.looking = asyncio.create_task(self._answer_all())
        return await asyncio.shield(answer)

    async def _answer_all(self) -> None:
        while self.asked:
            asked, self.asked = self.asked, {}
            try:
                found = await database.rows(KNOWN, *map(list, zip(*asked, strict=True)), clock.now() - KNOWN_FOR)
            except Exception as error:
                for answer in asked.values():
                    answer.set_exception(error)
            else:
                known = {(row["subject"], row["kind"]) for row in found}
                for pair, answer in asked.items():
                    answer.set_result(pair in known)


# ── the line before the work ────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, eq=False)
class Place:
    """One who waits."""

    client: str
    known: bool  # to the account
    turn: "asyncio.Future[bool]"  # False for one who is sent away


class Line:
    """All who wait in this process, the oldest first."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Begin anew, with nobody waiting and everybody's tries whole."""
        self.free = AT_ONCE
        self.waiting: list[Place] = []
        self.tries: dict[str, tuple[float, float]] = {}  # client: how many were left at a moment; the last used is last
        self.alarm: asyncio.TimerHandle | None = None
        self.leaving = asyncio.Lock()

    @asynccontextmanager
    async def turn(self, *, known: bool = False) -> AsyncIterator[None]:
        """Wait until it is the caller's turn to work; raises TooMany where there is no place, or no end to it."""
        place = Place(client.get(), known, asyncio.get_running_loop().create_future())
        self.waiting.append(place)
        self._send_away(place.client)
        self._call()
        try:
            await asyncio.wait((place.turn,), timeout=PATIENCE)
            if not (place.turn.done() and place.turn.result()):
                async with self.leaving:
                    await asyncio.sleep(BETWEEN)
                raise _crowded()
            yield
        finally:
            self._leave(place)

    def give_back(self, client: str) -> None:
        """A try was right: it costs nothing."""
        if client in self.tries:
            self._take(client, -1)

    def _send_away(self, client: str) -> None:
        """Let the oldest of a client go that has too many waiting, or of the one that has most."""
        if sum(place.client == client for place in self.waiting) <= WAITING_OF_A_CLIENT:
            if len(self.waiting) <= WAITING:
                return
            client = Counter(place.client for place in self.waiting).most_common(1)[0][0]
        own = [place for place in self.waiting if place.client == client]
        place = next((place for place in own if not place.known), own[0])
        self.waiting.remove(place)
        place.turn.set_result(False)

    def _call(self) -> None:
        """Give what is free to whoever is next; where no client has tries left, come back when one has."""
        while self.free and self.waiting:
            place = self._next()
            if place is None:
                self._set_alarm()
                return
            self.waiting.remove(place)
            if not place.known:
                self._take(place.client, 1)
            self.free -= 1
            place.turn.set_result(True)

    def _next(self) -> Place | None:
        """The newest who is known to the account, else the newest whose client has tries left."""
        newest = self.waiting[::-1]
        known = next((place for place in newest if place.known), None)
        return known or next((place for place in newest if self._left(place.client) >= 1), None)

    def _set_alarm(self) -> None:
        if self.alarm:
            self.alarm.cancel()
        most = max(self._left(client) for client in {place.client for place in self.waiting})
        self.alarm = asyncio.get_running_loop().call_later((1 - most) * PAUSE, self._call)

    def _leave(self, place: Place) -> None:
        if place in self.waiting:
            self.waiting.remove(place)
        elif place.turn.result():
            self.free += 1
        self._call()

    def _left(self, client: str) -> float:
        tries, at = self.tries.get(client, (IN_A_ROW, time.monotonic()))
        return min(IN_A_ROW, tries + (time.monotonic() - at) / PAUSE)

    def _take(self, client: str, number: int) -> None:
        left = self._left(client) - number
        self.tries.pop(client, None)
        self.tries[client] = (left, time.monotonic())
        if len(self.tries) > CLIENTS:
            del self.tries[next(iter(self.tries))]


def _crowded() -> TooMany:
    return TooMany(
        _("Too many people are signing in at this moment. Please wait half a minute, then try again."),
        timedelta(seconds=30),
    )


LOOK = Look()
LINE = Line()
