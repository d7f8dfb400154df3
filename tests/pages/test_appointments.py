"""Cleo appoints Dora, who finds the way to the first call; Ivo runs the installation and sees nothing of its calls."""

import asyncio
import re

import httpx

from app import clock, database
from app.domain import appointments
from tests.rating_call import rating_call
from tests.world import Browser, Votum, mailed, mailed_link, words

PASSWORD = "Ein guter Satz ist lang genug."


async def county(votum: Votum) -> tuple[Browser, str]:
    """Cleo administers a county that has no call yet; her browser and where its settings are."""
    await appointments.appoint("cleo@example.org", "Landkreis Auental", "Cleo", at=clock.now())
    authority = await database.value("SELECT id FROM authority WHERE name = 'Landkreis Auental'")
    return await votum.signed_in("cleo@example.org"), f"/authorities/{authority}"


async def installation(votum: Votum) -> Browser:
    """Ivo administers the installation."""
    await appointments.appoint("ivo@example.org", None, "Ivo", at=clock.now())
    return await votum.signed_in("ivo@example.org")


async def accepted(votum: Votum, email: str) -> tuple[Browser, httpx.Response]:
    """Somebody new follows the mailed link and chooses a password."""
    browser = await votum.stranger()
    return browser, await browser.send_form(await mailed_link(email), password=PASSWORD)


async def chain(action: str) -> list[int | None]:
    """To whose chains entries of this kind belong."""
    found = await database.rows(
        "SELECT h.authority FROM audit_entry e JOIN audit_head h ON h.id = e.chain WHERE e.action = $1 ORDER BY e.seq",
        action,
    )
    return [row["authority"] for row in found]


async def test_cleo_appoints_dora_whose_desk_leads_to_the_first_call(votum: Votum) -> None:
    cleo, at = await county(votum)
    answer = await cleo.send_form(f"{at}/administrators", name="Dora", email="dora@example.org")
    assert "Dora has an invitation by e-mail." in words(answer)
    assert "invited until" in words(answer)
    assert await database.value("SELECT count(*) FROM person WHERE email = 'dora@example.org'") == 0
    assert "Cleo bittet Sie, in Votum Landkreis Auental zu verwalten" in await mailed("dora@example.org")
    dora, desk = await accepted(votum, "dora@example.org")
    assert (desk.status_code, desk.url.path) == (200, "/desk")
    steps = re.findall(r'<li class="kern-task-list__item">.*?href="([^"]+)"', desk.text, re.DOTALL)
    assert steps == [f"{at}/names", f"{at}/duties", f"{at}/administrators", "/calls/new"]
    assert re.search(r"First colleague .*? done", words(desk))
    assert (await dora.get("/calls/new")).status_code == 200
    assert await database.value("SELECT count(*) FROM membership") == 0
    number = int(at.rpartition("/")[2])
    assert await chain("administrator.invited") == [number]
    assert await chain("administrator.appointed") == [number, number]
    who = await database.row(
        "SELECT b.name FROM administration x JOIN person p ON p.id = x.person JOIN person b ON b.id = x.by"
        " WHERE p.email = 'dora@example.org'"
    )
    assert who["name"] == "Cleo"


async def test_the_way_to_the_first_call_ends_with_the_first_call(votum: Votum) -> None:
    await rating_call(votum)
    page = words(await (await votum.signed_in("cleo@example.org")).get("/desk"))
    assert "The way to the first call" not in page
    assert "Settings of Landkreis Auental" in page


async def test_a_link_appoints_once_and_only_whom_it_was_sent_to(votum: Votum) -> None:
    cleo, at = await county(votum)
    await votum.person("dan@example.org")
    await database.rows("UPDATE person SET password_hash = 'x' WHERE email = 'dan@example.org'")
    await cleo.send_form(f"{at}/administrators", name="Dan", email="dan@example.org")
    link = await mailed_link("dan@example.org")
    ada = await votum.signed_in("ada@example.org")
    assert "There is an account with this address." in words(await ada.get(link))
    assert (await ada.send_form(link)).status_code == 403
    dan = await votum.signed_in("dan@example.org")
    assert (await dan.send_form(link)).url.path == "/desk"
    spent = await dan.send_form(link)
    assert (spent.status_code, "counts for 14 days" in words(spent)) == (404, True)
    assert await database.value("SELECT count(*) FROM administration") == 2


