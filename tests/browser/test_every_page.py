"""Every page of every part in a real browser: no barriers, no errors, nothing from elsewhere, no sideways scroll."""

import re
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from litestar.routes import HTTPRoute
from playwright.async_api import Browser, Page

from app.main import create_app
from tests.browser.conftest import PARTS, Site, context_of
from tests.browser.places import places

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
DESKTOP, TABLET, PHONE, SMALLEST = ({"width": width, "height": 800} for width in (1280, 768, 360, 320))
FILES = {
    *("/health/live", "/health/ready", "/calls/{}/exports/{}"),
    *("/proposals/{}/receipt.json", "/proposals/{}/receipt.pdf"),
    *("/calls/{}/form.pdf", "/calls/{}/calendar.ics", "/calls.atom", "/arms/{}", "/schemes/{}/file", "/forms/{}/file"),
    *("/schemas/form-1.json", "/schemas/rating-scheme-1.json", "/schemas/competition-1.json"),
    *("/programmes/{}/facts.json", "/programmes/{}/facts.csv", "/programmes/{}/images/{}"),
}


class Seen:
    """What a page did besides being shown: errors it logged, and addresses elsewhere that it asked for."""

    def __init__(self, page: Page, site: Site) -> None:
        self.faults: list[str] = []
        self.address = site.address
        page.on("console", lambda said: self.note(page, said))
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        page.on("request", lambda request: self.asked(request.url))

    def note(self, page: Page, said: Any) -> None:
        missing = said.location.get("url") == page.url and "404" in said.text  # a page that is to be missing
        if said.type in ("error", "warning") and not missing:
            self.faults.append(f"{page.url}: {said.text}")

    def asked(self, url: str) -> None:
        if not url.startswith((self.address, "data:", "blob:")):
            self.faults.append(f"asked for {url}")


@pytest.mark.parametrize("part", ["stranger", *PARTS])
async def test_no_page_has_barriers_or_faults_in_either_look(browser: Browser, site: Site, part: str) -> None:
    context = await context_of(browser, site, part, reduced_motion="reduce", locale="de-DE")
    page = await context.new_page()
    seen = Seen(page, site)
    found = []
    for place in places(site.prepared)[part]:
        await look(page, "light", DESKTOP)
        answer = await page.goto(place)
        assert answer
        assert (answer.status, place) == (404 if place == "/no-such-page" else 200, place)
        found += [f"{place}, light: {fault}" for fault in await barriers(page)]
        await look(page, "dark", PHONE)
        found += [f"{place}, dark phone: {fault}" for fault in await barriers(page)]
        for size in (TABLET, SMALLEST):
            await look(page, "dark", size)
            found += [f"{place}: {fault}" for fault in await sideways(page)]
    await context.close()
    assert found + seen.faults == []


async def look(page: Page, scheme: Any, size: Any) -> None:
    await page.emulate_media(color_scheme=scheme)
    await page.set_viewport_size(size)


async def barriers(page: Page) -> list[str]:
    """What axe finds, a line for each element it is about."""
    result = await Axe().run(page, options=OPTIONS)
    return [
        f"{rule['id']} ({rule['impact']}) {node['html'][:160]} {node['failureSummary'][:200]}"
        for rule in result.response["violations"]
        for node in rule["nodes"]
    ]


async def sideways(page: Page) -> list[str]:
    """How far the page reaches over its right edge."""
    width, room = await page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    return [f"{width} px wide on {room} px"] if width > room else []


async def test_no_page_is_left_out(site: Site) -> None:
    opened = {place.partition("?")[0] for part in places(site.prepared).values() for place in part}
    left = set()
    for route in create_app().routes:
        if isinstance(route, HTTPRoute) and "GET" in route.methods:
            plain = re.sub(r"\{[^}]+\}", "{}", route.path)
            pattern = re.sub(r"\\\{[^}]+\}", "[^/]+", re.escape(route.path))
            if plain not in FILES and not any(re.fullmatch(pattern, place) for place in opened):
                left.add(route.path)
    assert left == set()


async def test_the_measures_find_what_they_are_to_find(browser: Browser, site: Site) -> None:
    context = await context_of(browser, site, "stranger", viewport=SMALLEST)
    page = await context.new_page()
    seen = Seen(page, site)
    await page.goto("/imprint")
    await page.evaluate(
        "document.body.insertAdjacentHTML('beforeend',"
        " '<img src=https://elsewhere.example/a.png><p hidden>x</p><pre>' + 'wide'.repeat(200) + '</pre>')"
    )
    assert "image-alt" in "".join(await barriers(page))
    assert len(await sideways(page)) == 1
    assert any("elsewhere.example" in fault for fault in seen.faults)
    await context.close()
