"""Cleo writes the scheme of a call in the browser: from a shipped one, from nothing, beside a colleague."""

import json
import re
from html import unescape

import pytest

from app import clock, database
from app.domain.rating_schemes import drafts, editing, shipped
from tests.rating_call import rating_call
from tests.world import Browser, Votum, words

PLAIN = {"title_de": "Neuer Aufruf", "committee_name": "Jury", "procedure_kind": "competition"}


async def cleo(votum: Votum, language: str = "en") -> Browser:
    """Cleo's browser; she has a draft call beside the one in rating."""
    await rating_call(votum)
    browser = await votum.signed_in("cleo@example.org", language)
    await browser.send_form("/calls/new", **PLAIN)
    return browser


async def begun(browser: Browser, source: str = "", target: str = "neuer-aufruf") -> str:
    """The address of a new draft."""
    answer = await browser.send_form("/schemes", target=target, source=source)
    assert answer.status_code == 200, words(answer)
    return answer.url.path


def fields(page: str) -> dict[str, str]:
    """What a browser would send of the editor's form without any change."""
    form = re.search(r'(?s)<form id="editor" class="votum-form" method="post" action="/schemes/\d+/.*?</form>', page)
    assert form
    found = dict(re.findall(r'<input(?![^>]*type="checkbox")[^>]*?name="([^"]+)"[^>]*?value="([^"]*)"', form[0]))
    for tag in re.findall(r'(?s)<input[^>]*type="checkbox"[^>]*>', form[0]):
        if " checked" in tag:
            found[re.search(r'name="([^"]+)"', tag)[1]] = "1"  # type: ignore[index]
    for name, inside in re.findall(r'(?s)<select[^>]*?name="([^"]+)".*?>(.*?)</select>', form[0]):
        chosen = re.search(r'value="([^"]*)" selected', inside)
        found[name] = chosen[1] if chosen else re.search(r'value="([^"]*)"', inside)[1]  # type: ignore[index]
    found |= re.findall(r'(?s)<textarea[^>]*?name="([^"]+)"[^>]*>\n?(.*?)</textarea>', form[0])
    return {name: unescape(value) for name, value in found.items() if name != "csrf_token"}


async def filled(browser: Browser, path: str, do: str = "stay", **typed: str) -> object:
    """The page of a step, with this typed, saved by a button."""
    sent = fields((await browser.get(path)).text)
    unknown = set(typed) - set(sent)
    assert not unknown, (path, unknown)
    answer = await browser.send_form(path, **{**sent, **typed, "do": do})
    assert answer.status_code == 200, words(answer)
    return answer


async def document(draft: str) -> dict[str, object]:
    """The draft as it is stored."""
    found = await database.value("SELECT document FROM scheme_draft WHERE id = $1", int(draft.rpartition("/")[2]))
    return json.loads(found)  # type: ignore[no-any-return]


async def used(key: str = "neuer-aufruf") -> str | None:
    return await database.value(  # type: ignore[no-any-return]
        "SELECT s.sha256 FROM call c JOIN rating_scheme s ON s.id = c.rating_scheme WHERE c.key = $1", key
    )


STEPS = ("name", "criteria", "groups", "scale", "minima", "gates", "raters", "adjustments", "ranking", "examples")


@pytest.mark.parametrize("language", ["de", "en"])
async def test_every_shipped_scheme_opened_and_saved_unchanged_is_the_same_to_the_last_letter(
    votum: Votum, language: str
) -> None:
    browser = await cleo(votum, language)
    for scheme in await shipped.schemes():
        draft = await begun(browser, f"shipped {scheme.key}")
        pages = [f"{draft}/steps/{step}" for step in STEPS]
        pages += [f"{draft}/criteria/{number + 1}" for number in range(len(scheme.criteria))]
        for path in pages:
            await filled(browser, path)
        assert await document(draft) == scheme.document
        assert "chosen" in words(await browser.send_form(f"{draft}/use")) or language == "de"
        kept = await database.value("SELECT document FROM rating_scheme WHERE sha256 = $1", await used())
        assert json.loads(kept) == scheme.document


