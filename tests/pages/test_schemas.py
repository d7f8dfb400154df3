"""JSON Schemas are public, kept by browsers, and asked of no database."""

import pytest

from tests.world import Votum


@pytest.mark.parametrize("name", ["form-1", "rating-scheme-1", "competition-1"])
async def test_a_schema_is_public_kept_and_needs_no_database(votum: Votum, name: str) -> None:
    visitor = await votum.stranger()
    with votum.counted() as seen:
        answer = await visitor.get(f"/schemas/{name}.json")
    assert (answer.status_code, list(seen)) == (200, [])
    assert answer.headers["content-type"] == "application/schema+json"
    assert answer.headers["cache-control"] == "public, max-age=3600"
    assert answer.json()["title"] == f"{name[:-2]}/1"
    assert answer.json()["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert (await visitor.get("/schemas/form-2.json")).status_code == 404
