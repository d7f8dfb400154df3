"""The sheet that saves itself, where people are faster than the network or have it open twice."""

import asyncio
import re

from playwright.async_api import Browser, BrowserContext, Locator, Page, Route, expect

from tests.browser.conftest import Site, context_of, in_english


async def sheet(context: BrowserContext, key: str) -> Page:
    """The member's sheet of this proposal, by the way over the desk."""
    page = await context.new_page()
    await page.goto("/desk")
    await in_english(page)
    await page.locator("#main a", has_text=f"{key} ·").first.click()
    await expect(page.locator("#sheet-title")).to_be_visible()
    return page


def form(page: Page, criterion: str) -> Locator:
    return page.locator(f"#score-{criterion}")


async def choose(page: Page, criterion: str, mark: int) -> None:
    await form(page, criterion).locator(f"input[name=value][value='{mark}']").check()


async def kept(context: BrowserContext, address: str, criterion: str) -> tuple[str | None, str]:
    """The mark and the words that the server has, as a fresh page shows them."""
    page = await context.new_page()
    await page.goto(address)
    chosen = form(page, criterion).locator("input[name=value]:checked")
    mark = await chosen.get_attribute("value") if await chosen.count() else None
    words = await page.input_value(f"#comment-{criterion}")
    await page.close()
    return mark, words


async def slow(route: Route) -> None:
    await asyncio.sleep(0.3)
    await route.continue_()


async def test_marks_and_words_typed_faster_than_the_network_all_arrive(browser: Browser, site: Site) -> None:
    context = await context_of(browser, site, "member")
    page = await sheet(context, "P07")
    await page.route("**/scores/**", slow)
    await choose(page, "k3", 1)
    await page.locator("#comment-k3").press_sequentially("abc")
    await choose(page, "k3", 5)
    await page.locator("#comment-k3").press_sequentially("def")
    await choose(page, "k3", 2)
    async with asyncio.timeout(30):
        while await kept(context, page.url, "k3") != ("2", "abcdef"):
            pass
    assert await page.input_value("#comment-k3") == "abcdef"
    await expect(form(page, "k3").locator("input[value='2'][type=radio]")).to_be_checked()
    await context.close()


async def test_words_are_saved_while_the_caret_stays_in_them(browser: Browser, site: Site) -> None:
    context = await context_of(browser, site, "member")
    page = await sheet(context, "P07")
    await page.locator("#comment-k4").press_sequentially("Still ")
    await expect(form(page, "k4").locator(".votum-saved")).to_have_text(re.compile("Saved"))
    await page.keyboard.type("typing")
    assert await page.input_value("#comment-k4") == "Still typing"
    assert await page.evaluate("document.activeElement.id") == "comment-k4"
    await context.close()


async def test_of_two_windows_the_second_decides_knowingly(browser: Browser, site: Site) -> None:
    context = await context_of(browser, site, "member")
    first = await sheet(context, "P08")
    second = await sheet(context, "P08")
    await choose(first, "k1", 3)
    await expect(form(first, "k1").locator(".votum-saved")).to_have_text(re.compile("Saved"))
    await second.fill("#comment-k1", "From the second window")
    await choose(second, "k1", 4)
    await expect(form(second, "k1")).to_contain_text("There it says: 3")
    await choose(second, "k1", 2)
    await second.wait_for_timeout(500)
    await first.reload()
    await expect(form(first, "k1").locator("input[value='3'][type=radio]")).to_be_checked()
    await second.get_by_role("button", name="Keep mine instead").click()
    await expect(form(second, "k1").locator(".votum-saved")).to_have_text(re.compile("Saved"))
    await first.reload()
    await expect(form(first, "k1").locator("input[value='2'][type=radio]")).to_be_checked()
    assert await first.input_value("#comment-k1") == "From the second window"
    await context.close()
