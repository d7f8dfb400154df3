"""The demo: the example competition as it ended, and two copies of it that live today."""

from datetime import date
from pathlib import Path

from app import clock, competition_files, database
from app.database import Record, all_or_nothing
from app.domain import appointments, authorities, people
from app.records import events
from app.settings import SETTINGS

PASSWORD = "votum-demo"
COPIES = (None, "open", "rating")
SHOWN = ("koordination", "vertretung", "m1", "m2", "m7", "o01", "o04", "o13", "betrieb")
ACTOR = "votum demo"
ARMS = Path(__file__).parents[1] / "examples" / "arms.svg"
SETTLED = {
    "name_en": "Auental County (fictitious)",
    "short_name": "LK Auental",
    "email": "koordination@example.org",
    "telephone": "03999 100",
    "reply_to": "koordination@example.org",
    "colour": "#2f7d4f",
    "colour_dark": "#5fbf85",
    "arms": "",
    "imprint": "Landkreis Auental (fiktiv)\nMarkt 1\n39999 Auenburg\n\nVertreten durch die Landrätin.",
    "accessibility_law": "BGG LSA",
    "conformity": "partial",
    "barriers": "Karten in Vorschlägen: Träger laden sie ohne Textfassung hoch.",
    "evaluated_on": date(2026, 11, 2),
    "method": "self",
    "enforcement_body": "Landesfachstelle für Barrierefreiheit (erfundene Anschrift)\nMarkt 2\n39999 Auenburg",
    "data_protection_officer": "Die Datenschutzbeauftragte, datenschutz@example.org",
    "privacy_law": "DSAG LSA",
    "retention": "Nicht geförderte Vorschläge: zwei Jahre nach dem Ergebnis.",
    "supervisory_authority": "Landesbeauftragte für den Datenschutz",
}


async def load() -> list[str]:
    """Load what is missing of the demo, unless there is something else in the database; the keys of the new calls."""
    found = competition_files.read(competition_files.EXAMPLE.read_bytes())
    ours = {f"{found.call.key}-{phase}" if phase else found.call.key: phase for phase in COPIES}
    known = {row["key"] for row in await database.rows("SELECT key FROM call")}
    if known - ours.keys() or (not known and await database.value("SELECT count(*) FROM person")):
        return []
    password = PASSWORD if SETTINGS.demo else None
    missing = [phase for key, phase in ours.items() if key not in known]
    await _settle(found.authority)
    keys = [await competition_files.load(found, now_in=phase, password=password) for phase in missing]
    await _appoint("Kim Sander", "betrieb@example.org", None, password)  # runs the installation, without part in a call
    await _appoint("Rana Kern", "vertretung@example.org", found.authority, password)  # releases what the office writes
    return keys


async def _settle(name: str) -> None:
    """The county as it appears, before a ranking is frozen under its name."""
    if await authorities.any_yet():
        return
    async with all_or_nothing():
        county = await authorities.create(name, by=ACTOR, at=clock.now())
        stands = next(one for one in await authorities.described() if one.id == county)
        seen = authorities.seen(stands, SETTLED)
        await authorities.settle(county, SETTLED, seen, ARMS.read_bytes(), by=ACTOR, at=clock.now())


async def _appoint(name: str, email: str, authority: str | None, password: str | None) -> None:
    """Somebody administers an authority, or the installation."""
    if await database.value("SELECT id FROM person WHERE email = $1", email):
        return
    password_hash = await people.hash_password(password) if password else ""
    async with all_or_nothing():
        await people.create(name, email, password_hash, confirmed=True, at=clock.now())
        with events.replayed(ACTOR):  # nobody is to get a mail about it
            await appointments.appoint(email, authority, at=clock.now())


class SignIn(Record):
    """Somebody of the demo, with their part in it."""

    name: str
    email: str
    part: str


async def sign_ins() -> list[SignIn]:
    """Some people of the demo, one for each part."""
    return await database.all_of(
        SignIn,
        """
        SELECT p.name, p.email, coalesce(
            (SELECT a.name FROM administration x JOIN authority a ON a.id = x.authority WHERE x.person = p.id LIMIT 1),
            (SELECT k.name || ', ' || m.role FROM member m JOIN committee k ON k.id = m.committee
                WHERE m.person = p.id ORDER BY m.id LIMIT 1),
            (SELECT o.name FROM membership x JOIN organisation o ON o.id = x.organisation
                WHERE x.person = p.id LIMIT 1),
            'this installation'
        ) AS part
        FROM person p WHERE p.email = ANY($1) ORDER BY array_position($1::text[], p.email::text)
        """,
        [f"{name}@example.org" for name in SHOWN],
    )
