"""A faulty scheme is told in the reader's language, in English by the very sentences of the command line."""

import ast
import asyncio
import json
import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from app import i18n
from app.domain.rating_schemes import read
from app.errors import Invalid
from scoring import Scheme, SchemeError, read_yaml
from scoring import scheme as schemes
from scoring.errors import SENTENCES
from tests.pages.test_call_making import office, upload
from tests.rating_call import SCHEME
from tests.world import Votum, words

NEED, REACH, TICK, PLAN, NEW, PRICE = range(6)


# ── every sentence of the source ────────────────────────────────────────────────────────────────


def constants() -> Iterator[str]:
    """Every text in the sources of schemes."""
    for module in Path(schemes.__file__).parent.glob("*.py"):
        yield from (str(one.value) for one in ast.walk(ast.parse(module.read_text())) if isinstance(one, ast.Constant))


def test_every_sentence_for_a_scheme_is_used() -> None:
    assert set(SENTENCES) - set(constants()) == set()


# ── faulty files ────────────────────────────────────────────────────────────────────────────────


def changed(*place: str | int, to: Any) -> bytes:
    """The small scheme with one thing changed."""
    document = deepcopy(SCHEME)
    inner: Any = document
    for key in place[:-1]:
        inner = inner.setdefault(key, {}) if isinstance(inner, dict) else inner[key]
    inner[place[-1]] = to
    return json.dumps(document).encode()


def criterion(number: int, key: str, to: Any) -> bytes:
    return changed("criteria", number, key, to=to)


def with_part(key: str, *parts: dict[str, Any]) -> bytes:
    return changed(key, to=list(parts))


