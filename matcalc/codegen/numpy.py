"""The NumPy target: how each array operation is written; SciPy only where NumPy has no way.

Templates name dimensions and other attributes `{a}`, `{b}`, … in the order of the operation's attributes, and
`{dtype}` the floating type of the arguments.
"""

from __future__ import annotations

from matcalc.codegen.target import ANY, ATOM, MATMUL, POWER, PRODUCT, SIGN, SUM, Form, Target, call, infix, method

HELPERS = {
    "_arrays": '''
def _arrays(**given):
    """The arguments as arrays of one type: float32 where all floating ones are that, else float64."""
    arrays = [np.asarray(a) for a in given.values()]
    types = {a.dtype.char for a in arrays}
    if types == {"d"} or types == {"f"}:
        return arrays
    for name, a in zip(given, arrays):
        if a.dtype.kind not in "fiub":
            raise ValueError(f"{name} must hold real numbers, not {a.dtype}")
    single = {a.dtype.char for a in arrays if a.dtype.kind == "f"} == {"f"}
    return [a.astype(np.float32 if single else np.float64, copy=False) for a in arrays]
''',
    "_scalar": '''
def _scalar(name, x, dtype):
    """A number of this type."""
    if type(x) is not float:
        x = np.asarray(x)
        if x.ndim:
            raise ValueError(f"{name} has shape {x.shape}, but a scalar is needed")
        if x.dtype.kind not in "fiub":
            raise ValueError(f"{name} must be a real number, not {x.item()!r}")
    return dtype.type(x)
''',
    "_size": '''
def _size(name, n):
    """A dimension: an integer that is not negative."""
    if np.ndim(n) or np.asarray(n).dtype.kind not in "fiu" or not 0 <= n < 2**53 or n != int(n):
        raise ValueError(f"{name} = {n!r} is no dimension")
    return int(n)
''',
    "_apply": '''
def _apply(name, f, x):
    """The values of a given function, entry by entry."""
    if not callable(f):
        raise ValueError(f"{name} must be a function")
    y = np.array(f(x), np.asarray(x).dtype)
    if y.shape != np.shape(x):
        raise ValueError(f"{name} must act entry by entry, but makes {np.shape(x)} to {y.shape}")
    return y[()]
''',
    "_count": '''
def _count(name, n):
    """A dimension that others fix, which is not negative."""
    if n < 0:
        raise ValueError(f"{name} = {n} is no dimension")
    return n
''',
    "_fit": '''
def _fit(name, array, symbols, *lengths):
    """The shape of an array, which must have these lengths (None: any)."""
    shape = array.shape
    if shape == lengths:
        return shape
    if len(shape) != len(lengths) or [n for n, have in zip(lengths, shape) if n not in (None, have)]:
        needed = symbols if None in lengths else f"{symbols} = {lengths}"
        hint = f"; pass {name}.ravel()" if len(lengths) == 1 and len(shape) == 2 and 1 in shape else ""
        raise ValueError(f"{name} has shape {shape}, but {needed} is needed{hint}")
    return shape
''',
    "_sigmoid": '''
def _sigmoid(x):
    """1 / (1 + exp(-x)) without overflow."""
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)
''',
    "_softplus": '''
def _softplus(x):
    """log(1 + exp(x)) without overflow."""
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))
''',
    "_softmax": '''
def _softmax(x, axis=None):
    """exp(x) / sum(exp(x)) along an axis, shifted so that nothing overflows."""
    if x.size == 0:
        return x.copy()
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)
''',
    "_softmax_pair": '''
def _softmax_pair(x, axis=None):
    """softmax(x) and its logarithm along an axis, shifted so that nothing overflows and no digits are lost."""
    if x.size == 0:
        return x.copy(), x.copy()
    shifted = x - x.max(axis=axis, keepdims=True)
    e = np.exp(shifted)
    total = e.sum(axis=axis, keepdims=True)
    shifted -= np.log(total)
    e /= total
    return e, shifted
''',
    "_log_softmax": '''
def _log_softmax(x, axis=None):
    """log(softmax(x)) along an axis, shifted so that it keeps its digits for any x."""
    if x.size == 0:
        return x.copy()
    shifted = x - x.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))
''',
    "_logsumexp": '''
def _logsumexp(x, axis=None):
    """log(sum(exp(x))) along an axis, shifted so that nothing overflows."""
    top = x.max(axis=axis, keepdims=True, initial=-np.inf)
    top = np.where(np.isfinite(top), top, 0)
    with np.errstate(divide="ignore"):
        return np.log(np.exp(x - top).sum(axis=axis)) + top.squeeze(axis=axis)
''',
    "_log_of_det": '''
def _log_of_det(A):
    """log(det(A)) without forming the determinant; nan where that is negative."""
    sign, logabsdet = np.linalg.slogdet(A)
    return np.log(sign) + logabsdet
''',
    "_norm": '''
def _norm(x):
    """The Euclidean norm, also where the squares overflow or underflow."""
    with np.errstate(over="ignore"):
        square = np.vdot(x, x)
    if 1e-30 < square < np.inf:
        return np.sqrt(square)
    top = np.abs(x).max(initial=0)
    return top * np.sqrt(np.vdot(x / top, x / top)) if 0 < top < np.inf else top
''',
    "_one_over": '''
def _one_over(norm):
    """1 / norm, and 0 for the norm of zero: its smallest subgradient."""
    return 1 / norm if norm > 0 else norm
''',
    "_adjugate": '''
def _adjugate(A, det):
    """det(A) inv(A), by the singular values where A is nearly singular."""
    if det != 0:
        inverse = np.linalg.inv(A)
        if np.abs(A).max(initial=0) * np.abs(inverse).max(initial=0) < np.finfo(A.dtype).eps ** -0.5:
            return det * inverse
    U, s, Vt = np.linalg.svd(A)
    others = np.array([np.prod(np.delete(s, i)) for i in range(len(s))], A.dtype)
    return np.sign(np.linalg.det(U) * np.linalg.det(Vt)) * (Vt.T * others) @ U.T
''',
    "_cholesky_inverse": '''
def _cholesky_inverse(factor):
    """The inverse of the matrix whose Cholesky factor (lower) this is."""
    L = factor[0]
    if L.size == 0:
        return L.copy()
    lower, _ = linalg.get_lapack_funcs("potri", (L,))(L, lower=1)
    return np.tril(lower) + np.tril(lower, -1).T
''',
    "_lu": '''
def _lu(A):
    """The LU factors of a matrix, which must be nonsingular."""
    if A.size == 0:
        return linalg.lu_factor(A)
    LU, pivots, zero = linalg.get_lapack_funcs("getrf", (A,))(A)
    if zero:
        raise np.linalg.LinAlgError("Singular matrix")
    return LU, pivots
''',
    "_real": '''
def _real(x, dtype):
    """A function of a matrix, which must be real."""
    if np.iscomplexobj(x):
        raise ValueError("the matrix has eigenvalues on the closed negative axis")
    return x.astype(dtype, copy=False)
''',
    "_kron_left": '''
def _kron_left(B, C, m, n):
    """The m by n matrix of the inner products of B with the blocks of C."""
    return np.einsum("rs,irjs->ij", B, C.reshape(m, B.shape[0], n, B.shape[1]), optimize=True)
''',
    "_kron_right": '''
def _kron_right(A, C, m, n):
    """The sum of the m by n blocks of C, weighted with the entries of A."""
    return np.einsum("rs,risj->ij", A, C.reshape(A.shape[0], m, A.shape[1], n), optimize=True)
''',
    "_khatri_rao": '''
def _khatri_rao(A, B):
    """The column-wise Kronecker product."""
    return (A[:, None, :] * B[None, :, :]).reshape(A.shape[0] * B.shape[0], A.shape[1])
''',
    "_lower_triangle": '''
def _lower_triangle(n):
    """Rows and columns of the lower triangle, column by column."""
    j, i = np.triu_indices(n)
    return i, j
''',
    "_duplication": '''
def _duplication(n, dtype):
    """The matrix D with D vech(X) = vec(X) for symmetric X."""
    i, j = _lower_triangle(n)
    D = np.zeros((n * n, len(i)), dtype)
    D[i + j * n, np.arange(len(i))] = 1
    D[j + i * n, np.arange(len(i))] = 1
    return D
''',
    "_elimination": '''
def _elimination(n, dtype):
    """The matrix L with L vec(X) = vech(X)."""
    i, j = _lower_triangle(n)
    L = np.zeros((len(i), n * n), dtype)
    L[np.arange(len(i)), i + j * n] = 1
    return L
''',
    "_commutation": '''
def _commutation(m, n, dtype):
    """The matrix K with K vec(X) = vec(X.T) for X of shape (m, n)."""
    return np.eye(m * n, dtype=dtype)[np.arange(m * n).reshape(n, m).T.ravel()]
''',
    "_unvech": '''
def _unvech(v, n):
    """The lower triangular matrix with the entries v, column by column."""
    X = np.zeros((n, n), v.dtype)
    X[_lower_triangle(n)] = v
    return X
''',
    "_polar": '''
def _polar(svd):
    """U @ Vt of a singular value decomposition, the singular values 0 left out."""
    U, s, Vt = svd
    kept = s > s.max(initial=0) * max(len(U), Vt.shape[1]) * np.finfo(s.dtype).eps
    return (U * kept) @ Vt
''',
    "_peak": '''
def _peak(x):
    """The sign of the first entry of largest absolute value, row by row, at its place; 0 elsewhere."""
    out = np.zeros(x.shape, x.dtype)
    if x.size:
        k = np.unravel_index(np.abs(x).argmax(), x.shape)
        out[k] = np.sign(x[k])
    return out
''',
    "_embed": '''
def _embed(x, shape, *where):
    """Zeros of this shape with x put in at a place."""
    out = np.zeros(shape, x.dtype)
    out[where] = x
    return out
''',
    "_add_diagonal": '''
def _add_diagonal(A, d):
    """A + Diag(d)."""
    out = A.copy()
    out.flat[:: len(A) + 1] += d
    return out
''',
}

