"""Where a list comes from: which ranking it shows, as of when, by whom, and its fingerprint."""

from app import i18n
from app.domain.exports import Source
from app.domain.rating_schemes import Scheme
from app.i18n import gettext as _


def title(found: Source) -> str:
    """The call's title: as it was frozen, in English as the call says it now."""
    return (found.call["title_en"] if i18n.locale.get() == "en" else "") or found.ranking.title


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
        (_("Awarding authority"), found.call["authority_name"]),
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
