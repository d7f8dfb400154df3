"""Where a list comes from: which ranking it shows, as of when, by whom, and its fingerprint."""

from datetime import datetime
from typing import NamedTuple

from app import database, i18n
from app.domain import authorities, rankings
from app.domain.calls import Call
from app.domain.rankings.content import Ranking, Seal
from app.domain.rating_schemes import Scheme
from app.i18n import gettext as _

LAST_CHANGE = "SELECT at FROM audit_entry WHERE call = $1 ORDER BY seq DESC LIMIT 1"


class Source(NamedTuple):
    """What an export is made from: the call, its list, the seal where the list is frozen, and as of when it is."""

    call: Call
    ranking: Ranking
    seal: Seal | None
    at: datetime

    @property
    def draft(self) -> bool:
        """Whether nothing is frozen yet, so that every sheet must say so."""
        return self.seal is None


async def source(call: Call, as_of: datetime | None = None) -> Source:
    """The newest frozen list (by a moment), else the list as it stands now, marked as a draft.

    A draft is dated by the last change in its call, so that nothing changed gives the same bytes again.
    """
    frozen = await rankings.latest(call.id, as_of)
    if frozen:
        return Source(call, frozen.ranking, frozen.seal, frozen.seal.at)
    changed = await database.value(LAST_CHANGE, call.id)
    at = datetime.fromisoformat(changed) if changed else call.created_at
    return Source(call, await rankings.current(call), None, at)


def title(found: Source) -> str:
    """The call's title: as it was frozen, in English as the call says it now."""
    return (found.call.title_en if i18n.locale.get() == "en" else "") or found.ranking.title


def authority(found: Source) -> str:
    """The name of the authority, which stands since a ranking was frozen."""
    return authorities.masthead(found.call.masthead).title


def line(found: Source) -> str:
    """The stamp of every page: ranking, moment, person, SHA-256."""
    words = {"at": i18n.datetime(found.at), "sha256": found.ranking.sha256}
    if found.seal is None:
        return _("DRAFT, as of %(at)s, not frozen. SHA-256 %(sha256)s") % words
    words |= {"number": str(found.seal.number), "by": found.seal.by or "Votum"}
    return _("Ranking no. %(number)s, frozen %(at)s by %(by)s. SHA-256 %(sha256)s") % words


def facts(found: Source) -> list[tuple[str, str]]:
    """Everything that tells where a list comes from, as label and text."""
    ranking, seal = found.ranking, found.seal
    scheme = Scheme.from_document(ranking.scheme)
    fill = {
        "stop": _("in the order of the ranking until the first that does not fit"),
        "skip": _("in the order of the ranking; what does not fit is passed over"),
    }
    return [
        (_("Call"), f"{title(found)} ({ranking.call})"),
        (_("Awarding authority"), authority(found)),
        (_("State"), _("Ranking no. %(number)s, frozen") % {"number": seal.number} if seal else _("Draft, not frozen")),
        (_("As of"), i18n.datetime(found.at)),
        (_("By"), (seal.by or "Votum") if seal else "–"),
        (_("Why"), (seal.why if seal else "") or "–"),
        (_("SHA-256 of the ranking"), ranking.sha256),
        (_("Rating scheme"), f"{scheme.title(i18n.locale.get())} ({scheme.key})"),
        (_("SHA-256 of the rating scheme"), ranking.scheme_sha256),
        (_("Places available"), i18n.number(ranking.places_max)),
        (_("Funds available"), i18n.money(ranking.budget_max_cents)),
        (_("Recommended:"), fill[ranking.fill_rule]),
        (_("Earliest start"), i18n.date(ranking.earliest_start)),
        *([(_("Lots are drawn from"), ranking.seed)] if "lot" in scheme.ranking.tie_breakers else []),
    ]
