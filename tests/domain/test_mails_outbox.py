"""The outbox: an operator sees what has not gone out, and lets go what a restore holds."""

import json
from datetime import timedelta

from app import clock, database
from app.commands.mailing import age
from app.domain import people
from app.operations import invariants
from app.records import audit
from app.records.mails import outbox
from tests.domain.commands import votum_command
from tests.domain.test_mails_sending import all_sent, office, time_passes, written  # noqa: F401
from tests.world import Votum


async def held_after_a_restore(votum: Votum) -> None:
    """A receipt that is still of use, and a link that the restore has ended."""
    await votum.person("ada@example.org")
    await people.ask_for_new_password("ada@example.org", at=clock.now())
    await written("bo@example.org")
    await database.rows("DELETE FROM email_token")
    await database.rows("UPDATE mail SET held = true")


async def test_what_is_held_goes_out_but_a_mail_whose_link_is_dead_stays_and_is_named(votum: Votum, office) -> None:  # noqa: F811
    await held_after_a_restore(votum)
    await all_sent()
    assert office.taken == []
    found = await outbox.release()
    assert [mail.recipient for mail in found.mails] == ["bo@example.org"]
    assert [mail.recipient for mail in found.kept] == ["ada@example.org"]
    await all_sent()
    assert office.recipients == ["bo@example.org"]
    assert [(row.recipient, row.state) for row in await outbox.unsent()] == [("ada@example.org", "held")]


async def test_a_link_that_still_opens_something_goes_out(votum: Votum, office) -> None:  # noqa: F811
    await votum.person("ada@example.org")
    await people.ask_for_new_password("ada@example.org", at=clock.now())
    await database.rows("UPDATE mail SET held = true")
    assert len((await outbox.release()).mails) == 1
    await all_sent()
    assert office.recipients == ["ada@example.org"]


async def test_releasing_stands_in_the_trail_and_nothing_to_release_does_not(votum: Votum) -> None:
    await outbox.release()
    assert ((await audit.heads())[0][0]) == 0
    await held_after_a_restore(votum)
    kept, released = [row.id for row in await outbox.unsent()]
    before = (await audit.heads())[0][0]
    await outbox.release()
    entry = await database.row("SELECT * FROM audit_entry ORDER BY seq DESC LIMIT 1")
    assert entry is not None
    assert (entry["seq"], entry["actor"], entry["action"]) == (before + 1, "votum mails release", "mails.released")
    detail = json.loads(entry["detail"])
    assert (detail["released"], detail["kept"]) == ([released], [kept])
    assert await invariants.broken() == []


async def test_what_was_given_up_goes_out_again_only_when_asked_for(votum: Votum, office) -> None:  # noqa: F811
    await written("bo@example.org")
    await database.rows("UPDATE mail SET given_up_at = now(), refusals = 10, attempts = 10, due_at = now()")
    assert (await outbox.release()).mails == []
    await all_sent()
    assert office.taken == []
    assert len((await outbox.release(given_up=True)).mails) == 1
    await all_sent()
    assert office.recipients == ["bo@example.org"]


async def test_an_operator_lists_what_waits_is_held_or_given_up_and_reads_no_mail(votum: Votum, office) -> None:  # noqa: F811
    office.at_the_name["ada@example.org"] = "451 try again later"
    await written("ada@example.org", "bo@example.org", "dan@example.org", "eve@example.org")
    await all_sent()
    await database.rows("UPDATE mail SET sent_at = NULL WHERE recipient <> 'eve@example.org'")
    await database.rows("UPDATE mail SET held = true, at = now() - interval '50 hours' WHERE recipient ~ 'bo'")
    await database.rows(
        "UPDATE mail SET given_up_at = now(), at = now() - interval '90 minutes' WHERE recipient ~ 'dan'"
    )
    answer = await votum_command("mails", "list", dsn=votum.dsn)
    waiting, held, given_up = (line.split("\t") for line in answer.out.splitlines())
    assert waiting == ["1", "waiting", "ada@example.org", "0 min", "1 tries", "ConnectionError: 451 try again later"]
    assert held == ["2", "held", "bo@example.org", "2 d", "1 tries"]
    assert given_up == ["3", "given up", "dan@example.org", "1 h", "1 tries"]
    assert (answer.code, answer.err) == (0, "3 mails have not gone out\n")
    assert "World" not in answer.out


async def test_an_operator_releases_by_command(votum: Votum) -> None:
    await held_after_a_restore(votum)
    answer = await votum_command("mails", "release", dsn=votum.dsn)
    first, second = answer.out.splitlines()
    assert (answer.code, first) == (0, "1 mails go out now, 1 stay")
    assert second.startswith("1\tada@example.org\t")
    assert "mails" in (await votum_command("--help")).out
    assert {"list", "release"} <= set((await votum_command("mails", "--help")).out.split())


def test_ages_are_in_the_largest_unit_that_fits() -> None:
    minutes = (0, 59, 60, 1439, 1440)
    assert [age(timedelta(minutes=one)) for one in minutes] == ["0 min", "59 min", "1 h", "23 h", "1 d"]
