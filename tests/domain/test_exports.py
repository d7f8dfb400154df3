"""What is taken out of a call: the list that the screen shows, as files that are the same again and harm nobody."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import openpyxl
import pytest
import yaml
from pypdf import PdfReader

from app import clock, competition_files, database, i18n
from app.domain import formal_checks, recommendations
from app.domain.calls import CALL, Call
from app.domain.rating_schemes import Scheme
from app.errors import Invalid
from app.papers import csv_text, exports, lists, provenance
from app.papers.lists import Table
from app.papers.safe_text import clean
from app.papers.xlsx import books
from app.records import memory
from tests.domain import listed
from tests.domain.test_exports_calculation import SCHEMES

EXPECTED: dict[str, Any] = yaml.safe_load(competition_files.EXAMPLE.read_text())["expected"]
DANGEROUS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", '=cmd|" /C calc"!A0')


async def a_call(key: str = "aufruf-2017") -> Call:
    call = await database.one_of(Call, f"{CALL} WHERE c.key = $1", key)
    assert call is not None
    return call


async def made(what: str, form: str, *, key: str = "aufruf-2017", **asked: Any) -> bytes:
    return (await exports.export(await a_call(key), what, form, **asked)).body


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def text(content: bytes) -> str:
    """The words of a PDF, white space folded."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).split())


# ── the decision list ───────────────────────────────────────────────────────────────────────────


async def test_the_decision_list_is_what_the_competition_expects(auental):
    content = await made("decision-list", "csv")
    assert content.startswith(
        b"rank,proposal,organisation,title,field,places,grant_requested,valid_reviews,total,passed,failed_minima,"
        b"status,start_date,decided_by,reason,conditions,departure\r\n"
    )
    found = rows(content)
    ranked = [
        {
            "rank": int(row["rank"]),
            "proposal": row["proposal"],
            "total": row["total"],
            "valid_ratings": int(row["valid_reviews"]),
            "places": int(row["places"]),
            "grant": int(row["grant_requested"]),
            "result": row["status"],
        }
        for row in found
        if row["rank"]
    ]
    assert ranked == EXPECTED["final"]
    assert [row["proposal"] for row in found] == [
        *(line["proposal"] for line in EXPECTED["final"]),
        *("P09", "P10", "P11", "P13", "P14"),
    ]
    failed = {row["proposal"]: row for row in found if row["passed"] == "false"}
    assert {key: (row["total"], row["failed_minima"]) for key, row in failed.items()} == {
        "P09": ("72.83", "k2"),
        "P10": ("52.00", "total"),
    }
    assert {row["proposal"] for row in found if row["decided_by"]} == {"P04", "P07"}
    assert found[3]["decided_by"] == EXPECTED["tie"]["decided_by"]
    assert [row["start_date"] for row in found if row["status"] == "recommended"] == [EXPECTED["start_date"]] * 3
    rejected = [row for row in found if row["status"] == "rejected_formally"]
    assert [row["reason"] for row in rejected] == [
        "Vorhaben läuft laut Antrag seit 01.09.2017",
        "Eingang sieben Minuten nach der Ausschlussfrist",
        "vier Plätze, Mindestzahl fünf",
    ]
    assert (rejected[0]["rank"], rejected[0]["total"], rejected[0]["passed"]) == ("", "", "")


async def test_the_reason_is_german_whoever_asks(auental):
    i18n.locale.set("en")
    assert await made("decision-list", "csv", language="en") == await made("decision-list", "csv", language="de")
    found = rows(await made("decision-list", "csv", language="en"))
    assert found[0]["reason"] == i18n.translations("de").gettext("Places and funds are sufficient.")


