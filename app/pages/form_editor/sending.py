"""What a page of the form editor sends: the fields of the draft, whichever they are, and which button was pressed."""

from collections.abc import Sequence

from app import web
from app.domain.form_drafts import wording
from app.domain.form_drafts.drafts import Typed

NEW = "new "


class DraftForm(web.Form):
    """What a page of the editor holds: the fields of the draft that were sent, whichever they are."""

    untyped = ("seen", "do", "version")

    def label(self, name: str) -> str:
        return wording.label(name)


async def typed(request: web.Request, parts: Sequence[str]) -> Typed:
    """What was sent for these parts; rows that were named in passing are added, whatever button was pressed."""
    sent = await web.typed(request)
    action = sent.get("do", "")
    named = next((name.removeprefix(NEW) for name, text in sent.items() if name.startswith(NEW) and text.strip()), "")
    if named and not action.startswith(("add", "up", "down", "copy", "remove", "ready")):
        action = f"add {named}"
    wanted = sent.get(f"{NEW}{action.removeprefix('add ')}", "") if action.startswith("add ") else ""
    names = [line.strip() for line in wanted.splitlines() if line.strip()]
    return Typed(sent, parts, sent.get("seen", ""), action, names)
