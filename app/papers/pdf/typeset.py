"""PDF files from typst templates: accessible (PDF/UA-1) and fit for the archive (PDF/A-2a)."""

import asyncio
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unicodedata import normalize

TEMPLATES = Path(__file__).parents[3] / "templates" / "pdf"
WITHOUT_LETTER = re.compile(
    "[^\t\n -~\u00a0-\u02ff\u0370-\u0377\u037a-\u037f\u0384-\u038a\u038c\u038e-\u03a1\u03a3-\u0482\u048a-\u04ff"
    "\u1e00-\u1eff\u2010-\u2027\u202f-\u2040\u2070\u2071\u2074-\u208e\u2090-\u209c\u20a0-\u20bf\u2190-\u22ff\u2500-\u25ff]"
)
"""What typst's own fonts cannot show (emoji, far scripts): the archive's rules forbid a PDF with such a gap."""


async def rendered(name: str, data: Mapping[str, Any]) -> bytes:
    """The PDF of templates/pdf/NAME.typ with data, worked out beside the event loop.

    data reaches the template as JSON (`json(bytes(sys.inputs.data))`), so that no text is ever read as markup.
    A letter that no font of ours has appears as a question mark. Only typst's own fonts are used and a template
    dates its document itself, so the same data give the same bytes on every machine.
    """
    text = WITHOUT_LETTER.sub("?", normalize("NFC", json.dumps(data, ensure_ascii=False)))
    return await asyncio.to_thread(_compiled, name, text)


def _compiled(name: str, data: str) -> bytes:
    import typst

    return bytes(
        typst.compile(
            TEMPLATES / f"{name}.typ",
            sys_inputs={"data": data},
            ignore_system_fonts=True,
            format="pdf",
            pdf_standards=["ua-1", "a-2a"],
        )
    )
