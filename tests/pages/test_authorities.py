"""What an authority settles and says of itself; its accessibility statement follows the binding model."""

import asyncio
import re

import httpx

from app import database
from tests.rating_call import rating_call
from tests.world import Browser, Votum, words

NAMES = {
    "name": "Landkreis Auental",
    "name_en": "Auental County",
    "short_name": "LK Auental",
    "email": "barrieren@example.org",
    "telephone": "03999 1234",
    "sender_name": "",
    "reply_to": "",
}
SAID = {
    "imprint": "Landkreis Auental\nMarkt 1\n12345 Auenburg",
    "accessibility_law": "BGG LSA",
    "conformity": "partial",
    "barriers": "Alte PDF: nicht getaggt.\n\nKarte: ohne Textfassung.",
    "burden": "Videos von 2019: 40 Stunden Arbeit.",
    "outside_scope": "Dokumente vor 2018",
    "reviewed_on": "2026-11-20",
    "evaluated_on": "2026-11-02",
    "method": "self",
    "enforcement_body": "Landesfachstelle\nTurmschanzenstraße 25",
    "easy_language": "Hier steht etwas in Leichter Sprache.",
    "sign_language": "https://www.example.org/dgs",
    "data_protection_officer": "Dana Schutz, datenschutz@example.org",
    "privacy_law": "DSAG LSA",
    "retention": "Nicht geförderte Vorschläge: zwei Jahre.",
    "supervisory_authority": "Landesbeauftragte für den Datenschutz",
}


async def place(votum: Votum) -> str:
    await rating_call(votum)
    return f"/authorities/{await database.value('SELECT authority FROM call')}"


async def settle(browser: Browser, address: str, /, file: bytes = b"", **fields: str) -> httpx.Response:
    """Fill in a page of settings as it is shown, and send it."""
    found = re.search(r'name="seen" value="(\w+)"', (await browser.get(address)).text)
    data = {"csrf_token": browser.token, **fields, "seen": found[1] if found else ""}
    files = {"arms": ("Wappen.svg", file, "image/svg+xml")} if file else None
    return await browser.post(address, data=data, files=files, follow_redirects=True)


async def test_what_nobody_has_stated_is_not_made_up(votum: Votum) -> None:
    await place(votum)
    page = words(await (await votum.stranger()).get("/accessibility"))
    assert "The authority has not stated this yet." in page
    assert "This website is" not in page
    assert "section 16" not in page


async def test_the_statement_says_what_the_model_asks(votum: Votum) -> None:
    address = await place(votum)
    cleo = await votum.signed_in("cleo@example.org")
    assert "Saved. It holds from now on." in words(await settle(cleo, f"{address}/duties", **SAID))
    await settle(cleo, f"{address}/names", **NAMES)
    german = words(await (await votum.stranger("de")).get("/accessibility"))
    for part in (
        "im Einklang mit dem geltenden Recht (BGG LSA)",
        "Diese Website ist mit EN 301 549 (WCAG 2.2, Stufe AA) teilweise vereinbar.",
        "Unvereinbarkeit mit dem Gesetz Alte PDF: nicht getaggt. Karte: ohne Textfassung.",
        "Unverhältnismäßige Belastung Videos von 2019: 40 Stunden Arbeit.",
        "Nicht vom Gesetz umfasst Dokumente vor 2018",
        "Diese Erklärung wurde am 02.11.2026 erstellt. Grundlage: Selbstbewertung durch die Behörde.",
        "Sie wurde zuletzt am 20.11.2026 überprüft.",
        "barrieren@example.org , 03999 1234",
        "Landesfachstelle Turmschanzenstraße 25",
        "Hier steht etwas in Leichter Sprache.",
        "https://www.example.org/dgs",
    ):
        assert part in german
    assert "noch nicht angegeben" not in german
    privacy = words(await (await votum.stranger()).get("/privacy"))
    for name in ("data_protection_officer", "privacy_law", "retention", "supervisory_authority"):
        assert SAID[name] in privacy
    assert "Markt 1" in words(await (await votum.stranger()).get("/imprint"))
    entries = await database.rows(
        "SELECT e.object, h.authority FROM audit_entry e JOIN audit_head h ON h.id = e.chain"
        " WHERE e.action = 'authority.settled'"
    )
    number = int(address.rpartition("/")[2])
    assert [tuple(entry) for entry in entries] == [(f"authority:{number}", number)] * 2


async def test_the_desk_leads_there(votum: Votum) -> None:
    address = await place(votum)
    assert f'href="{address}"' in (await (await votum.signed_in("cleo@example.org")).get("/desk")).text
    assert "/authorities/" not in (await (await votum.signed_in("ada@example.org")).get("/desk")).text


