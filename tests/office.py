"""The office at its work, as a browser without JavaScript does it: begin a call, write its steps, hand it over."""

import re
from html import unescape
from typing import Any

import httpx

from app import database
from app.domain.call_making import STEPS
from tests.world import Browser, Votum

BEGUN = ("authority", "title_de", "procedure_kind", "committee_name")
INPUT = re.compile(r"<input\b[^>]*>")
TEXTAREA = re.compile(r'(?s)<textarea[^>]*?name="(\w+)"[^>]*>\n?(.*?)</textarea>')


async def begun(browser: Browser, **fields: Any) -> httpx.Response:
    """A new call with its first page and every step in which something is to be written; the last answer."""
    first = {"procedure_kind": "competition", **{name: fields[name] for name in BEGUN if name in fields}}
    answer = await browser.send_form("/calls/new", **first)
    key = answer.url.path.split("/")[2]
    return await written(browser, key, **fields) or answer


async def written(browser: Browser, key: str, **fields: Any) -> httpx.Response | None:
    """Each step of a call in which something is to be written, sent with what it held; the last answer."""
    answer = None
    for step, names in STEPS.items():
        if given := {name: fields[name] for name in names if name in fields}:
            path = f"/calls/{key}/edit/{step}"
            answer = await browser.send_form(path, **{**await kept_form(browser, path), **given})
            if answer.status_code != 200:
                return answer
    return answer


async def kept_form(browser: Browser, path: str) -> dict[str, str]:
    """The fields of a form as the page shows them."""
    page = (await browser.get(path)).text
    fields = {name: unescape(text) for name, text in TEXTAREA.findall(page)}
    for tag in INPUT.findall(page):
        found = dict(re.findall(r'(name|type|value)="([^"]*)"', tag))
        if found.get("type") in ("radio", "checkbox") and " checked" not in tag:
            continue
        if "name" in found:
            fields[found["name"]] = unescape(found.get("value", ""))
    return {name: value for name, value in fields.items() if name not in ("csrf_token", "next")}


async def colleague(votum: Votum, of: str = "cleo@example.org", email: str = "dora@example.org") -> Browser:
    """Dora, who administers the same authorities."""
    person, first = await votum.person(email), await votum.person(of)
    async with database.write_transaction():
        await database.rows(
            "INSERT INTO administration (person, authority, since)"
            " SELECT $1, authority, now() FROM administration WHERE person = $2 ON CONFLICT DO NOTHING",
            person,
            first,
        )
    return await votum.signed_in(email)


async def version(key: str) -> str:
    """The version of the text that is worked on."""
    return str(
        await database.value(
            "SELECT coalesce(x.version, c.version) FROM call c LEFT JOIN call_change x ON x.call = c.id"
            " WHERE c.key = $1",
            key,
        )
    )


async def handed_over(browser: Browser, key: str, why: str = "") -> httpx.Response:
    """What was written is given to the others."""
    return await browser.send_form(f"/calls/{key}/handover", version=await version(key), why=why)


async def released(browser: Browser, key: str) -> httpx.Response:
    """What was handed over becomes public."""
    return await browser.send_form(f"/calls/{key}/publication", version=await version(key))


async def published(votum: Votum, cleo: Browser, key: str, why: str = "") -> httpx.Response:
    """Cleo hands over, Dora releases; the first refusal, or the last answer."""
    answer = await handed_over(cleo, key, why)
    return answer if answer.status_code != 200 else await released(await colleague(votum), key)