GATE = {"key": "in_time", "type": "number", "field": "places"}
FAULTY = [
    (b"a: 1\n" * 200_001, "Die Datei hat 1000005 Byte, gelesen werden höchstens 1000000."),
    (b"criteria: [", "Das ist kein YAML: Zeile 2, Spalte 1"),
    (b"\xff\xfe\x00", "Das ist kein YAML: Der Text lässt sich nicht lesen."),
    (b"", "Die Datei ist leer."),
    (b"a: 1\n---\nb: 2\n", "Die Datei enthält mehr als ein Dokument."),
    (b"a: &a [1]\nb: *a\n", "Zeile 2: Verweise (*name) sind nicht erlaubt. Bitte schreiben Sie die Stelle aus."),
    (b"a: !x 1\n", "Zeile 1: Typangaben (!name) sind nicht erlaubt."),
    (b"[" * 30 + b"]" * 30, "Zeile 1: Die Angaben sind mehr als 24 Ebenen tief verschachtelt."),
    (b"? [a]\n: 1\n", "Zeile 1: Ein Schlüssel muss ein Wort oder eine Zahl sein."),
    (b"a: 1\na: 2\n", "Zeile 2: Der Schlüssel 'a' kommt zweimal vor."),
    (b"a: 012\n", "Zeile 1: Bitte schreiben Sie die Zahl 012 in einfachen Ziffern, etwa 12 oder 0.5."),
    (b"- 1\n", "Hier müssen Schlüssel mit Werten stehen, gefunden: eine Liste."),
    (changed("schema", to="x"), "schema: Hier muss rating-scheme/1 stehen."),
    (changed("colour", to="red"), "colour: Diesen Schlüssel gibt es nicht."),
    (changed("key", to=None), "key: fehlt"),
    (changed("title_de", to=[]), "title_de: Hier muss ein Text stehen, gefunden: eine Liste."),
    (criterion(NEED, "type", "guess"), "criteria[0].type: Hier muss eines von diesen stehen: scale, levels"),
    (
        changed("ranking", to={"order": None}),
        "ranking.order: Hier muss eines von diesen stehen: desc, none; gefunden: nichts.",
    ),
    (
        with_part("adjustments", {"key": "plus", "allowed": [1]}),
        "Hier muss eines von diesen stehen: bonus, malus; es fehlt.",
    ),
    (criterion(NEED, "optional", "no!"), "criteria[0].optional: Hier muss true oder false stehen, gefunden: 'no!'."),
    (
        criterion(NEED, "weight_percent", "viel"),
        "criteria[0].weight_percent: Hier muss eine Zahl stehen, gefunden: 'viel'.",
    ),
    (criterion(PLAN, "max", 10**10), "criteria[3].max: Die Zahl ist größer als eine Milliarde."),
    (
        changed("aggregation", "min_valid_ratings", to=0),
        "Hier muss eine ganze Zahl von 1 bis 1000 stehen, gefunden: 0.",
    ),
    (changed("ranking", "tie_breakers", to=[{}]), "Hier muss ein Name stehen, gefunden: Schlüssel mit Werten."),
    (changed("gates", to="x"), "gates: Hier muss eine Liste stehen, gefunden: 'x'."),
    (
        with_part("examples", {"name": "eins", "input": 1}),
        "examples[0].input: Hier müssen Schlüssel mit Werten stehen, gefunden: 1.",
    ),
    (with_part("gates", GATE), "gates[0]: Eine formale Bedingung der Art number braucht min oder max."),
    (with_part("gates", {**GATE, "min": 2, "max": 1}), "gates[0].min: 2 liegt über max 1."),
    (with_part("gates", {**GATE, "type": "choose_min", "min": 1}), "gates[0].min: Verlangt werden 1 von 0 Optionen."),
    (criterion(NEED, "max", 5), "criteria[0].max: Das gehört nicht zur Art scale."),
    (criterion(NEED, "scale", {"min": 5, "max": 5, "step": 1}), "criteria[0].scale.max: 5 liegt nicht über min 5."),
    (criterion(NEED, "scale", {"min": -1, "max": 5, "step": 1}), "criteria[0].scale.min: Der Wert liegt unter 0."),
    (criterion(NEED, "scale", {"min": 0, "max": 5, "step": 2}), "Schritte von 2 teilen 0 bis 5 nicht auf."),
    (criterion(NEED, "scale", {"min": 0, "max": 20_000, "step": 1}), "Das ergibt mehr als 10000 Punktwerte."),
    (criterion(NEED, "weight_percent", 0), "criteria[0].weight_percent: 0 liegt nicht über 0."),
    (criterion(REACH, "levels", [{"points": 1}]), "criteria[1].levels: Es müssen mindestens zwei Stufen sein."),
    (criterion(REACH, "levels", [{"points": 1}] * 2), "criteria[1].levels: Zwei Stufen haben dieselben Punkte."),
    (
        criterion(REACH, "levels", [{"points": 1}, {"points": -1}]),
        "criteria[1].levels: Punkte unter 0 sind nicht möglich.",
    ),
    (criterion(TICK, "options", [{"key": "a", "points": 0}]), "Hier müssen Zehntel über 0 stehen, höchstens 1000."),
    (
        criterion(TICK, "options", []),
        "criteria[2].options: Es müssen 1 bis 100 Punkte mit verschiedenen Schlüsseln sein.",
    ),
    (criterion(TICK, "max", 9), "criteria[2].max: 9 ist nicht erreichbar, die Einträge ergeben 3."),
    (criterion(PLAN, "max", 10.01), "criteria[3].max: Hier müssen Zehntel stehen, höchstens 1000"),
    (
        criterion(PRICE, "bands", [{"up_to": 2, "points": 5}, {"up_to": 1, "points": 1}]),
        "up_to muss von Stufe zu Stufe steigen.",
    ),
    (criterion(PRICE, "max", 4), "criteria[5].max: Hier steht 4, die beste Stufe gibt aber 5."),
    (with_part("adjustments", {"key": "plus", "kind": "bonus", "allowed": [-1]}), "Hier müssen Werte ab 0 stehen."),
    (criterion(REACH, "key", "need"), "Der Schlüssel need kommt unter Kriterien, Gruppen, formalen Bedingungen"),
    (criterion(REACH, "key", "total"), "total ist kein Schlüssel, so heißt die Summe."),
    (criterion(REACH, "group", "a"), "criteria[1].group: Die Gruppe a gibt es nicht."),
    (with_part("groups", {"key": "a"}), "groups[0]: Zur Gruppe a gehört kein Kriterium."),
    (
        criterion(NEED, "weight", 2),
        "criteria[0].weight: Die Summe ist eine weighted_percent, nötig ist weight_percent.",
    ),
    (changed("aggregation", "total", to="count"), "Die Summe ist eine count, nötig ist weight."),
    (criterion(NEED, "weight_percent", 10), "criteria: Die Gewichte ergeben zusammen 70 Prozent, nicht 100."),
    (criterion(NEED, "weight_band", {"min": 1, "max": 2}), "Das Gewicht 40 liegt nicht zwischen 1 und 2."),
    (
        criterion(NEED, "weight_band", {"min": 1, "max": 2}).replace(b'"weight_percent": 40, ', b"", 1),
        "Das Gewicht None liegt nicht zwischen 1 und 2.",
    ),
    (changed("total", "max", to=90), "total.max: Hier steht 90, die Kriterien erreichen 100."),
    (changed("pass_rule", "min_total", to=101), "pass_rule.min_total: 101 ist nicht erreichbar, höchstens 100."),
    (
        criterion(NEED, "threshold", {"min": 5, "op": ">"}),
        "criteria[0].threshold: Mehr als 5 ist nicht erreichbar, höchstens 5.",
    ),
    (
        changed("comment_required", "values", to=[99]),
        "comment_required.values: 99 ist bei keinem Kriterium ein möglicher Punktwert.",
    ),
    (
        changed("ranking", "weights_for_ranking", to={"x": 1}),
        "ranking.weights_for_ranking.x: Dieses Kriterium gibt es nicht.",
    ),
    (changed("ranking", "tie_breakers", to=["need", "need"]), "ranking.tie_breakers[1]: need ist zweimal genannt."),
    (changed("ranking", "tie_breakers", to=["up:x"]), "up:x: Hier muss lower:<Feld> oder higher:<Feld> stehen."),
]
EXAMPLE = {"name": "eins", "input": {"need": 4}, "expect": {"total": 7}}
FAULTY += [
    (with_part("examples", EXAMPLE), "Das Rechenbeispiel „eins“ ergibt einen anderen Wert als angegeben."),
    (
        with_part("examples", {**EXAMPLE, "expect": {"total": "viel"}}),
        "Das Rechenbeispiel „eins“ ergibt einen anderen Wert",
    ),
    (
        changed("scale_labels_de", to={"gut": "gut"}),
        "scale_labels_de.gut: Hier muss ein Punktwert oder eine Spanne stehen, etwa 2 oder 2-3.",
    ),
]
ENGLISH = re.compile(r"\b(the|is|are|expected|found|cannot|needs|missing|there|must|more|than|not|of|and)\b")