async def test_a_bad_password_stands_at_its_field_and_the_link_stays_good(votum: Votum) -> None:
    cleo, at = await county(votum)
    await cleo.send_form(f"{at}/administrators", name="Dora", email="dora@example.org")
    link = await mailed_link("dora@example.org")
    stranger = await votum.stranger()
    refused = await stranger.send_form(link, password="kurz")
    assert (refused.status_code, 'id="password-error"' in refused.text) == (422, True)
    assert (await stranger.send_form(link, password=PASSWORD)).url.path == "/desk"


async def test_a_second_invitation_ends_the_first_and_withdrawing_ends_both(votum: Votum) -> None:
    cleo, at = await county(votum)
    await cleo.send_form(f"{at}/administrators", name="Dora", email="dora@example.org")
    first = await mailed_link("dora@example.org")
    await cleo.send_form(f"{at}/administrators", name="Dora", email="dora@example.org")
    second = await mailed_link("dora@example.org")
    stranger = await votum.stranger()
    assert [(await stranger.get(link)).status_code for link in (first, second)] == [404, 200]
    number = await database.value("SELECT id FROM appointment")
    assert "withdrawn" in words(await cleo.send_form(f"{at}/appointments/{number}/withdrawal"))
    assert (await stranger.get(second)).status_code == 404
    again = await cleo.send_form(f"{at}/administrators", name="Cleo", email="cleo@example.org")
    assert (again.status_code, "administrator already" in words(again)) == (422, True)


async def test_a_link_that_is_too_old_is_shown_as_such(votum: Votum) -> None:
    cleo, at = await county(votum)
    await cleo.send_form(f"{at}/administrators", name="Dora", email="dora@example.org")
    await database.rows("UPDATE appointment SET expires_at = now()")
    assert (await (await votum.stranger()).get(await mailed_link("dora@example.org"))).status_code == 404
    assert "link too old" in words(await cleo.get(f"{at}/administrators"))


async def test_the_last_administrator_cannot_go(votum: Votum) -> None:
    cleo, at = await county(votum)
    me = await votum.person("cleo@example.org")
    page = await cleo.get(f"{at}/administrators")
    assert "The last administrator cannot go." in words(page)
    assert "dismissal" not in "".join(re.findall(r'action="[^"]*"', page.text))
    refused = await cleo.send_form(f"{at}/administrators/{me}/dismissal")
    assert (refused.status_code, "appoint somebody else first" in words(refused)) == (403, True)
    await appointments.appoint("dora@example.org", "Landkreis Auental", "Dora", at=clock.now())
    await database.rows("UPDATE person SET active = false WHERE email = 'dora@example.org'")
    assert (await cleo.send_form(f"{at}/administrators/{me}/dismissal")).status_code == 403  # who could sign in?
    await database.rows("UPDATE person SET active = true WHERE email = 'dora@example.org'")
    left = await cleo.send_form(f"{at}/administrators/{me}/dismissal")
    assert (left.status_code, left.url.path) == (200, "/desk")
    assert (await cleo.get(at)).status_code == 404


async def test_two_who_dismiss_each_other_at_once_leave_one(votum: Votum) -> None:
    cleo, at = await county(votum)
    await appointments.appoint("dora@example.org", "Landkreis Auental", "Dora", at=clock.now())
    dora = await votum.signed_in("dora@example.org")
    persons = [await votum.person(f"{name}@example.org") for name in ("dora", "cleo")]
    answers = await asyncio.gather(
        *(
            browser.send_form(f"{at}/administrators/{person}/dismissal")
            for browser, person in zip((cleo, dora), persons, strict=True)
        )
    )
    assert await database.value("SELECT count(*) FROM administration") == 1
    assert 404 in {answer.status_code for answer in answers}


async def test_who_is_dismissed_is_told_and_sees_nothing_any_more(votum: Votum) -> None:
    call = await rating_call(votum)
    cleo = await votum.signed_in("cleo@example.org")
    await appointments.appoint("dora@example.org", "Landkreis Auental", "Dora", at=clock.now())
    dora = await votum.signed_in("dora@example.org")
    assert (await dora.get(f"/calls/{call.key}/office")).status_code == 200
    at = f"/authorities/{await database.value('SELECT authority FROM call')}"
    person = await votum.person("dora@example.org")
    assert "Dismissed." in words(await cleo.send_form(f"{at}/administrators/{person}/dismissal"))
    assert "no longer administer Landkreis Auental" in await mailed("dora@example.org")
    for page in (at, f"/calls/{call.key}/office", f"/calls/{call.key}/intake"):
        assert (await dora.get(page)).status_code == 404


