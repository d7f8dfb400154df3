"""Cleo brings a table, exports a draft, and takes in a file after she has seen what it changes."""

import io

import pytest
import xlsxwriter
import yaml

from app.domain.rating_schemes import exchange, shipped, tables
from app.errors import Invalid
from scoring.scheme.scheme import Scheme
from scoring.scheme.yaml_text import read_yaml
from tests.pages.test_scheme_editor import begun, cleo, document, fields
from tests.world import Browser, Votum, words

PASTED = "Kriterium\tGewicht in %\tMaximum\tMindestpunkte\tBlock\n"
PASTED += "Bedarf vor Ort\t62,5\t10\t5\tFachlich\nTräger\t37,5\t10\t\tOrganisatorisch\nSumme\t100\t\t\t\n"


async def brought(browser: Browser, file: tuple[str, bytes] | None = None, **typed: str):
    return await browser.post(
        "/schemes/import",
        data={"csrf_token": browser.token, "target": "neuer-aufruf", **typed},
        files={"file": file} if file else None,
        follow_redirects=True,
    )


async def test_a_pasted_table_becomes_a_draft_that_only_wants_a_title(votum: Votum) -> None:
    browser = await cleo(votum)
    answer = await brought(browser, pasted=PASTED)
    draft = answer.url.path
    assert await document(draft) == {
        "schema": "rating-scheme/1",
        "criteria": [
            {"key": "k1", "label_de": "Bedarf vor Ort", "type": "scale", "scale": {"min": 0, "max": 10, "step": 1},
             "group": "g1", "weight_percent": 62.5, "threshold": {"min": 5}},
            {"key": "k2", "label_de": "Träger", "type": "scale", "scale": {"min": 0, "max": 10, "step": 1},
             "group": "g2", "weight_percent": 37.5},
        ],
        "aggregation": {"across_raters": "mean", "total": "weighted_percent"},
        "ranking": {"tie_breakers": []},
        "groups": [{"key": "g1", "label_de": "Fachlich"}, {"key": "g2", "label_de": "Organisatorisch"}],
    }  # fmt: skip
    sent = fields((await browser.get(f"{draft}/steps/name")).text)
    await browser.send_form(f"{draft}/steps/name", **{**sent, "title_de": "Aus der Tabelle", "do": "next"})
    assert (await browser.send_form(f"{draft}/use")).url.path == "/calls/neuer-aufruf/scheme"


def workbook(rows: list[list[object]]) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return file.getvalue()


async def test_a_workbook_and_a_csv_say_the_same(votum: Votum) -> None:
    browser = await cleo(votum, "de")
    rows = [["Nr.", "Kriterium", "Faktor"], [1, "Zuverlässigkeit", 3], [2, "Bedarf; Bezug", 2.125]]
    first = await brought(browser, ("matrix.xlsx", workbook(rows)))
    text = 'Nr.;Kriterium;Faktor\r\n1;Zuverlässigkeit;3\r\n2;"Bedarf; Bezug";2,125\r\n'
    second = await brought(browser, ("matrix.csv", text.encode("cp1252")))
    third = await brought(browser, ("matrix.csv", b"\xef\xbb\xbf" + text.encode()))
    found = [await document(answer.url.path) for answer in (first, second, third)]
    assert [(one["label_de"], one["weight"]) for one in found[0]["criteria"]] == [
        ("Zuverlässigkeit", 3),
        ("Bedarf; Bezug", 2.125),
    ]
    assert found[0]["criteria"] == found[1]["criteria"] == found[2]["criteria"]
    assert found[0]["aggregation"]["total"] == "weighted_sum"


@pytest.mark.parametrize(
    "text", ["Bedarf\t60\nTräger\t40", "Bedarf;60 %\nTräger;40 %", "Kriterium,Gewicht\nBedarf,60\nTräger,40"]
)
def test_percentages_are_known_by_their_sum_their_sign_or_their_head(text: str) -> None:
    found = tables.document_of_text(text)
    assert [(one["label_de"], one["weight_percent"]) for one in found["criteria"]] == [("Bedarf", 60), ("Träger", 40)]


def test_shares_as_a_spreadsheet_keeps_what_it_shows_in_percent_become_percentages() -> None:
    found = tables.document_of_text("Bedarf\t0.625\nTräger\t0.375")
    assert [one["weight_percent"] for one in found["criteria"]] == [62.5, 37.5]


