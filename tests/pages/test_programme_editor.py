"""The office writes programmes in the browser: Cleo administrates the county, Dan is a stranger, Pia is next door."""

import csv
import io
import json
from typing import Any

import httpx
import pytest

from app import clock, database
from tests import open_call
from tests.world import Browser, Votum, words


@pytest.fixture
async def cleo(votum: Votum) -> Browser:
    return await office(votum, "cleo@example.org", "Landkreis Auental")


async def office(votum: Votum, email: str, authority: str) -> Browser:
    """Somebody who administrates an authority, at their browser."""
    person = await votum.person(email)
    async with database.write_transaction():
        body = await database.value("INSERT INTO authority (name) VALUES ($1) RETURNING id", authority)
        await database.rows(
            "INSERT INTO administration (person, authority, since) VALUES ($1, $2, $3)", person, body, clock.now()
        )
    return await votum.signed_in(email)


async def begun(browser: Browser, title: str) -> str:
    """The address of a new programme."""
    answer = await browser.send_form("/programmes/new", title=title)
    assert answer.status_code == 200, words(answer)
    return answer.url.path.removesuffix("/edit")


def rows(*given: dict[str, Any]) -> dict[str, Any]:
    """Rows as the fields that a browser sends."""
    return {"rows": len(given)} | {f"{name}-{n}": text for n, row in enumerate(given) for name, text in row.items()}


async def seen(browser: Browser, path: str) -> str:
    """What the page says of the state that it shows."""
    return (await browser.get(path)).text.partition('name="seen" value="')[2].partition('"')[0]


async def write(browser: Browser, base: str, section: str, *given: dict[str, Any], **fields: Any) -> httpx.Response:
    """Fill in a page of the editor and press save."""
    path = f"{base}/edit/{section}"
    return await browser.send_form(path, seen=await seen(browser, path), **rows(*given), **fields)


async def written(browser: Browser, base: str, section: str, *given: dict[str, Any], **fields: Any) -> None:
    answer = await write(browser, base, section, *given, **fields)
    assert answer.status_code == 200, words(answer)
    assert "is saved." in words(answer)


async def publish(browser: Browser, base: str) -> httpx.Response:
    return await browser.send_form(f"{base}/publication")


async def publishable(browser: Browser, title: str) -> str:
    base = await begun(browser, title)
    await written(browser, base, "name", title_de=title, purpose_de="Wozu es da ist.")
    await written(browser, base, "dates", as_of="24.11.2026")
    return base


# ── three stories ──────────────────────────────────────────────────────────────────────────────


async def test_a_network_of_three_offices_is_refused_with_a_placeholder_and_then_found_by_region(
    votum: Votum, cleo: Browser
) -> None:
    base = await begun(cleo, "Büro-Netz")
    assert base == "/programmes/buero-netz"
    await written(
        cleo, base, "name", title_de="Büro-Netz", kind="model_project", purpose_de="Hier steht [Beschreibung]"
    )
    await written(cleo, base, "dates", as_of="2026-11-20")
    sites = [{"name": f"Büro {name}", "type": "virtual_office", "region": name} for name in ("Nord", "Mitte", "Süd")]
    await written(cleo, base, "sites", *sites)
    steps = ("Möglichkeiten finden", "Lösungen entwickeln", "Arbeitsplätze schaffen")
    await written(cleo, base, "steps", *({"text": text} for text in steps))
    held = (
        ("initiators", "Fachamt"),
        ("initiators", "Landesverband"),
        ("coordinator", "Landesverband"),
        ("funder", "Sozialverband"),
        ("publisher", "Ministerium"),
    )
    await written(cleo, base, "roles", *({"role": role, "organisation": name} for role, name in held))
    await written(cleo, base, "funding", {"source": "Ausgleichsabgabe"})

    refused = await publish(cleo, base)
    assert refused.status_code == 422
    assert f'href="{base}/edit/name#purpose_de"' in refused.text
    assert "Name and purpose, Summary (German): A placeholder was left in the text: [Beschreibung]." in words(refused)
    visitor = await votum.stranger()
    assert (await visitor.get(base)).status_code == 404

    await written(cleo, base, "name", title_de="Büro-Netz", kind="model_project", purpose_de="Büros für Vermittlung.")
    assert "The programme is public now." in words(await publish(cleo, base))
    page = words(await visitor.get(base))
    for part in (
        "Model project · Landkreis Auental Büro-Netz Büros für Vermittlung.",
        "1 Möglichkeiten finden 2 Lösungen entwickeln 3 Arbeitsplätze schaffen",
        "Virtual office Büro Nord Nord Virtual office Büro Mitte Mitte Virtual office Büro Süd Süd",
        "Initiated by Fachamt Landesverband Published by Ministerium Coordination Landesverband Funding body Sozialv",
        "Funding from Ausgleichsabgabe",
        "As of 20 November 2026",
    ):
        assert part in page
    assert "€" not in page
    assert "0 Euro" not in page
    south = words(await visitor.get("/programmes?region=Süd"))
    assert "1 programme in “Süd”." in south
    assert south.count("Büro-Netz") == 1
    assert "No programme there" in words(await visitor.get("/programmes?region=West"))
    assert "1 programme." in words(await visitor.get("/programmes?q=vermittlung landkreis"))
    assert "No programme there" in words(await visitor.get("/programmes?q=Vermittlung Mars"))


