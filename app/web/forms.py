"""Read a form: what was typed, what it means, and what is wrong with it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, ClassVar, TypeVar

from litestar.datastructures import UploadFile
from litestar.response import Template

from app.errors import Invalid, TooMany
from app.i18n import gettext as _
from app.identity.policies import SIGNED_IN
from app.web.answers import Request, page

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
        texts = [clean(text) for text in sent.getall(name, []) if isinstance(text, str)]
        values[name] = texts if field.several else (texts[-1] if texts else "")
    filled = form(values)
    filled.read()
    return filled


async def typed(request: Request) -> dict[str, str]:
    """All text that was sent, by its field, several one a line: for forms whose fields a document names."""
    found: dict[str, str] = {}
    for name, text in (await request.form()).multi_items():
        if isinstance(text, str):
            found[name] = f"{found[name]}\n{clean(text)}" if found.get(name) else clean(text)
    return found


async def uploaded(request: Request, name: str, limit: int, *, required: bool = True) -> tuple[str, bytes]:
    """A sent file: its name and its content, both empty for none; raises Invalid where it is needed, or too large."""
    sent = (await request.form()).get(name)
    if not isinstance(sent, UploadFile) or not sent.filename:
        if not required:
            return "", b""
        raise Invalid({name: _("Please choose a file.")})
    content = await sent.read(limit + 1)
    if len(content) > limit:
        raise Invalid({name: _("The file is too large: at most %(size)s kB.") % {"size": limit // 1000}})
    return sent.filename, content


def clean(text: str) -> str:
    """Line ends as one character; what no text may hold is refused here once."""
    return (
        "".join(
            letter for letter in text.replace("\r\n", "\n").replace("\r", "\n") if letter in "\n\t" or ord(letter) >= 32
        )
        .encode("utf-8", "ignore")
        .decode()
    )


def form_page(request: Request, name: str, form: Form, **context: Any) -> Template:
    """A page with one form: as it is filled in, refused with what was typed, or put off where it was too much."""
    answer = page(request, name, form.status_code, form=form, **context)
    if form.again_in:
        answer.headers["Retry-After"] = str(int(form.again_in.total_seconds()))
    return answer


def signed_in(form: type[Form]) -> dict[str, Any]:
    """The policy of what takes a form from the signed in; the form names what is typed after a session has ended."""
    return {**SIGNED_IN, "form": form}
