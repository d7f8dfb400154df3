"""What was typed and is not saved is not lost without a question, and the page says which way leads on."""

import contextlib

import pytest
from playwright.async_api import Browser, BrowserContext, Dialog, Error, Locator, Page, expect

from app.identity.sessions import COOKIE
from tests.browser.conftest import Site, context_of, in_english

SIGNED_OUT = (
    "You were signed out: this is not saved. Sign in in a new window, then reload this page; copy what you wrote first."
)


async def opened(context: BrowserContext, path: str) -> Page:
    """A page in English."""
    page = await context.new_page()
    await page.goto(path)
    await in_english(page)
    await page.goto(path)
    return page


async def asks(page: Page) -> bool:
    """Whether a question comes before the page is left; the answer is to stay."""
    asked: list[str] = []

    async def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        await dialog.dismiss()

    page.once("dialog", stay)
    with contextlib.suppress(Error):  # the way there was given up
        await page.goto("/privacy")
    return asked == ["beforeunload"]


def saved(criterion: Locator) -> Locator:
    return criterion.locator(".votum-saved")


@pytest.mark.parametrize("then", ["signed out", "signed in anew"])
async def test_a_save_after_the_session_says_so_and_leads_to_sign_in(browser: Browser, site: Site, then: str) -> None:
    context = await context_of(browser, site, "member")
    page = await opened(context, site.prepared.open_sheet)
    await context.clear_cookies()
    if then == "signed in anew":
        await context.add_cookies([{"name": COOKIE, "value": site.cookies["chair"], "url": site.address}])
    criterion = page.locator("#score-k4")
    link = criterion.get_by_role("link", name="Sign in (new window)")
    await expect(link).to_be_hidden()
    async with page.expect_response("**/scores/k4") as sent:
        await criterion.locator("input[type=radio]").first.check(force=True)
    assert (await sent.value).status == (401 if then == "signed out" else 403)
    await expect(saved(criterion)).to_have_text(SIGNED_OUT)
    await expect(page.get_by_role("status").and_(page.locator("#announcement"))).to_have_text(SIGNED_OUT)
    await expect(criterion.get_by_role("button", name="Save")).to_be_hidden()
    assert await link.get_attribute("rel") == "noopener"
    async with context.expect_page() as window:
        await link.click()
    await (await window.value).close()
    assert await asks(page)
    await context.clear_cookies()
    await context.add_cookies([{"name": COOKIE, "value": site.cookies["member"], "url": site.address}])
    await criterion.locator("input[type=radio]").nth(1).check(force=True)
    await expect(saved(criterion)).to_contain_text("Saved")
    await expect(link).to_be_hidden()
    assert not await asks(page)
    await context.close()


async def test_a_save_without_connection_can_be_tried_again(browser: Browser, site: Site) -> None:
    context = await context_of(browser, site, "member")
    page = await opened(context, site.prepared.open_sheet)
    criterion = page.locator("#score-k5")
    again = criterion.get_by_role("button", name="Save")
    await expect(again).to_be_hidden()
    await context.set_offline(True)
    await criterion.locator("input[type=radio]").first.check(force=True)
    await expect(saved(criterion)).to_have_text("Not saved. Check your connection, then try again.")
    await expect(criterion.get_by_role("link", name="Sign in")).to_be_hidden()
    await again.click()
    await expect(again).to_be_visible()
    assert await asks(page)
    await context.set_offline(False)
    await again.click()
    await expect(saved(criterion)).to_contain_text("Saved")
    await expect(again).to_be_hidden()
    assert not await asks(page)
    await context.close()


async def test_what_the_sheet_refused_is_not_left_without_a_question(browser: Browser, site: Site) -> None:
    context = await context_of(browser, site, "member")
    page = await opened(context, site.prepared.open_sheet)
    criterion = page.locator("#score-k3")
    await criterion.locator("textarea").fill("x" * 5000)
    await criterion.locator("textarea").blur()
    await expect(criterion.locator("#comment-k3-error")).to_be_visible()
    assert await asks(page)
    await criterion.locator("textarea").fill("")
    await criterion.locator("textarea").blur()
    await expect(saved(criterion)).to_contain_text("Saved")
    assert not await asks(page)
    await context.close()


async def test_a_form_that_came_back_refused_is_not_left_without_a_question(browser: Browser, site: Site) -> None:
    context = await context_of(browser, site, "administrator")
    page = await opened(context, f"/calls/{site.prepared.draft_call}/edit/limits")
    await page.locator("#places_max").fill("42 or so")
    await page.locator("#months_max").fill("many")
    await page.locator("form[data-guard]").get_by_role("button", name="Save", exact=True).click()
    await expect(page.locator("#error-summary")).to_be_visible()
    assert await page.locator("#places_max").input_value() == "42 or so"
    await page.locator("h1").click()  # browsers ask only whoever has touched the page
    assert await asks(page)
    await context.close()
