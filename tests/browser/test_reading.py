"""What can be read without a pointer, on the smallest screen, on paper, and by ear."""

from playwright.async_api import Browser, Page, Route, expect

from tests.browser.conftest import Site, context_of
from tests.browser.places import FINISHED
from tests.browser.test_keyboard import opened

SMALLEST = {"width": 320, "height": 800}
SHOWN = """() => [...document.querySelectorAll('.votum-criterion fieldset label')].map(label => {
    const words = document.createRange();
    words.selectNodeContents(label);
    const box = words.getBoundingClientRect(), style = getComputedStyle(label.lastElementChild);
    const seen = label.checkVisibility() && style.clipPath === 'none' && box.width > 20 && box.right <= innerWidth;
    return [label.textContent.trim().split(/\\s+/).join(' '), seen];
})"""
NAMED = """() => [...document.querySelectorAll('a[aria-label], button[aria-label], summary[aria-label]')]
    .filter(one => !one.getAttribute('aria-label').toLowerCase().includes(one.innerText.trim().toLowerCase()))
    .map(one => one.outerHTML)"""


async def width(page: Page) -> int:
    return int(await page.evaluate("document.documentElement.scrollWidth"))


async def test_every_mark_is_read_without_a_pointer_on_small_screens_and_on_paper(browser: Browser, site: Site) -> None:
    page = await opened(browser, site, "member", site.prepared.blank_sheet)
    for size, media in (({"width": 1280, "height": 800}, "screen"), (SMALLEST, "screen"), (SMALLEST, "print")):
        await page.set_viewport_size(size)
        await page.emulate_media(media=media)
        marks = await page.evaluate(SHOWN)
        assert [text for text, _seen in marks].count("2 mit deutlichen Lücken") == 5
        assert [text for text, _seen in marks].count("Cannot be judged") == 5
        assert [text for text, seen in marks if not seen] == []
    feet = await page.evaluate("[...document.querySelectorAll('tfoot')].map(foot => getComputedStyle(foot).display)")
    assert set(feet) == {"table-row-group"}
    await page.context.close()


async def test_a_title_without_a_blank_stays_on_the_smallest_screen(browser: Browser, site: Site) -> None:
    page = await opened(browser, site, "member", site.prepared.blank_sheet, viewport=SMALLEST)
    await page.locator(".votum-breadcrumb a").last.evaluate("link => link.textContent = 'x'.repeat(140)")
    assert await width(page) <= SMALLEST["width"]
    await page.context.close()


async def test_a_frame_is_a_stop_only_while_there_is_something_to_scroll(browser: Browser, site: Site) -> None:
    page = await opened(browser, site, "administrator", f"{FINISHED}/ranking", viewport={"width": 700, "height": 800})
    frame = page.locator("#ranking")
    await expect(frame).to_have_attribute("tabindex", "0")
    await page.goto(f"{FINISHED}/intake/P11")
    stops = (
        "[...document.querySelectorAll('.votum-scroll[tabindex]')].filter(one => one.scrollWidth <= one.clientWidth)"
    )
    await page.set_viewport_size({"width": 1280, "height": 800})
    await page.wait_for_timeout(200)
    assert await page.evaluate(f"{stops}.length") == 0
    assert await page.evaluate("document.querySelectorAll('.votum-scroll[role=region]').length") > 0
    await page.context.close()


async def test_what_is_said_above_a_page_is_said_again_once_somebody_listens(browser: Browser, site: Site) -> None:
    page = await opened(browser, site, "administrator", "/desk")
    title = page.locator("#announcement")
    await expect(title).to_be_empty()
    await page.route("**/desk", flashed)
    await page.goto("/desk")
    await expect(title).to_have_text("This is done.")
    await page.context.close()


async def flashed(route: Route) -> None:
    """The page as it comes after something was done."""
    answer = await route.fetch()
    said = '<div class="votum-flashes"><p class="kern-title">This is done.</p>'
    await route.fulfill(response=answer, body=(await answer.text()).replace('<div class="votum-flashes">', said, 1))


async def test_the_name_of_what_is_pressed_holds_what_is_read_there(browser: Browser, site: Site) -> None:
    context = await context_of(browser, site, "member")
    page = await context.new_page()
    for place in ("/desk", site.prepared.open_sheet, site.prepared.handed_in, "/calls"):
        await page.goto(place)
        assert (place, await page.evaluate(NAMED)) == (place, [])
    await page.evaluate("document.body.insertAdjacentHTML('beforeend', '<a href=/ aria-label=Other>Home</a>')")
    assert len(await page.evaluate(NAMED)) == 1
    await context.close()
