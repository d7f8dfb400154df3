"""Looking changes nothing (A15, A16), and no address takes what it does not know (A20, A39, A62)."""

import re

import pytest

from app import database
from tests.attacks.dump import fingerprints
from tests.pages.test_intake import LIST, keys
from tests.rating_call import rating_call
from tests.world import Browser, Votum

PARTS = ("koordination@example.org", "m1@example.org", "m2@example.org", "o01@example.org", "")
START = ("/", "/calls", "/desk", "/calls/aufruf-2017", "/calls/aufruf-2017/office", "/organisations")
MOST = 120


async def crawled(browser: Browser) -> set[str]:
    """Every address that can be reached by links from the first pages."""
    seen: set[str] = set()
    waiting = list(START)
    while waiting and len(seen) < MOST:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen.add(path)
        answer = await browser.get(path)
        assert answer.status_code < 500, path
        if "html" in answer.headers.get("content-type", ""):
            found = re.findall(r'href="(/[^"#]*)', answer.text)
            waiting += [link for link in found if not link.startswith("/static/")]
    return seen


@pytest.mark.parametrize("email", PARTS)
async def test_a15_whoever_only_looks_changes_nothing(auental: Votum, email: str) -> None:
    browser = await auental.signed_in(email) if email else await auental.stranger()
    before = await fingerprints()
    seen = await crawled(browser)
    assert len(seen) > 10
    assert await fingerprints() == before


async def test_the_fingerprints_notice_a_change(auental: Votum) -> None:
    before = await fingerprints()
    async with database.write_transaction():
        await database.rows("UPDATE proposal SET title = title || '.' WHERE key = 'P05'")
    after = await fingerprints()
    assert [name for name in before if before[name] != after[name]] == ["proposal"]


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE", "PUT", "PATCH", "DELETE", "BREW"])
async def test_a16_other_methods_do_nothing(votum: Votum, method: str) -> None:
    call = await rating_call(votum)
    browser = await votum.signed_in("cleo@example.org")
    before = await fingerprints()
    for path in ("/sign-out", "/calls/rating/freeze", "/calls/rating/edit/text", f"/proposals/{call.proposals['P01']}"):
        answer = await browser.request(method, path, headers={"x-csrf-token": browser.token})
        assert answer.status_code in (200, 204, 404, 405), path
    assert await fingerprints() == before


async def test_a16_a_get_is_not_a_post_in_disguise(votum: Votum) -> None:
    await rating_call(votum)
    browser = await votum.signed_in("cleo@example.org")
    before = await fingerprints()
    headers = {"x-csrf-token": browser.token, "x-http-method-override": "POST", "x-method-override": "POST"}
    for path in ("/calls/rating/publication", "/calls/rating/freeze", "/sign-out", "/calls/rating/edit/text"):
        answer = await browser.get(f"{path}?_method=POST&csrf_token={browser.token}", headers=headers)
        assert answer.status_code in (200, 404, 405)
    assert await fingerprints() == before


ODD_ORDERS = (
    *(
        "p.key DESC",
        "key; DROP TABLE score",
        "o.name",
        "password_hash",
        "lower(o.name), p.key",
        "__class__",
        "places--",
    ),
    *("'", '"', "1", "(SELECT 1)", "%", "\\", "key' OR 1=1 --", "pg_sleep(1)"),
)


@pytest.mark.parametrize("order", ODD_ORDERS)
async def test_a20_an_order_that_is_not_on_the_list_is_the_usual_one(votum: Votum, order: str) -> None:
    await rating_call(votum)
    browser = await votum.signed_in("cleo@example.org")
    usual = keys((await browser.get(LIST)).text)
    answer = await browser.get(LIST, params={"order": order})
    assert (answer.status_code, keys(answer.text)) == (200, usual)


@pytest.mark.parametrize("page", ["0", "-1", "99999999999999999999", "1e9", "x", "", "1;2", "١"])
async def test_a39_a_page_number_is_a_number_or_refused(votum: Votum, page: str) -> None:
    await rating_call(votum)
    browser = await votum.signed_in("cleo@example.org")
    assert (await browser.get(LIST, params={"page": page})).status_code in (200, 400, 404)


@pytest.mark.parametrize(
    "path",
    [
        "/proposals/99999999999999999999",
        "/assignments/99999999999999999999",
        "/assignments/-1",
        "/proposals/2147483648/edit",
        "/calls/rating/rankings/99999999999",
        "/calls/rating/conflicts/99999999999",
        "/organisations/99999999999",
        "/calls/%00",
        "/calls/a%0d%0aset-cookie:%20x=1",
        "/calls/rating/exports/..%2f..%2fetc.csv",
        "/calls/rating/intake/%F0%9F%98%80",
        "/calls/" + "x" * 5000,
        "/invitations/%00",
        "/confirmation/" + "a" * 5000,
    ],
)
async def test_a39_an_odd_address_is_not_found_and_never_a_crash(votum: Votum, path: str) -> None:
    await rating_call(votum)
    for browser in (await votum.signed_in("cleo@example.org"), await votum.signed_in("bo@example.org")):
        answer = await browser.get(path)
        assert answer.status_code in (200 if "confirmation" in path else 404, 400, 404)
        assert "set-cookie" not in answer.headers
