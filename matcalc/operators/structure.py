"""Operators that move entries: trace, diagonals, vec, blocks, parts, triangles, symmetric parts.

All are linear; the column `adjoint` is the whole of their calculus. `value` is the definition by entries.
"""

from __future__ import annotations

from collections.abc import Callable

from matcalc.core.algebra import (
    CHAIN,
    EYE,
    HAD,
    LIN,
    ONES,
    TRANSPOSE,
    UNIT,
    UNITY,
    ZEROS,
    Number,
    T,
    add,
    bag,
    dimnum,
    eye,
    facts_of,
    hadamard,
    linear,
    mul,
    ones,
    scale,
    scaled,
    split_coefficient,
    terms_of,
    unit,
    zeros,
)
from matcalc.core.dims import ONE, Dim, Shape
from matcalc.core.tree import Expr, define, make, node, walk
from matcalc.ir.lowering import block, embed, half_sum, on_matrices, part, plain, unvec, vec, with_attrs


def _outer(e: Expr) -> tuple[Expr, Expr] | None:
    """The vectors of an outer product u vᵀ."""
    for i in range(1, len(e.args)) if e.op is CHAIN else ():
        if e.args[i].shape[0] is ONE:
            return mul(*e.args[:i]), T(mul(*e.args[i:]))
    return None


def _merged(x: Expr) -> Expr | None:
    """A sum of which the operator sees no transposes, with t + tᵀ as 2t."""
    if x.op is not LIN or len(x.args) < 2:
        return None
    merged = linear([(c, min(t, T(t), key=lambda y: y.key)) for c, t in terms_of(x)], x.shape)
    return merged if merged.op is not LIN or len(merged.args) < len(x.args) else None


def _tr(x: Expr) -> Expr | None:
    if x.is_scalar:
        return x
    if (merged := _merged(x)) is not None:
        return make("tr", merged)
    if x.op is EYE:
        return dimnum(x.shape[0])
    if (pair := _outer(x)) is not None:
        return mul(T(pair[1]), pair[0])
    if x.op is CHAIN:
        return _canonical_trace(x)
    other = T(x)
    return make("tr", other) if other is not x and other.key < x.key and x.op.name == "T" else None


def _canonical_trace(x: Expr) -> Expr | None:
    """tr is the same for every rotation and for the transpose; keep the one with the smallest key."""
    sign: Number = 1
    best = x.args
    for c, e in ((1, x), split_coefficient(T(x))):  # a skew factor gives its transpose a sign
        for i in range(len(e.args)) if e.op is CHAIN else ():
            turned = e.args[i:] + e.args[:i]
            if _trace_key(turned) < _trace_key(best):
                sign, best = c, turned
    return None if best == x.args else scale(sign, make("tr", mul(*best)))


def _trace_key(factors: tuple[Expr, ...]) -> tuple[object, ...]:
    palindromic = T(factors[0]) is factors[-1] and factors[0].op.name == "T"
    transposes = sum(f.op.name == "T" for f in factors)
    return (transposes, not palindromic, tuple(f.key for f in factors))


def _frob(a: Expr, b: Expr) -> Expr | None:
    if a.is_scalar:
        return hadamard(a, b)
    if a is b and a.op is UNIT:
        return UNITY
    if a.shape[1] is ONE and a is not b:
        return mul(T(a), b)
    if a.shape[0] is ONE:
        return make("frob", T(a), T(b))
    for x, y in ((a, b), (b, a)):
        if x.op is ONES:
            return make("sum", y)
        if x.op is EYE:
            return make("tr", y)
    return make("frob", b, a) if b.key < a.key else None


def _sum(x: Expr) -> Expr | None:
    if x.is_scalar:
        return x
    if x.op is ONES:
        return mul(dimnum(x.shape[0]), dimnum(x.shape[1]))
    if x.op is UNIT:
        return UNITY
    if x.shape[0] is ONE or x.op.name == "T" and x.shape[1] is not ONE:
        return make("sum", T(x))
    if x.op.name == "Diag":
        return make("sum", x.args[0])
    if x.op is CHAIN and x.args[-1].op is ONES:  # v 1ᵀ has v in every column
        return mul(dimnum(x.shape[1]), make("sum", mul(*x.args[:-1])))
    return None


def _diag(x: Expr) -> Expr | None:
    if x.is_scalar:
        return x
    if (merged := _merged(x)) is not None:
        return make("diag", merged)
    if x.op is EYE:
        return ones((x.shape[0], ONE))
    if x.op.name == "Diag":
        return x.args[0]
    if x.op is ONES:
        return ones((x.shape[0], ONE))
    if x.op is HAD and any(b.op is EYE for b in x.args):
        return make("diag", bag([(b, p) for b, p in zip(x.args, x.attrs, strict=True) if b.op is not EYE]))
    if (pair := _outer(x)) is not None:
        return hadamard(*pair)
    return make("diag", T(x)) if x.op.name == "T" else None


