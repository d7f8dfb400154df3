"""Making a call: its text and dates, its rating scheme, its release by a second person, and its public versions."""

from app.domain.call_making.drafts import Work as Work
from app.domain.call_making.drafts import create as create
from app.domain.call_making.drafts import discard as discard
from app.domain.call_making.drafts import edit as edit
from app.domain.call_making.drafts import work_of as work_of
from app.domain.call_making.release import Waiting as Waiting
from app.domain.call_making.release import hand_over as hand_over
from app.domain.call_making.release import keep_published as keep_published
from app.domain.call_making.release import release as release
from app.domain.call_making.release import send_back as send_back
from app.domain.call_making.release import waiting_for as waiting_for
from app.domain.call_making.release import why_not_released as why_not_released
from app.domain.call_making.schemes import take_over_scheme as take_over_scheme
from app.domain.call_making.schemes import upload_scheme as upload_scheme
from app.domain.call_making.schemes import use_draft as use_draft
from app.domain.call_making.schemes import why_scheme_stands as why_scheme_stands
from app.domain.call_making.texts import COLUMNS as COLUMNS
from app.domain.call_making.texts import DATES as DATES
from app.domain.call_making.texts import LIMITS as LIMITS
from app.domain.call_making.texts import STEPS as STEPS
from app.domain.call_making.texts import TEXTS as TEXTS
from app.domain.call_making.texts import faults as faults
from app.domain.call_making.texts import misplaced as misplaced
from app.domain.call_making.texts import missing as missing
from app.domain.call_making.texts import step_of as step_of
from app.domain.call_making.texts import unfit as unfit
