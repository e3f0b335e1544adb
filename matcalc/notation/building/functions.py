"""Functions, norms and bars: by the operator's signature, and the few that are made of others."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from matcalc.core.algebra import T, eye, mul, num, ones, power
from matcalc.core.dims import Dim
from matcalc.core.tree import OPS, Expr, Op, make
from matcalc.notation.building.build import spread
from matcalc.notation.building.builder import RULES, Builder, Typed
from matcalc.notation.building.terms import Var, find
from matcalc.notation.dimension import Product, Size, Sum, Triangle
from matcalc.notation.hints import short
from matcalc.notation.syntax.surface import Node

Arguments = list[tuple[Node, Typed]]
OF_SYMMETRIC = ("eigmax", "eigmin")
MAX_DEGREE = 9  # of a power in a dimension


def _call(b: Builder, node: Node) -> Typed:
    what = node.value
    if isinstance(what, tuple):
        (x, t), = _given(b, node, 1)
        _, name, order = what
        return Typed(t.rows, t.cols, lambda: make("apply", t.make(), name=name, order=order))
    if what in _SPECIAL:
        return _SPECIAL[what](b, node)
    op = OPS[what]
    arguments = _given(b, node, len(op.signature.arguments) if op.signature else 1)
    rows, cols = _fit(b, node, op, arguments)
    number = op.kind == "elementwise" and all(t.number for _, t in arguments)
    result = Typed(rows, cols, lambda: num(0), number)

    def build() -> Expr:
        b.shape(result)  # refuses what is out of proportion
        made = [t.make() for _, t in arguments]
        b.typed.parts(made)
        if what in OF_SYMMETRIC and made[0].T is not made[0]:
            x = b.text(node.args[0])
            b.note(f"`{b.text(node)}` is taken of the symmetric part of {x}; where {x} is symmetric, declare it so")
        e = make(what, *made)
        return b.typed.trace(e, made[0]) if what == "tr" else e

    result.make = build
    return result


def _given(b: Builder, node: Node, count: int) -> Arguments:
    if len(node.args) != count:
        spelled = re.match(r"\\?\w+", b.text(node))
        name = spelled[0] if spelled else node.value
        words = {0: "no argument", 1: "one argument"}.get(count, f"{count} arguments")
        raise b.parse_error(f"`{name}` takes {words}", node)
    return [(x, b.infer(x)) for x in node.args]


def _fit(b: Builder, node: Node, op: Op, arguments: Arguments) -> tuple[Size, Size]:
    """Unify the arguments' shapes with the operator's signature; gives the shape of the result."""
    assert op.signature is not None, op.name
    env: dict[str, Size] = {}
    first: dict[str, tuple[Node, Typed]] = {}
    for (want_rows, want_cols), (x, t) in zip(op.signature.arguments, arguments, strict=True):
        for want, have, side in ((want_rows, t.rows, "rows"), (want_cols, t.cols, "cols")):
            name = str(want)
            if want.is_number:
                if find(have) != int(want):
                    raise b.clash(
                        (
                            f"{op.name} needs a {'column vector' if side == 'cols' else 'row vector'}",
                            b.source,
                            ((x, t),),
                            _row_or_matrix(b, op, x, t),
                        )
                    )
            elif name not in env:
                env[name], first[name] = have, (x, t)
            else:
                what = (
                    f"{op.name} needs a square matrix"
                    if first[name][0] is x
                    else f"the arguments of {op.name} do not fit"
                )
                operands = ((x, t),) if first[name][0] is x else (first[name], (x, t))
                b.require(env[name], have, what, *operands)
    rows, cols = op.signature.value
    return _result(rows, env, op.name), _result(cols, env, op.name)


def _row_or_matrix(b: Builder, op: Op, x: Node, t: Typed) -> str:
    if find(t.rows) == 1:
        return f"transpose it: {op.name}({short(b, x)}')"
    rows = f"{op.name}_rows"
    return f"{rows}({b.text(x)}) and {op.name}_cols({b.text(x)}) take a matrix" if rows in OPS else ""


def _result(d: Dim, env: dict[str, Size], name: str) -> Size:
    parts: list[Size] = []
    for monomial, c in d.terms:
        factors = [env[x] for x in monomial if find(env[x]) != 1]
        if name == "vec":
            factors.reverse()
        if c != 1 or not factors:
            factors.insert(0, c)
        parts.append(
            factors[0] if len(factors) == 1 else Product(tuple(factors), "vec" if name == "vec" else "")
        )
    return parts[0] if len(parts) == 1 else Sum(tuple(parts))


# ── functions that are written with other operators ───────────────────────────────────────────────────────
def _diag(b: Builder, node: Node) -> Typed:
    (x, t), = _given(b, node, 1)
    if find(t.cols) == 1 and find(t.rows) != 1:
        b.note(f"diag of the vector {b.text(x)} is read as Diag, the diagonal matrix")
        return Typed(t.rows, t.rows, lambda: make("Diag", t.make()))
    rows, cols = _fit(b, node, OPS["diag"], [(x, t)])
    return Typed(rows, cols, lambda: make("diag", t.make()))


def _elementwise(name: str) -> Callable[[Builder, Node], Typed]:
    def rule(b: Builder, node: Node) -> Typed:
        (_, t), = _given(b, node, 1)
        build = (lambda: power(t.make(), _HALF)) if name == "sqrt" else (lambda: make("log", t.make()))
        return Typed(t.rows, t.cols, build, t.number)
    return rule


def _exponential(b: Builder, node: Node) -> Typed:
    (x, t), = _given(b, node, 1)
    if b.scope.entrywise and not t.is_scalar:
        return Typed(t.rows, t.cols, lambda: make("exp" if find(t.cols) == 1 else "expm", t.make()))
    if not t.is_scalar:
        raise b.clash(("e^{…} is exp of a scalar", b.source, ((x, t),),
                       "exp(X) is entrywise, expm(X) the matrix exponential"))
    return Typed(1, 1, lambda: make("exp", t.make()), t.number)


def _extremum(b: Builder, node: Node) -> Typed:
    name = node.value
    if len(node.args) < 2:
        raise b.unsupported(f"{name} of one argument is not supported", node,
                            f"{name}(X, 0) is entrywise; the largest absolute value is ‖X‖_∞")
    parts = [(x, b.infer(x)) for x in node.args]
    arrays = [(x, t) for x, t in parts if not t.is_scalar] or parts
    for other in arrays[1:]:
        b.require(arrays[0][1].rows, other[1].rows, f"{name} needs arrays of one shape", arrays[0], other)
        b.require(arrays[0][1].cols, other[1].cols, f"{name} needs arrays of one shape", arrays[0], other)
    like = arrays[0][1]
    for x, t in parts:
        if t.is_scalar and not like.is_scalar and not (x.kind == "num" and x.value == 0):
            b.note(f"{b.text(x)} in `{b.text(node)}` acts on every entry")

    def build() -> Expr:
        shape = b.shape(like)
        made = [t.make() if t.is_scalar == like.is_scalar else spread(t.make(), shape) for _, t in parts]
        e = made[0]
        for other in made[1:]:
            e = make(name, e, other)
        return e

    return Typed(like.rows, like.cols, build)


def _sums(rows: bool) -> Callable[[Builder, Node], Typed]:
    def rule(b: Builder, node: Node) -> Typed:
        (_, t), = _given(b, node, 1)
        if rows:
            return Typed(t.rows, 1, lambda: mul(t.make(), ones((b.dim(t.cols), Dim.of(1)))))
        return Typed(t.cols, 1, lambda: mul(T(t.make()), ones((b.dim(t.rows), Dim.of(1)))))
    return rule


def _kron(b: Builder, node: Node) -> Typed:
    if len(node.args) < 2:
        _given(b, node, 2)
    return RULES["kron"](b, node)


def _inner(b: Builder, node: Node) -> Typed:
    _given(b, node, 2)
    return RULES["frob"](b, node)


def _filled(columns: bool) -> Callable[[Builder, Node], Typed]:
    """vector(1) and matrix(1): ones (or another number) of the inferred shape."""
    def rule(b: Builder, node: Node) -> Typed:
        (x, t), = _given(b, node, 1)
        if not t.is_scalar:
            raise b.clash((f"{node.value}(…) takes a number", b.source, ((x, t),), ""))
        rows, cols = Var(), Var() if columns else 1
        return Typed(rows, cols, lambda: spread(t.make(), (b.dim(rows), b.dim(cols))))
    return rule


def as_size(b: Builder, node: Node) -> Size:
    """A formula used as a dimension: n, 3, 2n + 1, n²."""
    if node.kind == "num" and isinstance(node.value, int) and node.value > 0:
        return node.value
    if node.kind == "name":
        b.scope.sized.add(node.value)
        return node.value
    if node.kind == "group":
        return as_size(b, node.args[0])
    if node.kind == "product" and all(s > 0 for s in node.value):
        return Product(tuple(as_size(b, x) for x in node.args), "typed")
    if node.kind == "pow" and node.value in range(2, MAX_DEGREE + 1):
        return Product((as_size(b, node.args[0]),) * int(node.value), "typed")
    if node.kind == "sum":
        signed = list(zip(node.args, node.value, strict=True))
        return Sum(
            tuple(as_size(b, x) for x, s in signed if s > 0), tuple(as_size(b, x) for x, s in signed if s < 0)
        )
    raise b.parse_error(
        "this is no dimension", node, "a dimension is a name, a whole number, or a sum or product of such"
    )


def _eye(b: Builder, node: Node) -> Typed:
    if len(node.args) > 1:
        _given(b, node, 1)
    n = as_size(b, node.args[0]) if node.args else Var()
    return Typed(n, n, lambda: eye(b.dim(n)))


def _unvec(b: Builder, node: Node) -> Typed:
    if len(node.args) != 3:
        raise b.parse_error("unvec takes a vector and the two dimensions", node, "unvec(v, m, n) is m×n")
    x, m, n = node.args
    t, rows, cols = b.infer(x), as_size(b, m), as_size(b, n)
    if find(t.cols) != 1:
        raise b.clash(("unvec needs a column vector", b.source, ((x, t),), ""))
    b.require(
        t.rows,
        Product((cols, rows), "vec"),
        f"unvec to {b.text(m)}×{b.text(n)} needs a vector of that many entries",
        (x, t),
    )
    return Typed(rows, cols, lambda: make("unvec", t.make(), m=b.dim(rows), n=b.dim(cols)))


def _vech(b: Builder, node: Node) -> Typed:
    (x, t), = _given(b, node, 1)
    b.require(t.rows, t.cols, "vech needs a square matrix", (x, t))
    half = Triangle(t.rows)
    return Typed(half, 1, lambda: make("vech", t.make(), half=b.dim(half)))


def _polygamma(b: Builder, node: Node) -> Typed:
    """polygamma(k, X), the derivative of order k of digamma."""
    if len(node.args) != 2:
        _given(b, node, 2)
    order, x = node.args
    t = b.infer(x)
    if order.kind != "num" or not isinstance(order.value, int) or order.value < 1:
        raise b.unsupported("the order of polygamma is a whole number from 1", order, "polygamma(2, X)")
    return Typed(t.rows, t.cols, lambda: make("polygamma", t.make(), order=order.value), t.number)


def _sized(kind: str) -> Callable[[Builder, Node], Typed]:
    """commutation(m,n), duplication(n), elimination(n)."""
    def rule(b: Builder, node: Node) -> Typed:
        count = 2 if kind == "commutation" else 1
        if len(node.args) != count:
            _given(b, node, count)
        sizes = tuple(as_size(b, x) for x in node.args)
        return RULES[kind](b, Node(kind, value=sizes, start=node.start, end=node.end))
    return rule


def _differential(b: Builder, node: Node) -> Typed:
    (_, t), = _given(b, node, 1)
    return Typed(t.rows, t.cols, lambda: make("d", t.make()))


# ── norms and bars ────────────────────────────────────────────────────────────────────────────────────────
_HALF = Fraction(1, 2)


def _euclidean(e: Expr) -> Expr:
    return power(make("frob", e, e), _HALF)


def _norm(b: Builder, node: Node) -> Typed:
    return norm_of(b, node, node.args[0], node.value)


def norm_of(b: Builder, node: Node, x: Node, kind: str) -> Typed:
    """‖x‖ of a kind: "" or F, 1, 2, inf, nuclear."""
    t = b.infer(x)
    flat = find(t.rows) == 1 or find(t.cols) == 1
    if t.is_scalar and b.indices:
        b.note(f"`{b.text(x)}` is a number for every index; where x_i is a vector, declare x_i ∈ R^n")
    if kind == "2" and not flat:
        b.note(f"‖{b.text(x)}‖₂ of a matrix is the spectral norm, its largest singular value")
        return Typed(1, 1, lambda: make("norm_spectral", t.make()))
    builders: dict[str, Callable[[], Expr]] = {
        "1": lambda: make("sum", make("abs", t.make())),
        "inf": lambda: make("norm_inf", t.make()),
        "nuclear": lambda: make("norm_nuclear", t.make()),
    }
    return Typed(1, 1, builders.get(kind, lambda: _euclidean(t.make())))


def _norm_function(kind: str) -> Callable[[Builder, Node], Typed]:
    def rule(b: Builder, node: Node) -> Typed:
        if len(node.args) != 1:
            raise b.unsupported("norms with a second argument are not supported", node,
                                "norm(x), norm1(x), norm_F(X), or ‖x‖_1, ‖x‖_∞, ‖X‖_*")
        return norm_of(b, node, node.args[0], kind)
    return rule


def _weighted(b: Builder, node: Node) -> Typed:
    (x, t), (w, weight) = [(x, b.infer(x)) for x in node.args]
    if find(t.cols) != 1:
        raise b.clash(("‖x‖_A = √(xᵀAx) is a norm of a vector", b.source, ((x, t),),
                       f"for a matrix: tr({short(b, x)}'A{short(b, x)})^{{1/2}}"))
    b.require(weight.rows, weight.cols, "‖x‖_A needs a square matrix A", (w, weight))
    b.require(weight.cols, t.rows, "‖x‖_A needs an A as long as x", (x, t), (w, weight))

    def build() -> Expr:
        e = t.make()
        return power(mul(T(e), weight.make(), e), _HALF)

    return Typed(1, 1, build)


def _bars(b: Builder, node: Node) -> Typed:
    x = node.args[0]
    t = b.infer(x)
    if t.is_scalar or find(t.cols) == 1 or find(t.rows) == 1:
        return Typed(t.rows, t.cols, lambda: make("abs", t.make()), t.number)
    b.require(t.rows, t.cols, "|X| of a matrix is its determinant and needs a square one", (x, t),
              hint=f"entry by entry: abs({b.text(x)})")
    b.note(f"|{b.text(x)}| is the determinant")
    return Typed(1, 1, lambda: make("det", t.make()))


_SPECIAL: dict[Any, Callable[[Builder, Node], Typed]] = {
    "diag": _diag,
    "sqrt": _elementwise("sqrt"),
    "ln": _elementwise("log"),
    "e^": _exponential,
    "max": _extremum,
    "min": _extremum,
    "rowsums": _sums(True),
    "colsums": _sums(False),
    "kron": _kron,
    "inner": _inner,
    "frob": _inner,
    "vector": _filled(False),
    "matrix": _filled(True),
    "eye": _eye,
    "unvec": _unvec,
    "vech": _vech,
    "polygamma": _polygamma,
    "commutation": _sized("commutation"),
    "duplication": _sized("duplication"),
    "elimination": _sized("elimination"),
    "norm": _norm_function(""),
    "norm2": _norm_function(""),
    "norm1": _norm_function("1"),
    "norm_F": _norm_function("F"),
    "norm_1": _norm_function("1"),
    "norm_2": _norm_function(""),
    "norm_inf": _norm_function("inf"),
    "norm_nuc": _norm_function("nuclear"),
    "d": _differential,
}
RULES.update(call=_call, norm=_norm, wnorm=_weighted, bars=_bars)