async def test_all_forms_of_the_decision_list_carry_the_same_rows(auental):
    listed_rows = rows(await made("decision-list", "csv"))
    read = json.loads(await made("decision-list", "json"))
    assert [[csv_text.plain(value) for value in row.values()] for row in read["rows"]] == [
        list(row.values()) for row in listed_rows
    ]
    book = openpyxl.load_workbook(io.BytesIO(await made("decision-list", "xlsx")), data_only=True).worksheets[0]
    for row, cells in zip(listed_rows, list(book.iter_rows(values_only=True))[1:], strict=True):
        rank, key, organisation, title, _field, places, grant, valid, total, _passed, failed, _status, start, *_ = cells
        assert (str(rank or ""), key, organisation, title) == tuple(list(row.values())[:4])
        assert (places, grant, valid) == tuple(
            int(row[name]) for name in ("places", "grant_requested", "valid_reviews")
        )
        named = {"": None, "k2": "Arbeitsinhalt", "total": "Gesamtpunkte"}
        assert (f"{total:.2f}" if total else "", failed or None) == (row["total"], named[row["failed_minima"]])
        assert (f"{start:%Y-%m-%d}" if start else "") == row["start_date"]
    printed = text(await made("decision-list", "pdf"))
    for row in listed_rows:
        assert row["organisation"] in printed
        assert row["total"].replace(".", ",") in printed


async def test_the_file_says_which_ranking_it_shows(auental):
    call = await a_call()
    seal = (await provenance.source(call)).seal
    assert seal is not None
    file = await exports.export(call, "decision-list", "csv")
    assert (file.name, file.media_type) == ("aufruf-2017-decision-list-1.csv", "text/csv")
    assert json.loads(await made("decision-list", "json"))["sha256"] == seal.sha256
    assert seal.sha256 in text(await made("decision-list", "pdf"))
    book = openpyxl.load_workbook(io.BytesIO(await made("decision-list", "xlsx")))
    assert seal.sha256 in [cell.value for cell in book.worksheets[-1]["B"]]
    assert seal.sha256 in book.worksheets[0].oddFooter.left.text
    noted = await database.value("SELECT detail FROM audit_entry WHERE action = 'ranking.frozen'")
    assert json.loads(noted)["sha256"] == seal.sha256


# ── the same again, earlier, draft ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("what", "form"), exports.EVERY)
async def test_the_same_ranking_gives_the_same_bytes(auental, monkeypatch, what, form):
    first = await made(what, form)
    memory.forget()
    monkeypatch.setattr(clock, "now", lambda: datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC))
    assert await made(what, form) == first


async def decided(**changed: str) -> provenance.Source:
    """The call in its meeting, where the committee recommends something for P01 and the ranking is frozen."""
    call = await a_call("aufruf-2017-meeting")
    office = await database.value("SELECT person FROM administration")
    version = (await provenance.source(call)).ranking.line("P01").version
    entered = {"status": "", "conditions": "", "reasons": "", **changed}
    await recommendations.edit(call, "P01", start_date=None, version=version, **entered, by=office, at=clock.now())
    await recommendations.freeze(call, "Sitzung", by=office, at=clock.now())
    return await provenance.source(call)


async def test_an_earlier_ranking_can_be_taken_out_again(votum):
    key = await competition_files.load(competition_files.read(competition_files.EXAMPLE.read_bytes()), now_in="meeting")
    first, before = (await decided()).seal, await made("decision-list", "xlsx", key=key)
    second = (await decided(status="reserve", reasons="Ein Grund.")).seal
    assert first
    assert second
    assert second.number == first.number + 1
    assert await made("decision-list", "xlsx", key=key) != before
    assert await made("decision-list", "xlsx", key=key, as_of=first.at) == before
    assert await made("decision-list", "xlsx", key=key, as_of=second.at - timedelta(microseconds=1)) == before
    lines = {row["proposal"]: row for row in rows(await made("decision-list", "csv", key=key))}
    assert (lines["P01"]["status"], lines["P01"]["reason"]) == ("reserve", "Ein Grund.")
    early = await exports.export(await a_call(key), "decision-list", "csv", as_of=datetime(2016, 1, 1, tzinfo=UTC))
    assert early.name == f"{key}-decision-list-{i18n.gettext('draft')}.csv"


