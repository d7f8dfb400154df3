"""Arms that people send: what draws stays, whatever could run, load or grow is refused."""

import struct
import zlib

import pytest

from app import pictures

DRAWN = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><path d="M0 0h10v10z" style="fill:#123456"/>%s</svg>'
)
XLINK = 'xmlns:xlink="http://www.w3.org/1999/xlink"'


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(
    width: int = 2,
    height: int = 2,
    *,
    pixels: bytes | None = None,
    interlaced: int = 0,
    extra: bytes = b"",
    colour: int = 2,
) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, interlaced)
    rows = (b"\0" + b"\x10\x20\x30" * width) * height if pixels is None else pixels
    parts = chunk(b"IHDR", head) + extra + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return pictures.SIGNATURE + parts


def svg(inside: str = "") -> bytes:
    return (DRAWN % inside).encode()


def test_a_png_keeps_what_makes_the_picture_and_nothing_else() -> None:
    plain = png()
    sent = png(extra=chunk(b"tEXt", b"Author\0Cleo")) + b"<script>alert(1)</script>"
    assert pictures.harmless(sent) == ("png", plain)


def test_the_size_of_a_png_has_bounds() -> None:
    assert pictures.harmless(png(1000, 1))[0] == "png"
    with pytest.raises(ValueError, match="1000"):
        pictures.harmless(png(1001, 1))
    with pytest.raises(ValueError, match="1000"):
        pictures.harmless(png(0, 1, pixels=b""))


@pytest.mark.parametrize(
    "broken",
    [
        png()[:-1],
        png()[:40],
        pictures.SIGNATURE,
        png().replace(b"IHDR", b"IHDX"),
        png(pixels=b"\0"),  # fewer than the head says
        png(pixels=b"\0" * 10_000_000),  # many more than the head says
        png(colour=5),
        png(extra=chunk(b"IHDR", b"")).replace(b"\x02\x00\x00\x00", b"\x02\x00\x00\x01"),
    ],
)
def test_a_damaged_png_is_refused(broken: bytes) -> None:
    with pytest.raises(ValueError, match="PNG"):
        pictures.harmless(broken)


def test_an_interlaced_png_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="Interlacing"):
        pictures.harmless(png(interlaced=1))


def test_a_file_may_have_200_kb() -> None:
    filling = f"<desc>{'x' * (200_000 - len(svg('<desc></desc>')))}</desc>"
    assert pictures.harmless(svg(filling))[0] == "svg"
    with pytest.raises(ValueError, match="200 kB"):
        pictures.harmless(svg(filling) + b" ")


def test_an_svg_keeps_shapes_and_colours_and_loses_what_editors_leave() -> None:
    sent = svg(
        "<!-- made by hand --><metadata><rdf xmlns='urn:x'>Cleo</rdf></metadata>"
        "<g xmlns:ink='urn:ink' ink:label='Ebene' class='a' id='lion'><ink:note/><circle r='3'/></g>"
        f"<use {XLINK} xlink:href='#lion' fill='url(#lion)'/>"
    )
    kind, kept = pictures.harmless(b"\xef\xbb\xbf<?xml version='1.0'?><!DOCTYPE svg PUBLIC 'a' 'b'>" + sent)
    text = kept.decode()
    assert kind == "svg"
    assert '<path d="M0 0h10v10z" fill="#123456" />' in text
    assert 'href="#lion"' in text
    for gone in ("made by hand", "Cleo", "Ebene", "note", "class", "style", "DOCTYPE", "xlink"):
        assert gone not in text
    assert pictures.harmless(kept) == ("svg", kept)  # what is kept is kept again


@pytest.mark.parametrize(
    ("inside", "named"),
    [
        ("<script>alert(1)</script>", "<script>"),
        ("<g onload='alert(1)'/>", "onload"),
        ("<g ONCLICK='x'/>", "ONCLICK"),
        ("<foreignObject><b xmlns='http://www.w3.org/1999/xhtml'/></foreignObject>", "<foreignObject>"),
        ("<image href='https://evil.example/x.png'/>", "<image>"),
        ("<a href='javascript:alert(1)'><path/></a>", "<a>"),
        (f"<use {XLINK} xlink:href='https://evil.example/x.svg#a'/>", "evil.example"),
        ("<use href='data:image/svg+xml,x'/>", "data:"),
        ("<rect fill='url(https://evil.example/x)'/>", "evil.example"),
        ("<rect style='fill:url(//evil.example)'/>", "evil.example"),
        ("<rect style='background:url(//evil.example)'/>", "evil.example"),
        ("<rect style='fill:u\\72l(//evil.example)'/>", "evil.example"),
        ("<rect fill='&#117;rl(//evil.example)'/>", "evil.example"),
        ("<style>@import url(//evil.example)</style>", "<style>"),
        ("<animate attributeName='href' to='javascript:x'/>", "<animate>"),
        ("<set attributeName='onmouseover' to='x'/>", "<set>"),
        ("<filter id='f'/>", "<filter>"),
        ("<text>Landkreis</text>", "<text>"),
    ],
)
def test_whatever_could_run_or_load_is_refused_by_name(inside: str, named: str) -> None:
    with pytest.raises(ValueError, match="nicht erlaubt") as refused:
        pictures.harmless(svg(inside))
    assert named in str(refused.value)


BOMB = (
    "<!DOCTYPE svg [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]>"
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 1'><desc>&b;</desc></svg>"
)


@pytest.mark.parametrize(
    "content",
    [
        BOMB.encode(),
        BOMB.encode("utf-16"),
        b"<!DOCTYPE svg [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>" + svg("<desc>&x;</desc>"),
        svg("<g>" * 40 + "</g>" * 40),
        svg("<g>" * 20_000 + "</g>" * 20_000),
        svg("<g/>" * 5_000),
        svg("<g id='a'><use href='#a'/></g><use href='#a'/>"),
        svg("<path id='p'/>" + "<use href='#p'/>" * 201),
        svg("<g>"),
        b"<svg/>",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<html><svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 1'/></html>",
        b"GIF89a<svg",
        b"GIF89a",
        b"\xff\xd8\xff\xe0",
        b"",
    ],
)
def test_what_grows_or_is_no_picture_is_refused_with_a_sentence(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        pictures.harmless(content)


def test_a_drawing_with_width_and_height_gets_a_view_box() -> None:
    _kind, kept = pictures.harmless(b"<svg xmlns='http://www.w3.org/2000/svg' width='20px' height='30'/>")
    assert b'viewBox="0 0 20 30"' in kept
