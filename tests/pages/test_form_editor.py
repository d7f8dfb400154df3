"""Cleo writes what a call asks in the browser: from a shipped form, from nothing, beside Dora."""

import json
import re
from html import unescape
from typing import Any

import pytest

from app import clock, database, forms
from app.domain import forms as kept_forms
from app.domain.form_drafts import standard
from app.forms import reading
from tests.rating_call import rating_call
from tests.world import Browser, Votum, words

PLAIN = {"title_de": "Neuer Aufruf", "committee_name": "Jury", "procedure_kind": "competition"}
PARTS = ("title", "numbers", "examples")


async def cleo(votum: Votum, language: str = "en") -> Browser:
    """Cleo's browser; she has a draft call beside the one in rating."""
    await rating_call(votum)
    browser = await votum.signed_in("cleo@example.org", language)
    await browser.send_form("/calls/new", **PLAIN)
    return browser


async def dora(votum: Votum) -> Browser:
    """Dora works for the same authority as Cleo."""
    browser = await votum.signed_in("dora@example.org")
    async with database.write_transaction():
        await database.rows(
            "INSERT INTO administration (authority, person, since)"
            " SELECT c.authority, p.id, $1 FROM call c, person p"
            " WHERE c.key = 'neuer-aufruf' AND p.email = 'dora@example.org'",
            clock.now(),
        )
    return browser


async def begun(browser: Browser, source: str = "", target: str = "neuer-aufruf") -> str:
    """The address of a new draft."""
    answer = await browser.send_form("/forms", target=target, source=source)
    assert answer.status_code == 200, words(answer)
    return answer.url.path


