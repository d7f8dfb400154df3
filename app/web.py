"""Read a form, answer with a page, a fragment, a redirect or a file."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, TypeVar
from urllib.parse import quote

from litestar import Response
from litestar.datastructures import UploadFile
from litestar.response import Redirect, Template
from litestar_htmx import HTMXRequest, HTMXTemplate

from app import clock, database
from app.access import SIGNED_IN, Signed, address
from app.domain import addresses
from app.domain.errors import Invalid, TooMany
from app.i18n import gettext as _
from app.i18n import grouped

Request = HTMXRequest


def signed_in(form: type["Form"]) -> dict[str, Any]:
    """The policy of what takes a form from the signed in; the form names what is typed after a session has ended."""
    return {**SIGNED_IN, "form": form}


# ── answers ────────────────────────────────────────────────────────────────────────────────────


def page(request: Request, name: str, status: int = 200, **context: Any) -> Template:
    """A whole page."""
    return Template(template_name=name, context=_context(request, context), status_code=status)


def form_page(request: Request, name: str, form: "Form", **context: Any) -> Template:
    """A page with one form: as it is filled in, refused with what was typed, or put off where it was too much."""
    answer = page(request, name, form.status_code, form=form, **context)
    if form.again_in:
        answer.headers["Retry-After"] = str(int(form.again_in.total_seconds()))
    return answer


def fragment(request: Request, name: str, status: int = 200, **context: Any) -> Template:
    """A piece of a page, answered alone to htmx."""
    return HTMXTemplate(template_name=name, context=_context(request, context), status_code=status)


def redirect(path: str) -> Redirect:
    """After a form that was taken: go and look at what became of it."""
    return Redirect(path, status_code=303)


def safe_next(path: str | None, default: str = "/desk") -> str:
    """A path on this site to go on to; the default where it leads elsewhere."""
    if not path or path[0] != "/" or path[1:2] in ("/", "\\"):
        return default
    return default if any(ord(letter) < 32 for letter in path) else path


def download(body: bytes, name: str, media_type: str) -> Response[bytes]:
    """A file to keep: never shown inside our pages, whatever is in it."""
    plain = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "-_.") else "-" for letter in name)
    return Response(
        body,
        media_type=media_type,
        headers={
            "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}",
            "Content-Security-Policy": "sandbox; default-src 'none'",
        },
    )


async def flash(person: Signed, kind: str, text: str) -> None:
    """Say something on the next page the person sees; kind is success, info, warning or danger."""
    flashes = [*json.loads(person.flashes or "[]"), {"kind": kind, "text": text}]
    await database.rows("UPDATE session SET flashes = $2 WHERE id = $1", person.session, json.dumps(flashes))


async def take_flashes(request: Request) -> None:
    """What was to be said is said once: on the next whole page."""
    if request.method != "GET" or request.htmx:  # OPTIONS is answered before anybody looks who asks
        return
    person: Signed | None = request.user
    if person and person.flashes:
        request.state["flashes"] = json.loads(person.flashes)
        person.flashes = ""
        await database.rows("UPDATE session SET flashes = '' WHERE id = $1", person.session)


def place(request: Request) -> str:
    """The address of the page that is read, with its query; of a form that was sent: the page on which it stood."""
    read = request.url if request.method == "GET" else address(request.headers.get("referer", ""))
    return safe_next(f"{read.path}?{read.query}" if read.query else read.path, request.url.path)


def _context(request: Request, context: dict[str, Any]) -> dict[str, Any]:
    person: Signed | None = request.user
    return {
        "person": person,
        "csrf_token": person.csrf_token if person else "",
        "flashes": request.state.get("flashes", []),
        "url": place(request),
        **context,
    }


# ── forms ──────────────────────────────────────────────────────────────────────────────────────

Value = TypeVar("Value")


class Field:
    """One field of a form: how its text becomes a value. A refused text raises ValueError with a sentence."""

    def __init__(
        self,
        parse: Callable[[str], Any],
        *,
        required: bool = False,
        several: bool = False,
        empty: Any = None,
        words: Mapping[str, str] | None = None,
    ) -> None:
        self.parse, self.required, self.several, self.empty = parse, required, several, empty
        self.words = words or {}  # what people read where one of these is sent

    def read(self, text: str) -> Any:
        """The value of what was typed; `empty` for nothing."""
        text = text.strip()
        if text:
            return self.parse(text)
        if self.required:
            raise ValueError(_("Please fill in this field."))
        return self.empty


class Form:
    """What was typed (`values`), what it means (`data`) and what is wrong with it (`errors`)."""

    labels: ClassVar[Mapping[str, str]] = {}  # what people call the fields
    untyped: ClassVar[Sequence[str]] = ()  # fields that hold the number of a row

    def __init__(self, values: Mapping[str, Any] | None = None) -> None:
        self.values: dict[str, Any] = dict(values or {})
        self.errors: dict[str, str] = {}
        self.data: dict[str, Any] = {}
        self.again_in: timedelta | None = None  # when it may be sent again, where it was tried too often

    @classmethod
    def fields(cls) -> dict[str, Field]:
        """The fields of this form in their order."""
        return {
            name: field
            for part in reversed(cls.__mro__)
            for name, field in vars(part).items()
            if isinstance(field, Field)
        }

    def label(self, name: str) -> str:
        """What a field is called in the reader's language; empty where its errors say so themselves."""
        return _(self.labels[name]) if name in self.labels else ""

    def named(self, name: str) -> str:
        """What people saw beside a field; its bare name where that is not known."""
        return self.label(name) or name.replace("_", " ").replace("-", " ")

    def told(self, typed: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
        """What was typed and chosen as people saw it: the label and the words of each field, in their order."""
        order = {name: place for place, name in enumerate(self.fields())}
        return [
            (self.named(name), "\n".join(self.word(name, text) for text in typed[name]))
            for name in sorted(typed, key=lambda name: (order.get(name, len(order)), name))
            if name not in self.untyped
        ]

    def word(self, name: str, text: str) -> str:
        """What people read where this is sent."""
        field = self.fields().get(name)
        word = field.words.get(text) if field else None
        return _(word) if word else text

    @property
    def ok(self) -> bool:
        """Whether everything could be taken so far."""
        return not self.errors

    @property
    def status_code(self) -> int:
        """What the page with this form answers."""
        return 200 if self.ok else 429 if self.again_in else 422

    def read(self) -> None:
        """Turn what was typed into values, collecting all faults at once."""
        for name, field in self.fields().items():
            typed = self.values.get(name, "")
            try:
                if field.several:
                    texts = typed if isinstance(typed, list) else [typed] if typed else []
                    self.data[name] = [field.parse(text) for text in texts]
                else:
                    self.data[name] = field.read(str(typed))
            except ValueError as error:
                self.errors[name] = str(error)

    @contextmanager
    def refusals(self) -> Iterator[None]:
        """Collect what a verb finds invalid at the fields it names."""
        try:
            yield
        except Invalid as error:
            self.errors.update(error.fields)
        except TooMany as error:
            self.errors[""], self.again_in = str(error), error.after


Filled = TypeVar("Filled", bound=Form)


async def submitted(request: Request, form: type[Filled]) -> Filled:
    """The form that was sent, with all its faults at once. Unknown fields are ignored."""
    sent = await request.form()
    values: dict[str, Any] = {}
    for name, field in form.fields().items():
        texts = [_clean(text) for text in sent.getall(name, []) if isinstance(text, str)]
        values[name] = texts if field.several else (texts[-1] if texts else "")
    filled = form(values)
    filled.read()
    return filled


async def uploaded(request: Request, name: str, limit: int) -> tuple[str, bytes]:
    """A sent file: its name and its content; raises Invalid where it is missing or too large."""
    sent = (await request.form()).get(name)
    if not isinstance(sent, UploadFile) or not sent.filename:
        raise Invalid({name: _("Please choose a file.")})
    content = await sent.read(limit + 1)
    if len(content) > limit:
        raise Invalid({name: _("The file is too large: at most %(size)s kB.") % {"size": limit // 1000}})
    return sent.filename, content


def _clean(text: str) -> str:
    """Line ends as one character; what no text may hold is refused here once."""
    return (
        "".join(
            letter for letter in text.replace("\r\n", "\n").replace("\r", "\n") if letter in "\n\t" or ord(letter) >= 32
        )
        .encode("utf-8", "ignore")
        .decode()
    )


def text(most: int, *, required: bool = False, lines: bool = False) -> Field:
    """A text of at most so many characters; on one line unless `lines`."""

    def parse(typed: str) -> str:
        if len(typed) > most:
            raise ValueError(
                _("Please shorten this to %(most)s characters; it has %(now)s.")
                % {"most": grouped(str(most)), "now": grouped(str(len(typed)))}
            )
        return typed if lines else " ".join(typed.split())

    return Field(parse, required=required, empty="")


def email(*, required: bool = True) -> Field:
    """One e-mail address, in lower case."""
    return Field(addresses.of, required=required, empty="")


def integer(least: int = 0, most: int = 1_000_000, *, required: bool = False) -> Field:
    """A whole number between two bounds; thousands may be separated."""

    def parse(typed: str) -> int:
        plain = typed.replace(" ", "").replace("\u00a0", "")
        whole = len(plain) < 20 and re.fullmatch(grouped_by("."), plain, re.ASCII)
        if not whole or not least <= int(plain.replace(".", "")) <= most:
            raise ValueError(
                _("Please enter a whole number from %(least)s to %(most)s.")
                % {"least": grouped(str(least)), "most": grouped(str(most))}
            )
        return int(plain.replace(".", ""))

    return Field(parse, required=required)


def money(*, required: bool = False, most: int = 10**12) -> Field:
    """An amount in euro, in German or English notation, as integer cents."""

    def parse(typed: str) -> int:
        cents = euro_to_cents(typed)
        if cents is None or not 0 <= cents <= most:
            raise ValueError(_("Please enter an amount in euro such as 1250 or 1.250,50."))
        return cents

    return Field(parse, required=required)


def euro_to_cents(typed: str) -> int | None:
    """Cents of an amount written 1250, 1.250,50 or 1,250.50; None where it is none, such as 0,005 or 1.25.0."""
    plain = typed.replace("€", "").replace(" ", "").replace("\u00a0", "")
    for thousands, decimal in (".,", ",."):
        read = re.fullmatch(rf"{grouped_by(thousands)}(?:\{decimal}(\d{{1,2}}))?", plain, re.ASCII)
        if read and len(plain) < 20:
            return int(read[1].replace(thousands, "")) * 100 + int((read[2] or "").ljust(2, "0"))
    return None


def grouped_by(thousands: str) -> str:
    """A pattern of whole numbers, plain or with every three digits set apart; a 1.5 is none."""
    return rf"(\d+|[1-9]\d{{0,2}}(?:\{thousands}\d{{3}})+)"


def day(*, required: bool = False) -> Field:
    """A calendar day, as the browser's picker sends it or as 31.12.2026."""

    def parse(typed: str) -> date:
        for pattern in ("%Y-%m-%d", "%d.%m.%Y"):
            try:
                return datetime.strptime(typed, pattern).date()
            except ValueError:
                continue
        raise ValueError(_("Please enter a date such as 31.12.2026."))

    return Field(parse, required=required)


def moment(*, required: bool = False) -> Field:
    """A day and time in Germany, as an aware moment in UTC."""

    def parse(typed: str) -> datetime:
        for pattern in ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y, %H:%M"):
            try:
                naive = datetime.strptime(typed, pattern)
            except ValueError:
                continue
            return in_germany(naive)
        raise ValueError(_("Please enter a date and time such as 31.12.2026 12:00."))

    return Field(parse, required=required)


def in_germany(naive: datetime) -> datetime:
    """The moment at which German clocks show this; refuses the hour that summer time skips and the one it repeats."""
    from datetime import UTC

    there = naive.replace(tzinfo=clock.BERLIN)
    at = there.astimezone(UTC)
    if at.astimezone(clock.BERLIN).replace(tzinfo=None) != naive:
        raise ValueError(_("This time does not exist: clocks are put forward in this night."))
    if there.utcoffset() != there.replace(fold=1).utcoffset():
        raise ValueError(_("This time comes twice: clocks are put back in this night. Please choose another hour."))
    return at


def choice(options: Mapping[str, str], *, required: bool = True) -> Field:
    """One of some options, by its key; each has its words."""

    def parse(typed: str) -> str:
        if typed not in options:
            raise ValueError(_("Please choose one of the options."))
        return typed

    return Field(parse, required=required, empty="", words=options)


def checked() -> Field:
    """A box: True when it is checked."""
    return Field(lambda typed: typed in ("1", "on", "true", "yes"), empty=False)


def password() -> Field:
    """A password as typed; never stripped, never shown again."""
    return Field(lambda typed: typed, required=True)
