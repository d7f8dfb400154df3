"""Proposals of organisations: writing them, handing them in, taking them back."""

from app.domain.proposals.content import (
    COSTS,
    FIELDS,
    FINANCING,
    PARTNER_ROLES,
    UNITS,
    Totals,
    canonical,
    field_key,
    field_name,
    grant_per_place_month,
    listed,
    months,
    sites,
    targets,
    totals,
)

__all__ = [
    "COSTS",
    "FIELDS",
    "FINANCING",
    "PARTNER_ROLES",
    "UNITS",
    "Totals",
    "canonical",
    "field_key",
    "field_name",
    "grant_per_place_month",
    "listed",
    "months",
    "sites",
    "targets",
    "totals",
]
