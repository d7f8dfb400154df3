"""The numbers of a proposal under the names that rating schemes use, and what schemes need that nobody is asked for."""

from collections.abc import Iterator
from decimal import Decimal

from app import i18n
from app.domain.proposals.content import Measured, grant_per_place_month, months
from app.domain.rating_schemes import Gate, Scheme
from app.i18n import gettext as _
from app.i18n import later

Facts = dict[str, int | Decimal | None]

FACTS = {
    "places": later("places"),
    "grant_requested_cents": later("requested grant in cents"),
    "grant_per_place_month": later("requested grant in euro per place and month"),
    "months": later("months"),
}
WORDS = ("proposal", "organisation", "title", "field", "region", "status")
"""What a table of proposals says beside its numbers."""

SCOPES = {
    "lot": later(
        "The scheme makes a ranking of its own for each lot, but Votum asks no proposal for its lot."
        " Please publish a call for each lot, with a scheme without “scope”."
    ),
    "core_topic": later(
        "The scheme makes a ranking of its own for each core topic, but Votum asks no proposal for its core topic."
        " Please publish a call for each core topic, with a scheme without “scope”."
    ),
}


def facts(row: Measured) -> Facts:
    """The numbers of a proposal that gates, computed criteria, tie rules and capacity use; None where there is none.

    row: the columns of a proposal.
    """
    return {
        "places": row.places,
        "grant_requested_cents": row.requested_grant_cents,
        "grant_per_place_month": grant_per_place_month(row),
        "months": months(row),
    }


def not_asked(scheme: Scheme) -> list[str]:
    """What keeps Votum from ranking as the scheme says, a sentence each: numbers and decisions that it asks nobody for.

    Empty for a scheme by which a call can be published.
    """
    unknown = [*_computed(scheme), *_compared(scheme)]
    known = [_known()] if unknown else []
    return [*_scope(scheme), *unknown, *known, *_too_early(scheme), *_taken(scheme)]


def by_hand(scheme: Scheme) -> list[str]:
    """What people decide although the scheme looks as if it was known, a sentence each."""
    found = [
        _("“%(gate)s”: Votum asks no proposal for this number; the office answers in the formal check.")
        % {"gate": gate.label(i18n.locale.get())}
        for gate in scheme.gates
        if gate.type == "number" and gate.fact not in FACTS
    ]
    rules = [rule for rule in scheme.ranking.tie_breakers if ":" not in rule and not _decides(scheme, rule)]
    if rules:
        found.append(
            _("Whoever is still tied then stays tied until the committee decides: %(rules)s.")
            % {"rules": ", ".join(rules)}
        )
    return found


def _scope(scheme: Scheme) -> Iterator[str]:
    if scheme.ranking.scope:
        yield _(SCOPES[scheme.ranking.scope])


def _computed(scheme: Scheme) -> Iterator[str]:
    for one in scheme.computed_criteria:
        if one.fact not in FACTS:
            said = {"criterion": one.label(i18n.locale.get()), "fact": one.fact}
            yield _("“%(criterion)s” is computed from “%(fact)s”, but Votum asks no proposal for it.") % said


def _compared(scheme: Scheme) -> Iterator[str]:
    for rule in scheme.ranking.tie_breakers:
        if (fact := rule.partition(":")[2]) and fact not in FACTS:
            said = {"rule": rule, "fact": fact}
            yield _("The tie rule “%(rule)s” compares “%(fact)s”, but Votum asks no proposal for it.") % said


def _known() -> str:
    names = (f"{name} ({_(label)})" for name, label in FACTS.items())
    return _("Votum knows these numbers of a proposal: %(names)s.") % {"names": ", ".join(names)}


def _too_early(scheme: Scheme) -> Iterator[str]:
    """Decisions by hand that a later rule would not wait for."""
    rules = scheme.ranking.tie_breakers
    for number, rule in enumerate(rules):
        behind = [other for other in rules[number + 1 :] if _decides(scheme, other)]
        if behind and ":" not in rule and not _decides(scheme, rule):
            yield _(
                "The tie rule “%(rule)s” is decided by hand, but “%(behind)s” comes after it and would not wait."
                " Please put what is decided by hand last."
            ) % {"rule": rule, "behind": behind[0]}


def _decides(scheme: Scheme, rule: str) -> bool:
    """Whether a tie rule decides by what Votum knows: a number of the proposals, a mark, or the lot."""
    if ":" in rule:
        return rule.partition(":")[2] in FACTS
    return rule in {"lot", *scheme.by_key, *(group.key for group in scheme.groups)}


def _taken(scheme: Scheme) -> Iterator[str]:
    """Keys under which the table of proposals says something else."""
    table = {*FACTS, *WORDS}
    keys = [gate.key for gate in scheme.gates if _misread(gate)]
    keys += [one.key for one in scheme.adjustments if one.key in table]
    keys += [rule for rule in scheme.ranking.tie_breakers if rule in table and not _decides(scheme, rule)]
    for key in keys:
        yield _(
            "The key “%(key)s” is the name of a column of the proposals, and the ranking would read that column."
            " Please choose another key."
        ) % {"key": key}


def _misread(gate: Gate) -> bool:
    """Whether the answer to a gate would be looked for where something else stands."""
    column = gate.key if gate.key in {*FACTS, *WORDS} else gate.fact
    if column in FACTS:
        return gate.type != "number" or column != gate.fact
    return column in WORDS
