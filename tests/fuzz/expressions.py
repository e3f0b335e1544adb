"""Random well-typed expressions: every operator of the table, where its signature fits the shape that is wanted.

The catalogue is walked by its signatures; what has none stands in `SPECIAL`. Arguments are drawn inside the
domain of their operator (`ARGUMENT`), so that a value exists almost everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from random import Random

from matcalc import operators
from matcalc.core.algebra import (
    T,
    add,
    commutation,
    const,
    dimnum,
    duplication,
    elimination,
    eye,
    hadamard,
    mul,
    num,
    ones,
    power,
    scale,
    sub,
    unit,
    var,
    zeros,
)
from matcalc.core.dims import ONE, SCALAR, ZERO, Dim, Shape
from matcalc.core.signature import Signature
from matcalc.core.tree import OPS, Expr, make, walk

assert operators  # imported so that the table is full
m, n, k, h = (Dim.name(c) for c in "mnkh")
THREE = Dim.of(3)
SIMPLE = (m, n, k)
COMPOSED = (m * n, n * n, m + n, n + ONE, m + m, THREE, h)  # h stands for n(n + 1)/2 where a vech needs it
SQUARE_FACTS = ("sym", "spd", "skew", "diag", "tril", "orth")
LETTERS = {"matrix": "ABCFGHMNPQRSUVWXYZ", "vector": "abcpqrsuvwxyz", "scalar": "αβγδλμσρθω"}
RATIONALS = (2, -1, 3, -2, Fraction(1, 2), Fraction(-3, 2), Fraction(2, 3))
ROOTS = (-1, -2, Fraction(1, 2), Fraction(-1, 2), Fraction(3, 2))
MARKS = frozenset({"meta", "colon", "d"})  # stand in rows and derivations, never in a problem
BOUNDED = ("sin", "cos", "tanh", "sigmoid", "erf", "normcdf", "arctan")
ARGUMENT = {  # what the first argument of an operator must be so that there is a value, and not a huge one
    **dict.fromkeys(("log", "lgamma", "digamma", "trigamma", "log1p"), "positive"),
    **dict.fromkeys(("arcsin", "arccos"), "half"),
    **dict.fromkeys(("exp", "expm1", "sinh", "cosh", "tan", "expm", "expm_derivative", "softmax"), "gentle"),
    **dict.fromkeys(("logm", "sqrtm", "logm_derivative", "sqrtm_derivative"), "definite"),
    **dict.fromkeys(("norm_inf", "peak", "norm_spectral", "dyad_max", "polar", "norm_nuclear"), "generic"),
    **dict.fromkeys(("eigmax", "eigmin", "eigproj_max", "eigproj_min", "max", "min"), "generic"),
    **dict.fromkeys(("inv", "det", "logdet", "adj"), "square"),
}
BY_SIGNATURE = tuple(op for op in OPS.values() if op.signature is not None and op.name not in MARKS)


def is_product(d: Dim) -> bool:
    """Whether a dimension is a product of two names."""
    return len(d.terms) == 1 and len(d.terms[0][0]) == 2 and d.terms[0][1] == 1


class Expressions:
    """Draws expressions of one problem; the same seed gives the same expressions."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)
        self.variables: dict[str, Expr] = {}

    def objective(self, depth: int) -> Expr:
        """An expression in which some variable occurs, mostly a scalar; every other one is of a chosen operator."""
        while True:
            chosen = self.rng.random() < 0.5
            e = self.about(self.rng.choice(CATALOGUE), depth) if chosen else self.draw(self.shape(), depth)
            if any(x.op.name == "var" for x in walk(e)):
                return e

    def shape(self) -> Shape:
        """The shape of an objective."""
        return self.rng.choice((SCALAR,) * 7 + ((n, ONE), (m, n), (n, n)))

    def about(self, name: str, depth: int) -> Expr:
        """A scalar (now and then an array) made of this operator at drawn arguments."""
        signature = OPS[name].signature if name not in SPECIAL else None
        e = self.apply(name, signature, {}, depth - 2) if signature is not None else None
        while e is None:
            e = SPECIAL[name](self, self.rng.choice(TARGETS), depth - 2)
        if e.is_scalar or self.rng.random() < 0.15:
            return e
        other = self.draw(e.shape, min(depth - 2, 1))
        weighted = make("sum", hadamard(e, other))
        return self.rng.choice((make("sum", e), make("frob", e, e), make("frob", e, other), weighted))

    def draw(self, shape: Shape, depth: int) -> Expr:
        """An expression of this shape."""
        pick = self.rng.random()
        if depth <= 0 or pick < (0.05 if depth > 2 else 0.12):
            return self.leaf(shape)
        if pick < 0.6:
            return self.rng.choice(ALGEBRA if shape != SCALAR else SCALARS)(self, shape, depth - 1)
        return self.catalogue(shape, depth - 1)

    def catalogue(self, shape: Shape, depth: int) -> Expr:
        """An operator of the table whose result has this shape."""
        entrywise = self.rng.random() < 0.25
        rows: list[Callable[[], Expr | None]] = []
        for op in BY_SIGNATURE:
            assert op.signature is not None
            sizes = self.bind(op.signature.value, shape) if entrywise == (op.kind == "elementwise") else None
            if sizes is not None:
                rows.append(lambda op=op, sizes=sizes: self.apply(op.name, op.signature, sizes, depth))
        rows += [lambda row=row: row(self, shape, depth) for row in SPECIAL.values()]
        while True:
            found = self.rng.choice(rows)()
            if found is not None:
                return found

    def apply(self, name: str, signature: Signature, sizes: dict[str, Dim], depth: int) -> Expr:
        """The operator at drawn arguments; sizes that the result leaves open are drawn."""
        for pattern in signature.arguments:
            for name_of_size in sorted(pattern[0].names | pattern[1].names):
                sizes.setdefault(name_of_size, self.size())
        shapes = [(a.subs(sizes), b.subs(sizes)) for a, b in signature.arguments]
        first = getattr(self, ARGUMENT.get(name, "draw"))(shapes[0], depth)
        return make(name, first, *(self.draw(s, depth) for s in shapes[1:]))

    # ── sizes
    def size(self) -> Dim:
        """A dimension, mostly a plain name."""
        pick = self.rng.random()
        return self.rng.choice(SIMPLE if pick < 0.8 else COMPOSED) if pick < 0.96 else ONE

    def bind(self, pattern: Shape, shape: Shape) -> dict[str, Dim] | None:
        """The sizes for which a result of shape `pattern` has this shape, None where there are none."""
        sizes: dict[str, Dim] = {}
        for want, have in zip(pattern, shape, strict=True):
            names = want.terms[0][0]
            if not names:
                if want is not have:
                    return None
                continue
            parts = (have,) if len(names) == 1 else self.factors(have)
            for name, part in zip(names, parts, strict=True):
                if sizes.setdefault(name, part) is not part:
                    return None
        return sizes

    def factors(self, d: Dim) -> tuple[Dim, Dim]:
        """Two dimensions whose product is d."""
        if is_product(d) and self.rng.random() < 0.8:
            a, b = map(Dim.name, d.terms[0][0])
        else:
            a, b = d, ONE
        return (a, b) if self.rng.random() < 0.5 else (b, a)

    def parts(self, d: Dim) -> tuple[Dim, Dim] | None:
        """Two dimensions whose sum is d."""
        units = [Dim({names: 1}) for names, c in d.terms for _ in range(c)]
        if len(units) < 2:
            return None
        total = units[0]
        for u in units[1:-1]:
            total = total + u
        return (total, units[-1]) if self.rng.random() < 0.5 else (units[-1], total)

    # ── arguments inside a domain
    def gentle(self, shape: Shape, depth: int) -> Expr:
        """Something that does not grow: a shallow expression, or a bounded one."""
        return self.draw(shape, min(depth, 1)) if self.rng.random() < 0.5 else self.half(shape, depth)

    def half(self, shape: Shape, depth: int) -> Expr:
        """Entries between −½ and ½."""
        return scale(Fraction(1, 2), make(self.rng.choice(BOUNDED), self.draw(shape, min(depth, 2))))

    def positive(self, shape: Shape, depth: int) -> Expr:
        """Positive entries."""
        pick = self.rng.randrange(6)
        if pick == 0:
            return self.variable(shape, ("positive",)) if shape[0] is not ONE or shape == SCALAR else ones(shape)
        if pick == 1:
            return make("exp", self.half(shape, depth))
        if pick == 2:
            return make(self.rng.choice(("softplus", "sigmoid")), self.draw(shape, min(depth, 2)))
        if pick == 3 and shape == SCALAR:
            x = self.draw((self.size(), ONE), depth)
            return add(make("frob", x, x), num(1))
        if pick == 4:
            return add(make("abs", self.draw(shape, depth)), ones(shape))
        return add(power(self.draw(shape, depth), 2), ones(shape))

    def definite(self, shape: Shape, depth: int) -> Expr:
        """A symmetric positive definite matrix."""
        pick = self.rng.random()
        if shape[0] is ONE or pick < 0.2:
            return make("Diag", self.positive((shape[0], ONE), depth))
        if pick < 0.4:
            return self.variable(shape, ("spd",))
        X = self.draw((shape[0], self.size()), min(depth, 3))
        return add(mul(X, T(X)), eye(shape[0]))

    def square(self, shape: Shape, depth: int) -> Expr:
        """A matrix that is nonsingular almost everywhere."""
        pick = self.rng.random()
        if pick < 0.4:
            return self.definite(shape, depth)
        X = self.draw(shape, min(depth, 3))
        return add(X, scale(self.rng.choice((1, 2)), eye(shape[0]))) if pick < 0.7 else add(self.leaf(shape), X)

    def generic(self, shape: Shape, depth: int) -> Expr:
        """No two entries are equal but by chance."""
        return add(self.draw(shape, depth), self.variable(shape, ()))

    # ── leaves
    def leaf(self, shape: Shape) -> Expr:
        """A variable, or one of the constants that have this shape."""
        if shape[0] is ONE and shape[1] is not ONE:
            return T(self.leaf((shape[1], ONE)))
        if self.rng.random() < 0.75:
            return self.variable(shape)
        options = [lambda: ones(shape)]
        if shape == SCALAR:
            options += [lambda: num(self.rng.choice(RATIONALS)), lambda: const("π"), lambda: dimnum(self.size())]
        elif shape[0] is shape[1]:
            options += [lambda: eye(shape[0])] * 3
        elif shape[1] is ONE:  # the length of a unit vector is known from what stands beside it
            options.append(lambda: add(self.variable(shape), unit(self.rng.choice((1, 2)), shape[0])))
        if self.rng.random() < 0.1:
            return zeros(shape)
        return self.rng.choice(options)()

    def variable(self, shape: Shape, facts: tuple[str, ...] | None = None) -> Expr:
        """A variable that occurs already, or a new one with facts (those that are wanted)."""
        known = [x for x in self.variables.values() if x.shape == shape and (facts is None or facts == x.attrs[1])]
        if known and self.rng.random() < 0.7:
            return self.rng.choice(known)
        kind = "scalar" if shape == SCALAR else "vector" if shape[1] is ONE else "matrix"
        letters = list(LETTERS[kind])
        self.rng.shuffle(letters)
        subscripts = ("", "_1", "_2", "_u")
        name = next(c + s for s in subscripts for c in letters if c + s not in self.variables)
        self.variables[name] = var(name, shape, frozenset(self.facts(shape) if facts is None else facts))
        return self.variables[name]

    def facts(self, shape: Shape) -> tuple[str, ...]:
        """A property that a variable of this shape can have, or none."""
        pick = self.rng.random()
        if shape[0] is shape[1] and shape != SCALAR and pick < 0.4:
            return (self.rng.choice(SQUARE_FACTS),)
        return ("binary",) if 0.4 <= pick < 0.48 and shape != SCALAR else ("positive",) if pick > 0.9 else ()

    def number(self) -> int | Fraction:
        """A coefficient."""
        return self.rng.choice(RATIONALS)


