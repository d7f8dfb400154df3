"""Every route in one written table: who gets what. A new route without a row is red."""

import re
from typing import NamedTuple
from urllib.parse import quote

import httpx
from litestar.routes import HTTPRoute

from app import clock, database
from app.domain import appointments
from app.domain.rating_schemes.drafts import Target
from app.main import create_app
from tests import open_call
from tests.rating_call import SCHEME, RatingCall, rating_call
from tests.world import Votum

EVERYBODY = ("visitor", "una", "rob", "pia", "bo", "ada", "eve", "cleo", "ivo")
SIGNED_IN = EVERYBODY[1:]
LED = ("eve", "cleo")  # the chair and the office
RANDOM = {"key": "no-such-call", "proposal_key": "P99", "proposal_id": "987654", "organisation_id": "987654"}
RANDOM |= {
    "programme": "no-such-programme",
    "sha256": "0" * 64,
    "authority": "987654",
    "appointment": "987654",
    "assignment": "987654",
    "conflict": "987654",
    "closing_id": "987654",
    "draft_id": "987654",
    "form_id": "987654",
    "number": "987654",
    "name": "nothing.csv",
}


class Row(NamedTuple):
    """One route: its policy, for whom it exists, and what they get (of a form: what an empty one gets).

    led_on: who gets a redirect instead.
    """

    method: str
    path: str
    policy: str
    who: tuple[str, ...]
    status: int
    led_on: tuple[str, ...] = ()


