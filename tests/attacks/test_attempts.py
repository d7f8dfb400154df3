"""Guessing, spraying, locking out and flooding at the sign-in: Ada is the owner, Dan the stranger."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher

from app import clock, database
from app.domain import people
from app.errors import TooMany
from app.identity import attempts
from app.identity.attempts import LINE, client_of
from tests.pages.test_sign_in import SENTENCE, mailed_link
from tests.world import Votum, words

HOME, OFFICE = "192.0.2.1", "192.0.2.2"


async def ada(votum: Votum) -> None:
    async with database.write_transaction():
        await people.create(
            "Ada", "ada@example.org", await people.hash_password(SENTENCE), confirmed=True, at=clock.now()
        )


async def tried(votum: Votum, address: str, password: str = "x", email: str = "ada@example.org") -> httpx.Response:
    """What a sign-in from a machine with this address is answered."""
    return await (await votum.stranger(address=address)).send_form("/sign-in", email=email, password=password)


async def guessed(votum: Votum, clients: int, times: int = 10) -> list[int]:
    """Dan guesses from so many machines."""
    return [(await tried(votum, f"198.51.100.{n}")).status_code for n in range(clients) for _ in range(times)]


# ── one account ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("email", ["ada@example.org", "Nobody@example.org"])
async def test_guessing_from_one_client_ends_after_ten(votum: Votum, email: str) -> None:
    await ada(votum)
    answers = [await tried(votum, OFFICE, email=email) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [422] * 10 + [429]
    assert answers[-1].headers["retry-after"] == "900"
    assert f'value="{email}"' in answers[-1].text
    assert "wait a quarter of an hour, or choose a new password" in words(answers[-1])
    assert (await tried(votum, OFFICE, SENTENCE, email)).status_code == 429
    await database.rows("UPDATE attempt SET at = at - interval '15 minutes'")
    assert (await tried(votum, OFFICE, email=email)).status_code == 422


async def test_a_success_ends_the_count(votum: Votum) -> None:
    await ada(votum)
    for _ in range(3):
        assert [(await tried(votum, HOME)).status_code for _ in range(9)] == [422] * 9
        assert (await tried(votum, HOME, SENTENCE)).url.path == "/desk"


async def test_no_stranger_locks_the_owner_out(votum: Votum) -> None:
    await ada(votum)
    assert (await tried(votum, HOME, SENTENCE)).url.path == "/desk"
    assert await guessed(votum, clients=11) == [422] * 100 + [429] * 10  # altogether 100 from new machines
    assert (await tried(votum, OFFICE, SENTENCE)).status_code == 429
    assert (await tried(votum, HOME, SENTENCE)).url.path == "/desk"


@pytest.mark.parametrize(("days", "status"), [(89, 200), (91, 429)])
async def test_a_client_is_known_for_90_days(votum: Votum, days: int, status: int) -> None:
    await ada(votum)
    await tried(votum, HOME, SENTENCE)
    await database.rows("UPDATE attempt SET at = $1", clock.now() - timedelta(days=days))
    await guessed(votum, clients=10)
    assert (await tried(votum, HOME, SENTENCE)).status_code == status


async def test_what_is_older_than_90_days_is_forgotten(votum: Votum) -> None:
    await ada(votum)
    await tried(votum, OFFICE, email="eva@example.org")
    await database.rows("UPDATE attempt SET at = at - interval '91 days'")
    await tried(votum, HOME, SENTENCE)
    await attempts.forget_old()
    assert [row["kind"][:6] for row in await database.rows("SELECT kind FROM attempt")] == ["known:"]


async def test_a_new_password_ends_the_count_of_the_account_everywhere(votum: Votum) -> None:
    await ada(votum)
    await guessed(votum, clients=10)
    assert [(await tried(votum, OFFICE)).status_code, (await tried(votum, HOME)).status_code] == [429, 429]
    browser = await votum.stranger(address=HOME)
    await browser.send_form("/password", email="ada@example.org")
    await browser.send_form(await mailed_link("ada@example.org"), password="Zebras trinken keinen Kaffee")
    for address in (HOME, OFFICE, "198.51.100.1"):
        assert (await tried(votum, address, "Zebras trinken keinen Kaffee")).url.path == "/desk"


async def test_neither_address_nor_account_can_be_read_from_what_is_kept(votum: Votum) -> None:
    await ada(votum)
    await tried(votum, HOME, SENTENCE)
    await tried(votum, HOME)
    kept = str([tuple(row.values()) for row in await database.rows("SELECT kind, subject FROM attempt")])
    assert (HOME in kept, "ada" in kept, kept.count("known:"), kept.count("sign-in:")) == (False, False, 1, 1)


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::"),
        ("2001:db8:1:3::1", "2001:db8:1:3::"),
        ("fe80::1%eth0", "fe80::"),
        ("", ""),
        ("no address", "no address"),
    ],
)
def test_a_network_of_ipv6_is_one_client(address: str, client: str) -> None:
    assert client_of(address) == client


async def test_an_address_that_a_client_names_itself_does_not_count(votum: Votum) -> None:
    browser = await votum.stranger(address=OFFICE)
    statuses = []
    for number in range(11):
        headers = {"x-forwarded-for": f"198.51.100.{number}", "forwarded": f"for=198.51.100.{number}"}
        fields = {"email": "ada@example.org", "password": "x"}
        statuses.append((await browser.post("/sign-in", data=fields, headers=headers)).status_code)
    assert statuses == [422] * 10 + [429]


async def test_a_sign_in_asks_a_fixed_number_of_times(votum: Votum) -> None:
    await ada(votum)
    for wrong in (0, 8):
        for _ in range(wrong):
            await tried(votum, HOME)
        browser = await votum.stranger(address=HOME)
        with votum.counted() as seen:
            answer = await browser.post("/sign-in", data={"email": "ada@example.org", "password": SENTENCE})
        # count it, the person, the success; session and audit entry, with the commit's own
        assert (answer.status_code, len(seen)) == (303, 6), seen


# ── many at once ────────────────────────────────────────────────────────────────────────────────


class Counting(PasswordHasher):
    """The hasher with what it really costs, and what it was asked for."""

    def __init__(self, **cost: int) -> None:
        super().__init__(**cost)
        self.asked: list[str | bytes] = []

    def verify(self, hash: str | bytes, password: str | bytes) -> Any:  # type: ignore[override]
        self.asked.append(password)
        return super().verify(hash, password)


@pytest.fixture
def hasher(monkeypatch: pytest.MonkeyPatch) -> Counting:
    counting = Counting(time_cost=3, memory_cost=65536, parallelism=1)
    monkeypatch.setattr(people, "HASHER", counting)
    monkeypatch.setattr(people, "NOBODY", counting.hash("nobody"))
    return counting


async def until(true: Callable[[], object]) -> None:
    """Let the others go on until something is the case, for a while."""
    async with asyncio.timeout(120):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.001)


def settled(flood: list["asyncio.Task[httpx.Response]"]) -> bool:
    """Whether everybody was answered, works or waits."""
    busy = attempts.AT_ONCE - LINE.free
    return sum(task.done() for task in flood) + len(LINE.waiting) + busy == len(flood)


ADDRESSES = {
    "the same client": [HOME] * 1000,
    "others": [f"198.51.{n // 250}.{n % 250}" for n in range(1000)],
    "both": [HOME if n % 2 else f"198.51.{n // 250}.{n % 250}" for n in range(1000)],
}


@pytest.mark.parametrize("where", ADDRESSES)
async def test_in_a_flood_of_sign_ins_the_next_legitimate_one_is_served(
    votum: Votum, hasher: Counting, where: str
) -> None:
    await ada(votum)
    flood = [
        asyncio.create_task(tried(votum, address, email=f"nobody{number}@example.org"))
        for number, address in enumerate(ADDRESSES[where])
    ]
    try:
        await until(lambda: settled(flood))
        assert len(LINE.waiting) <= attempts.WAITING
        begun = len(hasher.asked)
        assert (await tried(votum, HOME, SENTENCE)).status_code == 200
        assert hasher.asked.index(SENTENCE) - begun <= 2 * attempts.AT_ONCE  # at work or just begun when it came
        refused = [task.result() for task in flood if task.done() and task.result().status_code == 429]
        assert len(refused) >= 1000 - attempts.WAITING - attempts.IN_A_ROW
        assert {answer.headers["retry-after"] for answer in refused} == {"30"}
        assert 'value="nobody' in refused[0].text
        assert "Too many people are signing in" in words(refused[0])
    finally:
        for task in flood:
            task.cancel()
        await asyncio.gather(*flood, return_exceptions=True)
    assert (LINE.free, LINE.waiting) == (attempts.AT_ONCE, [])


async def test_a_flood_that_goes_on_does_not_overtake_who_is_known_here(votum: Votum, hasher: Counting) -> None:
    await ada(votum)
    assert (await tried(votum, HOME, SENTENCE)).status_code == 200  # from now on this client is known to her account
    flood = [asyncio.create_task(tried(votum, HOME, email=f"nobody{number}@example.org")) for number in range(150)]
    try:
        await until(lambda: settled(flood))
        signing_in = asyncio.create_task(tried(votum, HOME, SENTENCE))
        flood += [asyncio.create_task(tried(votum, HOME, email=f"later{number}@example.org")) for number in range(300)]
        assert (await signing_in).url.path == "/desk"
    finally:
        for task in flood:
            task.cancel()
        await asyncio.gather(*flood, return_exceptions=True)


async def test_a_flood_leaves_the_database_to_others(votum: Votum) -> None:
    """Each looked up its own account, so that whoever came next waited for 1,000 queries on ten connections."""
    await ada(votum)
    assert (await tried(votum, HOME, SENTENCE)).status_code == 200
    attempts.client.set(HOME)
    with votum.counted() as seen:
        asked = [f"nobody{number}@example.org" for number in range(999)] + ["Ada@example.org"]
        known = await asyncio.gather(*(attempts.is_known(email) for email in asked))
    assert (known, len(seen)) == ([False] * 999 + [True], 1)


async def test_where_nobody_can_be_looked_up_all_hear_of_it_and_the_next_look_succeeds(votum: Votum) -> None:
    await ada(votum)
    await database.rows("ALTER TABLE attempt RENAME TO elsewhere")
    asked = await asyncio.gather(*(attempts.is_known(f"{n}@example.org") for n in range(3)), return_exceptions=True)
    assert [type(answer).__name__ for answer in asked] == ["UndefinedTableError"] * 3
    await database.rows("ALTER TABLE elsewhere RENAME TO attempt")
    assert await attempts.is_known("ada@example.org") is False


async def test_those_who_are_sent_away_are_told_one_after_the_other(
    votum: Votum, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page for each in one go held up whoever was next, until the last was made."""
    monkeypatch.setattr(attempts, "WAITING_OF_A_CLIENT", 1)
    monkeypatch.setattr(attempts, "BETWEEN", 0.05)
    monkeypatch.setattr(LINE, "free", 0)
    told: list[float] = []

    async def wait() -> None:
        with pytest.raises(TooMany):
            async with LINE.turn():
                pass
        told.append(asyncio.get_running_loop().time())

    waiting = [asyncio.create_task(wait()) for _ in range(5)]
    await until(lambda: len(told) == 4)
    waiting[-1].cancel()
    assert all(later - earlier >= 0.04 for earlier, later in pairwise(told)), told


