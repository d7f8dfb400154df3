"""Downloads: for those who run the call, every list in every form, and for nobody else."""

import copy
import io
import re

import openpyxl
import pytest
import yaml

from app import competition_files
from app.papers import exports
from tests.world import Votum, words

OFFICE = "koordination@example.org"
LIST = "/calls/aufruf-2017/exports/decision-list.csv"
STATEMENTS = {
    "decision-list.csv": 3,
    "decision-list.xlsx": 3,
    "ranking.pdf": 3,
    "scores.csv": 3,
    "intake-list.csv": 4,
    "minutes.pdf": 8,
    "rating-sheets.pdf": 5,
    "letters.pdf": 5,
    "dossier.zip": 11,
}


def links(page: str) -> list[str]:
    return re.findall(r'href="(/calls/[^"]+/exports/[^"]+)"', page)


async def test_the_office_finds_every_download_and_every_one_is_a_file(auental: Votum):
    browser = await auental.signed_in(OFFICE)
    page = await browser.get("/calls/aufruf-2017/office")
    found = links(page.text)
    assert sorted(found) == sorted(f"/calls/aufruf-2017/exports/{what}.{form}" for what, form in exports.EVERY)
    assert "show ranking no. 1, the newest that is frozen" in words(page)
    for link in found:
        answer = await browser.get(link)
        what, _, form = link.rpartition("/")[2].rpartition(".")
        assert answer.status_code == 200, link
        assert answer.headers["content-type"] == exports.MEDIA[form] + ("; charset=utf-8" if form == "csv" else "")
        assert answer.headers["content-disposition"].startswith(f'attachment; filename="aufruf-2017-{what}-1.{form}"')
        assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"


async def test_before_the_freeze_the_office_reads_that_everything_is_a_draft(votum: Votum):
    key = await competition_files.load(competition_files.read(competition_files.EXAMPLE.read_bytes()), now_in="rating")
    browser = await votum.signed_in(OFFICE)
    assert "says that it is a draft" in words(await browser.get(f"/calls/{key}/office"))
    answer = await browser.get(f"/calls/{key}/exports/decision-list.csv")
    assert f'filename="{key}-decision-list-draft.csv"' in answer.headers["content-disposition"]


async def test_a_stranger_is_sent_to_sign_in(auental: Votum):
    answer = await (await auental.stranger()).get(LIST)
    assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, "/sign-in")


@pytest.mark.parametrize("email", ["m1@example.org", "m7@example.org", "o01@example.org", "dan@example.org"])
async def test_for_everybody_else_there_is_no_such_file(auental: Votum, email):
    browser = await auental.signed_in(email)
    for what, form in exports.EVERY:
        assert (await browser.get(f"/calls/aufruf-2017/exports/{what}.{form}")).status_code == 404


@pytest.mark.parametrize("name", ["decision-list.docx", "secrets.csv", "decision-list", ".csv", "minutes.csv"])
async def test_what_there_is_not_is_not_found(auental: Votum, name):
    assert (await (await auental.signed_in(OFFICE)).get(f"/calls/aufruf-2017/exports/{name}")).status_code == 404


async def test_an_earlier_moment_gives_the_list_of_that_moment(auental: Votum):
    browser = await auental.signed_in(OFFICE)
    now = await browser.get(LIST)
    assert (await browser.get(f"{LIST}?as_of=2018-01-01")).content == now.content
    assert (await browser.get(f"{LIST}?as_of=2017-12-06T13:00%2B01:00")).content == now.content
    early = await browser.get(f"{LIST}?as_of=2017-11-01")
    assert "-draft.csv" in early.headers["content-disposition"]
    for nonsense in ("yesterday", "2017-13-01", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "1"):
        answer = await browser.get(LIST, params={"as_of": nonsense})
        assert answer.status_code == 404, nonsense


@pytest.mark.parametrize(("language", "heading"), [("de", "Entscheidungsliste"), ("en", "Decision list")])
async def test_a_workbook_speaks_the_language_of_who_asks(auental: Votum, language, heading):
    browser = await auental.signed_in(OFFICE, language)
    answer = await browser.get("/calls/aufruf-2017/exports/decision-list.xlsx")
    assert openpyxl.load_workbook(io.BytesIO(answer.content)).sheetnames[0] == heading


@pytest.mark.parametrize("name", STATEMENTS)
async def test_the_number_of_statements_is_known(auental: Votum, name):
    browser = await auental.signed_in(OFFICE)
    await browser.get(f"/calls/aufruf-2017/exports/{name}")
    with auental.counted() as seen:
        assert (await browser.get(f"/calls/aufruf-2017/exports/{name}")).status_code == 200
    assert len(seen) == STATEMENTS[name], seen


async def test_it_does_not_grow_with_the_proposals(votum: Votum):
    seen = {number: await statements_for(votum, number) for number in (10, 100)}
    assert seen[10] == seen[100]


async def statements_for(votum: Votum, number: int) -> dict[str, int]:
    key = await a_call_with(number)
    browser = await votum.signed_in(OFFICE)
    counted = {}
    for name in STATEMENTS:
        await browser.get(f"/calls/{key}/exports/{name}")
        with votum.counted() as seen:
            assert (await browser.get(f"/calls/{key}/exports/{name}")).status_code == 200
        counted[name] = len(seen)
    return counted


async def a_call_with(number: int) -> str:
    """A call with this many proposals, admitted and not yet rated."""
    document = yaml.safe_load(competition_files.EXAMPLE.read_text())
    model = next(one for one in document["proposals"] if one["key"] == "P05")
    document["proposals"] = [{**copy.deepcopy(model), "key": f"Q{n:03}", "ratings": {}} for n in range(number)]
    document["call"]["key"] = f"call-with-{number}"
    document["committee"]["conflicts"] = []
    for name in ("expected", "after_decision", "meeting"):
        document.pop(name)
    return await competition_files.load(competition_files.read(yaml.safe_dump(document, allow_unicode=True).encode()))