async def test_a_scheme_is_written_from_nothing(votum: Votum) -> None:
    browser = await cleo(votum)
    draft = await begun(browser)
    assert "There is still something to do." in words(await browser.get(draft))
    await filled(browser, f"{draft}/steps/name", title_de="Ideen für Auental")
    await filled(browser, f"{draft}/steps/criteria", "add criteria")
    await filled(
        browser, f"{draft}/criteria/1", **{"criteria[0].label_de": "Bedarf", "criteria[0].weight_percent": "62,5"}
    )
    await filled(browser, f"{draft}/steps/criteria", "add criteria")
    answer = await filled(
        browser, f"{draft}/criteria/2", **{"criteria[1].label_de": "Träger", "criteria[1].weight_percent": "30"}
    )
    assert "92.5" in words(await browser.get(f"{draft}/steps/criteria")), words(answer)
    assert "the weights add up to 92.5 percent, not 100" in words(await browser.get(draft))
    await filled(browser, f"{draft}/steps/criteria", **{"criteria[1].weight_percent": "37.5"})
    await filled(browser, f"{draft}/steps/minima", **{"pass_rule.min_total": "60", "criteria[0].threshold.min": "2.5"})
    await filled(browser, f"{draft}/steps/ranking", "add ranking.tie_breakers")
    await filled(browser, f"{draft}/steps/ranking", **{"ranking.tie_breakers[0]": "k1"})
    assert "The scheme adds up." in words(await browser.get(draft))
    assert (await browser.send_form(f"{draft}/use")).url.path == "/calls/neuer-aufruf/scheme"
    assert await used()
    assert await document(draft) == {
        "schema": "rating-scheme/1",
        "key": "ideen-fuer-auental",
        "title_de": "Ideen für Auental",
        "criteria": [
            {"key": "k1", "label_de": "Bedarf", "type": "scale", "scale": {"min": 0, "max": 5, "step": 1},
             "weight_percent": 62.5, "threshold": {"min": 2.5}},
            {"key": "k2", "label_de": "Träger", "type": "scale", "scale": {"min": 0, "max": 5, "step": 1},
             "weight_percent": 37.5},
        ],
        "aggregation": {"across_raters": "mean", "total": "weighted_percent"},
        "pass_rule": {"min_total": 60},
        "ranking": {"tie_breakers": ["k1"]},
    }  # fmt: skip


async def test_what_cannot_be_read_is_kept_and_named_at_its_field(votum: Votum) -> None:
    browser = await cleo(votum)
    draft = await begun(browser, "shipped magdeburg-2013-agh")
    page = await filled(browser, f"{draft}/steps/criteria", **{"criteria[0].weight_percent": "about sixty"})
    assert "expected a number, found 'about sixty'" in words(page)  # type: ignore[arg-type]
    assert 'value="about sixty"' in page.text  # type: ignore[attr-defined]
    assert 'aria-invalid="true"' in page.text  # type: ignore[attr-defined]
    refused = await browser.send_form(f"{draft}/use")
    assert refused.status_code == 422
    assert await used() is None


async def test_rows_are_added_moved_and_removed_by_buttons(votum: Votum) -> None:
    browser = await cleo(votum)
    draft = await begun(browser, "shipped magdeburg-2013-agh")
    order = [one["key"] for one in (await document(draft))["criteria"]]  # type: ignore[index, attr-defined]
    await filled(browser, f"{draft}/steps/criteria", "up criteria[2]")
    assert [one["key"] for one in (await document(draft))["criteria"]] == [order[0], order[2], order[1]]  # type: ignore[index, attr-defined]
    await filled(browser, f"{draft}/steps/criteria", "remove criteria[0]")
    assert [one["key"] for one in (await document(draft))["criteria"]] == [order[2], order[1]]  # type: ignore[index, attr-defined]
    for nonsense in ("up criteria[7]", "add nothing", "remove title_de", "down criteria[-1]", "add"):
        await filled(browser, f"{draft}/steps/criteria", nonsense)
    assert len((await document(draft))["criteria"]) == 2  # type: ignore[arg-type]