def _Diag(x: Expr) -> Expr | None:
    if x.is_scalar:
        return x
    if x.op is ONES:
        return eye(x.shape[0])
    if x.op.name == "diag":
        return hadamard(eye(x.shape[0]), x.args[0])
    return None


def _vec(x: Expr) -> Expr | None:
    if x.shape[1] is ONE:
        return x
    if x.shape[0] is ONE:
        return T(x)
    if x.op is ONES:
        return ones((x.shape[0] * x.shape[1], ONE))
    return x.args[0] if x.op.name == "unvec" else None


def _unvec(x: Expr, m: Dim, n: Dim) -> Expr | None:
    if n is ONE:
        return x
    if m is ONE:
        return T(x)
    if x.op is ONES:
        return ones((m, n))
    if x.op is LIN and any(t.op.name == "vec" and t.args[0].shape == (m, n) for t in x.args):
        return linear([(c, make("unvec", t, m=m, n=n)) for c, t in terms_of(x)], (m, n))
    return x.args[0] if x.op.name == "vec" and x.args[0].shape == (m, n) else None


def _symmetric(x: Expr) -> bool:
    return T(x) is x


def _antisymmetric(x: Expr) -> bool:
    return T(x) is scale(-1, x)


define("tr", "(n,n)->(1,1)", spellings=("tr", "trace", "Tr"), normal=_tr, says="the trace, the sum of the diagonal",
       adjoint=(lambda G, X: scaled(G, eye(X.shape[0])),),
       lower=plain("trace"), value=lambda K, X: K.build(1, 1, lambda i, j: K.sum(X[k, k] for k in range(X.m))))

define("frob", "(m,n),(m,n)->(1,1)", kind="multilinear", spellings=("inner",), normal=_frob,
       says="the Frobenius product A:B = tr(AᵀB)",
       adjoint=(lambda G, A, B: scaled(G, B), lambda G, A, B: scaled(G, A)),
       lower=plain("inner"), value=lambda K, A, B: K.build(
            1, 1, lambda i, j: K.sum(A[r, c] * B[r, c] for r in range(A.m) for c in range(A.n))))

define("colon", "(m,n),(m,n)->(1,1)", kind="multilinear", spellings=(),
       says="A:B kept as it stands, for the lines of a derivation",
       value=lambda K, A, B: K.build(
            1, 1, lambda i, j: K.sum(A[r, c] * B[r, c] for r in range(A.m) for c in range(A.n))))

define("sum", "(m,n)->(1,1)", normal=_sum, says="the sum of all entries",
       adjoint=(lambda G, X: scaled(G, ones(X.shape)),),
       lower=plain("sum"), value=lambda K, X: K.build(
            1, 1, lambda i, j: K.sum(X[r, c] for r in range(X.m) for c in range(X.n))))

define("diag", "(n,n)->(n,1)", normal=_diag, says="the diagonal as a column vector",
       adjoint=(lambda G, X: make("Diag", G),),
       lower=plain("diagonal"), value=lambda K, X: K.build(X.m, 1, lambda i, j: X[i, i]))

define("Diag", "(n,1)->(n,n)", normal=_Diag, transpose="self", says="the diagonal matrix of a vector",
       adjoint=(lambda G, x: make("diag", G),),
       lower=plain("diag_matrix"), value=lambda K, x: K.build(x.m, x.m, lambda i, j: x[i, 0] if i == j else K.zero))

