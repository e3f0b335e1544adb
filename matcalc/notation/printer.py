"""Expressions as text: Unicode, plain ASCII and LaTeX from one engine over one table of precedence.

What is printed reads back as the same expression. This file has leaves, the four algebra nodes and the
postfixes; `printer_rows` has the catalogue operators that are not printed as `name(arguments)`.
"""

IMPORTS

# ── leaves ────────────────────────────────────────────────────────────────────────────────────────────────
@prints("var", "meta")
def _var(p: Printer, e: Expr, fixed: bool) -> Piece:
    return Piece(p.n.variable(cast(str, e.attrs[0])), ATOM)


@prints("const")
def _const(p: Printer, e: Expr, fixed: bool) -> Piece:
    return Piece(p.n.pi if e.attrs[0] == "π" else cast(str, e.attrs[0]), ATOM)


@prints("dimnum")
def _dimnum(p: Printer, e: Expr, fixed: bool) -> Piece:
    d = cast(Dim, e.attrs[0])
    one_name = len(d.terms) == 1 and d.terms[0] == ((next(iter(d.names)),), 1)
    return Piece(p.n.variable(str(d)) if one_name else str(d), ATOM if one_name else SUM if len(d.terms) > 1 else PRODUCT)


@prints("eye")
def _eye(p: Printer, e: Expr, fixed: bool) -> Piece:
    return Piece("I" if fixed else p.n.sized("I", e.shape[0]), ATOM)


@prints("ones")
def _ones(p: Printer, e: Expr, fixed: bool) -> Piece:
    m, n = e.shape
    if e is UNITY:
        return Piece("1", ATOM)
    if n is ONE:
        return Piece(p.n.sized(p.n.one, m), ATOM)
    if m is ONE:
        return Piece(p.n.sized(p.n.one, n) + p.n.transpose, POSTFIX)
    return Piece(p.n.sized(p.n.one, m, n), ATOM)


@prints("zeros")
def _zeros(p: Printer, e: Expr, fixed: bool) -> Piece:
    m, n = e.shape
    if fixed or e.is_scalar:
        return Piece("0", ATOM)
    if n is ONE:
        return Piece(p.n.sized("0", m), ATOM)
    return Piece(p.n.sized("0", m, n), ATOM)


@prints("unit")
def _unit(p: Printer, e: Expr, fixed: bool) -> Piece:
    return Piece(p.n.variable(f"e_{e.attrs[0]}"), ATOM)


@prints("commutation", "duplication", "elimination")
def _matrix_constant(p: Printer, e: Expr, fixed: bool) -> Piece:
    symbol = {"commutation": "K", "duplication": "D", "elimination": "L"}[e.op.name]
    dims = cast("tuple[Dim, ...]", e.attrs)
    if symbol in p.names:
        return Piece(p.n.call(e.op.name, *map(p.n.dim, dims)), ATOM)
    if len(dims) == 1:
        return Piece(p.n.sized(symbol, dims[0]), ATOM)
    return Piece(f"{symbol}_{{{','.join(map(p.n.dim, dims))}}}", ATOM)


# ── the algebra ───────────────────────────────────────────────────────────────────────────────────────────
def factors_of(e: Expr, layout: Layout) -> Items:
    """A scalar product as bases and powers, in typed order, else names before compound factors."""
    if e.op is not HAD:
        return [(e, 1)]
    powers = dict(zip(e.args, cast("tuple[Number, ...]", e.attrs), strict=True))
    typed = layout.order_of(e)
    bases = typed if typed is not None else sorted(powers, key=lambda b: bool(b.args))
    return [(b, powers[b]) for b in bases]


@prints("lin")
def _lin(p: Printer, e: Expr, fixed: bool) -> Piece:
    pairs = _ordered_terms(p, e)
    if len(pairs) == 1:
        c, t = pairs[0]
        piece = _term(p, abs(c), t, fixed)
        return piece if c > 0 else Piece(p.n.sign + _signed(p, piece), SUM)
    known = fixed or any(is_fixed(t) for t in e.args)
    out = ""
    for c, t in pairs:
        one = t.op is ONES and known
        body = p.n.number(abs(c)) if one else p.wrap(_term(p, abs(c), t, known), INDEXED)
        out += (p.n.minus if c < 0 else p.n.plus) + body if out else (p.n.sign if c < 0 else "") + body
    return Piece(out, SUM)


def _signed(p: Printer, piece: Piece) -> str:
    return p.wrap(piece, INDEXED)


def _ordered_terms(p: Printer, e: Expr) -> list[tuple[Number, Expr]]:
    coefficient = dict(zip(e.args, cast("tuple[Number, ...]", e.attrs), strict=True))
    typed = p.layout.order_of(e)
    if typed is not None:
        return [(coefficient[t], t) for t in typed]
    return sorted(((c, t) for t, c in coefficient.items()), key=lambda ct: ct[0] < 0)


