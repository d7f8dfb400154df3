"""Checking a dossier: every hash, and the whole list computed again from single marks, proposals and scheme.

It reads nothing but the file, and asks nobody but the scoring library: the application's own ranking has no part in it.
"""

import csv
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import scoring
from app.domain.proposals import WORDS
from app.domain.rating_schemes import reserve_places
from app.papers.safe_text import FORMULA_STARTS, clean

SCHEMA = "votum-dossier/1"
LARGEST = 500_000_000  # bytes, unpacked
MOST_FILES = 20_000
NEEDED = ("decision-list.csv", "proposals.csv", "ranking.json", "scheme.json", "scores.csv")
MARKS = ("proposal", "reviewer", "criterion", "value", "reason")
UNRATED = ("rejected_formally", "withdrawn", "unchecked")
COMPUTED = ("rank", "valid_reviews", "total", "passed", "failed_minima", "decided_by")
SEALED = ("organisation", "title", "field", "places", "start_date")
RECOMMENDED = ("recommended", "recommended_with_conditions")

Files = Mapping[str, bytes]
Lines = dict[str, dict[str, str]]


class DossierError(ValueError):
    """The file is no dossier that can be read; the message says why."""


@dataclass
class Examination:
    """What came of it: differences (there should be none), reasoned deviations from the ranking, rows compared."""

    differences: list[str] = field(default_factory=list)
    deviations: list[str] = field(default_factory=list)
    rows: int = 0


def verify(path: str | Path) -> list[str]:
    """What does not hold in a dossier, a sentence each, the first one first; empty where everything does."""
    return examined(path).differences


def examined(path: str | Path) -> Examination:
    """A dossier with its hashes checked and its list computed again."""
    try:
        return compared(opened(path))
    except DossierError as error:
        return Examination([str(error)])


def compared(files: Files) -> Examination:
    """The same for the files of a dossier by name."""
    found = Examination()
    try:
        manifest = _manifest(files)
        found.differences += _hashes(files, manifest)
        found.differences += _unlike_the_seal(files)
        _compare(files, manifest, found)
    except (DossierError, scoring.SchemeError, scoring.ScoresError) as error:
        found.differences.append(str(error))
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        found.differences.append(f"The dossier cannot be read: {type(error).__name__} {error}.")
    return found


