"""What a proposal says and what follows from it, and the life from draft to receipt."""

import json
from datetime import date
from decimal import Decimal

import pytest

from app.domain import proposals

TAFELGARTEN = {
    "title": "Tafelgarten – Gemüse für die Ausgabestellen",
    "summary": "Wir bauen Gemüse an.",
    "field": "food_garden",
    "region": "",
    "sites": '["Auenburg", "Kalkrode"]',
    "places": 15,
    "individual_months": 36,
    "starts_on": date(2018, 3, 15),
    "ends_on": date(2021, 3, 14),
    "personnel_cents": 149778_00,
    "material_cents": 23537_00,
    "work_clothes_cents": 6419_00,
    "travel_cents": 10698_00,
    "other_direct_cents": 10207_00,
    "overhead_cents": 13330_00,
    "requested_grant_cents": 123120_00,
    "jobcenter_share_cents": 81000_00,
    "own_funds_cents": 7387_00,
    "third_party_cents": 2462_00,
    "targets": '[{"label_de": "Übergänge", "unit": "persons", "baseline": 0, "target": 3, "due": "2021-09-14"}]',
    "attachments": "[]",
}


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        (date(2018, 3, 15), date(2021, 3, 14), 36),
        (date(2018, 3, 15), date(2021, 3, 15), 36),
        (date(2018, 3, 15), date(2021, 3, 13), 35),
        (date(2018, 1, 1), date(2018, 12, 31), 12),
        (date(2018, 1, 1), date(2018, 1, 30), 0),
        (date(2024, 2, 1), date(2024, 2, 29), 1),
        (date(2018, 1, 2), date(2018, 1, 1), None),
        (None, date(2018, 1, 1), None),
    ],
)
def test_months_are_whole_months_with_both_days(start, end, months):
    assert proposals.months({"starts_on": start, "ends_on": end}) == months


def test_the_grant_per_place_and_month_is_exact():
    assert proposals.grant_per_place_month(TAFELGARTEN) == Decimal(228)
    assert proposals.grant_per_place_month({**TAFELGARTEN, "places": None}) is None
    assert proposals.grant_per_place_month({**TAFELGARTEN, "ends_on": None}) is None
    just_more = proposals.grant_per_place_month({**TAFELGARTEN, "requested_grant_cents": 135000_01})
    assert just_more > 250


def test_totals_add_up_and_name_the_shares():
    totals = proposals.totals(TAFELGARTEN)
    assert (totals.costs_cents, totals.financing_cents, totals.missing_cents) == (213969_00, 213969_00, 0)
    assert totals.balanced
    assert totals.overhead_percent == Decimal("6.64")  # 13330 of 200639
    assert totals.own_funds_percent == Decimal("5.56")  # 7387 of 132969
    assert [line.percent for line in totals.financing] == [Decimal(x) for x in ("57.5", "37.9", "3.5", "1.2")]
    assert totals.targets[0]["due"] == date(2021, 9, 14)


def test_the_canonical_content_is_the_same_for_the_same_content_and_holds_all_of_it():
    partners = [{"name": "Nähstube e. V.", "role": "cooperation_partner", "task": "Änderungen", "id": 7}]
    text = proposals.canonical(TAFELGARTEN, partners)
    assert text == proposals.canonical({**dict(reversed(TAFELGARTEN.items())), "id": 9}, partners)
    content = json.loads(text)
    assert list(content) == sorted(content)
    assert set(content) == {*TAFELGARTEN, "partners", "schema"}
    assert content["ends_on"] == "2021-03-14"
    assert content["partners"] == [{"name": "Nähstube e. V.", "role": "cooperation_partner", "task": "Änderungen"}]


@pytest.mark.parametrize("name", TAFELGARTEN)
def test_every_field_changes_the_canonical_content(name):
    other = {"starts_on": date(2018, 4, 1), "ends_on": date(2018, 4, 1)}.get(name, '["x"]')
    assert proposals.canonical({**TAFELGARTEN, name: other}, []) != proposals.canonical(TAFELGARTEN, [])


def test_a_field_of_activity_is_known_by_its_name_or_stays_as_written():
    assert proposals.field_key(proposals.field_name("food_garden").upper()) == "food_garden"
    assert proposals.field_key("Mondfahrt") == proposals.field_name("Mondfahrt") == "Mondfahrt"
