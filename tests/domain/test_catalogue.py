"""The German catalogue: every message of the source, translated, certain, and nothing else."""

import ast
from pathlib import Path

import pytest

from app.commands import catalogue


def project(folder: Path, template: str = "<p>{{ _('Hello') }}</p>") -> Path:
    """A small project with some messages."""
    (folder / "app").mkdir()
    (folder / "templates").mkdir()
    (folder / "app" / "words.py").write_text(
        "_('One sentence')\nngettext('%(n)s mark', '%(n)s marks', 2)\nlater('Later')\n"
    )
    (folder / "templates" / "page.html").write_text(template)
    return folder


def test_every_kind_of_message_is_found(tmp_path: Path) -> None:
    template = "{{ _('Hello') }} {% trans count=n %}One{% pluralize %}{{ count }} things{% endtrans %}"
    found = catalogue.messages(project(tmp_path, template))
    assert {message.id for message in catalogue.each(found)} == {
        "One sentence",
        ("%(n)s mark", "%(n)s marks"),
        "Later",
        "Hello",
        ("One", "%(count)s things"),
    }


def po(text: str, folder: Path) -> Path:
    path = folder / "votum.po"
    path.write_text(catalogue.HEADER + text)
    return path


COMPLETE = """
msgid "%(n)s mark"
msgid_plural "%(n)s marks"
msgstr[0] "%(n)s Note"
msgstr[1] "%(n)s Noten"

msgid "Hello"
msgstr "Guten Tag"

msgid "Later"
msgstr "Später"

msgid "One sentence"
msgstr "Ein Satz"
"""


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (("", ""), None),
        (('msgstr "Guten Tag"', 'msgstr ""'), "missing: 'Hello'"),
        (('"%(n)s Noten"', '""'), "missing: '%(n)s mark'"),
        (('msgid "Hello"', '#, fuzzy\nmsgid "Hello"'), "unsure (fuzzy): 'Hello'"),
        (('msgid "Later"\nmsgstr "Später"', ""), "missing: 'Later'"),
        (('msgid "Later"', 'msgid "Old"\nmsgstr "Alt"\n\nmsgid "Later"'), "no longer needed: 'Old'"),
        (('"%(n)s Noten"', '"%(m)s Noten"'), "wrong: '%(n)s mark'"),
    ],
)
def test_the_catalogue_must_be_complete(tmp_path: Path, change: tuple[str, str], fault: str | None) -> None:
    known = catalogue.read(po(COMPLETE.replace(*change), tmp_path))
    faults = list(catalogue.differences(catalogue.messages(project(tmp_path)), known))
    assert len(faults) == (fault is not None), faults
    assert all(found.startswith(str(fault)) for found in faults)


def test_an_update_keeps_translations_in_order_without_places(tmp_path: Path) -> None:
    found = catalogue.messages(project(tmp_path))
    known = catalogue.read(
        po(COMPLETE.replace('msgid "Later"\nmsgstr "Später"', 'msgid "Old"\nmsgstr "Alt"'), tmp_path)
    )
    text = catalogue.updated(found, known).decode()
    (tmp_path / "votum.po").write_text(text)
    assert list(catalogue.differences(found, catalogue.read(tmp_path / "votum.po"))) == ["missing: 'Later'"]
    assert 'msgid "Hello"\nmsgstr "Guten Tag"' in text
    assert "Old" not in text
    assert "words.py" not in text
    assert text.index("%(n)s mark") < text.index("Hello") < text.index("Later") < text.index("One sentence")
    assert catalogue.updated(found, catalogue.read(tmp_path / "votum.po")).decode() == text


def test_no_message_hides_in_a_formatted_string() -> None:
    """What the parts of such a string say is seen by some versions of Python only."""
    hidden = []
    for path in sorted((catalogue.PROJECT / "app").rglob("*.py")):
        for text in ast.walk(ast.parse(path.read_text())):
            if isinstance(text, ast.JoinedStr):
                hidden += [f"{path.name}:{text.lineno}" for part in ast.walk(text) if _is_message(part)]
    assert hidden == []


def _is_message(part: ast.AST) -> bool:
    return (
        isinstance(part, ast.Call)
        and isinstance(part.func, ast.Name)
        and part.func.id in catalogue.KEYWORDS
        and bool(part.args)
        and isinstance(part.args[0], ast.Constant)
    )