async def test_what_is_typed_is_german_for_an_english_reader(votum: Votum) -> None:
    address = await place(votum)
    await settle(await votum.signed_in("cleo@example.org"), f"{address}/duties", **SAID)
    page = (await (await votum.stranger()).get("/accessibility")).text
    assert '<span lang="de">Alte PDF: nicht getaggt.</span>' in page


async def test_a_fault_stands_at_its_field_and_nothing_is_lost(votum: Votum) -> None:
    address = await place(votum)
    cleo = await votum.signed_in("cleo@example.org")
    wrong = {**SAID, "evaluated_on": "gestern", "conformity": "perfect"}
    answer = await settle(cleo, f"{address}/duties", **wrong)
    assert answer.status_code == 422
    page = words(answer)
    assert "Please enter a date such as 31.12.2026." in page
    assert "Please choose one of the options." in page
    assert "Turmschanzenstraße 25" in answer.text
    assert await database.value("SELECT count(*) FROM audit_entry WHERE action = 'authority.settled'") == 0


async def test_a_lost_race_shows_both_texts(votum: Votum) -> None:
    address = f"{await place(votum)}/duties"
    cleo = await votum.signed_in("cleo@example.org")
    found = re.search(r'name="seen" value="(\w+)"', (await cleo.get(address)).text)
    assert found
    await cleo.send_form(address, **SAID, seen=found[1])
    late = await cleo.send_form(address, **{**SAID, "imprint": "Neues Impressum"}, seen=found[1])
    assert late.status_code == 409
    page = words(late)
    assert "Neues Impressum" in page
    assert "Markt 1" in page
    assert "Barrieren" not in page  # only what differs
    again = await cleo.send_form(address, **SAID, seen=found[1])  # the same text once more is no race
    assert again.status_code == 200