TABLE = [
    Row("GET", "/", "public", EVERYBODY, 200),
    Row("GET", "/{name:str}", "public", EVERYBODY, 200),
    Row("GET", "/design", "demo", EVERYBODY, 200),
    Row("GET", "/design/questions", "demo", EVERYBODY, 200),
    Row("POST", "/design/questions", "demo", EVERYBODY, 422),
    Row("POST", "/design/questions/rows", "demo", EVERYBODY, 200),
    Row("POST", "/design/questions/live", "demo", EVERYBODY, 200),
    Row("GET", "/health/live", "public", EVERYBODY, 200),
    Row("GET", "/health/ready", "public", EVERYBODY, 200),
    Row("POST", "/language/{code:str}", "public", EVERYBODY, 303),
    Row("GET", "/schemas/form-1.json", "public", EVERYBODY, 200),
    Row("GET", "/schemas/rating-scheme-1.json", "public", EVERYBODY, 200),
    Row("GET", "/schemas/competition-1.json", "public", EVERYBODY, 200),
    # signing in
    Row("GET", "/sign-in", "public", EVERYBODY, 200),
    Row("POST", "/sign-in", "public", EVERYBODY, 422),
    Row("POST", "/demo/sign-in/{person_id:int}", "demo", EVERYBODY, 303),
    Row("POST", "/sign-out", "signed_in", SIGNED_IN, 303),
    Row("GET", "/register", "public", EVERYBODY, 200),
    Row("POST", "/register", "public", EVERYBODY, 422),
    Row("GET", "/register/sent", "public", EVERYBODY, 200),
    Row("GET", "/confirmation/{token:str}", "public", EVERYBODY, 200),
    Row("POST", "/confirmation/{token:str}", "public", EVERYBODY, 422),
    Row("GET", "/password", "public", EVERYBODY, 200),
    Row("POST", "/password", "public", EVERYBODY, 422),
    Row("GET", "/password/{token:str}", "public", EVERYBODY, 200),
    Row("POST", "/password/{token:str}", "public", EVERYBODY, 422),
    # the desk
    Row("GET", "/desk", "signed_in", SIGNED_IN, 200),
    Row("GET", "/desk/outbox", "demo", EVERYBODY, 200),
    # organisations and their proposals
    Row("GET", "/organisations", "signed_in", SIGNED_IN, 200, led_on=("una", "bo")),  # to their only one
    Row("GET", "/organisations/new", "signed_in", SIGNED_IN, 200),
    Row("POST", "/organisations/new", "signed_in", SIGNED_IN, 422),
    Row("GET", "/organisations/{organisation_id:int}", "signed_in", ("bo",), 200),
    Row("POST", "/organisations/{organisation_id:int}", "signed_in", ("bo",), 422),
    Row("POST", "/organisations/{organisation_id:int}/members", "signed_in", ("bo",), 422),
    Row("GET", "/organisations/joining/{token:str}", "public", EVERYBODY, 404),
    Row("POST", "/organisations/joining/{token:str}", "public", EVERYBODY, 404),
    Row("GET", "/calls/{key:str}/form", "public", EVERYBODY, 200),
    Row("GET", "/calls/{key:str}/form.pdf", "public", EVERYBODY, 200),
    Row("GET", "/calls/{key:str}/proposals/new", "signed_in", SIGNED_IN, 200),
    Row("POST", "/calls/{key:str}/proposals/new", "signed_in", SIGNED_IN, 422),
    Row("GET", "/proposals/{proposal_id:int}", "signed_in", ("bo",), 200),
    Row("GET", "/proposals/{proposal_id:int}/edit", "signed_in", ("bo",), 303),
    Row("POST", "/proposals/{proposal_id:int}/edit", "signed_in", ("bo",), 422),
    Row("POST", "/proposals/{proposal_id:int}/totals", "signed_in", ("bo",), 200),
    Row("POST", "/proposals/{proposal_id:int}/submission", "signed_in", ("bo",), 303),  # the receipt it has
    Row("GET", "/proposals/{proposal_id:int}/receipt", "signed_in", ("bo",), 200),
    Row("GET", "/proposals/{proposal_id:int}/receipt.json", "signed_in", ("bo",), 200),
    Row("GET", "/proposals/{proposal_id:int}/receipt.pdf", "signed_in", ("bo",), 200),
    Row("POST", "/proposals/{proposal_id:int}/copy", "signed_in", ("bo",), 403),
    Row("POST", "/proposals/{proposal_id:int}/removal", "signed_in", ("bo",), 403),
    # the committee
    Row("GET", "/assignments/{assignment:int}", "signed_in", ("ada",), 200),
    Row("POST", "/assignments/{assignment:int}/scores/{criterion:str}", "signed_in", ("ada",), 303),
    Row("POST", "/assignments/{assignment:int}/review", "signed_in", ("ada",), 422),
    Row("POST", "/assignments/{assignment:int}/reopening", "signed_in", ("ada",), 422),
    Row("GET", "/assignments/{assignment:int}/conflict", "signed_in", ("ada",), 200),
    Row("POST", "/assignments/{assignment:int}/conflict", "signed_in", ("ada",), 422),
    Row("GET", "/calls/{key:str}/committee", "signed_in", LED, 200),
    Row("GET", "/calls/{key:str}/conflicts", "signed_in", LED, 200),
    Row("GET", "/calls/{key:str}/conflicts/{conflict:int}", "signed_in", LED, 200),
    Row("POST", "/calls/{key:str}/conflicts/{conflict:int}", "signed_in", LED, 422),
    Row("GET", "/calls/{key:str}/closings/{closing_id:int}", "signed_in", LED, 200),
    Row("POST", "/calls/{key:str}/closings/{closing_id:int}", "signed_in", LED, 422),
    Row("GET", "/calls/{key:str}/rating-closure", "signed_in", ("eve",), 200),
    # the office
    Row("GET", "/authorities/{authority:int}", "signed_in", ("cleo",), 200),
    Row("GET", "/authorities/{authority:int}/names", "signed_in", ("cleo",), 200),
    Row("POST", "/authorities/{authority:int}/names", "signed_in", ("cleo",), 422),
    Row("GET", "/authorities/{authority:int}/duties", "signed_in", ("cleo",), 200),
    Row("POST", "/authorities/{authority:int}/duties", "signed_in", ("cleo",), 303),
    Row("GET", "/authorities/{authority:int}/look", "signed_in", ("cleo",), 200),
    Row("POST", "/authorities/{authority:int}/look", "signed_in", ("cleo",), 303),
    Row("GET", "/arms/{name:str}", "public", EVERYBODY, 404),
    Row("GET", "/authorities/{authority:int}/release", "signed_in", ("cleo",), 200),
    Row("POST", "/authorities/{authority:int}/release", "signed_in", ("cleo",), 422),
    Row("GET", "/authorities/{authority:int}/administrators", "signed_in", ("cleo",), 200),
    Row("POST", "/authorities/{authority:int}/administrators", "signed_in", ("cleo",), 422),
    Row(
        "POST",
        "/authorities/{authority:int}/administrators/{person_id:int}/dismissal",
        "signed_in",
        ("cleo",),
        404,  # Dan administers nothing
    ),
    Row(
        "POST",
        "/authorities/{authority:int}/appointments/{appointment:int}/withdrawal",
        "signed_in",
        ("cleo",),
        303,
    ),
    Row("GET", "/appointments/{token:str}", "public", EVERYBODY, 404),
    Row("POST", "/appointments/{token:str}", "public", EVERYBODY, 404),
    # the installation
    Row("GET", "/installation", "signed_in", ("ivo",), 200),
    Row("GET", "/installation/authorities/new", "signed_in", ("ivo",), 200),
    Row("POST", "/installation/authorities/new", "signed_in", ("ivo",), 422),
    Row("GET", "/installation/authorities/{authority:int}", "signed_in", ("ivo",), 200),
    Row("POST", "/installation/authorities/{authority:int}/administrators", "signed_in", ("ivo",), 422),
    Row("POST", "/installation/authorities/{authority:int}/retirement", "signed_in", ("ivo",), 422),
    Row("GET", "/installation/administrators", "signed_in", ("ivo",), 200),
    Row("POST", "/installation/administrators", "signed_in", ("ivo",), 422),
    Row("POST", "/installation/administrators/{person_id:int}/dismissal", "signed_in", ("ivo",), 404),
    Row("POST", "/installation/appointments/{appointment:int}/withdrawal", "signed_in", ("ivo",), 404),
    Row("GET", "/programmes/ours", "signed_in", ("cleo", "pia"), 200),
    Row("GET", "/programmes/new", "signed_in", ("cleo", "pia"), 200),
    Row("POST", "/programmes/new", "signed_in", ("cleo", "pia"), 422),
    Row("GET", "/programmes/{programme:str}/edit", "signed_in", ("cleo",), 200),
    Row("GET", "/programmes/{programme:str}/edit/{section:str}", "signed_in", ("cleo",), 200),
    Row("POST", "/programmes/{programme:str}/edit/{section:str}", "signed_in", ("cleo",), 422),
    Row("POST", "/programmes/{programme:str}/images", "signed_in", ("cleo",), 422),
    Row("GET", "/programmes/{programme:str}/preview", "signed_in", ("cleo",), 200),
    Row("GET", "/programmes/{programme:str}/versions/{number:int}", "signed_in", ("cleo",), 200),
    Row("POST", "/programmes/{programme:str}/publication", "signed_in", ("cleo",), 403),
    Row("GET", "/calls/new", "signed_in", ("cleo", "pia"), 200),
    Row("POST", "/calls/new", "signed_in", ("cleo", "pia"), 422),
    Row("GET", "/calls/{key:str}/edit/{part:str}", "signed_in", ("cleo",), 200),
    Row("POST", "/calls/{key:str}/edit/{part:str}", "signed_in", ("cleo",), 422),
    Row("POST", "/calls/{key:str}/line", "signed_in", ("cleo",), 200),
    Row("GET", "/calls/{key:str}/check", "signed_in", ("cleo",), 200),
    Row("GET", "/calls/{key:str}/preview", "signed_in", ("cleo",), 200),
    Row("POST", "/calls/{key:str}/handover", "signed_in", ("cleo",), 403),
    Row("POST", "/calls/{key:str}/return", "signed_in", ("cleo",), 422),
    Row("POST", "/calls/{key:str}/discard", "signed_in", ("cleo",), 403),
    Row("GET", "/calls/{key:str}/office", "signed_in", ("cleo",), 200),
    Row("GET", "/calls/{key:str}/scheme", "signed_in", ("cleo",), 200),
    Row("POST", "/calls/{key:str}/scheme", "signed_in", ("cleo",), 422),
    Row("GET", "/schemes", "signed_in", ("cleo", "pia"), 200),
    Row("POST", "/schemes", "signed_in", ("cleo", "pia"), 303),
    Row("POST", "/schemes/import", "signed_in", ("cleo", "pia"), 422),
    Row("GET", "/schemes/{draft_id:int}/file", "signed_in", ("cleo",), 200),
    Row("GET", "/schemes/{draft_id:int}/import", "signed_in", ("cleo",), 200),
    Row("POST", "/schemes/{draft_id:int}/import", "signed_in", ("cleo",), 422),
    Row("GET", "/schemes/{draft_id:int}", "signed_in", ("cleo",), 200),
    Row("GET", "/schemes/{draft_id:int}/steps/{step:str}", "signed_in", ("cleo",), 200),
    Row("POST", "/schemes/{draft_id:int}/steps/{step:str}", "signed_in", ("cleo",), 409),  # no version was sent
    Row("GET", "/schemes/{draft_id:int}/criteria/{number:int}", "signed_in", ("cleo",), 200),
    Row("POST", "/schemes/{draft_id:int}/criteria/{number:int}", "signed_in", ("cleo",), 409),
    Row("POST", "/schemes/{draft_id:int}/weights", "signed_in", ("cleo",), 200),
    Row("GET", "/schemes/{draft_id:int}/sheet", "signed_in", ("cleo",), 200),
    Row("POST", "/schemes/{draft_id:int}/sheet", "signed_in", ("cleo",), 303),
    Row("GET", "/schemes/{draft_id:int}/dry-run", "signed_in", ("cleo",), 200),
    Row("POST", "/schemes/{draft_id:int}/use", "signed_in", ("cleo",), 403),  # its call is public
    Row("GET", "/forms", "signed_in", ("cleo", "pia"), 200),
    Row("POST", "/forms", "signed_in", ("cleo", "pia"), 303),
    Row("GET", "/forms/{form_id:int}", "signed_in", ("cleo",), 200),
    Row("POST", "/forms/{form_id:int}", "signed_in", ("cleo",), 409),  # not what the page showed
    Row("GET", "/forms/{form_id:int}/parts/{name:str}", "signed_in", (), 404),  # no part has that name
    Row("POST", "/forms/{form_id:int}/parts/{name:str}", "signed_in", (), 404),
    Row("GET", "/forms/{form_id:int}/sections/{number:int}", "signed_in", ("cleo",), 200),
    Row("POST", "/forms/{form_id:int}/sections/{number:int}", "signed_in", ("cleo",), 409),
    Row("GET", "/forms/{form_id:int}/questions/{number:int}", "signed_in", ("cleo",), 200),
    Row("POST", "/forms/{form_id:int}/questions/{number:int}", "signed_in", ("cleo",), 409),
    Row("POST", "/forms/{form_id:int}/questions/{number:int}/preview", "signed_in", ("cleo",), 200),
    Row("GET", "/forms/{form_id:int}/preview", "signed_in", ("cleo",), 200),
    Row("GET", "/forms/{form_id:int}/blocks", "signed_in", ("cleo",), 200),
    Row("POST", "/forms/{form_id:int}/blocks", "signed_in", ("cleo",), 422),
    Row("GET", "/forms/{form_id:int}/file", "signed_in", ("cleo",), 200),
    Row("GET", "/forms/{form_id:int}/import", "signed_in", ("cleo",), 200),
    Row("POST", "/forms/{form_id:int}/import", "signed_in", ("cleo",), 422),
    Row("POST", "/forms/{form_id:int}/import/taking", "signed_in", (), 404),  # no file lies beside it
    Row("POST", "/forms/{form_id:int}/use", "signed_in", ("cleo",), 403),  # its call is public
    Row("GET", "/calls/{key:str}/committee/members", "signed_in", ("cleo",), 200),
    Row("POST", "/calls/{key:str}/committee/members", "signed_in", ("cleo",), 422),
    Row("GET", "/invitations/{token:str}", "public", EVERYBODY, 404),
    Row("POST", "/invitations/{token:str}", "public", EVERYBODY, 404),
    Row("POST", "/calls/{key:str}/publication", "signed_in", ("cleo",), 409),
    Row("GET", "/calls/{key:str}/intake", "signed_in", ("cleo",), 200),
    Row("GET", "/calls/{key:str}/intake/{proposal_key:str}", "signed_in", ("cleo",), 200),
    Row("POST", "/calls/{key:str}/intake/{proposal_key:str}/formal-decision", "signed_in", ("cleo",), 303),
    Row("POST", "/calls/{key:str}/intake/{proposal_key:str}/cure-request", "signed_in", ("cleo",), 422),
    Row("POST", "/calls/{key:str}/intake/{proposal_key:str}/cure-answer", "signed_in", ("cleo",), 422),
    Row("GET", "/calls/{key:str}/ranking", "signed_in", ("cleo",), 200),
    Row("GET", "/calls/{key:str}/rankings/{number:int}", "signed_in", ("cleo",), 200),
    Row("GET", "/calls/{key:str}/recommendations/{proposal_key:str}", "signed_in", ("cleo",), 200),
    Row("POST", "/calls/{key:str}/recommendations/{proposal_key:str}", "signed_in", ("cleo",), 303),
    Row("GET", "/calls/{key:str}/exports/{name:str}", "signed_in", ("cleo",), 200),
    # the public
    Row("GET", "/calls", "public", EVERYBODY, 200),
    Row("GET", "/calls/{key:str}", "public", EVERYBODY, 200),
    Row("GET", "/calls/{key:str}/versions/{number:int}", "public", EVERYBODY, 404),
    Row("GET", "/calls/{key:str}/calendar.ics", "public", EVERYBODY, 200),
    Row("GET", "/calls.atom", "public", EVERYBODY, 200),
    Row("GET", "/programmes", "public", EVERYBODY, 200),
    Row("GET", "/programmes/{programme:str}", "public", EVERYBODY, 200),
    Row("GET", "/programmes/{programme:str}/facts.json", "public", EVERYBODY, 200),
    Row("GET", "/programmes/{programme:str}/facts.csv", "public", EVERYBODY, 200),
    Row("GET", "/programmes/{programme:str}/images/{sha256:str}", "public", EVERYBODY, 404),
    # what ends something comes last
    Row("POST", "/schemes/{draft_id:int}/removal", "signed_in", ("cleo",), 303),
    Row("POST", "/forms/{form_id:int}/removal", "signed_in", ("cleo",), 303),
    Row("POST", "/proposals/{proposal_id:int}/withdrawal", "signed_in", ("bo",), 409),  # the list is frozen
    Row("POST", "/calls/{key:str}/rating-closure", "signed_in", ("eve",), 303),
    Row("POST", "/calls/{key:str}/freeze", "signed_in", ("cleo",), 303),
    Row("POST", "/calls/{key:str}/result", "signed_in", ("cleo",), 303),
]


