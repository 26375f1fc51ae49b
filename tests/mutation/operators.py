"""Pure: the small mistakes that are made on purpose, by the kind of expression or statement."""

import ast
from collections.abc import Iterator

_COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
_UNTOUCHED = (ast.Compare, ast.BoolOp, ast.Constant)
"""Conditions that are changed by what they consist of."""


def wrong(node: ast.AST) -> Iterator[ast.AST]:
    """What could stand in the place of the node by mistake."""
    if isinstance(node, ast.Compare):
        yield from _compared(node)
    elif isinstance(node, ast.BoolOp):
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield ast.BoolOp(other, node.values)
    elif isinstance(node, ast.BinOp) and type(node.op) in _COMPUTED:
        yield ast.BinOp(node.left, _COMPUTED[type(node.op)](), node.right)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
        yield node.operand
    elif isinstance(node, ast.Constant):
        yield from _constant(node.value)
    elif isinstance(node, ast.stmt):
        yield from _statement(node)


def negated(condition: ast.expr) -> ast.expr | None:
    """The contrary of a bare condition; None where its parts are changed anyhow."""
    if isinstance(condition, _UNTOUCHED) or (isinstance(condition, ast.UnaryOp) and isinstance(condition.op, ast.Not)):
        return None
    return ast.UnaryOp(ast.Not(), condition)


def _compared(node: ast.Compare) -> Iterator[ast.Compare]:
    for place, operator in enumerate(node.ops):
        for other in _COMPARED[type(operator)]:
            yield ast.Compare(node.left, [*node.ops[:place], other(), *node.ops[place + 1 :]], node.comparators)


def _constant(value: object) -> Iterator[ast.Constant]:
    """Numbers, truths, and words that are names of something; sentences are for people."""
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield ast.Constant(value + 1)
    elif isinstance(value, float):
        yield ast.Constant(value * 1.5 + 0.001)
    elif isinstance(value, str) and not any(one.isspace() for one in value):
        yield ast.Constant(value + "X")


def _statement(node: ast.stmt) -> Iterator[ast.stmt]:
    if isinstance(node, ast.AugAssign) and type(node.op) in _COMPUTED:
        yield ast.AugAssign(node.target, _COMPUTED[type(node.op)](), node.value)
    elif isinstance(node, ast.Return) and not (node.value is None or _is_constant(node.value)):
        yield ast.Return(ast.Constant(None))
    elif isinstance(node, ast.Break):
        yield ast.Continue()
    elif isinstance(node, ast.Continue):
        yield ast.Break()
    elif isinstance(node, ast.Expr | ast.Raise) or (isinstance(node, ast.Assign) and _is_kept(node)):
        yield ast.Pass()


def _is_constant(node: ast.expr) -> bool:
    """None stays None, and instead of False it makes no difference; other constants are changed by themselves."""
    return isinstance(node, ast.Constant)


def _is_kept(node: ast.Assign) -> bool:
    """Whether it stores into an object: to leave out a local variable only raises NameError."""
    return any(isinstance(target, ast.Attribute | ast.Subscript) for target in node.targets)
