"""Forms: what calls ask, kept as documents that never change; those that come with Votum to start from."""

import json
from datetime import datetime
from functools import cache
from pathlib import Path

from app import forms
from app.domain import faults
from app.domain.documents import Documents, Written
from app.errors import Invalid, NotFound
from app.forms import Form, FormError
from app.i18n import gettext as _

SHIPPED = Path(forms.__file__).parent / "shipped"
FIRST = "auental-2017"
"""The form of 0.1.0, whose questions are the names that its files use."""


def _stored(text: str) -> Form:
    return forms.of_document(json.loads(text))


KEPT = Documents("form", _stored)
of, known, used_by = KEPT.of, KEPT.known, KEPT.used_by


async def keep(form: Form, authority: int, *, by: int | None, at: datetime) -> int:
    """Inside a transaction: keep a form for an authority; the same text again is the same row. Returns its id."""
    new = Written(form.key, form.title("de"), form.title("en"), forms.canonical(form))
    return await KEPT.keep(new, authority, by=by, at=at)


def read(content: bytes) -> Form:
    """The form of an uploaded `form/1` file; raises Invalid(form=...), one line for each fault."""
    try:
        document = forms.plain_of_text(content)
    except FormError as error:
        raise Invalid(form=faults.listed(error)) from error
    return proved(document)


def proved(document: object) -> Form:
    """The form of a document that fits together and whose worked examples come out right; raises Invalid(form=...)."""
    try:
        form = forms.of_document(document)
    except FormError as error:
        raise Invalid(form=faults.listed(error)) from error
    said = _("The worked example “%(name)s” gives another value than stated.")
    if wrong := dict(forms.wrong_examples(form)):
        raise Invalid(form="\n".join(said % {"name": name} for name in wrong))
    return form


@cache
def keys() -> tuple[str, ...]:
    """The keys of the forms that come with Votum."""
    return tuple(sorted(path.stem for path in SHIPPED.glob("*.yaml")))


@cache
def shipped(key: str) -> Form:
    """A form that comes with Votum; raises NotFound."""
    if key not in keys():
        raise NotFound
    return forms.of_file(SHIPPED / f"{key}.yaml")
