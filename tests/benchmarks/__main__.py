"""`./run bench [pages|scale|scoring|burst|live]`: one line a figure, `name<TAB>value<TAB>unit`."""

import sys
from importlib import import_module

KINDS = {
    "pages": "tests.benchmarks.pages",
    "scale": "tests.benchmarks.scale",
    "scoring": "tests.benchmarks.bench_scoring",
    "burst": "tests.benchmarks.burst",
    "live": "tests.benchmarks.live",
}


def main(wanted: list[str]) -> int:
    """Run the named measurements, or all of them."""
    unknown = [name for name in wanted if name not in KINDS]
    if unknown:
        print(f"There is no measurement {unknown[0]!r}; there are: {', '.join(KINDS)}.", file=sys.stderr)
        return 2
    for name in wanted or KINDS:
        import_module(KINDS[name]).main()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
