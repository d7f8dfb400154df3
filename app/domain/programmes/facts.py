"""What is known of a programme: one document with a type for everything that may stand in it.

Empty means: not known, and is not shown. Texts are German unless their name says otherwise; money is in cents, shares
of a post and numbers of targets are decimals.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import msgspec

from app.i18n import later

NONE = Decimal(0)
KINDS = {
    "state_programme": later("State programme"),
    "federal_programme": later("Federal programme"),
    "european_programme": later("European programme"),
    "municipal_programme": later("Municipal programme"),
    "model_project": later("Model project"),
    "single_project": later("Single project"),
}
ROLES = {
    "initiators": later("Initiated by"),
    "owner": later("Owner"),
    "publisher": later("Published by"),
    "lead": later("Lead"),
    "coordinator": later("Coordination"),
    "close_partner": later("Close partner"),
    "cooperation": later("Cooperation"),
    "executing_body": later("Project executing body"),
    "providers": later("Service providers"),
    "payer": later("Payer of benefits"),
    "self_advocates": later("Representatives of those concerned"),
    "funder": later("Funding body"),
    "involved": later("Also involved"),
}
SITES = {
    "region": later("Region"),
    "virtual_office": later("Virtual office"),
    "office": later("Office"),
    "counselling": later("Advice centre"),
    "workshop": later("Sheltered workshop"),
    "training": later("Training place"),
    "other": later("Other site"),
}
TARGETS = {
    "absolute": later("Number to be reached"),
    "relative_change": later("Change in percent"),
    "percentage_points": later("Change in percentage points"),
    "level": later("Level to be reached"),
}
STATUSES = {
    "pilot": later("Pilot region"),
    "started": later("Started"),
    "planned": later("Planned"),
}


class Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A part of the document; what an older or newer version says beyond it is left out."""


class Role(Part, frozen=True, kw_only=True):
    """What an organisation is to a programme (ROLES), and of what it is a part."""

    role: str
    organisation: str
    part_of: str = ""


class TargetGroup(Part, frozen=True, kw_only=True):
    """For whom a programme is: a name, who belongs to it, who does not."""

    label: str
    includes: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()


class Site(Part, frozen=True, kw_only=True):
    """Where a programme is. type is one of SITES or empty; region is what people look for it by."""

    name: str
    type: str = ""
    region: str = ""
    address: str = ""


class Step(Part, frozen=True, kw_only=True):
    """What is done, as one text for one step or for several that follow each other."""

    text: str
    covers: int = 1


class Amount(Part, frozen=True, kw_only=True):
    """Where money comes from; with an amount in cents as somebody stated it on some day, or without any."""

    source: str = ""
    cents: int | None = None
    about: bool = False
    stated_by: str = ""
    stated_on: date | None = None
    valid: bool = False


class Staffing(Part, frozen=True, kw_only=True):
    """A post of a function at a site, as a share of a full-time post before and after."""

    function: str
    after: Decimal
    before: Decimal | None = None
    functions: str = ""
    site: str = ""
    since: date | None = None


class Relation(Part, frozen=True, kw_only=True):
    """Another programme that this one is easily taken for, how they differ, and since when there is the other."""

    key: str
    difference: str
    name: str = ""
    own: str = ""
    since: date | None = None


class TargetPart(Part, frozen=True, kw_only=True):
    """A part of a target (its key), in numbers."""

    target: str
    wanted: Decimal
    label: str = ""


class Actual(Part, frozen=True, kw_only=True):
    """What of a target (its key) was reached on a day."""

    target: str
    day: date
    value: Decimal


class Target(Part, frozen=True, kw_only=True):
    """What is to be reached until when, and from where. kind is one of TARGETS.

    wanted is a number (absolute, level) or a change with its sign; baseline None: not known.
    """

    key: str
    label: str
    kind: str
    wanted: Decimal
    scope: str = ""
    unit: str = ""
    due: date | None = None
    baseline: Decimal | None = None
    baseline_on: date | None = None


class Region(Part, frozen=True, kw_only=True):
    """How far a programme has come in a region: one of STATUSES, since when."""

    name: str
    status: str
    since: date | None = None


class Experience(Part, frozen=True, kw_only=True):
    """What somebody reports from a region."""

    region: str
    text: str
    told_by: str = ""
    told_on: date | None = None


