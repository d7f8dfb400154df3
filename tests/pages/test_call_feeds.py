"""Calls for other programs: the calendar of one (RFC 5545) and the feed of all (RFC 4287), read as they would be."""

from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree

from app import clock, database
from app.papers import calendars
from tests import open_call
from tests.pages.test_call_release import KEY
from tests.rating_call import rating_call
from tests.world import Votum

ATOM = "{http://www.w3.org/2005/Atom}"
TITLE = "Ideen; Mut, und \\ Geld – " + "ä" * 60


def events(body: bytes) -> list[dict[str, str]]:
    """The events of a calendar by their properties. Holds every line to the grammar."""
    assert body.endswith(b"\r\n")
    raw = body.removesuffix(b"\r\n").split(b"\r\n")
    assert all(len(line) <= 75 and b"\n" not in line for line in raw)
    lines: list[str] = []
    for line in (one.decode() for one in raw):  # no letter is cut apart: each line is text by itself
        if line.startswith(" "):
            lines[-1] += line[1:]
        else:
            lines.append(line)
    assert lines[:2] == ["BEGIN:VCALENDAR", "VERSION:2.0"]
    assert lines[-1] == "END:VCALENDAR"
    assert sum(line.startswith("PRODID:") for line in lines) == 1
    found: list[dict[str, str]] = []
    for line in lines[2:-1]:
        name, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            found.append({})
        elif found and name != "END":
            assert name not in found[-1]
            found[-1][name] = value
    assert lines.count("END:VEVENT") == len(found)
    for event in found:
        assert {"UID", "DTSTAMP", "SUMMARY"} < event.keys()
        assert "DTSTART" in event or "DTSTART;VALUE=DATE" in event
    assert len({event["UID"] for event in found}) == len(found)
    return found


async def test_all_dates_of_a_call_stand_in_its_calendar(votum: Votum) -> None:
    dates = {
        "opens_at": datetime(2027, 1, 2, 8, tzinfo=UTC),
        "information_event_at": datetime(2027, 1, 10, 9, tzinfo=UTC),
        "questions_until": date(2027, 1, 20),
        "formal_check_until": date(2027, 2, 10),
        "cure_until": date(2027, 2, 12),
        "rating_from": date(2027, 2, 15),
        "rating_until": date(2027, 2, 28),
        "meeting_at": datetime(2027, 3, 5, 9, tzinfo=UTC),
        "notices_on": date(2027, 3, 8),
        "results_on": date(2027, 3, 9),
        "application_until": date(2027, 4, 9),
        "earliest_start": date(2027, 6, 1),
    }
    await open_call.call("arbeit", datetime(2027, 2, 1, 11, tzinfo=UTC), title_de=TITLE, title_en="", **dates)
    answer = await (await votum.stranger("de")).get("/calls/arbeit/calendar.ics")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    found = {event["UID"].removeprefix("arbeit-").partition("@")[0]: event for event in events(answer.content)}
    assert found.keys() == calendars.DATES.keys()
    assert found["deadline"]["DTSTART"] == "20270201T110000Z"
    assert found["rating_from"]["DTSTART;VALUE=DATE"] == "20270215"
    assert found["rating_from"]["DTEND;VALUE=DATE"] == "20270301"  # the first day after it
    assert found["earliest_start"]["DTEND;VALUE=DATE"] == "20270602"
    title = TITLE.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    assert found["deadline"]["SUMMARY"] == f"Einreichfrist: {title}"


async def test_a_call_without_dates_has_an_empty_calendar_and_a_draft_has_none(votum: Votum) -> None:
    await open_call.call(opens_at=None, rating_from=None, earliest_start=None)
    browser = await votum.stranger()
    assert len(events((await browser.get("/calls/arbeit/calendar.ics")).content)) == 1  # its deadline
    assert (await browser.get(f"/calls/{KEY}/calendar.ics")).status_code == 404


async def test_the_feed_names_every_public_call_the_newest_change_first(votum: Votum) -> None:
    await rating_call(votum)
    await open_call.call("zwei", title_de="Zwei <b>& mehr</b>", title_en="")
    hidden = await open_call.call("drei")
    async with database.write_transaction():
        await database.rows("DELETE FROM call_publication WHERE call = $1", hidden)
        await database.rows(
            "INSERT INTO call_version (call, number, at, content, sha256)"
            " SELECT id, 1, $1, '{}', '' FROM call WHERE key = 'zwei'",
            clock.now() + timedelta(minutes=-1),
        )
    browser = await votum.stranger("de")
    answer = await browser.get("/calls.atom")
    assert answer.headers["content-type"] == "application/atom+xml"
    feed = ElementTree.fromstring(answer.content)
    assert feed.tag == f"{ATOM}feed"
    for name in ("id", "title", "updated"):
        assert len(feed.findall(f"{ATOM}{name}")) == 1
    entries = feed.findall(f"{ATOM}entry")
    assert [one.findtext(f"{ATOM}id").rpartition("/")[2] for one in entries] == ["zwei", "rating"]
    assert entries[0].findtext(f"{ATOM}title") == "Zwei <b>& mehr</b>"
    assert "Einreichfrist" in entries[0].findtext(f"{ATOM}summary")
    for entry in entries:
        assert datetime.fromisoformat(entry.findtext(f"{ATOM}updated")) >= datetime.fromisoformat(
            entry.findtext(f"{ATOM}published")
        )
        assert entry.find(f"{ATOM}link").get("href").startswith("http")
    with votum.counted() as seen:
        await browser.get("/calls.atom")
    assert len(seen) == 2


async def test_an_empty_feed_is_a_feed(votum: Votum) -> None:
    feed = ElementTree.fromstring((await (await votum.stranger()).get("/calls.atom")).content)
    assert feed.findall(f"{ATOM}entry") == []
    assert feed.findtext(f"{ATOM}updated")