FUNCTIONS = {
    "sigmoid": "_sigmoid",
    "softplus": "_softplus",
    "relu": "np.maximum({0}, 0)",
    "step": "np.heaviside({0}, 0)",
    "erf": "special.erf",
    "lgamma": "special.gammaln",
    "digamma": "special.digamma",
    "trigamma": "special.polygamma(1, {0}).astype({dtype})",
    "polygamma": "special.polygamma({b}, {0}).astype({dtype})",
    "normcdf": "special.ndtr",
    "lognormcdf": "special.log_ndtr",
}

FORMS = {
    "constant": Form("np.pi"),
    "size": Form("{a}", ATOM),
    "full": Form("np.full({shape}, {a}, {dtype})"),
    "zeros": Form("np.zeros({shape}, {dtype})"),
    "ones": Form("np.ones({shape}, {dtype})"),
    "eye": Form("np.eye({a}, dtype={dtype})"),
    "unit": Form("np.eye(1, {b}, {a} - 1, {dtype})[0]"),
    "commutation": Form("_commutation({a}, {b}, {dtype})"),
    "duplication": Form("_duplication({a}, {dtype})"),
    "elimination": Form("_elimination({a}, {dtype})"),
    "transpose": method(".T"),
    "column": method("[:, None]"),
    "row": method("[None, :]"),
    "reshape": method(".reshape({lengths})"),
    "flatten": method(".ravel()"),
    "diagonal": method(".diagonal()"),
    "part": method("[{a}:{a+b}, {c}:{c+d}]"),
    "take_row": method("[{a}]"),
    "take_column": method("[:, {a}]"),
    "slice": method("[{a}:{a+b}]"),
    "item": method("[{a}]"),
    "spread": Form("np.broadcast_to({0}, {shape})"),
    "spread_number": Form("np.full({shape}, {0}, {dtype})"),
    "add": Form("{0} + {1}", SUM, (SUM, MATMUL)),
    "subtract": Form("{0} - {1}", SUM, (SUM, MATMUL)),
    "multiply": infix("*", PRODUCT),
    "divide": infix("/", PRODUCT),
    "negate": Form("-{0}", SIGN, (SIGN,)),
    "power": Form("{0} ** {a}", POWER, (ATOM,)),
    "square_root": call("np.sqrt"),
    "maximum": call("np.maximum", 2),
    "minimum": call("np.minimum", 2),
    "one_over_norm": call("_one_over"),
    "softmax": Form("_softmax({0}, axis={a})"),
    "softmax_of_vector": call("_softmax"),
    "softmax_pair": Form("_softmax_pair({0}, axis={a})"),
    "softmax_pair_of_vector": call("_softmax_pair"),
    "softmax_part": method("[{a}]"),
    "log_softmax": Form("_log_softmax({0}, axis={a})"),
    "log_softmax_of_vector": call("_log_softmax"),
    "zero_where": Form("np.where({1} == 0, 0, {0})", ATOM, (ANY, SUM)),
    "sum": Form("{0}.sum()", ATOM, (ATOM,)),
    "row_sums": method(".sum(axis=1)"),
    "column_sums": method(".sum(axis=0)"),
    "norm": call("_norm"),
    "inner": call("np.vdot", 2),
    "inner_vectors": Form("{0} @ {1}", MATMUL, (SIGN, SIGN)),
    "row_inner": Form('np.einsum("ij,ij->i", {0}, {1})'),
    "column_inner": Form('np.einsum("ij,ij->j", {0}, {1})'),
    "trace": call("np.trace"),
    "logsumexp": Form("_logsumexp({0}, axis={a})"),
    "logsumexp_of_vector": call("_logsumexp"),
    "norm_inf": Form("np.abs({0}).max(initial=0)"),
    "norm_spectral": Form("np.linalg.norm({0}, 2)"),
    "norm_nuclear": Form('np.linalg.norm({0}, "nuc")'),
    "eigmax": Form("np.linalg.eigvalsh({0})[-1]"),
    "eigmin": Form("np.linalg.eigvalsh({0})[0]"),
    "matmul": Form("{0} @ {1}", MATMUL, (SIGN, SIGN)),
    "ordered_at_run_time": Form("np.linalg.multi_dot([{all}])"),
    "outer": call("np.outer", 2),
    "kron": call("np.kron", 2),
    "khatri_rao": call("_khatri_rao", 2),
    "kron_left": Form("_kron_left({0}, {1}, {a}, {b})"),
    "kron_right": Form("_kron_right({0}, {1}, {a}, {b})"),
    "block_trace": Form('np.einsum("kikj->ij", {0}.reshape({a}, {b}, {a}, {c}))', ATOM, (ATOM,)),
    "inner_blocks_trace": Form('np.einsum("ikjk->ij", {0}.reshape({b}, {a}, {c}, {a}))', ATOM, (ATOM,)),
    "khatri_left": Form('np.einsum("rj,irj->ij", {0}, {1}.reshape({a}, *{0}.shape))', ATOM, (ATOM, ATOM)),
    "khatri_right": Form(
        'np.einsum("rj,rij->ij", {0}, {1}.reshape(len({0}), {a}, {0}.shape[1]))', ATOM, (ATOM, ATOM)
    ),
    "diag_matrix": call("np.diag"),
    "add_diagonal": call("_add_diagonal", 2),
    "tril": call("np.tril"),
    "triu": call("np.triu"),
    "concatenate": Form("np.hstack([{all}])"),
    "block": Form("np.block([{grid}])"),
    "embed": Form("_embed({0}, ({e}, {f}), slice({a}, {a+b}), slice({c}, {c+d}))"),
    "pad": Form("_embed(np.asarray({0}), {c}, slice({a}, {a+b}))"),
    "vech": Form("{0}[_lower_triangle(len({0}))]", ATOM, (ATOM,)),
    "unvech": Form("_unvech({0}, {a})"),
    "inv": call("np.linalg.inv"),
    "solve": call("np.linalg.solve", 2),
    "cholesky": Form("linalg.cho_factor({0}, lower=True, check_finite=False)"),
    "cholesky_solve": Form("linalg.cho_solve({0}, {1}, check_finite=False)"),
    "cholesky_inverse": call("_cholesky_inverse"),
    "cholesky_logdet": Form("2 * np.log({0}[0].diagonal()).sum()", PRODUCT, (ATOM,)),
    "lu": call("_lu"),
    "lu_solve": Form("linalg.lu_solve({0}, {1}, trans={flag}, check_finite=False)"),
    "lu_logdet": Form("np.log(np.abs({0}[0].diagonal())).sum()", ATOM, (ATOM,)),
    "logdet": Form("np.linalg.slogdet({0})[1]"),
    "log_of_det": call("_log_of_det"),
    "det": call("np.linalg.det"),
    "adjugate": call("_adjugate", 2),
    "pinv": call("np.linalg.pinv"),
    "apply": Form('_apply("{function}", {function}, {0})'),
    "matrix_function": Form("_real(linalg.{a}({0}), {dtype})"),
    "expm": call("linalg.expm"),
    "expm_derivative": Form("linalg.expm_frechet({0}, {1}, compute_expm=False).astype({dtype}, copy=False)"),
    "sylvester": Form("linalg.solve_sylvester({0}, {0}, {1})"),
    "eigh": call("np.linalg.eigh"),
    "eigenvalue": method("[0][{a}]"),
    "eigenvector": method("[1][:, {a}]"),
    "svd": Form("np.linalg.svd({0}, full_matrices=False)"),
    "singular_value": method("[1][0]"),
    "singular_sum": method("[1].sum()"),
    "left_singular_vector": method("[0][:, 0]"),
    "right_singular_vector": method("[2][0]"),
    "polar": call("_polar"),
    "peak": call("_peak"),
}

NUMPY = Target(
    name="numpy",
    forms=FORMS,
    helpers=HELPERS,
    entrywise="numpy",
    functions=FUNCTIONS,
    updates_in_place=True,
    modules={
        "np": "import numpy as np",
        "linalg": "from scipy import linalg",
        "special": "from scipy import special",
    },
)