# ── the algebra ───────────────────────────────────────────────────────────────────────────────────────────
Row = Callable[[Expressions, Shape, int], Expr]


def _sum(g: Expressions, shape: Shape, depth: int) -> Expr:
    a, b = g.draw(shape, depth), g.draw(shape, depth)
    return g.rng.choice((add, sub))(a, scale(g.number(), b) if g.rng.random() < 0.4 else b)


def _scaled(g: Expressions, shape: Shape, depth: int) -> Expr:
    return scale(g.number(), g.draw(shape, depth))


def _product(g: Expressions, shape: Shape, depth: int) -> Expr:
    inner = g.size()
    return mul(g.draw((shape[0], inner), depth), g.draw((inner, shape[1]), depth))


def _gram(g: Expressions, shape: Shape, depth: int) -> Expr:
    """XᵀX where it fits, a triple product elsewhere."""
    a, b = g.size(), g.size()
    if shape[0] is shape[1] and g.rng.random() < 0.5:
        X = g.draw((a, shape[0]), depth)
        return mul(T(X), X)
    return mul(g.draw((shape[0], a), depth - 1), g.draw((a, b), depth - 1), g.draw((b, shape[1]), depth - 1))


def _entrywise(g: Expressions, shape: Shape, depth: int) -> Expr:
    return hadamard(g.draw(shape, depth), g.draw(shape, depth))