def addresses(routes: list[Row]) -> dict[tuple[str, str], str]:
    return {(row.method, row.path): row.policy for row in routes}


def test_the_table_names_every_route_and_its_policy() -> None:
    found = {}
    for route in create_app().routes:
        for handler in route.route_handlers if isinstance(route, HTTPRoute) else []:
            methods = getattr(handler, "http_methods", set()) - {"OPTIONS"}
            found |= {(method, route.path): handler.opt["policy"] for method in methods}
    assert addresses(TABLE) == found
    assert len(addresses(TABLE)) == len(TABLE)


async def settled(votum: Votum) -> tuple[RatingCall, dict[str, str]]:
    """A call in rating, its list frozen, with a conflict and a partner; and what each name in a path is."""
    call = await rating_call(votum)
    now = clock.now()
    await open_call.organisation(await votum.person("una@example.org"), "Unabhängige e. V.")
    await open_call.organisation(await votum.person("finn@example.org"), "Finns Verein")
    pia = await votum.person("pia@example.org")
    async with database.write_transaction():
        conflict = await database.value(
            "INSERT INTO conflict (member, proposal, ground, declared_at)"
            " VALUES ($1, $2, 'employment', $3) RETURNING id",
            call.members["Finn"],
            call.proposals["P03"],
            now,
        )
        await database.rows("INSERT INTO partner (proposal, name) VALUES ($1, 'Finns Verein')", call.proposals["P02"])
        authority = await database.value("INSERT INTO authority (name) VALUES ('Landkreis Nebenan') RETURNING id")
        await database.rows(
            "INSERT INTO administration (person, authority, since) VALUES ($1, $2, $3)",
            pia,
            authority,
            now,
        )
    await appointments.appoint("ivo@example.org", None, at=now)
    return call, await filled(votum, call, conflict, authority)