async def test_whoever_sprays_over_accounts_is_slowed_and_others_are_not(
    votum: Votum, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ada(votum)
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(attempts, "PAUSE", 600)  # however slow this machine is, they are in a row
        for number in range(attempts.IN_A_ROW):
            assert (await tried(votum, OFFICE, email=f"p{number}@example.org")).status_code == 422
    spraying = asyncio.create_task(tried(votum, OFFICE, email="one-more@example.org"))
    await until(lambda: LINE.waiting)
    assert (await tried(votum, HOME, SENTENCE)).url.path == "/desk"
    assert (await spraying).status_code == 422


async def test_who_signs_in_rightly_is_never_slowed(votum: Votum) -> None:
    """A whole town hall behind one address."""
    await ada(votum)
    for _ in range(attempts.IN_A_ROW + 10):
        assert (await tried(votum, OFFICE, SENTENCE)).url.path == "/desk"
    assert LINE._left(OFFICE) >= attempts.IN_A_ROW - 1


async def test_the_newest_goes_first_and_the_oldest_leaves(votum: Votum, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "WAITING_OF_A_CLIENT", 2)
    monkeypatch.setattr(LINE, "free", 0)
    order: list[int] = []

    async def wait(number: int) -> None:
        async with LINE.turn():
            order.append(number)

    waiting = [asyncio.create_task(wait(number)) for number in range(4)]
    await until(lambda: all(task.done() for task in waiting[:2]))
    LINE.free = 1
    LINE._call()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(result).__name__ for result in results] == ["TooMany", "TooMany", "NoneType", "NoneType"]
    assert order == [3, 2]


