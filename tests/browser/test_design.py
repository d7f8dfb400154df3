"""What the page of all parts shows: fields of one row stand on common lines, whichever has a hint or an error."""

import pytest
from playwright.async_api import Browser

from tests.browser.conftest import Site, context_of

LINES = """() => [...document.querySelectorAll('.votum-fields')].map(row => {
    const place = (one, side) => Math.round(one.getBoundingClientRect()[side]);
    const edge = (part, side) => [...row.querySelectorAll(part)].map(one => place(one, side));
    return [edge('.kern-label', 'bottom'), edge('.kern-form-input__input', 'top'), edge('.kern-error', 'top')];
})"""


@pytest.mark.parametrize("language", ["de-DE", "en-GB"])
async def test_fields_of_one_row_stand_on_common_lines(browser: Browser, site: Site, language: str) -> None:
    context = await context_of(browser, site, "stranger", viewport={"width": 1280, "height": 900}, locale=language)
    page = await context.new_page()
    await page.goto("/design")
    rows = await page.evaluate(LINES)
    assert [len(labels) for labels, _fields, _errors in rows] == [2, 2, 2, 2]
    assert [[len(set(line)) for line in row if line] for row in rows] == [[1, 1], [1, 1], [1, 1, 1], [1, 1, 1]]
    await context.close()
