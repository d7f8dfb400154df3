"""The minutes of the committee's meeting (§ 93 VwVfG): place, day, who was there, subjects, resolutions, signatures.

Without a recorded meeting it is a form for one: everybody's names, the resolutions that the ranking suggests, and
lines to write on.
"""

import json
from collections.abc import Iterator, Mapping, Sequence

from app import database, i18n
from app.clock import BERLIN
from app.database import Row
from app.domain import conflicts
from app.domain.rankings.content import RECOMMENDED, Placed, Ranking
from app.domain.rating_schemes import Scheme
from app.domain.reasons import Telling
from app.i18n import gettext as _
from app.i18n import later
from app.papers.pdf.printed import Data, head, left, place, recommendation, right
from app.papers.provenance import Source

BLANK = "______"
LINE = "____________________________"
BOX = "□"
ROLES = {"chair": later("Chair"), "voting": later("voting"), "advisory": later("advisory")}
PRESENCE = {"present": later("present"), "excused": later("excused"), "guest": later("guest"), "": later("absent")}
DECISIONS = {"excluded": later("excluded"), "not_excluded": later("not excluded")}
RESOLUTIONS = "SELECT r.* FROM resolution r JOIN meeting g ON g.id = r.meeting WHERE g.call = $1 ORDER BY r.number"
MEMBERS = """
SELECT m.id, m.key, m.role, m.seat, p.name, a.status FROM member m
JOIN person p ON p.id = m.person
LEFT JOIN meeting g ON g.call = $2
LEFT JOIN attendance a ON a.member = m.id AND a.meeting = g.id
WHERE m.committee = $1 ORDER BY m.role = 'advisory', m.role <> 'chair', m.key
"""


async def minutes(found: Source) -> Data:
    """Everything that the minutes say; four statements."""
    call = found.call
    meeting = await database.row("SELECT * FROM meeting WHERE call = $1", call.id)
    committee = await database.row("SELECT * FROM committee WHERE call = $1", call.id)
    members = await database.rows(MEMBERS, committee["id"] if committee else None, call.id)
    resolutions = await database.rows(RESOLUTIONS, call.id)
    declared = await conflicts.declared(call, 0)
    held = any(member["status"] for member in members)
    by_id = {member["id"]: member for member in members}
    return {
        **head(found, _("Minutes")),
        "lead": _("Minutes of the meeting of the committee about the call “%(call)s”") % {"call": found.ranking.title},
        "facts": _facts(committee, meeting, by_id),
        "present": {
            "title": _("Attendance"),
            "columns": [
                left(_("Name"), 2.8),
                left(_("Representing"), 3.8),
                left(_("Vote"), 2.1),
                left(_("Attendance"), 3.2),
            ],
            "rows": [_attended(member, held) for member in members],
            "quorum": _quorum(committee, members, held),
        },
        "conflicts": {
            "title": _("Conflicts of interest"),
            "lead": _("Who has a conflict of interest takes no part in discussion and vote about that proposal."),
            "rows": [_conflict(row) for row in declared],
            "none": _("None was declared."),
        },
        "resolutions": {
            "title": _("Subjects and resolutions"),
            "found": [_resolved(row, by_id) for row in resolutions] if resolutions else _suggested(found.ranking),
            "before": "" if resolutions else _before(found.ranking),
        },
        "result": _result(found),
        "signatures": _signatures(meeting, by_id),
    }


def _facts(committee: Row | None, meeting: Row | None, members: Mapping[int, Row]) -> list[list[str]]:
    chair = members.get(meeting["chair"]) if meeting else None
    secretary = members.get(meeting["secretary"]) if meeting else None
    chair = chair or next((member for member in members.values() if member["role"] == "chair"), None)
    return [
        [_("Committee"), committee["name"] if committee else LINE],
        [_("Place"), (meeting["place"] if meeting else "") or LINE],
        [_("Day and time"), i18n.datetime(meeting["at"]) if meeting else LINE],
        [_("Invited on"), i18n.date(meeting["invited_on"]) if meeting and meeting["invited_on"] else LINE],
        [_("Chair"), chair["name"] if chair else LINE],
        [_("Keeper of the minutes"), secretary["name"] if secretary else LINE],
    ]


def _attended(member: Row, held: bool) -> list[str]:
    role, status = ROLES[member["role"]], PRESENCE[member["status"] or ""]
    present, excused = _("present"), _("excused")
    choice = f"{BOX} {present}\n{BOX} {excused}"
    return [
        member["name"],
        member["seat"],
        _(role),
        _(status) if held else choice,
    ]


def _quorum(committee: Row | None, members: Sequence[Row], held: bool) -> list[str]:
    voting = [member for member in members if member["role"] != "advisory"]
    present = sum(member["status"] == "present" for member in voting)
    counted = _("%(present)s of %(all)s members with a vote were present.") % {
        "present": present if held else BLANK,
        "all": len(voting),
    }
    rules = {
        "quorum": _("Quorum: %(rule)s."),
        "majority": _("Majority: %(rule)s."),
    }
    stated = [text % {"rule": committee[name]} for name, text in rules.items() if committee and committee[name]]
    return [counted, *stated]


