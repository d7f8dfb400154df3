"""The stylesheets and templates keep to few widths, to what is used, and to the parts that there are."""

import re
from pathlib import Path

PLACE = Path(__file__).parents[2]
STYLES = {path.name: path.read_text() for path in (PLACE / "app" / "static").glob("*.css")}
TEMPLATES = {path: path.read_text() for path in (PLACE / "templates").rglob("*.html")}
SCRIPTS = "".join(path.read_text() for path in (PLACE / "app" / "static").glob("*.js"))


def test_pages_know_three_widths_and_no_others() -> None:
    asked = [line for css in STYLES.values() for line in css.splitlines() if line.lstrip().startswith("@media")]
    widths = {width for line in asked for width in re.findall(r"(?<!-)\bwidth [<>]=? ([\d.]+rem)", line)}
    assert widths == {"30rem", "48rem", "62rem"}
    assert not [line for line in asked if "-width" in line]


def test_no_class_of_ours_is_dressed_and_worn_by_nobody() -> None:
    worn = "".join(TEMPLATES.values()) + SCRIPTS
    dressed = {name for css in STYLES.values() for name in re.findall(r"\.(votum-[a-z_]+(?:-[a-z_]+)*)", css)}
    assert len(dressed) > 50
    assert {name for name in dressed if name not in worn} == set()


def test_no_button_is_written_by_hand() -> None:
    assert [path.name for path, text in TEMPLATES.items() if "kern-btn--" in text] == ["page.html"]