def _term(p: Printer, c: Number, t: Expr, fixed: bool) -> Piece:
    """c·t for c > 0."""
    if t is UNITY:
        return p.scaled(c, [], None)
    if t.op is SCAL:
        return p.scaled(c, factors_of(t.args[0], p.layout), t.args[1], fixed)
    if t.is_scalar and (t.op is HAD or t.op.name == "frob" and t.args[0] is t.args[1]):
        return p.scaled(c, factors_of(t, p.layout), None, fixed)
    return p.piece(t, fixed) if c == 1 else p.scaled(c, [], t, fixed)


@prints("chain")
def _chain(p: Printer, e: Expr, fixed: bool) -> Piece:
    return p.product(p.order(e))


@prints("scal")
def _scal(p: Printer, e: Expr, fixed: bool) -> Piece:
    return _term(p, 1, e, fixed)


@prints("had")
def _had(p: Printer, e: Expr, fixed: bool) -> Piece:
    if e.is_scalar:
        return p.scaled(1, factors_of(e, p.layout), None, fixed)
    powers = dict(zip(e.args, cast("tuple[Number, ...]", e.attrs), strict=True))
    known = fixed or any(map(is_fixed, e.args))
    items = [(b, powers[b]) for b in p.order(e)]
    below = [(b, -q) for b, q in items if q < 0]
    above = [(b, q) for b, q in items if q > 0]
    if not above and len(below) == 1 and below[0][1] not in (1, Fraction(1, 2)):
        b, q = below[0]
        return Piece(p.n.entry_power(p.at(b, ATOM), -q), POSTFIX)
    if len(items) == 1 and above:
        b, q = items[0]
        if q == 2 and b.op is VAR:
            name = p.piece(b).text
            return Piece(name + p.n.hadamard + name, HADAMARD)
    top = p.n.hadamard.join(p.wrap(_entries(p, b, q, known), QUOTIENT) for b, q in above) or "1"
    if not below:
        return Piece(top, HADAMARD) if len(above) > 1 else _entries(p, *above[0], known)
    bottoms = [_entries(p, b, q, known) for b, q in below]
    bottom = p.n.hadamard.join(p.wrap(x, QUOTIENT) for x in bottoms)
    return Piece(top + p.n.over_entries + (p.n.bracket(bottom) if len(bottoms) > 1 else bottom), HADAMARD)


def _entries(p: Printer, b: Expr, q: Number, fixed: bool) -> Piece:
    if q == 1:
        return p.piece(b, fixed)
    if q == Fraction(1, 2):
        return Piece(p.n.root(p.piece(b).text), ATOM)
    return Piece(p.n.entry_power(p.at(b, ATOM), q), POSTFIX)


# ── postfixes ─────────────────────────────────────────────────────────────────────────────────────────────
@prints("T")
def _transposed(p: Printer, e: Expr, fixed: bool) -> Piece:
    inside = e.args[0]
    if inside.op.name == "inv" and inside.args[0].op is not TRANSPOSE:
        return Piece(p.at(inside.args[0], ATOM, fixed) + p.n.inverse_transpose, POSTFIX)
    return Piece(p.at(inside, ATOM, fixed) + p.n.transpose, POSTFIX)


@prints("inv")
def _inverse(p: Printer, e: Expr, fixed: bool) -> Piece:
    inside = e.args[0]
    if inside.op is TRANSPOSE:
        return Piece(p.at(inside.args[0], ATOM, fixed) + p.n.inverse_transpose, POSTFIX)
    return Piece(p.at(inside, ATOM, fixed) + p.n.inverse, POSTFIX)


# ── the door ───────────────────────────────────────────────────────────────────────────────────────────────
def text(e: Expr, layout: Layout | None = None, notation: str = "unicode") -> str:
    """The expression as a person would write it.

    >>> n = Dim.name("n")
    >>> A, x, b = algebra.var("A", (n, n)), algebra.var("x", (n, ONE)), algebra.var("b", (n, ONE))
    >>> g = 2 * (A.T @ (A @ x - b))
    >>> text(g), text(g, notation="plain"), text(g, notation="latex")
    ('2Aᵀ(Ax − b)', "2A'(Ax - b)", '2A^\\\\top(Ax - b)')

    Raises:
        KeyError: there is no such notation.
    """
    names = frozenset(x.attrs[0] for x in walk(e) if x.op is VAR and len(cast(str, x.attrs[0])) > 1)
    return Printer(layout or EMPTY, NOTATIONS[notation], cast("frozenset[str]", names)).piece(e).text