def opened(path: str | Path) -> Files:
    """The files of a dossier by name; raises DossierError for what is no zip file of a sensible size."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            names = [entry.filename for entry in entries]
            if len(names) > MOST_FILES or sum(entry.file_size for entry in entries) > LARGEST:
                raise DossierError("The dossier is larger than any that Votum makes.")
            if len(set(names)) < len(names):
                raise DossierError("The dossier holds two files of one name.")
            return {name: archive.read(name) for name in names}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise DossierError(f"{path} is no zip file that can be read: {error}") from error


def _manifest(files: Files) -> dict[str, Any]:
    if "manifest.json" not in files:
        raise DossierError("manifest.json is missing.")
    manifest = json.loads(files["manifest.json"])
    if not isinstance(manifest, dict) or manifest.get("schema") != SCHEMA:
        raise DossierError(f"manifest.json does not say {SCHEMA}.")
    if missing := [name for name in NEEDED if name not in files]:
        raise DossierError(f"{missing[0]} is missing.")
    return manifest


# ── hashes ──────────────────────────────────────────────────────────────────────────────────────


def _hashes(files: Files, manifest: Mapping[str, Any]) -> Iterator[str]:
    """Files that are missing, unknown or changed, and the seals of ranking, scheme and proposals."""
    listed = manifest["files"]
    for name in sorted(set(listed) | (set(files) - {"manifest.json"})):
        if name not in files:
            yield f"{name}: the file is missing."
        elif name not in listed:
            yield f"{name}: the manifest does not name this file."
        elif _hash(files[name]) != listed[name]:
            yield f"{name}: its SHA-256 is not the one in the manifest."
    sealed = json.loads(files["ranking.json"])
    if _hash(files["ranking.json"]) != manifest["ranking"]["sha256"]:
        yield "ranking.json: it is not the ranking that was sealed."
    if len({_hash(files["scheme.json"]), manifest["scheme_sha256"], sealed["scheme_sha256"]}) > 1:
        yield "scheme.json: it is not the rating scheme of the sealed ranking."
    capacity = {name: sealed[name] for name in ("places_max", "budget_max_cents", "fill_rule")}
    if manifest["capacity"] != capacity or any(manifest[name] != sealed[name] for name in ("call", "seed")):
        yield "manifest.json: call, seed or capacity are not those of the sealed ranking."
    for key, fingerprint in manifest["proposals"].items():
        if _hash(files.get(f"proposals/{key}.json", b"")) != fingerprint:
            yield f"proposals/{key}.json: it is not what was submitted."


def _hash(content: bytes) -> str:
    return sha256(content).hexdigest()


def _unlike_the_seal(files: Files) -> Iterator[str]:
    """Rows of the tables that say something else than the sealed ranking."""
    sealed = json.loads(files["ranking.json"])
    lines = {line["proposal"]: line for line in sealed["lines"]}
    marks = {
        (mark["proposal"], mark["member"], mark["criterion"]): (
            _text(mark["value"]),
            _why(mark),
            bool(mark.get("after_seeing")),
        )
        for mark in sealed["marks"]
    }
    given = {
        (row["proposal"], row["reviewer"], row["criterion"]): (
            row["value"],
            row["reason"],
            row.get("after_seeing") == "true",
        )
        for row in table(files["scores.csv"])
    }
    for key in sorted(marks.keys() | given.keys()):
        if marks.get(key) != given.get(key):
            yield f"scores.csv: {', '.join(key)} is not as it was sealed."
    proposals = {row["proposal"]: row for row in table(files["proposals.csv"])}
    for proposal in sorted(lines.keys() | proposals.keys()):
        row, line = proposals.get(proposal), lines.get(proposal)
        if row is None or line is None or _given(row) != _sealed_facts(line):
            yield f"proposals.csv: {proposal} is not as it was sealed."


def _given(row: Mapping[str, str]) -> dict[str, str]:
    """The numbers of a proposal that are not blank."""
    return {name: text for name, text in row.items() if name not in WORDS and text}


def _sealed_facts(line: Mapping[str, Any]) -> dict[str, str]:
    """The same in the sealed ranking; the earliest rankings held three of them under other names."""
    facts = line.get("facts") or {
        "places": line["places"],
        "grant_requested_cents": line["grant_cents"],
        "grant_per_place_month": line["grant_per_place_month"],
    }
    return {name: _text(value) for name, value in facts.items() if value is not None}


def _why(mark: Mapping[str, Any]) -> str:
    if not mark["counts"]:
        return "recused"
    return "not_assessable" if mark["not_assessable"] else ""


def _text(value: Any) -> str:
    """A number of the sealed ranking or the computed one as the tables write it."""
    return "" if value is None else f"{Decimal(str(value)):f}"


# ── the list, computed again ────────────────────────────────────────────────────────────────────


def _compare(files: Files, manifest: Mapping[str, Any], found: Examination) -> None:
    """The decision list row by row against what marks, proposals and scheme give."""
    listed = {row["proposal"]: row for row in table(files["decision-list.csv"])}
    sealed = {line["proposal"]: line for line in json.loads(files["ranking.json"])["lines"]}
    computed = _recomputed(files, manifest)
    for key in sorted(listed.keys() | computed.keys() | sealed.keys()):
        if key not in listed or key not in computed or key not in sealed:
            found.differences.append(f"{key}: it is not in the decision list, the proposals and the ranking alike.")
            continue
        found.rows += 1
        found.differences += _unequal(key, listed[key], computed[key])
        found.differences += _unlike(key, listed[key], sealed[key])
        _judge(key, listed[key]["status"], computed[key]["status"], sealed[key], found)
    expected = sorted(listed.values(), key=lambda row: (not row["rank"], int(row["rank"] or 0), row["proposal"]))
    if [row["proposal"] for row in expected] != list(listed):
        found.differences.append("decision-list.csv: the rows are not in the order of rank and key.")


def _unequal(key: str, row: Mapping[str, str], computed: Mapping[str, str]) -> Iterator[str]:
    for name in COMPUTED:
        if row[name] != computed[name]:
            yield f"{key}, {name}: the list says {row[name] or 'nothing'}, computed is {computed[name] or 'nothing'}."


def _unlike(key: str, row: Mapping[str, str], line: Mapping[str, Any]) -> Iterator[str]:
    """What the list says of a proposal beside the numbers, against the sealed ranking."""
    said = {name: clean("" if line[name] is None else str(line[name])) for name in SEALED}
    said["grant_requested"] = _euro(line["grant_cents"])
    said |= {name: text for name, text in _of_the_committee(line).items() if name in row}
    for name, sealed in said.items():
        if row[name] != sealed:
            yield f"{key}, {name}: the list says {row[name] or 'nothing'}, the sealed ranking {sealed or 'nothing'}."


def _of_the_committee(line: Mapping[str, Any]) -> dict[str, str]:
    """Conditions and departure as a list tells them; lists of 0.1.0 have no such columns."""
    followed = line["status"] == line["automatic"] or {line["status"], line["automatic"]} <= set(RECOMMENDED)
    conditions = line["conditions"] if line["status"] == "recommended_with_conditions" else ""
    return {"conditions": clean(conditions), "departure": "" if followed else line["automatic"]}


def _euro(cents: int) -> str:
    whole, rest = divmod(cents, 100)
    return f"{whole}.{rest:02}" if rest else str(whole)


def _judge(key: str, status: str, computed: str, line: Mapping[str, Any], found: Examination) -> None:
    """The status: as computed, or a deviation that the sealed ranking names with its reasons."""
    if status != line["status"]:
        found.differences.append(f"{key}, status: the list says {status}, the sealed ranking {line['status']}.")
    elif status == computed or (computed == "recommended" and status in RECOMMENDED):
        return
    elif line["automatic"] == computed and line["reasons"]:
        found.deviations.append(f"{key}: {status} instead of {computed}, because: {line['reasons']}")
    else:
        found.differences.append(f"{key}, status: the list says {status}, computed is {computed}, without a reason.")


def _recomputed(files: Files, manifest: Mapping[str, Any]) -> Lines:
    """What the scoring library says of every proposal, as the texts of the decision list."""
    import pandas as pd

    proposals = table(files["proposals.csv"])
    out = {row["proposal"]: _unrated(row["status"]) for row in proposals if row["status"] in UNRATED}
    rated = [row for row in proposals if row["proposal"] not in out]
    marks = [row for row in table(files["scores.csv"]) if row["proposal"] not in out]
    if not rated:
        return out
    facts = pd.DataFrame([_numbers(row) for row in rated], dtype=object)
    scores = pd.DataFrame([[row[name] or None for name in MARKS] for row in marks], columns=list(MARKS), dtype=object)
    capacity = manifest["capacity"]
    scheme = scoring.Scheme.from_document(json.loads(files["scheme.json"]))
    listed = scoring.recommend(
        scoring.rank(scheme, scores, facts, seed=_seed(manifest, rated)),
        facts,
        places=capacity["places_max"],
        budget=capacity["budget_max_cents"],
        fill=capacity["fill_rule"],
        reserve=reserve_places(scheme),
    )
    return out | {str(row["proposal"]): _line(row) for row in listed.to_dict("records")}


def _seed(manifest: Mapping[str, Any], rated: list[dict[str, str]]) -> str:
    """What lots were drawn from: the call's key and the fingerprints of the rated proposals."""
    fingerprints = sorted(manifest["proposals"][row["proposal"]] for row in rated)
    seed = f"{manifest['call']}:{_hash(' '.join(fingerprints).encode())}"
    if seed != manifest["seed"]:
        raise DossierError("manifest.json: the seed of the lots is not that of the rated proposals.")
    return seed


