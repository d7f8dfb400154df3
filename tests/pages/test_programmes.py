"""Programmes as everybody sees them: the list by region, and pages that say in words what the file says in data."""

import re
from datetime import date
from decimal import Decimal
from html import unescape
from typing import Any

import pytest

from app import clock, database, i18n
from app.competition_files import programme_part
from app.competition_files.parts import Programme
from app.domain import programmes
from app.domain.programmes import making, progress
from app.domain.programmes.progress import Progress
from tests.world import Browser, Votum, words


async def read(browser: Browser, path: str) -> str:
    """The page's own words, one blank between them."""
    answer = await browser.get(path)
    assert answer.status_code == 200
    main = answer.text.partition('<main id="main"')[2].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


async def told(auental: Votum, key: str, language: str = "en") -> str:
    return await read(await auental.stranger(language), f"/programmes/{key}")


async def keep(key: str = "eigenes", **said: Any) -> str:
    """One more programme of the authority, as a file with these facts would bring it; its key."""
    authority = await database.value("SELECT min(id) FROM authority")
    given = Programme(key, key.capitalize(), "", "", date(2026, 11, 1), said)
    facts = programme_part.facts(given)
    async with database.write_transaction():
        new = await making.keep(key, authority, facts, "programme.loaded", by="a test", at=clock.now())
        await making.keep_published(new, authority, facts, by=None, at=clock.now())
    return key


async def test_a_network_of_offices_shows_roles_steps_and_its_source(auental: Votum) -> None:
    answer = await (await auental.stranger()).get("/programmes/buero-netz")
    page = words(answer)
    for part in (
        "1 gemeinsam Möglichkeiten finden 2 praktische Lösungen entwickeln 3 Arbeitsplätze schaffen",
        "Initiated by Fachamt Teilhabe (Demo) Arbeitsgemeinschaft Inklusionsbetriebe (Demo)",
        "Coordination Arbeitsgemeinschaft Inklusionsbetriebe (Demo)",
        "Funding body Sozialverband (Demo)",
        "Funding from Ausgleichsabgabe",
        "Regions Region Nord Region Mitte Region Süd",
        "Virtual office Vermittlungsbüro Nord Region Nord Virtual office Vermittlungsbüro Mitte Region Mitte",
        "schwerbehinderte Menschen Included Grad der Behinderung von mindestens 50",
        "Marktplatz 4 01234 Auenburg Telephone: 01234 567-0 Fax: 01234 567-99 netz@example.org",
    ):
        assert part in page
    assert "€" not in page
    assert f"As of {i18n.date((await programmes.public('buero-netz')).facts.as_of)}" in page


async def test_staff_is_told_in_a_sentence(auental: Votum) -> None:
    sites = "Werkstatt Auenburg, Werkstatt Kalkrode"
    english, german = [await told(auental, "jobcoach", language) for language in ("en", "de")]
    assert f"{sites}, from 1 October 2022: two full-time Jobcoaches (before: half-time each)" in english
    assert "In all 2 full-time posts (before: 1)." in english
    assert f"{sites}, ab 01.10.2022: zwei Jobcoaches mit je einer vollen Stelle (zuvor je eine halbe Stelle)" in german


@pytest.mark.parametrize(
    ("before", "after", "posts", "sentence"),
    [
        ("0.50", "1.00", 1, "one full-time Coach (before: half-time)"),
        ("1", "0.5", 3, "three half-time Coaches (before: full-time each)"),
        ("0", "0.75", 2, "two Coaches with a post of 75 percent each (before: none)"),
        ("0.4", "0.8", 1, "one post of 80 percent as Coach (before: 40 percent)"),
        ("1", "1", 13, "13 full-time Coaches"),
        (None, "1", 12, "twelve full-time Coaches"),
    ],
)
async def test_posts_of_every_size_have_words(
    auental: Votum, before: str | None, after: str, posts: int, sentence: str
) -> None:
    staffing = [
        {"function": "Coach", "functions": "Coaches", "fte_before": before, "fte_after": after} for _ in range(posts)
    ]
    page = await told(auental, await keep(staffing=staffing))
    assert f"Staff {sentence} In all" in page


async def test_a_programme_says_what_it_is_not_and_both_pages_say_it(auental: Votum) -> None:
    page = await told(auental, "jobcoach")
    assert "Not to be confused with: A job that fits (demo)" in page
    assert (
        "The other programme (since 1 May 2022): richtet sich an Menschen außerhalb von Werkstätten"
        " This programme: richtet sich an Beschäftigte in Werkstätten"
    ) in page
    page = await told(auental, "passgenau")
    assert (
        "Not to be confused with: Job coach in the workshop (demo) The other programme (since 1 October 2022):"
        " richtet sich an Beschäftigte in Werkstätten This programme: richtet sich an Menschen außerhalb von"
    ) in page
    unknown = {"key": "irgend-etwas", "difference_de": "ist anders"}
    assert "Not to be confused with: Irgend etwas The other programme: ist anders" in await told(
        auental, await keep("unbekannt", not_to_confuse_with=unknown)
    )
    key = await keep(not_to_confuse_with={"key": "jobcoach", "difference_de": "für Beschäftigte in Werkstätten"})
    other = "Not to be confused with: Job coach in the workshop (demo) The other programme (since 1 October 2022): für"
    assert other in await told(auental, key)
    this = "Not to be confused with: Eigenes This programme: für Beschäftigte in Werkstätten"
    assert this in await told(auental, "jobcoach")


