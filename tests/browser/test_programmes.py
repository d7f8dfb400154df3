"""Three programmes made by hand in a browser, from nothing to their public page: an office network, two that are
easily taken for each other, and a roll-out with targets."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page

from tests.browser.conftest import Site, context_of, in_english

ROWS = "fieldset.votum-row"


@pytest.fixture
async def clerk(browser: Browser, site: Site) -> AsyncIterator[Page]:
    """The administrator's browser, in English."""
    context = await context_of(browser, site, "administrator", locale="en-GB")
    page = await context.new_page()
    await page.goto("/desk")
    await in_english(page)
    yield page
    await context.close()


async def begin(page: Page, title: str) -> str:
    await page.goto("/desk")
    await page.get_by_role("link", name="Our programmes").click()
    await page.get_by_role("link", name="New programme").click()
    await page.get_by_label("Title (German)").fill(title)
    await page.get_by_role("button", name="Begin").click()
    return re.sub(r".*(/programmes/[^/]+)/edit$", r"\1", page.url)


async def write(page: Page, base: str, section: str, *rows: dict[str, str], **fields: str) -> None:
    """Open a part, press "add" until there are rows enough, fill in what is asked, save."""
    await page.goto(f"{base}/edit/{section}")
    while rows and await page.locator(ROWS).count() < len(rows):
        known = await page.locator(ROWS).count()
        await page.locator("#add").click()
        await page.locator(f"#row-{known}").wait_for()
    for name, text in {
        **fields,
        **{f"{key}-{n}": text for n, row in enumerate(rows) for key, text in row.items()},
    }.items():
        field = page.locator(f"#{name}")
        is_choice = await field.evaluate("field => field.tagName === 'SELECT'")
        await (field.select_option(text) if is_choice else field.fill(text))
    await page.get_by_role("button", name="Save", exact=True).last.click()
    await page.locator(".votum-flashes", has_text="is saved.").wait_for()


async def publish(page: Page, base: str) -> None:
    await page.goto(f"{base}/edit")
    await page.get_by_role("button", name="Publish").click()


async def told(page: Page, path: str) -> str:
    await page.goto(path)
    return " ".join((await page.locator("main").inner_text()).split())


async def test_a_network_of_offices_is_refused_mended_and_found_by_its_region(clerk: Page) -> None:
    base = await begin(clerk, "Büro-Netz West")
    await write(clerk, base, "name", purpose_de="Hier steht [Beschreibung].")
    await write(clerk, base, "dates", as_of="2026-11-20")
    await write(clerk, base, "sites", *({"name": name, "type": "virtual_office"} for name in ("Nord", "Mitte", "Süd")))
    await write(clerk, base, "steps", *({"text": text} for text in ("finden", "lösen", "beginnen")))
    roles = (("initiators", "Amt"), ("initiators", "Verband"), ("coordinator", "Verband"), ("funder", "Kasse"))
    await write(clerk, base, "roles", *({"role": role, "organisation": name} for role, name in roles))
    await write(clerk, base, "funding", {"source": "Ausgleichsabgabe"})
    await publish(clerk, base)
    await clerk.get_by_role("link", name="Name and purpose, Summary (German): A placeholder was left").click()
    assert clerk.url.endswith(f"{base}/edit/name#purpose_de")
    await write(clerk, base, "name", purpose_de="Büros, die Arbeit vermitteln.")
    await publish(clerk, base)
    page = await told(clerk, base)
    for part in (
        "Virtual office Nord Virtual office Mitte Virtual office Süd",
        "1 finden 2 lösen 3 beginnen",
        "Initiated by Amt Verband Coordination Verband Funding body Kasse",
        "Funding from Ausgleichsabgabe As of 20 November 2026",
    ):
        assert part in page
    assert "€" not in page
    await clerk.goto("/programmes")
    await clerk.get_by_label("Region or place").select_option("Süd")
    await clerk.get_by_role("button", name="Show").click()
    assert await clerk.get_by_role("link", name="Büro-Netz West").count() == 1
    assert await clerk.locator("main article").count() == 1


async def test_two_programmes_tell_that_they_are_not_each_other(clerk: Page) -> None:
    inside, outside = await begin(clerk, "Coach innen"), await begin(clerk, "Coach außen")
    for base, start in ((inside, "2022-10-01"), (outside, "2022-05-01")):
        await write(clerk, base, "name", purpose_de="Begleitet Menschen in Arbeit.")
        await write(clerk, base, "dates", as_of="2026-11-20", start=start)
    other = {"difference": "für Menschen außerhalb von Werkstätten", "own": "für Beschäftigte in Werkstätten"}
    await write(clerk, inside, "relations", {"key": outside.rpartition("/")[2], **other})
    post = {"function": "job coach", "functions": "job coaches", "before": "0,5", "after": "1"}
    await write(clerk, inside, "staffing", {**post, "site": "Auenburg"}, {**post, "site": "Kalkrode"})
    for base in (inside, outside):
        await publish(clerk, base)
    page = await told(clerk, inside)
    assert "The other programme (since 1 May 2022): für Menschen außerhalb von Werkstätten" in page
    assert "two full-time job coaches (before: half-time each)" in page
    await clerk.get_by_role("link", name="To that programme").click()
    page = await told(clerk, outside)
    assert "The other programme (since 1 October 2022): für Beschäftigte in Werkstätten" in page
    facts = await (await clerk.request.get(f"{inside}/facts.json")).json()
    assert facts["fte"] == {"before": "1.0", "after": "2.0"}


async def test_a_roll_out_is_counted_and_targets_say_how_far_they_are(clerk: Page) -> None:
    base = await begin(clerk, "Ausrollung und Ziele")
    await write(clerk, base, "name", purpose_de="Geht an alle Regionen.")
    await write(clerk, base, "dates", as_of="2026-11-20")
    pilots = [{"name": f"Kreis {letter}", "status": "pilot"} for letter in "ABCDEF"]
    await write(clerk, base, "rollout", *pilots, rollout_goal="alle Regionen")
    await write(clerk, base, "rollout", *pilots, *({"name": f"Stadt {n}", "status": "started"} for n in "123"))
    target = {"kind": "relative_change", "due": "2030-12-31", "baseline_on": "2023-12-31"}
    wanted = [{**target, "label": f"Ziel {n}", "wanted": change} for n, change in enumerate(("-10", "-10", "10"), 1)]
    await write(clerk, base, "targets", *wanted)
    await write(clerk, base, "actuals", {"target": "t1", "day": "2026-06-30", "value": "38800"})
    await publish(clerk, base)
    page = await told(clerk, base)
    assert "6 Pilot regions" in page
    assert "3 Started" in page
    assert "0 Planned" in page
    assert "38,800 (reported for 30 June 2026): baseline missing" in page
    wanted[0]["baseline"] = "40000"
    wanted[2] |= {"kind": "level"}
    await write(clerk, base, "targets", *wanted)
    await publish(clerk, base)
    page = await told(clerk, base)
    assert "38,800 (reported for 30 June 2026): −3.0 percent, 30 percent of the way" in page
    assert "a level of 10 percent by 31 December 2030" in page
