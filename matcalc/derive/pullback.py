"""Cotangents through the tree: what G:dN says about the differentials of N's arguments.

A linear operator moves to the other side of the colon by its adjoint row, a non-linear one is first replaced
by its differential row, which is linear in the differentials. That pair is the whole calculus.

Source: Magnus & Neudecker, Matrix Differential Calculus (2019), chapters 5 and 9, for the method.
"""

from __future__ import annotations

from collections.abc import Iterable

from matcalc.core.algebra import CHAIN, HAD, LIN, SCAL, TRANSPOSE, T, add, bag, hadamard, mul, scale, scaled, zeros
from matcalc.core.dims import SCALAR
from matcalc.core.tree import Expr, make, walk
from matcalc.errors import UnsupportedError
from matcalc.operators.structure import block_ranges
from matcalc.rewrite.step import Step, step

Contribution = tuple[Expr, Expr]


def reaching(f: Expr, leaves: Iterable[Expr]) -> set[Expr]:
    """The nodes of `f` that depend on one of `leaves` (the leaves among them)."""
    active: set[Expr] = set(leaves)
    for e in walk(f):
        if e not in active and any(a in active for a in e.args):
            active.add(e)
    return active


def pull(G: Expr, N: Expr, active: set[Expr]) -> list[Contribution]:
    """The cotangents that G:dN gives to the arguments of N that are active.

    Raises:
        UnsupportedError: the operator has no derivative row.
    """
    op = N.op
    if op is LIN:
        return [(t, scale(c, G)) for c, t in zip(N.attrs, N.args, strict=True) if t in active]
    if op is CHAIN:
        return [
            (f, mul(*(T(p) for p in reversed(N.args[:i])), G, *(T(s) for s in reversed(N.args[i + 1 :]))))
            for i, f in enumerate(N.args)
            if f in active
        ]
    if op is HAD:
        return [(b, hadamard(G, bag_derivative(N, i))) for i, b in enumerate(N.args) if b in active]
    if op is SCAL:
        s, A = N.args
        out = [(s, make("frob", G, A))] if s in active else []
        return out + ([(A, scaled(s, G))] if A in active else [])
    if op is TRANSPOSE:
        return [(N.args[0], T(G))]
    if op.name == "block":
        return _pull_block(G, N, active)
    if op.kind == "elementwise" and op.derivative is not None:
        return [(N.args[0], hadamard(G, op.derivative(*N.args, **attributes(N))))]
    if op.adjoint:
        extra = attributes(N)
        return [(a, op.adjoint[i](G, *N.args, **extra)) for i, a in enumerate(N.args) if a in active]
    if op.differential is not None:
        return pull_linear(G, differential_of(N, active), [make("d", a) for a in N.args if a in active])
    raise UnsupportedError(
        f"the derivative of {op.says or op.name} is not known",
        hint="write it with operators that have one, see docs/operators.md",
    )


def attributes(e: Expr) -> dict[str, object]:
    """The attributes of a catalogue node by name."""
    return dict(zip(e.op.attributes, e.attrs, strict=True))


def bag_derivative(N: Expr, i: int) -> Expr:
    """∂(∏ bⱼ^pⱼ)/∂bᵢ entrywise: pᵢ bᵢ^(pᵢ−1) ∏ⱼ≠ᵢ bⱼ^pⱼ."""
    p = N.attrs[i]
    pairs = [(b, q - 1 if j == i else q) for j, (b, q) in enumerate(zip(N.args, N.attrs, strict=True))]
    return scale(p, bag(pairs))


def _pull_block(G: Expr, N: Expr, active: set[Expr]) -> list[Contribution]:
    rows, cols = N.attrs
    out = []
    for k, b in enumerate(N.args):
        if b in active:
            top, height, left, width = block_ranges(N.args, rows, cols, k)
            out.append((b, make("part", G, top=top, height=height, left=left, width=width)))
    return out


def differential_of(N: Expr, active: set[Expr]) -> Expr:
    """dN of a non-linear operator by its row, in the marks d(argument); constant arguments do not move."""
    assert N.op.differential is not None
    moves = tuple(make("d", a) if a in active else zeros(a.shape) for a in N.args)
    return N.op.differential(N.args, moves)


def pull_linear(G: Expr, form: Expr, marks: list[Expr]) -> list[Contribution]:
    """Pull G through an expression that is linear in the differentials `marks`."""
    found = accumulate(G, form, marks)
    return [(m.args[0], found[m]) for m in marks if m in found]


def accumulate(G: Expr, f: Expr, leaves: list[Expr], trace: list[Step] | None = None) -> dict[Expr, Expr]:
    """The cotangent of every leaf: df = Σ result[x] : dx for G:df.

    Nodes are visited in reverse topological order, so that every shared part is differentiated once. Each
    move across the colon is noted in `trace`.
    """
    active = reaching(f, leaves)
    if f not in active:
        return {}
    order = [e for e in walk(f) if e in active]
    waiting: dict[Expr, list[Expr]] = {f: [G]}
    targets = set(leaves)
    result: dict[Expr, Expr] = {}
    for N in reversed(order):
        parts = waiting.pop(N, None)
        if parts is None:  # a row above took this node in
            continue
        total = add(*(scale(parts.count(p), p) for p in dict.fromkeys(parts)))  # R + R as 2R, not as 2x − 2y
        if N in targets:
            result[N] = total
            continue
        moved = swallow(total, N, active) or pull(total, N, active)
        for argument, cotangent in moved:
            waiting.setdefault(argument, []).append(cotangent)
        if trace is not None:
            note(total, N, moved, trace)
    return result


def note(G: Expr, N: Expr, moved: list[Contribution], trace: list[Step]) -> None:
    """Note the moves that took G:N apart, by the names of their identities."""

    def colon(a: Expr, b: Expr) -> Expr:
        return mul(a, b) if a.is_scalar else make("colon", a, b)

    after = add(zeros(SCALAR), *(colon(c, a) for a, c in moved))
    for name in move_names(N, moved[0][0] if moved else N):
        step(name, colon(G, N), after, "isolate", trace)


def move_names(N: Expr, argument: Expr) -> tuple[str, ...]:
    """The identities by which G:N becomes a cotangent of `argument`."""
    op = N.op
    if op is CHAIN:
        left = N.args[0] is not argument
        right = N.args[-1] is not argument
        return ("frobenius/across-product-left",) * left + ("frobenius/across-product-right",) * right
    if op is HAD:
        return ("hadamard/across-frobenius",)
    if op is TRANSPOSE:
        return ("frobenius/across-transpose",)
    if op is LIN or op is SCAL:
        return ()
    if op.name == "block":
        return ("block/across-frobenius",)
    return (
        f"{op.name}/across-frobenius"
        + (f"-{N.args.index(argument) + 1}" if len(N.args) > 1 and op.name != "frob" else ""),
    )


def swallow(G: Expr, N: Expr, active: set[Expr]) -> list[Contribution] | None:
    """d tr(f(X)) = tr(f′(X)dX): the one case in which a matrix function needs no block trick."""
    if N.op.name == "tr" and N.args[0].op.kind == "function":
        inner = N.args[0]
        assert inner.op.derivative is not None
        return [(inner.args[0], mul(G, T(inner.op.derivative(*inner.args))))]
    return None
