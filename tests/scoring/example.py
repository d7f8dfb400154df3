"""The example of scoring/README.md: its table and drawing made from what the library answers.

`python -m tests.scoring.example` draws scoring/example.svg anew and prints the table.
"""

from pathlib import Path
from xml.sax.saxutils import escape

import pandas as pd

from scoring.advice.calibrate import Calibration, calibrate
from tests.scoring.panels import totals

SCORING = Path(__file__).parents[2] / "scoring"
SCALE = (0, 10)
PLACES = 4
# Twelve ideas, five members, 0 to 10 points; "." = conflict of interest.
MARKS = {
    "P01": "87986", "P02": "78875", "P03": "8778.", "P04": "687.5", "P05": "76774", "P06": "7766.",
    "P07": "576.4", "P08": "6.663", "P09": ".5654", "P10": "65543", "P11": "45.52", "P12": "34542",
}  # fmt: skip

LEFT, STEP, TOP, ROW = 150, 36, 74, 30
STYLE = """
  text { font: 14px system-ui, "Segoe UI", Roboto, sans-serif; fill: #1b2733 }
  .small { font-size: 12px } .end { text-anchor: end } .middle { text-anchor: middle } .head { font-weight: 600 }
  .grid { stroke: #d5dce3 } .line { stroke: #9b1c31; stroke-width: 2; stroke-dasharray: 6 4 }
  .whisker { stroke: #5a7d9a; stroke-width: 2 } .box { fill: #a9c6dd } .dot { fill: #0b3d66 }
  .official { fill: none; stroke: #1b2733; stroke-width: 2 } .page { fill: #ffffff }
  @media (prefers-color-scheme: dark) {
    text { fill: #e8edf2 } .page { fill: #14191f } .grid { stroke: #38434e } .line { stroke: #ff8a9b }
    .whisker { stroke: #8fb4d3 } .box { fill: #2f5878 } .dot { fill: #cfe6fa } .official { stroke: #e8edf2 }
  }
"""


def example_totals() -> pd.DataFrame:
    return totals(
        [
            (proposal, f"M{member}", float(mark))
            for proposal, marks in MARKS.items()
            for member, mark in enumerate(marks, start=1)
            if mark != "."
        ]
    )


def example_result() -> tuple[Calibration, pd.DataFrame]:
    """The calibration, and its proposals in official order with their mean and official rank."""
    frame = example_totals()
    found = calibrate(frame, scale=SCALE, top=PLACES)
    mean = frame.groupby("proposal")["total"].mean().rename("mean")
    listed = found.proposals.join(mean, on="proposal")
    listed["official"] = listed["mean"].rank(ascending=False, method="min").astype(int)
    return found, listed.sort_values(["official", "proposal"], ignore_index=True)


