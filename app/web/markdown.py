"""Markdown from people, turned into HTML that cannot do anything."""

from functools import lru_cache
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

from app import i18n

_PARSER = MarkdownIt("commonmark", {"html": False}).enable("table")
_TAGS = {
    *("p", "h2", "h3", "h4", "ul", "ol", "li", "strong", "em", "a", "blockquote", "br", "hr", "code", "pre"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}


@lru_cache(maxsize=256)
def to_html(text: str) -> Markup:
    """Safe HTML of a Markdown text; headings start below the page's own."""
    html = _PARSER.render(text).replace("<h1>", "<h2>").replace("</h1>", "</h2>")
    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
    return Markup(clean)


def prose(row: Any, name: str) -> Markup:
    """The Markdown text of a row in the reader's language; marked as German where there is no other."""
    html = to_html(i18n.in_language(row, name))
    if i18n.has(row, name):
        return html
    return Markup('<div class="votum-prose" lang="de">{}</div>').format(html)
