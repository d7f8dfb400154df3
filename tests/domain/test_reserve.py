"""The reserve list is as long as the scheme says: on the screen, in a dossier computed again, for `votum rank`."""

import csv
import io
import json
from hashlib import sha256
from pathlib import Path

import pytest

from app import i18n
from app.domain import proposals, reasons
from app.domain.rankings.content import Ranking
from app.domain.rating_schemes import Scheme
from app.papers import csv_text, lists
from app.papers.dossier import verified
from tests.domain import listed
from tests.domain.commands import votum_command
from tests.domain.test_exports_calculation import auental

LENGTHS = [(True, 4), (False, 0), (0, 0), (1, 1), (3, 3)]


def a_list(length: bool | int) -> Ranking:
    """Six proposals in the order of their keys, all above the minimum, and places for the first two."""
    scheme = Scheme.from_document(auental(ranking={"reserve_list": length}))
    asked = [one.key for one in scheme.rated_criteria]
    marks = [
        listed.mark(f"P{n}", f"M{member}", key, 5 if place >= n - 1 else 4)
        for n in range(1, 7)
        for member in range(4)
        for place, key in enumerate(asked)
    ]
    return listed.ranking(scheme, marks, [{"key": f"P{n}"} for n in range(1, 7)], places_max=20)


@pytest.mark.parametrize(("length", "waiting"), LENGTHS)
def test_whoever_is_behind_the_last_place_of_the_reserve_list_is_not_recommended(length, waiting):
    lines = a_list(length).lines
    assert [line.status for line in lines] == [
        *["recommended"] * 2,
        *["reserve"] * waiting,
        *["not_recommended"] * (4 - waiting),
    ]
    if waiting < 4:
        i18n.locale.set("en")
        assert reasons.sentence(lines[-1], {}) == "Behind the last place of the reserve list."


@pytest.mark.parametrize(("length", "waiting"), LENGTHS)
async def test_it_is_the_same_list_computed_again(length, waiting, tmp_path: Path):
    ranking = a_list(length)
    files = {
        "scheme": json.dumps(ranking.scheme).encode(),
        "scores": csv_text.text(lists.scores(ranking)),
        "proposals": csv_text.text(lists.proposals_list(ranking)),
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    named = [word for name in files for word in (f"--{name}", tmp_path / name)]
    answer = await votum_command("rank", *named, "--places", "20", "--out", tmp_path / "out.csv")
    assert answer.code == 0, answer
    found = list(csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text())))
    assert [row["status"] for row in found] == [line.status for line in ranking.lines]
    computed = verified._recomputed(
        {f"{name}.{'json' if name == 'scheme' else 'csv'}": content for name, content in files.items()},
        {
            "capacity": {"places_max": 20, "budget_max_cents": None, "fill_rule": "stop"},
            "call": ranking.call,
            "seed": ranking.seed,
            "proposals": {key: sha256(key.encode()).hexdigest() for key in (f"P{n}" for n in range(1, 7))},
        },
    )
    assert {key: line["status"] for key, line in computed.items()} == {
        line.proposal: line.status for line in ranking.lines
    }


def test_every_number_that_a_tie_rule_may_compare_has_a_name():
    assert set(reasons.FIELDS) == set(proposals.FACTS)