async def test_where_all_wait_the_oldest_of_whoever_has_most_leaves(
    votum: Votum, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "WAITING", 3)
    monkeypatch.setattr(LINE, "free", 0)

    async def wait(client: str) -> None:
        attempts.client.set(client)
        async with LINE.turn():
            pass

    waiting = [asyncio.create_task(wait(client)) for client in ("small", "large", "large", "new")]
    await until(lambda: any(task.done() for task in waiting))
    assert [task.done() for task in waiting] == [False, True, False, False]
    LINE.free = 1
    LINE._call()
    await asyncio.gather(*waiting, return_exceptions=True)


async def test_nobody_waits_without_end(votum: Votum, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "PATIENCE", 0.01)
    monkeypatch.setattr(LINE, "free", 0)
    assert (await tried(votum, HOME)).status_code == 429
    assert LINE.waiting == []


async def test_a_registration_that_finds_no_place_comes_back_with_what_was_typed(
    votum: Votum, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "PATIENCE", 0.01)
    monkeypatch.setattr(LINE, "free", 0)
    entered = {"name": "Bo", "email": "bo@example.org", "password": SENTENCE, "organisation": "Werkhof e. V."}
    browser = await votum.stranger()
    answer = await browser.send_form("/register", **entered, legal_form="association", privacy="1")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "30")
    assert 'value="Werkhof e. V."' in answer.text