async def test_without_a_frozen_ranking_everything_says_draft(votum):
    found = competition_files.read(competition_files.EXAMPLE.read_bytes())
    key = await competition_files.load(found, now_in="rating")
    for language, word in (("de", i18n.translations("de").gettext("DRAFT")), ("en", "DRAFT")):
        for what in ("decision-list", "ranking", "intake-list", "minutes", "rating-sheets", "letters"):
            assert word in text(await made(what, "pdf", key=key, language=language))
        book = openpyxl.load_workbook(io.BytesIO(await made("decision-list", "xlsx", key=key, language=language)))
        assert word in book.worksheets[0].oddFooter.left.text
    assert json.loads(await made("ranking", "json", key=key))["draft"] is True
    assert await made("minutes", "pdf", key=key) == await made("minutes", "pdf", key=key)


async def test_a_call_without_any_proposal_has_lists_without_rows(votum):
    text_of = competition_files.EXAMPLE.read_text()
    document = yaml.safe_load(text_of) | {"proposals": [], "expected": None, "meeting": None, "after_decision": None}
    document["committee"] |= {"conflicts": []}
    kept = {name: part for name, part in document.items() if part is not None}
    key = await competition_files.load(competition_files.read(yaml.safe_dump(kept, allow_unicode=True).encode()))
    for what, form in exports.EVERY:
        assert await made(what, form, key=key)
    assert rows(await made("decision-list", "csv", key=key)) == []


@pytest.mark.parametrize(
    ("what", "form"), [("decision-list", "docx"), ("letters", "xlsx"), ("secrets", "csv"), ("", "")]
)
async def test_what_there_is_not_is_refused(auental, what, form):
    with pytest.raises(Invalid):
        await made(what, form)


# ── inert texts ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("dangerous", DANGEROUS)
def test_no_text_becomes_a_formula(dangerous):
    found = a_ranking(title=dangerous, organisation=f"x{dangerous}")
    table = lists.decision_list(found)
    [row] = rows(csv_text.text(table))
    cleaned = dangerous.replace("\r", "\n")
    assert row["title"] == f"'{cleaned}"
    book = openpyxl.load_workbook(io.BytesIO(books.calculated(listed.source(found), "Liste", table)))
    cell = book.worksheets[0].cell(2, 4)
    assert (cell.value, cell.data_type) == (cleaned, "s")
    assert not any(cell.hyperlink for sheet in book for line in sheet.iter_rows() for cell in line)


async def test_characters_that_no_file_takes_are_left_out():
    found = a_ranking(title="a\x00b\x0bcd\u202ee\ufffe\x85f", organisation="mit\r\nUmbruch 😀")
    table = lists.decision_list(found)
    [row] = rows(csv_text.text(table))
    assert (row["title"], row["organisation"]) == ("abcdef", "mit\nUmbruch 😀")
    book = openpyxl.load_workbook(io.BytesIO(books.calculated(listed.source(found), "Liste", table)))
    assert book.worksheets[0].cell(2, 4).value == "abcdef"
    assert "abcdef" in text(await exports.body(listed.source(found), "decision-list", "pdf"))
    assert json.loads(await exports.body(listed.source(found), "decision-list", "json"))["rows"][0]["title"] == "abcdef"
    assert clean("half a \ud800 pair") == "half a  pair"


def test_a_text_that_is_too_long_for_a_cell_is_cut_and_says_so():
    found = a_ranking(title="ä" * 40_000)
    table = lists.decision_list(found)
    cell = openpyxl.load_workbook(io.BytesIO(books.plain(listed.source(found), "Liste", table))).worksheets[0]["D2"]
    assert len(cell.value) < 32_767
    assert cell.value.endswith(f" {i18n.gettext('[cut here, the CSV file has the whole text]')}")
    assert len(rows(csv_text.text(table))[0]["title"]) == 40_000


async def test_markup_in_a_title_stays_a_text_in_a_pdf_and_asks_nobody():
    title = '#image("http://169.254.169.254/x") <img src=file:///etc/passwd> $x$ *fett*'
    printed = text(await exports.body(listed.source(a_ranking(title=title)), "decision-list", "pdf"))
    assert title.replace(" ", "") in printed.replace(" ", "")


