"""Every kind of question can be looked at and tried in the demo; nothing of it is kept."""

import pytest

from tests.world import Votum, words

ADDRESS = "/design/questions"


@pytest.mark.parametrize("state", ["empty", "filled", "refused", "long", "read", "nonsense"])
async def test_every_state_is_shown_without_a_statement(votum: Votum, state: str) -> None:
    browser = await votum.stranger()
    with votum.counted() as seen:
        answer = await browser.get(f"{ADDRESS}?state={state}")
    assert (answer.status_code, len(seen)) == (200, 0)


async def test_what_was_typed_comes_back_with_a_sentence_at_its_field(votum: Votum) -> None:
    browser = await votum.stranger()
    answer = await browser.send_form(ADDRESS, **{"q-title": "Tafelgarten", "q-places": "fünfzehn"})
    assert answer.status_code == 422
    assert 'value="Tafelgarten"' in answer.text
    assert 'value="fünfzehn"' in answer.text
    assert 'href="#q-places"' in answer.text


async def test_a_row_is_added_with_and_without_javascript(votum: Votum) -> None:
    browser = await votum.stranger()
    typed = {"q-sites-1-name": "Auenburg", "q-title": "nicht verloren", "row": "q-sites 0 add"}
    plain = await browser.send_form(f"{ADDRESS}/rows", **typed)
    swapped = await browser.send_htmx(f"{ADDRESS}/rows", **typed)
    assert (plain.status_code, swapped.status_code) == (200, 200)
    for answer in (plain, swapped):
        assert 'value="Auenburg"' in answer.text
        assert 'id="q-sites-2-name"' in answer.text
    assert 'value="nicht verloren"' in plain.text
    assert swapped.text.strip().startswith('<div id="question-sites"')


async def test_numbers_and_questions_follow_what_is_typed(votum: Votum) -> None:
    browser = await votum.stranger()
    typed = {
        **{"q-places": "10", "q-period-from": "2018-03-15", "q-period-to": "2019-03-14", "q-begun": "yes"},
        **{"q-finance-sources-grant-2018": "30.000,00", "q-finance-costs-staff-2018": "30.000,00"},
    }
    answer = await browser.send_htmx(f"{ADDRESS}/live", **typed)
    assert answer.status_code == 200
    assert "Grant per place and month: 250.00 euro at most 250.00 euro" in words(answer)
    assert "Costs and financing balance" in words(answer)
    assert 'id="question-begun_on"' in answer.text
    assert 'id="question-register"' not in answer.text
