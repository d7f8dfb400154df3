"""What is public of a call today becomes its first version."""

import json
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

ID = "2026-11-24T14:31:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "call_version 1 of the published calls"

COLUMNS = (
    *("title_de", "title_en", "text_de", "text_en", "target_group_de", "target_group_en"),
    *("contact_name", "contact_email", "contact_phone"),
    *("places_max", "budget_max_cents", "fill_rule", "min_places", "max_grant_per_place_month_cents", "months_max"),
    *("overhead_percent_max", "own_funds_percent_min"),
    *("opens_at", "information_event_at", "questions_until", "deadline", "formal_check_until", "cure_until"),
    *("rating_from", "rating_until", "meeting_at", "notices_on", "results_on", "application_until", "earliest_start"),
    *("procedure_kind", "committee_name"),
)
PUBLISHED = """
SELECT c.*, coalesce(k.name, '') AS committee_name, p.by, p.at,
    s.key AS scheme_key, s.title_de AS scheme_de, s.title_en AS scheme_en, s.sha256 AS scheme_sha256,
    f.key AS form_key, f.title_de AS form_de, f.title_en AS form_en, f.sha256 AS form_sha256
FROM call c JOIN call_publication p ON p.call = c.id
LEFT JOIN committee k ON k.call = c.id LEFT JOIN rating_scheme s ON s.id = c.rating_scheme
LEFT JOIN form f ON f.id = c.form
ORDER BY c.id
"""
KEEP = """
INSERT INTO call_version (call, number, by, at, why, content, sha256)
SELECT call, 1, by, at, '', content, sha256
FROM jsonb_to_recordset({}) AS one (call int, by int, at timestamptz, content jsonb, sha256 text)
"""


def plain(value: Any) -> Any:
    """A value as JSON holds it: moments in UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else value


def used(row: dict[str, Any], name: str) -> dict[str, Any] | None:
    """The rating scheme or the form of a call."""
    if row[f"{name}_key"] is None:
        return None
    named = {"key": "key", "title_de": "de", "title_en": "en", "sha256": "sha256"}
    return {key: row[f"{name}_{column}"] for key, column in named.items()}


def version(row: dict[str, Any]) -> dict[str, Any]:
    """The first version of a call."""
    content = {name: plain(row[name]) for name in COLUMNS}
    content |= {"rating_scheme": used(row, "scheme"), "form": used(row, "form")}
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return {
        "call": row["id"],
        "by": row["by"],
        "at": row["at"].isoformat(),
        "content": content,
        "sha256": sha256(text.encode()).hexdigest(),
    }


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="votum", description=DESCRIPTION)

    async def run() -> None:
        from piccolo.querystring import QueryString

        from app.database import DB

        found = await DB.run_querystring(QueryString(PUBLISHED))
        if found:
            text = json.dumps([version(row) for row in found], ensure_ascii=False)
            await DB.run_querystring(QueryString(KEEP, text))

    manager.add_raw(run)
    return manager