def test_a_number_keeps_its_zeros_and_a_money_its_cents():
    table = Table(("a", "b", "c"), [["01067", lists.euro(125_050), lists.euro(100)], [None, True, lists.euro(0)]])
    assert csv_text.text(table) == b"a,b,c\r\n01067,1250.50,1\r\n,true,0\r\n"


def a_ranking(**proposal: Any) -> Any:
    scheme = Scheme.from_document(SCHEMES["auental"])
    marks = [listed.mark("P01", f"M{n}", one.key, 4) for n in range(4) for one in scheme.rated_criteria]
    return listed.ranking(scheme, marks, [{"key": "P01", **proposal}])


# ── accessible and neutral files ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("what", [what for what, form in exports.EVERY if form == "pdf"])
async def test_every_pdf_is_tagged_titled_and_fit_for_the_archive(auental, what):
    for language in ("de", "en"):
        reader = PdfReader(io.BytesIO(await made(what, "pdf", language=language)))
        assert reader.trailer["/Root"]["/Lang"] == language
        assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
        assert "Ideenwettbewerb" in reader.metadata.title
        kinds = reader.xmp_metadata.stream.get_data().decode()
        assert "pdfuaid" in kinds
        assert "pdfaid" in kinds


async def test_a_table_over_several_pages_repeats_its_heading(auental):
    scheme = Scheme.from_document(SCHEMES["auental"])
    found = listed.ranking(scheme, [], [{"key": f"P{n:03}"} for n in range(120)])
    pages = PdfReader(io.BytesIO(await exports.body(listed.source(found), "decision-list", "pdf"))).pages
    heading = i18n.gettext("Field of activity")
    assert len(pages) > 3
    assert all(heading in page.extract_text() for page in pages)


async def test_a_workbook_tells_nothing_about_who_made_it(auental):
    book = openpyxl.load_workbook(io.BytesIO(await made("decision-list", "xlsx")))
    assert (book.properties.creator, book.properties.lastModifiedBy) == ("Votum", "Votum")
    assert [sheet.sheet_state for sheet in book] == ["visible"] * 4
    assert not any(cell.comment for sheet in book for line in sheet.iter_rows() for cell in line)


# ── single marks, sheets, intake, minutes, letters ──────────────────────────────────────────────


async def test_every_mark_is_in_the_scores_and_a_biased_member_is_recused(auental):
    found = rows(await made("scores", "csv"))
    assert list(found[0]) == ["proposal", "reviewer", "criterion", "value", "reason", "comment", "after_seeing"]
    recused = {(row["proposal"], row["reviewer"]) for row in found if row["reason"] == "recused"}
    assert recused == {("P04", "M7")}
    assert len(found) == 5 * sum(line["valid_ratings"] for line in EXPECTED["final"]) + 5 * (6 + 7 + 1)
    sheet = openpyxl.load_workbook(io.BytesIO(await made("decision-list", "xlsx"))).worksheets[1]
    shown = [(row[0].value, row[1].value, row[2].value) for row in sheet.iter_rows(min_row=2)]
    assert [row[:2] for row in shown if row[2] == i18n.gettext("yes")] == [("P04", "M7")]


async def test_there_is_a_rating_sheet_for_every_member_and_proposal(auental):
    content = await made("rating-sheets", "pdf", language="en")
    pages = [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages]
    sheets = {(row["proposal"], row["reviewer"]) for row in rows(await made("scores", "csv"))}
    assert len(pages) == len(sheets)
    biased = [page for page in pages if "This sheet does not count" in page]
    assert len(biased) == 1
    assert "P04" in biased[0]
    assert "(M7)" in biased[0]
    assert "Points of this sheet: 91.00 of 100" in pages[0]
    assert all("What the marks mean: 0 nicht dargestellt; 1 unzureichend;" in page for page in pages)


async def test_the_intake_list_holds_everything_that_was_submitted(auental):
    found = rows(await made("intake-list", "csv"))
    assert len(found) == EXPECTED["submitted"]
    assert sum(int(row["places"]) for row in found) == EXPECTED["places_submitted"]
    assert [row["proposal"] for row in found if row["formal_check"] == "rejected"] == EXPECTED["formally_rejected"]
    assert found[12]["submitted_at"] == "2017-10-27T12:07:00+02:00"
    cured = next(row for row in found if row["proposal"] == "P12")
    assert (cured["cure_due"], cured["cure_answered_at"][:10]) == ("2017-11-10", "2017-11-08")
    call = await a_call()
    screen = [row.key for row in await formal_checks.intake(call.id)]
    assert [row["proposal"] for row in found] == screen


