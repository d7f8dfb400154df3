"""The steps in which a call is written, each with what is still missing in it."""

from collections.abc import Sequence
from typing import NamedTuple

from app import i18n
from app.domain import call_making, forms, rating_schemes
from app.domain.call_making import Work
from app.i18n import gettext as _
from app.i18n import later, ngettext

ORDER = {  # step -> its title and the page below the call
    "text": (later("Text and contact"), "edit/text"),
    "dates": (later("Dates"), "edit/dates"),
    "limits": (later("Capacity and limits"), "edit/limits"),
    "form": (later("Form: what a proposal is asked"), "form"),
    "rating_scheme": (later("Rating scheme"), "scheme"),
    "committee": (later("Committee"), "edit/committee"),
    "english": (later("English version"), "edit/english"),
}
PAGES = ("text", "dates", "limits", "committee", "english")  # that follow each other when they are saved


class Step(NamedTuple):
    """One step: its name, title and address, what it holds in few words, and what is wrong: sentence and address."""

    name: str
    title: str
    address: str
    note: str
    faults: list[tuple[str, str]]
    kind: str
    state: str


async def of(work: Work, faults: Sequence[tuple[str, str]], members: int) -> list[Step]:
    """All steps of a call with their states."""
    notes = await _notes(work, members)
    return [_step(name, work, faults, notes[name]) for name in ORDER]


def _step(name: str, work: Work, faults: Sequence[tuple[str, str]], note: str) -> Step:
    title, address = _(ORDER[name][0]), _address(name, work)
    found = [
        (sentence, place(work.call.key, field)) for field, sentence in faults if call_making.step_of(field) == name
    ]
    if found:
        state = ngettext("%(num)s entry missing or wrong", "%(num)s entries missing or wrong", len(found))
        return Step(name, title, address, note, found, "warning", state % {"num": len(found)})
    empty = not any(getattr(work.text, field) not in (None, "") for field in call_making.STEPS.get(name, ()))
    optional = name in ("english", "limits") and (empty or not _filled(name, work))
    kind, state = ("neutral", _("optional")) if optional else ("success", _("done"))
    return Step(name, title, address, note, [], kind, state)


def _address(name: str, work: Work) -> str:
    """Where a step is done: the questions of a public call can only be read."""
    if name == "form" and work.call.published_at is None:
        return f"/forms?call={work.call.key}"
    return f"/calls/{work.call.key}/{ORDER[name][1]}"


def _filled(name: str, work: Work) -> bool:
    names = [field for field in call_making.STEPS[name] if field != "fill_rule"]
    return any(getattr(work.text, field) not in (None, "") for field in names)


def place(key: str, field: str) -> str:
    """Where a field is entered."""
    step = call_making.step_of(field)
    return f"/calls/{key}/scheme" if step == "rating_scheme" else f"/calls/{key}/edit/{step}#{field}"


def after(step: str) -> str:
    """The page to go on to when a step is saved."""
    following = PAGES[PAGES.index(step) + 1 :]
    return f"edit/{following[0]}" if following else "check"


async def _notes(work: Work, members: int) -> dict[str, str]:
    text = work.text
    scheme = (await rating_schemes.of(text.rating_scheme)).content if text.rating_scheme else None
    form = (await forms.of(text.form)).content if text.form else None
    capacity = (
        text.places_max is not None and _("%(number)s places") % {"number": i18n.number(text.places_max)},
        text.budget_max_cents is not None and i18n.money(text.budget_max_cents),
    )
    seats = ngettext("%(num)s member", "%(num)s members", members) % {"num": members}
    return {
        "text": str(i18n.in_language(text, "title")),
        "dates": _("Deadline %(deadline)s") % {"deadline": i18n.datetime(text.deadline)} if text.deadline else "",
        "limits": ", ".join(one for one in capacity if one) or _("without a limit"),
        "form": form.title(i18n.locale.get()) if form else "",
        "rating_scheme": scheme.title(i18n.locale.get()) if scheme else "",
        "committee": ", ".join(one for one in (text.committee_name, seats) if one),
        "english": text.title_en or _("Readers of English see the German text, marked as such."),
    }
