"""What the data of a programme say, as people say it: money, staff, targets, steps, other programmes."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from markupsafe import Markup

from app import i18n
from app.domain.programmes import Facts, Programme
from app.domain.programmes.facts import ROLES, Amount, Role, Staffing
from app.domain.programmes.progress import Progress, board
from app.i18n import gettext as _
from app.i18n import later, ngettext

NUMBERS = (
    *(later("one"), later("two"), later("three"), later("four"), later("five"), later("six")),
    *(later("seven"), later("eight"), later("nine"), later("ten"), later("eleven"), later("twelve")),
)
FULL, HALF = Decimal(1), Decimal("0.5")


class Other(NamedTuple):
    """A programme that this one is easily taken for: how that one differs, since when it is there, how this one does.

    Its address is empty where Votum does not know it.
    """

    title: str
    address: str
    since: date | None
    theirs: str
    own: str


def glance(facts: Facts) -> list[tuple[str, str | Markup | list[str | Markup]]]:
    """What is to be seen at a glance: label and text, only what is known."""
    money = _money(facts)
    regions = [site.name for site in facts.sites if site.type == "region"]
    found: list[tuple[str, str | Markup | list[str | Markup]]] = [
        (_("Period"), _period(facts.start, facts.end)),
        (_("Regions"), [i18n.german(name) for name in regions]),
        (_("Roll-out"), _rollout(facts)),
        *((i18n.german(source) or _("Public funds"), list(amounts)) for source, amounts in money if amounts),
        (_("Funding from"), [i18n.german(source) for source, amounts in money if not amounts]),
        (_("Granting body"), i18n.german(facts.granting_body)),
        (_("Condition"), i18n.german(facts.constraint)),
        (_("As of"), i18n.date(facts.as_of) if facts.as_of else ""),
    ]
    return [(label, text) for label, text in found if text]


def _rollout(facts: Facts) -> list[str | Markup]:
    """How many regions are how far."""
    pilot, started, planned = (len(regions) for regions in board(facts).values())
    told = (
        (pilot, ngettext("%(num)s pilot region", "%(num)s pilot regions", pilot)),
        (started, ngettext("%(num)s region has started", "%(num)s regions have started", started)),
        (planned, ngettext("%(num)s region is planned", "%(num)s regions are planned", planned)),
    )
    return [words % {"num": number} for number, words in told if number]


def _period(start: date | None, end: date | None) -> str:
    """From when to when."""
    days = {"start": i18n.date(start), "end": i18n.date(end)}
    if start and end:
        return _("%(start)s to %(end)s") % days
    if end:
        return _("until %(end)s") % days
    return _("from %(start)s") % days if start else ""


def roles(facts: Facts) -> list[tuple[str, list[Role]]]:
    """Every role that somebody has, in the order of ROLES, with those who have it."""
    held = [(words, [one for one in facts.roles if one.role == name]) for name, words in ROLES.items()]
    return [(_(words), holders) for words, holders in held if holders]


def steps(facts: Facts) -> list[tuple[str, str]]:
    """The steps with their numbers; several that share a text have several."""
    told, before = [], 0
    for one in facts.steps:
        first, before = before + 1, before + one.covers
        told.append((_numbers(first, before), one.text))
    return told


def _numbers(first: int, last: int) -> str:
    if first == last:
        return str(first)
    words = _("%(first)s and %(last)s") if last == first + 1 else _("%(first)s to %(last)s")
    return words % {"first": first, "last": last}


def _money(facts: Facts) -> list[tuple[str, list[str]]]:
    """Every source with the amounts that are stated for it, the valid one first; none where none is."""
    sources: dict[str, list[Amount]] = {}
    for one in facts.funding:
        sources.setdefault(one.source, []).append(one)
    return [(source, _amounts([one for one in found if one.cents is not None])) for source, found in sources.items()]


def _amounts(stated: list[Amount]) -> list[str]:
    return [_amount(one, len(stated)) for one in sorted(stated, key=lambda one: not one.valid)]


def _amount(amount: Amount, stated: int) -> str:
    """An amount with where it comes from; which one is valid where there are several."""
    told = i18n.money(amount.cents)
    text = _("about %(money)s") % {"money": told} if amount.about else told
    origin = [amount.stated_by, i18n.date(amount.stated_on) if amount.stated_on else ""]
    if amount.valid and stated > 1:
        origin.append(_("this figure is valid"))
    return f"{text} ({', '.join(filter(None, origin))})" if any(origin) else text


# ── staff ──────────────────────────────────────────────────────────────────────────────────────


def staff(facts: Facts) -> list[str]:
    """“Workshop A, workshop B: two full-time job coaches (before: half-time each)”; equal changes taken together."""
    groups: dict[tuple[object, ...], list[Staffing]] = {}
    for one in facts.staffing:
        groups.setdefault((one.function, one.functions, one.before, one.after, one.since), []).append(one)
    return [_changed(found) for found in groups.values()]


def _changed(found: Sequence[Staffing]) -> str:
    one, each = found[0], len(found) > 1
    posts = _posts(one, len(found))
    if one.before is not None and one.before != one.after:
        words = {"posts": posts, "before": _share(one.before, each=each)}
        posts = _("%(posts)s (before: %(before)s)") % words
    since = _("from %(start)s") % {"start": i18n.date(one.since)} if one.since else ""
    sites = ", ".join(site for site in dict.fromkeys(other.site for other in found) if site)
    before = ", ".join(filter(None, (sites, since)))
    return f"{before}: {posts}" if before else posts


def _posts(one: Staffing, number: int) -> str:
    words = {
        "many": _(NUMBERS[number - 1]) if number <= len(NUMBERS) else str(number),
        "function": one.function,
        "functions": one.functions,
        "percent": i18n.number(one.after * 100),
    }
    kinds = {FULL: _full, HALF: _half}
    return kinds.get(one.after, _partial)(number, named=bool(one.functions)) % words


def _full(number: int, *, named: bool) -> str:
    if number == 1:
        return _("one full-time %(function)s")
    return _("%(many)s full-time %(functions)s") if named else _("%(many)s full-time posts as %(function)s")


def _half(number: int, *, named: bool) -> str:
    if number == 1:
        return _("one half-time %(function)s")
    return _("%(many)s half-time %(functions)s") if named else _("%(many)s half-time posts as %(function)s")


def _partial(number: int, *, named: bool) -> str:
    if number == 1:
        return _("one post of %(percent)s percent as %(function)s")
    if named:
        return _("%(many)s %(functions)s with a post of %(percent)s percent each")
    return _("%(many)s posts of %(percent)s percent each as %(function)s")


def _share(share: Decimal, *, each: bool) -> str:
    if not share:
        return _("none")
    if share in (FULL, HALF):
        full = share == FULL
        if each:
            return _("full-time each") if full else _("half-time each")
        return _("full-time") if full else _("half-time")
    percent = {"percent": i18n.number(share * 100)}
    return _("%(percent)s percent each") % percent if each else _("%(percent)s percent") % percent


# ── targets ────────────────────────────────────────────────────────────────────────────────────


def aim(one: Progress) -> str:
    """What is to be reached until when."""
    target, wanted = one.target, _wanted(one)
    return _("%(wanted)s by %(day)s") % {"wanted": wanted, "day": i18n.date(target.due)} if target.due else wanted


def _wanted(one: Progress) -> str:
    target = one.target
    wanted = {"wanted": i18n.number(abs(target.wanted)), "unit": _unit(target.unit, target.wanted)}
    if target.kind == "absolute":
        return f"{wanted['wanted']} {wanted['unit']}".strip()
    if target.kind == "level":
        return (_("a level of %(wanted)s %(unit)s") if target.unit else _("a level of %(wanted)s percent")) % wanted
    if target.kind == "percentage_points":
        less, more = _("%(wanted)s percentage points less"), _("%(wanted)s percentage points more")
    else:
        less, more = _("%(wanted)s percent less"), _("%(wanted)s percent more")
    return (less if target.wanted < 0 else more) % wanted


def parts(one: Progress) -> str | list[Markup]:
    """The parts of a target: those that have names one by one, others as a sum."""
    if not any(part.label for part in one.parts):
        return " + ".join(i18n.number(part.wanted) for part in one.parts)
    named = [(i18n.number(part.wanted), i18n.german(part.label)) for part in one.parts]
    return [Markup("{} {}").format(*part) for part in named]


def progress(one: Progress) -> str:
    """How far it is, and when that was reported; that the baseline is missing where nothing can be said without it."""
    if one.reached is None or one.reached_on is None:
        return _("Baseline missing") if one.baseline_missing else _("Nothing has been reported yet.")
    told = {"reached": i18n.number(one.reached), "day": i18n.date(one.reached_on)}
    if one.target.kind == "absolute":
        told["wanted"] = i18n.number(one.target.wanted)
        return _("%(reached)s of %(wanted)s (reported for %(day)s)") % told
    if one.baseline_missing:
        return _("%(reached)s (reported for %(day)s): baseline missing") % told
    if one.change is None or one.share is None:
        return _("%(reached)s (reported for %(day)s)") % told
    told |= {"change": i18n.points(one.change, 1), "share": i18n.number(round(one.share))}
    return _changes(one.target.kind) % told


def _changes(kind: str) -> str:
    if kind == "relative_change":
        return _("%(reached)s (reported for %(day)s): %(change)s percent, %(share)s percent of the way")
    if kind == "percentage_points":
        return _(
            "%(reached)s percent (reported for %(day)s): %(change)s percentage points, %(share)s percent of the way"
        )
    return _("%(reached)s (reported for %(day)s): %(share)s percent of the way to this level")


def _unit(unit: str, number: Decimal) -> str:
    """The unit in the number of what is counted; a word that we do not know stays as it was written."""
    one = number == 1
    known = {
        "persons": ngettext("person", "persons", 1 if one else 2),
        "places": ngettext("place", "places", 1 if one else 2),
        "percent": _("percent"),
    }
    return known.get(unit, unit)


# ── not to be confused with ────────────────────────────────────────────────────────────────────


def others(programme: Programme, related: list[Programme]) -> list[Other]:
    """What the programme is easily taken for: its own word on that, and what others say of it."""
    known = {row.key: row for row in related}
    own = [_told_here(relation.key, relation.name, known, programme) for relation in programme.facts.relations]
    named = {relation.key for relation in programme.facts.relations}
    return [*own, *(_told_here(row.key, "", known, programme) for row in related if row.key not in named)]


def _told_here(key: str, name: str, known: dict[str, Programme], programme: Programme) -> Other:
    """One of them, in the words of both pages: each tells of itself and of the other."""
    row = known.get(key)
    here = next((one for one in programme.facts.relations if one.key == key and one.name == name), None)
    there = next((one for one in row.facts.relations if one.key == programme.key), None) if row else None
    return Other(
        title=i18n.in_language(row.title, "title") if row else name or key.replace("-", " ").capitalize(),
        address=f"/programmes/{key}" if row else "",
        since=(here.since if here else None) or (row.facts.start if row else None),
        theirs=(here.difference if here else "") or (there.own if there else ""),
        own=(here.own if here else "") or (there.difference if there else ""),
    )