async def filled(votum: Votum, call: RatingCall, conflict: int, authority: int) -> dict[str, str]:
    """The second call, of another authority, in which Rob rates; and the names in paths."""
    from app.domain import calls, rankings, recommendations

    second = await open_call.call("second")
    rob, cleo = await votum.person("rob@example.org"), await votum.person("cleo@example.org")
    async with database.write_transaction():
        await database.rows("UPDATE call SET authority = $2 WHERE id = $1", second, authority)
        committee = await database.value("SELECT id FROM committee WHERE call = $1", second)
        await database.rows(
            "INSERT INTO member (committee, person, key, role, since) VALUES ($1, $2, 'M1', 'voting', $3)",
            committee,
            rob,
            clock.now(),
        )
    row = await calls.run_by(cleo, call.key)
    ranking = await rankings.compute(row)
    async with database.write_transaction():
        await recommendations.keep_frozen(row, ranking, "a test", by=cleo, at=clock.now())
    bo = await votum.person("bo@example.org")
    return {
        "key": call.key,
        "programme": await programme(await database.value("SELECT authority FROM call WHERE key = 'rating'"), cleo),
        "section": "name",
        "sha256": "0" * 64,
        "proposal_key": "P01",
        "proposal_id": str(call.proposals["P01"]),
        "organisation_id": str(await database.value("SELECT organisation FROM membership WHERE person = $1", bo)),
        "authority": str(await database.value("SELECT authority FROM call WHERE key = 'rating'")),
        "appointment": str(await asked_to_help(votum)),
        "assignment": str(await call.assignment("Ada", "P02")),
        "criterion": "need",
        "conflict": str(conflict),
        "closing_id": str(await call.assignment("Finn", "P02")),
        "number": "1",
        "draft_id": str(await scheme_draft(call.id, cleo)),
        "form_id": str(await form_draft(call.id, cleo)),
        "step": "name",
        "part": "text",
        "name": "ranking.csv",
        "token": "no-such-token",
        "code": "en",
        "person_id": str(await votum.person("dan@example.org")),
    }


