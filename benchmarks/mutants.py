"""Mutants of a module: each differs from it in one comparison, one and/or/not, or one small number."""

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType
from typing import TypeAlias

BOUNDARY: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
DIRECTION: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.Gt,
    ast.LtE: ast.GtE,
    ast.Gt: ast.Lt,
    ast.GtE: ast.LtE,
}
"""Two facts never share their effective order: there the boundary decides little and the direction everything."""

ORDERS = {"order", "before", "raised", "key"}
"""Names under which the code holds an effective order."""
LARGEST = 400
"""The largest number that counts as small."""
UNDECIDING = {"lru_cache", "Example"}
"""What is called with numbers and texts that decide nothing."""

Change: TypeAlias = tuple[object, str, object]
"""An object, one of its attributes, and what it is to hold instead."""


@dataclass(frozen=True)
class Mutant:
    """One change of one module. `before` and `after` are the expression around it.

    `of_order`: the boundary of a comparison of effective orders, which no two facts share.
    """

    module: str
    path: str
    line: int
    before: str
    after: str
    of_order: bool
    code: CodeType = field(repr=False, compare=False)

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.before}  ->  {self.after}"


def mutants(path: Path, source: str) -> Iterator[Mutant]:
    """Every mutant of one module, in the order of its text."""
    tree = ast.parse(source)
    parents = {child: parent for parent in ast.walk(tree) for child in ast.iter_child_nodes(parent)}
    for node in _deciding(tree):
        around = _around(node, parents)
        before = ast.unparse(around)
        for change, of_order in _changes(node):
            with _made(change):
                yield Mutant(
                    module=".".join(path.with_suffix("").parts),
                    path=path.as_posix(),
                    line=node.lineno,
                    before=before,
                    after=ast.unparse(around),
                    of_order=of_order,
                    code=compile(tree, path.as_posix(), "exec"),
                )


def _deciding(node: ast.AST) -> Iterator[ast.expr]:
    """The expressions in which something may be changed."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in UNDECIDING:
        return
    if isinstance(node, ast.Compare | ast.BoolOp | ast.UnaryOp | ast.Constant):
        yield node
    for child in ast.iter_child_nodes(node):
        yield from _deciding(child)


def _changes(node: ast.expr) -> Iterator[tuple[Change, bool]]:
    """What may be changed in an expression, and whether it is only the boundary between two orders."""
    match node:
        case ast.Compare(ops=ops):
            for index, op in enumerate(ops):
                of_order = type(op) in DIRECTION and _compares_orders(node, index)
                for table in (BOUNDARY, DIRECTION) if of_order else (BOUNDARY,):
                    others = [*ops[:index], table[type(op)](), *ops[index + 1 :]]
                    yield (node, "ops", others), of_order and table is BOUNDARY
        case ast.BoolOp(op=both):
            yield (node, "op", ast.Or() if isinstance(both, ast.And) else ast.And()), False
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            twice = ast.copy_location(ast.UnaryOp(ast.Not(), operand), operand)
            yield (node, "operand", twice), False
        case ast.Constant(value=int(number)) if not isinstance(number, bool) and number <= LARGEST:
            yield (node, "value", number + 1), False


def _compares_orders(node: ast.Compare, index: int) -> bool:
    sides = [node.left, *node.comparators][index : index + 2]
    return any(
        (side.attr if isinstance(side, ast.Attribute) else getattr(side, "id", "")) in ORDERS
        for side in sides
    )


@contextmanager
def _made(change: Change) -> Iterator[None]:
    """The change, for a while."""
    thing, name, new = change
    old = getattr(thing, name)
    setattr(thing, name, new)
    try:
        yield
    finally:
        setattr(thing, name, old)


def _around(node: ast.expr, parents: dict[ast.AST, ast.AST]) -> ast.AST:
    """The expression to show: for a number the one it stands in."""
    around: ast.AST = node
    if isinstance(node, ast.Constant):
        while isinstance(around, ast.Constant | ast.UnaryOp | ast.Slice) and isinstance(
            parents[around], ast.expr
        ):
            around = parents[around]
    return around
