"""What a process remembers between requests: small bounded stores, all forgotten by one call."""

from typing import Any, Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Memory(Generic[Key, Value]):
    """The newest of what was made, at most so many; what may change is kept under the number of its state."""

    def __init__(self, most: int) -> None:
        self.most, self.kept = most, dict[Key, Value]()
        _MEMORIES.append(self)

    def __getitem__(self, key: Key) -> Value:
        return self.kept[key]

    def get(self, key: Key) -> Value | None:
        """What is kept under a key, or None."""
        return self.kept.get(key)

    def keep(self, key: Key, value: Value) -> Value:
        """Keep it, in place of the oldest where there is no room; returns it."""
        self.kept.pop(key, None)
        while len(self.kept) >= self.most:
            del self.kept[next(iter(self.kept))]
        self.kept[key] = value
        return value


_MEMORIES: list[Memory[Any, Any]] = []


def forget() -> None:
    """Forget everything, as if the process had just begun."""
    for memory in _MEMORIES:
        memory.kept.clear()
