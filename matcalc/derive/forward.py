"""The differential of an expression, written in the differentials of its moving leaves."""

from __future__ import annotations

from matcalc.core.algebra import CHAIN, HAD, LIN, SCAL, TRANSPOSE, T, add, hadamard, linear, mul, scaled, zeros
from matcalc.core.tree import Expr, make, walk
from matcalc.derive.pullback import attributes, bag_derivative, reaching
from matcalc.errors import UnsupportedError
from matcalc.rewrite.step import Step, step

RULES = {
    LIN.name: "addition/differential",
    CHAIN.name: "product/differential",
    HAD.name: "hadamard/differential",
    SCAL.name: "scaling/differential",
    TRANSPOSE.name: "transpose/differential",
}


def differential(f: Expr, leaves: list[Expr], trace: list[Step] | None = None) -> Expr:
    """df as an expression in the marks d(x) of the leaves.

    Raises:
        UnsupportedError: an operator has no differential.
    """
    active = reaching(f, leaves)
    done: dict[Expr, Expr] = {x: make("d", x) for x in leaves}
    for e in walk(f):
        if e not in active:
            done[e] = zeros(e.shape)
        elif e not in done:
            done[e] = _rule(e, done)
            if trace is not None and e.op is not LIN:
                step(rule_name(e), make("d", e), done[e], "differentiate", trace)
    return done[f]


def rule_name(e: Expr) -> str:
    """The identity that a node's differential is taken by."""
    if e.op.name == "frob" and e.args[0] is e.args[1]:
        return "norm/differential"
    if e.op is HAD and len(e.args) == 1:
        return "power/differential"
    return RULES.get(e.op.name, f"{e.op.name}/differential")


def _rule(e: Expr, done: dict[Expr, Expr]) -> Expr:
    op, args = e.op, e.args
    moves = [done[a] for a in args]
    if op is LIN:
        return linear(list(zip(e.attrs, moves, strict=True)), e.shape)
    if op is CHAIN:
        return add(*(mul(*args[:i], m, *args[i + 1 :]) for i, m in enumerate(moves)))
    if op is HAD:
        return add(*(hadamard(bag_derivative(e, i), m) for i, m in enumerate(moves)))
    if op is SCAL:
        return add(mul(moves[0], args[1]), scaled(args[0], moves[1]))
    if op is TRANSPOSE:
        return T(moves[0])
    if op.name == "tr" and args[0].op.kind == "function":
        inner = args[0]
        assert inner.op.derivative is not None
        return make("frob", T(inner.op.derivative(*inner.args)), done[inner.args[0]])
    if op.kind == "elementwise" and op.derivative is not None:
        return hadamard(op.derivative(*args, **attributes(e)), moves[0])
    if op.differential is not None:
        return op.differential(args, tuple(moves))
    if op.kind == "linear" or op.name in ("block", "d"):
        return make(op.name, *moves, **attributes(e))
    if op.kind == "multilinear":
        return add(*(make(op.name, *args[:i], m, *args[i + 1 :], **attributes(e)) for i, m in enumerate(moves)))
    raise UnsupportedError(
        f"the differential of {op.says or op.name} is not known",
        hint="write it with operators that have one, see docs/operators.md",
    )
