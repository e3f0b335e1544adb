"""SymPy's matrix expressions, in and out, by one table a direction; what no row has is refused by name.

A 1×1 product of arrays becomes a trace in SymPy, where scalars and 1×1 matrices are different things.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import reduce
from typing import Any

from matcalc import operators
from matcalc.core.algebra import T, add, const, dimnum, eye, hadamard, mul, num, ones, power, var, zeros
from matcalc.core.dims import SCALAR, Dim
from matcalc.core.tree import Expr, make, walk
from matcalc.errors import UnsupportedError

assert operators  # imported so that the table of operators is full

Foreign = Any  # a SymPy expression
FUNCTIONS = {  # our name → SymPy's
    "exp": "exp", "log": "log", "abs": "Abs", "sign": "sign", "sin": "sin", "cos": "cos", "tan": "tan",
    "sinh": "sinh", "cosh": "cosh", "tanh": "tanh", "arcsin": "asin", "arccos": "acos", "arctan": "atan",
    "erf": "erf", "lgamma": "loggamma",
}  # fmt: skip
WRITTEN: dict[str, Callable[[Any, Foreign], Foreign]] = {  # functions that SymPy has no name for
    "sigmoid": lambda sp, x: 1 / (1 + sp.exp(-x)),
    "softplus": lambda sp, x: sp.log(1 + sp.exp(x)),
    "relu": lambda sp, x: sp.Max(x, 0),
    "log1p": lambda sp, x: sp.log(1 + x),
    "expm1": lambda sp, x: sp.exp(x) - 1,
    "normcdf": lambda sp, x: (1 + sp.erf(x / sp.sqrt(2))) / 2,
    "lognormcdf": lambda sp, x: sp.log((1 + sp.erf(x / sp.sqrt(2))) / 2),
    "step": lambda sp, x: sp.Heaviside(x, 0),
    "digamma": lambda sp, x: sp.polygamma(0, x),
    "trigamma": lambda sp, x: sp.polygamma(1, x),
}


# ── out ───────────────────────────────────────────────────────────────────────────────────────────────────
def to_sympy(e: Expr) -> Foreign:
    """The expression in SymPy: a scalar, or a matrix expression.

    >>> from matcalc.core.algebra import var
    >>> n = Dim.name("n")
    >>> to_sympy(var("A", (n, n)) @ var("B", (n, n)))
    A*B

    Raises:
        UnsupportedError: SymPy has no form of an operator in it.
    """
    import sympy as sp

    done: dict[Expr, Foreign] = {}
    for x in walk(e):
        row = OUT.get(x.op.name)
        arguments = [done[a] for a in x.args]
        if row is not None:
            done[x] = row(sp, x, *arguments)
        elif x.op.name in FUNCTIONS or x.op.name in WRITTEN:
            done[x] = _function(sp, x, arguments[0])
        else:
            raise UnsupportedError(
                f"SymPy has no form of {x.op.says or x.op.name}", hint="print it with plain()"
            )
    return done[e]


def _function(sp: Any, e: Expr, x: Foreign) -> Foreign:
    rule = WRITTEN.get(e.op.name) or (lambda sp, y: getattr(sp, FUNCTIONS[e.op.name])(y))
    if e.is_scalar:
        return rule(sp, x)
    y = sp.Dummy("y")
    return x.applyfunc(sp.Lambda(y, rule(sp, y)))


def _size(sp: Any, d: Dim) -> Foreign:
    symbols = {n: sp.Symbol(n, integer=True, positive=True) for n in d.names}
    return sp.Add(*(sp.Mul(c, *(symbols[n] for n in names)) for names, c in d.terms))


def _number(sp: Any, q: int | Fraction) -> Foreign:
    return sp.Rational(q.numerator, q.denominator)


def _variable(sp: Any, e: Expr) -> Foreign:
    name, facts = e.attrs
    if e.is_scalar:
        return (
            sp.Symbol(name, real=True, positive=True) if "positive" in facts else sp.Symbol(name, real=True)
        )
    return sp.MatrixSymbol(name, *(_size(sp, d) for d in e.shape))


def _filled(kind: str, scalar: int) -> Callable[..., Foreign]:
    def fill(sp: Any, e: Expr) -> Foreign:
        return sp.Integer(scalar) if e.is_scalar else getattr(sp, kind)(*(_size(sp, d) for d in e.shape))

    return fill


def _sum(sp: Any, e: Expr, *terms: Foreign) -> Foreign:
    scaled = [_number(sp, c) * t for c, t in zip(e.attrs, terms, strict=True)]
    return sp.Add(*scaled) if e.is_scalar else sp.MatAdd(*scaled).doit(deep=False)


def _chain(sp: Any, e: Expr, *factors: Foreign) -> Foreign:
    product = sp.MatMul(*factors)
    return sp.Trace(product) if e.is_scalar else product


def _bag(sp: Any, e: Expr, *bases: Foreign) -> Foreign:
    exponents = [_number(sp, p) for p in e.attrs]
    if e.is_scalar:
        return sp.Mul(*(b**p for b, p in zip(bases, exponents, strict=True)))
    powers = [b if p == 1 else sp.HadamardPower(b, p) for b, p in zip(bases, exponents, strict=True)]
    return powers[0] if len(powers) == 1 else sp.HadamardProduct(*powers)


def _block(sp: Any, e: Expr, *blocks: Foreign) -> Foreign:
    rows, cols = e.attrs
    return sp.BlockMatrix([list(blocks[i * cols : (i + 1) * cols]) for i in range(rows)])


def _total(sp: Any, A: Foreign) -> Foreign:
    """The sum of all entries, tr(1 1ᵀA)."""
    return sp.Trace(sp.OneMatrix(A.shape[1], A.shape[0]) * A)


OUT: dict[str, Callable[..., Foreign]] = {
    "var": _variable,
    "ones": _filled("OneMatrix", 1),
    "zeros": _filled("ZeroMatrix", 0),
    "eye": lambda sp, e: sp.Identity(_size(sp, e.shape[0])),
    "const": lambda sp, e: sp.pi if e.attrs[0] == "π" else sp.Symbol(e.attrs[0]),
    "dimnum": lambda sp, e: _size(sp, e.attrs[0]),
    "lin": _sum,
    "chain": _chain,
    "had": _bag,
    "scal": lambda sp, e, s, A: s * A,
    "T": lambda sp, e, A: sp.Transpose(A),
    "frob": lambda sp, e, A, B: sp.Trace(A.T * B),
    "tr": lambda sp, e, A: sp.Trace(A),
    "sum": lambda sp, e, A: _total(sp, A),
    "inv": lambda sp, e, A: sp.Inverse(A),
    "det": lambda sp, e, A: sp.Determinant(A),
    "logdet": lambda sp, e, A: sp.log(sp.Abs(sp.Determinant(A))),
    "kron": lambda sp, e, A, B: sp.KroneckerProduct(A, B),
    "Diag": lambda sp, e, x: sp.DiagMatrix(x),
    "diag": lambda sp, e, A: sp.DiagonalOf(A),
    "logsumexp": lambda sp, e, x: sp.log(_total(sp, x.applyfunc(sp.exp))),
    "softmax": lambda sp, e, x: x.applyfunc(sp.exp) / _total(sp, x.applyfunc(sp.exp)),
    "adj": lambda sp, e, A: sp.Determinant(A) * sp.Inverse(A),
    "sym": lambda sp, e, A: (A + A.T) / 2,
    "skew": lambda sp, e, A: (A - A.T) / 2,
    "block": _block,
}


# ── in ────────────────────────────────────────────────────────────────────────────────────────────────────
def from_sympy(s: Foreign, spell: Callable[[str], str | None] = str) -> Expr:
    """A SymPy scalar or matrix expression as an expression of ours; `spell` gives a name its canonical form.

    >>> import sympy
    >>> n = sympy.Symbol("n")
    >>> from_sympy(sympy.Trace(sympy.MatrixSymbol("X", n, n)))
    tr(var('X', ()))

    Raises:
        UnsupportedError: a class of SymPy has no row here.
    """
    import sympy as sp

    return _read(sp, _renamed(sp, sp.sympify(s), spell))


def _renamed(sp: Any, s: Foreign, spell: Callable[[str], str | None]) -> Foreign:
    """The expression with every symbol under its canonical name."""
    names = {x.name: spell(x.name) for x in s.atoms(sp.Symbol, sp.MatrixSymbol)}
    for name, found in names.items():
        if found is None:
            raise UnsupportedError(
                f"{name} is no name of the language", hint="a name is letters and a subscript"
            )
    changed = {
        x: sp.MatrixSymbol(names[x.name], *x.shape)
        for x in s.atoms(sp.MatrixSymbol)
        if names[x.name] != x.name
    }
    changed |= {
        x: sp.Symbol(names[x.name], **x._assumptions_orig)
        for x in s.atoms(sp.Symbol)
        if names[x.name] != x.name
    }
    return s.xreplace(changed)


def _read(sp: Any, s: Foreign) -> Expr:
    name = type(s).__name__
    if s.is_Rational:
        return num(Fraction(int(s.p), int(s.q)))
    if s.is_Float:
        return num(Fraction(str(s)))
    row = IN.get(name)
    if row is not None:
        return row(sp, s, *(() if name in LEAVES else (_read(sp, a) for a in s.args)))
    if not s.is_Function:
        raise UnsupportedError(f"SymPy's {name} is not read", hint="type the formula as text")
    return _call(s, [_read(sp, a) for a in s.args])


def _dim(sp: Any, s: Foreign) -> Dim:
    terms = sp.Add.make_args(sp.expand(s))
    total = Dim.of(0)
    for term in terms:
        product = Dim.of(1)
        for base, k in term.as_powers_dict().items():
            if not (k.is_Integer and k > 0 and (base.is_Symbol or base.is_Integer and base > 0)):
                raise UnsupportedError(
                    f"the size {s} is no polynomial in names", hint="use plain symbols as sizes"
                )
            for _ in range(int(k)):
                product = product * (Dim.name(base.name) if base.is_Symbol else Dim.of(int(base)))
        total = total + product
    return total


def _matrix_symbol(sp: Any, s: Foreign) -> Expr:
    return var(s.name, (_dim(sp, s.shape[0]), _dim(sp, s.shape[1])))


def _power(sp: Any, s: Foreign, base: Expr, exponent: Expr) -> Expr:
    k = s.args[1]
    if base.is_scalar and k.is_Rational:
        return power(base, Fraction(int(k.p), int(k.q)))
    if not k.is_Integer:
        raise UnsupportedError(f"the power {s} is not read", hint="exponents are numbers")
    return reduce(mul, [base if k > 0 else make("inv", base)] * abs(int(k)), eye(base.shape[0]))


def _hadamard_power(sp: Any, s: Foreign, base: Expr, exponent: Expr) -> Expr:
    k = s.args[1]
    if not k.is_Rational:
        raise UnsupportedError(f"the power {s} is not read", hint="exponents are numbers")
    return power(base, Fraction(int(k.p), int(k.q)))


def _entrywise(sp: Any, s: Foreign) -> Expr:
    """f.(X) for a function of one argument."""
    y = sp.Dummy("y")
    return _at_every_entry(sp, s.function(y), y, _read(sp, s.expr))


def _at_every_entry(sp: Any, s: Foreign, y: Foreign, X: Expr) -> Expr:
    """The scalar expression `s` in `y`, with every entry of X for y."""
    if s == y:
        return X
    if not s.has(y):
        return mul(_read(sp, s), ones(X.shape))
    name = type(s).__name__
    if name == "Pow" and s.exp.is_Rational:
        return power(_at_every_entry(sp, s.base, y, X), Fraction(int(s.exp.p), int(s.exp.q)))
    parts = [_at_every_entry(sp, a, y, X) for a in s.args]
    return (add if name == "Add" else hadamard)(*parts) if name in ("Add", "Mul") else _call(s, parts)


def _call(s: Foreign, arguments: list[Expr]) -> Expr:
    """A function of SymPy at these arguments."""
    name = type(s).__name__
    if name in ("Max", "Min"):
        return reduce(lambda x, y: make(name.lower(), x, y), arguments)
    if name == "Heaviside" and s.args[1:] == (0,):
        return make("step", arguments[0])
    if name == "polygamma" and s.args[0].is_Integer:
        order = int(s.args[0])
        known = {0: "digamma", 1: "trigamma"}
        return make(known[order], arguments[1]) if order in known else make("polygamma", arguments[1], order=order)
    ours = next((ours for ours, theirs in FUNCTIONS.items() if theirs == name), None)
    if ours is None or len(arguments) != 1:
        raise UnsupportedError(f"SymPy's {s} is not read", hint="type the formula as text")
    return make(ours, arguments[0])


def _blocks(sp: Any, s: Foreign) -> Expr:
    rows, cols = s.blockshape
    return make("block", *(_read(sp, b) for b in s.blocks), rows=rows, cols=cols)


LEAVES = {"Symbol", "Dummy", "MatrixSymbol", "Identity", "ZeroMatrix", "OneMatrix", "Pi", "BlockMatrix",
          "ElementwiseApplyFunction"}  # fmt: skip
IN: dict[str, Callable[..., Expr]] = {
    "Symbol": lambda sp, s: dimnum(_dim(sp, s)) if s.is_integer else var(s.name, SCALAR, _signs(s)),
    "MatrixSymbol": _matrix_symbol,
    "Identity": lambda sp, s: eye(_dim(sp, s.shape[0])),
    "ZeroMatrix": lambda sp, s: zeros((_dim(sp, s.shape[0]), _dim(sp, s.shape[1]))),
    "OneMatrix": lambda sp, s: ones((_dim(sp, s.shape[0]), _dim(sp, s.shape[1]))),
    "Pi": lambda sp, s: const("π"),
    "Add": lambda sp, s, *a: add(*a),
    "MatAdd": lambda sp, s, *a: add(*a),
    "Mul": lambda sp, s, *a: mul(*a),
    "MatMul": lambda sp, s, *a: mul(*a),
    "Pow": _power,
    "MatPow": _power,
    "Transpose": lambda sp, s, A: T(A),
    "Inverse": lambda sp, s, A, *_: make("inv", A),
    "Trace": lambda sp, s, A: A if A.is_scalar else make("tr", A),
    "Determinant": lambda sp, s, A: make("det", A),
    "HadamardProduct": lambda sp, s, *a: hadamard(*a),
    "HadamardPower": _hadamard_power,
    "KroneckerProduct": lambda sp, s, *a: reduce(lambda A, B: make("kron", A, B), a),
    "DiagMatrix": lambda sp, s, x: make("Diag", x),
    "DiagonalOf": lambda sp, s, A: make("diag", A),
    "BlockMatrix": _blocks,
    "ElementwiseApplyFunction": _entrywise,
}


def _signs(s: Foreign) -> frozenset[str]:
    return frozenset({"positive"}) if s.is_positive else frozenset()
