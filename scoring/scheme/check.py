"""The line that `votum scheme check` prints for a file."""

from pathlib import Path

from scoring.errors import SchemeError
from scoring.scheme.scheme import Scheme


def check_file(path: str | Path) -> list[str]:
    """Read, prove and run one scheme file: ["ok KEY: N examples"], else one line for each thing that is wrong.

    A line that does not begin with "ok " is a fault; a file that cannot be read is one too.
    """
    try:
        scheme = Scheme.from_file(path)
    except OSError as error:
        return [f"{path}: {error.strerror}"]
    except SchemeError as error:
        return [f"{path}: {place}: {problem}" if place else f"{path}: {problem}" for place, problem in error.told]
    wrong = [f"{path}: example {name!r}: {problem}" for name, problem in scheme.run_examples() if problem]
    return wrong or [f"ok {scheme.key}: {len(scheme.examples)} examples"]