def _power(g: Expressions, shape: Shape, depth: int) -> Expr:
    if g.rng.random() < 0.5:
        return power(g.draw(shape, depth), g.rng.choice((2, 2, 3)))
    return power(g.positive(shape, depth), g.rng.choice(ROOTS))


def _weighted(g: Expressions, shape: Shape, depth: int) -> Expr:
    return mul(g.draw(SCALAR, depth), g.draw(shape, depth))


def _quotient(g: Expressions, shape: Shape, depth: int) -> Expr:
    below = g.positive(g.rng.choice((SCALAR, shape)), depth)
    return mul(power(below, -1), g.draw(shape, depth)) if below.is_scalar else hadamard(
        g.draw(shape, depth), power(below, -1))


def _transposed(g: Expressions, shape: Shape, depth: int) -> Expr:
    return T(g.draw((shape[1], shape[0]), depth))


def _norm(g: Expressions, shape: Shape, depth: int) -> Expr:
    X = g.draw((g.size(), g.rng.choice((ONE, g.size()))), depth)
    return power(make("frob", X, X), g.rng.choice((1, 1, 1, Fraction(1, 2), Fraction(3, 2))))


def _form(g: Expressions, shape: Shape, depth: int) -> Expr:
    a, b = g.size(), g.size()
    return mul(T(g.draw((a, ONE), depth)), g.draw((a, b), depth), g.draw((b, ONE), depth))


