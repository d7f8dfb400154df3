"""Colours of authorities: the ratios of WCAG 2.2, on the bound and just below it, and a way out that suffices."""

import re

import pytest

from app import colours, i18n
from app.web.assets import KERN


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#ffffff", "#ffffff", 1.0), ("#767676", "#ffffff", 4.54)],  # from WCAG's own papers
)
def test_the_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert round(colours.contrast(one, other), 2) == ratio == round(colours.contrast(other, one), 2)


@pytest.mark.parametrize("typed", ["#1C4E8A", "1c4e8a", " #1c4e8a "])
def test_a_colour_is_read_as_people_write_it(typed: str) -> None:
    assert colours.of(typed) == "#1c4e8a"
    assert colours.of("#abc") == "#aabbcc"


@pytest.mark.parametrize("typed", ["blue", "#12345", "#1c4e8a;", 'red" onload="x', "rgb(0,0,0)"])
def test_what_is_no_colour_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="#1c4e8a"):
        colours.of(typed)


def greys(ground: str) -> list[bool]:
    return [colours.why_too_faint(f"#{grey:02x}{grey:02x}{grey:02x}", ground) is None for grey in range(256)]


def test_the_bound_is_three_to_one_on_either_ground() -> None:
    for ground, found in ((colours.LIGHT, greys(colours.LIGHT)), (colours.DARK, greys(colours.DARK)[::-1])):
        passes = found.count(True)
        assert found == [True] * passes + [False] * (256 - passes)
        last = passes - 1 if ground == colours.LIGHT else 256 - passes
        first_refused = last + (1 if ground == colours.LIGHT else -1)
        assert colours.contrast(f"#{last:02x}" + f"{last:02x}" * 2, ground) >= 3.0
        assert colours.contrast(f"#{first_refused:02x}" + f"{first_refused:02x}" * 2, ground) < 3.0


@pytest.mark.parametrize("colour", ["#ffcc00", "#ffffff", "#e6f0ff", "#8fd14f"])
def test_a_faint_colour_gets_a_sentence_with_one_that_suffices(colour: str) -> None:
    with i18n.speaking("de"):
        why = colours.why_too_faint(colour, colours.LIGHT)
    assert why
    assert "Bitte wählen Sie eine dunklere" in why
    other = re.search(r"#[0-9a-f]{6}", why)
    assert other
    assert colours.contrast(other[0], colours.LIGHT) >= 3.0


def test_what_just_misses_is_not_said_to_reach_it() -> None:
    why = colours.why_too_faint("#919191", colours.LIGHT)  # 2.9 and a little
    assert why
    assert "2,8" in why or "2,9" in why


def test_the_grounds_are_those_of_the_stylesheet() -> None:
    css = (KERN / "dist" / "kern.min.css").read_text()
    assert "var(--kern-color-layout-layer-surface-contextual, #F3F4F7)".lower() in css.lower()
    assert colours.DARK in css.lower()
