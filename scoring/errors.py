"""The one error that scoring raises when what it was given cannot be computed."""


class ScoresError(ValueError):
    """Says in one sentence which row, column or option is wrong and what was expected there."""