async def test_two_programmes_name_each_other_and_staff_is_told_in_a_sentence(votum: Votum, cleo: Browser) -> None:
    inside, outside = await publishable(cleo, "Jobcoach"), await publishable(cleo, "Passgenau")
    await written(cleo, inside, "dates", as_of="2026-11-24", start="2022-10-01")
    await written(cleo, outside, "dates", as_of="2026-11-24", start="2022-05-01")
    await written(cleo, inside, "target-groups", {"label": "Beschäftigte in Werkstätten"})
    difference = {
        "key": "passgenau",
        "difference": "für Menschen außerhalb von Werkstätten",
        "own": "für Beschäftigte in Werkstätten",
        "since": "2022-05-01",
    }
    await written(cleo, inside, "relations", difference)
    post = {"function": "job coach", "functions": "job coaches", "before": "0,5", "after": "1"}
    await written(cleo, inside, "staffing", {**post, "site": "Auenburg"}, {**post, "site": "Kalkrode"})
    for base in (inside, outside):
        assert (await publish(cleo, base)).status_code == 200

    visitor = await votum.stranger()
    assert (
        "Not to be confused with: Passgenau The other programme (since 1 May 2022): für Menschen außerhalb von"
        " Werkstätten This programme: für Beschäftigte in Werkstätten To that programme"
    ) in words(await visitor.get(inside))
    assert (
        "Not to be confused with: Jobcoach The other programme (since 1 October 2022): für Beschäftigte in Werkstätten"
        " This programme: für Menschen außerhalb von Werkstätten To that programme"
    ) in words(await visitor.get(outside))
    assert "two full-time job coaches (before: half-time each)" in words(await visitor.get(inside))
    german = await votum.stranger("de")
    assert "zwei job coaches mit je einer vollen Stelle (zuvor je eine halbe Stelle)" in words(await german.get(inside))
    facts = (await visitor.get(f"{inside}/facts.json")).json()
    assert facts["fte"] == {"before": "1.0", "after": "2.0"}
    assert facts["version"] == 1
    lines = list(csv.DictReader(io.StringIO((await visitor.get(f"{inside}/facts.csv")).text)))
    assert [line["value"] for line in lines if line["fact"] == "fte"] == ["1.0", "2.0"]


