"""Commands for auditors: check, audit verify, scheme check, rank."""

import csv
import io
from pathlib import Path

import pytest

from app import competition_files, database
from app.records import audit
from tests.domain.commands import a_sentence, votum_command
from tests.domain.tampering import tampered
from tests.world import Votum

TEXT = competition_files.EXAMPLE.read_text()
SCHEMES = sorted((competition_files.EXAMPLE.parent / "schemes").glob("*.yaml"))


async def test_check_says_ok_or_names_what_is_broken(auental: Votum) -> None:
    answer = await votum_command("check", dsn=auental.dsn)
    assert (answer.code, answer.out) == (0, "ok: 26 invariants hold\n")
    await tampered(
        "UPDATE proposal SET places = 16 WHERE key = 'P01'; UPDATE recommendation SET start_date = '2018-01-01'"
    )
    assert a_sentence(await votum_command("check", dsn=auental.dsn)).splitlines() == [
        "broken: no recommended project starts before the earliest start of its call: "
        "aufruf-2017/P01, aufruf-2017/P03, aufruf-2017/P02",
        "broken: a submitted proposal still says what was handed in: V-2017-000003",
    ]


async def test_audit_verify_prints_an_anchor_and_checks_earlier_ones(auental: Votum, tmp_path: Path) -> None:
    answer = await votum_command("audit", "verify", dsn=auental.dsn)
    count = await database.value("SELECT count(*) FROM audit_entry")
    (seq, head), *others = await audit.heads()
    lines = [f"{number} {fingerprint}" for number, fingerprint in ((seq, head), *others)]
    assert (answer.code, answer.out.splitlines()) == (0, [f"ok: {count} entries", *lines])
    assert len(others) == 1  # the authority has a chain of its own
    anchors = tmp_path / "anchors"
    anchors.write_text(f"# kept elsewhere\n\n{seq} {head}\n")
    assert (await votum_command("audit", "verify", "--anchors", anchors, dsn=auental.dsn)).code == 0
    anchors.write_text(f"{seq} {'0' * 64}\n")
    said = a_sentence(await votum_command("audit", "verify", "--anchors", anchors, dsn=auental.dsn))
    assert said == f"The audit trail is broken at entry {seq}: it differs from its anchor."
    anchors.write_text("first come, first served\n")
    said = a_sentence(await votum_command("audit", "verify", "--anchors", anchors, dsn=auental.dsn))
    assert "line 1: expected a number and a hash" in said


async def test_audit_verify_names_the_first_break(auental: Votum) -> None:
    await tampered("UPDATE audit_entry SET action = 'nothing.done' WHERE seq = 77")
    said = a_sentence(await votum_command("audit", "verify", dsn=auental.dsn))
    assert said == "The audit trail is broken at entry 77: it was changed."


async def test_scheme_check_says_ok_for_all_examples_of_the_field() -> None:
    answer = await votum_command("scheme", "check", *SCHEMES)
    lines = answer.out.splitlines()
    assert answer.code == 0, answer
    assert len(lines) == len(SCHEMES) == 13
    assert all(line.startswith("ok ") and line.endswith(" examples") for line in lines)