def _reduced(g: Expressions, shape: Shape, depth: int) -> Expr:
    """A trace, a sum, an inner product: what most objectives are."""
    a, b = g.size(), g.size()
    name = g.rng.choice(("tr", "sum", "frob"))
    if name == "frob":
        return make(name, g.draw((a, b), depth), g.draw((a, b), depth))
    return make(name, g.draw((a, a if name == "tr" else b), depth))


ALGEBRA: tuple[Row, ...] = (_sum, _sum, _scaled, _product, _product, _product, _gram, _entrywise, _entrywise,
                            _power, _weighted, _quotient, _transposed)
SCALARS: tuple[Row, ...] = (_sum, _sum, _scaled, _entrywise, _power, _quotient, _norm, _norm, _form, _form,
                            _reduced, _reduced, _reduced)


# ── operators without a signature ─────────────────────────────────────────────────────────────────────────
Special = Callable[[Expressions, Shape, int], Expr | None]


def _plain(*dims: Dim) -> bool:
    """Whether the dimensions are names or numbers, so that their products stay small."""
    return all(len(d.terms) == 1 and len(d.terms[0][0]) <= 1 for d in dims)


def _contraction(name: str) -> Special:
    """kron_left, kron_right, khatri_left, khatri_right: the adjoints of the products."""
    def row(g: Expressions, shape: Shape, depth: int) -> Expr | None:
        a, b = shape
        p, q = g.rng.choice(SIMPLE), g.rng.choice(SIMPLE)
        if not _plain(a, b):
            return None
        kronecker = name.startswith("kron")
        small, large = ((p, q), (a * p, b * q)) if kronecker else ((p, b), (a * p, b))
        return make(name, g.draw(small, depth), g.draw(large, depth))
    return row


def _unvec(g: Expressions, shape: Shape, depth: int) -> Expr | None:
    a, b = shape
    return make("unvec", g.draw((a * b, ONE), depth), m=a, n=b) if _plain(a, b) else None


