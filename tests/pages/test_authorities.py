"""What an authority says of itself on the duty pages, after the binding model of an accessibility statement."""

from app import database
from tests.rating_call import rating_call
from tests.world import Votum, words

SAID = {
    "email": "barrieren@example.org",
    "imprint": "Landkreis Auental\nMarkt 1\n12345 Auenburg",
    "accessibility_law": "BGG LSA",
    "conformity": "partial",
    "barriers": "Alte PDF: nicht getaggt.\n\nKarte: ohne Textfassung.",
    "evaluated_on": "2026-11-02",
    "method": "self",
    "enforcement_body": "Landesfachstelle\nTurmschanzenstraße 25",
    "easy_language": "Hier steht etwas in Leichter Sprache.",
    "sign_language": "https://www.example.org/dgs",
    "data_protection_officer": "Dana Schutz, datenschutz@example.org",
    "privacy_law": "DSAG LSA",
    "retention": "Nicht geförderte Vorschläge: zwei Jahre.",
    "supervisory_authority": "Landesbeauftragte für den Datenschutz",
    "version": "0",
}


async def place(votum: Votum) -> str:
    await rating_call(votum)
    return f"/authorities/{await database.value('SELECT authority FROM call')}"


async def test_what_nobody_has_stated_is_not_made_up(votum: Votum) -> None:
    await place(votum)
    page = words(await (await votum.stranger()).get("/accessibility"))
    assert "The authority has not stated this yet." in page
    assert "This website is" not in page
    assert "section 16" not in page


async def test_the_statement_says_what_the_model_asks(votum: Votum) -> None:
    address = await place(votum)
    cleo = await votum.signed_in("cleo@example.org")
    assert "Saved. The public pages say so now." in words(await cleo.send_form(address, **SAID))
    german = words(await (await votum.stranger("de")).get("/accessibility"))
    for part in (
        "im Einklang mit dem geltenden Recht (BGG LSA)",
        "Diese Website ist mit EN 301 549 (WCAG 2.2, Stufe AA) teilweise vereinbar.",
        "Alte PDF: nicht getaggt. Karte: ohne Textfassung.",
        "Diese Erklärung wurde am 02.11.2026 erstellt. Grundlage: Selbstbewertung durch die Behörde.",
        "barrieren@example.org",
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
    entry = await database.row("SELECT actor, object FROM audit_entry WHERE action = 'authority.described'")
    assert entry["object"] == address[1:].replace("ies/", "y:")


async def test_the_desk_leads_there(votum: Votum) -> None:
    address = await place(votum)
    assert f'href="{address}"' in (await (await votum.signed_in("cleo@example.org")).get("/desk")).text
    assert "/authorities/" not in (await (await votum.signed_in("ada@example.org")).get("/desk")).text


async def test_what_is_typed_is_german_for_an_english_reader(votum: Votum) -> None:
    address = await place(votum)
    await (await votum.signed_in("cleo@example.org")).send_form(address, **SAID)
    page = (await (await votum.stranger()).get("/accessibility")).text
    assert '<span lang="de">Alte PDF: nicht getaggt.</span>' in page


async def test_a_fault_stands_at_its_field_and_nothing_is_lost(votum: Votum) -> None:
    address = await place(votum)
    cleo = await votum.signed_in("cleo@example.org")
    answer = await cleo.send_form(address, **{**SAID, "evaluated_on": "gestern", "conformity": "perfect"})
    assert answer.status_code == 422
    page = words(answer)
    assert "Please enter a date such as 31.12.2026." in page
    assert "Please choose one of the options." in page
    assert "Turmschanzenstraße 25" in answer.text
    assert await database.value("SELECT count(*) FROM audit_entry WHERE action = 'authority.described'") == 0


async def test_a_lost_race_shows_both_texts(votum: Votum) -> None:
    address = await place(votum)
    cleo = await votum.signed_in("cleo@example.org")
    await cleo.send_form(address, **SAID)
    late = await cleo.send_form(address, **{**SAID, "imprint": "Neues Impressum"})
    assert late.status_code == 409
    page = words(late)
    assert "Neues Impressum" in page
    assert "Markt 1" in page
    assert "Barrieren" not in page  # only what differs
