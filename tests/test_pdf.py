"""PDF files: whatever people wrote, the file is made, says it as text and fulfils the archive's rules."""

import random
from io import BytesIO

from pypdf import PdfReader

from app.papers.pdf import typeset

WORDS = {"language": "de", "lead": "", "facts": [], "fingerprint": "", "check": "", "foot": "", "at": [2026, 11, 22]}


async def test_no_letter_keeps_a_pdf_from_being_made():
    letters = [chr(code) for code in (*range(0x20, 0xD800), *range(0xE000, 0x20000))]
    in_order = "".join(letters)
    random.Random(1).shuffle(letters)
    mixed = "".join(letters)
    for text in (in_order, mixed):
        facts = [[text[start : start + 400], text[start : start + 9]] for start in range(0, len(text), 400)]
        data = {**WORDS, "title": text[:300], "lead": text[:9000], "facts": facts}
        assert (await typeset.rendered("receipt", data)).startswith(b"%PDF-")


async def test_markup_of_typst_stays_text():
    text = '#panic("x") $x$ *fett* = Titel <marke> @verweis \\ // weg'
    body = await typeset.rendered("receipt", {**WORDS, "title": text})
    assert text.replace(" ", "") in PdfReader(BytesIO(body)).pages[0].extract_text().replace(" ", "").replace("\n", "")


async def test_the_same_data_give_the_same_bytes_with_tags_language_and_title():
    data = {**WORDS, "title": "Eingangsbestätigung"}
    body = await typeset.rendered("receipt", data)
    assert body == await typeset.rendered("receipt", data)
    reader = PdfReader(BytesIO(body))
    assert reader.metadata.title == "Eingangsbestätigung"
    assert reader.trailer["/Root"]["/Lang"] == "de"
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    kinds = reader.xmp_metadata.stream.get_data().decode()
    assert "pdfuaid" in kinds
    assert "pdfaid" in kinds