def table() -> str:
    """Marks, official result and advice as a Markdown table."""
    lines = [
        "| idea | M1 | M2 | M3 | M4 | M5 | mean | rank | adjusted | expected rank | rank, 90 % | chance of a place |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in example_result()[1].to_dict("records"):
        marks = " | ".join("–" if mark == "." else mark for mark in MARKS[str(row["proposal"])])
        lines.append(
            f"| {row['proposal']} | {marks} | {row['mean']:.2f} | {row['official']} | {row['adjusted']:.2f} | "
            f"{row['expected_rank']:.1f} | {row['rank_q05']:.0f} to {row['rank_q95']:.0f} | {percent(row['p_top'])} |"
        )
    return "\n".join(lines)


def percent(share: float) -> str:
    """Whole per cent; what rounds to all or nothing says so."""
    if share > 0.99:
        return "over 99 %"
    return "under 1 %" if share < 0.01 else f"{100 * share:.0f} %"


def drawing() -> str:
    """The ranks of the example as SVG: official rank, expected rank, 50 and 90 % interval, line at the places."""
    listed = example_result()[1]
    n = len(listed)
    width, height = LEFT + STEP * (n + 1) + 110, TOP + ROW * n + 84
    bottom = TOP + ROW * n
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-labelledby="t d">',
        '<title id="t">Where each idea probably belongs</title>',
        f'<desc id="d">{escape(described(listed))}</desc>',
        f"<style>{STYLE}</style>",
        f'<rect class="page" width="{width}" height="{height}"/>',
        f'<text class="head" x="16" y="40">idea</text><text class="head end" x="{LEFT - 28}" y="40">mean</text>',
        f'<text class="head" x="{place(1)}" y="24">rank</text>',
        f'<text class="head end" x="{width - 16}" y="24">chance of a place</text>',
    ]
    for rank in range(1, n + 1):
        parts.append(f'<text class="small middle" x="{place(rank)}" y="48">{rank}</text>')
        parts.append(f'<line class="grid" x1="{place(rank)}" y1="56" x2="{place(rank)}" y2="{bottom}"/>')
    parts.append(f'<line class="line" x1="{place(4.5)}" y1="56" x2="{place(4.5)}" y2="{bottom}"/>')
    parts.append(f'<text class="small middle" x="{place(4.5)}" y="{bottom + 16}">{PLACES} places</text>')
    for at, row in enumerate(listed.to_dict("records")):
        parts += row_of({str(name): value for name, value in row.items()}, TOP + ROW * at, width)
    return "\n".join([*parts, *key(bottom + 52), "</svg>", ""])


def place(rank: float) -> float:
    """Where a rank lies on the drawing."""
    return LEFT + STEP * (rank - 0.5)


def row_of(row: dict[str, object], y: int, width: int) -> list[str]:
    """One idea: labels, 90 % line, 50 % bar, dot and diamond."""
    low, left, right, high, expected, official = (
        place(float(str(row[name])))
        for name in ("rank_q05", "rank_q25", "rank_q75", "rank_q95", "expected_rank", "official")
    )
    return [
        f'<text x="16" y="{y + 5}">{escape(str(row["proposal"]))}</text>',
        f'<text class="end" x="{LEFT - 28}" y="{y + 5}">{float(str(row["mean"])):.2f}</text>',
        f'<line class="whisker" x1="{low:.1f}" y1="{y}" x2="{high:.1f}" y2="{y}"/>',
        f'<rect class="box" x="{left - 5:.1f}" y="{y - 7}" width="{right - left + 10:.1f}" height="14" rx="3"/>',
        f'<circle class="dot" cx="{expected:.1f}" cy="{y}" r="5"/>',
        f'<path class="official" d="M{official:.1f} {y - 10}l10 10l-10 10l-10-10z"/>',
        f'<text class="end" x="{width - 16}" y="{y + 5}">{percent(float(str(row["p_top"])))}</text>',
    ]


def key(y: int) -> list[str]:
    """What the signs mean."""
    signs = [
        (42, f'<path class="official" d="M24 {y - 10}l10 10l-10 10l-10-10z"/>', "official rank"),
        (164, f'<circle class="dot" cx="152" cy="{y}" r="5"/>', "expected rank"),
        (304, f'<rect class="box" x="270" y="{y - 7}" width="26" height="14" rx="3"/>', "half of the time"),
        (482, f'<line class="whisker" x1="442" y1="{y}" x2="474" y2="{y}"/>', "nine times out of ten"),
    ]
    return [f'{sign}<text class="small" x="{x}" y="{y + 4}">{meaning}</text>' for x, sign, meaning in signs]


def described(listed: pd.DataFrame) -> str:
    """The drawing in words."""
    rows = [
        f"{row['proposal']}: official rank {row['official']}, expected rank {row['expected_rank']:.1f}, between rank "
        f"{row['rank_q05']:.0f} and {row['rank_q95']:.0f}, chance of a place {percent(row['p_top'])}"
        for row in listed.to_dict("records")
    ]
    return ". ".join(rows) + "."


if __name__ == "__main__":
    (SCORING / "example.svg").write_text(drawing(), encoding="utf-8")
    print(table())