async def test_a_target_shows_its_parts_and_how_far_it_is(auental: Votum) -> None:
    page = await told(auental, "service-center")
    for part in (
        "Target 210 persons by 30 September 2019",
        "In parts 50 aus kommunalen Aufträgen 110 in neuen kommunalen Servicefeldern 50 in Betrieben",
        "Reached so far 100 of 210 (reported for 1 October 2018)",
        "Period 1 July 2017 to 30 September 2019",
        "Land (Demo) about €5,800,000 (Projektseite, 20 February 2018, this figure is valid)"
        " about €5,500,000 (Pressemitteilung, 5 September 2017)",
    ):
        assert part in page
    german = await told(auental, "service-center", "de")
    assert "01.07.2017 bis 30.09.2019" in german
    assert "rund 5.800.000 € (Projektseite, 20.02.2018, diese Angabe gilt)" in german
    assert "100 von 210" in german


async def test_a_change_is_measured_from_its_baseline(auental: Votum) -> None:
    page = await told(auental, "teilhabeplanung")
    assert (
        "Target 10 percent less by 31 December 2030 Starting point 40,000 (31 December 2023) That makes 36,000"
        " Reached so far 38,800 (reported for 30 June 2025): −3.0 percent, 30 percent of the way" in page
    )
    assert "That makes 17,100 Reached so far Nothing has been reported yet." in page
    assert (
        "10 percent more by 31 December 2030 Holds for das Inklusionsamt als Arbeitgeber"
        " Starting point 1,500 (31 December 2023) That makes 1,650" in page
    )


def target(**said: Any) -> Progress:
    given = Programme("z", "Z", "", "", None, {"targets": [{"label_de": "Ziel", **said}]})
    return progress.of(programme_part.facts(given))[0]


def test_three_percent_of_ten_are_thirty_percent_of_the_way() -> None:
    reported = [{"date": "2026-12-31", "value": 38800}, {"date": "2025-12-31", "value": 39900}]
    found = target(kind="relative_change", change=-10, baseline={"value": 40000}, reported=reported)
    assert (found.change, found.share, found.reached_on) == (Decimal(-3), Decimal(30), date(2026, 12, 31))


def test_without_a_baseline_nothing_is_said_of_the_way() -> None:
    found = target(kind="relative_change", change=-10, reported=[{"date": "2026-12-31", "value": 38800}])
    assert (found.change, found.share, found.aim) == (None, None, None)


async def test_a_missing_baseline_is_said(auental: Votum) -> None:
    key = await keep(targets=[{"label_de": "Ziel", "kind": "relative_change", "change": -10, "due": "2030-12-31"}])
    page = await told(auental, key)
    assert "Baseline missing" in page
    assert "percent of the way" not in page


async def test_the_valid_amount_comes_first_and_says_so(auental: Votum) -> None:
    page = await told(
        auental,
        await keep(
            grant=[
                {"amount": 100, "source": "A", "date": "2020-01-31"},
                {"amount": "200.50", "source": "B", "valid": True},
            ]
        ),
    )
    assert "Public funds €200.50 (B, this figure is valid) €100 (A, 31 January 2020)" in page


async def test_what_has_another_shape_is_left_out_and_never_printed_raw(auental: Votum) -> None:
    odd = {
        "regions": {"a": 1},
        "steps": [{"no": "x", "title_de": "zuletzt"}, {"no": 1, "title_de": "zuerst"}, 7, None],
        "targets": [
            {"label_de": "ohne Zahl"},
            {"kind": "absolute", "target": 5},
            {"label_de": "Z", "target": "NaN"},
            "x",
        ],
        "grant": [{"amount": "viel"}, {"amount": -1}, True],
        "staffing": [{"function": "Coach"}, 3],
        "period": "2017",
        "roles": {"stars": ["Jemand"], "lead": {"a": 1}},
        "rollout": {"decided": True},
        "not_to_confuse_with": "anderes",
        "like_seed": "001",
    }
    answer = await (await auental.stranger()).get(f"/programmes/{await keep(**odd)}")
    page = words(answer)
    assert answer.status_code == 200
    assert page.index("zuerst") < page.index("zuletzt")
    assert "Also involved Jemand" in page
    for raw in ("{", "True", "None", "001", "viel", "2017", "NaN", "anderes", "decided"):
        assert raw not in page.partition("At a glance")[0] + page.partition("At a glance")[2].partition("As of")[0]


@pytest.mark.parametrize(
    "key", ["teilhabe-durch-arbeit", "buero-netz", "jobcoach", "passgenau", "service-center", "teilhabeplanung"]
)
async def test_no_page_prints_a_code_or_a_day_as_the_file_writes_it(auental: Votum, key: str) -> None:
    page = await told(auental, key, "de")
    assert not re.findall(r"\d{4}-\d\d-\d\d|_|[{};]|\b(?:persons|relative_change|state|True|None)\b", page)
    assert "Stand " in page


async def test_a_region_finds_its_programmes(auental: Votum) -> None:
    browser = await auental.stranger()
    everything = await read(browser, "/programmes")
    assert everything.count("As of") == 6
    south = await read(browser, "/programmes?region=Region+S%C3%BCd")
    assert "1 programme in “Region Süd”." in south
    assert "shared placement offices" in south
    assert south.count("As of") == 1
    assert "No programme there" in await read(browser, "/programmes?region=Atlantis")


async def test_before_there_is_a_programme_the_list_says_so(votum: Votum) -> None:
    assert "No programme yet" in await read(await votum.stranger(), "/programmes")


async def test_list_and_page_take_a_known_number_of_statements(auental: Votum) -> None:
    browser = await auental.stranger()
    for path, statements in (("/programmes", 1), ("/programmes/jobcoach", 3)):
        with auental.counted() as seen:
            assert (await browser.get(path)).status_code == 200
        assert len(seen) == statements


async def test_a_programme_lists_its_calls(auental: Votum) -> None:
    assert "Result published" in await told(auental, "teilhabe-durch-arbeit")