define("vec", "(m,n)->(m*n,1)", normal=_vec, says="the columns stacked on one another",
       adjoint=(lambda G, X: make("unvec", G, m=X.shape[0], n=X.shape[1]),),
       lower=vec, value=lambda K, X: K.build(X.m * X.n, 1, lambda i, j: X[i % X.m, i // X.m]))

define("unvec", kind="linear", spellings=("unvec",), normal=_unvec, attributes=("m", "n"),
       shape=lambda v, m, n: (m, n), says="the m×n matrix whose vec is v",
       adjoint=(lambda G, v, m, n: make("vec", G),),
       lower=unvec, value=lambda K, v, m, n: K.build(m, n, lambda i, j: v[i + j * m, 0]))

define("vech", kind="linear", spellings=("vech",), attributes=("half",), shape=lambda X, half: (half, ONE),
       says="the columns of the lower triangle stacked on one another",
       adjoint=(lambda G, X, half: make("unvech", G, n=X.shape[0]),),
       lower=with_attrs("vech"),
       value=lambda K, X, half: K.build(X.m * (X.m + 1) // 2, 1, lambda k, j: X[K.vech_place(k, X.m)]))

define("unvech", kind="linear", spellings=(), attributes=("n",), shape=lambda v, n: (n, n),
       says="the lower triangular matrix whose vech is v",
       adjoint=(lambda G, v, n: make("vech", G, half=v.shape[0]),),
       lower=with_attrs("unvech"),
       value=lambda K, v, n: K.build(
            n, n, lambda i, j: v[i - j + sum(n - c for c in range(j)), 0] if i >= j else K.zero))

def _sym(x: Expr) -> Expr | None:
    if _symmetric(x):
        return x
    if _antisymmetric(x):
        return zeros(x.shape)
    terms = [(c, min(t, T(t), key=_transposed)) for c, t in terms_of(x)]
    turned = linear(terms, x.shape)
    return None if turned is x else make("sym", turned)


def _transposed(e: Expr) -> tuple[int, tuple[object, ...]]:
    return sum(x.op is TRANSPOSE for x in walk(e)), e.key


define("sym", "(n,n)->(n,n)", transpose="self",
       normal=_sym,
       says="the symmetric part (X + Xᵀ)/2", adjoint=(lambda G, X: make("sym", G),),
       lower=half_sum("add"), value=lambda K, X: K.build(X.m, X.m, lambda i, j: K.half * (X[i, j] + X[j, i])))

define("skew", "(n,n)->(n,n)", transpose=lambda e: scale(-1, e),
       normal=lambda X: zeros(X.shape) if _symmetric(X) else X if _antisymmetric(X) else None,
       says="the skew-symmetric part (X − Xᵀ)/2", adjoint=(lambda G, X: make("skew", G),),
       lower=half_sum("subtract"), value=lambda K, X: K.build(X.m, X.m, lambda i, j: K.half * (X[i, j] - X[j, i])))

def _triangular(name: str, whole: int) -> Callable[[Expr], Expr | None]:
    """A matrix that is its own triangle; `whole` is the axis of length 1 along which the triangle is everything."""
    def normal(X: Expr) -> Expr | None:
        own = X.op is EYE or X.op.name in (name, "Diag") or name in facts_of(X) or X.shape[whole] is ONE
        return X if own else None
    return normal


define("tril", "(m,n)->(m,n)", transpose=lambda e: make("triu", T(e.args[0])), normal=_triangular("tril", 1),
       says="the lower triangle, the rest zero", adjoint=(lambda G, X: make("tril", G),),
       lower=on_matrices("tril"), value=lambda K, X: K.build(X.m, X.n, lambda i, j: X[i, j] if i >= j else K.zero))

define("triu", "(m,n)->(m,n)", transpose=lambda e: make("tril", T(e.args[0])),
       normal=_triangular("triu", 0),
       says="the upper triangle, the rest zero", adjoint=(lambda G, X: make("triu", G),),
       lower=on_matrices("triu"), value=lambda K, X: K.build(X.m, X.n, lambda i, j: X[i, j] if i <= j else K.zero))


# ── blocks and parts ──────────────────────────────────────────────────────────────────────────────────────
def _block_shape(*args: Expr, rows: int, cols: int) -> Shape:
    height, width = args[0].shape[0], args[0].shape[1]
    for i in range(1, rows):
        height = height + args[i * cols].shape[0]
    for j in range(1, cols):
        width = width + args[j].shape[1]
    return height, width


def _block(*args: Expr, rows: int, cols: int) -> Expr | None:
    if rows == cols == 1:
        return args[0]
    return zeros(_block_shape(*args, rows=rows, cols=cols)) if all(a.op is ZEROS for a in args) else None


def block_ranges(args: tuple[Expr, ...], rows: int, cols: int, k: int) -> tuple[Dim, Dim, Dim, Dim]:
    """Where block k of a block matrix stands: rows before it, its rows, columns before it, its columns."""
    i, j = divmod(k, cols)
    before_r, before_c = Dim.of(0), Dim.of(0)
    for r in range(i):
        before_r = before_r + args[r * cols].shape[0]
    for c in range(j):
        before_c = before_c + args[c].shape[1]
    return before_r, args[i * cols].shape[0], before_c, args[j].shape[1]


def _part_of_block(G: Expr, args: tuple[Expr, ...], rows: int, cols: int, k: int) -> Expr:
    top, height, left, width = block_ranges(args, rows, cols, k)
    return make("part", G, top=top, height=height, left=left, width=width)


def _block_value(K, *blocks, rows, cols):  # type: ignore[no-untyped-def]
    grid = [blocks[r * cols:(r + 1) * cols] for r in range(rows)]
    entries = [[b[i, j] for b in row for j in range(b.n)] for row in grid for i in range(row[0].m)]
    return K.build(len(entries), len(entries[0]), lambda i, j: entries[i][j])


def _part(X: Expr, top: Dim, height: Dim, left: Dim, width: Dim) -> Expr | None:
    if (height, width) == X.shape:
        return X
    where = {"top": top, "height": height, "left": left, "width": width}
    if X.op is ONES:
        return ones((height, width))
    if X.op is ZEROS:
        return zeros((height, width))
    if X.op is UNIT and isinstance(X.attrs[0], int) and top.is_number:
        return _part_of_unit(X.attrs[0] - int(top), height)
    if X.op is LIN:
        parts = [scale(c, make("part", t, **where)) for c, t in terms_of(X)]
        if any(t.op.name != "part" for _, t in terms_of(add(*parts))):
            return add(*parts)
    if X.op.name == "block":
        rows, cols = X.attrs
        for k, b in enumerate(X.args):
            if block_ranges(X.args, rows, cols, k) == (top, height, left, width):
                return b
    if X.op.name == "embed" and X.attrs[:2] == (top, left) and X.args[0].shape == (height, width):
        return X.args[0]
    return _function_of_blocks(X, top, left) if X.op.kind == "function" and height is width else None


def _part_of_unit(place: int, height: Dim) -> Expr | None:
    """A range of e_k is a shorter unit vector or zero, where it is known which."""
    if place < 1 or height.is_number and place > int(height):
        return zeros((height, ONE))
    return unit(place, height) if place == 1 or height.is_number else None


def _function_of_blocks(X: Expr, top: Dim, left: Dim) -> Expr | None:
    """The blocks of f([Y, E; 0, Y]): f(Y) on the diagonal, the derivative at Y in the direction E above."""
    inside = X.args[0]
    if inside.op.name != "block" or inside.attrs != (2, 2):
        return None
    Y, E, below, last = inside.args
    n = Y.shape[0]
    if Y is not last or below.op is not ZEROS or Y.shape[1] is not n or {top, left} - {Dim.of(0), n}:
        return None
    if top is left:
        return make(X.op.name, Y)
    return make(f"{X.op.name}_derivative", Y, E) if left is n else zeros(E.shape)


def _part_transpose(e: Expr) -> Expr:
    top, height, left, width = e.attrs
    return make("part", T(e.args[0]), top=left, height=width, left=top, width=height)


define("block", kind="multilinear_sum", spellings=(), normal=_block, attributes=("rows", "cols"), shape=_block_shape,
       says="a matrix put together from blocks",
       transpose=lambda e: make("block", *(T(e.args[i * e.attrs[1] + j]) for j in range(e.attrs[1])
                                          for i in range(e.attrs[0])), rows=e.attrs[1], cols=e.attrs[0]),
       lower=block, value=_block_value)

define("part", kind="linear", spellings=(), normal=_part, attributes=("top", "height", "left", "width"),
       shape=lambda X, top, height, left, width: (height, width), transpose=_part_transpose,
       says="a block of a matrix: `height` rows after the first `top`, `width` columns after the first `left`",
       adjoint=(lambda G, X, top, height, left, width: make(
            "embed", G, top=top, left=left, m=X.shape[0], n=X.shape[1]),),
       lower=part, value=lambda K, X, top, height, left, width: K.build(
            height, width, lambda i, j: X[top + i, left + j]))

define("embed", kind="linear", spellings=(), attributes=("top", "left", "m", "n"),
       shape=lambda X, top, left, m, n: (m, n),
       transpose=lambda e: make("embed", T(e.args[0]), top=e.attrs[1], left=e.attrs[0], m=e.attrs[3], n=e.attrs[2]),
       says="the matrix of zeros with X put in after `top` rows and `left` columns",
       adjoint=(lambda G, X, top, left, m, n: make(
            "part", G, top=top, height=X.shape[0], left=left, width=X.shape[1]),),
       lower=embed, value=lambda K, X, top, left, m, n: K.build(
           m, n, lambda i, j: X[i - top, j - left] if top <= i < top + X.m and left <= j < left + X.n else K.zero))


def _d_transpose(e: Expr) -> Expr:
    """(dX)ᵀ is dX for symmetric X and −dX for skew X."""
    from_inside = T(e.args[0])
    if from_inside is e.args[0]:
        return e
    return scale(-1, e) if from_inside is scale(-1, e.args[0]) else node(TRANSPOSE, (e,), (), (e.shape[1], e.shape[0]))


define("d", "(m,n)->(m,n)", kind="mark", spellings=(), transpose=_d_transpose, says="the differential of its argument",
       value=lambda K, X: K.build(X.m, X.n, lambda i, j: K.tangent(X[i, j])))
