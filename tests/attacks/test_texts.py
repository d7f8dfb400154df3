"""What people write stays text: on every page, in the lists and in the mails (A30, A31, A33, A35, A37, A38)."""

import csv
import io
import re

import pytest

from app import database
from app.records import mails
from app.web.markdown import to_html
from tests import open_call
from tests.open_call import TYPED
from tests.rating_call import rating_call
from tests.world import Votum, words

MARKUP = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    '"><script>alert(1)</script>',
    "'><iframe src=javascript:alert(1)>",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "<b hx-get=/sign-out hx-trigger=load>x</b>",
    "<p data-hx-on:click=alert(1)>x</p>",
    "<style>body{display:none}</style>",
    "<form action=//evil.example><input name=password>",
    "<base href=//evil.example>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<!--<script>-->alert(1)",
)
TEMPLATES = ("{{7*7}}", "{% for x in y %}", "${7*7}", "%s %(name)s %n", "{0.__class__}", "#{7*7}", "<%= 7*7 %>")
FORMULAS = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1+1",
    "=cmd|' /C calc'!A0",
    "＝1+1",
    '=HYPERLINK("http://evil.example")',
)
ODD = ("a\x00b", "a\x0bb", "\u202egnp.exe", "🙂 漢字 العربية", "a\u2028b", "\ufeffx", "x" * 120)


async def submitted(votum: Votum, text: str) -> str:
    """A proposal of which every text field holds this text, handed in by Bo; its address."""
    await rating_call(votum, 0)
    async with database.write_transaction():
        await database.rows("UPDATE call SET deadline = now() + interval '1 day', rating_from = current_date + 2")
    browser = await votum.signed_in("bo@example.org")
    own = await database.value("SELECT organisation FROM membership")
    answer = await browser.send_form("/calls/rating/proposals/new", title="x", organisation=str(own))
    address = answer.url.path.removesuffix("/edit")
    texts = dict.fromkeys(("title", "summary", "sites", "region", "partner-1-name", "partner-1-task"), text)
    texts |= {"field": text[:80], "target-1-label": text}
    answer = await browser.send_form(f"{address}/edit", **{**TYPED, **texts}, version="1", then="check")
    assert answer.status_code == 200
    answer = await browser.send_form(f"{address}/submission")
    assert answer.url.path == f"{address}/receipt", words(answer)
    await database.rows("UPDATE call SET deadline = now()")  # until then nobody else sees it
    return address


async def every_page(votum: Votum, address: str) -> dict[str, str]:
    """What its organisation and the office see of it."""
    bo, cleo = await votum.signed_in("bo@example.org"), await votum.signed_in("cleo@example.org")
    pages = {path: await bo.get(path) for path in (address, f"{address}/receipt", "/desk")}
    office = ("intake", "intake/P01", "ranking", "office")
    pages |= {path: await cleo.get(f"/calls/rating/{path}") for path in office}
    pages["outbox"] = await cleo.get("/desk/outbox")
    assert {answer.status_code for answer in pages.values()} == {200}
    return {path: answer.text for path, answer in pages.items()}


@pytest.mark.parametrize("text", MARKUP)
async def test_a30_markup_is_shown_and_does_nothing(votum: Votum, text: str) -> None:
    pages = await every_page(votum, await submitted(votum, text))
    for path, page in pages.items():
        assert text not in page, path
    shown = re.sub(r"&#39;", "'", pages["intake"]).replace("&#34;", '"').replace("&lt;", "<").replace("&gt;", ">")
    assert text in shown.replace("&amp;", "&") or text in shown


@pytest.mark.parametrize("text", TEMPLATES)
async def test_a33_the_words_of_templates_are_words(votum: Votum, text: str) -> None:
    pages = await every_page(votum, await submitted(votum, text))
    assert words_of(pages["intake"]).count(text) == 1
    assert mails.harmless(text) in await database.value("SELECT body FROM mail WHERE subject LIKE 'Receipt%'")


def words_of(page: str) -> str:
    return page.replace("&#39;", "'").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


@pytest.mark.parametrize("text", FORMULAS)
async def test_a37_no_cell_of_a_list_becomes_a_formula_and_no_text_is_lost(votum: Votum, text: str) -> None:
    address = await submitted(votum, text)
    title = await database.value("SELECT title FROM proposal WHERE id = $1", int(address.rpartition("/")[2]))
    browser = await votum.signed_in("cleo@example.org")
    for what in ("intake-list", "decision-list", "ranking"):
        body = (await browser.get(f"/calls/rating/exports/{what}.csv")).text
        [row] = csv.DictReader(io.StringIO(body))
        assert not row["title"].startswith(("=", "+", "-", "@", "\t", "\r", "＝"))
        assert row["title"].removeprefix("'") == title


@pytest.mark.parametrize("text", ODD)
async def test_a38_odd_letters_are_cleaned_or_kept_and_every_list_still_works(votum: Votum, text: str) -> None:
    address = await submitted(votum, text)
    title = await database.value("SELECT title FROM proposal WHERE id = $1", int(address.rpartition("/")[2]))
    assert "\x00" not in title
    assert "\x0b" not in title
    await every_page(votum, address)
    browser = await votum.signed_in("cleo@example.org")
    for what in ("intake-list.csv", "intake-list.xlsx", "decision-list.csv", "decision-list.pdf", "decision-list.xlsx"):
        assert (await browser.get(f"/calls/rating/exports/{what}")).status_code == 200
    bo = await votum.signed_in("bo@example.org")
    assert (await bo.get(f"{address}/receipt.pdf")).content.startswith(b"%PDF-")


async def test_a38_a_text_beyond_its_measure_is_refused_with_what_was_typed(votum: Votum) -> None:
    await open_call.call()
    await open_call.organisation(await votum.person("bo@example.org"))
    browser = await votum.signed_in("bo@example.org")
    own = await database.value("SELECT organisation FROM membership")
    answer = await browser.send_form("/calls/arbeit/proposals/new", title="ä" * 151, organisation=str(own))
    assert answer.status_code == 422
    assert "ä" * 151 in answer.text


@pytest.mark.parametrize(
    "text",
    [
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html,<script>alert(1)</script>)",
        "![x](http://evil.example/a.png)",
        "<a href=javascript:alert(1)>x</a>",
        "<script>alert(1)</script>",
        "<form action=/sign-out method=post>",
        "<style>*{}</style>",
        "<svg onload=alert(1)>",
        "[x](http://a.example 'onmouseover=alert(1)')",
        "<div hx-get=/desk hx-trigger=load>",
        "`<img src=x onerror=alert(1)>`",
    ],
)
def test_a31_markdown_makes_only_text_and_harmless_links(text: str) -> None:
    made = str(to_html(text))
    tags = re.findall(r"<(\w+)([^>]*)>", made)
    assert {name for name, _ in tags} <= {"p", "a", "code", "em", "strong", "pre"}
    for _name, attributes in tags:
        assert not re.search(r"(?i)javascript:|data:|\son\w+=|hx-|src=|style=", attributes.replace("&", ""))


async def test_a35_a_name_with_line_ends_makes_no_header(votum: Votum) -> None:
    browser = await votum.stranger()
    entered = {"email": "bo@example.org", "password": "viele kleine gelbe Enten", "legal_form": "other", "privacy": "1"}
    await browser.send_form("/register", name="Bo\r\nBcc: eve@example.org", organisation="W\r\nX: y", **entered)
    row = await database.row("SELECT recipient, subject, body FROM mail")
    assert row["recipient"] == "bo@example.org"
    assert "\n" not in row["subject"]
    assert await database.value("SELECT name FROM organisation") == "W X: y"