def _conflict(row: conflicts.Declared) -> str:
    ground, decision = conflicts.WORDS.get(row.ground) or row.ground, DECISIONS[row.decision]
    words = {
        "member": row.name,
        "key": row.key,
        "organisation": row.organisation_name,
        "ground": _(ground),
        "date": i18n.date(row.declared_at.astimezone(BERLIN)),
        "decision": _(decision),
    }
    text = (
        _("%(member)s about %(key)s, %(organisation)s (“%(ground)s”, recorded %(date)s): %(decision)s")
        if row.ground == conflicts.NAMED
        else _("%(member)s about %(key)s, %(organisation)s (“%(ground)s”, declared %(date)s): %(decision)s")
    ) % words
    if row.late and row.decision == "excluded":
        text += "; " + _("a rating that was given no longer counts")
    return f"{text}."


def _resolved(row: Row, members: Mapping[int, Row]) -> Data:
    by_key = {member["key"]: member["name"] for member in members.values()}
    absent = [by_key.get(key, key) for key in json.loads(row["not_taking_part"])]
    acting = members.get(row["acting_chair"])
    return {
        "subject": f"{row['number']}. {row['subject']}",
        "votes": _("Yes %(yes)s, no %(no)s, abstentions %(abstain)s")
        % {"yes": row["votes_yes"], "no": row["votes_no"], "abstain": row["votes_abstain"]},
        "notes": [
            *([_("Not taking part: %(names)s") % {"names": ", ".join(absent)}] if absent else []),
            *([_("Chaired by %(name)s") % {"name": acting["name"]}] if acting else []),
        ],
        "outcome": _("carried") if row["carried"] else _("not carried"),
    }


def _before(ranking: Ranking) -> str:
    """Where the suggested resolutions come from."""
    if any(line.departure for line in ranking.lines):
        return _("Suggested by the ranking, and by what is recommended in departure from it:")
    return _("Suggested by the ranking:")


def _suggested(ranking: Ranking) -> list[Data]:
    """One resolution for each recommended proposal and each departure, and one for the reserve list; votes are open."""
    votes = _("Yes %(yes)s, no %(no)s, abstentions %(abstain)s") % dict.fromkeys(("yes", "no", "abstain"), BLANK)
    aside = _("Not taking part: %(names)s") % {"names": LINE}
    return [
        {"subject": f"{number}. {subject}", "votes": votes, "notes": [*notes, aside], "outcome": ""}
        for number, (subject, notes) in enumerate(_subjects(ranking), 1)
    ]


def _subjects(ranking: Ranking) -> Iterator[tuple[str, list[str]]]:
    """What is to be resolved, each with departure, its reason, and conditions."""
    telling = Telling(ranking)
    for line in ranking.recommended:
        yield _("Recommend %(key)s, %(organisation)s") % _of(line), telling.of(line).remarks
    for line in ranking.lines:
        if line.status == "not_recommended" and line.departure:
            yield _("Do not recommend %(key)s, %(organisation)s") % _of(line), telling.of(line).remarks
    waiting = [line for line in ranking.lines if line.status == "reserve"]
    if waiting:
        order = ", ".join(line.proposal for line in waiting)
        departures = [line for line in waiting if line.departure]
        notes = [f"{line.proposal} {remark}" for line in departures for remark in telling.of(line).remarks]
        yield _("Reserve list in this order: %(keys)s") % {"keys": order}, notes


def _of(line: Placed) -> dict[str, str]:
    return {"key": line.proposal, "organisation": line.organisation}


def _result(found: Source) -> Data:
    """The list that the resolutions are about."""
    ranking = found.ranking
    telling = Telling(ranking)
    decimals = Scheme.from_document(ranking.scheme).decimals
    shown = [line for line in ranking.lines if line.status in (*RECOMMENDED, "reserve", "not_recommended")]
    return {
        "title": _("Result"),
        "columns": [right(_("Rank")), left(_("Proposal"), 4), right(_("Total")), left(_("Recommendation"), 2)],
        "rows": [
            [
                place(line),
                [f"{line.proposal} {line.title}", line.organisation],
                i18n.points(line.total, decimals),
                recommendation(line, telling.of(line)),
            ]
            for line in shown
        ],
        "note": _("The committee recommends. The granting body decides about every formal application."),
    }


def _signatures(meeting: Row | None, members: Mapping[int, Row]) -> list[list[str]]:
    chair = members.get(meeting["chair"]) if meeting else None
    secretary = members.get(meeting["secretary"]) if meeting else None
    return [
        [chair["name"] if chair else "", _("Chair")],
        [secretary["name"] if secretary else "", _("Keeper of the minutes")],
    ]
