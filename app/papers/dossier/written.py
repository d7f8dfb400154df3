"""The dossier: everything that an auditor needs to compute a ranking again, in one file that says what it holds.

`votum verify` reads it with the scoring library alone. The same frozen ranking gives the same bytes.
"""

import io
import json
import zipfile
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from app import database
from app.database import Row
from app.domain import rankings
from app.i18n import gettext as _
from app.papers import csv_text, lists
from app.papers.pdf import minutes, printed, typeset
from app.papers.provenance import Source

SCHEMA = "votum-dossier/1"
NO_DATE = (1980, 1, 1, 0, 0, 0)
READABLE = 0o644 << 16
SUBMITTED = """
SELECT p.key, s.content, s.sha256 FROM proposal p JOIN submission s ON s.proposal = p.id
WHERE p.call = $1 ORDER BY p.key
"""
SEALED = "SELECT seq, hash FROM audit_entry WHERE action = 'ranking.frozen' AND object = $1"
NEWEST = "SELECT seq, hash FROM audit_entry WHERE call = $1 ORDER BY seq DESC LIMIT 1"


async def dossier(found: Source) -> bytes:
    """The dossier as a zip file."""
    papers = {
        "READ-ME.txt": _read_me().encode(),
        "decision-list.pdf": await typeset.rendered("list", printed.cleaned(await printed.decision_list(found))),
        "minutes.pdf": await typeset.rendered("minutes", printed.cleaned(await minutes.minutes(found))),
    }
    return packed(await files_of(found, papers))


async def files_of(found: Source, papers: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files of a dossier by name: these papers, all that the ranking is computed from, and the manifest."""
    ranking = found.ranking
    submitted = await database.rows(SUBMITTED, found.call.id)
    anchor = await _anchor(found)
    files = {
        **papers,
        "audit-anchor.txt": f"{anchor['seq']} {anchor['hash']}\n".encode() if anchor else b"",
        "decision-list.csv": csv_text.text(lists.decision_list(ranking)),
        "proposals.csv": csv_text.text(lists.proposals_list(ranking)),
        "ranking.json": (await _sealed(found)).encode(),
        "scheme.json": json.dumps(ranking.scheme, ensure_ascii=False, sort_keys=True).encode(),
        "scores.csv": csv_text.text(lists.scores(ranking)),
        **{f"proposals/{row['key']}.json": row["content"].encode() for row in submitted},
    }
    manifest = _manifest(found, anchor, submitted, files)
    return {**files, "manifest.json": (json.dumps(manifest, ensure_ascii=False, indent=1) + "\n").encode()}


def packed(files: Mapping[str, bytes]) -> bytes:
    """Files as a zip file without dates, by name."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, NO_DATE)
            entry.external_attr = READABLE
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED, 6)
    return body.getvalue()


async def _sealed(found: Source) -> str:
    """The very text that was sealed; of a draft the text that would be."""
    if found.seal is None:
        return rankings.packed(found.ranking)[0]
    return str(await database.value("SELECT content FROM frozen_ranking WHERE id = $1", found.seal.id))


async def _anchor(found: Source) -> Row | None:
    """The entry of the audit trail that holds the ranking's fingerprint; of a draft the newest of the call."""
    if found.seal:
        return await database.row(SEALED, f"frozen_ranking:{found.seal.id}")
    return await database.row(NEWEST, found.call.id)


def _manifest(found: Source, anchor: Row | None, submitted: list[Row], files: Mapping[str, bytes]) -> dict[str, Any]:
    ranking, seal = found.ranking, found.seal
    return {
        "schema": SCHEMA,
        "call": ranking.call,
        "title": ranking.title,
        "authority": found.call.authority_name,
        "draft": found.draft,
        "ranking": {
            "number": seal.number if seal else None,
            "at": csv_text.plain(found.at),
            "by": seal.by if seal else None,
            "why": seal.why if seal else None,
            "sha256": ranking.sha256,
        },
        "scheme_sha256": ranking.scheme_sha256,
        "seed": ranking.seed,
        "capacity": {
            "places_max": ranking.places_max,
            "budget_max_cents": ranking.budget_max_cents,
            "fill_rule": ranking.fill_rule,
        },
        "audit": {"seq": anchor["seq"], "hash": anchor["hash"]} if anchor else None,
        "proposals": {row["key"]: row["sha256"] for row in submitted},
        "files": {name: sha256(content).hexdigest() for name, content in sorted(files.items())},
    }


def _read_me() -> str:
    return _(
        "This file holds a ranking with everything it was computed from.\n\n"
        "decision-list.csv, decision-list.pdf  what the committee recommends\n"
        "minutes.pdf                           the meeting of the committee\n"
        "scores.csv                            every single mark; recused = conflict of interest, does not count\n"
        "proposals.csv, proposals/             what was submitted, with the fingerprints of the receipts\n"
        "scheme.json                           the rating scheme\n"
        "ranking.json                          the ranking as it was sealed\n"
        "audit-anchor.txt                      number and hash of the entry in the audit trail that names the seal\n"
        "manifest.json                         capacity, seal, and the SHA-256 of every file\n\n"
        "votum verify FILE.zip computes rank and recommendation again from scores, proposals and scheme,\n"
        "without any database, and compares every row.\n"
    )