async def test_scheme_check_reports_a_wrong_expectation_and_an_unreadable_file(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(SCHEMES[0].read_text().replace("expect: {total: 80}", "expect: {total: 81}"))
    answer = await votum_command("scheme", "check", wrong, tmp_path / "absent.yaml", SCHEMES[1])
    assert answer.code == 1
    first, second, third = answer.out.splitlines()
    assert "example 'cheapest'" in first
    assert "absent.yaml: No such file or directory" in second
    assert third.startswith("ok ")


async def exported(auental: Votum, folder: Path) -> tuple[Path, Path, Path]:
    """Scheme, scores and proposals of the demo as files."""
    scheme = folder / "scheme.yaml"
    head, _, rest = TEXT.partition("rating_scheme:\n")
    assert head
    lines = []
    for line in rest.splitlines():
        if not line.startswith(" "):
            break
        lines.append(line.removeprefix("  "))
    scheme.write_text("\n".join(lines))
    scores = folder / "scores.csv"
    await votum_command("export", "aufruf-2017", "scores", "--format", "csv", "--out", scores, dsn=auental.dsn)
    proposals = folder / "proposals.csv"
    rows = await database.rows(
        "SELECT p.key, p.places, p.requested_grant_cents FROM proposal p JOIN formal_decision f ON f.proposal = p.id"
        " WHERE f.admitted ORDER BY p.key"
    )
    with proposals.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["proposal", "places", "grant_requested_cents", "grant_per_place_month"])
        writer.writerows([*row, row["requested_grant_cents"] // 3600 / row["places"]] for row in rows)
    return scheme, scores, proposals


async def test_rank_recomputes_the_demo_without_a_database(auental: Votum, tmp_path: Path) -> None:
    scheme, scores, proposals = await exported(auental, tmp_path)
    out = tmp_path / "ranking.csv"
    files = ("--scheme", scheme, "--scores", scores, "--proposals", proposals, "--out", out)
    answer = await votum_command("rank", *files, "--places", "42", "--budget", "37800000", dsn="postgresql://nowhere/x")
    assert answer.code == 0, answer
    rows = list(csv.DictReader(io.StringIO(out.read_text())))
    assert [(row["rank"], row["proposal"], row["total"]) for row in rows][:5] == [
        ("1", "P01", "86.17"),
        ("2", "P03", "83.00"),
        ("3", "P02", "78.86"),
        ("4", "P07", "77.00"),
        ("5", "P04", "77.00"),
    ]
    assert [row["proposal"] for row in rows if row["status"] == "recommended"] == ["P01", "P03", "P02"]
    assert {row["proposal"]: row["failed"] for row in rows if row["failed"]} == {"P09": "k2", "P10": "total"}
    first = out.read_bytes()
    skip = await votum_command("rank", *files, "--places", "49", "--fill", "skip")
    assert skip.code == 0
    assert out.read_bytes() != first


@pytest.mark.parametrize(
    ("scores", "problem"),
    [
        (b"proposal,reviewer,criterion,value\nP01,M1,k1,7\n", "7 is not a mark of k1"),
        (b"proposal,reviewer,criterion,value\nP01,M1,k9,4\n", "k9"),
        (b"proposal,reviewer,criterion,value\nP01,M1,k1,4\nP01,M1,k1,4\n", "P01"),
        (b"proposal,reviewer,value\nP01,M1,4\n", "criterion"),
        (b"proposal,reviewer,criterion,value\nP01,M1,k1\n", "line 2: expected 4 fields, found 3"),
        (b"\xff\xff", "is not CSV in UTF-8"),
        (b"", "is empty"),
    ],
)
async def test_rank_refuses_bad_scores(tmp_path: Path, scores: bytes, problem: str) -> None:
    bad = tmp_path / "scores.csv"
    bad.write_bytes(scores)
    scheme = tmp_path / "scheme.yaml"
    scheme.write_text(
        "schema: rating-scheme/1\nkey: small\ntitle_de: Klein\n"
        "criteria: [{key: k1, type: scale, scale: {min: 0, max: 5, step: 1}}]\n"
    )
    answer = await votum_command("rank", "--scheme", scheme, "--scores", bad, "--out", tmp_path / "out.csv")
    assert problem in a_sentence(answer)
    assert not (tmp_path / "out.csv").exists()


async def test_rank_reads_what_export_writes(auental: Votum, tmp_path: Path) -> None:
    """Comments of several lines and text that a spreadsheet would take for a formula are only text."""
    await database.rows("UPDATE score SET comment = E'=one\n\"two\", three' WHERE comment <> ''")
    scheme, scores, proposals = await exported(auental, tmp_path)
    files = ("--scheme", scheme, "--scores", scores, "--proposals", proposals, "--out", tmp_path / "out.csv")
    answer = await votum_command("rank", *files)
    assert answer.code == 0, answer
