"""Conflicts of interest, and the one clause that says what a committee member may see.

The fragments below are SQL over the aliases `m` (member) and `p` (proposal). Lists, single pages, counts and the
ranking use them, so that what is closed to a person is closed everywhere.
"""

from app.i18n import later

GROUNDS = {
    "employed_by_applicant": later("I work for the applicant"),
    "board_member_of_applicant": later("I sit on the board of the applicant"),
    "supervisory_board_of_applicant": later("I sit on the supervisory board of the applicant"),
    "spouse_manages_applicant": later("My spouse or partner manages the applicant"),
    "relative_volunteers_unpaid": later("A relative volunteers for the applicant without pay"),
    "relative_of_applicant": later("A relative works for the applicant or sits on one of its boards"),
    "works_for_partner": later("I work for a partner in the proposal or sit on one of its boards"),
    "advised_on_proposal": later("I advised on the proposal or helped to write it"),
    "economic_interest": later("I would gain or lose by the result"),
    "other": later("Another reason to doubt my impartiality"),
}

EXCLUDED = "EXISTS (SELECT FROM conflict x WHERE x.member = m.id AND x.proposal = p.id AND x.decision = 'excluded')"
OWN = """(
    EXISTS (SELECT FROM membership b WHERE b.person = m.person AND b.organisation = p.organisation)
    OR EXISTS (SELECT FROM membership b JOIN partner q ON q.organisation = b.organisation
        WHERE b.person = m.person AND q.proposal = p.id)
    OR EXISTS (SELECT FROM membership b JOIN organisation h ON h.id = b.organisation
        JOIN partner q ON lower(q.name) = lower(h.name) WHERE b.person = m.person AND q.proposal = p.id)
)"""
BIAS = f"CROSS JOIN LATERAL (SELECT {EXCLUDED} AS declared, {OWN} AS own) bias"
"""A join: has the member a conflict that stands (declared), do they belong to the applicant or a partner (own)?"""

BIASED = "(bias.declared OR bias.own)"
RATES = "m.role IN ('chair', 'voting')"
RATED = """(
    EXISTS (SELECT FROM submission i WHERE i.proposal = p.id)
    AND EXISTS (SELECT FROM formal_decision e WHERE e.proposal = p.id AND e.admitted)
    AND NOT EXISTS (SELECT FROM withdrawal y WHERE y.proposal = p.id)
)"""
"""The proposal is in the rating: submitted, formally admitted, not withdrawn."""

SEES = f"{RATES} AND {RATED} AND NOT {BIASED}"
"""The member may open this proposal, provided that it is assigned to them. Needs the join BIAS."""
