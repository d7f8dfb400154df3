"""One dictionary of a proposal's numbers for every reckoner, and what a scheme needs that nobody is asked for."""

import copy
import csv
import io
import json
import random
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest

from app import clock, competition_files, database, i18n
from app.competition_files import CompetitionError
from app.domain import calls, formal_checks, proposals, rankings, rating_schemes
from app.domain.rating_schemes import Scheme, read_yaml
from app.errors import NotAllowed
from app.papers import csv_text, lists
from app.papers.dossier import verified
from app.papers.xlsx import books
from tests.domain import listed
from tests.domain.commands import votum_command
from tests.domain.spreadsheet import Book
from tests.domain.test_exports import made
from tests.domain.test_exports_calculation import auental, marks, said, shown
from tests.domain.test_exports_dossier import kept, unpacked
from tests.rating_call import SCHEME, rate, rating_call
from tests.records import filled

SCHEMES = sorted((competition_files.EXAMPLE.parent / "schemes").glob("*.yaml"))
REFUSED = {
    "ba-vergabe-konzept": ("lot", "price"),
    "bern-gef-2019": ("lot", "price"),
    "dithmarschen-leader": ("core topic",),
    "horizon-europe-ria": ("call_coverage",),
}


@pytest.fixture(autouse=True)
def english() -> None:
    i18n.locale.set("en")


def scheme_of(**changed: Any) -> Scheme:
    """The small scheme with some parts changed."""
    found = copy.deepcopy(SCHEME)
    for part, value in changed.items():
        found[part] = {**found[part], **value} if isinstance(value, dict) else value
    return Scheme.from_document(found)


def with_fact(fact: str) -> Scheme:
    """The small scheme, its price computed from a number of this name."""
    return scheme_of(criteria=[*SCHEME["criteria"][:-1], {**SCHEME["criteria"][-1], "field": fact}])


# ── one dictionary ──────────────────────────────────────────────────────────────────────────────


def test_the_numbers_of_a_proposal():
    row = filled(proposals.Content, **{**listed.PROPOSAL, "places": 10})
    assert proposals.facts(row) == {
        "places": 10,
        "grant_requested_cents": 7_200_000,
        "grant_per_place_month": Decimal(200),
        "months": 36,
    }
    assert tuple(proposals.facts(row)) == tuple(proposals.FACTS)


def by_months() -> tuple[Scheme, list[dict[str, Any]]]:
    """A scheme whose ties are decided, and one criterion computed, by months; proposals of several lengths."""
    scheme = Scheme.from_document(auental(ranking={"tie_breakers": ["lower:months", "lot"]}))
    document = copy.deepcopy(dict(scheme.document))
    document["criteria"][-1] |= {"field": "months", "bands": [{"up_to": 24, "points": 5}, {"up_to": 36, "points": 2}]}
    ends = [f"{2027 + n % 3}-08-31" for n in range(8)]
    given = [
        {"key": f"P{n + 1:02}", "ends_on": listed.date.fromisoformat(end), "requested_grant_cents": 100}
        for n, end in enumerate(ends)
    ]
    return Scheme.from_document(document), given


def test_a_scheme_that_asks_for_months_is_ranked_written_and_computed_again_by_months():
    scheme, given = by_months()
    decided = set()
    for seed in range(6):
        chance = random.Random(seed)
        sheets = [listed.mark(f"P{n:02}", f"M{m}", one.key, chance.choice([3, 4])) for n in range(1, 9)
                  for m in range(5) for one in scheme.rated_criteria]  # fmt: skip
        ranking = listed.ranking(scheme, sheets, given)
        lines = {line.proposal: line for line in ranking.lines}
        assert lines["P01"].means["k6"] == 5
        assert lines["P02"].means["k6"] == 5
        assert lines["P03"].means["k6"] == 2
        decided |= {line.decided_by for line in ranking.lines}
        book = Book(books.calculated(listed.source(ranking), "Ranking", lists.decision_list(ranking)))
        i18n.locale.set("de")
        assert shown(book) == said(ranking)
    assert "lower:months" in decided


