"""What readers see of answers: the office all of it, committee and public what is theirs, blind without names."""

from typing import Any

from app import i18n
from app.forms import Form
from app.web.questions import for_criterion, of_answers
from app.web.templates import ENVIRONMENT
from tests.forms.asking import asking, question
from tests.questions.every_kind import ANSWERS, FORM

WHO: Form = asking(
    question("text", "name", identifies=True, label={"de": "Name", "en": "Name"}),
    question("long_text", "idea", seen_by=["public"], criteria=["k1"], label={"de": "Idee"}),
    question("text", "bank", seen_by="office", label={"de": "Bank", "en": "Bank"}),
    question("text", "empty", label={"de": "Leer", "en": "Empty"}),
)
SAID = {"title": "x", "name": "Gartenverein", "idea": "Beete.\n\nErnten.", "bank": "DE12"}


def html(form: Form, answers: Any, by: str, language: str = "en", **how: Any) -> str:
    with i18n.speaking(language):
        return ENVIRONMENT.get_template("questions/_answers.html").render(parts=of_answers(form, answers, by, **how))


def keys(by: str, **how: Any) -> list[str]:
    return [one.key for part in of_answers(WHO, SAID, by, **how) for one in part.answers]


def test_everybody_sees_what_is_theirs() -> None:
    assert keys("office") == ["title", "name", "idea", "bank"]
    assert keys("committee") == ["title", "name", "idea"]
    assert keys("committee", blind=True) == ["title", "idea"]
    assert keys("public") == ["idea"]
    assert "Gartenverein" not in html(WHO, SAID, "committee", blind=True)
    assert "Name" not in html(WHO, {"title": "x"}, "committee", blind=True)


def test_what_was_not_answered_is_said_once_and_not_to_the_public() -> None:
    assert html(WHO, SAID, "office").count("Not answered:") == 1
    assert "Empty" in html(WHO, SAID, "office")
    assert "Not answered:" not in html(WHO, SAID, "public")


def test_the_answers_that_speak_to_a_criterion() -> None:
    (found,) = for_criterion(WHO, SAID, "k1", "committee")
    assert (found.key, found.kind, len(found.lines)) == ("idea", "text", 2)
    assert for_criterion(WHO, SAID, "k2", "committee") == []


def test_german_words_are_marked_for_english_readers_and_numbers_are_theirs() -> None:
    english, german = html(FORM, ANSWERS, "office"), html(FORM, ANSWERS, "office", "de")
    assert '<span lang="de">Gartenverein</span>' in english
    assert '<span lang="de">' not in german
    assert '<span lang="en">' not in german
    assert "1,234,567.89 euro" in english
    assert "1.234.567,89 Euro" in german
    assert "15 March 2018 to 14 March 2021, 36 months" in english
    assert "15.03.2018 bis 14.03.2021, 36 Monate" in german
    assert "Frauen: 7; Männer: 5" in german
    assert "&lt;" not in english + german


def test_a_table_has_its_sum_and_a_plan_its_shares() -> None:
    shown = {one.key: one for part in of_answers(FORM, ANSWERS, "office") for one in part.answers}
    assert [str(cell.text) for cell in shown["plan"].tables[0].foot] == ["Summe", "1.000,01 Euro", "100,0 %"]
    assert shown["table"].kind == "cards"
    assert shown["milestones"].kind == "table"


def test_whatever_an_old_version_left_can_be_read() -> None:
    odd: dict[str, Any] = {one.key: "anders" for one in FORM.questions}
    assert "anders" in html(FORM, odd, "office")
    html(FORM, {key: [7, {"x": None}] for key in odd}, "office")
    html(FORM, {key: {"from": "x", "costs": {"staff": "viel"}} for key in odd}, "office")
