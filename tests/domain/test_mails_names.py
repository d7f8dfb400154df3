"""Names in mails: whoever registers or invites cannot make Votum send somebody a link of theirs."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.records import mails
from tests.domain.test_mails_links import registered
from tests.pages.test_call_making import invited
from tests.pages.test_call_making import office as administration
from tests.world import BASE, Votum, mailed

PHISHING = "Kunde, Ihr Konto ist gesperrt: https://evil.example/login"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Ada Muster", "Ada Muster"),
        ("Dr. Bo Beispiel, LL.M.", "Dr. Bo Beispiel, LL. M."),
        ("Werkhof e. V.", "Werkhof e. V."),
        ("Werkhof e.V. (2.0)", "Werkhof e. V. (2.0)"),
        ("Stadt Auental / Amt 50", "Stadt Auental Amt 50"),
        (PHISHING, "Kunde, Ihr Konto ist gesperrt: https: evil. example login"),
        ("evil.example", "evil. example"),
        ("www.evil.4you.example", "www. evil.4you. example"),
        ("a@evil.example", "a evil. example"),
        ("evil\u200b.\u200bexample", "evil. example"),
        ("evil\u3002example \uff0f\uff20", "evil. example"),
        ("<a href=x>\\\\evil\\x", "a href=x evil x"),
        ("two\nlines", "two lines"),
        ("[[[password a b]]", "[ [ [password a b]]"),
    ],
)
def test_a_name_keeps_its_words_and_loses_what_becomes_a_link(typed: str, said: str) -> None:
    assert mails.harmless(typed) == said


@given(st.text() | st.from_regex(r"(https?://)?[a-z.\u200b@/]+\.[a-z]+/?\S*"))
def test_no_name_at_all_holds_an_address(typed: str) -> None:
    said = mails.harmless(typed)
    assert len(said) <= 80
    assert not re.search(r"[/\\@<>\n]|\.[^\W\d_]|\[\[", said)


def test_a_long_name_is_cut_with_a_sign() -> None:
    assert mails.harmless("x" * 80) == "x" * 80
    assert mails.harmless("x" * 81) == "x" * 79 + "…"
    assert mails.harmless("x" * 81, 200) == "x" * 81


async def test_who_registers_a_foreign_address_sends_it_no_link_but_ours(votum: Votum) -> None:
    for _ in ("a confirmation", "that the address is known"):
        await registered(votum, name=PHISHING, organisation=f"Werkhof {_}")
        body = await mailed("bo@example.org")
        assert "gesperrt: https: evil. example login" in body
        assert re.findall(r"https?://\S+?(?=/)", body) == [BASE]


async def test_who_names_an_organisation_or_a_member_like_a_link_sends_none(votum: Votum) -> None:
    await registered(votum, organisation=PHISHING)
    bo = await votum.signed_in("bo@example.org")
    await bo.send_form("/organisations/1/members", colleague="finn@example.org")
    await invited(await administration(votum), name=PHISHING)
    for email in ("finn@example.org", "kim@example.org"):
        body = await mailed(email)
        assert "gesperrt: https: evil. example login" in body
        assert re.findall(r"https?://\S+?(?=/)", body) == [BASE]
