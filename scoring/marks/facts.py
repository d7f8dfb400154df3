"""Numbers of the proposals: what feeds computed criteria, gates, adjustments and tie rules."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from scoring.errors import ScoresError
from scoring.marks.columns import Ints, Values
from scoring.marks.frames import no_key_row, refuse_no_table
from scoring.marks.numbering import told_apart
from scoring.scheme.evaluate import number_of

Read = TypeVar("Read")


@dataclass(frozen=True)
class Entry:
    """One column of the proposals: the different things it says, and which of them each proposal has (-1 = blank)."""

    code: Ints
    said: list[object]


class Facts:
    """The table of proposals in the order of their keys; without one nothing is known of any proposal."""

    def __init__(self, proposals: pd.DataFrame | None, keys: Values) -> None:
        self.keys = keys
        table = pd.DataFrame({"proposal": keys}) if proposals is None else proposals
        self.table = table
        self.row = pd.Index(table["proposal"], dtype=object).get_indexer(pd.Index(keys, dtype=object))

    def has(self, name: str) -> bool:
        """Whether there is a column of this name."""
        return name in self.table.columns and name != "proposal"

    def entry(self, name: str) -> Entry:
        """What a column says; all blank where there is none."""
        if not self.has(name):
            return Entry(np.full(len(self.keys), -1, dtype=np.int64), [])
        refuse_no_table(self.table, "proposals", [name])
        column = told_apart(self.table[name])
        if column.dtype == object:
            column = column.map(lambda one: tuple(one) if isinstance(one, list | set) else one)
        codes, said = self._different(name, column)
        words = list(np.asarray(said, dtype=object))
        blank = np.array([str(word).strip() == "" for word in words] + [True], dtype=bool)
        return Entry(np.where(blank[codes], -1, codes)[self.row].astype(np.int64), words)

    def _different(self, name: str, column: "pd.Series[Any]") -> tuple[Ints, Any]:
        try:
            return pd.factorize(column)
        except TypeError:
            row = no_key_row(column)
            problem = f"{column.iloc[row]!r} cannot be read"
            raise ScoresError([(f"{self.table['proposal'].iloc[row]}, {name}", problem)]) from None

    def read(self, name: str, read: Callable[[object], Read]) -> tuple[Ints, list[Read]]:
        """A column with each different entry read; ScoresError names the first proposal whose entry cannot be."""
        entry = self.entry(name)
        found: list[Read] = []
        place = np.full(len(entry.said) + 1, -1, dtype=np.int64)
        for code in np.unique(entry.code[entry.code >= 0]).tolist():
            try:
                place[code] = len(found)
                found.append(read(entry.said[code]))
            except ValueError as error:
                key = self.keys[np.flatnonzero(entry.code == code)[0]]
                problem = error.told[0][1] if isinstance(error, ScoresError) else str(error)
                raise ScoresError([(f"{key}, {name}", problem)]) from error
        return place[entry.code], found

    def numbers(self, name: str) -> tuple[Ints, list[Fraction]]:
        """The different numbers of a column, and which of them each proposal has (-1 = blank)."""
        return self.read(name, lambda said: number_of({name: said}, name) or Fraction(0))
