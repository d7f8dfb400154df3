"""Addresses: whatever is taken is one recipient for every mail program, all else is refused with a sentence."""

from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from aiosmtplib.email import extract_recipients
from hypothesis import given, settings
from hypothesis import strategies as st

from app import addresses, clock, database, i18n
from app.domain import appointments
from app.errors import Invalid
from tests.domain.test_competition_files import faults_after, put
from tests.world import Votum, words

PIECES = st.sampled_from(
    [
        *(
            "@",
            ".",
            ",",
            ";",
            ":",
            "<",
            ">",
            "(",
            ")",
            "[",
            "]",
            '"',
            "\\",
            " ",
            "\n",
            "\r\n",
            "=?utf-8?q?",
            "?=",
            "=0a",
        ),
        *("a", "B", "ada", "example", "org", "1", "-", "_", "+", "ä", "\u212a", "%", "!", "\0", "x" * 60, "xn--"),
    ]
)
LIKELY = st.builds(
    "{}@{}.{}".format, st.text("aB1.-_+'&/=~,;:?\" ", max_size=70), st.text("aB1.-ä", max_size=70), st.text("oRg1-")
)
SEVERAL = ("victim@authority.test,attacker@evil.test", "ada@example.org; bo@example.org", "a@b.de c@d.de")
NONE = (
    *("a@[b.c", "a:;@b.c", "x:a@b.c,d@e.f;@g.h", "=?utf-8?q?=0aBcc:x@y.z?=@b.c", "m1@example.org>"),
    *("Ada <ada@example.org>", '"ada"@example.org', "ada(bo@example.org)@example.org", "ada@[127.0.0.1]"),
    *("ada", "ada@", "@example.org", "ada@example", "ada@127.0.0.1", "a..b@example.org", ".a@example.org"),
    *("ada.@example.org", "ada@-example.org", "ada@example-.org", "ada@example..org", "ada@example.org."),
    *("ädä@example.org", "ada@bücher.de", "ada@example.o\u0280g", "\u212aim@example.org", "ada@example.org\0", ""),
    *(f"{'a' * 65}@example.org", f"ada@{'b' * 64}.org", f"a@{'.'.join(['b' * 62] * 4)}.de"),
)
TAKEN = (
    *("ada@example.org", "a.b-c_d+e'f&g/h=i~j@mail.example.org", "1@2.de", "ada@xn--bcher-kva.xn--p1ai"),
    *(f"{'a' * 64}@example.org", f"ada@{'b' * 63}.org", f"a@{'.'.join(['b' * 62] * 3)}.{'b' * 60}.de"),
)


@settings(deadline=None, max_examples=500)
@given(st.one_of(st.lists(PIECES, max_size=12).map("".join), LIKELY, st.emails(), st.text(max_size=30)))
def test_whatever_is_taken_can_be_put_into_a_mail_and_is_that_one_recipient(typed: str) -> None:
    try:
        address = addresses.of(typed)
    except ValueError:
        return
    assert address == typed.strip().lower()
    message = EmailMessage()
    message["To"] = address
    assert extract_recipients(message) == [address]
    read = message_from_bytes(message.as_bytes(), policy=policy.default)
    assert [(name, str(value)) for name, value in read.items()] == [("To", address)]
    assert [one.addr_spec for one in read["To"].addresses] == [address]


@pytest.mark.parametrize("typed", NONE)
def test_what_is_none_is_refused_with_a_sentence(typed: str) -> None:
    with i18n.speaking("en"), pytest.raises(ValueError, match=r"^Please enter (an|one) e-mail address"):
        addresses.of(typed)


@pytest.mark.parametrize("typed", TAKEN)
def test_plain_addresses_are_taken_up_to_their_longest(typed: str) -> None:
    assert addresses.of(f"  {typed.upper()} ") == typed


def test_the_longest_address_has_254_characters() -> None:
    long = f"{'a' * 60}@{'.'.join(['b' * 62] * 3)}.de"
    assert len(long) == 252
    assert addresses.of(f"aa{long}") == f"aa{long}"
    with pytest.raises(ValueError, match="example"):
        addresses.of(f"aaa{long}")


@pytest.mark.parametrize("typed", SEVERAL)
async def test_several_recipients_in_one_field_are_refused_everywhere(votum: Votum, typed: str) -> None:
    one_only = "eine einzige E-Mail-Adresse"
    with pytest.raises(ValueError, match=one_only):
        addresses.of(typed)
    with pytest.raises(Invalid) as refused:
        await appointments.appoint(typed, "Landkreis Beispiel", at=clock.now())
    assert one_only in refused.value.fields["email"]
    answer = await registered(votum, typed)
    assert (answer.status_code, one_only in words(answer)) == (422, True)
    assert f'value="{typed}"' in answer.text


@pytest.mark.parametrize("typed", NONE[:5])
async def test_no_address_that_stops_the_mail_of_others_gets_in(votum: Votum, typed: str) -> None:
    answer = await registered(votum, typed)
    assert (answer.status_code, "E-Mail-Adresse ein" in words(answer)) == (422, True)
    with pytest.raises(Invalid):
        await appointments.appoint(typed, "Landkreis Beispiel", at=clock.now())
    assert faults_after(put("organisations.0.contact", typed)) == [
        ("organisations[0].contact", f"expected an e-mail address, found {typed!r}")
    ]
    assert await database.value("SELECT count(*) FROM person") == 0


async def registered(votum: Votum, email: str):
    entered = {"name": "Bo", "password": "viele kleine gelbe Enten", "organisation": "Werkhof", "legal_form": "other"}
    browser = await votum.stranger("de")
    return await browser.send_form("/register", email=email, privacy="1", **entered)
