"""Rules of programmes at their bounds: how far a target is, which texts are finished, what a draft lacks."""

from datetime import date
from decimal import Decimal

import pytest

from app import web
from app.domain import programmes, wording
from app.domain.programmes import facts, progress
from app.domain.programmes.facts import Actual, Amount, Facts, Target, TargetPart

DAY = date(2026, 6, 30)
WHOLE = Facts(title_de="Titel", purpose_de="Zweck", as_of=DAY)


def of(kind: str, wanted: str, baseline: str | None, value: str | None) -> progress.Progress:
    target = Target(
        key="t1", label="Ziel", kind=kind, wanted=Decimal(wanted), baseline=Decimal(baseline) if baseline else None
    )
    actuals = (Actual(target="t1", day=DAY, value=Decimal(value)),) if value else ()
    return progress.of(Facts(targets=(target,), actuals=actuals))[0]


@pytest.mark.parametrize(
    ("kind", "wanted", "baseline", "value", "aim", "change", "share"),
    [
        ("relative_change", "-10", "40000", "38800", 36000, -3, 30),
        ("relative_change", "-10", "40000", "40000", 36000, 0, 0),
        ("relative_change", "-10", "40000", "36000", 36000, -10, 100),
        ("relative_change", "-10", "40000", "41000", 36000, Decimal("2.5"), -25),
        ("relative_change", "10", "1500", "1575", 1650, 5, 50),
        ("relative_change", "-10", None, "38800", None, None, None),
        ("percentage_points", "2", "6", "7", 8, 1, 50),
        ("percentage_points", "2", None, "7", None, None, None),
        ("level", "10", "6", "7", 10, 1, 25),
        ("level", "10", "6", "10", 10, 4, 100),
        ("level", "10", "10", "10", 10, 0, None),
        ("level", "10", None, "7", 10, None, None),
        ("absolute", "210", None, "100", 210, None, Decimal("47.6190")),
        ("absolute", "210", "0", "210", 210, None, 100),
        ("absolute", "210", None, None, 210, None, None),
    ],
)
def test_how_far_a_target_is(
    kind: str, wanted: str, baseline: str | None, value: str | None, aim: object, change: object, share: object
) -> None:
    found = of(kind, wanted, baseline, value)
    assert (found.aim, found.change) == (aim, change)
    assert (round(found.share, 4) if found.share is not None else None) == share
    assert found.baseline_missing == (baseline is None and kind != "absolute")


def test_the_newest_report_counts_and_of_one_day_the_last_one_written() -> None:
    target = Target(key="t1", label="Ziel", kind="absolute", wanted=Decimal(10))
    days = ((date(2026, 1, 2), 5), (date(2026, 1, 1), 9), (date(2026, 1, 2), 4))
    reports = tuple(Actual(target="t1", day=day, value=Decimal(value)) for day, value in days)
    found = progress.of(Facts(targets=(target,), actuals=reports))[0]
    assert (found.reached_on, found.reached) == (date(2026, 1, 2), 4)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Hier steht [Beschreibung].", "[Beschreibung]"),
        ("[Portalthema, Unterthema]", "[Portalthema, Unterthema]"),
        ('davor [plista widgetname="x"] danach', '[plista widgetname="x"]'),
        ("TODO: Text", "TODO"),
        ("Text folgt, tbd", "tbd"),
        ("Lorem ipsum dolor", "Lorem ipsum"),
        ("{{ titel }}", "{{ titel }}"),
        ("Frist: ???", "???"),
        ("siehe [die Seite](https://example.org)", ""),
        ("siehe Fußnote [1]", ""),
        ("Mastodon, Methode, Tbilissi", ""),
        ("Wer? Was? Wo?", ""),
        (f"[{'a' * 80}]", f"[{'a' * 80}]"),
        (f"[{'a' * 81}]", ""),
    ],
)
def test_what_was_left_of_a_template(text: str, found: str) -> None:
    assert wording.placeholder(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Sie beginnen in diesem Monat mit der Arbeit.", "in diesem Monat"),
        ("ab nächster Woche", "ab nächster Woche"),
        ("im Mai dieses Jahres", "dieses Jahres"),
        ("im letzten Jahr", "letzten Jahr"),
        ("Seit gestern", "gestern"),
        ("within this year", "this year"),
        ("Neues gilt derzeit nicht", "derzeit"),
        ("am 1. Mai 2022", ""),
        ("am Morgen des 3. Mai", "Morgen"),
        ("Heuteabend, Gesterngasse", ""),
        ("das erste Jahr", ""),
    ],
)
def test_words_that_mean_another_day_tomorrow(text: str, found: str) -> None:
    assert wording.relative_day(text) == found


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("0,5", "0.5"),
        ("0.5", "0.5"),
        ("-10", "-10"),
        ("−10", "-10"),
        ("+3", "3"),
        ("40.000", "40000"),
        ("40,000", "40000"),
        ("1.250,50", "1250.50"),
        ("0", "0"),
        ("1,234", "1234"),
        *((odd, None) for odd in ("-", "--1", "5 €", "zehn", "1.2.3", "0,005", "9" * 16)),
    ],
)
def test_a_number_is_typed_as_people_type_it(typed: str, value: str | None) -> None:
    field = web.number()
    if value is None:
        with pytest.raises(ValueError, match="Zahl"):
            field.parse(typed)
    else:
        assert field.parse(typed) == Decimal(value)


