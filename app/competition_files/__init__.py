"""Whole competitions in one file (`competition/1`): read, checked, moved in time, and loaded all or nothing."""

from datetime import datetime
from pathlib import Path

from app import clock
from app.competition_files import base, checking, reading, sheets
from app.competition_files.faults import CompetitionError
from app.competition_files.parts import Competition
from app.competition_files.phases import PHASES, living
from app.competition_files.replay import replay
from app.database import all_or_nothing
from app.domain import people
from app.domain.rating_schemes import SchemeError, read_yaml
from app.errors import NotAllowed
from app.i18n import gettext as _
from app.records import events
from app.settings import SETTINGS
from scoring.errors import Fault
from scoring.scheme.grammar import Place

__all__ = ["EXAMPLE", "LARGEST", "PHASES", "Competition", "CompetitionError", "load", "read"]

EXAMPLE = Path(__file__).parents[1] / "examples" / "auental.yaml"
LARGEST = 4_000_000  # bytes


def read(content: bytes) -> Competition:
    """The competition of a `competition/1` file; raises CompetitionError with every fault and its place.

    Money stands in whole or decimal euro in the file, moments with their zone, days as YYYY-MM-DD. Unknown keys are
    refused except notes and sources. Whether the parts fit together is looked at once each of them can be read.
    """
    faults: list[Fault] = []
    try:
        found = reading.competition(read_yaml(content, largest=LARGEST), Place("", faults))
    except SchemeError as error:
        raise CompetitionError(error.faults) from error
    if found and not faults:
        faults = checking.faults(found)
    if faults or found is None:
        raise CompetitionError(faults)
    return sheets.dated(found)


async def load(
    competition: Competition, *, now_in: str | None = None, password: str | None = None, at: datetime | None = None
) -> str:
    """Write a competition, all of it or nothing, as far as it has happened; returns the key of its call.

    now_in: move all dates so that now lies in this phase, and add the phase to the key. password: for every account
    of the file, in a demo only; without one an account opens once its owner has chosen a password by mail.
    Persons are the same by e-mail, organisations and authorities by name, programmes by key.
    Raises CompetitionError where there is such a call already or dates are missing for the phase.
    """
    if password is not None and not SETTINGS.demo:
        raise NotAllowed(_("One password for everybody is for the demo only: set VOTUM_DEMO=1."))
    until = at or clock.now()
    if now_in:
        competition, until = living(competition, now_in, until)
    password_hash = await people.hash_password(password) if password else ""
    with events.replayed(base.ACTOR):
        async with all_or_nothing():
            loaded = await base.write(competition, password_hash)
            await replay(loaded, until)
    return competition.call.key
