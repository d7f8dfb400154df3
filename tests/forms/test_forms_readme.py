"""The page about the format names everything that can be written, and its example is a form."""

from pathlib import Path

from app import forms
from app.forms.faults import ANSWERS
from app.forms.reading import COMPARISONS, QUESTION, ROLES, TYPES

README = (Path(forms.__file__).parent / "shipped" / "README.md").read_text(encoding="utf-8")


def test_its_example_is_a_form_whose_example_holds(tmp_path: Path) -> None:
    (tmp_path / "form.yaml").write_text(README.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    assert forms.check_file(tmp_path / "form.yaml") == ["ok small-example: 1 examples"]


def test_it_names_every_key_type_role_comparison_and_code() -> None:
    own = {key for part in TYPES.values() for key in part.known}
    words = {*own, *TYPES, *ROLES, *COMPARISONS, *ANSWERS, *QUESTION.fields}
    assert sorted(word for word in words if f"`{word}`" not in README) == []
