"""The demo: the example competition as it ended, and two copies of it that live today."""

from app import competition_files, database
from app.database import Record
from app.settings import SETTINGS

PASSWORD = "votum-demo"
COPIES = (None, "open", "rating")
SHOWN = ("koordination", "m1", "m2", "m7", "o01", "o04", "o13")


async def load() -> list[str]:
    """Load what is missing of the demo, unless there is something else in the database; the keys of the new calls."""
    found = competition_files.read(competition_files.EXAMPLE.read_bytes())
    ours = {f"{found.call.key}-{phase}" if phase else found.call.key: phase for phase in COPIES}
    known = {row["key"] for row in await database.rows("SELECT key FROM call")}
    if known - ours.keys() or (not known and await database.value("SELECT count(*) FROM person")):
        return []
    password = PASSWORD if SETTINGS.demo else None
    missing = [phase for key, phase in ours.items() if key not in known]
    return [await competition_files.load(found, now_in=phase, password=password) for phase in missing]


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
            (SELECT o.name FROM membership x JOIN organisation o ON o.id = x.organisation WHERE x.person = p.id LIMIT 1)
        ) AS part
        FROM person p WHERE p.email = ANY($1) ORDER BY array_position($1::text[], p.email::text)
        """,
        [f"{name}@example.org" for name in SHOWN],
    )