async def programme(authority: int, by: int) -> str:
    """A published programme of the authority."""
    from app.domain.programmes import facts, making

    known = facts.Facts(title_de="Programm", as_of=clock.today())
    async with database.write_transaction():
        new = await making.keep("programm", authority, known, "programme.created", by=by, at=clock.now())
        await making.keep_published(new, authority, known, by=by, at=clock.now())
    return "programm"


async def scheme_draft(call: int, by: int) -> int:
    """A draft of the rating scheme of Cleo's call."""
    from app.domain.rating_schemes import drafts

    return await drafts.start(await target(call), SCHEME, by=by, at=clock.now())


async def form_draft(call: int, by: int) -> int:
    """A draft of the form of Cleo's call."""
    from app.domain.form_drafts import drafts

    return await drafts.start(await target(call), drafts.BLANK, by=by, at=clock.now())


async def target(call: int) -> Target:
    """For whom Cleo's drafts are written."""
    found = await database.row(
        "SELECT c.*, a.name FROM call c JOIN authority a ON a.id = c.authority WHERE c.id = $1", call
    )
    assert found
    return Target(
        authority=found["authority"],
        authority_name=found["name"],
        call=call,
        call_key=found["key"],
        title_de=found["title_de"],
        title_en="",
    )


async def asked_to_help(votum: Votum) -> int:
    """Cleo asks Finn to administer with her."""
    authority = await database.value("SELECT authority FROM call WHERE key = 'rating'")
    cleo = await votum.person("cleo@example.org")
    await appointments.invite(authority, "Finn", "finn@example.org", by=cleo, at=clock.now())
    return int(await database.value("SELECT id FROM appointment"))


