"""Programmes as everybody sees them: the list with its regions, and one page with every known fact."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from litestar import Router, get
from litestar.params import FromPath
from litestar.response import Template

from app import clock, i18n, web
from app.database import Row
from app.domain import calls, programmes
from app.domain.programmes import Amount, Facts, Staffing, Target
from app.i18n import gettext as _
from app.i18n import later, ngettext
from app.identity.policies import PUBLIC


class Other(NamedTuple):
    """A programme that this one is easily taken for; its address is empty where Votum does not know it."""

    title: str
    address: str
    about: str
    difference: str


NUMBERS = (
    *(later("One"), later("Two"), later("Three"), later("Four"), later("Five"), later("Six")),
    *(later("Seven"), later("Eight"), later("Nine"), later("Ten"), later("Eleven"), later("Twelve")),
)
FULL, HALF = Decimal(1), Decimal("0.5")


@get("/programmes", opt=PUBLIC)
async def listed(request: web.Request) -> Template:
    found = [(programme, programmes.facts(programme)) for programme in await programmes.listed()]
    places = {place for _programme, facts in found for place in facts.places}
    region = " ".join(request.query_params.get("region", "").split())
    return web.page(
        request,
        "programmes/list.html",
        programmes=[row for row in found if not region or region in row[1].places],
        region=region,
        regions=sorted(places, key=i18n.sort_key),
    )


@get("/programmes/{key:str}", opt=PUBLIC)
async def show(request: web.Request, key: FromPath[str]) -> Template:
    found = await programmes.public(key)
    facts = programmes.facts(found)
    now = clock.now()
    return web.page(
        request,
        "programmes/show.html",
        programme=found,
        facts=facts,
        period=_period(facts.start, facts.end),
        amounts=[_amount(one, len(facts.amounts)) for one in facts.amounts],
        staffing=[_staff(one) for one in facts.staffing],
        targets=[(target, _aim(target), _progress(target)) for target in facts.targets],
        others=_others(facts, await programmes.related(found)),
        calls=[(call, calls.phase(call, now)) for call in await calls.of_programme(found["id"])],
        phases=calls.PHASES,
        call_kinds=calls.KINDS,
    )


def _others(facts: Facts, related: list[Row]) -> list[Other]:
    """What the programme is easily taken for: its own word on that, and what others say of it."""
    own = facts.distinct_from
    found = [_told_elsewhere(row) for row in related if own is None or row["key"] != own.key]
    if own is None:
        return found
    row = next((row for row in related if row["key"] == own.key), None)
    since = " " + _("(since %(day)s)") % {"day": i18n.date(own.since)} if own.since else ""
    title = i18n.in_language(row, "title") if row else own.key.replace("-", " ").capitalize()
    address = f"/programmes/{own.key}" if row else ""
    return [Other(title, address, _("The other programme%(since)s:") % {"since": since}, own.difference), *found]


def _told_elsewhere(row: Row) -> Other:
    relation = programmes.facts(row).distinct_from
    difference = relation.difference if relation else ""
    return Other(i18n.in_language(row, "title"), f"/programmes/{row['key']}", _("This programme:"), difference)


def _period(start: date | None, end: date | None) -> str:
    days = {"start": i18n.date(start), "end": i18n.date(end)}
    if start and end:
        return _("%(start)s to %(end)s") % days
    if end:
        return _("until %(end)s") % days
    return _("from %(start)s") % days if start else ""


def _amount(amount: Amount, stated: int) -> str:
    """An amount with where it comes from; which one is valid where there are several."""
    money = i18n.money(amount.cents)
    text = _("about %(money)s") % {"money": money} if amount.about else money
    origin = [amount.source, i18n.date(amount.stated_on) if amount.stated_on else ""]
    if amount.valid and stated > 1:
        origin.append(_("this figure is valid"))
    return f"{text} ({', '.join(filter(None, origin))})" if any(origin) else text


def _staff(staffing: Staffing) -> str:
    """“Two full-time posts: job coach (before: half-time each)”."""
    posts, each = _posts(staffing.posts, staffing.after), staffing.posts > 1
    words = {"posts": posts, "function": staffing.function, "before": _share(staffing.before, each=each)}
    if staffing.before is None or staffing.before == staffing.after:
        return _("%(posts)s: %(function)s") % words
    return _("%(posts)s: %(function)s (before: %(before)s)") % words


def _posts(number: int, share: Decimal) -> str:
    words = {"many": _(NUMBERS[number - 1]) if number <= len(NUMBERS) else str(number)}
    if share == FULL:
        return ngettext("One full-time post", "%(many)s full-time posts", number) % words
    if share == HALF:
        return ngettext("One half-time post", "%(many)s half-time posts", number) % words
    words["percent"] = i18n.number(share * 100)
    return ngettext("One post of %(percent)s percent", "%(many)s posts of %(percent)s percent each", number) % words


def _share(share: Decimal | None, *, each: bool) -> str:
    if not share:
        return _("none")
    if share in (FULL, HALF):
        full = share == FULL
        if each:
            return _("full-time each") if full else _("half-time each")
        return _("full-time") if full else _("half-time")
    percent = {"percent": i18n.number(share * 100)}
    return _("%(percent)s percent each") % percent if each else _("%(percent)s percent") % percent


def _aim(target: Target) -> str:
    """What is to be reached, from where, until when."""
    wanted = _wanted(target)
    return _("%(wanted)s by %(day)s") % {"wanted": wanted, "day": i18n.date(target.due)} if target.due else wanted


def _wanted(target: Target) -> str:
    wanted = {"wanted": i18n.number(abs(target.wanted)), "unit": _unit(target.unit, target.wanted)}
    if target.kind == "absolute":
        return f"{wanted['wanted']} {wanted['unit']}".strip()
    if target.kind == "level":
        return _("a level of %(wanted)s percent") % wanted
    if target.kind == "percentage_points":
        less, more = _("%(wanted)s percentage points less"), _("%(wanted)s percentage points more")
    else:
        less, more = _("%(wanted)s percent less"), _("%(wanted)s percent more")
    return (less if target.wanted < 0 else more) % wanted


def _progress(target: Target) -> str:
    """How far it is, and when that was reported; that the baseline is missing where nothing can be said without it."""
    if target.kind == "relative_change" and target.baseline is None:
        return _("The baseline is missing.")
    if target.reached is None or target.reached_on is None:
        return _("Nothing has been reported yet.")
    told = {"reached": i18n.number(target.reached), "day": i18n.date(target.reached_on)}
    if target.kind == "absolute":
        told["wanted"] = i18n.number(target.wanted)
        return _("%(reached)s of %(wanted)s (reported for %(day)s)") % told
    if target.kind != "relative_change" or target.change is None or target.share is None:
        return _("%(reached)s (reported for %(day)s)") % told
    change, share = i18n.points(target.change, 1), i18n.number(round(target.share))
    told |= {"change": change, "share": share}
    return _("%(reached)s (reported for %(day)s): %(change)s percent, %(share)s percent of the way") % told


def _unit(unit: str, number: Decimal) -> str:
    """The unit in the number of what is counted; a word that we do not know stays as it was written."""
    one = number == 1
    known = {
        "persons": ngettext("person", "persons", 1 if one else 2),
        "places": ngettext("place", "places", 1 if one else 2),
        "percent": _("percent"),
    }
    return known.get(unit, unit)


router = Router("/", route_handlers=[listed, show])
