"""LibreOffice recalculates generated workbooks to what scoring says: every total, direction, minimum, way to aggregate
and rule for blanks. One run of soffice for all of them; the values that the files were stored with are taken out first.
"""

import io
import re
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path
from random import Random
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest

from app.domain.rankings.content import Mark, Ranking
from app.domain.rating_schemes import Scheme
from app.papers import lists
from app.papers.xlsx import books
from tests.domain import listed
from tests.domain.test_exports_calculation import same
from tests.scoring import generated

SOFFICE = shutil.which("soffice")
SHEETS = 3
ALONE = ("P1", "P2", "P3", "P4")


def marks(scheme: Scheme, chance: Random) -> list[Mark]:
    """One sheet for each of four proposals, six for each of two more."""
    blank = 0.0 if scheme.aggregation.missing == "refuse" else 0.03
    given = [(key, "M1") for key in ALONE] + [(key, f"M{n}") for key in ("P5", "P6") for n in range(1, 7)]
    return [
        listed.mark(proposal, member, key, value, counts=(proposal, member) != ("P6", "M6"))
        for proposal, member in given
        for key, value in generated.sheet(scheme, chance, blank).items()
    ]


def proposals(chance: Random) -> list[dict[str, object]]:
    found = []
    for n in range(1, 7):
        numbers = generated.facts(chance)
        cents = numbers["grant_per_place_month"] * numbers["places"] * 36 * 100
        found.append({"key": f"P{n}", "places": numbers["places"], "requested_grant_cents": cents})
    return found


def without_values(workbook: bytes) -> bytes:
    """The workbook with formulas alone, so that nothing stored can be taken for calculated."""
    found = io.BytesIO()
    with ZipFile(io.BytesIO(workbook)) as given, ZipFile(found, "w", ZIP_DEFLATED) as bare:
        for name in given.namelist():
            content = given.read(name)
            if name.startswith("xl/worksheets/sheet"):
                content = re.sub(rb"(</f>)<v>[^<]*</v>", rb"\1", content)
            bare.writestr(name, content)
    return found.getvalue()


def recalculated(folder: Path) -> None:
    """Every workbook of a folder, opened, calculated and saved by LibreOffice into out/."""
    files = sorted(str(path) for path in folder.glob("*.xlsx"))
    profile = f"-env:UserInstallation=file://{folder}/profile"
    subprocess.run(
        [str(SOFFICE), profile, "--headless", "--convert-to", "xlsx", "--outdir", str(folder / "out"), *files],
        check=True,
        capture_output=True,
        timeout=900,
    )


@pytest.mark.hypothesis
@pytest.mark.skipif(SOFFICE is None, reason="no LibreOffice here: apt install libreoffice-calc")
def test_libreoffice_recalculates_generated_workbooks_to_what_scoring_says(tmp_path):
    kept: dict[str, tuple[bytes, Ranking]] = {}
    for number, kind in enumerate(generated.KINDS):
        chance = Random(number)
        scheme = generated.scheme(kind, chance)
        ranking = listed.ranking(scheme, marks(scheme, chance), proposals(chance))
        content = books.calculated(listed.source(ranking), "Ranking", lists.ranking_list(ranking))
        kept[f"{number:03}.xlsx"] = content, ranking
        (tmp_path / f"{number:03}.xlsx").write_bytes(without_values(content))
    recalculated(tmp_path)
    ranked = 0
    for name, (content, ranking) in kept.items():
        stored = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
        found = openpyxl.load_workbook(tmp_path / "out" / name, data_only=True)
        for sheet in stored.sheetnames[:SHEETS]:
            there, here = found[sheet], stored[sheet]
            for cells in here.iter_rows():
                for cell in cells:
                    calculated = there.cell(cell.row, cell.column).value
                    where = (name, generated.KINDS[int(name[:3])], sheet, cell.coordinate)
                    assert same(cell.value, calculated), (where, cell.value, calculated)
        ranked += sum(line.rank is not None for line in ranking.lines)
    assert ranked > len(kept)


@pytest.mark.hypothesis
def test_the_sheets_of_these_workbooks_are_evaluated_alike():
    """What one member alone gave a proposal is what the scheme says of that sheet."""
    for number, kind in enumerate(generated.KINDS):
        chance = Random(number)
        scheme = generated.scheme(kind, chance)
        found, given = marks(scheme, chance), proposals(chance)
        ranking = listed.ranking(scheme, found, given)
        for line in ranking.lines:
            if line.proposal in ALONE and line.total is not None:
                sheet = {mark.criterion: mark.value for mark in found if mark.proposal == line.proposal}
                lowest = {f"min_{name}": number for name, number in least(ranking).items()}
                known = {name: number for name, number in line.numbers.items() if name in generated.FACTS}
                assert scheme.evaluate({**sheet, **known, **lowest}).total == line.total


def least(ranking: Ranking) -> dict[str, Decimal]:
    """The lowest number of the proposals that compete."""
    competing = [line for line in ranking.lines if line.valid_reviews]
    return {name: min(Decimal(line.numbers[name] or 0) for line in competing) for name in generated.FACTS}
