"""A form that asks every kind of question, and answers to all of them."""

from typing import Any

from app.forms import Form
from tests.forms.asking import asking, question

OPTIONS = [{"key": key, "label": {"de": key.upper(), "en": key}} for key in ("a", "b", "other", "3")]
COLUMNS = [
    {"key": "n-1", "type": "money", "label": {"de": "Betrag"}},
    {"key": "n", "type": "text", "label": {"de": "Text"}},
    {"key": "day", "type": "date"},
    {"key": "choice", "type": "choice", "options": OPTIONS, "other": True},
    {"key": "yes", "type": "yes_no"},
    {"key": "long", "type": "long_text"},
    {"key": "share", "type": "percent", "decimals": 1},
]
LINES = [{"key": "staff"}, {"key": "over-head"}]

QUESTIONS: list[dict[str, Any]] = [
    question("long_text", "idea", max=6000),
    question("integer", "count", min=-5, max=100_000),
    question("decimal", "hours"),
    question("decimal", "hours-2", decimals=2, unit={"de": "Stunden", "en": "hours"}),
    question("money", "amount", min=-100, max=1_000_000_000),
    question("percent", "quota", decimals=1, max=100),
    question("date", "day", not_before="2018-01-01"),
    question("period", "period", max_months=36, role="period"),
    question("choice", "choice", options=OPTIONS),
    question("choice", "choice-other", options=OPTIONS, other=True),
    question("choices", "choices", options=OPTIONS, max=2),
    question("yes_no", "yes"),
    question("declaration", "agreed", text={"de": "Wir stimmen zu."}),
    question("note", "note", text={"de": "Zu lesen."}),
    question("table", "table", columns=COLUMNS, sums=["n-1"], max_rows=5),
    question("table", "table-1", columns=COLUMNS[:2]),
    question("sites", "sites", types=["yard"], regions=["north"], min_rows=1),
    question("partners", "partners", roles=["helper"]),
    question("staffing", "staffing", functions=["lead"]),
    question("targets", "targets", units=["persons"]),
    question("work_packages", "packages", max_rows=3),
    question("milestones", "milestones"),
    question("finance_plan", "plan", costs=LINES, sources=[{"key": "grant", "grant": True}], overhead="over-head"),
    question("file", "file", accept=["pdf"], max_files=2),
    question("text", "late", when={"question": "choice", "in": ["a", "b"]}),
]
FORM: Form = asking(
    *QUESTIONS,
    facts=[
        {"key": "rate", "of": "amount_cents", "per": ["count", "months"], "unit": "EUR", "label": {"de": "je Platz"}}
    ],
    limits=[
        {"fact": "rate", "at_most": 250, "say": {"de": "Zu teuer.", "en": "Too dear."}},
        {"fact": "cost.over-head_cents", "at_most_percent": 10, "of": "direct_costs_cents"},
        {"fact": "count", "at_least_times": 3, "of": "hours"},
        {"fact": "count", "at_least": 5, "kind": "warn"},
    ],
)
YEARS: Form = asking(
    question("period", "period", role="period"),
    question("finance_plan", "plan", costs=LINES, sources=[{"key": "own"}], by_year=True),
)
BY_YEAR = {"costs": {"staff": {"2018": 5, "2019": 7}}, "sources": {"own": {"2018": 5, "2019": 7}}}
ROW = {
    **{"n-1": 125_050, "n": "Leiter", "day": "2018-03-15", "choice": {"other": "Hof"}, "yes": False},
    **{"long": "eins\nzwei", "share": "7.5"},
}
ANSWERS: dict[str, Any] = {
    **{"title": "Tafelgarten", "idea": "Erste Zeile\n\nZweite Zeile", "count": 12_345, "hours": "1234567.125"},
    **{"hours-2": "0.05", "amount": 123_456_789, "quota": "7.5", "day": "2018-03-15"},
    "period": {"from": "2018-03-15", "to": "2021-03-14"},
    **{"choice": "other", "choice-other": {"other": "Repaircafé"}, "choices": ["a", "3"], "yes": False},
    **{"agreed": True, "table": [ROW, {"n": "nur Text"}], "table-1": [{"n-1": 5, "n": "x"}]},
    "sites": [{"name": "Auenburg", "type": "yard", "region": "north"}, {"name": "Kalkrode"}],
    "partners": [{"organisation": "Gartenverein", "role": "helper", "task": "gibt\nLand"}],
    "staffing": [{"function": "lead", "fte_before": 0, "fte_after": "1.25", "from": "2018-04-01"}],
    "targets": [
        {
            **{"label": "Teilnehmende", "unit": "persons", "baseline": 0, "target": 12, "due": "2021-03-14"},
            "parts": [{"label": "Frauen", "target": 7}, {"label": "Männer", "target": 5}],
        }
    ],
    "packages": [{"title": "Beete", "text": "anlegen", "from": "2018-04-01", "to": "2018-05-31"}],
    "milestones": [{"title": "Ernte", "due": "2018-08-01"}],
    "plan": {"costs": {"staff": {"all": 100_000}, "over-head": {"all": 1}}, "sources": {"grant": {"all": 100_001}}},
    "file": [{"sha256": "ab" * 32, "name": "Plan.pdf", "size": 1234, "type": "pdf"}],
    "late": "nur bei a",
}
