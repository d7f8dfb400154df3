"""What a process remembers is bounded: the oldest makes room, and one call forgets everything."""

import pytest

from app.records import memory
from app.records.memory import Memory


@pytest.fixture
def towns() -> Memory[str, int]:
    """Room for two."""
    ours: Memory[str, int] = Memory(most=2)
    ours.keep("Auenburg", 1)
    ours.keep("Kalkrode", 2)
    return ours


def test_the_oldest_makes_room_for_a_third(towns: Memory[str, int]) -> None:
    assert towns.keep("Tannhof", 3) == 3
    assert (towns.get("Auenburg"), towns["Kalkrode"], towns["Tannhof"]) == (None, 2, 3)


def test_what_is_kept_anew_is_the_newest_and_takes_nobodys_room(towns: Memory[str, int]) -> None:
    towns.keep("Auenburg", 4)
    assert (towns["Auenburg"], towns["Kalkrode"]) == (4, 2)
    towns.keep("Tannhof", 3)
    assert (towns.get("Auenburg"), towns.get("Kalkrode")) == (4, None)


def test_all_memories_are_forgotten_together(towns: Memory[str, int]) -> None:
    others: Memory[int, str] = Memory(most=1)
    others.keep(1, "one")
    memory.forget()
    assert (towns.get("Auenburg"), others.get(1)) == (None, None)
    with pytest.raises(KeyError):
        towns["Auenburg"]