async def test_the_minutes_name_everybody_and_every_resolution(auental):
    said = text(await made("minutes", "pdf", language="en"))
    assert "Auenburg, Kreishaus, Raum 2" in said
    assert "6 of 7 members with a vote were present." in said
    assert "Robin Vorlage Agentur für Arbeit, Region Auental voting excused" in said
    assert (
        "3. P03 empfehlen Yes 4, no 0, abstentions 1: carried Not taking part: Alex Muster Chaired by Kim Beispiel"
        in said
    )
    assert "P04, Möbelkreis Auenburg gGmbH (fiktiv)" in said
    assert said.index("1. M5 und P12") < said.index("5. Reserveliste")
    assert said.count("Keeper of the minutes") == 2


async def test_before_the_meeting_the_minutes_are_a_form(votum):
    key = await competition_files.load(competition_files.read(competition_files.EXAMPLE.read_bytes()), now_in="rating")
    said = text(await made("minutes", "pdf", key=key, language="en"))
    assert "Suggested by the ranking:" in said
    assert "□ present □ excused" in said
    assert "1. Recommend P01, Sozialwerk Auental e. V. (fiktiv) Yes ______, no ______" in said


async def test_every_organisation_gets_its_letter_and_none_says_that_money_is_granted(auental):
    content = await made("letters", "pdf", language="en")
    pages = [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages]
    assert len(pages) == EXPECTED["submitted"]
    letters = {key: next(page for page in pages if f" {key} " in page) for key in ("P01", "P07", "P09", "P10", "P13")}
    assert "The committee has recommended your proposal" in letters["P01"]
    assert "formal application to Förderbank des Landes (Demo) by 15 January 2018" in letters["P01"]
    assert "Start not before 15 March 2018" in letters["P01"]
    assert "not a decision on funding" in letters["P01"]
    assert "place 1 on the reserve list" in letters["P07"]
    assert "2.17 points, at least 2.5 are needed" in letters["P09"]
    assert "Total: 52.00 points, at least 60 are needed" in letters["P10"]
    assert "Eingang sieben Minuten nach der Ausschlussfrist" in letters["P13"]
    for page in pages:
        assert sum(f" P{n:02} " in page for n in range(1, 15)) == 1
        assert "is granted" not in page
        assert not any(name in page for name in ("Alex Muster", "Kim Beispiel", "Conny Kalender"))
    german = text(await made("letters", "pdf"))
    assert "bewilligt" not in german.lower()


async def test_an_organisation_with_two_proposals_gets_one_letter_about_both(auental):
    async with database.write_transaction():
        await database.rows(
            "UPDATE proposal SET organisation = (SELECT organisation FROM proposal WHERE call = 1 AND key = 'P01')"
            " WHERE call = 1 AND key = 'P09'"
        )
    pages = PdfReader(io.BytesIO(await made("letters", "pdf", language="en"))).pages
    both = [page.extract_text() for page in pages if "P01 " in page.extract_text()]
    assert "P09 " in both[0]
    assert sum("Dear Sir or Madam" in page.extract_text() for page in pages) == EXPECTED["submitted"] - 1


async def test_conditions_stand_in_letter_and_list(votum):
    key = await competition_files.load(competition_files.read(competition_files.EXAMPLE.read_bytes()), now_in="meeting")
    await decided(conditions="Nur mit einer zweiten Fachkraft.")
    assert rows(await made("decision-list", "csv", key=key))[0]["status"] == "recommended_with_conditions"
    assert "Nur mit einer zweiten Fachkraft." in text(await made("letters", "pdf", key=key))
    told = {row["proposal"]: row["conditions"] for row in rows(await made("letters", "csv", key=key))}
    assert told["P01"] == "Nur mit einer zweiten Fachkraft."
