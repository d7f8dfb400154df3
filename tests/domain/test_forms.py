"""Forms of calls: kept as documents that never change; what 0.1.0 asked is a form as well."""

from pathlib import Path

import pytest

from app import clock, database
from app import forms as grammar
from app.domain import forms
from app.errors import Invalid, NotFound
from tests import open_call
from tests.world import Votum

ASKED = Path(__file__).parents[2] / "migrations" / "auental_2017.json"


async def kept(form: grammar.Form, authority: int) -> int:
    async with database.write_transaction():
        return await forms.keep(form, authority, by=None, at=clock.now())


def test_what_the_migration_gives_to_old_calls_is_the_form_that_comes_with_votum() -> None:
    assert ASKED.read_text() == grammar.canonical(forms.shipped(forms.FIRST)) + "\n"


async def test_the_same_form_is_kept_once_and_another_text_is_another_form(votum: Votum) -> None:
    await open_call.call()
    authority = await database.value("SELECT id FROM authority")
    first = await kept(forms.shipped("leader-projekt"), authority)
    assert await kept(forms.shipped("leader-projekt"), authority) == first
    document = {**forms.shipped("leader-projekt").document, "key": "leader-2027"}
    assert await kept(grammar.of_document(document), authority) != first
    assert (
        await database.value("SELECT count(*) FROM audit_entry WHERE action = 'form.kept'") == 3
    )  # with the call's own
    found = await forms.of(first)
    assert found.sha256 == grammar.fingerprint(found.content) == grammar.fingerprint(forms.shipped("leader-projekt"))
    assert [one.key for one in await forms.used_by(authority)] == ["leader-2027", "leader-projekt", "auental-2017"]


async def test_a_form_that_is_not_there_is_not_found(votum: Votum) -> None:
    for number in (None, 10**6):
        with pytest.raises(NotFound):
            await forms.of(number)
    with pytest.raises(NotFound):
        forms.shipped("../auental")


def test_an_uploaded_form_is_refused_with_every_fault_and_every_example_that_differs() -> None:
    text = grammar.as_yaml(forms.shipped("leader-projekt"))
    assert forms.read(text.encode()) == forms.shipped("leader-projekt")
    with pytest.raises(Invalid) as refused:
        forms.read(text.replace("type: long_text", "type: novel").encode())
    assert "novel" in refused.value.fields["form"]
    with pytest.raises(Invalid) as refused:
        forms.read(text.replace("missing", "too_long").encode())
    assert "gives another value" in refused.value.fields["form"] or "anderen Wert" in refused.value.fields["form"]