def at(path: str, names: dict[str, str]) -> str:
    """The address of a route with these names."""
    if path == "/{name:str}":
        return "/imprint"
    return re.sub(r"\{(\w+):\w+\}", lambda found: names[found[1]], path)


async def asked(votum: Votum, who: str, method: str, path: str) -> httpx.Response:
    """What somebody gets, each time in a new window; a form is sent empty."""
    browser = await votum.stranger() if who == "visitor" else await votum.signed_in(f"{who}@example.org")
    data = {"csrf_token": browser.token} if method == "POST" else None
    return await browser.request(method, path, data=data)


async def test_nobody_gets_what_is_for_others_and_cannot_tell_it_from_what_does_not_exist(votum: Votum) -> None:
    _, names = await settled(votum)
    wrong = []
    for row in TABLE:
        for who in EVERYBODY:
            if who not in row.who:
                wrong += [(row.method, row.path, who, fault) for fault in await refusal(votum, row, names, who)]
    assert wrong == []


async def refusal(votum: Votum, row: Row, names: dict[str, str], who: str) -> list[str]:
    """What is wrong with how somebody is kept out."""
    path = at(row.path, names)
    before = await written()
    answer = await asked(votum, who, row.method, path)
    if await written() != before + (who != "visitor"):  # the session that just started
        return ["something was written"]
    if who == "visitor":
        led = answer.headers.get("location", "").startswith("/sign-in?next=")
        told = 'href="/sign-in?next=' in answer.text  # who pressed a button reads that it was not carried out
        kept_out = (answer.status_code == 401 and told) if row.method == "POST" else (answer.status_code == 303 and led)
        return [] if kept_out else [f"{answer.status_code} for a visitor"]
    if "{" not in row.path:
        return [] if answer.status_code == 404 else [f"{answer.status_code}"]
    elsewhere = at(row.path, {**names, **RANDOM})
    nothing = await asked(votum, who, row.method, elsewhere)
    same = plain(answer, path) == plain(nothing, elsewhere)
    found = [] if answer.status_code == nothing.status_code == 404 else [f"{answer.status_code}"]
    return found if same else [*found, "differs from what does not exist"]


