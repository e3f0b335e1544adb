"""Indexed sums to matrix form: the body for all k at once, by its dependence on the unit vector eₖ.

`batch(v, k)` has v(k) as its k-th column (for a scalar body: as its k-th entry). Every rule below is the
definition of an operator read column by column, so nothing is special to any sum.
"""

from __future__ import annotations

from fractions import Fraction

from matcalc.core.algebra import CHAIN, HAD, LIN, SCAL, UNIT, T, bag, eye, hadamard, linear, mul, ones, terms_of
from matcalc.core.dims import ONE, Dim
from matcalc.core.tree import Expr, make, substitute, walk
from matcalc.errors import UnsupportedError


def index_dims(e: Expr, index: str) -> set[Dim]:
    """The lengths of the unit vectors e_index below e."""
    return {x.shape[0] for x in walk(e) if x.op is UNIT and x.attrs[0] == index}


def lift(e: Expr) -> Expr | None:
    """Σₖ body as a matrix expression.

    Raises:
        UnsupportedError: the body depends on k in a way that has no matrix form here.
    """
    body = _opened(e.args[0])
    index, low, high = e.attrs
    lengths = index_dims(body, str(index))
    if not lengths:
        return None
    if len(lengths) > 1 or low is not ONE or high not in lengths:
        return None
    return total(body, str(index), lengths.pop())


def _opened(e: Expr) -> Expr:
    """‖xᵢ − xⱼ‖² as ‖xᵢ‖² − 2xᵢᵀxⱼ + ‖xⱼ‖², so that every term can be read as an entry of a matrix."""
    opened = {}
    for x in walk(e):
        if x.op.name == "frob" and x.args[0] is x.args[1] and x.args[0].op is LIN and x.args[0].shape[1] is ONE:
            terms = terms_of(x.args[0])
            if len({u.attrs[0] for u in walk(x) if u.op is UNIT and isinstance(u.attrs[0], str)}) > 1:
                opened[x] = linear([(c * d, mul(T(a), b)) for c, a in terms for d, b in terms], x.shape)
    return substitute(e, opened) if opened else e


def _moves(e: Expr, index: str) -> bool:
    return any(x.op is UNIT and x.attrs[0] == index for x in walk(e))


def total(e: Expr, index: str, n: Dim) -> Expr:
    """Σₖ e(k) for e scalar, vector or matrix."""
    if not _moves(e, index):
        return mul(_count(n), e)
    if e.op is LIN:
        return linear([(c, total(t, index, n)) for c, t in terms_of(e)], e.shape)
    if e.op.name in ("frob", "tr", "sum") and sum(_moves(x, index) for x in e.args) == 1:
        if any(ONE not in x.shape for x in e.args):  # Σ A(k):Y = (Σ A(k)):Y
            return make(e.op.name, *(total(x, index, n) if _moves(x, index) else x for x in e.args))
    if e.shape[1] is ONE:
        columns = batch(e, index, n)
        return make("sum", columns) if e.is_scalar else mul(columns, ones((n, ONE)))
    if e.shape[0] is ONE:
        return T(total(T(e), index, n))
    weight, matrix = (e.args[0], e.args[1]) if e.op is SCAL else (None, e)
    if matrix.op is CHAIN:
        for i in range(1, len(matrix.args)):
            if matrix.args[i].shape[0] is ONE:  # Σ s(k) a(k) b(k)ᵀ = A Diag(s) Bᵀ
                left = batch(mul(*matrix.args[:i]), index, n)
                right = T(batch(T(mul(*matrix.args[i:])), index, n))
                return (
                    mul(left, make("Diag", batch(weight, index, n)), right) if weight is not None else mul(left, right)
                )
        moving = [i for i, f in enumerate(matrix.args) if _moves(f, index)]
        if len(moving) == 1 and (weight is None or not _moves(weight, index)):
            i = moving[0]
            inner = total(matrix.args[i], index, n)
            out = mul(*matrix.args[:i], inner, *matrix.args[i + 1 :])
            return mul(weight, out) if weight is not None else out
    if weight is not None and not _moves(matrix, index):
        return mul(total(weight, index, n), matrix)
    raise _unknown(e)


