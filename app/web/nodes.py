"""What a step of the editor is made of: fields, lists of rows, and parts that are folded or have a heading."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeAlias


class Field(NamedTuple):
    """A field of the form as the template draws it."""

    name: str
    kind: str  # text, lines, select, checkbox, checks (several), number, numbers
    label: str
    hint: str
    options: list[tuple[str, str]]
    suggestions: list[str]
    update: bool  # whether other fields follow from it
    required: bool

    tag: str = "field"  # which macro draws it


class Row(NamedTuple):
    """Short fields side by side."""

    nodes: list[Field]

    tag: str = "row"


class Listed(NamedTuple):
    """A list of rows, each with its fields, and buttons to add, move and remove."""

    place: str
    title: str
    add: str
    entries: list["Item"]
    names: str = ""  # the label of a field in which several new rows are named, one a line; "" for none
    copies: bool = False  # whether rows are copied too

    tag: str = "listed"


class Item(NamedTuple):
    """A row of a list."""

    place: str
    title: str
    nodes: "list[Node]"


class Folded(NamedTuple):
    """What few people need; open where something is said in it."""

    title: str
    nodes: "list[Node]"
    open: bool

    tag: str = "folded"


class Titled(NamedTuple):
    """Fields under a heading."""

    title: str
    nodes: "list[Node]"

    tag: str = "titled"


Node: TypeAlias = Field | Row | Listed | Folded | Titled


def flat(nodes: Iterable[Node]) -> Iterator[Field]:
    """Every field among these."""
    for node in nodes:
        if isinstance(node, Field):
            yield node
        elif isinstance(node, Listed):
            for item in node.entries:
                yield from flat(item.nodes)
        else:
            yield from flat(node.nodes)


def laid(nodes: Iterable[Node]) -> list[Node]:
    """The same with short fields that follow each other side by side."""
    found: list[Node] = []
    for node in nodes:
        if isinstance(node, Field) and node.kind not in ("lines", "checkbox", "checks") and not node.update:
            if found and isinstance(found[-1], Row):
                found[-1].nodes.append(node)
            else:
                found.append(Row([node]))
        elif isinstance(node, Listed):
            found.append(node._replace(entries=[one._replace(nodes=laid(one.nodes)) for one in node.entries]))
        elif isinstance(node, Folded | Titled):
            found.append(node._replace(nodes=laid(node.nodes)))
        else:
            found.append(node)
    return found