@pytest.mark.parametrize(("typed", "taken"), [("-0,01", False), ("0", True), ("0,01", True)])
def test_a_number_may_have_a_least_one(typed: str, *, taken: bool) -> None:
    field = web.number(least=Decimal(0))
    if taken:
        field.parse(typed)
    else:
        with pytest.raises(ValueError, match="mindestens 0"):
            field.parse(typed)


def test_lines_are_read_without_the_empty_ones() -> None:
    assert web.lines(20).parse(" eins  zwei \n\n drei\n") == ("eins zwei", "drei")
    with pytest.raises(ValueError, match="20"):
        web.lines(20).parse("x" * 21)
    assert web.lines(20).parse("x" * 20) == ("x" * 20,)


def told(known: Facts) -> list[tuple[str, str]]:
    return [(fault.section, fault.field) for fault in programmes.faults(known)]


def test_what_a_programme_needs_to_be_published() -> None:
    assert told(Facts()) == [("name", "title_de"), ("name", "purpose_de"), ("dates", "as_of")]
    assert told(WHOLE) == []


def test_a_placeholder_is_found_in_every_text_with_its_field() -> None:
    known = Facts(
        title_de="Titel",
        purpose_de="Zweck",
        as_of=DAY,
        work_packages=("gut", "[noch offen]"),
        roles=(facts.Role(role="lead", organisation="Amt"), facts.Role(role="lead", organisation="TODO")),
        target_groups=(facts.TargetGroup(label="Gruppe", excludes=("[wer?]",)),),
    )
    assert told(known) == [("target-groups", "excludes-0"), ("roles", "organisation-1"), ("steps", "work_packages")]


@pytest.mark.parametrize(
    ("valid", "broken"),
    [((False,), False), ((True,), False), ((False, False), True), ((True, False), False), ((True, True), True)],
)
def test_of_several_amounts_for_the_same_money_exactly_one_is_valid(valid: tuple[bool, ...], *, broken: bool) -> None:
    amounts = tuple(Amount(source="Land", cents=100, valid=one) for one in valid)
    other = (Amount(source="Bund", cents=5), Amount(source="land"))
    known = Facts(title_de="T", purpose_de="Z", as_of=DAY, funding=(*amounts, *other))
    assert bool(told(known)) == broken


@pytest.mark.parametrize(("last", "broken"), [("49.99", True), ("50", False), ("50.01", True)])
def test_the_parts_of_a_target_make_the_whole(last: str, *, broken: bool) -> None:
    target = Target(key="t1", label="Ziel", kind="absolute", wanted=Decimal(210))
    parts = tuple(TargetPart(target="t1", wanted=Decimal(number)) for number in ("50", "110", last))
    known = Facts(title_de="T", purpose_de="Z", as_of=DAY, targets=(target,), parts=parts)
    assert told(known) == ([("targets", "wanted-0")] if broken else [])


def test_a_document_is_read_as_it_was_written_and_newer_words_disturb_nobody() -> None:
    known = Facts(title_de="Titel", targets=(Target(key="t1", label="Z", kind="level", wanted=Decimal("0.50")),))
    assert facts.read(facts.written(known)) == known
    assert facts.read('{"title_de": "Titel", "later": {"a": 1}, "steps": [{"text": "x", "y": 2}]}').title_de == "Titel"
    assert facts.written(Facts()) == "{}"
