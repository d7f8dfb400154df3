"""Every page of every part, and what is expected of it besides being free of barriers."""

from tests.browser.preparation import Prepared

DRAFTED = (*(f"edit/{step}" for step in ("text", "dates", "limits", "committee", "english")), "check", "preview")
SCHEME = ("steps/name", "steps/criteria", "criteria/1", "steps/minima", "sheet", "dry-run", "import")
FORM = ("sections/1", "questions/1", "questions/10", "parts/numbers", "blocks", "preview", "import")
OPEN, RATING, FINISHED = (f"/calls/aufruf-2017{phase}" for phase in ("-open", "-rating", ""))


def places(prepared: Prepared) -> dict[str, list[str]]:
    """The addresses that each part opens."""
    return {
        "stranger": [
            *(
                "/",
                "/calls",
                OPEN,
                RATING,
                FINISHED,
                f"{OPEN}/versions/1",
                f"{OPEN}/form",
                "/programmes",
                "/programmes/teilhabe-durch-arbeit",
            ),
            *(
                f"/programmes/{key}"
                for key in ("buero-netz", "jobcoach", "passgenau", "service-center", "teilhabeplanung")
            ),
            *("/sign-in", "/register", "/register/sent", "/password", "/password/abc", "/confirmation/abc"),
            *("/accessibility", "/privacy", "/imprint", "/no-such-page", "/design"),
            *(f"/design/questions?state={state}" for state in ("empty", "filled", "refused", "long", "read")),
            *(prepared.invitation, prepared.joining, prepared.appointment),
        ],
        "organisation": [
            *("/desk", "/desk/outbox", "/organisations", "/organisations/new", prepared.organisation),
            *(f"{OPEN}/proposals/new", f"{RATING}/proposals/new", prepared.draft, f"{prepared.draft}/edit"),
            *(prepared.submitted, f"{prepared.submitted}/receipt", prepared.withdrawn),
        ],
        "member": [
            *("/desk", prepared.open_sheet, prepared.handed_in, prepared.finished, f"{prepared.open_sheet}/conflict"),
        ],
        "chair": [
            "/desk",
            f"{RATING}/committee",
            f"{RATING}/rating-closure",
            f"{RATING}/conflicts",
            prepared.conflict,
            prepared.closing,
        ],
        "administrator": [
            *(
                "/desk",
                prepared.authority,
                "/calls/new",
                *(f"{OPEN}/{page}" for page in ("edit/text", "edit/dates", "check", "preview")),
                f"{OPEN}/office",
                f"{OPEN}/scheme",
                f"{OPEN}/committee/members",
            ),
            *(f"{prepared.authority}/{page}" for page in ("names", "duties", "look", "release", "administrators")),
            *("/schemes", prepared.scheme_draft),
            *(f"{prepared.scheme_draft}/{page}" for page in SCHEME),
            *("/forms", prepared.form_draft),
            *(f"{prepared.form_draft}/{page}" for page in FORM),
            *(
                "/programmes/ours",
                "/programmes/new",
                "/programmes/teilhabeplanung/preview",
                "/programmes/jobcoach/versions/1",
            ),
            *(f"/programmes/teilhabeplanung/{page}" for page in ("edit", "edit/name", "edit/targets", "edit/images")),
            *(f"/calls/{prepared.draft_call}/{page}" for page in (*DRAFTED, "office", "scheme", "committee/members")),
            f"/calls/{prepared.draft_call}/intake",
            *(f"{RATING}/{page}" for page in ("office", "intake", "intake/P13", "intake/P01", "ranking")),
            *(f"{RATING}/recommendations/P01", f"{RATING}/committee", f"{FINISHED}/office", f"{FINISHED}/ranking"),
            *(f"{FINISHED}/{page}" for page in ("rankings/1", "recommendations/P01", "intake/P11", "conflicts")),
        ],
        "installation": [
            *("/installation", "/installation/administrators", "/installation/authorities/new"),
            prepared.authority.replace("/authorities", "/installation/authorities"),
        ],
    }
