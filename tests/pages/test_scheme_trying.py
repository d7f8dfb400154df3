"""Cleo tries a draft before it is used: one sheet by hand, and a thousand made-up panels."""

from app.domain.rating_schemes import trials
from tests.pages.test_scheme_editor import begun, cleo, document
from tests.world import Votum, words

MAGDEBURG = {"mark.public_benefit": "10", "mark.acquisition": "7", "mark.integration": "5"}  # 60 + 14 + 10


async def test_a_sheet_filled_in_by_hand_comes_to_what_the_scheme_says(votum: Votum) -> None:
    browser = await cleo(votum)
    draft = await begun(browser, "shipped magdeburg-2013-agh")
    page = await browser.get(f"{draft}/sheet")
    assert "Nutzen für die Allgemeinheit Weight 60 %" in words(page)
    page = await browser.get(f"{draft}/sheet", params=MAGDEBURG)
    assert "84.00 / 100 passed" in words(page)
    assert "Gewinnung der Teilnehmenden 14" in words(page)
    page = await browser.get(f"{draft}/sheet", params={**MAGDEBURG, "mark.acquisition": "none"})
    assert "Still without a mark: Gewinnung der Teilnehmenden." in words(page)
    page = await browser.get(f"{draft}/sheet", params={**MAGDEBURG, "mark.acquisition": "11"})
    assert page.status_code == 422
    assert "Please enter a mark from 0 to 10." in words(page)


async def test_the_sheet_becomes_a_worked_example_that_the_scheme_proves(votum: Votum) -> None:
    browser = await cleo(votum)
    draft = await begun(browser, "shipped mittleres-ries-2024")
    sent = {"mark.k1": ["provision", "social"], "mark.k2": "3", "mark.k3": "0"}
    page = await browser.send_form(f"{draft}/sheet", **sent)
    assert page.url.path == f"{draft}/steps/examples"
    example = (await document(draft))["examples"][-1]  # type: ignore[index]
    assert example["input"] == {"k1": ["provision", "social"], "k2": 3, "k3": 0}
    assert example["expect"] == {"passed": True, "total": 5}
    assert (await browser.send_form(f"{draft}/use")).url.path == "/calls/neuer-aufruf/scheme"


async def test_numbers_of_the_proposal_make_their_marks_on_the_sheet(votum: Votum) -> None:
    browser = await cleo(votum)
    draft = await begun(browser, "shipped ba-vergabe-konzept")
    marks = {"mark.q1": "3", "mark.q2": "3", "fact.price": "600", "lowest.price": "500"}
    assert "92.00 / 100 passed" in words(await browser.get(f"{draft}/sheet", params=marks))  # 30 + 30 + 40 x .8
    page = await browser.get(f"{draft}/sheet", params={**marks, "lowest.price": "700"})
    assert "The lowest number of all proposals is above 0 and not above the own one." in words(page)
    page = await browser.get(f"{draft}/sheet", params={**marks, "fact.price": "cheap"})
    assert "Please enter a number such as 12 or 2,5." in words(page)


async def test_the_dry_run_says_what_bites_what_decides_and_how_many_members_it_takes(votum: Votum) -> None:
    browser = await cleo(votum)
    draft = await begun(browser, "shipped horizon-europe-ria")
    before = await browser.get(f"{draft}/dry-run")
    assert "How many members it takes" not in words(before)
    asked = {"proposals": "20", "places": "10", "raters": "3", "wanted": "70"}
    page = words(await browser.get(f"{draft}/dry-run", params=asked))
    assert "2 members are enough: then at least 70 percent of the recommended truly belong there." in page
    assert "Exzellenz 21 % 29 %" in page  # of the proposals below 3, of the panels it costs a place
    assert "are recommended, of 10 places" in page
    page = words(await browser.get(f"{draft}/dry-run", params={**asked, "wanted": "99"}))
    assert "Not even 12 members are enough for 99 percent." in page
    assert (await browser.get(f"{draft}/dry-run", params={**asked, "places": "many"})).status_code == 422
    assert (await browser.get(f"{draft}/dry-run", params={**asked, "raters": "1000000"})).status_code == 422


async def test_the_same_question_is_answered_from_memory(votum: Votum) -> None:
    browser = await cleo(votum)
    draft = await begun(browser, "shipped magdeburg-2013-agh")
    asked = {"proposals": "5", "places": "2", "raters": "3", "wanted": "70"}
    first = await browser.get(f"{draft}/dry-run", params=asked)
    assert len(trials._kept.kept) == 1
    assert words(await browser.get(f"{draft}/dry-run", params=asked)) == words(first)
    assert len(trials._kept.kept) == 1


async def test_an_unfinished_draft_says_so_instead(votum: Votum) -> None:
    browser = await cleo(votum)
    draft = await begun(browser)
    for path in ("sheet", "dry-run"):
        page = await browser.get(f"{draft}/{path}", params={"proposals": "5"})
        assert page.status_code == 200
        assert "The scheme does not add up yet: finish it first." in words(page)
    assert (await browser.send_form(f"{draft}/sheet", **{"mark.k1": "3"})).status_code == 200