def plain(answer: httpx.Response, path: str) -> str:
    """The page without its own address and the form token."""
    text = re.sub(r"[0-9a-f]{64}", "token", answer.text)
    return text.replace(quote(path), "").replace(quote(path, safe=""), "")


async def written() -> int:
    return int(await database.value("SELECT count(*) FROM audit_entry"))


async def test_everybody_gets_what_the_table_says(votum: Votum) -> None:
    _, names = await settled(votum)
    wrong = []
    for row in TABLE:
        for who in row.who:
            status = (await asked(votum, who, row.method, at(row.path, names))).status_code
            right = 303 if who in row.led_on else row.status
            wrong += [(row.method, row.path, who, status)] if status != right else []
    assert wrong == []


async def test_a_proposal_of_another_call_cannot_be_reached_through_the_own_call(votum: Votum) -> None:
    await settled(votum)
    await database.rows("UPDATE call SET deadline = now() WHERE key = 'second'")  # else it is sealed
    for path in ("intake/P01", "recommendations/P01", "rankings/1"):
        assert (await asked(votum, "pia", "GET", f"/calls/second/{path}")).status_code == 404
        assert (await asked(votum, "cleo", "GET", f"/calls/rating/{path}")).status_code == 200


READ_BY_THE_CHAIR = ("ranking", "rankings/1", "recommendations/P01")


async def test_after_the_closing_the_chair_reads_the_ranking_and_nobody_else_beside_the_office(votum: Votum) -> None:
    await settled(votum)
    assert (await asked(votum, "eve", "POST", "/calls/rating/rating-closure")).status_code == 303
    wrong = []
    for path in READ_BY_THE_CHAIR:
        for who in SIGNED_IN:
            status = (await asked(votum, who, "GET", f"/calls/rating/{path}")).status_code
            wrong += [(path, who, status)] if status != (200 if who in LED else 404) else []
    assert wrong == []


async def test_while_the_call_is_open_the_office_is_refused_in_words_what_the_table_gives_it(votum: Votum) -> None:
    _, names = await settled(votum)
    async with database.write_transaction():
        await database.rows("UPDATE call SET deadline = now() + interval '1 day' WHERE key = 'rating'")
    for row in TABLE:
        if any(
            part in row.path for part in ("/intake/", "/ranking", "/recommendations", "/exports", "/freeze", "/result")
        ):
            answer = await asked(votum, "cleo", row.method, at(row.path, names))
            assert (row.path, answer.status_code) == (row.path, 403)
            assert "The proposals open at the deadline" in answer.text