async def test_pilot_regions_targets_and_their_progress(votum: Votum, cleo: Browser) -> None:
    base = await publishable(cleo, "Teilhabeplanung")
    pilots = [{"name": f"Kreis {letter}", "status": "pilot"} for letter in "ABCDEF"]
    await written(cleo, base, "rollout", *pilots, rollout_goal="alle Regionen")
    started = [{"name": f"Kreis {letter}", "status": "started", "since": "2026-10-01"} for letter in "GHI"]
    planned = [{"name": "Kreis J", "status": "planned"}]
    await written(cleo, base, "rollout", *pilots, *started, *planned, rollout_goal="alle Regionen")
    target = {"kind": "relative_change", "baseline_on": "2023-12-31", "due": "2030-12-31"}
    first = {**target, "label": "Beschäftigte in Werkstätten", "wanted": "-10", "baseline": ""}
    second = {**target, "label": "Arbeitslose mit Behinderung", "wanted": "−10", "baseline": "19.000"}
    third = {**target, "label": "Beschäftigte beim Verband", "wanted": "10", "baseline": "1.500"}
    await written(cleo, base, "targets", first, second, third)
    await publish(cleo, base)
    visitor = await votum.stranger()
    page = words(await visitor.get(base))
    assert "6 Pilot regions Kreis A" in page
    assert "3 Started Kreis G since 1 October 2026" in page
    assert "1 Planned Kreis J" in page
    assert "Reached so far Baseline missing" in page
    assert "0 percent of the way" not in page

    keyed = [{**one, "key": f"t{number}"} for number, one in enumerate((first, second, third), 1)]
    keyed[0]["baseline"] = "40.000"
    await written(cleo, base, "targets", *keyed)
    await written(cleo, base, "actuals", {"target": "t1", "day": "2026-06-30", "value": "38.800"})
    await publish(cleo, base)
    page = words(await visitor.get(base))
    assert "Target 10 percent less by 31 December 2030 Starting point 40,000 (31 December 2023)" in page
    assert "38,800 (reported for 30 June 2026): −3.0 percent, 30 percent of the way" in page

    keyed[2] |= {"kind": "level", "unit": "percent", "baseline": "6", "baseline_on": ""}
    await written(cleo, base, "targets", *keyed)
    report = {"target": "t3", "day": "2026-06-30", "value": "7"}
    await written(cleo, base, "actuals", {"target": "t1", "day": "2026-06-30", "value": "38.800"}, report)
    await publish(cleo, base)
    page = words(await visitor.get(base))
    assert "Target a level of 10 percent by 31 December 2030 Starting point 6" in page
    assert "7 (reported for 30 June 2026): 25 percent of the way to this level" in page
    keyed[0]["kind"] = "level"
    answer = await write(cleo, base, "targets", *keyed)
    assert answer.status_code == 422
    assert "Target value (1): A level is not below zero." in words(answer)


async def test_news_have_their_date_and_words_that_have_none_are_noticed(votum: Votum, cleo: Browser) -> None:
    base = await publishable(cleo, "Neues")
    item = {"day": "2024-03-11", "title": "Auftakt", "text": "Er beginnt in diesem Monat.", "source": "Pressestelle"}
    await written(cleo, base, "news", item)
    await written(cleo, base, "experience", {"region": "Hamm", "text": "Es gelingt.", "told_by": "die Leiterin"})
    overview = await cleo.get(f"{base}/edit")
    assert "“in diesem Monat” means another time for every reader." in words(overview)
    assert f'href="{base}/edit/news#text-0"' in overview.text
    await publish(cleo, base)  # a hint keeps nobody from publishing
    page = words(await (await votum.stranger()).get(base))
    assert "News 11 March 2024 · Pressestelle Auftakt Er beginnt in diesem Monat." in page
    assert "Hamm · die Leiterin Es gelingt." in page
    for empty in ("Steps", "Targets", "Staff", "Sites", "Who takes part", "Contact", "Regions and roll-out"):
        assert f"{empty} " not in page


PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


async def upload(browser: Browser, base: str, content: bytes, **fields: str) -> httpx.Response:
    data = {"csrf_token": browser.token, **fields}
    return await browser.post(f"{base}/images", data=data, files={"image": ("a.png", content)}, follow_redirects=True)


async def test_a_picture_says_what_it_shows_and_whose_it_is(votum: Votum, cleo: Browser) -> None:
    base = await publishable(cleo, "Bild")
    told = {"new_alt": "Zwei Menschen am Tisch", "new_credit": "LWL/Mai"}
    refused = await upload(cleo, base, PNG, new_alt="Zwei Menschen am Tisch")
    assert refused.status_code == 422
    assert 'href="#new_credit"' in refused.text
    assert "Zwei Menschen am Tisch" in refused.text
    assert "Please choose a picture of the kind" in words(await upload(cleo, base, b"<svg onload=alert(1)>", **told))
    assert "The file is too large: at most 1000 kB." in words(await upload(cleo, base, PNG + b"0" * 1_000_000, **told))
    assert "The picture is saved." in words(await upload(cleo, base, PNG, **told))
    sha = json.loads(await database.value("SELECT draft FROM programme"))["images"][0]["sha256"]
    visitor = await votum.stranger()
    assert (await visitor.get(f"{base}/images/{sha}")).status_code == 404
    assert (await cleo.get(f"{base}/images/{sha}")).content == PNG
    await written(cleo, base, "news", {"day": "2024-03-11", "title": "Auftakt", "image": sha})
    await publish(cleo, base)
    shown = await visitor.get(f"{base}/images/{sha}")
    assert (shown.content, shown.headers["content-type"]) == (PNG, "image/png")
    assert shown.headers["content-security-policy"] == "sandbox; default-src 'none'"
    page = await visitor.get(base)
    assert f'<img src="{base}/images/{sha}" alt="Zwei Menschen am Tisch"' in page.text
    assert "Picture: LWL/Mai" in words(page)
    other = {"sha256": "0" * 64, "alt": "x", "credit": "y"}
    assert "This picture is not there any more." in words(await write(cleo, base, "images", other))
    await written(cleo, base, "images")  # all taken away: the news item goes on without
    await publish(cleo, base)
    assert "<img" not in (await visitor.get(base)).text.partition("<main")[2]
    assert (await visitor.get(f"{base}/images/{sha}")).status_code == 404


