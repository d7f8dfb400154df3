"""The sheet that saves itself, where people are faster than the network or have it open twice."""

import asyncio
import contextlib
import re

import pytest
from playwright.async_api import Browser, BrowserContext, Dialog, Error, Locator, Page, Route, expect

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


def counted(page: Page) -> list[str]:
    """The criteria for which a save is sent from now on."""
    sent: list[str] = []
    page.on("request", lambda asked: sent.append(asked.url.rpartition("/")[2]) if asked.method == "POST" else None)
    return sent


async def reach(page: Page, criterion: str, *keys: str) -> None:
    """By keyboard from the reason before into the scale of this criterion, and these keys there."""
    before = f"k{int(criterion[1:]) - 1}"
    await page.locator(f"#comment-{before}").focus()
    for key in ("Tab", *keys):
        await page.keyboard.press(key)


def saved(page: Page, criterion: str) -> Locator:
    return form(page, criterion).locator(".votum-saved")


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


async def test_one_mark_is_one_save_and_what_lies_on_the_way_to_it_is_none(browser: Browser, site: Site) -> None:
    context = await context_of(browser, site, "member")
    page = await sheet(context, "P09")
    sent = counted(page)
    for criterion in ("k2", "k3", "k4"):
        await reach(page, criterion, "Space", "ArrowRight", "ArrowRight", "ArrowRight", "Tab")
        await expect(saved(page, criterion)).to_have_text(re.compile("Saved"))
    await reach(page, "k5", "Space", "ArrowRight", "ArrowRight")
    await expect(saved(page, "k5")).to_have_text(re.compile("Saved"))
    await choose(page, "k1", 4)
    await expect(saved(page, "k1")).to_have_text(re.compile("Saved"))
    await page.wait_for_timeout(1500)
    assert sent == ["k2", "k3", "k4", "k5", "k1"]
    assert [(await kept(context, page.url, f"k{number}"))[0] for number in range(1, 6)] == ["4", "3", "3", "3", "2"]
    await context.close()


@pytest.mark.parametrize(("way", "criterion"), [("another page", "k2"), ("closed", "k3"), ("hidden", "k4")])
async def test_whoever_leaves_at_once_loses_no_mark_and_is_not_asked(
    browser: Browser, site: Site, way: str, criterion: str
) -> None:
    context = await context_of(browser, site, "member")
    page = await sheet(context, "P08")
    address, sent, asked = page.url, counted(page), []
    page.on("dialog", lambda dialog: asked.append(dialog.type))
    await reach(page, criterion, "Space", "ArrowRight", "ArrowRight")
    assert sent == []
    if way == "another page":
        await page.goto("/privacy")
    elif way == "closed":
        await page.close(run_before_unload=True)
    else:
        await page.evaluate("""Object.defineProperty(document, "hidden", {value: true});
            document.dispatchEvent(new Event("visibilitychange"))""")
    if way != "closed":  # nothing is told of a page that is gone
        assert sent == [criterion]
    async with asyncio.timeout(10):
        while await kept(context, address, criterion) != ("2", ""):
            pass
    assert asked == []
    await context.close()


@pytest.mark.parametrize("way", ["without a connection", "faster than the network"])
async def test_whoever_leaves_where_nothing_can_be_sent_is_asked(browser: Browser, site: Site, way: str) -> None:
    context = await context_of(browser, site, "member")
    page = await sheet(context, "P08")
    asked: list[str] = []

    async def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        await dialog.dismiss()

    page.on("dialog", stay)
    await page.route("**/scores/**", slow)
    if way == "without a connection":
        await context.set_offline(True)
    else:
        await choose(page, "k3", 1)
    await reach(page, "k3", "ArrowRight")
    with contextlib.suppress(Error):  # the way there was given up
        await page.goto("/privacy")
    assert asked == ["beforeunload"]
    await context.close()


async def test_what_was_marked_last_is_part_of_what_is_handed_in(browser: Browser, site: Site) -> None:
    context = await context_of(browser, site, "member")
    page = await sheet(context, "P07")
    for number in range(1, 5):
        await choose(page, f"k{number}", 3)
    await page.route("**/scores/**", slow)
    hand_in = page.get_by_role("button", name="Hand in the sheet")
    await context.set_offline(True)
    await reach(page, "k5", "Space", "ArrowRight", "ArrowRight")
    await hand_in.click()
    await expect(saved(page, "k5")).to_have_text("Not saved. Check your connection, then try again.")
    await expect(hand_in).to_be_visible()
    await context.set_offline(False)
    await reach(page, "k5", "ArrowRight")
    await hand_in.click()
    await expect(page.locator("#main")).to_contain_text("Your rating of P07 is handed in.")
    await expect(page.locator("#score-k5")).to_contain_text("3")
    await context.close()
