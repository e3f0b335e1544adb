"""softmax and logsumexp, of a vector and along the rows or columns of a matrix.

Source: Boyd & Vandenberghe, Convex Optimization (2004), section 3.1.5.
"""

from __future__ import annotations

from matcalc.core.algebra import T, hadamard, mul, ones, sub
from matcalc.core.dims import ONE
from matcalc.core.tree import Expr, define, make
from matcalc.ir.lowering import plain


def _row_sums(X: Expr) -> Expr:
    return mul(X, ones((X.shape[1], ONE)))


def _spread(r: Expr, n: Expr) -> Expr:
    """r 1ᵀ: the vector r in every column, as many as n has."""
    return mul(r, ones((ONE, n.shape[1])))


def _d_softmax(a: tuple[Expr, ...], d: tuple[Expr, ...]) -> Expr:
    """d softmax(x) = s∘dx − s (sᵀdx)."""
    s = make("softmax", a[0])
    return sub(hadamard(s, d[0]), mul(s, mul(T(s), d[0])))


def _d_softmax_rows(a: tuple[Expr, ...], d: tuple[Expr, ...]) -> Expr:
    """dS = S∘(dX − ((S∘dX)1)1ᵀ)."""
    S = make("softmax_rows", a[0])
    return hadamard(S, sub(d[0], _spread(_row_sums(hadamard(S, d[0])), d[0])))


def _along_rows(x: Expr) -> Expr | None:
    """Softmax along a single row is that of a vector; along rows of one entry it is 1."""
    if x.shape[1] is ONE:
        return ones(x.shape)
    return T(make("softmax", T(x))) if x.shape[0] is ONE else None


def _along_columns(x: Expr) -> Expr | None:
    found = _along_rows(T(x))
    return None if found is None else T(found)


def _sums_along_rows(x: Expr) -> Expr | None:
    """The logsumexp of one entry is that entry."""
    if x.shape[1] is ONE:
        return x
    return make("logsumexp", T(x)) if x.shape[0] is ONE else None


define("softmax", "(n,1)->(n,1)", kind="nonlinear", differential=_d_softmax, positive=True, says="exp(x) / sum(exp(x))",
       normal=lambda x: ones(x.shape) if x.is_scalar else None, lower=plain("softmax", None),
       value=lambda K, X: K.build(X.m, 1, lambda i, j: K.softmax(X, [(k, 0) for k in range(X.m)], (i, 0))))

define("logsumexp", "(n,1)->(1,1)", kind="nonlinear", says="log of the sum of exp(x)", spellings=("logsumexp", "lse"),
       normal=lambda x: x if x.is_scalar else None,
       differential=lambda a, d: make("frob", make("softmax", a[0]), d[0]),
       lower=plain("logsumexp", None),
       value=lambda K, X: K.build(1, 1, lambda i, j: K.logsumexp(X, [(k, 0) for k in range(X.m)])))

define("softmax_rows", "(m,n)->(m,n)", kind="nonlinear", differential=_d_softmax_rows, positive=True,
       says="softmax of every row", transpose=lambda e: make("softmax_cols", T(e.args[0])),
       normal=_along_rows, lower=plain("softmax", 1),
       value=lambda K, X: K.build(X.m, X.n, lambda i, j: K.softmax(X, [(i, c) for c in range(X.n)], (i, j))))

define("softmax_cols", "(m,n)->(m,n)", kind="nonlinear", positive=True, says="softmax of every column",
       transpose=lambda e: make("softmax_rows", T(e.args[0])),
       differential=lambda a, d: T(_d_softmax_rows((T(a[0]),), (T(d[0]),))),
       normal=_along_columns, lower=plain("softmax", 0),
       value=lambda K, X: K.build(X.m, X.n, lambda i, j: K.softmax(X, [(r, j) for r in range(X.m)], (i, j))))

define("logsumexp_rows", "(m,n)->(m,1)", kind="nonlinear", says="logsumexp of every row, a column vector",
       differential=lambda a, d: _row_sums(hadamard(make("softmax_rows", a[0]), d[0])),
       normal=_sums_along_rows, lower=plain("logsumexp", 1),
       value=lambda K, X: K.build(X.m, 1, lambda i, j: K.logsumexp(X, [(i, c) for c in range(X.n)])))

define("logsumexp_cols", "(m,n)->(n,1)", kind="nonlinear", says="logsumexp of every column, a column vector",
       normal=lambda X: make("logsumexp_rows", T(X)),
       lower=plain("logsumexp", 0),
       value=lambda K, X: K.build(X.n, 1, lambda i, j: K.logsumexp(X, [(r, i) for r in range(X.m)])))