# ── the editor ─────────────────────────────────────────────────────────────────────────────────


async def test_rows_are_added_moved_and_taken_away_by_buttons_without_script(cleo: Browser) -> None:
    base = await begun(cleo, "Schritte")
    path, two = f"{base}/edit/steps", rows({"text": "erst"}, {"text": "dann"})
    added = await cleo.send_form(path, **two, seen="x", do="add")
    assert 'name="text-2"' in added.text
    assert 'id="row-2" class="votum-panel votum-row" tabindex="-1" autofocus' in added.text
    assert "erst</textarea>" in added.text
    moved = (await cleo.send_form(path, **two, seen="x", do="up-1")).text
    assert moved.index("dann</textarea>") < moved.index("erst</textarea>")
    assert 'name="seen" value="x"' in moved
    removed = (await cleo.send_form(path, **two, seen="x", do="remove-0")).text
    assert "erst</textarea>" not in removed
    assert "dann</textarea>" in removed
    for odd in ("up-0", "down-1", "remove-7", "up-x", "sideways-1", "up-99999999"):
        assert (await cleo.send_form(path, **two, seen="x", do=odd)).status_code == 200
    assert await database.value("SELECT draft ->> 'steps' FROM programme") is None  # nothing was kept yet
    piece = await cleo.send_htmx(path, **two, seen="x", do="add")
    assert piece.text.lstrip().startswith('<div id="rows"')


async def test_steps_may_share_a_text_and_empty_rows_are_left_out(votum: Votum, cleo: Browser) -> None:
    base = await publishable(cleo, "Schritte")
    steps = ({"text": "finden"}, {"text": " "}, {"text": "lösen und beginnen", "covers": "2"}, {"text": "prüfen"})
    await written(cleo, base, "steps", *steps, work_packages="eins\n\nzwei")
    await publish(cleo, base)
    page = words(await (await votum.stranger()).get(base))
    assert "Steps 1 finden 2 and 3 lösen und beginnen 4 prüfen Work packages eins zwei" in page


async def test_faults_stand_at_their_fields_and_what_was_typed_stays(cleo: Browser) -> None:
    base = await begun(cleo, "Geld")
    answer = await write(cleo, base, "funding", {"source": "Land", "cents": "0"}, {"source": "Bund", "cents": "viel"})
    assert answer.status_code == 422
    assert 'value="viel"' in answer.text
    assert 'href="#cents-1"' in answer.text
    answer = await write(cleo, base, "funding", {"source": "Land", "cents": "0"}, {"stated_by": "Zeitung"})
    told = words(answer)
    assert "Amount (1): Please leave the amount empty where it is not known." in told
    assert "Where the money comes from (2): Please write where the money comes from, or an amount." in told
    answer = await write(cleo, base, "dates", start="2026-02-01", end="2026-01-31")
    assert "The end lies before the beginning." in words(answer)
    assert (await write(cleo, base, "dates", start="2026-02-01", end="2026-02-01")).status_code == 200
    answer = await write(cleo, base, "relations", {"key": "geld", "difference": "keiner"})
    assert "Please choose one of the options." in words(answer)
    answer = await write(cleo, base, "relations", {"difference": "anders"})
    assert "Please choose the other programme, or write its name." in words(answer)
    answer = await write(cleo, base, "rollout", *({"name": name, "status": "pilot"} for name in ("Kreis A", "kreis a")))
    assert "Region (2): This region stands here already." in words(answer)


