"""Why a proposal stands where it stands, as one sentence in the reader's language."""

from collections.abc import Mapping

from app import i18n
from app.domain.rankings import STATUSES, UNRANKED, Placed, Ranking
from app.i18n import gettext as _
from app.i18n import later

SENTENCES = {
    "fits": later("Fits into the capacity."),
    "places": later("The places left over do not suffice for its %(places)s places."),
    "budget": later("The money left over does not suffice for its %(grant)s."),
    "list_closed": later("The list ended above, where a proposal did not fit."),
    "tie_at_line": later("Tied at the line: the committee or the lot must decide."),
    "no_reserve_place": later("Behind the last place of the reserve list."),
    "below_minimum": later("Below the minimum: %(failed)s."),
    "gate": later("Not rated: a formal condition is not met."),
    "no_rating": later("No valid rating."),
    "too_few_ratings": later("Too few valid ratings: %(valid)s."),
    "no_mark": later("A criterion has no mark."),
    "no_order": later("The scheme makes no order."),
}


def names(ranking: Ranking, language: str) -> dict[str, str]:
    """The names of the criteria and groups of a ranking's scheme by key, and of the total."""
    found = {"total": _("total")}
    for part in ("criteria", "groups"):
        for one in ranking.scheme.get(part) or []:
            found[one["key"]] = one.get(f"label_{language}") or one.get("label_de") or one["key"]
    return found


def sentence(line: Placed, named: Mapping[str, str]) -> str:
    """The reason of a line: the committee's own words where it deviates, the office's where it rejected formally."""
    if line.reasons and line.status != line.automatic:
        return line.reasons
    if line.status == "recommended_with_conditions":
        return _("Recommended under these conditions: %(conditions)s") % {"conditions": line.conditions}
    template = SENTENCES.get(line.reason_code.partition(":")[0])
    if template is None:
        return line.reason
    return _(template) % {
        "places": line.places,
        "grant": i18n.money(line.grant_cents),
        "failed": ", ".join(named.get(key, key) for key in line.failed),
        "valid": line.valid_reviews,
    }


def unranked(line: Placed) -> bool:
    """Whether a line has too few marks for a place in the ranking, and the committee left it there."""
    return line.reason_code in UNRANKED and line.status == line.automatic


def status(line: Placed) -> str:
    """The recommendation in words; what was not rated sufficiently is not called refused."""
    return _("not ranked") if unranked(line) else _(STATUSES[line.status])


def automatic(line: Placed) -> str:
    """What the ranking alone says, in the same words, whatever the committee recommends."""
    return _("not ranked") if line.reason_code in UNRANKED else _(STATUSES[line.automatic])


def rule(decided_by: str, named: Mapping[str, str]) -> str:
    """The tie rule that placed a line, in words; nothing where there was no tie."""
    direction, colon, field = decided_by.partition(":")
    if colon:
        what = FIELDS.get(field)
        name = _(what) if what else field
        return (_("lower: %(field)s") if direction == "lower" else _("higher: %(field)s")) % {"field": name}
    return {"committee": _("decided by the committee"), "lot": _("drawn by lot")}.get(
        decided_by, named.get(decided_by, decided_by)
    )


FIELDS = {
    "grant_per_place_month": later("grant per place and month"),
    "places": later("places"),
    "grant_requested_cents": later("requested grant"),
    "months": later("months"),
}