def fields(page: str) -> dict[str, Any]:
    """What a browser would send of the editor's form without any change."""
    form = re.search(r'(?s)<form[^>]*class="votum-form" method="post".*?</form>', page)
    assert form
    found: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", form[0]):
        name = re.search(r'name="([^"]+)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        if not name or (re.search(r'type="(checkbox|radio)"', tag) and " checked" not in tag):
            continue
        found.setdefault(unescape(name[1]), []).append(unescape(value[1]) if value else "")
    for name, inside in re.findall(r'(?s)<select[^>]*?name="([^"]+)".*?>(.*?)</select>', form[0]):
        chosen = re.search(r'value="([^"]*)" selected', inside) or re.search(r'value="([^"]*)"', inside)
        assert chosen
        found[unescape(name)] = unescape(chosen[1])
    for name, text in re.findall(r'(?s)<textarea[^>]*?name="([^"]+)"[^>]*>\n?(.*?)</textarea>', form[0]):
        found[unescape(name)] = unescape(text)
    found.pop("csrf_token")
    return found


async def filled(browser: Browser, path: str, do: str = "stay", **typed: Any) -> Any:
    """The page with this typed, saved by a button."""
    sent = fields((await browser.get(path)).text)
    unknown = set(typed) - set(sent)
    assert not unknown, (path, unknown, sorted(sent))
    answer = await browser.send_form(path, **{**sent, **typed, "do": do})
    assert answer.status_code == 200, words(answer)
    return answer


async def document(draft: str) -> dict[str, Any]:
    """The draft as it is stored."""
    found = await database.value("SELECT document FROM form_draft WHERE id = $1", int(draft.rpartition("/")[2]))
    return json.loads(found)  # type: ignore[no-any-return]


async def asked(key: str = "neuer-aufruf") -> str | None:
    """The fingerprint of the form that a call asks."""
    return await database.value(  # type: ignore[no-any-return]
        "SELECT f.sha256 FROM call c JOIN form f ON f.id = c.form WHERE c.key = $1", key
    )


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("key", kept_forms.keys())
async def test_every_shipped_form_opened_part_by_part_and_saved_unchanged_is_the_same_to_the_last_letter(
    votum: Votum, language: str, key: str
) -> None:
    browser = await cleo(votum, language)
    form = kept_forms.shipped(key)
    draft = await begun(browser, f"shipped {key}")
    pages = [f"{draft}/parts/{part}" for part in PARTS]
    pages += [f"{draft}/sections/{number + 1}" for number in range(len(form.sections))]
    pages += [f"{draft}/questions/{number + 1}" for number in range(len(form.questions))]
    for path in pages:
        await filled(browser, path)
    assert await document(draft) == form.document
    assert await database.value("SELECT version FROM form_draft") == 1
    used = await browser.send_form(f"{draft}/use")
    assert used.url.path == "/calls/neuer-aufruf/office", words(used)
    assert await asked() == forms.fingerprint(form)
    kept = await database.value("SELECT document FROM form WHERE sha256 = $1", await asked())
    assert kept == forms.canonical(form)


async def test_cleo_takes_a_shipped_form_and_changes_two_things(votum: Votum) -> None:
    browser = await cleo(votum, "de")
    draft = await begun(browser, "shipped auental-2017")
    places = "sections[1].questions[0]"
    page = await filled(browser, f"{draft}/questions/6", **{f"{places}.max": "60", f"{places}.help.de": "Am Stichtag."})
    assert "Am Stichtag." in words(page).partition("So sieht es die Organisation")[2]  # beside the fields
    await filled(browser, f"{draft}/questions/2", **{"sections[0].questions[1].max": "6.000"})
    assert "Das Formular passt zusammen." in words(await browser.get(draft))
    assert (await browser.send_form(f"{draft}/use")).url.path == "/calls/neuer-aufruf/office"
    wanted = json.loads(forms.canonical(kept_forms.shipped("auental-2017")))
    wanted["sections"][1]["questions"][0] |= {"max": 60, "help": {"de": "Am Stichtag."}}
    wanted["sections"][0]["questions"][1]["max"] = 6000
    assert await document(draft) == wanted
    assert await asked() == forms.fingerprint(forms.of_document(wanted))


OF_TYPES: dict[str, dict[str, Any]] = {
    "text": {"max": "80"},
    "long_text": {"max": "6,000"},
    "integer": {"min": "1", "max": "40", "unit.de": "Plätze"},
    "decimal": {"min": "0.5", "decimals": "1"},
    "money": {"max": "250000"},
    "percent": {"max": "100"},
    "date": {"not_before": "2018-03-15", "not_after": "call.deadline"},
    "choice": {"new OPTIONS": "Nord | North\nSüd", "other": ["", "1"]},
    "choices": {"new OPTIONS": "Eins\nZwei\nDrei", "min": "1", "max": "2"},
    "yes_no": {},
    "period": {"max_months": "call.months_max", "not_before": "call.earliest_start"},
    "declaration": {"text.de": "Alles ist richtig."},
    "note": {"text.de": "Bitte *alles* lesen."},
    "table": {"new COLUMNS": "Gerät | Tool", "max_rows": "9"},
    "sites": {"min_rows": "2", "new TYPES": "Werkstatt"},
    "partners": {"confirm": ["", "1"], "new ROLES": "Träger"},
    "staffing": {"new FUNCTIONS": "Anleitung"},
    "targets": {"new KINDS": "Wirkung"},
    "work_packages": {"max_rows": "5"},
    "milestones": {"max_rows": "6"},
    "finance_plan": {"new COSTS": "Personal\nMaterial", "new SOURCES": "Zuschuss\nEigenmittel", "by_year": ["", "1"]},
    "file": {"max_mb": "5", "accept": ["", "pdf"]},
}


async def test_from_nothing_a_question_of_each_type_is_made_and_the_form_fits_together(votum: Votum) -> None:
    assert set(OF_TYPES) == set(reading.TYPES)
    browser = await cleo(votum)
    draft = await begun(browser)
    await filled(browser, f"{draft}/parts/title", **{"title.de": "Unser Bogen"})
    await filled(browser, draft, **{"new sections[0].questions": "\n".join(f"Frage {one}" for one in OF_TYPES)})
    for number, (kind, own) in enumerate(OF_TYPES.items(), 2):
        here, page = f"sections[0].questions[{number - 1}]", f"{draft}/questions/{number}"
        await filled(browser, page, "update", **{f"{here}.type": kind})
        lists = {key: text for key, text in own.items() if key.startswith("new")}
        for key, text in lists.items():
            await filled(browser, page, **{f"new {here}.{key.removeprefix('new ').lower()}": text})
        await filled(browser, page, **{f"{here}.{key}": text for key, text in own.items() if key not in lists})
    made = (await document(draft))["sections"][0]["questions"]
    assert [one["type"] for one in made[1:]] == list(OF_TYPES)
    assert made[8] == {
        "key": "frage_choice",
        "label": {"de": "Frage choice"},
        "type": "choice",
        "other": True,
        "options": [
            {"key": "nord", "label": {"de": "Nord", "en": "North"}},
            {"key": "sued", "label": {"de": "Süd"}},
        ],
    }
    page = await browser.get(draft)
    assert "The form fits together." in words(page), words(page)
    used = await browser.send_form(f"{draft}/use")
    assert used.url.path == "/calls/neuer-aufruf/office"
    assert (await document(draft))["key"] == "unser-bogen"


async def test_what_cannot_be_read_is_kept_and_named_at_its_field(votum: Votum) -> None:
    browser = await cleo(votum)
    draft = await begun(browser, "shipped auental-2017")
    page = await filled(browser, f"{draft}/questions/6", **{"sections[1].questions[0].max": "about sixty"})
    assert "expected a number, found" in words(page)
    assert 'value="about sixty"' in page.text
    assert 'aria-invalid="true"' in page.text
    before = await asked()
    refused = await browser.send_form(f"{draft}/use")
    assert refused.status_code == 422
    assert await asked() == before


async def test_questions_are_moved_copied_and_removed_by_buttons_also_across_sections(votum: Votum) -> None:
    browser = await cleo(votum)
    draft = await begun(browser, "shipped auental-2017")
    keys = [one.key for one in kept_forms.shipped("auental-2017").questions]
    await filled(browser, draft, "down sections[0].questions[4]")
    sections = (await document(draft))["sections"]
    assert sections[1]["questions"][0]["key"] == keys[4]
    await filled(browser, draft, "up sections[1].questions[0]")
    assert await document(draft) == kept_forms.shipped("auental-2017").document
    await filled(browser, draft, "copy sections[0].questions[0]")
    copied = (await document(draft))["sections"][0]["questions"][1]
    assert (copied["key"], copied["label"]["de"], "role" in copied) == ("title_2", "Titel (copy)", False)
    await filled(browser, draft, "remove sections[0].questions[1]")
    assert await document(draft) == kept_forms.shipped("auental-2017").document
    for nonsense in ("up sections[77]", "add nothing", "remove title", "down sections[-1]", "add", "ready limits 999"):
        await filled(browser, draft, nonsense)
    assert await document(draft) == kept_forms.shipped("auental-2017").document


async def test_a_condition_is_chosen_from_the_questions_before_and_follows_a_new_short_name(votum: Votum) -> None:
    browser = await cleo(votum)
    draft = await begun(browser)
    await filled(browser, draft, **{"new sections[0].questions": "Los\nNur für Los B"})
    los, b = "sections[0].questions[1]", "sections[0].questions[2]"
    await filled(browser, f"{draft}/questions/2", **{f"{los}.type": "choice", f"{los}.role": "lot"})
    await filled(browser, f"{draft}/questions/2", **{f"new {los}.options": "A\nB"})
    await filled(browser, f"{draft}/questions/3", **{f"{b}.when.question": "los"})
    await filled(browser, f"{draft}/questions/3", **{f"{b}.when.is": "b"})
    await filled(browser, f"{draft}/questions/2", **{f"{los}.key": "lot", f"{los}.options[1].key": "LB"})
    assert (await document(draft))["sections"][0]["questions"][2]["when"] == {"question": "lot", "is": "LB"}
    await filled(browser, f"{draft}/questions/3", **{f"{b}.when.question": ""})
    assert "when" not in (await document(draft))["sections"][0]["questions"][2]


async def test_blocks_and_rules_are_ready_to_be_taken(votum: Votum) -> None:
    browser = await cleo(votum)
    draft = await begun(browser)
    assert (await browser.send_form(f"{draft}/blocks")).status_code == 422
    await browser.send_form(f"{draft}/blocks", take=["period", "places", "plan"])
    await browser.send_form(f"{draft}/blocks", to="1", take=["title", "de_minimis_which"])
    sections = (await document(draft))["sections"]
    assert [[one["key"] for one in section["questions"]] for section in sections] == [
        ["title", "title_2", "de_minimis_which"], ["period", "places"], ["plan"],
    ]  # fmt: skip
    assert "role" not in sections[0]["questions"][1]
    assert "when" not in sections[0]["questions"][2]
    page = await browser.get(f"{draft}/parts/numbers")
    assert "Grant per place and month = requested grant ÷ places ÷ months" in words(page)
    await filled(browser, f"{draft}/parts/numbers", "ready facts grant_per_place_month")
    await filled(browser, f"{draft}/parts/numbers", "add limits")
    rule = {"limits[0].fact": "grant_per_place_month", "limits[0].at_most": "250"}
    page = await filled(browser, f"{draft}/parts/numbers", **rule)
    assert "Rule 1: Grant per place and month: at most 250" in words(page)
    assert (await document(draft))["limits"] == [{"fact": "grant_per_place_month", "at_most": 250}]


async def test_every_ready_block_proves_itself_in_both_languages(votum: Votum) -> None:
    for one in [*standard.blocks().sections, *standard.blocks().questions]:
        assert {*(one.titles if hasattr(one, "titles") else one.labels)} == {"de", "en"}, one.key


async def test_two_who_write_at_once_lose_nothing(votum: Votum) -> None:
    browser = await cleo(votum)
    draft = await begun(browser, "shipped auental-2017")
    other = await dora(votum)
    first = fields((await browser.get(f"{draft}/questions/1")).text)
    second = fields((await other.get(f"{draft}/questions/1")).text)
    third = fields((await other.get(f"{draft}/questions/2")).text)
    title = "sections[0].questions[0].label.de"
    await browser.send_form(f"{draft}/questions/1", **{**first, title: "Name des Projekts"})
    answer = await other.send_form(f"{draft}/questions/1", **{**second, title: "Überschrift"})
    assert answer.status_code == 409
    assert "What you wrote Überschrift What is saved now Name des Projekts" in words(answer)
    await filled(browser, draft, "down sections[0].questions[1]")  # meanwhile the second question moves
    moved = await other.send_form(f"{draft}/questions/2", **{**third, "sections[0].questions[1].max": "99"})
    assert moved.status_code == 200
    questions = (await document(draft))["sections"][0]["questions"]
    assert questions[0]["label"]["de"] == "Name des Projekts"
    assert (questions[2]["key"], questions[2]["max"]) == ("summary", 99)
    gone = fields((await other.get(f"{draft}/questions/3")).text)
    await filled(browser, draft, "remove sections[0].questions[2]")
    answer = await other.send_form(f"{draft}/questions/3", **{**gone, "sections[0].questions[2].help.de": "Mein Satz."})
    assert answer.status_code == 409
    assert "Mein Satz." in words(answer)


async def test_a_file_is_compared_before_it_is_taken(votum: Votum) -> None:
    browser = await cleo(votum)
    draft = await begun(browser, "shipped auental-2017")
    text = (await browser.get(f"{draft}/file")).text
    assert forms.of_text(text).document == kept_forms.shipped("auental-2017").document
    sent = {"file": ("bogen.yaml", text.replace("max: 150", "max: 90").encode())}
    url = f"{draft}/import"
    page = await browser.post(url, data={"csrf_token": browser.token}, files=sent, follow_redirects=True)
    assert "The file would change 1 thing" in words(page), words(page)
    assert "The question “Title” is changed." in words(page)
    assert await document(draft) == kept_forms.shipped("auental-2017").document
    stale = await browser.send_form(f"{draft}/import/taking", version="7", do="take")
    assert stale.status_code == 409
    await browser.send_form(f"{draft}/import/taking", version="1", do="take")
    assert (await document(draft))["sections"][0]["questions"][0]["max"] == 90
    for nonsense in (b"schema: form/1\nnonsense: 3", b"[1, 2", b"- a", b"schema: form/1\nsections: 3"):
        sent = {"file": ("x.yaml", nonsense)}
        page = await browser.post(url, data={"csrf_token": browser.token}, files=sent, follow_redirects=True)
        assert page.status_code == 422


async def test_the_draft_of_another_authority_does_not_exist(votum: Votum) -> None:
    browser = await cleo(votum)
    draft = await begun(browser)
    dan = await votum.signed_in("dan@example.org")
    pages = ("", "/questions/1", "/sections/1", "/parts/title", "/blocks", "/preview", "/file", "/import")
    for path in pages:
        assert (await dan.get(f"{draft}{path}")).status_code == 404
    for path in (*pages[:5], "/questions/1/preview", "/import", "/import/taking", "/use", "/removal"):
        assert (await dan.send_form(f"{draft}{path}")).status_code == 404
    assert (await dan.get("/forms")).status_code == 404
    for missing in ("/questions/9", "/questions/0", "/sections/2", "/parts/nothing"):
        assert (await browser.get(f"{draft}{missing}")).status_code == 404


async def test_a_public_call_keeps_its_questions(votum: Votum) -> None:
    browser = await cleo(votum)
    draft = await begun(browser, "shipped auental-2017")
    async with database.write_transaction():
        call = await database.value("SELECT id FROM call WHERE key = 'neuer-aufruf'")
        await database.rows("INSERT INTO call_publication (call, at) VALUES ($1, $2)", call, clock.now())
    assert "The questions cannot be changed, since the call is published." in words(await browser.get(draft))
    before = await asked()
    assert (await browser.send_form(f"{draft}/use")).status_code == 403
    assert await asked() == before


async def test_the_preview_follows_what_is_typed_without_being_saved(votum: Votum) -> None:
    browser = await cleo(votum)
    draft = await begun(browser, "shipped auental-2017")
    sent = fields((await browser.get(f"{draft}/questions/1")).text)
    typed = {**sent, "sections[0].questions[0].label.en": "How do you call it?"}
    answer = await browser.send_htmx(f"{draft}/questions/1/preview", **typed)
    assert "How do you call it?" in words(answer)
    assert await document(draft) == kept_forms.shipped("auental-2017").document


STATED = {"": 2, "/parts/title": 2, "/parts/numbers": 2, "/sections/1": 2, "/questions/1": 2, "/blocks": 2}


async def test_the_pages_cost_the_same_for_any_number_of_questions(votum: Votum) -> None:
    browser = await cleo(votum)
    for source in ("", "shipped stabilisierung-teilhabe"):  # 1 and 39 questions
        draft = await begun(browser, source)
        found = {}
        for path in STATED:
            with votum.counted() as seen:
                assert (await browser.get(draft + path)).status_code == 200
            found[path] = len(seen)
        assert found == STATED  # the session, the draft
        sent = fields((await browser.get(f"{draft}/questions/1")).text)
        with votum.counted() as seen:
            typed = {**sent, "sections[0].questions[0].label.de": "Anders", "csrf_token": browser.token}
            await browser.post(f"{draft}/questions/1", data=typed)
        assert len(seen) == 6, seen  # session, draft, its lock, the draft as it is, the update, the trail