def _numbers(row: Mapping[str, str]) -> dict[str, Any]:
    """What is known of a proposal before it is rated, blanks as None: its key and its numbers."""
    numbers = {name: Decimal(text) if text else None for name, text in row.items() if name not in WORDS}
    return {"proposal": row["proposal"], **numbers}


def _unrated(status: str) -> dict[str, str]:
    return {**dict.fromkeys(COMPUTED, ""), "valid_reviews": "0", "status": "" if status == "unchecked" else status}


def _line(row: Mapping[Any, Any]) -> dict[str, str]:
    import pandas as pd

    return {
        "rank": "" if pd.isna(row["rank"]) else str(int(row["rank"])),
        "valid_reviews": str(int(row["valid_reviews"])),
        "total": _text(row["total"]),
        "passed": "" if pd.isna(row["passed"]) else str(bool(row["passed"])).lower(),
        "failed_minima": " ".join(row["failed"]),
        "decided_by": str(row["decided_by"]),
        "status": str(row["status"]),
    }


def table(content: bytes) -> list[dict[str, str]]:
    """The rows of a CSV file by column; an apostrophe that keeps a text from being a formula is taken off."""
    reader = csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""), strict=True)
    try:
        return [{name: _bare(text) for name, text in row.items()} for row in reader]
    except csv.Error as error:
        raise DossierError(f"A table is no CSV: {error}.") from error


def _bare(text: str) -> str:
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA_STARTS) else text