def test_points_are_no_percentages_and_names_alone_are_enough() -> None:
    assert tables.document_of_text("Bedarf\t3\nTräger\t5")["criteria"][1]["weight"] == 5
    assert [one["label_de"] for one in tables.document_of_text("Bedarf\nTräger\n")["criteria"]] == ["Bedarf", "Träger"]


def test_whatever_stands_in_a_cell_is_kept_for_the_editor_to_name() -> None:
    found = tables.document_of_text("Kriterium\tGewicht\nBedarf\tviel\nTräger\t=1+1")
    assert [one["weight"] for one in found["criteria"]] == ["viel", "=1+1"]


BOMB = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbbbbbb">]><worksheet>&b;</worksheet>'


def zipped(**parts: bytes) -> bytes:
    import zipfile

    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/") + ".xml", content)
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"PK",
        b"PK\x03\x04" + b"x" * 100,
        zipped(a=b"b"),
        zipped(xl__worksheets__sheet1=b"<worksheet>"),
        zipped(xl__worksheets__sheet1=BOMB),
        zipped(xl__worksheets__sheet1=b"<a>" + b" " * 6_000_000 + b"</a>"),
        zipped(xl__worksheets__sheet1=b'<a><row><c t="s"><v>7</v></c></row></a>'),
        zipped(xl__worksheets__sheet1=b"<a><row/></a>"),
    ],
)
async def test_a_workbook_that_cannot_be_read_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(Invalid):
        await tables.document_of(content, "matrix.xlsx")


@pytest.mark.parametrize(("pasted", "sentence"), [("", "Please choose a file."), ("\n \n", "Please choose a file.")])
async def test_nothing_is_a_fault_too(votum: Votum, pasted: str, sentence: str) -> None:
    browser = await cleo(votum)
    answer = await brought(browser, pasted=pasted)
    assert answer.status_code == 422
    assert sentence in words(answer)
    answer = await brought(browser, pasted="Summe\t100\n")
    assert "No criterion was found: the table needs a column with names." in words(answer)


async def test_every_shipped_scheme_written_out_and_read_again_is_the_same() -> None:
    for scheme in await shipped.schemes():
        text = exchange.written(scheme.document)
        assert Scheme.from_document(read_yaml(text)).document == scheme.document
        assert exchange.differences(scheme.document, await exchange.read(text)) == []
        assert list(yaml.safe_load(text))[:3] == ["schema", "key", "title_de"]


async def test_a_file_is_taken_after_its_differences_were_seen(votum: Votum) -> None:
    browser = await cleo(votum)
    draft = await begun(browser, "shipped magdeburg-2013-agh")
    file = (await browser.get(f"{draft}/file")).content
    changed = file.replace("Nutzen für die Allgemeinheit".encode(), b"Gemeinwohl").replace(b"max: 10", b"max: 5", 1)
    form = {"csrf_token": browser.token}
    page = await browser.post(f"{draft}/import", data=form, files={"file": ("s.yaml", changed)})
    assert "Criteria public_benefit: Criterion (German) Nutzen für die Allgemeinheit Gemeinwohl" in words(page)
    assert "Criteria public_benefit: Highest mark 10 5" in words(page)
    before = await document(draft)
    assert before["criteria"][0]["label_de"] == "Nutzen für die Allgemeinheit"  # type: ignore[index]
    taken = await browser.send_form(f"{draft}/import", text=changed.decode(), version="1")
    assert taken.url.path == draft
    assert (await document(draft))["criteria"][0]["label_de"] == "Gemeinwohl"  # type: ignore[index]
    late = await browser.send_form(f"{draft}/import", text=file.decode(), version="1")
    assert late.status_code == 409


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"\xff\xfe\x00", "no text in UTF-8"),
        (b"schema: rating-scheme/1\ncolour: red\n", "colour: unknown key"),
        (b"schema: rating-scheme/1\ncriteria: none\n", "criteria: expected a list"),
        (b"- 1\n", "expected rating-scheme/1"),
        (b"schema: form/1\n", "expected rating-scheme/1"),
    ],
)
async def test_a_file_that_cannot_be_edited_is_refused_and_changes_nothing(
    votum: Votum, content: bytes, sentence: str
) -> None:
    browser = await cleo(votum)
    draft = await begun(browser, "shipped magdeburg-2013-agh")
    form = {"csrf_token": browser.token}
    page = await browser.post(f"{draft}/import", data=form, files={"file": ("s.yaml", content)})
    assert page.status_code == 422
    assert sentence in words(page)
    assert (await brought(browser, ("s.yaml", content))).status_code == 422
