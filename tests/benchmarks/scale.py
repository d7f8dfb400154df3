"""The figures of `pages` for calls with 100 and 10,000 proposals."""

from tests.benchmarks import pages


def main() -> None:
    """Print them, with the size behind every name."""
    pages.main([(100, 1), (10_000, 1)])
