"""Cleo writes what a call asks in the browser: from a shipped form, from nothing, beside Dora."""

import json
import re
from html import unescape
from typing import Any

import pytest

from app import clock, database, forms
from app.domain import forms as kept_forms
from tests.rating_call import rating_call
from tests.world import Browser, Votum, words

PLAIN = {"title_de": "Neuer Aufruf", "committee": "Jury", "fill_rule": "stop"}
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
    browser = await cleo(votum)
    draft = await begun(browser, "shipped auental-2017")
    places = "sections[1].questions[0]"
    await filled(browser, f"{draft}/questions/6", **{f"{places}.max": "60", f"{places}.help.de": "Am Stichtag."})
    await filled(browser, f"{draft}/questions/2", **{"sections[0].questions[1].max": "6.000"})
    assert "The form fits together." in words(await browser.get(draft))
    await browser.send_form(f"{draft}/use")
    form = kept_forms.shipped("auental-2017")
    wanted = json.loads(json.dumps(form.document))
    wanted["sections"][1]["questions"][0] |= {"max": 60, "help": {"de": "Am Stichtag."}}
    wanted["sections"][0]["questions"][1]["max"] = 6.0
    assert await document(draft) != form.document
