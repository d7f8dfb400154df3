"""The package loads only what is used: a page that shows a scheme never imports pandas."""

import subprocess
import sys

import pytest

import scoring


@pytest.mark.parametrize("use", ["scoring.Scheme", "scoring.read_yaml('a: 1')", "scoring.check_file('none')"])
def test_a_scheme_needs_no_numbers_library(use: str) -> None:
    code = f"import sys, scoring; {use}; print([m for m in ('numpy', 'pandas', 'scipy') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


@pytest.mark.parametrize("name", scoring.__all__)
def test_every_public_name_is_there_and_documented(name: str) -> None:
    assert (getattr(scoring, name).__doc__ or "").strip()


@pytest.mark.parametrize("room", ["advice", "assignment", "marks", "ranking", "scheme"])
def test_no_room_hides_a_public_name(room: str) -> None:
    assert room not in scoring.__all__


def test_an_unknown_name_is_unknown() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'median'"):
        _ = scoring.median