@pytest.mark.parametrize(("content", "said"), FAULTY, ids=[said[:60] for _, said in FAULTY])
def test_a_fault_is_read_in_german(content: bytes, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(content)
    told = refused.value.fields["rating_scheme"]
    assert said in told
    assert not ENGLISH.search(told)


def test_in_english_the_page_says_what_the_command_line_says() -> None:
    i18n.locale.set("en")
    refused = [content for content, said in FAULTY if "Rechenbeispiel" not in said]
    assert len(refused) > 50
    for content in refused:
        with pytest.raises(SchemeError) as caught:
            Scheme.from_document(read_yaml(content))
        with pytest.raises(Invalid, match=re.escape(str(caught.value))):
            read(content)


async def test_germans_read_german_where_they_uploaded(votum: Votum) -> None:
    await office(votum)
    browser = await votum.signed_in("cleo@example.org", "de")
    faults = [{**one, "colour": "red"} for one in SCHEME["criteria"]]
    answer = await upload(browser, json.dumps({**SCHEME, "criteria": [*faults, *faults, *faults, *faults]}).encode())
    assert answer.status_code == 422
    assert "criteria[19].colour: Diesen Schlüssel gibt es nicht." in words(answer)
    assert "und 4 weitere" in words(answer)
    assert "unknown key" not in answer.text


async def test_while_a_large_scheme_is_read_other_pages_are_answered(votum: Votum) -> None:
    browser, visitor = await office(votum), await votum.stranger()
    large = b"a: [" + b"0, " * 30_000 + b"0]\n"
    reading = asyncio.create_task(upload(browser, large))
    answered = 0
    while not reading.done():
        assert (await visitor.get("/health/live")).status_code == 200
        answered += not reading.done()
        await asyncio.sleep(0.01)
    assert (await reading).status_code == 422
    assert answered >= 5