async def test_votum_rank_reads_the_months_that_the_dossier_wrote(tmp_path):
    scheme, given = by_months()
    ranking = listed.ranking(scheme, marks(scheme, random.Random(3)), given, places_max=30)
    (tmp_path / "scheme.yaml").write_text(json.dumps(ranking.scheme))
    (tmp_path / "scores.csv").write_bytes(csv_text.text(lists.scores(ranking)))
    (tmp_path / "proposals.csv").write_bytes(csv_text.text(lists.proposals_list(ranking)))
    files = [word for name in ("scheme.yaml", "scores.csv", "proposals.csv")
             for word in (f"--{name.split('.')[0]}", tmp_path / name)]  # fmt: skip
    answer = await votum_command(
        "rank", *files, "--places", "30", "--seed", ranking.seed, "--out", tmp_path / "out.csv"
    )
    assert answer.code == 0, answer
    found = {row["proposal"]: row for row in csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text()))}
    assert {key: (row["rank"], row["total"], row["decided_by"], row["status"]) for key, row in found.items()} == {
        line.proposal: (
            "" if line.rank is None else str(line.rank),
            "" if line.total is None else str(line.total),
            line.decided_by,
            line.status,
        )
        for line in ranking.lines
    }


async def test_the_office_sees_what_the_numbers_say_of_every_gate(votum):
    call = await rating_call(votum)
    gates = [{"key": f"g_{name}", "type": "number", "field": name, "min": 1, "ko": True} for name in proposals.FACTS]
    await give(call.id, scheme_of(gates=gates))
    row = await calls.public("rating")
    answers = await formal_checks.gates(row, await formal_checks.proposal_of(row, "P01"), "de")
    assert [answer.suggested for answer in answers] == [True] * len(proposals.FACTS)


async def test_a_list_sealed_before_it_held_all_numbers_is_still_in_order(auental, tmp_path):
    content = await database.value("SELECT content FROM frozen_ranking")
    early = json.loads(content)
    for line in early["lines"]:
        del line["facts"]
    text = json.dumps(early, ensure_ascii=False, separators=(",", ":"))
    found = rankings.msgspec.json.decode(text, type=rankings.Ranking)
    assert found.line("P01").numbers["grant_per_place_month"] == 228
    files = unpacked(await made("dossier", "zip"))
    manifest = json.loads(files["manifest.json"])
    files |= {
        "ranking.json": text.encode(),
        "proposals.csv": csv_text.text(lists.proposals_list(found)),
    }
    manifest["ranking"]["sha256"] = sha256(text.encode()).hexdigest()
    manifest["files"] |= {name: sha256(content).hexdigest() for name, content in files.items()}
    manifest["files"].pop("manifest.json")
    assert verified.verify(kept(tmp_path, {**files, "manifest.json": json.dumps(manifest).encode()})) == []


async def test_other_months_in_a_dossier_are_noticed(auental, tmp_path):
    files = unpacked(await made("dossier", "zip"))
    assert b",13,11232000,240,36," in files["proposals.csv"]
    files["proposals.csv"] = files["proposals.csv"].replace(b",13,11232000,240,36,", b",13,11232000,240,35,")
    assert "proposals.csv: P03 is not as it was sealed." in verified.verify(kept(tmp_path, files))


# ── what nobody is asked for ────────────────────────────────────────────────────────────────────


def named(scheme: Scheme) -> set[str]:
    """Every name in a scheme that stands for something beside the marks."""
    given = {"lot", *scheme.by_key, *(group.key for group in scheme.groups)}
    rules = [rule.partition(":")[2] or rule for rule in scheme.ranking.tie_breakers if rule not in given]
    gates = [gate.fact for gate in scheme.gates if gate.type == "number"]
    scope = (scheme.ranking.scope or "").replace("_", " ")
    return {*rules, *gates, *(str(one.fact) for one in scheme.computed_criteria), scope} - {""}


