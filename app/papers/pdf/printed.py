"""The lists as printed papers: what stands in each cell, ready for the templates in templates/pdf."""

from decimal import Decimal
from typing import Any

from app import i18n
from app.clock import BERLIN
from app.domain import formal_checks, proposals, reasons
from app.domain.rankings.content import Placed, Ranking
from app.domain.rating_schemes import Scheme
from app.domain.reasons import Telling, Told
from app.i18n import gettext as _
from app.papers import lists, provenance
from app.papers.provenance import Source
from app.papers.safe_text import clean

Data = dict[str, Any]
LONG = 200  # letters that a cell takes; a longer text stands whole below the list


def head(found: Source, title: str) -> Data:
    """What every paper says about itself; its date is that of the ranking, never the day of printing."""
    day = found.at.astimezone(BERLIN)
    return {
        "language": i18n.locale.get(),
        "title": title,
        "call": provenance.title(found),
        "authority": provenance.authority(found),
        "date": [day.year, day.month, day.day],
        "draft": _("DRAFT") if found.draft else None,
        "draft_note": _("Draft: this ranking is not frozen and can still change."),
        "stamp": provenance.line(found),
        "page": _("Page"),
        "of": _("of"),
    }


def cleaned(data: Any) -> Any:
    """The same data with every text cleaned."""
    if isinstance(data, str):
        return clean(data)
    if isinstance(data, dict):
        return {key: cleaned(value) for key, value in data.items()}
    return [cleaned(value) for value in data] if isinstance(data, list | tuple) else data


def left(heading: str, share: float) -> list[Any]:
    """A column of texts that takes a share of the width."""
    return [heading, "left", share]


def right(heading: str) -> list[Any]:
    """A column of numbers, as wide as it needs."""
    return [heading, "right", None]


def plain(value: Decimal) -> Decimal:
    """A number without trailing zeros or an exponent: 4.0 is 4."""
    return Decimal(f"{value.normalize():f}")


# ── decision list ───────────────────────────────────────────────────────────────────────────────


async def decision_list(found: Source) -> Data:
    """The decision list: rank, proposal, what it asks for, total, recommendation with start, tie rule, reason.

    Columns in which nothing stands are left out: ties, conditions and departures are rare.
    """
    ranking = found.ranking
    telling = Telling(ranking)
    decimals = Scheme.from_document(ranking.scheme).decimals
    columns = [
        right(_("Rank")),
        left(_("Proposal"), 5),
        left(_("Field of activity"), 3.4),
        right(_("Places")),
        right(_("Requested")),
        right(_("Ratings")),
        right(_("Total")),
        left(_("Minima"), 2.4),
        left(_("Recommendation"), 2.6),
        left(_("By ranking"), 2.4),
        left(_("Tie decided by"), 2.7),
        left(_("Reason"), 4.4),
        left(_("Conditions"), 4),
    ]
    rows = [_decided(line, telling, decimals) for line in ranking.lines]
    return {
        **head(found, _("Decision list")),
        "lead": _("Recommendation of the committee; the granting body decides."),
        "figures": figures(ranking),
        **filled(columns, rows),
        "line": end_of_recommendation(ranking),
        "notes": [
            *whole_texts(ranking, telling),
            _("Rating scheme SHA-256 %(sha256)s") % {"sha256": ranking.scheme_sha256},
        ],
    }


def _decided(line: Placed, telling: Telling, decimals: int) -> list[Any]:
    told = brief(telling.of(line))
    return [
        place(line),
        [f"{line.proposal} {line.title}", line.organisation],
        proposals.field_name(line.field),
        i18n.number(line.places),
        i18n.money(line.grant_cents),
        str(line.valid_reviews),
        i18n.points(line.total, decimals),
        minima(line, telling),
        [told.status, start(line)],
        told.departure,
        reasons.rule(line.decided_by, telling.named),
        told.reason,
        told.conditions,
    ]


def filled(columns: list[Any], rows: list[list[Any]]) -> Data:
    """Columns and rows without the columns in which nothing stands; of a list without rows all."""
    kept = [place for place in range(len(columns)) if not rows or any(row[place] for row in rows)]
    return {"columns": [columns[place] for place in kept], "rows": [[row[place] for place in kept] for row in rows]}


def brief(told: Told) -> Told:
    """The same with reason and conditions cut to what a cell takes."""
    return told._replace(reason=_brief(told.reason), conditions=_brief(told.conditions))


def _brief(text: str) -> str:
    if len(text) <= LONG:
        return text
    head = text[:LONG].rpartition(" ")[0] or text[:LONG]
    return _("%(head)s … (whole text below the list)") % {"head": head}


def whole_texts(ranking: Ranking, telling: Telling, *, departures_only: bool = False) -> list[str]:
    """The reasons and conditions that are too long for their cells, each with its proposal."""
    found = []
    for line in ranking.lines:
        told = telling.of(line)
        reason = "" if departures_only and not told.departure else told.reason
        for label, text in ((_("Reason"), reason), (_("Conditions"), told.conditions)):
            if len(text) > LONG:
                found.append(f"{line.proposal}, {label}: {text}")
    return found


def place(line: Placed) -> str:
    """A rank; with = where it is shared, a dash where there is none."""
    return "–" if line.rank is None else f"{line.rank}{'=' if line.tied else ''}"


