"""Two authorities on one installation: Pia's pages, files, mails and trail are the same whatever happens at Cleo's."""

import re
from datetime import timedelta

from app import clock, database
from app.domain import appointments, rating_schemes
from app.domain.rating_schemes import Scheme
from app.records import mails
from tests import open_call
from tests.rating_call import SCHEME, rating_call
from tests.world import Browser, Votum

OFFICE = ("office", "edit/text", "scheme", "intake", "ranking", "committee", "committee/members", "conflicts")
FILES = ("decision-list.csv", "intake-list.csv", "ranking.csv", "scores.csv", "letters.csv")


async def town(votum: Votum) -> tuple[Browser, int]:
    """Pia administers a town whose call is in rating; her browser and its number."""
    number = await open_call.authority("Stadt Nebenan")
    past = clock.now() - timedelta(days=5)
    async with database.write_transaction():
        scheme = await rating_schemes.keep(Scheme.from_document(SCHEME), number, by=None, at=past)
    call = await open_call.call("second", past, authority=number, rating_from=past.date(), rating_scheme=scheme)
    erna = await votum.person("erna@example.org")
    async with database.write_transaction():
        committee = await database.value("SELECT id FROM committee WHERE call = $1", call)
        await database.rows(
            "INSERT INTO member (committee, person, key, role, since) VALUES ($1, $2, 'M1', 'chair', $3)",
            *(committee, erna, past),
        )
    await appointments.appoint("pia@example.org", "Stadt Nebenan", "Pia", at=clock.now())
    return await votum.signed_in("pia@example.org"), number


async def seen(browser: Browser, paths: list[str]) -> dict[str, str]:
    """What somebody gets at each address, without what differs from one request to the next."""
    found = {}
    for path in paths:
        answer = await browser.get(path)
        found[path] = f"{answer.status_code} {re.sub(r'[0-9a-f]{64}|as of [^,]*, [0-9:]+', '', answer.text)}"
    return found


async def much_happens_at_the_county(votum: Votum) -> None:
    """Cleo settles, appoints, freezes and publishes; she has a draft as well."""
    call = await rating_call(votum)
    number = await database.value("SELECT authority FROM call WHERE id = $1", call.id)
    await open_call.call("county-draft")
    await database.rows("DELETE FROM call_publication WHERE call = (SELECT id FROM call WHERE key = 'county-draft')")
    cleo, eve = await votum.signed_in("cleo@example.org"), await votum.signed_in("eve@example.org")
    await cleo.send_form(f"/authorities/{number}/administrators", name="Dora", email="dora@example.org")
    await eve.send_form("/calls/rating/rating-closure")
    for step in ("freeze", "result"):
        assert (await cleo.send_form(f"/calls/rating/{step}", why="Sitzung")).status_code == 200


async def test_nothing_of_one_authority_shows_in_another(votum: Votum) -> None:
    pia, number = await town(votum)
    own = [f"/calls/second/{page}" for page in OFFICE] + [f"/calls/second/exports/{name}" for name in FILES]
    settings = [f"/authorities/{number}{page}" for page in ("", "/names", "/look", "/duties", "/administrators")]
    paths = [*own, *settings, "/desk", "/calls/new"]
    before = await seen(pia, paths)
    assert {text[:3] for text in before.values()} == {"200"}
    await much_happens_at_the_county(votum)
    assert await seen(pia, paths) == before
    county = await database.value("SELECT id FROM authority WHERE name = 'Landkreis Auental'")
    foreign = [f"/calls/{key}/{page}" for key in ("rating", "county-draft") for page in (*OFFICE, "intake/P01")]
    foreign += [f"/calls/rating/exports/{name}" for name in FILES]
    foreign += [f"/authorities/{county}{page}" for page in ("", "/names", "/look", "/duties", "/administrators")]
    assert {path for path, text in (await seen(pia, foreign)).items() if text[:3] != "404"} == set()


async def test_another_authoritys_scheme_and_administrators_cannot_be_taken(votum: Votum) -> None:
    pia, number = await town(votum)
    await much_happens_at_the_county(votum)
    await database.rows("DELETE FROM call_publication WHERE call = (SELECT id FROM call WHERE key = 'second')")
    foreign = await database.value("SELECT rating_scheme FROM call WHERE key = 'rating'")
    assert (await pia.send_form("/calls/second/scheme", scheme=str(foreign))).status_code in (404, 422)
    assert foreign != await database.value("SELECT rating_scheme FROM call WHERE key = 'second'")
    cleo, asked = await votum.person("cleo@example.org"), await database.value("SELECT id FROM appointment")
    for path in (f"administrators/{cleo}/dismissal", f"appointments/{asked}/withdrawal"):
        assert (await pia.send_form(f"/authorities/{number}/{path}")).status_code == 404
    assert await database.value("SELECT count(*) FROM administration") == 2
    assert await database.value("SELECT count(*) FROM appointment") == 1


async def test_mails_and_the_trail_keep_to_their_authority(votum: Votum) -> None:
    _pia, number = await town(votum)
    mail = await database.value("SELECT max(id) FROM mail")
    await much_happens_at_the_county(votum)
    told = {one.email for one in await mails.of_administrators(number)}
    assert told == {"pia@example.org"}
    since = await database.rows("SELECT DISTINCT recipient, authority FROM mail WHERE id > $1", mail or 0)
    assert "pia@example.org" not in {row["recipient"] for row in since}
    assert number not in {row["authority"] for row in since}
    strayed = await database.value(
        "SELECT count(*) FROM audit_entry e JOIN audit_head h ON h.id = e.chain JOIN call c ON c.id = e.call"
        " WHERE h.authority IS DISTINCT FROM c.authority"
    )
    assert strayed == 0
    own = await database.rows(
        "SELECT e.action, e.object, e.detail FROM audit_entry e JOIN audit_head h ON h.id = e.chain"
        " WHERE h.authority = $1",
        number,
    )
    assert own
    assert not [row for row in own if "Auental" in row["detail"] or "dora" in row["detail"]]


async def test_the_installation_sees_only_what_the_public_sees_of_calls(votum: Votum) -> None:
    await town(votum)
    await appointments.appoint("ivo@example.org", None, "Ivo", at=clock.now())
    ivo = await votum.signed_in("ivo@example.org")
    county = await open_call.authority("Landkreis Auental")
    paths = ["/installation", f"/installation/authorities/{county}", "/desk"]
    before = await seen(ivo, paths)
    call = await open_call.call("county-draft", title_de="Streng geheim")
    await database.rows("DELETE FROM call_publication WHERE call = $1", call)
    assert await seen(ivo, paths) == before
