"""What a call asks can be read by everybody before they begin: on a page, and as PDF."""

import io

from pypdf import PdfReader

from app import clock, database
from app.domain import forms
from app.papers import questions
from tests import open_call
from tests.world import Votum, words


async def asking(key: str) -> None:
    """The open call asks what a form that comes with Votum asks."""
    call = await open_call.call()
    authority = await database.value("SELECT authority FROM call WHERE id = $1", call)
    async with database.write_transaction():
        form = await forms.keep(forms.shipped(key), authority, by=None, at=clock.now())
    await database.rows("UPDATE call SET form = $2 WHERE id = $1", call, form)


async def test_a_visitor_reads_every_question_with_its_help_condition_and_what_there_is_to_choose(votum: Votum) -> None:
    await asking("jobcoach-werkstatt")
    with votum.counted() as seen:
        page = words(await votum.browser().get("/calls/arbeit/form"))
    assert len(seen) <= 2  # the call, and its form once a process
    form = forms.shipped("jobcoach-werkstatt")
    for question in form.questions:
        assert question.label("en") in page
        for option in getattr(question.answer, "options", ()):
            assert option.label("en") in page
    assert "Only if the answer to" in page


async def test_the_bounds_that_the_call_sets_stand_beside_the_question(votum: Votum) -> None:
    await asking("auental-2017")
    await database.rows("UPDATE call SET months_max = 24")
    assert "at most 24 months" in words(await votum.browser().get("/calls/arbeit/form"))


async def test_the_page_of_the_call_names_the_sections_and_leads_to_the_questions(votum: Votum) -> None:
    await asking("leader-projekt")
    answer = await votum.browser().get("/calls/arbeit")
    assert all(section.title("en") in words(answer) for section in forms.shipped("leader-projekt").sections)
    assert 'href="/calls/arbeit/form"' in answer.text


async def test_the_questions_can_be_taken_along_as_pdf(votum: Votum) -> None:
    await asking("leader-projekt")
    answer = await votum.browser().get("/calls/arbeit/form.pdf")
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    squeezed = "".join(text.split())
    for question in forms.shipped("leader-projekt").questions:
        assert "".join(question.label("en").split()) in squeezed
    assert answer.content == (await votum.browser().get("/calls/arbeit/form.pdf")).content


async def test_a_draft_and_a_call_without_a_form_ask_nothing_in_public(votum: Votum) -> None:
    await open_call.call()
    await open_call.call("ohne", form=None)
    assert [(await votum.browser().get(f"/calls/{key}/form")).status_code for key in ("arbeit", "ohne")] == [200, 404]
    await database.rows("DELETE FROM call_publication")
    assert (await votum.browser().get("/calls/arbeit/form.pdf")).status_code == 404


def test_every_kind_of_answer_is_said_in_words() -> None:
    for key in list(forms.keys()):
        for part in questions.parts(forms.shipped(key), None, {}):
            for one in part.asked:
                assert one.how or one.listed
