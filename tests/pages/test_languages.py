"""Language of parts (WCAG 3.1.2): what stands in German on an English page says so to a screen reader."""

import json
from html.parser import HTMLParser

import pytest

from app import database
from tests.world import Votum

LEAST = 10  # letters: shorter phrases may be names
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
PAGES = {
    "": ["/", "/calls", "/calls/aufruf-2017", "/programmes", "/programmes/jobcoach", "/accessibility"],
    "o01@example.org": ["/desk", "/proposals/{proposal}", "/proposals/{proposal}/receipt"],
    "m2@example.org": ["/desk", "/assignments/{sheet}"],
    "m1@example.org": ["/desk", "/calls/aufruf-2017/committee", "/calls/aufruf-2017/conflicts"],
    "koordination@example.org": [
        "/desk",
        *(f"/calls/aufruf-2017/{page}" for page in ("office", "scheme", "intake", "intake/P01", "intake/P11")),
        *(f"/calls/aufruf-2017/{page}" for page in ("ranking", "recommendations/P01", "rankings/1", "conflicts")),
    ],
}


class Spoken(HTMLParser):
    """The texts of a page, each with the language in which it is read."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, str]] = []
        self.texts: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        before = self.open[-1][1] if self.open else ""
        if tag not in VOID:
            self.open.append((tag, given.get("lang") or before))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            continue

    def handle_data(self, data: str) -> None:
        hidden = {"script", "style", "textarea", "title", "option"} & {tag for tag, _language in self.open}
        if data.strip() and self.open and not hidden:
            self.texts.append((" ".join(data.split()), self.open[-1][1]))


async def german() -> set[str]:
    """Phrases of the demo that are German wherever they stand; names of people and bodies have no language."""
    found = {row["title_de"] for row in await database.rows("SELECT title_de FROM call")}
    for row in await database.rows("SELECT title, summary FROM proposal"):
        found |= {row["title"], row["summary"][:40]}
    found |= {row["text_de"][:40] for row in await database.rows("SELECT text_de FROM call")}
    found |= {row["comment"] for row in await database.rows("SELECT DISTINCT comment FROM score")}
    found |= {row["reason"] for row in await database.rows("SELECT reason FROM formal_decision")}
    scheme = json.loads(await database.value("SELECT document FROM rating_scheme LIMIT 1"))
    found |= {one["label_de"] for part in ("criteria", "gates") for one in scheme[part]}
    found |= set(scheme["scale_labels_de"].values())
    return {text.strip() for text in found if len(text.strip()) >= LEAST}


@pytest.mark.parametrize("who", PAGES)
async def test_what_stands_in_german_on_an_english_page_says_so(auental: Votum, who: str) -> None:
    phrases = await german()
    if who:
        await database.rows("UPDATE person SET language = 'en' WHERE email = $1", who)
    browser = await auental.signed_in(who) if who else await auental.stranger("en")
    sheet = await database.value("SELECT a.id FROM assignment a JOIN member m ON m.id = a.member WHERE m.key = 'M2'")
    proposal = await database.value("SELECT id FROM proposal WHERE key = 'P01'")
    unmarked = []
    for path in PAGES[who]:
        answer = await browser.get(path.format(sheet=sheet, proposal=proposal))
        assert (answer.status_code, '<html lang="en">' in answer.text) == (200, True), path
        spoken = Spoken()
        spoken.feed(answer.text)
        texts = {text for text, language in spoken.texts if language == "en"}
        unmarked += [(path, text) for text in sorted(texts) if any(phrase in text for phrase in phrases)]
    assert not unmarked, "\n".join(f"{path}: {text}" for path, text in unmarked)
