"""Products in order: identities and neighbouring inverses away, scalars out, cut where an inner dimension is 1."""

from __future__ import annotations

from itertools import pairwise

from matcalc.core import tree
from matcalc.core.bags import hadamard, orientation, scaled, split_scalar
from matcalc.core.dims import ONE, SCALAR, Shape
from matcalc.core.leaves import (
    CHAIN,
    COMMUTATION,
    EYE,
    LIN,
    ONES,
    SCAL,
    TRANSPOSE,
    UNITY,
    ZEROS,
    eye,
    facts_of,
    ones,
    zeros,
)
from matcalc.core.sums import Number, number_of, scale
from matcalc.core.tree import Expr, node


def mul(*factors: Expr) -> Expr:
    """The product of scalars, vectors and matrices, in order.

    Shapes: neighbours among the non-scalars conform.
    """
    coefficient: Number = 1
    scalars: list[Expr] = []
    arrays: list[Expr] = []
    for f in factors:
        if f.is_scalar:
            q = number_of(f)
            if q is None:
                scalars.append(f)
            else:
                coefficient *= q
            continue
        if f.op is ZEROS:
            coefficient = 0
        c, s, rest = split_scalar(f)
        coefficient *= c
        if s is not None:
            scalars.append(s)
        arrays.extend(rest.args if rest.op is CHAIN else (rest,))
    if not arrays:
        return scale(coefficient, hadamard(*scalars) if scalars else UNITY)
    shape = (arrays[0].shape[0], arrays[-1].shape[1])
    if coefficient == 0:
        return zeros(shape)
    pieces = _cancel(arrays)
    loose, kept = _cut(pieces, shape)
    scalars += loose
    body = _chain(kept, shape) if kept else UNITY
    if body.is_scalar:
        return scale(coefficient, hadamard(*scalars, body))
    return scale(coefficient, scaled(hadamard(*scalars), body) if scalars else body)


def _cancel(arrays: list[Expr]) -> list[Expr]:
    """Drop identities and neighbouring inverses, merge neighbouring diagonals, split all-ones matrices."""
    out: list[Expr] = []
    for f in arrays:
        if f.op is EYE and len(arrays) > 1:
            continue
        if f.op is ONES and f.shape[0] is not ONE and f.shape[1] is not ONE and len(arrays) > 1:
            out += [ones((f.shape[0], ONE)), ones((ONE, f.shape[1]))]
            continue
        if out:
            last = out[-1]
            if inverse_of(f) is last or inverse_of(last) is f or _orthogonal_pair(last, f):
                out.pop()
                continue
            if f.op is ONES and f.shape[1] is ONE and last.op.name == "Diag":
                out[-1] = last.args[0]
                continue
            if last.op is ONES and last.shape[0] is ONE and f.op.name == "Diag":
                out[-1] = f.args[0].T
                continue
            if f.op.name == "Diag" and last.op.name == "Diag":
                out[-1] = tree.make("Diag", hadamard(last.args[0], f.args[0]))
                continue
        out.append(f)
    return out or [eye(arrays[0].shape[0])]


def inverse_of(e: Expr) -> Expr | None:
    """The argument of an inverse, None for anything else."""
    return e.args[0] if e.op.name == "inv" else None


def _orthogonal_pair(a: Expr, b: Expr) -> bool:
    """XᵀX = I, and XXᵀ = I where X is square."""
    for x, y in ((a, b), (b, a)):
        if x.op is TRANSPOSE and x.args[0] is y and "orth" in facts_of(y):
            return x is a or y.shape[0] is y.shape[1]
    return a.op is COMMUTATION and a.T is b


def _cut(pieces: list[Expr], shape: Shape) -> tuple[list[Expr], list[Expr]]:
    """Cut a chain at inner dimensions 1: the scalar segments, and what is left of the chain."""
    bounds = [0] if shape[0] is ONE else []
    bounds += [i + 1 for i in range(len(pieces) - 1) if pieces[i].shape[1] is ONE]
    if shape[1] is ONE:
        bounds.append(len(pieces))
    if len(bounds) < 2 or (len(bounds) == 2 and bounds == [0, len(pieces)]):
        return [], pieces
    loose = [_chain(pieces[a:b], SCALAR) for a, b in pairwise(bounds)]
    return loose, pieces[: bounds[0]] + pieces[bounds[-1] :]


def _chain(factors: list[Expr], shape: Shape) -> Expr:
    if len(factors) == 1:
        return factors[0]
    if len(factors) == 2 and factors[0].op is ONES and factors[1].op is ONES and factors[0].shape[1] is ONE:
        return ones(shape)
    if shape == SCALAR:
        if factors[0].op is ONES:
            return tree.make("sum", mul(*factors[1:]))
        if factors[-1].op is ONES:
            return tree.make("sum", mul(*(f.T for f in reversed(factors[:-1]))))
        if len(factors) == 2 and factors[0].T is factors[1]:
            return tree.make("frob", factors[1], factors[1])
        other = [f.T for f in reversed(factors)]
        plain = all(f.op not in (CHAIN, SCAL) and (f.op is not LIN or len(f.args) > 1) for f in other)
        if plain and orientation(other) < orientation(factors):
            factors = other
    return node(CHAIN, tuple(factors), (), shape)