async def test_two_who_save_at_once_do_not_overwrite_each_other(votum: Votum) -> None:
    address = f"{await place(votum)}/names"
    one, two = await votum.signed_in("cleo@example.org"), await votum.signed_in("cleo@example.org")
    found = re.search(r'name="seen" value="(\w+)"', (await one.get(address)).text)
    assert found  # both have the page before them
    answers = await asyncio.gather(
        one.send_form(address, **{**NAMES, "short_name": "Eins", "seen": found[1]}),
        two.send_form(address, **{**NAMES, "short_name": "Zwei", "seen": found[1]}),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_another_authoritys_name_is_refused_at_the_field(votum: Votum) -> None:
    address = await place(votum)
    await database.rows("INSERT INTO authority (name) VALUES ('Landkreis Nebenan')")
    answer = await settle(
        await votum.signed_in("cleo@example.org"), f"{address}/names", **{**NAMES, "name": "landkreis nebenan"}
    )
    assert (answer.status_code, "There is an authority of this name already." in words(answer)) == (422, True)
    assert 'value="landkreis nebenan"' in answer.text


async def test_the_name_stands_once_a_ranking_is_frozen(votum: Votum) -> None:
    address = await place(votum)
    cleo = await votum.signed_in("cleo@example.org")
    eve = await votum.signed_in("eve@example.org")
    assert (await eve.send_form("/calls/rating/rating-closure")).status_code == 200
    assert (await cleo.send_form("/calls/rating/freeze", why="Sitzung")).status_code == 200
    page = await cleo.get(f"{address}/names")
    assert "the German and the English name stand" in words(page)
    refused = await settle(cleo, f"{address}/names", **{**NAMES, "name": "Landkreis Neu"})
    assert refused.status_code == 422
    kept = await settle(cleo, f"{address}/names", **{**NAMES, "name_en": ""})
    assert kept.status_code == 200
    assert tuple(await database.row("SELECT name, short_name FROM authority")) == ("Landkreis Auental", "LK Auental")


async def test_an_authority_may_work_with_two_eyes_and_then_says_so(votum: Votum) -> None:
    address = await place(votum)
    cleo = await votum.signed_in("cleo@example.org")
    assert "four eyes" in words(await cleo.get(address))
    assert "two eyes" in words(await settle(cleo, f"{address}/release", eyes="two"))
    assert await database.value("SELECT two_eyes FROM authority")
    entry = await database.value("SELECT detail FROM audit_entry WHERE action = 'authority.settled'")
    assert '"two_eyes": [false, true]' in entry
    wrong = await settle(cleo, f"{address}/release", eyes="six")
    assert (wrong.status_code, "Please choose one of the options." in words(wrong)) == (422, True)


LION = b"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><path d='M0 0h9v9z' fill='#c00'/></svg>"
LOOK = {"colour": "#1c4e8a", "colour_dark": "#7fb0e6"}
PAGES = {  # of a call and everything that belongs to it
    "stranger": ["/calls/rating"],
    "cleo": [f"/calls/rating/{name}" for name in ("office", "edit/text", "scheme", "intake", "intake/P01", "ranking")],
    "eve": ["/calls/rating/committee", "/calls/rating/conflicts", "/calls/rating/rating-closure"],
}


async def test_colour_and_arms_stand_at_the_top_of_every_page_of_the_call(votum: Votum) -> None:
    call = await rating_call(votum)
    address = f"/authorities/{await database.value('SELECT authority FROM call')}"
    cleo = await votum.signed_in("cleo@example.org")
    saved = await settle(cleo, f"{address}/look", LION, **LOOK)
    assert (saved.status_code, "Saved." in words(saved)) == (200, True)
    await settle(cleo, f"{address}/names", **NAMES)
    arms = await database.value("SELECT arms FROM authority")
    members = [*PAGES["cleo"], "/calls/rating/committee/members", "/calls/rating/recommendations/P01"]
    sheet = await call.sheet("Ada", "P02")
    pages = {**PAGES, "cleo": members, "ada": [sheet, f"{sheet}/conflict"]}
    pages["bo"] = [f"/proposals/{call.proposals['P01']}", f"/proposals/{call.proposals['P01']}/receipt"]
    for who, paths in pages.items():
        browser = await (votum.stranger() if who == "stranger" else votum.signed_in(f"{who}@example.org"))
        for path in paths:
            page = (await browser.get(path)).text
            head = page.partition("</header>")[0]
            found = [part in head for part in ('fill="#1c4e8a"', 'fill="#7fb0e6"', f"/arms/{arms}", "Auental County")]
            assert (path, found) == (path, [True] * 4)
            assert f'href="/imprint#authority-{address.rpartition("/")[2]}"' in page
    other = (await (await votum.stranger()).get("/calls")).text.partition("</header>")[0]
    assert "Calls of public authorities" in other
    assert "/arms/" not in other


async def test_arms_are_served_as_a_picture_only(votum: Votum) -> None:
    address = await place(votum)
    await settle(await votum.signed_in("cleo@example.org"), f"{address}/look", LION)
    arms = await database.value("SELECT arms FROM authority")
    stranger = await votum.stranger()
    answer = await stranger.get(f"/arms/{arms}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert b"M0 0h9v9z" in answer.content
    for name in ("nothing.svg", arms.replace("svg", "html"), arms.replace("svg", "png")):
        assert (await stranger.get(f"/arms/{name}")).status_code == 404


async def test_other_arms_replace_the_old_and_none_remove_them(votum: Votum) -> None:
    address = f"{await place(votum)}/look"
    cleo = await votum.signed_in("cleo@example.org")
    await settle(cleo, address, LION, **LOOK)
    first = await database.value("SELECT arms FROM authority")
    await settle(cleo, address, LION.replace(b"#c00", b"#00c"), **LOOK)
    second = await database.value("SELECT arms FROM authority")
    assert first != second
    assert [row["name"] for row in await database.rows("SELECT name FROM arms")] == [second]
    await settle(cleo, address, **LOOK)
    assert await database.value("SELECT arms FROM authority") == second  # nothing was chosen: they stay
    await settle(cleo, address, **LOOK, without_arms="1")
    assert await database.value("SELECT arms FROM authority") == ""
    assert await database.value("SELECT count(*) FROM arms") == 0


async def test_wrong_colours_and_files_come_back_with_a_sentence_at_their_field(votum: Votum) -> None:
    address = f"{await place(votum)}/look"
    cleo = await votum.signed_in("cleo@example.org")
    for typed, field, part in (
        ({"colour": "blau"}, "colour", "Please enter a colour such as"),
        ({"colour": "#ffcc00"}, "colour", "On the light ground this colour has a contrast of 1.3 to 1"),
        ({"colour": "#1c4e8a"}, "colour_dark", "On the dark ground this colour has a contrast of 2.1 to 1"),
        ({"colour": "#1c4e8a", "colour_dark": "#222222"}, "colour_dark", "Please choose a lighter one"),
        ({"colour_dark": "#7fb0e6"}, "colour", "for the light look as well"),
    ):
        answer = await settle(cleo, address, **typed)
        assert (typed, answer.status_code, f'id="{field}-error"' in answer.text) == (typed, 422, True)
        assert part in words(answer)
        assert all(f'value="{value}"' in answer.text for value in typed.values())
    hostile = LION.replace(b"<path", b"<script>alert(1)</script><path")
    for file, part in ((hostile, "contains &lt;script&gt;"), (b"GIF89a", "PNG or SVG"), (b"x" * 200_001, "200 kB")):
        answer = await settle(cleo, address, file, **LOOK)
        assert (answer.status_code, 'id="arms-error"' in answer.text, part in answer.text) == (422, True, True)
        assert 'value="#1c4e8a"' in answer.text
    both = await settle(cleo, address, hostile, colour="#ffcc00")
    assert ['id="colour-error"' in both.text, 'id="arms-error"' in both.text] == [True, True]
    assert tuple(await database.row("SELECT colour, arms FROM authority")) == ("", "")
    assert await database.value("SELECT count(*) FROM arms") == 0