async def test_the_installation_makes_a_second_authority_and_appoints_only_its_first_administrator(
    votum: Votum,
) -> None:
    call = await rating_call(votum)
    ivo = await installation(votum)
    assert 'href="/installation"' in (await ivo.get("/desk")).text
    wrong = await ivo.send_form("/installation/authorities/new", name="landkreis auental", person="", email="dora")
    assert (wrong.status_code, 'value="landkreis auental"' in wrong.text) == (422, True)
    form = {"name": "Landkreis Nebenan", "person": "Dora", "email": "dora@example.org"}
    taken = await ivo.send_form("/installation/authorities/new", **{**form, "name": "landkreis auental"})
    assert "There is an authority of this name already." in words(taken)
    made = await ivo.send_form("/installation/authorities/new", **form)
    assert (made.status_code, "Dora has an invitation by e-mail." in words(made)) == (200, True)
    assert "nobody administers it yet" in words(await ivo.get("/installation"))
    dora, desk = await accepted(votum, "dora@example.org")
    assert "The way to the first call: Landkreis Nebenan" in words(desk)
    page = await ivo.send_form(f"{made.url.path}/administrators", person="Ivo", email="ivo@example.org")
    assert (page.status_code, "appoint their colleagues themselves" in words(page)) == (403, True)
    assert "Dora" in words(await ivo.get(made.url.path))
    number = int(made.url.path.rpartition("/")[2])
    assert await chain("authority.created") == [number]
    for place in ("office", "intake", "ranking", "exports/ranking.csv", "committee", "edit", "conflicts"):
        assert (await ivo.get(f"/calls/{call.key}/{place}")).status_code == 404
    assert (await ivo.get(f"/authorities/{number}")).status_code == 404
    assert (await ivo.get("/calls/new")).status_code == 404
    assert (await dora.get("/installation")).status_code == 404


async def test_the_installation_is_administered_by_more_than_one(votum: Votum) -> None:
    ivo = await installation(votum)
    assert "The last administrator cannot go." in words(await ivo.get("/installation/administrators"))
    await ivo.send_form("/installation/administrators", name="Iris", email="iris@example.org")
    assert "diese Installation" in await mailed("iris@example.org")
    iris, desk = await accepted(votum, "iris@example.org")
    assert "Authorities of this installation" in words(desk)
    person = await votum.person("ivo@example.org")
    iris.token = re.search(r'name="csrf_token" value="(\w+)"', desk.text)[1]
    assert "Dismissed." in words(await iris.send_form(f"/installation/administrators/{person}/dismissal"))
    assert (await ivo.get("/installation")).status_code == 404
    assert await chain("administrator.dismissed") == [None]


async def test_an_authority_retires_once_nothing_of_it_runs(votum: Votum) -> None:
    await rating_call(votum)
    ivo = await installation(votum)
    number = await database.value("SELECT authority FROM call")
    at = f"/installation/authorities/{number}"
    assert "whose result is not published yet" in words(await ivo.get(at))
    assert (await ivo.send_form(f"{at}/retirement", sure="1")).status_code == 403
    cleo, eve = await votum.signed_in("cleo@example.org"), await votum.signed_in("eve@example.org")
    await eve.send_form("/calls/rating/rating-closure")
    for step in ("freeze", "result"):
        assert (await cleo.send_form(f"/calls/rating/{step}", why="Sitzung")).status_code == 200
    await cleo.send_form(f"/authorities/{number}/administrators", name="Dora", email="dora@example.org")
    unsure = await ivo.send_form(f"{at}/retirement")
    assert (unsure.status_code, 'id="sure-error"' in unsure.text) == (422, True)
    assert "The authority has retired." in words(await ivo.send_form(f"{at}/retirement", sure="1"))
    assert (await ivo.send_form(f"{at}/retirement", sure="1")).status_code == 403
    assert (await (await votum.stranger()).get(await mailed_link("dora@example.org"))).status_code == 404
    for page in ("calls/new", "programmes/new"):
        assert (await cleo.get(f"/{page}")).status_code == 404
    assert "New call" not in words(await cleo.get("/desk"))
    assert (await (await votum.stranger()).get("/calls/rating")).status_code == 200  # what is published stays
    refused = await cleo.send_form(f"/authorities/{number}/administrators", name="Dora", email="dora@example.org")
    assert refused.status_code == 403


async def test_a_new_installation_says_what_to_do(votum: Votum) -> None:
    page = await (await votum.stranger()).get("/")
    assert 'votum appoint name@example.org "Name of the authority"' in words(page)
    await county(votum)
    assert "votum appoint" not in words(await (await votum.stranger()).get("/"))