def minima(line: Placed, telling: Telling) -> str:
    """Whether all minima are reached, and which are not."""
    if line.passed is None:
        return "–"
    if line.passed:
        return _("reached")
    if not line.failed:
        return _("not reached")
    return _("not reached: %(minima)s") % {"minima": telling.failed(line)}


def start(line: Placed) -> str:
    """When a recommended project starts."""
    return _("Start %(date)s") % {"date": i18n.date(line.start_date)} if line.start_date else ""


def recommendation(line: Placed, told: Told) -> list[str]:
    """The recommendation in words; below it the start, a departure with its reason, and conditions."""
    return [told.status, *filter(None, [start(line), *told.remarks])]


def figures(ranking: Ranking) -> list[list[str]]:
    """What the recommended take of what there is, as label and text."""
    chosen = ranking.recommended
    places, cents = sum(line.places for line in chosen), sum(line.grant_cents for line in chosen)
    return [
        [_("Proposals"), i18n.number(len(ranking.lines))],
        [_("Recommended"), i18n.number(len(chosen))],
        [_("Places"), _of(i18n.number(places), i18n.number(ranking.places_max), ranking.places_max)],
        [_("Requested grant"), _of(i18n.money(cents), i18n.money(ranking.budget_max_cents), ranking.budget_max_cents)],
    ]


def _of(done: str, whole: str, limit: int | None) -> str:
    return done if limit is None else _("%(done)s of %(all)s") % {"done": done, "all": whole}


def end_of_recommendation(ranking: Ranking) -> list[Any] | None:
    """Behind which row the recommendation ends, and what to say there; None where it ends at no one place."""
    last = ranking.last_recommended
    return [ranking.lines.index(last) + 1, _("Here the recommendation ends")] if last else None


# ── ranking ─────────────────────────────────────────────────────────────────────────────────────


async def ranking_list(found: Source) -> Data:
    """The ranking with every criterion's mean, spread and valid ratings."""
    ranking = found.ranking
    scheme = Scheme.from_document(ranking.scheme)
    keys = [one.key for one in scheme.criteria]
    telling = Telling(ranking)
    legend = "; ".join(f"{key}: {telling.named[key]}" for key in keys)
    spread = _("Spread: standard deviation of the totals of the single sheets, in points.")
    return {
        **head(found, _("Ranking")),
        "lead": _("The committee recommends in this order; the granting body decides."),
        "figures": figures(ranking),
        "columns": [
            right(_("Rank")),
            left(_("Proposal"), 5),
            right(_("Total")),
            *(right(key) for key in keys),
            right(_("Spread")),
            right(_("Ratings")),
            right(_("Places")),
            right(_("Requested")),
            left(_("Minima"), 1.8),
            left(_("Recommendation"), 3),
        ],
        "rows": [_ranked(line, keys, scheme.decimals, telling) for line in ranking.lines],
        "line": end_of_recommendation(ranking),
        "notes": [*whole_texts(ranking, telling, departures_only=True), f"{legend}.", spread],
    }


def _ranked(line: Placed, keys: list[str], decimals: int, telling: Telling) -> list[Any]:
    return [
        place(line),
        [f"{line.proposal} {line.title}", line.organisation],
        i18n.points(line.total, decimals),
        *(i18n.points(line.means.get(key), decimals) for key in keys),
        i18n.points(line.spread),
        str(line.valid_reviews),
        i18n.number(line.places),
        i18n.money(line.grant_cents),
        minima(line, telling),
        recommendation(line, brief(telling.of(line))),
    ]


# ── intake list ─────────────────────────────────────────────────────────────────────────────────


async def intake_list(found: Source) -> Data:
    """The intake list with the outcome of the formal check."""
    rows = await formal_checks.intake(found.call.id, size=lists.ALL)
    return {
        **head(found, _("Intake list")),
        "lead": _("All proposals that were submitted, with their formal check."),
        "figures": [
            [_("Proposals"), i18n.number(len(rows))],
            [_("Places"), i18n.number(sum(row.places or 0 for row in rows))],
            [_("Deadline"), i18n.datetime(found.call.deadline)],
        ],
        "columns": [
            left(_("Proposal"), 4.6),
            left(_("Receipt"), 1.8),
            left(_("Received"), 2.1),
            left(_("Field of activity"), 2.2),
            right(_("Places")),
            right(_("Requested")),
            left(_("Formal check"), 2.2),
            left(_("Reason"), 3.4),
        ],
        "rows": [_received(row) for row in rows],
        "line": None,
        "notes": [],
    }


def _received(row: formal_checks.Received) -> list[Any]:
    return [
        [f"{row.key} {row.title}", row.organisation],
        row.receipt_number,
        i18n.datetime(row.submitted_at),
        proposals.field_name(row.field),
        i18n.number(row.places),
        i18n.money(row.requested_grant_cents),
        [_(lists.CHECKS[formal_checks.state(row)]), _cure(row)],
        row.rejection or "",
    ]


def _cure(row: formal_checks.Received) -> str:
    """What became of a request to mend something."""
    if row.answered_at:
        return _("supplied on %(date)s") % {"date": i18n.date(row.answered_at.astimezone(BERLIN))}
    return _("to be supplied by %(date)s") % {"date": i18n.date(row.cure_due)} if row.cure_due else ""
