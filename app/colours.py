"""Colours that people choose, held against the light and the dark ground on which they are drawn."""

import colorsys
import re
from decimal import Decimal

from app.i18n import gettext as _
from app.i18n import later, number

LIGHT, DARK = "#f3f4f7", "#131525"  # KERN's grounds of the Kopfzeile
LEAST = 3.0  # WCAG 2.2, 1.4.11, level AA: what is drawn against what lies beside it
WRITTEN = re.compile(r"#?([0-9a-fA-F]{6}|[0-9a-fA-F]{3})")
FAINT = {
    LIGHT: later(
        "On the light ground this colour has a contrast of %(contrast)s to 1; at least 3 to 1 are needed"
        " (WCAG 2.2, level AA). Please choose a darker one, such as %(other)s."
    ),
    DARK: later(
        "On the dark ground this colour has a contrast of %(contrast)s to 1; at least 3 to 1 are needed"
        " (WCAG 2.2, level AA). Please choose a lighter one, such as %(other)s."
    ),
}


def of(typed: str) -> str:
    """The colour that was typed, as #rrggbb; raises ValueError with a sentence for anything else."""
    found = WRITTEN.fullmatch(typed.strip())
    if found is None:
        raise ValueError(_("Please enter a colour such as #1c4e8a."))
    digits = found[1].lower()
    return "#" + (digits if len(digits) == 6 else "".join(digit * 2 for digit in digits))


def why_too_faint(colour: str, ground: str) -> str | None:
    """Why a colour cannot be drawn on a ground, with one of the same tone that can; None where it can."""
    reached = contrast(colour, ground)
    if reached >= LEAST:
        return None
    below = Decimal(str(int(reached * 10) / 10))  # never rounded up to what would suffice
    return _(FAINT[ground]) % {"contrast": number(below), "other": _nearest(colour, ground)}


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours after WCAG 2.2: from 1 to 21."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in _parts(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _parts(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return red, green, blue


def _nearest(colour: str, ground: str) -> str:
    """The colour of the same tone, as little darker or lighter as suffices."""
    tone, lightness, strength = colorsys.rgb_to_hls(*_parts(colour))
    step = 0.01 if ground == DARK else -0.01
    while 0 <= lightness <= 1:
        red, green, blue = colorsys.hls_to_rgb(tone, lightness, strength)
        found = "#" + "".join(f"{round(part * 255):02x}" for part in (red, green, blue))
        if contrast(found, ground) >= LEAST:
            return found
        lightness += step
    return "#000000" if ground == LIGHT else "#ffffff"
