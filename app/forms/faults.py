"""What is wrong with a form, and with the answers to it, as sentences that the languages translate."""

from collections.abc import Mapping
from typing import ClassVar

from scoring.errors import SENTENCES, DocumentError, later

OURS = {
    # what stands at one place
    "not_a_key": later("expected letters, digits, hyphens and underscores, found %(found)s"),
    "not_a_form_key": later("expected small letters, digits and hyphens, found %(found)s"),
    "no_language": later("expected a text in German (de) or English (en)"),
    "not_a_day": later("expected a day such as 2018-03-15, or call.NAME; found %(found)s"),
    "not_of_call": later("expected a whole number or call.NAME, found %(found)s"),
    "not_a_quantity": later("expected a number or call.NAME, found %(found)s"),
    "one_condition": later("expected exactly one of is, in and answered"),
    "no_value": later("expected text, a number, true or false; found %(found)s"),
    "too_many_listed": later("has %(number)s entries, at most %(most)s are read"),
    "min_above_max": later("%(least)s is above %(most)s"),
    # whether a form fits together
    "question_twice": later("the key %(key)s is used %(times)s times"),
    "option_twice": later("%(key)s is listed %(times)s times"),
    "no_question": later("no question before this one has the key %(question)s"),
    "no_answer_there": later("a question of type %(type)s has no such answer to compare"),
    "no_option": later("%(option)s is not offered by the question %(question)s"),
    "no_title": later("no question has the role title"),
    "role_twice": later("the role %(role)s is given %(times)s times"),
    "role_type": later("the role %(role)s needs a question of type %(types)s"),
    "fact_twice": later("the fact %(fact)s is given %(times)s times"),
    "no_fact": later("nothing gives the fact %(fact)s"),
    "circle": later("the fact %(fact)s rests on itself"),
    "one_sum": later("expected either sum, or of and per"),
    "no_comparison": later("expected at least one comparison, such as at_most or at_least"),
    "needs_of": later("%(comparison)s needs of, the fact that it is a part or a multiple of"),
    "of_without": later("of belongs to comparisons by percent or times"),
    "no_column": later("there is no such column that holds numbers"),
    "no_cost": later("there is no cost %(key)s"),
    "no_code": later("%(code)s is no code of a fault"),
    "no_place": later("neither a question nor a derived fact has this key"),
    "not_asked_for": later("no question has this key"),
}

ANSWERS = {
    "missing": later("Please answer this."),
    "too_long": later("%(size)s characters are too many, at most %(most)s fit."),
    "too_small": later("%(found)s is less than %(least)s."),
    "too_large": later("%(found)s is more than %(most)s."),
    "not_a_number": later("This is not a number that fits here."),
    "not_offered": later("This is not among what is offered."),
    "too_few": later("%(number)s are too few, at least %(least)s are needed."),
    "too_many": later("%(number)s are too many, at most %(most)s fit."),
    "before": later("This lies before %(day)s."),
    "after": later("This lies after %(day)s."),
    "unbalanced": later("Costs and sources must be equal to the cent."),
    "parts_differ": later("The parts add up to %(reached)s, not to %(stated)s."),
    "limit": later("A rule of this form is broken."),
    "declaration": later("Please confirm this declaration."),
    "type": later("This is of another kind than what is asked for."),
    "size": later("This file has %(size)s bytes, at most %(most)s fit."),
}
"""The codes of faults in answers; they stay stable."""


class FormError(DocumentError):
    """A form that cannot be used."""

    sentences: ClassVar[Mapping[str, str]] = SENTENCES | OURS