async def test_several_amounts_need_one_that_is_valid(votum: Votum, cleo: Browser) -> None:
    base = await publishable(cleo, "Geld")
    one = {"source": "Land", "cents": "5.800.000", "about": "1", "stated_by": "Projektseite", "stated_on": "2018-02-20"}
    two = {"source": "Land", "cents": "5500000", "stated_by": "Presse"}
    await written(cleo, base, "funding", one, two)
    refused = await publish(cleo, base)
    assert refused.status_code == 422
    assert f'href="{base}/edit/funding#cents-1"' in refused.text
    await written(cleo, base, "funding", one, {**two, "valid": "1"})
    assert (await publish(cleo, base)).status_code == 200
    page = words(await (await votum.stranger()).get(base))
    assert "Land €5,500,000 (Presse, this figure is valid) about €5,800,000 (Projektseite, 20 February 2018)" in page


async def test_who_was_slower_sees_both_texts_and_other_sections_disturb_nobody(votum: Votum, cleo: Browser) -> None:
    base = await begun(cleo, "Wettlauf")
    path = f"{base}/edit/steps"
    before = await seen(cleo, path)
    await written(cleo, base, "steps", {"text": "Ihr Schritt"})
    await written(cleo, base, "sites", {"name": "Süd"})
    late = await cleo.send_form(path, seen=before, **rows({"text": "Mein Schritt"}))
    assert late.status_code == 409
    assert "Ihr Schritt" in late.text
    assert "Mein Schritt" in late.text
    kept = json.loads(await database.value("SELECT draft FROM programme"))
    assert (kept["steps"], kept["sites"]) == ([{"text": "Ihr Schritt"}], [{"name": "Süd"}])


async def test_every_version_is_kept_and_visitors_see_the_newest(votum: Votum, cleo: Browser) -> None:
    base = await publishable(cleo, "Fassungen")
    await publish(cleo, base)
    await written(cleo, base, "name", title_de="Fassungen", purpose_de="Jetzt anders.")
    visitor = await votum.stranger()
    assert "Wozu es da ist." in words(await visitor.get(base))
    assert "Jetzt anders." in words(await cleo.get(f"{base}/preview"))
    assert "Changed since it was published" in words(await cleo.get(f"{base}/edit"))
    await publish(cleo, base)
    assert "Jetzt anders." in words(await visitor.get(base))
    assert "Version 2" in words(await cleo.get(f"{base}/edit"))
    assert "Wozu es da ist." in words(await cleo.get(f"{base}/versions/1"))
    assert (await cleo.get(f"{base}/versions/3")).status_code == 404
    assert (await publish(cleo, base)).status_code == 403  # nothing new
    actions = [row["action"] for row in await database.rows("SELECT action FROM audit_entry ORDER BY seq")]
    assert actions.count("programme.published") == 2
    assert actions.count("programme.edited") == 3
    assert actions.count("programme.created") == 1


async def test_drafts_do_not_exist_for_strangers(votum: Votum, cleo: Browser) -> None:
    base = await begun(cleo, "Geheim")
    pia, dan = await office(votum, "pia@example.org", "Landkreis Nebenan"), await votum.signed_in("dan@example.org")
    for path in (base, f"{base}/edit", f"{base}/edit/name", f"{base}/preview", f"{base}/versions/1"):
        assert [(await who.get(path)).status_code for who in (pia, dan)] == [404, 404]
    for path in (f"{base}/edit/name", f"{base}/publication"):
        assert [(await who.send_form(path, title_de="Mein")).status_code for who in (pia, dan)] == [404, 404]
    assert (await dan.get("/programmes/ours")).status_code == 404
    assert (await dan.get("/programmes/new")).status_code == 404
    assert "Geheim" not in words(await pia.get("/programmes/ours"))
    assert "Geheim" in words(await cleo.get("/programmes/ours"))
    assert (await cleo.get(f"{base}/edit/nothing")).status_code == 404
    other = await database.value("SELECT id FROM authority WHERE name = 'Landkreis Nebenan'")
    assert (await cleo.send_form("/programmes/new", title="Fremd", authority=other)).status_code == 404


async def test_a_call_names_its_programme_once_that_is_public(votum: Votum, cleo: Browser) -> None:
    base = await publishable(cleo, "Programm des Aufrufs")
    await open_call.call("aufruf")
    await database.rows("UPDATE call SET programme = (SELECT id FROM programme) WHERE key = 'aufruf'")
    visitor = await votum.stranger()
    assert "Programm des Aufrufs" not in words(await visitor.get("/calls/aufruf"))
    await publish(cleo, base)
    assert f'href="{base}"' in (await visitor.get("/calls/aufruf")).text
    assert "Calls of this programme" in words(await visitor.get(base))


