"""The invariants: each holds over the demo, and each is really broken once and noticed."""

from app.domain import reviews
from app.operations import invariants
from app.operations.invariants import INVARIANTS
from tests.domain.tampering import seen_while_tampered, tampered
from tests.records import filled
from tests.world import Votum

SHEET = """(SELECT a.id FROM assignment a JOIN member m ON m.id = a.member JOIN proposal p ON p.id = a.proposal
    WHERE m.key = '{}' AND p.key = '{}')"""
M2_P01, M7_P01 = SHEET.format("M2", "P01"), SHEET.format("M7", "P01")

BREAKS = {
    "the fingerprint on a receipt is that of what was handed in": (
        "UPDATE submission SET content = content || ' ' WHERE proposal = (SELECT id FROM proposal WHERE key = 'P05')"
    ),
    "no receipt number can be given out twice": "SELECT setval('receipt_number', 7)",
    "a submitted proposal has its key, a draft has none": "DELETE FROM submission WHERE id = 1",
    "nothing that came after the deadline is admitted": (
        "UPDATE formal_decision SET admitted = true WHERE proposal = (SELECT id FROM proposal WHERE key = 'P13')"
    ),
    "what is decided formally was submitted, and admitted only with all knock-out gates passed": (
        "UPDATE gate_result SET passed = false WHERE id = (SELECT min(g.id) FROM gate_result g"
        " JOIN formal_decision f ON f.proposal = g.proposal WHERE f.admitted)"
    ),
    "a committee that rates has exactly one chair": "UPDATE member SET role = 'voting' WHERE role = 'chair'",
    "only voting members of the call's own committee rate": "UPDATE member SET role = 'advisory' WHERE key = 'M3'",
    "conflicts are between members and proposals of the same call": (
        "INSERT INTO call (key, authority, title_de, created_at)"
        " SELECT 'another', authority, 'Another', now() FROM call;"
        " UPDATE committee SET call = (SELECT id FROM call WHERE key = 'another')"
    ),
    "an excluded member gave no mark after declaring the conflict": (
        f"INSERT INTO score (assignment, criterion, value, saved_at) VALUES ({M7_P01}, 'k1', 4, '2017-11-20')"
    ),
    "no mark and no sheet is later than the end of the rating": (
        f"UPDATE score SET value = 4, saved_at = '2017-12-01' WHERE assignment = {M2_P01} AND criterion = 'k5'"
    ),
    "no recommended project starts before the earliest start of its call": (
        "UPDATE recommendation SET start_date = '2018-03-01' WHERE id = 1"
    ),
    "a frozen ranking has the fingerprint of its content": (
        "UPDATE frozen_ranking SET content = replace(content, '86.17', '86.18')"
    ),
    "a published result rests on a frozen ranking of its own call": ("UPDATE result_publication SET at = '2017-12-01'"),
    "a rating scheme has the fingerprint of its text": (
        "UPDATE rating_scheme SET document = replace(document, '\"min_total\": 60', '\"min_total\": 59')"
    ),
    "a published call has a rating scheme and a deadline": "UPDATE call SET deadline = NULL",
    "every receipt stands in the audit trail with its fingerprint": (
        "UPDATE submission SET content = '{}', sha256 = encode(sha256('{}'), 'hex') WHERE id = 1"
    ),
    "every version of a programme is kept, numbered without a gap": (
        "UPDATE programme_publication SET number = 2 WHERE id = 1"
    ),
    "a version of a call has the fingerprint of what it says": (
        """UPDATE call_version SET content = content || '{"title_de": "Another"}'"""
    ),
    "a submitted proposal still says what was handed in": "UPDATE proposal SET places = 16 WHERE key = 'P01'",
    "what was published of a programme can be read": (
        """UPDATE programme_publication SET facts = '{"targets": [{"key": 7}]}' WHERE id = 1"""
    ),
    "every mark is one that the scheme knows": (
        f"UPDATE score SET value = 6 WHERE assignment = {M2_P01} AND criterion = 'k5'"
    ),
    "every sheet that is handed in is complete": f"DELETE FROM score WHERE assignment = {M2_P01} AND criterion = 'k5'",
    "the recommended fit into the capacity": (
        "UPDATE frozen_ranking SET content = replace(content, '\"places_max\":42', '\"places_max\":39')"
    ),
    "whatever is recommended has passed, or the committee gave its reasons": (
        "UPDATE frozen_ranking SET content = replace(content, '\"rank\":1,', '\"rank\":null,')"
    ),
    "every ranking is computed alike from a dossier of it": (
        "UPDATE recommendation SET status = 'reserve', start_date = NULL, reasons = '' WHERE id = 1"
    ),
    "the audit trail is unbroken": "UPDATE audit_entry SET actor = 'person:1' WHERE seq = 40",
}


async def test_every_invariant_is_noticed_when_it_is_broken(auental: Votum) -> None:
    assert await invariants.broken() == []
    for name, statements in BREAKS.items():
        [lines] = await seen_while_tampered(statements, invariants.broken)
        assert [line for line in lines if line.startswith(f"broken: {name}: ")], (name, lines)
    assert list(BREAKS) == list(INVARIANTS)


async def test_an_empty_database_keeps_all(votum: Votum) -> None:
    assert await invariants.broken() == []


async def test_the_first_places_are_named_and_the_others_counted(auental: Votum) -> None:
    await tampered("UPDATE submission SET sha256 = repeat('0', 64)")
    lines = await invariants.broken()
    assert "V-2017-000001, " in lines[0]
    assert lines[0].endswith("and 9 more")


async def test_an_item_of_a_checklist_is_a_mark_only_where_the_scheme_has_it() -> None:
    from app.domain.rating_schemes import Scheme
    from app.operations.invariants import possible

    scheme = Scheme.from_document(
        {
            "schema": "rating-scheme/1",
            "key": "small",
            "title_de": "Klein",
            "criteria": [
                {"key": "list", "type": "checklist", "options": [{"key": "a", "points": 1}, {"key": "b", "points": 2}]}
            ],
            "adjustments": [{"key": "bonus", "kind": "bonus", "allowed": [1, 2]}],
        }
    )
    known = [("list", 3), ("list", None), ("list/a", 1), ("bonus", 2), ("bonus", None)]
    unknown = [("list", 4), ("list/c", 1), ("bonus", 3), ("other", 1)]
    assert all(possible(scheme, key, filled(reviews.Score, value=value)) for key, value in known)
    assert not any(possible(scheme, key, filled(reviews.Score, value=value)) for key, value in unknown)
