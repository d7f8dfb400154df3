"""Numbers of the proposals: what feeds computed criteria, gates, adjustments and tie rules."""

from collections.abc import Sequence
from fractions import Fraction

import pandas as pd

from scoring.errors import ScoresError
from scoring.evaluate import blank, number_of
from scoring.exact import Values


class Facts:
    """The table of proposals in the order of their keys; without one nothing is known of any proposal."""

    def __init__(self, proposals: pd.DataFrame | None, keys: Values) -> None:
        self.keys = keys
        self.table = pd.DataFrame(index=pd.Index(keys)) if proposals is None else proposals.set_index("proposal").loc[keys]

    def has(self, name: str) -> bool:
        """Whether there is a column of this name."""
        return name in self.table.columns

    def column(self, name: str) -> Sequence[object]:
        """What the column says of each proposal, None where it is blank or missing."""
        if not self.has(name):
            return [None] * len(self.keys)
        return [None if blank(one) or pd.isna(one) else one for one in self.table[name].astype(object)]

    def numbers(self, name: str) -> list[Fraction | None]:
        """The same as exact numbers; ScoresError names the proposal whose entry is none."""
        found = []
        for key, given in zip(self.keys, self.column(name), strict=True):
            try:
                found.append(number_of({name: given}, name))
            except ScoresError as error:
                raise ScoresError([(f"{key}, {name}", error.faults[0][1])]) from error
        return found
