"""Commands for auditors: check, audit verify, scheme check, form check, rank."""

import csv
import io
import re
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.commands import Failed, contents, run

if TYPE_CHECKING:
    import pandas as pd

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
WORDS = ("proposal", "organisation", "title", "field", "region", "status")
LARGEST_TABLE = 200_000_000  # bytes


@click.command()
def check() -> None:
    """Check what must hold over the whole database; one line for each that is broken."""
    from app.operations import invariants

    broken = run(invariants.broken)
    if broken:
        raise Failed("\n".join(broken))
    click.echo(f"ok: {len(invariants.INVARIANTS)} invariants hold")


@click.group()
def audit() -> None:
    """The audit trail."""


@audit.command()
@click.option("--anchors", type=FILE, help="Lines of number and hash that were printed earlier.")
def verify(anchors: Path | None) -> None:
    """Compute all chains again and compare; prints where each ends, the anchors to keep elsewhere."""
    from app.records import audit as trail

    known = anchors_of(anchors) if anchors else {}

    async def verified() -> tuple[int, trail.Break | None, list[tuple[int, str]]]:
        return *await trail.verify(known), await trail.heads()

    count, broken, heads = run(verified)
    if broken:
        raise Failed(f"The audit trail is broken at entry {broken.seq}: {broken.why}.")
    click.echo("\n".join([f"ok: {count} entries", *(f"{seq} {fingerprint}" for seq, fingerprint in heads)]))


def anchors_of(file: Path) -> dict[int, str]:
    """Sequence numbers and hashes, a line each; empty lines and lines with # are passed over."""
    found = {}
    for number, line in enumerate(contents(file, LARGEST_TABLE).decode().splitlines(), 1):
        words = line.split()
        if not words or line.startswith("#"):
            continue
        if len(words) != 2 or not words[0].isdecimal() or len(words[1]) != 64:
            raise Failed(f"{file}, line {number}: expected a number and a hash.")
        found[int(words[0])] = words[1].lower()
    return found


@click.group()
def scheme() -> None:
    """Rating schemes."""


@scheme.command("check")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def check_schemes(files: tuple[Path, ...]) -> None:
    """Read FILES (rating-scheme/1), prove them and compute their worked examples; one line a file."""
    import scoring

    told(line for file in files for line in scoring.check_file(file))


@click.group()
def form() -> None:
    """Forms: what a call asks."""


@form.command("check")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def check_forms(files: tuple[Path, ...]) -> None:
    """Read FILES (form/1), prove them and compute their worked examples; one line a file."""
    from app import forms

    told(line for file in files for line in forms.check_file(file))


def told(lines: Iterable[str]) -> None:
    """Print what was found; one line that does not begin with "ok " makes the command fail."""
    wrong = False
    for line in lines:
        wrong = wrong or not line.startswith("ok ")
        click.echo(line)
    if wrong:
        raise click.exceptions.Exit(1)


@click.command()
@click.option("--scheme", "scheme_file", required=True, type=FILE, help="A rating-scheme/1 file.")
@click.option("--scores", "scores_file", required=True, type=FILE, help="proposal,reviewer,criterion,value[,reason]")
@click.option("--proposals", "proposals_file", type=FILE, help="proposal,places,grant_requested_cents,...")
@click.option("--places", type=click.IntRange(0), help="Places to give.")
@click.option("--budget", type=click.IntRange(0), help="Cents to give.")
@click.option("--fill", type=click.Choice(["stop", "skip"]), default="stop", help="At the first that does not fit.")
@click.option("--seed", help="The published seed, where lots are drawn: `seed` in the dossier's ranking.json.")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
def rank(
    scheme_file: Path,
    scores_file: Path,
    proposals_file: Path | None,
    places: int | None,
    budget: int | None,
    fill: str,
    seed: str | None,
    out: Path,
) -> None:
    """Rank and recommend from files alone, without any database: the auditor's recomputation."""
    import scoring
    from app.domain.rating_schemes import reserve_places

    rules = scoring.Scheme.from_file(scheme_file)
    proposals = numbered(table(proposals_file)) if proposals_file else None
    ranking = scoring.rank(rules, table(scores_file), proposals, seed=seed)
    reserve = reserve_places(rules)
    found = scoring.recommend(ranking, proposals, places=places, budget=budget, fill=fill, reserve=reserve)
    shown = found.drop(columns=[name for name in ("total_exact", "order_exact") if name in found])
    for name in ("failed", "notes"):
        shown[name] = shown[name].map(" ".join)
    shown.to_csv(out, index=False, lineterminator="\r\n")


def numbered(proposals: "pd.DataFrame") -> "pd.DataFrame":
    """The table with its numbers as exact numbers; keys and names stay text, as does 01067."""
    import pandas as pd

    columns = {
        name: [number(cell) if name not in WORDS else cell for cell in proposals[name]] for name in proposals.columns
    }
    return pd.DataFrame(columns, dtype=object)


def number(cell: str | None) -> str | int | Decimal | None:
    """What a cell says, as a number where it is one."""
    if cell is None or not re.fullmatch(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?", cell):
        return cell
    return Decimal(cell) if "." in cell else int(cell)


def table(file: Path) -> "pd.DataFrame":
    """A CSV file as text, blanks as None, so that no number loses a digit; raises Failed for no proper table."""
    import pandas as pd

    try:
        text = contents(file, LARGEST_TABLE).decode("utf-8-sig")
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise Failed(f"{file} is not CSV in UTF-8: {error}") from error
    if not lines:
        raise Failed(f"{file} is empty.")
    for number, line in enumerate(lines, 1):
        if line and len(line) != len(lines[0]):
            raise Failed(f"{file}, line {number}: expected {len(lines[0])} fields, found {len(line)}.")
    rows = [[cell.strip() or None for cell in line] for line in lines[1:] if line]
    return pd.DataFrame(rows, columns=[name.strip() for name in lines[0]], dtype=object)