async def test_what_is_left_of_another_type_comes_back_with_it_and_never_reaches_the_scheme(votum: Votum) -> None:
    browser = await cleo(votum)
    draft = await begun(browser, "shipped dithmarschen-leader")
    before = (await document(draft))["criteria"][0]  # type: ignore[index]
    await filled(browser, f"{draft}/criteria/1", "update", **{"criteria[0].type": "yesno"})
    await filled(browser, f"{draft}/criteria/1", **{"criteria[0].yes_points": "5"})
    assert "The scheme adds up." in words(await browser.get(draft))
    await filled(browser, f"{draft}/criteria/1", "update", **{"criteria[0].type": "levels"})
    after = drafts.Draft(await kept(draft)).proposed["criteria"][0]
    assert after == before


async def kept(draft: str) -> drafts.Kept:
    person = await database.value("SELECT id FROM person WHERE email = 'cleo@example.org'")
    return (await drafts.held_by(person, int(draft.rpartition("/")[2]))).kept


async def test_whoever_saves_second_reads_both_texts(votum: Votum) -> None:
    browser = await cleo(votum)
    draft = await begun(browser, "shipped magdeburg-2013-agh")
    sent = fields((await browser.get(f"{draft}/criteria/1")).text)
    await browser.send_form(f"{draft}/criteria/1", **{**sent, "criteria[0].label_de": "Von der Ersten"})
    answer = await browser.send_form(f"{draft}/criteria/1", **{**sent, "criteria[0].label_de": "Vom Zweiten",
                                                               "criteria[0].optional": "1"})  # fmt: skip
    assert answer.status_code == 409
    assert "Criterion 1: Criterion (German): Vom Zweiten Criterion 1: May be left out: yes" in words(answer)
    assert "Von der Ersten" in words(answer)
    assert (await document(draft))["criteria"][0]["label_de"] == "Von der Ersten"  # type: ignore[index]


async def test_the_draft_of_another_authority_does_not_exist(votum: Votum) -> None:
    browser = await cleo(votum)
    draft = await begun(browser)
    dan = await votum.signed_in("dan@example.org")
    for path in (draft, f"{draft}/steps/name", f"{draft}/criteria/1", "/schemes"):
        assert (await dan.get(path)).status_code == 404
    for path in (f"{draft}/steps/name", f"{draft}/use", f"{draft}/removal", f"{draft}/weights"):
        assert (await dan.send_form(path)).status_code == 404
    assert (await dan.send_form("/schemes", target="neuer-aufruf")).status_code == 404


async def test_the_scheme_of_another_authority_is_no_start(votum: Votum) -> None:
    browser = await cleo(votum)
    async with database.write_transaction():
        other = await database.value("INSERT INTO authority (name) VALUES ('Nebenan') RETURNING id")
        foreign = await database.value(
            "INSERT INTO rating_scheme (key, title_de, document, sha256, authority, added_at)"
            " SELECT key, title_de, document, sha256, $1, added_at FROM rating_scheme RETURNING id",
            other,
        )
    sent = {"target": "neuer-aufruf", "source": f"earlier {foreign}"}
    assert (await browser.send_form("/schemes", **sent)).status_code == 404
    for nonsense in ("shipped nothing", "earlier x", "something"):
        assert (await browser.send_form("/schemes", **{**sent, "source": nonsense})).status_code == 422


