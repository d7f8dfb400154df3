"""The house itself: no module leads back to itself, and whoever imports inside a function says why."""

import ast
from collections.abc import Iterator
from pathlib import Path

from app.commands import PROJECT

REASONS = ("slow", "optional", "circular")
SLOW = {"babel", "pandas", "scipy", "typst", "zxcvbn", "uvicorn", "aiosmtplib", "piccolo", "asyncpg"}
"""Packages that cost more than the page that needs none of them: they come with the first call."""


def modules() -> dict[str, Path]:
    """Every module of ours by its name."""
    found = (path for part in ("app", "scoring") for path in (PROJECT / part).rglob("*.py"))
    return {".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__"): path for path in found}


def imported(name: str, tree: ast.AST, known: dict[str, Path]) -> set[str]:
    """The modules of ours that one imports, wherever in it; a package's name for what its __init__ holds."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            full = {f"{node.module}.{one.name}" for one in node.names}
            found |= {one if one in known else node.module for one in full}
    return (found & set(known)) - {name}


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """The groups of modules from each of which every other one can be reached (Tarjan)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    open_, found = [], []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        open_.append(name)
        for other in sorted(graph[name]):
            if other not in index:
                visit(other)
            if other in open_:
                low[name] = min(low[name], low[other])
        if low[name] == index[name]:
            at = open_.index(name)
            if len(open_) - at > 1:
                found.append(sorted(open_[at:]))
            del open_[at:]

    for name in sorted(graph):
        if name not in index:
            visit(name)
    return found


def inside(tree: ast.AST) -> Iterator[ast.stmt]:
    """The imports inside functions."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from (node for node in ast.walk(function) if isinstance(node, ast.Import | ast.ImportFrom))


def test_a_circle_is_found() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}) == [["b", "c"]]


def test_no_module_leads_back_to_itself_with_imports_inside_functions_counted() -> None:
    known = modules()
    graph = {name: imported(name, ast.parse(path.read_text()), known) for name, path in known.items()}
    assert len(graph) > 150
    assert circles(graph) == []


def test_an_import_inside_a_function_says_why_unless_a_slow_package_or_a_command_is_loaded() -> None:
    silent = []
    for name, path in modules().items():
        lines = path.read_text().split("\n")
        for node in inside(ast.parse("\n".join(lines))):
            line = lines[node.lineno - 1]
            if name.startswith("app.commands") or line.split()[1].split(".")[0] in SLOW:
                continue
            if not any(f"# {reason}" in line for reason in REASONS):
                silent.append(f"{name}:{node.lineno} {line.strip()}")
    assert silent == []
