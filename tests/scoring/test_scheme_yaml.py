"""YAML is read as plain data, exactly and within bounds."""

import re
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring import Scheme, SchemeError, read_yaml


def test_plain_data_comes_back() -> None:
    text = "a: [1, 2.50, yes, no, null, ~, text, '5', 2017-10-27, -3]\n0: {x: true}\n"
    assert read_yaml(text) == {"a": [1, 2.5, True, False, None, None, "text", "5", "2017-10-27", -3], "0": {"x": True}}


@given(st.decimals(min_value=-1000, max_value=1000, places=4, allow_nan=False))
def test_a_decimal_is_read_exactly(number: Decimal) -> None:
    found = read_yaml(f"x: {number:f}")
    assert isinstance(found, dict)
    assert Decimal(repr(found["x"])) == number


BOMB = "a: &a [x, x, x]\nb: &b [*a, *a, *a]\nc: [*b, *b, *b]\n"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (BOMB, "line 2: aliases"),
        ("a: 1\nb: 2\na: 3\n", "line 3: the key 'a' is given twice"),
        ("a: !!python/object/apply:os.system [ls]", "line 1: tags"),
        ("a: !!str 5", "line 1: tags"),
        ("[" * 30 + "]" * 30, "nested more than 24 levels deep"),
        ("[" * 100_000, "nested more than 24 levels deep"),
        ("{a: " * 5_000, "nested more than 24 levels deep"),
        ("a: 1\n---\nb: 2\n", "more than one document"),
        ("", "the file is empty"),
        ("# nothing\n", "the file is empty"),
        ("a: [1", "this is not YAML"),
        ("a: 'x\n", "this is not YAML"),
        ("\ta: 1", "this is not YAML"),
        ("? [a, b]\n: 1\n", "a key must be a word or a number"),
        ("a: .inf", "write the number .inf in plain digits"),
        ("a: .nan", "write the number .nan in plain digits"),
        ("a: 1.0e+99", "write the number 1.0e+99 in plain digits"),
        ("a: 017", "write the number 017 in plain digits"),
        ("a: 0x10", "write the number 0x10 in plain digits"),
        ("a: 1_000", "write the number 1_000 in plain digits"),
        ("a: 60:10", "write the number 60:10 in plain digits"),
        ("a: " + "9" * 400, "in plain digits"),
        ("a: \x00", "this is not YAML"),
    ],
    ids=lambda value: value[:24] if isinstance(value, str) else "",
)
def test_tricks_are_refused_with_their_line(text: str, problem: str) -> None:
    with pytest.raises(SchemeError, match=re.escape(problem)):
        read_yaml(text)


def test_a_large_file_is_refused_before_it_is_read() -> None:
    with pytest.raises(SchemeError, match="has 1000001 bytes, at most 1000000 are read"):
        read_yaml(b"#" * 1_000_001)


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(SchemeError, match="this is not YAML"):
        read_yaml(b"a: \xff\xfe\xfa")


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "list.yaml").write_text("- 1\n- 2\n")
    with pytest.raises(SchemeError, match="expected keys and values, found a list"):
        Scheme.from_file(tmp_path / "list.yaml")
