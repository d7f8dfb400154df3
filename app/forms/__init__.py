"""Forms (`form/1`): what a call asks, read and proved; what was answered, as exact facts and faults."""

from app.forms.answers import Checked as Checked
from app.forms.answers import asked as asked
from app.forms.answers import canonical_answers as canonical_answers
from app.forms.answers import check as check
from app.forms.answers import handed_in as handed_in
from app.forms.answers import question_of as question_of
from app.forms.answers import seen as seen
from app.forms.examples import check_file as check_file
from app.forms.examples import wrong_examples as wrong_examples
from app.forms.faults import ANSWERS as ANSWERS
from app.forms.faults import FormError as FormError
from app.forms.parts import Form as Form
from app.forms.parts import Question as Question
from app.forms.reading import GRAMMAR as GRAMMAR
from app.forms.reading import of_document as of_document
from app.forms.reading import of_file as of_file
from app.forms.reading import of_text as of_text
from app.forms.reading import plain_of_text as plain_of_text
from app.forms.values import shown as shown
from app.forms.writing import as_yaml as as_yaml
from app.forms.writing import canonical as canonical
from app.forms.writing import fingerprint as fingerprint
from app.forms.writing import written as written
from scoring.errors import Fault as Fault
