"""Pictures that people send, known by their content and never by their name.

A PNG is written anew from those of its parts that make the picture. Of an SVG stays what only draws: whatever could
run, load or point elsewhere is refused, what editors leave behind is left out.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from app.i18n import gettext as _

LARGEST = 200_000  # bytes
WIDEST = 1_000  # pixels
SIGNATURE = b"\x89PNG\r\n\x1a\n"
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # of a pixel, by the kind of its colour
KEPT = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")

SVG = "{http://www.w3.org/2000/svg}"
LINK = ("href", "{http://www.w3.org/1999/xlink}href")
DEEPEST, MOST, USES = 30, 5_000, 200
ELEMENTS = {
    *("svg", "g", "defs", "use", "title", "desc", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon"),
    *("linearGradient", "radialGradient", "stop", "clipPath"),
}
LEFT_OUT = {"metadata"}
PAINTED = {
    *("fill", "fill-opacity", "fill-rule", "stroke", "stroke-width", "stroke-opacity", "stroke-linecap"),
    *("stroke-linejoin", "stroke-miterlimit", "stroke-dasharray", "stroke-dashoffset", "opacity", "color", "display"),
    *("visibility", "clip-path", "clip-rule", "stop-color", "stop-opacity"),
}
PLACED = {
    *("id", "d", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "fx", "fy", "width", "height"),
    *("points", "transform", "viewBox", "preserveAspectRatio", "offset", "gradientUnits", "gradientTransform"),
    *("spreadMethod", "clipPathUnits", "version"),
}
NAME = re.compile(r"[\w.-]{1,100}")
POINTED = re.compile(r"url\(\s*[\"']?#[\w.-]{1,100}[\"']?\s*\)")
DOCTYPE = re.compile(r"<!DOCTYPE[^\[>]*>", re.IGNORECASE)
SIZE = re.compile(r"(\d+(?:\.\d+)?)(?:px)?")

ElementTree.register_namespace("", SVG[1:-1])


def harmless(content: bytes) -> tuple[str, bytes]:
    """The kind of a picture, png or svg, and what of it may be shown to anybody; raises ValueError with a sentence."""
    if len(content) > LARGEST:
        raise ValueError(_("The file is too large: at most %(size)s kB.") % {"size": LARGEST // 1000})
    if content.startswith(SIGNATURE):
        return "png", _png(content)
    if b"<svg" in content:
        return "svg", _svg(content)
    raise ValueError(_("Please choose a picture in PNG or SVG; this file holds neither."))


# ── PNG ────────────────────────────────────────────────────────────────────────────────────────


def _png(content: bytes) -> bytes:
    chunks = [(kind, data) for kind, data in _chunks(content) if kind in KEPT]
    if [kind for kind, _data in (chunks[:1] + chunks[-1:])] != [b"IHDR", b"IEND"] or len(chunks[0][1]) != 13:
        raise _broken()
    width, height, depth, colour, _packing, _filter, interlaced = struct.unpack(">IIBBBBB", chunks[0][1])
    if not (0 < width <= WIDEST and 0 < height <= WIDEST):
        raise ValueError(_("The picture may be at most %(most)s pixels wide and high.") % {"most": WIDEST})
    if colour not in CHANNELS or depth not in (1, 2, 4, 8, 16):
        raise _broken()
    if interlaced:
        raise ValueError(_("Please save the PNG without interlacing."))
    size = height * (1 + (width * CHANNELS[colour] * depth + 7) // 8)
    _refuse_other_size(b"".join(data for kind, data in chunks if kind == b"IDAT"), size)
    return SIGNATURE + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and data of each part, up to the end of the picture; what follows it is nobody's."""
    place, kind = len(SIGNATURE), b""
    while kind != b"IEND":
        length, kind = struct.unpack(">I4s", content[place : place + 8].ljust(8, b"\0"))
        data, check = content[place + 8 : place + 8 + length], content[place + 8 + length : place + 12 + length]
        if check != struct.pack(">I", zlib.crc32(kind + data)):
            raise _broken()
        yield kind, data
        place += 12 + length


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _refuse_other_size(packed: bytes, size: int) -> None:
    """The pixels must be as many as the head says, so that nobody unpacks more than that."""
    unpacking = zlib.decompressobj()
    try:
        pixels = unpacking.decompress(packed, size + 1)
    except zlib.error as error:
        raise _broken() from error
    if len(pixels) != size:
        raise _broken()