def _count(n: Dim) -> Expr:
    return make("sum", ones((n, ONE)))


def batch(e: Expr, index: str, n: Dim) -> Expr:
    """The columns e(1), …, e(n) of a vector body, the vector of values of a scalar one."""
    if not _moves(e, index):
        return mul(e, ones((n, ONE))) if e.is_scalar else mul(e, ones((ONE, n)))
    shape = (n, ONE) if e.is_scalar else (e.shape[0], n)
    if e.op is UNIT:
        return eye(n)
    if e.op is LIN:
        return linear([(c, batch(t, index, n)) for c, t in terms_of(e)], shape)
    if e.op is HAD:
        return bag([(batch(b, index, n), p) for b, p in zip(e.args, e.attrs, strict=True)])
    if e.op is SCAL and e.shape[1] is ONE:
        return mul(batch(e.args[1], index, n), make("Diag", batch(e.args[0], index, n)))
    if e.op is CHAIN:
        return _batch_chain(e, index, n)
    if e.op.name in ("frob", "sum") and e.args[0].shape[1] is ONE:
        return _batch_inner(e, index, n)
    if e.op.name in ("max", "min") and e.shape[1] is ONE:
        return make(e.op.name, *(batch(x, index, n) for x in e.args))
    if e.op.kind == "elementwise" and e.shape[1] is ONE:
        extra = dict(zip(e.op.attributes, e.attrs, strict=True))
        return make(e.op.name, batch(e.args[0], index, n), **extra)
    if e.op.name == "logsumexp":
        return make("logsumexp_rows", T(batch(e.args[0], index, n)))
    if e.op.name == "softmax":
        return make("softmax_cols", batch(e.args[0], index, n))
    raise _unknown(e)


def _batch_inner(e: Expr, index: str, n: Dim) -> Expr:
    """sum(u(k)∘…∘w) = (u(k)∘…)ᵀw, where w does not move."""
    factors: list[tuple[Expr, int | Fraction]] = []
    for x in e.args:
        factors += zip(x.args, x.attrs, strict=True) if x.op is HAD else [(x, 1)]
    moving = bag([(batch(x, index, n), p) for x, p in factors if _moves(x, index)])
    fixed = [(x, p) for x, p in factors if not _moves(x, index)]
    return mul(T(moving), bag(fixed) if fixed else ones((e.args[0].shape[0], ONE)))


def _batch_chain(e: Expr, index: str, n: Dim) -> Expr:
    moving = [i for i, f in enumerate(e.args) if _moves(f, index)]
    last = len(e.args) - 1
    if moving == [last]:
        rest = batch(e.args[last], index, n)
        return mul(*e.args[:-1], rest) if not e.is_scalar else T(mul(*e.args[:-1], rest))
    if e.is_scalar:
        if moving == [0]:
            return mul(T(batch(T(e.args[0]), index, n)), *e.args[1:])
        if moving == [0, last]:
            left, right = batch(T(e.args[0]), index, n), batch(e.args[last], index, n)
            return make("diag", mul(T(left), *e.args[1:-1], right))
        inner = [i for i in moving if i not in (0, last)]
        if len(inner) == 1 and e.args[inner[0]].op.name == "Diag":  # aᵀ Diag(v) b = vᵀ(a∘b)
            i = inner[0]
            vector = e.args[i].args[0]
            return batch(mul(T(vector), hadamard(T(mul(*e.args[:i])), mul(*e.args[i + 1 :]))), index, n)
    raise _unknown(e)


def _unknown(e: Expr) -> UnsupportedError:
    return UnsupportedError(
        "this indexed sum has no matrix form that is known here",
        hint="write it with matrices, for instance sum((…)∘(…)) or A Diag(s) Bᵀ",
    )


READ = {"isum": (("sum/indexed", lift),)}