def _vech(g: Expressions, shape: Shape, depth: int) -> Expr | None:
    return make("vech", g.draw((n, n), depth), half=h) if shape == (h, ONE) else None


def _unvech(g: Expressions, shape: Shape, depth: int) -> Expr | None:
    return make("unvech", g.draw((h, ONE), depth), n=n) if shape == (n, n) else None


def _commuted(g: Expressions, shape: Shape, depth: int) -> Expr | None:
    return mul(commutation(*g.factors(shape[0])), g.draw(shape, depth)) if is_product(shape[0]) else None


def _duplicated(g: Expressions, shape: Shape, depth: int) -> Expr | None:
    return mul(duplication(n, h), g.draw((h, shape[1]), depth)) if shape[0] is n * n else None


def _eliminated(g: Expressions, shape: Shape, depth: int) -> Expr | None:
    return mul(elimination(n, h), g.draw((n * n, shape[1]), depth)) if shape[0] is h else None


def _block(g: Expressions, shape: Shape, depth: int) -> Expr | None:
    heights, widths = (g.parts(d) or (d,) for d in shape)
    if len(heights) == len(widths) == 1:
        return None
    blocks = [g.draw((a, b), depth) for a in heights for b in widths]
    return make("block", *blocks, rows=len(heights), cols=len(widths))


def _part(g: Expressions, shape: Shape, depth: int) -> Expr | None:
    places = []
    for d in shape:
        more = g.rng.choice((ZERO, *SIMPLE)) if _plain(d) and d is not ONE else ZERO
        places.append((d + more, more if g.rng.random() < 0.5 else ZERO))
    (rows, top), (cols, left) = places
    if (rows, cols) == shape:
        return None
    return make("part", g.draw((rows, cols), depth), top=top, height=shape[0], left=left, width=shape[1])


def _embed(g: Expressions, shape: Shape, depth: int) -> Expr | None:
    places = []
    for d in shape:
        parts = g.parts(d)
        where = (d, ZERO) if parts is None else (parts[0], ZERO) if g.rng.random() < 0.5 else parts[::-1]
        places.append(where)
    (height, top), (width, left) = places
    if (height, width) == shape:
        return None
    return make("embed", g.draw((height, width), depth), top=top, left=left, m=shape[0], n=shape[1])


def _indexed(g: Expressions, shape: Shape, depth: int) -> Expr | None:
    """Σᵢ of a product of functions of i: entries x_i, columns X e_i."""
    if shape[1] is not ONE:
        return None
    size = g.rng.choice(SIMPLE)
    e = unit("i", size)
    entry = mul(T(e), g.draw((size, ONE), min(depth, 2)))
    other = g.rng.choice((entry, power(entry, 2), make("tanh", entry), num(1)))
    if shape == SCALAR:
        a = g.draw((size, ONE), min(depth, 1))
        body = mul(other, g.rng.choice((mul(T(e), a), power(sub(mul(T(e), a), entry), 2))))
    else:
        body = mul(other, sub(mul(g.draw((shape[0], size), min(depth, 1)), e), g.draw(shape, 0)))
    return make("isum", body, index="i", low=ONE, high=size)


def _unknown(g: Expressions, shape: Shape, depth: int) -> Expr | None:
    return make("apply", g.draw(shape, depth), name="f", order=g.rng.choice((0, 0, 1)))


def _polygamma(g: Expressions, shape: Shape, depth: int) -> Expr | None:
    return make("polygamma", g.positive(shape, depth), order=2)


SPECIAL: dict[str, Special] = {
    **{name: _contraction(name) for name in ("kron_left", "kron_right", "khatri_left", "khatri_right")},
    "unvec": _unvec, "vech": _vech, "unvech": _unvech, "block": _block, "part": _part, "embed": _embed,
    "commutation": _commuted, "duplication": _duplicated, "elimination": _eliminated, "isum": _indexed,
    "apply": _unknown, "polygamma": _polygamma,
}
COLUMNS = tuple((d, ONE) for d in (n, h, m * n, n * n))
TARGETS: tuple[Shape, ...] = (SCALAR, *COLUMNS, (m, n), (n, n), (m + n, k), (m + m, m + n))
CATALOGUE = tuple(dict.fromkeys([*(op.name for op in BY_SIGNATURE), *SPECIAL]))
