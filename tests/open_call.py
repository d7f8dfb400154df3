"""A call that is open for proposals, the organisation that Bo acts for, and a proposal that can be handed in."""

from datetime import date, datetime, timedelta
from typing import Any

from app import clock, database
from app.domain import forms, proposals

LIMITS = {
    "min_places": 5,
    "max_grant_per_place_month_cents": 250_00,
    "months_max": 36,
    "overhead_percent_max": 10,
    "own_funds_percent_min": 5,
    "earliest_start": date(2027, 3, 15),
}
TYPED = {
    "title": "Tafelgarten – Gemüse für die Ausgabestellen",
    "summary": "Wir bauen Gemüse an.\n\nEine Fachkraft begleitet alle.",
    "field": "Vegetable garden for food banks",
    "region": "",
    "sites": "Auenburg\nKalkrode",
    "places": "15",
    "individual_months": "36",
    "starts_on": "2027-03-15",
    "ends_on": "2030-03-14",
    "personnel_cents": "149778",
    "material_cents": "23537",
    "work_clothes_cents": "6419",
    "travel_cents": "10698",
    "other_direct_cents": "10207",
    "overhead_cents": "13330",
    "requested_grant_cents": "123120",
    "jobcenter_share_cents": "81000",
    "own_funds_cents": "7387",
    "third_party_cents": "2462",
    "partner-1-name": "Nähstube e. V.",
    "partner-1-role": "subcontractor",
    "partner-1-task": "Änderungen",
    "target-1-label": "Übergänge in Arbeit",
    "target-1-target": "3",
    "target-1-unit": "persons",
}


async def authority(name: str) -> int:
    """An authority of this name; its id."""
    return int(await database.value("INSERT INTO authority (name) VALUES ($1) RETURNING id", name))


async def call(key: str = "arbeit", deadline: datetime | None = None, **changed: Any) -> int:
    """A published call that is open until its deadline (default: in a week); its id."""
    now = clock.now()
    columns = {
        **LIMITS,
        "key": key,
        "title_de": "Arbeit, die gut tut",
        "title_en": "Work that does good",
        "opens_at": now - timedelta(days=9),
        "deadline": deadline or now + timedelta(days=7),
        "rating_from": (now + timedelta(days=20)).date(),
        "created_at": now,
        **changed,
    }
    async with database.write_transaction():
        columns["authority"] = changed.get("authority") or await database.value(
            "INSERT INTO authority (name) VALUES ('Landkreis Auental')"
            " ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id"
        )
        if "form" not in columns:
            columns["form"] = await forms.keep(forms.shipped(forms.FIRST), columns["authority"], by=None, at=now)
        marks = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
        found = await database.value(
            f"INSERT INTO call ({', '.join(columns)}) VALUES ({marks}) RETURNING id", *columns.values()
        )
        await database.rows("INSERT INTO committee (call, name) VALUES ($1, 'Arbeitskreis')", found)
        await database.rows("INSERT INTO call_publication (call, at) VALUES ($1, $2)", found, now - timedelta(days=9))
    return int(found)


async def organisation(person: int, name: str = "Werkhof e. V.", email: str = "") -> int:
    """An organisation that the person acts for; its id."""
    async with database.write_transaction():
        found = await database.value(
            "INSERT INTO organisation (name, email, created_at) VALUES ($1, $2, $3)"
            " ON CONFLICT (name) DO UPDATE SET name = $1 RETURNING id",
            name,
            email,
            clock.now(),
        )
        await database.rows(
            "INSERT INTO membership (person, organisation, since) VALUES ($1, $2, $3)", person, found, clock.now()
        )
    return int(found)


def entered(**changed: Any) -> dict[str, Any]:
    """The content of a proposal that fulfils every rule of the call."""
    from app.pages.proposals.form import ProposalForm

    form = ProposalForm({**TYPED, "version": "1"})
    form.read()
    assert form.ok, form.errors
    return {**form.entered(), **changed}


async def draft(person: int, call_id: int, organisation_id: int, **changed: Any) -> int:
    """A draft that can be handed in, unless something was changed; its id."""
    found = await proposals.start(call_id, organisation_id, "Tafelgarten", by=person, at=clock.now())
    held = await proposals.held_by(person, found)
    await proposals.save(held, held.version, entered(**changed), by=person, at=clock.now())
    return found
