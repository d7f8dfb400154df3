"""The templates: escaped, strict about names, in the reader's language."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app import clock, i18n
from app.domain import authorities
from app.settings import SETTINGS
from app.web import assets, markdown


def environment() -> Environment:
    """The templates: escaped, strict about names, in the reader's language."""
    env = Environment(
        loader=FileSystemLoader(Path(__file__).parents[2] / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    env.install_gettext_callables(i18n.gettext, i18n.ngettext, newstyle=True)  # type: ignore[attr-defined]
    env.globals.update(
        asset=assets.url, locale=_Locale(), demo=SETTINGS.demo, in_language=i18n.marked, spoken=i18n.spoken
    )
    env.globals["masthead"] = authorities.masthead
    for filter_ in (
        i18n.german,
        i18n.money,
        i18n.date,
        i18n.datetime,
        i18n.when,
        i18n.number,
        i18n.points,
        i18n.clock_time,
    ):
        env.filters[filter_.__name__] = filter_
    env.filters["left"] = lambda until: i18n.left(until, clock.now())
    env.filters["markdown"] = markdown.to_html
    env.globals["prose"] = markdown.prose
    return env


class _Locale:
    """The reader's language, looked up when a template prints or compares it."""

    def __str__(self) -> str:
        return i18n.locale.get()

    def __eq__(self, other: object) -> bool:
        return i18n.locale.get() == other

    __hash__ = object.__hash__


ENVIRONMENT = environment()
