"""Mutants of a module: each differs from it in one comparison, one and/or/not, or one small number."""

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

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

LARGEST = 400
"""The largest number that counts as small."""


@dataclass(frozen=True)
class Mutant:
    """One change of one module. `before` and `after` are the expression around it."""

    module: str
    path: str
    line: int
    before: str
    after: str
    tree: ast.Module = field(repr=False, compare=False)

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.before}  ->  {self.after}"


def mutants(path: Path, source: str) -> Iterator[Mutant]:
    """Every mutant of one module, in the order of its lines."""
    tree = ast.parse(source)
    spots = [(node, index) for node in _deciding(tree) for index in range(_changes(node))]
    for node, index in spots:
        changed = copy.deepcopy(tree)
        twin = _twin(tree, changed, node)
        before = ast.unparse(_around(changed, twin))
        around = _around(changed, twin)
        new = _change(twin, index)
        if new is not twin:
            _replace(changed, twin, new)
            around = new if around is twin else around
        yield Mutant(
            module=".".join(path.with_suffix("").parts),
            path=path.as_posix(),
            line=getattr(node, "lineno", 0),
            before=before,
            after=ast.unparse(around),
            tree=ast.fix_missing_locations(changed),
        )


def _deciding(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes that are changed; caches and the rules' examples decide nothing."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"lru_cache", "Example"}:
        return
    if _changes(node):
        yield node
    for child in ast.iter_child_nodes(node):
        yield from _deciding(child)


def _changes(node: ast.AST) -> int:
    """In how many ways a node is changed."""
    if isinstance(node, ast.Compare):
        return sum(1 + _is_order(node, index) for index in range(len(node.ops)))
    if isinstance(node, ast.BoolOp) or (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)):
        return 1
    small = isinstance(node, ast.Constant) and type(node.value) is int and 0 <= node.value <= LARGEST
    return 1 if small else 0


def _is_order(node: ast.Compare, index: int) -> bool:
    """Whether a comparison is one of effective orders."""
    sides = (node.left if index == 0 else node.comparators[index - 1], node.comparators[index])
    named = (side.attr if isinstance(side, ast.Attribute) else getattr(side, "id", "") for side in sides)
    return type(node.ops[index]) in DIRECTION and any(name in {"order", "before", "raised", "key"} for name in named)


def _change(node: ast.AST, index: int) -> ast.AST:
    if isinstance(node, ast.Compare):
        ways = [(at, BOUNDARY) for at in range(len(node.ops))]
        ways += [(at, DIRECTION) for at in range(len(node.ops)) if _is_order(node, at)]
        at, table = ways[index]
        node.ops[at] = table[type(node.ops[at])]()
    elif isinstance(node, ast.BoolOp):
        node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    elif isinstance(node, ast.UnaryOp):
        return node.operand
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        node.value += 1
    return node


def _twin(tree: ast.AST, changed: ast.AST, node: ast.AST) -> ast.AST:
    """The node of the copied tree that stands where `node` does in the original."""
    for one, other in zip(ast.walk(tree), ast.walk(changed), strict=True):
        if one is node:
            return other
    raise LookupError(ast.dump(node))


def _around(tree: ast.AST, node: ast.AST) -> ast.AST:
    """The node, or for a number the expression it stands in."""
    if not isinstance(node, ast.Constant):
        return node
    around: ast.AST = node
    for _ in range(3):
        parent = next((one for one in ast.walk(tree) if around in ast.iter_child_nodes(one)), None)
        if not isinstance(parent, ast.expr | ast.Assign):
            break
        around = parent
        if not isinstance(around, ast.UnaryOp | ast.Slice):
            break
    return around


def _replace(tree: ast.AST, old: ast.AST, new: ast.AST) -> None:
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, name, new)
            elif isinstance(value, list) and old in value:
                value[value.index(old)] = new