class News(Part, frozen=True, kw_only=True):
    """What was new on a day, who says so, and the picture beside it (the SHA-256 of an image of the programme)."""

    day: date
    title: str
    text: str = ""
    source: str = ""
    image: str = ""


class Image(Part, frozen=True, kw_only=True):
    """A picture by the SHA-256 of its file, what it shows for who cannot see it, and whose it is."""

    sha256: str
    alt: str
    credit: str


class Facts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Everything that is known of a programme."""

    title_de: str = ""
    title_en: str = ""
    kind: str = ""
    purpose_de: str = ""
    purpose_en: str = ""
    as_of: date | None = None
    start: date | None = None
    end: date | None = None
    target_groups: tuple[TargetGroup, ...] = ()
    open_to: tuple[str, ...] = ()
    constraint: str = ""
    relations: tuple[Relation, ...] = ()
    roles: tuple[Role, ...] = ()
    granting_body: str = ""
    contact_name: str = ""
    contact_address: str = ""
    contact_phone: str = ""
    contact_fax: str = ""
    contact_email: str = ""
    sites: tuple[Site, ...] = ()
    steps: tuple[Step, ...] = ()
    work_packages: tuple[str, ...] = ()
    funding: tuple[Amount, ...] = ()
    staffing: tuple[Staffing, ...] = ()
    targets: tuple[Target, ...] = ()
    parts: tuple[TargetPart, ...] = ()
    actuals: tuple[Actual, ...] = ()
    rollout_goal: str = ""
    regions: tuple[Region, ...] = ()
    experience: tuple[Experience, ...] = ()
    news: tuple[News, ...] = ()
    images: tuple[Image, ...] = ()

    @property
    def places(self) -> list[str]:
        """Where the programme is, as people look for it, each name once."""
        return list(
            dict.fromkeys([*(site.region or site.name for site in self.sites), *(r.name for r in self.regions)])
        )

    @property
    def fte_before(self) -> Decimal:
        """The sum of all posts before, in full-time posts; who is not known counts as none."""
        return sum((one.before or NONE for one in self.staffing), NONE)

    @property
    def fte_after(self) -> Decimal:
        """The sum of all posts after, in full-time posts."""
        return sum((one.after for one in self.staffing), NONE)


SECTIONS: dict[str, tuple[str, ...]] = {  # what is edited and kept together
    "name": ("title_de", "title_en", "kind", "purpose_de", "purpose_en"),
    "dates": ("as_of", "start", "end"),
    "target-groups": ("target_groups", "open_to", "constraint"),
    "relations": ("relations",),
    "roles": ("roles", "granting_body"),
    "contact": ("contact_name", "contact_address", "contact_phone", "contact_fax", "contact_email"),
    "sites": ("sites",),
    "steps": ("steps", "work_packages"),
    "funding": ("funding",),
    "staffing": ("staffing",),
    "targets": ("targets",),
    "parts": ("parts",),
    "actuals": ("actuals",),
    "rollout": ("regions", "rollout_goal"),
    "experience": ("experience",),
    "news": ("news",),
    "images": ("images",),
}
_DECODER = msgspec.json.Decoder(Facts)
_ENCODER = msgspec.json.Encoder(order="deterministic")


def read(document: str | bytes) -> Facts:
    """The facts that a kept document holds."""
    return _DECODER.decode(document)


def written(facts: Facts) -> str:
    """The document that holds these facts; equal facts are equal texts."""
    return _ENCODER.encode(facts).decode()


def texts(facts: Facts, section: str) -> Iterator[tuple[str, str]]:
    """Every text of a section with the field it is typed in: its name, in a row with the number of the row."""
    for name in SECTIONS[section]:
        kept = getattr(facts, name)
        if isinstance(kept, str):
            yield name, kept
        for row, one in enumerate(kept if isinstance(kept, tuple) else ()):
            if isinstance(one, str):
                yield name, one
            else:
                yield from _row_texts(one, row)


def _row_texts(one: Part, row: int) -> Iterator[tuple[str, str]]:
    for name in one.__struct_fields__:
        kept = getattr(one, name)
        for text in kept if isinstance(kept, tuple) else (kept,):
            if isinstance(text, str):
                yield f"{name}-{row}", text
