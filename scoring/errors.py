"""What is wrong with a scheme, a mark or a table of scores, and where."""

from collections.abc import Iterable

Fault = tuple[str, str]
"""(place, what is wrong), such as ("criteria[2].scale.step", "does not divide 0 to 5")."""

SHOWN = 20


class Faulty(ValueError):
    """Something handed in cannot be used; `faults` lists every (place, what is wrong), one sentence has no place."""

    def __init__(self, faults: str | Iterable[Fault]) -> None:
        self.faults: list[Fault] = [("", faults)] if isinstance(faults, str) else list(faults)
        lines = [f"{place}: {problem}" if place else problem for place, problem in self.faults[:SHOWN]]
        if len(self.faults) > SHOWN:
            lines.append(f"and {len(self.faults) - SHOWN} more")
        super().__init__("\n".join(lines))

    @property
    def place(self) -> str:
        """Where the first fault lies."""
        return self.faults[0][0] if self.faults else ""


class SchemeError(Faulty):
    """A rating scheme that cannot be used."""


class ScoresError(Faulty):
    """Scores, facts or options that cannot be computed with; the place is a row, a column or a key."""


class MarkError(ValueError):
    """A mark that this criterion does not know.

    `code` is not_a_number, off_scale or unknown_option; `allowed` says in few words what would do.
    """

    def __init__(self, code: str, message: str, allowed: str) -> None:
        self.code = code
        self.allowed = allowed
        super().__init__(message)