async def test_a_public_call_keeps_its_scheme(votum: Votum) -> None:
    browser = await cleo(votum)
    draft = await begun(browser, "shipped magdeburg-2013-agh")
    async with database.write_transaction():
        call = await database.value("SELECT id FROM call WHERE key = 'neuer-aufruf'")
        await database.rows("INSERT INTO call_publication (call, at) VALUES ($1, $2)", call, clock.now())
    assert "since the call is published" in words(await browser.get(draft))
    assert (await browser.send_form(f"{draft}/use")).status_code == 403
    assert await used() is None
    assert (await browser.send_form("/schemes", target="neuer-aufruf")).status_code == 404


async def test_a_new_short_name_is_followed_by_whatever_names_the_criterion(votum: Votum) -> None:
    scheme = await shipped.scheme("nrw-ziel2-2007")
    assert scheme
    typed = {"groups[1].key": "quer", "criteria[0].key": "innovation", "criteria[1].key": "competitiveness"}
    changed = editing.applied(scheme.document, typed)
    assert changed["ranking"]["tie_breakers"] == ["quer"]
    assert [one.get("group") for one in changed["criteria"][3:5]] == ["quer", "quer"]
    given = changed["examples"][0]["input"]
    assert (given["innovation"], given["competitiveness"]) == (80, 50)  # each value stays with its criterion
    assert drafts.unfinished.faults(changed) == []


async def test_the_effective_weights_follow_what_is_typed_without_being_saved(votum: Votum) -> None:
    browser = await cleo(votum)
    draft = await begun(browser, "shipped ehap-2014")
    sent = fields((await browser.get(f"{draft}/steps/criteria")).text)
    answer = await browser.send_htmx(f"{draft}/weights", **{**sent, "criteria[0].weight": "13"})
    assert "Zuverlässigkeit und Leistungsfähigkeit des Trägers 43.33 %" in words(answer)  # 13 of 30
    assert (await document(draft))["criteria"][0]["weight"] == 3  # type: ignore[index]


STATED = {"": 2, "/steps/criteria": 2, "/steps/minima": 2, "/criteria/1": 2}  # with the look at the session


async def test_the_pages_cost_the_same_for_any_number_of_criteria(votum: Votum) -> None:
    browser = await cleo(votum)
    for source in ("shipped magdeburg-2013-agh", "shipped netzwerk-stadt-land-2019"):  # 3 and 11 criteria
        draft = await begun(browser, source)
        found = {}
        for path in STATED:
            with votum.counted() as seen:
                assert (await browser.get(draft + path)).status_code == 200
            found[path] = len(seen)
        assert found == STATED
        sent = fields((await browser.get(f"{draft}/criteria/1")).text)
        with votum.counted() as seen:
            await browser.post(f"{draft}/criteria/1", data={**sent, "csrf_token": browser.token, "do": "stay",
                                                              "criteria[0].label_de": "Anders"})  # fmt: skip
        assert len(seen) == 4  # session, draft, the update, the trail


async def test_an_own_scheme_or_draft_is_a_start_and_unchanged_it_is_the_same_scheme(votum: Votum) -> None:
    browser = await cleo(votum)
    earlier = await database.row("SELECT id, sha256 FROM rating_scheme WHERE key = 'small'")
    assert earlier
    first = await begun(browser, f"earlier {earlier['id']}")
    authority = await database.value("SELECT authority FROM call WHERE key = 'neuer-aufruf'")
    alone = await begun(browser, f"draft {first.rpartition('/')[2]}", f"authority {authority}")
    assert "This draft belongs to no call." in words(await browser.get(alone))
    assert (await browser.send_form(f"{alone}/use")).status_code == 404
    again = await begun(browser, f"draft {alone.rpartition('/')[2]}")
    await filled(browser, f"{again}/steps/criteria")
    await browser.send_form(f"{again}/use")
    assert await used() == earlier["sha256"]
    assert (await browser.send_form(f"{first}/removal")).url.path == "/schemes"
    assert (await browser.get(first)).status_code == 404