@pytest.mark.parametrize("path", [*SCHEMES, competition_files.EXAMPLE], ids=lambda path: path.stem)
def test_every_name_in_a_scheme_is_a_number_of_the_proposals_or_told_to_the_office(path):
    document = dict(read_yaml(path.read_bytes(), largest=competition_files.LARGEST))
    scheme = Scheme.from_document(document.get("rating_scheme") or document)
    told = " ".join([*proposals.not_asked(scheme), *proposals.by_hand(scheme)])
    assert [name for name in named(scheme) if name not in proposals.FACTS and name not in told] == []
    refused = REFUSED.get(path.stem, ())
    assert bool(proposals.not_asked(scheme)) == bool(refused)
    assert all(name in told for name in refused)


@pytest.mark.parametrize(
    ("scheme", "says"),
    [
        (scheme_of(ranking={"scope": "lot"}), "a ranking of its own for each lot"),
        (with_fact("price"), "“Price” is computed from “price”, but Votum asks no proposal for it."),
        (scheme_of(ranking={"tie_breakers": ["need", "lower:age"]}), "“lower:age” compares “age”"),
        (scheme_of(ranking={"tie_breakers": ["lower:need"]}), "“lower:need” compares “need”"),
        (scheme_of(ranking={"tie_breakers": ["committee", "lot"]}), "“committee” is decided by hand, but “lot”"),
        (scheme_of(ranking={"tie_breakers": ["need", "region"]}), "The key “region” is the name of a column"),
        (scheme_of(gates=[{"key": "region", "ko": True}]), "The key “region” is the name of a column"),
        (scheme_of(gates=[{"key": "places", "ko": True}]), "The key “places” is the name of a column"),
        (
            scheme_of(gates=[{"key": "months", "type": "number", "field": "places", "min": 1}]),
            "The key “months” is the name of a column",
        ),
        (
            scheme_of(adjustments=[{"key": "months", "kind": "bonus", "allowed": [1]}]),
            "The key “months” is the name of a column",
        ),
    ],
)
async def test_what_votum_cannot_rank_by_is_said_and_ranks_nothing(votum, scheme, says):
    assert says in " ".join(proposals.not_asked(scheme))
    call = await rating_call(votum)
    await give(call.id, scheme)
    with pytest.raises(NotAllowed):
        await rankings.compute(await calls.public("rating"))


async def give(call: int, scheme: Scheme) -> None:
    """Put another scheme under a call, as it could be published before Votum looked."""
    async with database.write_transaction():
        authority = await database.value("SELECT authority FROM call WHERE id = $1", call)
        await database.rows(
            "UPDATE call SET rating_scheme = $1 WHERE id = $2",
            await rating_schemes.keep(scheme, authority, by=None, at=clock.now()),
            call,
        )


async def test_all_that_votum_knows_may_be_asked_for(votum):
    call = await rating_call(votum, proposals=1)
    rules = ["need", *(f"{way}:{name}" for way in ("lower", "higher") for name in proposals.FACTS), "lot", "committee"]
    gates = [{"key": "months", "type": "number", "max": 48, "ko": True}, {"key": "signed", "ko": True},
             {"key": "age", "label_de": "Alter", "type": "number", "min": 3}]  # fmt: skip
    scheme = scheme_of(ranking={"tie_breakers": rules}, gates=gates)
    assert proposals.not_asked(scheme) == []
    assert proposals.by_hand(scheme) == [
        "“Alter”: Votum asks no proposal for this number; the office answers in the formal check.",
        "Whoever is still tied then stays tied until the committee decides: committee.",
    ]
    await give(call.id, scheme)
    for name in ("Ada", "Finn"):
        await rate(votum, call, name, "P01")
    [line] = (await rankings.compute(await calls.public("rating"))).lines
    assert (line.rank, line.facts) == (1, line.numbers)
    assert set(line.facts) == set(proposals.FACTS)


def test_a_competition_with_such_a_scheme_is_not_loaded():
    text = competition_files.EXAMPLE.read_text().replace(
        "{order: desc, tie_breakers:", "{scope: lot, order: desc, tie_breakers:"
    )
    i18n.locale.set("de")
    with pytest.raises(CompetitionError, match=r"rating_scheme.*a ranking of its own for each lot"):
        competition_files.read(text.encode())
