"""The demo competition through the web: what its file expects is what people see and download."""

import copy
import csv
import io
import json
import re

import pytest

from app import competition_files, database
from app.domain.rating_schemes import read_yaml
from tests.world import Votum, words

OFFICE = "koordination@example.org"
DOCUMENT = read_yaml(competition_files.EXAMPLE.read_bytes(), largest=competition_files.LARGEST)
EXPECTED = DOCUMENT["expected"]


async def decision_list(browser, key="aufruf-2017"):
    answer = await browser.get(f"/calls/{key}/exports/decision-list.csv")
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.text)))


def table_rows(page: str) -> list[list[str]]:
    """The cells of the ranking table as text, a list a row."""
    body = re.search(r"(?s)<tbody>(.*?)</tbody>", page).group(1)
    rows = re.findall(r"(?s)<tr>(.*?)</tr>", body)
    return [[plain(cell) for cell in re.findall(r"(?s)<t[hd][^>]*>(.*?)</t[hd]>", row)] for row in rows]


def plain(cell: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", cell).split())


def as_expected(rows):
    return [
        {
            "rank": int(row["rank"]),
            "proposal": row["proposal"],
            "total": row["total"],
            "valid_ratings": int(row["valid_reviews"]),
            "places": int(row["places"]),
            "grant": int(row["grant_requested"]),
            "result": row["status"],
        }
        for row in rows
        if row["rank"]
    ]


async def test_the_decision_list_equals_the_expected_result(auental: Votum):
    rows = await decision_list(await auental.signed_in(OFFICE))
    assert as_expected(rows) == EXPECTED["final"]
    by_key = {row["proposal"]: row for row in rows}
    for failed in EXPECTED["failed"]:
        row = by_key[failed["proposal"]]
        assert (row["total"], row["failed_minima"].split(), row["status"]) == (
            failed["total"],
            failed["failed"],
            "not_recommended",
        )
    assert (
        sorted(key for key, row in by_key.items() if row["status"] == "rejected_formally")
        == EXPECTED["formally_rejected"]
    )
    assert {by_key[key]["decided_by"] for key in EXPECTED["tie"]["proposals"]} == {EXPECTED["tie"]["decided_by"]}
    assert {by_key[key]["start_date"] for key in EXPECTED["recommended"]} == {EXPECTED["start_date"]}
    assert len(rows) == EXPECTED["submitted"]


async def test_the_ranking_page_shows_the_same(auental: Votum):
    page = (await (await auental.signed_in(OFFICE)).get("/calls/aufruf-2017/ranking")).text
    rows = [row for row in table_rows(page) if row[0] != "–"]
    assert [(row[0], row[1].split()[0], row[2]) for row in rows] == [
        (str(line["rank"]), line["proposal"], line["total"]) for line in EXPECTED["final"]
    ]
    assert "40 of 42" in page
    assert "€330,048 of €378,000" in page


async def test_every_mean_stands_on_the_page(auental: Votum):
    page = (await (await auental.signed_in(OFFICE)).get("/calls/aufruf-2017/ranking")).text
    rows = {row[1].split()[0]: row for row in table_rows(page)}
    for failed in EXPECTED["failed"]:
        shown = [cell.removesuffix(" below the minimum") for cell in rows[failed["proposal"]][4:9]]
        assert shown == list(failed["means"].values())


async def test_without_the_late_conflict_another_list_would_stand(votum: Votum):
    document = copy.deepcopy(DOCUMENT)
    conflicts = document["committee"]["conflicts"]
    document["committee"]["conflicts"] = [one for one in conflicts if not one.get("late")]
    document.pop("meeting")  # the committee resolved after the conflict was known
    key = await competition_files.load(competition_files.read(json.dumps(document, default=str).encode()))
    rows = await decision_list(await votum.signed_in(OFFICE), key)
    before = EXPECTED["before_late_conflict"]
    assert as_expected(rows)[: len(before["final"])] == before["final"]
    assert [row["proposal"] for row in rows if row["status"] == "recommended"] == before["recommended"]


async def test_the_public_page_says_what_may_be_said_and_nothing_else(auental: Votum):
    page = words(await (await auental.stranger()).get("/calls/aufruf-2017"))
    assert "Ideas for more than 100 places were submitted." in page
    for recommended in ("Sozialwerk Auental", "Hilfsgemeinschaft Auental", "Qualifizierungs- und Strukturgesellschaft"):
        assert recommended in page
    assert page.count("15 March 2018") >= 3
    refused = await database.rows("SELECT name FROM organisation")
    names = {row["key"]: row["name"] for row in DOCUMENT["organisations"]}
    recommended = {names[key] for key in ("O01", "O02", "O03")}
    assert len(refused) > 10
    for row in refused:
        assert (row["name"] in page) == (row["name"] in recommended)
    for name in ("Alex Muster", "Kim Beispiel", "Luca Raster"):
        assert name not in page
    for points in ("86.17", "83.00", "78.86", "77.00", "330,048"):
        assert points not in page


OFFICE_PAGES = (
    *("ranking", "intake", "office", "exports/decision-list.csv", "exports/scores.csv", "recommendations/P01"),
    *("rankings/1", "scheme", "edit/text", "committee/members"),
)


@pytest.mark.parametrize("path", OFFICE_PAGES)
async def test_what_the_office_sees_does_not_exist_for_others(auental: Votum, path):
    for email in ("m2@example.org", "o01@example.org", "dan@example.org"):
        browser = await auental.signed_in(email)
        assert (await browser.get(f"/calls/aufruf-2017/{path}")).status_code == 404
    assert (await (await auental.stranger()).get(f"/calls/aufruf-2017/{path}")).status_code == 303


RESULTS = (
    ("o01@example.org", "Recommended", "Start 15 March 2018"),
    ("o07@example.org", "Reserve list", "do not suffice"),
    ("o09@example.org", "Not recommended", "Below the minimum"),
    ("o13@example.org", "Formally rejected", "sieben Minuten nach der Ausschlussfrist"),
)


@pytest.mark.parametrize(("email", "result", "reason"), RESULTS)
async def test_an_organisation_reads_its_own_result_and_reason_once_it_is_public(auental: Votum, email, result, reason):
    browser = await auental.signed_in(email)
    desk = await browser.get("/desk")
    assert result in words(desk)
    address = re.search(r'href="(/proposals/\d+)"', desk.text).group(1)
    page = words(await browser.get(address))
    assert result in page
    assert reason in page


async def test_before_the_publication_an_organisation_reads_nothing_of_it(votum: Votum):
    await competition_files.load(competition_files.read(competition_files.EXAMPLE.read_bytes()), now_in="rating")
    browser = await votum.signed_in("o01@example.org")
    address = re.search(r'href="(/proposals/\d+)"', (await browser.get("/desk")).text).group(1)
    page = words(await browser.get(address))
    assert "In rating" in page
    assert "ecommended" not in page
