"""The rating sheet by keyboard alone, saved by htmx; and both lines of work with JavaScript switched off."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Site, context_of, in_english
from tests.browser.places import OPEN
from tests.open_call import TYPED

FOCUS = """() => {
    const at = document.activeElement, box = at.getBoundingClientRect(), style = getComputedStyle(at);
    const inside = at.closest('label, .kern-btn, .kern-form-check');  // these draw the ring around the whole choice
    const ring = inside !== null || style.outlineStyle !== 'none' || style.boxShadow !== 'none';
    return [at.id || at.name || at.textContent.trim(), ring && box.bottom > 0 && box.top < innerHeight];
}"""
REASONS = [f"comment-k{number}" for number in range(1, 6)]
MOST_STOPS = 150


async def opened(browser: Browser, site: Site, part: str, path: str, **options: Any) -> Page:
    """A page in English, opened by one part."""
    page = await (await context_of(browser, site, part, **options)).new_page()
    await page.goto(path)
    await in_english(page)
    await page.goto(path)
    return page


async def walk(page: Page, until: str) -> list[tuple[str, bool]]:
    """Press Tab until the focus is on something of this name: what it stopped at, and whether that could be seen."""
    stops: list[tuple[str, bool]] = []
    while not stops or stops[-1][0] != until:
        assert len(stops) < MOST_STOPS, stops
        await page.keyboard.press("Tab")
        name, visible = await page.evaluate(FOCUS)
        stops.append((name, visible))
    return stops


async def test_a_sheet_is_filled_in_by_keyboard_alone(browser: Browser, site: Site) -> None:
    page = await opened(browser, site, "member", site.prepared.open_sheet, reduced_motion="reduce")
    await page.keyboard.press("Tab")
    assert (await page.evaluate(FOCUS))[0] == "Skip to content"
    await page.keyboard.press("Enter")
    stops = await walk(page, "mark-k1")
    first = page.locator("#score-k1")
    await page.keyboard.press("Space")
    await expect(first.locator(".votum-saved")).to_contain_text("Saved")
    assert await page.evaluate("document.activeElement.closest('#score-k1') !== null"), "the focus was lost"
    await page.keyboard.press("ArrowRight")
    await expect(first.locator("input[name=version]")).to_have_value("2")
    given = await first.locator("input[type=radio]:checked").get_attribute("value")
    stops += await walk(page, "comment-k1")
    await page.keyboard.type("Seen on site.")
    stops += await walk(page, "Hand in the sheet")
    assert [name for name, _visible in stops if name.startswith("comment-")] == [
        f"comment-k{n}" for n in (1, 2, 3, 4, 5)
    ]
    assert [name for name, visible in stops if not visible] == []
    await expect(first.locator("input[name=version]")).to_have_value("3")
    await page.reload()
    assert await first.locator("input[type=radio]:checked").get_attribute("value") == given
    assert await first.locator("textarea").input_value() == "Seen on site."
    await page.context.close()


async def test_what_cannot_be_saved_says_so(browser: Browser, site: Site) -> None:
    page = await opened(browser, site, "member", site.prepared.open_sheet)
    criterion = page.locator("#score-k2")
    await page.context.set_offline(True)
    await criterion.locator("input[type=radio]").first.check(force=True)
    await expect(criterion.locator(".votum-saved")).to_contain_text("Not saved")
    await page.context.set_offline(False)
    await criterion.locator("input[type=radio]").nth(1).check(force=True)
    await expect(criterion.locator(".votum-saved")).to_contain_text("Saved")
    await page.context.close()


async def test_a_member_rates_without_javascript(browser: Browser, site: Site) -> None:
    page = await opened(browser, site, "stranger", "/sign-in", java_script_enabled=False)
    await page.get_by_role("button", name=f"Sign in {site.prepared.member}", exact=True).click()
    await in_english(page)
    await page.goto(site.prepared.blank_sheet)
    criterion = page.locator("#score-k1")
    await criterion.locator("input[type=radio]").nth(2).check(force=True)
    await page.goto(site.prepared.blank_sheet)  # as it is said there, nothing was saved by itself
    assert await criterion.locator("input[type=radio]:checked").count() == 0
    await criterion.locator("input[type=radio]").nth(2).check(force=True)
    await criterion.get_by_role("button", name="Save").click()
    assert page.url.endswith("#score-k1")
    await expect(criterion.locator(".votum-saved")).to_contain_text("Saved")
    assert await criterion.locator("input[type=radio]").nth(2).is_checked()
    await page.get_by_role("button", name="Hand in the sheet").click()
    await expect(page.locator("#error-summary")).to_be_visible()
    await page.context.close()


@pytest.mark.parametrize("scripts", [True, False])
async def test_the_sheet_says_how_a_mark_is_saved(browser: Browser, site: Site, scripts: bool) -> None:
    page = await opened(browser, site, "member", site.prepared.open_sheet, java_script_enabled=scripts)
    await expect(page.get_by_text("Every entry is saved at once.")).to_be_visible(visible=scripts)
    hint = page.get_by_text("Press “Save” at every criterion before you hand in")
    await expect(hint).to_be_visible(visible=not scripts)
    await page.goto(site.prepared.handed_in)  # there is nothing left to save
    await expect(page.locator("#sheet-title")).to_be_visible()
    await expect(hint).to_be_visible(visible=False)
    await page.context.close()


async def test_an_organisation_hands_in_without_javascript(browser: Browser, site: Site) -> None:
    page = await opened(browser, site, "stranger", "/sign-in", java_script_enabled=False)
    await page.get_by_label("E-mail address").fill("o13@example.org")
    await page.get_by_label("Password").fill("votum-demo")
    await page.locator("main form button[type=submit]").first.click()
    await page.goto(f"{OPEN}/proposals/new")
    await in_english(page)
    await page.get_by_label("Title of your idea").fill(TYPED["title"])
    await page.get_by_role("button", name="Start the draft").click()
    starts_on = datetime.strptime(await earliest(page), "%d %B %Y").date()
    ends_on = starts_on.replace(year=starts_on.year + 3) - timedelta(days=1)
    for name, value in {**TYPED, "starts_on": starts_on.isoformat(), "ends_on": ends_on.isoformat()}.items():
        if name not in ("partner-1-role", "target-1-unit"):  # lists with a choice made already
            await page.locator(f"[name={name}]").fill(value)
    await page.locator("button[name=then][value=check]").click()
    await page.get_by_role("button", name="Hand in now").click()
    assert page.url.endswith("/receipt"), await page.locator("main").inner_text()
    assert re.search(r"V-\d{4}-\d{6}", await page.locator("main").inner_text())
    await page.context.close()


async def earliest(page: Page) -> str:
    """The day before which the call lets nothing begin, from the hint at the field."""
    found = re.search(r"before (\d+ \w+ \d{4})", await page.locator("#starts_on-hint").inner_text())
    assert found
    return found[1]
