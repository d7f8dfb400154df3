"""Passwords that are easy to guess are refused, in German too; a sentence is taken."""

import pytest

from app import database
from app.domain import people
from app.errors import Invalid
from app.identity import passwords
from tests.pages.test_sign_in import SENTENCE, bo_registers, mailed_link
from tests.world import Votum, words

OWN = ("Ada Beispiel", "ada.beispiel@stadt-auenburg.de", "Werkhof e. V.")
COMMON = [
    *("passwort1234", "Passwort2026!", "123456789012", "qwertzuiop123", "Sommer2026!!", "Winter2026/27"),
    *("Votum12345678", "votum2026!!!", "Hallo12345678", "ichliebedich123", "Schatzi123456", "Willkommen2026!"),
    *("asdfghjklö12", "1qay2wsx3edc", "aaaaaaaaaaaa", "abcdefghijkl", "passwortpasswort", "P@ssw0rt2026!"),
    *("Stadtverwaltung1", "Jobcenter2026!", "Schalke04Schalke04", "Password2026!", "01.01.1990abc"),
]
OF_THE_PERSON = [
    "AdaBeispiel2026",
    "Ada Beispiel 12",
    "ada.beispiel1",
    "Werkhof e. V.12",
    "WerkhofeV2026",
    "Auenburg2026!",
]
GOOD = [
    *(
        "viele kleine gelbe Enten",
        "Drei Hühner essen Kuchen",
        "Im Sommer gehen wir schwimmen",
        "gute Nacht lieber Mond",
    ),
    *("correct horse battery staple", "kqzvbxwjfmpt", "x9K2mLq8vR4t", "eins zwei drei"),
]


@pytest.mark.parametrize("password", COMMON)
def test_what_many_people_choose_is_refused(password: str) -> None:
    with pytest.raises(Invalid, match="leicht zu erraten"):
        passwords.check_guesses(password, [])


@pytest.mark.parametrize("password", OF_THE_PERSON)
def test_what_is_known_of_a_person_is_no_password(password: str) -> None:
    with pytest.raises(Invalid):
        passwords.check_guesses(password, OWN)


@pytest.mark.parametrize("password", GOOD)
def test_a_sentence_and_what_a_machine_made_up_are_taken(password: str) -> None:
    passwords.check(password)
    passwords.check_guesses(password, OWN)


LONG = "kqzvbxwjfmpt" * 20


@pytest.mark.parametrize("length", [12, 200])
def test_a_password_may_have_12_to_200_characters(length: int) -> None:
    passwords.check(LONG[:length])


@pytest.mark.parametrize("length", [11, 201])
def test_a_shorter_or_longer_one_is_refused(length: int) -> None:
    with pytest.raises(Invalid):
        passwords.check(LONG[:length])


def test_the_longest_password_is_judged_by_its_beginning() -> None:
    passwords.check_guesses("viele kleine gelbe Enten" + "a" * 176, [])


@pytest.mark.parametrize("password", ["Passwort2026!", "BoBeispiel2026!", "Werkhof2026!"])
async def test_a_weak_password_comes_back_at_its_field(votum: Votum, password: str) -> None:
    _, answer = await bo_registers(votum, password=password)
    assert (answer.status_code, "This password is too easy to guess" in words(answer)) == (422, True)
    assert 'value="Werkhof e. V."' in answer.text
    assert await database.value("SELECT count(*) FROM person") == 0


async def test_a_weak_password_does_not_spend_the_link_to_choose_one(votum: Votum) -> None:
    await votum.person("ada@example.org", "Ada Beispiel")
    browser = await votum.stranger()
    await browser.send_form("/password", email="ada@example.org")
    link = await mailed_link("ada@example.org")
    for password in ("Sommer2026!!", "AdaBeispiel2026"):
        assert (await browser.send_form(link, password=password)).status_code == 422
    assert (await browser.send_form(link, password=SENTENCE)).url.path == "/desk"
    assert await people.authenticated("ada@example.org", SENTENCE)
