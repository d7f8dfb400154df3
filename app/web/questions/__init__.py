"""What a call asks (form/1) between a person's browser and answers: fields, sentences, what readers see."""

from app.web.questions.form import MOVE as MOVE
from app.web.questions.form import AnswersForm as AnswersForm
from app.web.questions.shown import for_criterion as for_criterion
from app.web.questions.shown import of_answers as of_answers
