"""The dossier: whoever holds it can compute the ranking again, and no change to it goes unseen."""

import io
import json
import random
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest

from app import competition_files
from app.domain import rankings
from app.domain.rating_schemes import Scheme
from app.papers import csv_text, lists, provenance
from app.papers.dossier import verified, written
from app.records import audit
from tests.domain import listed
from tests.domain.commands import a_sentence, votum_command
from tests.domain.test_exports import a_call, decided, made
from tests.domain.test_exports_calculation import SCHEMES, marks, proposals

Files = dict[str, bytes]


def unpacked(content: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def kept(tmp_path: Path, files: Files) -> Path:
    path = tmp_path / "dossier.zip"
    path.write_bytes(written.packed(files))
    return path


def resealed(files: Files) -> Files:
    """What a forger would do: name the new SHA-256 of every file in the manifest."""
    manifest = json.loads(files["manifest.json"])
    manifest["files"] = {
        name: sha256(content).hexdigest() for name, content in files.items() if name in manifest["files"]
    }
    return {**files, "manifest.json": json.dumps(manifest).encode()}


def forged(files: Files, name: str, old: str, new: str) -> Files:
    assert old.encode() in files[name], files[name][:400]
    return {**files, name: files[name].replace(old.encode(), new.encode(), 1)}


async def test_a_dossier_holds_everything_and_is_in_order(auental, tmp_path):
    content = await made("dossier", "zip")
    files = unpacked(content)
    assert sorted(files) == [
        *("READ-ME.txt", "audit-anchor.txt", "decision-list.csv", "decision-list.pdf", "manifest.json", "minutes.pdf"),
        "proposals.csv",
        *(f"proposals/P{number:02}.json" for number in range(1, 15)),
        *("ranking.json", "scheme.json", "scores.csv"),
    ]
    assert files["decision-list.csv"] == await made("decision-list", "csv")
    assert files["decision-list.pdf"] == await made("decision-list", "pdf")
    assert files["scores.csv"] == await made("scores", "csv")
    manifest = json.loads(files["manifest.json"])
    assert manifest["capacity"] == {"places_max": 42, "budget_max_cents": 37_800_000, "fill_rule": "stop"}
    assert sha256(files["ranking.json"]).hexdigest() == manifest["ranking"]["sha256"]
    assert manifest["proposals"]["P01"] == sha256(files["proposals/P01.json"]).hexdigest()
    found = verified.examined(kept(tmp_path, files))
    assert (found.differences, found.deviations, found.rows) == ([], [], 14)


async def test_the_anchor_is_one_that_the_audit_trail_knows(auental):
    number, fingerprint = unpacked(await made("dossier", "zip"))["audit-anchor.txt"].decode().split()
    assert (await audit.verify({int(number): fingerprint}))[1] is None
    assert (await audit.verify({int(number): "0" * 64}))[1] is not None


FORGERIES = [
    ("scores.csv", "P01,M1,k1,5", "P01,M1,k1,4", "scores.csv: P01, M1, k1 is not as it was sealed."),
    ("scores.csv", "P04,M7,k1,5,recused", "P04,M7,k1,5,", "scores.csv: P04, M7, k1 is not as it was sealed."),
    ("proposals.csv", ",13,11232000,", ",12,11232000,", "proposals.csv: P03 is not as it was sealed."),
    ("decision-list.csv", "86.17", "87.17", "P01, total: the list says 87.17, computed is 86.17."),
    ("decision-list.csv", "4,P07", "3,P07", "P07, rank: the list says 3, computed is 4."),
    (
        "decision-list.csv",
        ",reserve,,lower",
        ",recommended,,lower",
        "P07, status: the list says recommended, the sealed ranking reserve.",
    ),
    (
        "decision-list.csv",
        "lower:grant_per_place_month",
        "lot",
        "P07, decided_by: the list says lot, computed is lower:grant_per_place_month.",
    ),
    (
        "decision-list.csv",
        "72.83,false,k2",
        "72.83,true,",
        "P09, passed: the list says true, computed is false.",
    ),
    (
        "decision-list.csv",
        "Sozialwerk Auental e. V. (fiktiv)",
        "Sozialwert",
        "P01, organisation: the list says Sozialwert, the sealed ranking Sozialwerk Auental e. V. (fiktiv).",
    ),
    (
        "decision-list.csv",
        "2018-03-15",
        "2018-03-01",
        "P01, start_date: the list says 2018-03-01, the sealed ranking 2018-03-15.",
    ),
    (
        "decision-list.csv",
        "Plätze und Mittel reichen aus.,,",
        "Plätze und Mittel reichen aus.,Nur halbtags.,",
        "P01, conditions: the list says Nur halbtags., the sealed ranking nothing.",
    ),
    (
        "decision-list.csv",
        "Plätze und Mittel reichen aus.,,",
        "Plätze und Mittel reichen aus.,,reserve",
        "P01, departure: the list says reserve, the sealed ranking nothing.",
    ),
    ("ranking.json", '"places_max":42', '"places_max":52', "ranking.json: it is not the ranking that was sealed."),
    (
        "scheme.json",
        '"weight_percent": 25',
        '"weight_percent": 20',
        "scheme.json: it is not the rating scheme of the sealed ranking.",
    ),
    (
        "manifest.json",
        '"places_max": 42',
        '"places_max": 52',
        "manifest.json: call, seed or capacity are not those of the sealed ranking.",
    ),
    ("proposals/P02.json", '"places":12', '"places":11', "proposals/P02.json: it is not what was submitted."),
]


@pytest.mark.parametrize(("name", "old", "new", "why"), FORGERIES)
async def test_a_forgery_is_found_even_where_the_manifest_was_forged_with_it(auental, tmp_path, name, old, new, why):
    files = unpacked(await made("dossier", "zip"))
    assert why in verified.verify(kept(tmp_path, resealed(forged(files, name, old, new))))


async def test_a_changed_missing_or_added_file_is_found_by_its_hash(auental, tmp_path):
    files = unpacked(await made("dossier", "zip"))
    changed = {**files, "minutes.pdf": files["minutes.pdf"] + b" "}
    assert verified.verify(kept(tmp_path, changed)) == ["minutes.pdf: its SHA-256 is not the one in the manifest."]
    missing = {name: content for name, content in files.items() if name != "minutes.pdf"}
    assert verified.verify(kept(tmp_path, missing)) == ["minutes.pdf: the file is missing."]
    assert verified.verify(kept(tmp_path, {**files, "x.exe": b""})) == ["x.exe: the manifest does not name this file."]


async def test_a_row_that_was_taken_out_or_moved_is_missed(auental, tmp_path):
    files = unpacked(await made("dossier", "zip"))
    head, first, second, *rest = files["decision-list.csv"].splitlines(keepends=True)
    short = {**files, "decision-list.csv": head + second + b"".join(rest)}
    assert verified.verify(kept(tmp_path, resealed(short))) == [
        "P01: it is not in the decision list, the proposals and the ranking alike."
    ]
    moved = {**files, "decision-list.csv": head + second + first + b"".join(rest)}
    assert verified.verify(kept(tmp_path, resealed(moved))) == [
        "decision-list.csv: the rows are not in the order of rank and key."
    ]


async def test_a_deviation_with_reasons_is_told_and_no_fault(votum, tmp_path):
    key = await competition_files.load(competition_files.read(competition_files.EXAMPLE.read_bytes()), now_in="meeting")
    await decided(status="reserve", reasons="Die Fachkraft fehlt noch.")
    path = kept(tmp_path, unpacked(await made("dossier", "zip", key=key)))
    found = verified.examined(path)
    assert found.differences == []
    assert found.deviations == ["P01: reserve instead of recommended, because: Die Fachkraft fehlt noch."]


@pytest.mark.parametrize("name", SCHEMES)
def test_a_dossier_of_any_scheme_is_computed_alike(tmp_path, name):
    scheme, chance = Scheme.from_document(SCHEMES[name]), random.Random(name)
    ranking = listed.ranking(scheme, marks(scheme, chance), proposals(chance), places_max=30)
    keys = sorted(line.proposal for line in ranking.lines)
    files = {
        "decision-list.csv": csv_text.text(lists.decision_list(ranking)),
        "proposals.csv": csv_text.text(lists.proposals_list(ranking)),
        "ranking.json": rankings.packed(ranking)[0].encode(),
        "scheme.json": json.dumps(ranking.scheme, ensure_ascii=False, sort_keys=True).encode(),
        "scores.csv": csv_text.text(lists.scores(ranking)),
        **{f"proposals/{key}.json": key.encode() for key in keys},
    }
    manifest = {
        "schema": written.SCHEMA,
        "call": ranking.call,
        "seed": ranking.seed,
        "scheme_sha256": ranking.scheme_sha256,
        "ranking": {"sha256": ranking.sha256},
        "capacity": {"places_max": 30, "budget_max_cents": None, "fill_rule": "stop"},
        "proposals": {key: sha256(key.encode()).hexdigest() for key in keys},
        "files": {name: sha256(content).hexdigest() for name, content in files.items()},
    }
    files["manifest.json"] = json.dumps(manifest).encode()
    found = verified.examined(kept(tmp_path, files))
    assert (found.differences, found.rows) == ([], 8)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"no zip", "is no zip file that can be read"),
        (written.packed({"x": b""}), "manifest.json is missing."),
        (written.packed({"manifest.json": b"{}"}), "manifest.json does not say votum-dossier/1."),
        (written.packed({"manifest.json": b"\xff"}), "The dossier cannot be read"),
        (written.packed({"manifest.json": b'{"schema":"votum-dossier/1"}'}), "decision-list.csv is missing."),
    ],
)
def test_what_is_no_dossier_is_a_sentence(tmp_path, content, why):
    path = tmp_path / "x.zip"
    path.write_bytes(content)
    [said] = verified.verify(path)
    assert why in said


def test_a_file_that_unpacks_to_more_than_anyone_needs_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(verified, "LARGEST", 1_000)
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", b"0" * 1_001)
    assert verified.verify(path) == ["The dossier is larger than any that Votum makes."]


async def test_the_command_says_ok_or_the_first_difference(auental, tmp_path):
    files = unpacked(await made("dossier", "zip"))
    right = await votum_command("verify", kept(tmp_path, files))
    assert (right.code, right.out) == (0, "ok: 14 rows as computed, 0 reasoned deviations\n")
    wrong = forged(files, "decision-list.csv", "86.17", "87.17")
    said = a_sentence(await votum_command("verify", kept(tmp_path, resealed(wrong))))
    assert said == "P01, total: the list says 87.17, computed is 86.17."


async def test_a_draft_can_be_computed_again_too(votum, tmp_path):
    key = await competition_files.load(competition_files.read(competition_files.EXAMPLE.read_bytes()), now_in="rating")
    files = unpacked(await made("dossier", "zip", key=key))
    assert json.loads(files["manifest.json"])["draft"] is True
    assert verified.verify(kept(tmp_path, files)) == []
    assert (await provenance.source(await a_call(key))).draft