async def test_a_long_list_comes_in_pages_and_takes_one_statement(votum: Votum, cleo: Browser) -> None:
    base = await publishable(cleo, "Programm 01")
    await written(cleo, base, "sites", {"name": "Süd"})
    await publish(cleo, base)
    await database.rows(
        "INSERT INTO programme (key, authority, draft) SELECT 'p' || n, authority, draft"
        " || jsonb_build_object('title_de', 'Programm ' || n) FROM programme, generate_series(10, 33) n"
    )
    await database.rows(
        "INSERT INTO programme_publication (programme, number, facts, at)"
        " SELECT id, 1, draft, now() FROM programme WHERE key LIKE 'p__'"
    )
    visitor = await votum.stranger()
    with votum.counted() as statements:
        first = await visitor.get("/programmes?region=Süd")
    assert len(statements) == 1
    assert "25 programmes in “Süd”." in words(first)
    assert (first.text.count("<article"), "Programm 33" in words(first)) == (24, False)
    assert 'href="/programmes?q=&amp;region=S%C3%BCd&amp;page=2"' in first.text
    for page in ("2", "99", "3"):
        last = await visitor.get(f"/programmes?region=Süd&page={page}")
        assert (last.text.count("<article"), "Programm 33" in words(last)) == (1, True)
    for odd in ("0", "x", "-1", "²"):
        assert (await visitor.get(f"/programmes?page={odd}")).text.count("<article") == 24


async def test_what_was_typed_before_is_suggested(cleo: Browser) -> None:
    base = await begun(cleo, "Vorschläge")
    await written(cleo, base, "roles", {"role": "lead", "organisation": "Amt für <Soziales>"})
    page = (await cleo.get(f"{base}/edit/roles")).text
    assert '<option value="Amt für &lt;Soziales&gt;"></option>' in page


async def test_two_programmes_of_one_title_have_two_addresses(cleo: Browser) -> None:
    assert [await begun(cleo, title) for title in ("Neu!", "Neu", "new", "ours", "…")] == [
        f"/programmes/{key}" for key in ("neu", "neu-2", "new-2", "ours-2", "programme")
    ]
    assert (await cleo.send_form("/programmes/new", title="")).status_code == 422


async def test_what_a_long_break_interrupted_is_shown_by_its_labels(votum: Votum, cleo: Browser) -> None:
    base = await begun(cleo, "Pause")
    await database.rows("DELETE FROM session")
    answer = await write(cleo, base, "steps", {"text": "Mein langer Schritt"})
    assert answer.status_code == 401
    assert "Mein langer Schritt" in words(answer)


async def test_a_target_that_is_taken_away_takes_its_parts_and_reports_along(cleo: Browser) -> None:
    base = await begun(cleo, "Ziele")
    targets = [{"label": name, "kind": "absolute", "wanted": "210"} for name in ("eins", "zwei")]
    await written(cleo, base, "targets", *targets)
    parts = [{"target": "t1", "wanted": number} for number in (50, 110, 49)]
    answer = await write(cleo, base, "parts", *parts)
    assert "Target value (3): The parts make 209, the target is 210." in words(answer)
    parts[2]["wanted"] = 50
    await written(cleo, base, "parts", *parts)
    await written(cleo, base, "actuals", {"target": "t1", "day": "2026-01-01", "value": "3"})
    await written(cleo, base, "targets", {**targets[1], "key": "t2"})
    kept = json.loads(await database.value("SELECT draft FROM programme"))
    assert ([one["key"] for one in kept["targets"]], "parts" in kept, "actuals" in kept) == (["t2"], False, False)


async def test_the_editor_takes_the_same_statements_however_much_there_is(votum: Votum, cleo: Browser) -> None:
    base = await publishable(cleo, "Groß")
    paths = [f"{base}/edit", f"{base}/edit/sites", f"{base}/edit/relations", f"{base}/preview", "/programmes/ours"]

    async def counts() -> list[int]:
        found = []
        for path in paths:
            await cleo.get(path)  # what was to be said is said
            with votum.counted() as statements:
                assert (await cleo.get(path)).status_code == 200
            found.append(len(statements))
        return found

    few = await counts()
    await written(cleo, base, "sites", *({"name": f"Ort {n}"} for n in range(60)))
    for number in range(5):
        await publishable(cleo, f"Weiteres {number}")
    assert await counts() == few == [3, 2, 3, 4, 3]
