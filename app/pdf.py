"""PDF files from typst templates: accessible (PDF/UA-1) and fit for the archive (PDF/A-2a)."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

TEMPLATES = Path(__file__).parent.parent / "templates" / "pdf"


async def rendered(name: str, data: Mapping[str, Any]) -> bytes:
    """The PDF of templates/pdf/NAME.typ with data, worked out beside the event loop.

    data reaches the template as JSON (`json(bytes(sys.inputs.data))`), so that no text is ever read as markup.
    The same data give the same bytes: a template dates its document itself.
    """
    return await asyncio.to_thread(_compiled, name, json.dumps(data, ensure_ascii=False))


def _compiled(name: str, data: str) -> bytes:
    import typst

    return bytes(
        typst.compile(
            TEMPLATES / f"{name}.typ", sys_inputs={"data": data}, format="pdf", pdf_standards=["ua-1", "a-2a"]
        )
    )