def _broken() -> ValueError:
    return ValueError(_("This PNG cannot be read: it is damaged or not complete."))


# ── SVG ────────────────────────────────────────────────────────────────────────────────────────


def _svg(content: bytes) -> bytes:
    try:
        text = DOCTYPE.sub("", content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ValueError(_("Please save the SVG in UTF-8.")) from error
    if "<!doctype" in text.lower() or "<!entity" in text.lower():
        raise _refused("<!ENTITY>")
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError) as error:
        raise ValueError(_("This SVG cannot be read: it is damaged or not complete.")) from error
    if root.tag != f"{SVG}svg":
        raise ValueError(_("Please choose a picture in PNG or SVG; this file holds neither."))
    if sum(1 for _element in root.iter()) > MOST:
        raise ValueError(_("The drawing has too many parts: at most %(most)s.") % {"most": MOST})
    drawn = _copied(root, 0)
    _check_uses(drawn)
    _scale(drawn)
    return bytes(ElementTree.tostring(drawn, encoding="utf-8"))


def _copied(element: Element, depth: int) -> Element:
    """An element with those of its attributes and children that draw."""
    if depth > DEEPEST:
        raise ValueError(_("The drawing is nested too deeply: at most %(most)s levels.") % {"most": DEEPEST})
    name = element.tag.removeprefix(SVG)
    if name not in ELEMENTS:
        raise _refused(f"<{name}>")
    copy = Element(element.tag, _attributes(element))
    copy.text = element.text if name in ("title", "desc") else None
    for child in element:
        if isinstance(child.tag, str) and child.tag.startswith(SVG) and child.tag.removeprefix(SVG) not in LEFT_OUT:
            copy.append(_copied(child, depth + 1))
    return copy


def _attributes(element: Element) -> dict[str, str]:
    found = {}
    for name, value in [*element.items(), *_styled(element.get("style", ""))]:
        if name.lower().startswith("on"):
            raise _refused(name)
        if name in LINK:
            if not value.startswith("#") or not NAME.fullmatch(value[1:]):
                raise _refused(f"{name.rpartition('}')[2]}={value[:60]}")
            found["href"] = value
        elif name in PAINTED | PLACED:
            found[name] = _plain(value)
    return found


def _styled(style: str) -> Iterator[tuple[str, str]]:
    """The declarations of a style as attributes, which say the same."""
    for declaration in style.split(";"):
        name, _colon, value = declaration.partition(":")
        if name.strip() in PAINTED:
            yield name.strip(), value.replace("!important", "").strip()
        elif "url(" in value.lower() or "\\" in declaration:
            raise _refused(declaration.strip()[:60])


def _plain(value: str) -> str:
    """A value that points nowhere but into the drawing itself."""
    rest = POINTED.sub("", value).lower()
    if "url" in rest or "\\" in rest or "script:" in rest:
        raise _refused(value[:60])
    return value


def _check_uses(root: Element) -> None:
    """What is used again may use nothing itself, so that no drawing grows without end."""
    uses = list(root.iter(f"{SVG}use"))
    named = {element.get("id"): element for element in root.iter() if element.get("id")}
    if len(uses) > USES or any(
        target is not None and next(target.iter(f"{SVG}use"), None) is not None
        for target in (named.get(element.get("href", "")[1:]) for element in uses)
    ):
        raise _refused("<use>")


def _scale(root: Element) -> None:
    """A drawing without a view box cannot be shown in another size: it gets one from its width and height."""
    if root.get("viewBox"):
        return
    width, height = (SIZE.fullmatch(root.get(name, "")) for name in ("width", "height"))
    if not width or not height:
        raise ValueError(_("The SVG says neither a viewBox nor its width and height."))
    root.set("viewBox", f"0 0 {width[1]} {height[1]}")


def _refused(what: str) -> ValueError:
    return ValueError(
        _(
            "The drawing contains %(what)s, which is not allowed: only shapes and colours are. Please export it as a"
            " plain SVG, texts as paths, or choose a PNG."
        )
        % {"what": what}
    )
