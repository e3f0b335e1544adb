"""The printing engine: where brackets stand, how factors stand side by side, what becomes a quotient.

Rules for nodes are entered into `RULES` by `printer` (leaves, algebra, postfixes) and `rows` (the
catalogue); an operator without a rule is printed as `name(arguments)`. Spellings are in `spelling`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from fractions import Fraction
from typing import cast

from matcalc.core.algebra import (
    CHAIN,
    CONST,
    EYE,
    HAD,
    LIN,
    ONES,
    SCAL,
    TRANSPOSE,
    UNIT,
    UNITY,
    VAR,
    ZEROS,
    Number,
    T,
    scale,
)
from matcalc.core.dims import ONE
from matcalc.core.positivity import is_nonnegative
from matcalc.core.powers import symbolic_powers
from matcalc.core.tree import Expr, dims_of, make, walk
from matcalc.notation.layout import Layout
from matcalc.notation.printing.blocks import NO_GRIDS, Grids
from matcalc.notation.printing.precedence import ATOM, COLON, HADAMARD, INDEXED, POSTFIX, PRODUCT, QUOTIENT, SUM, Piece
from matcalc.notation.printing.spelling import Notation

Items = list[tuple[Expr, Number]]
Rule = Callable[["Printer", Expr, bool], Piece]
RULES: dict[str, Rule] = {}
HALF = Fraction(1, 2)
MAX_TURNED = 200  # larger expressions are printed as they stand
OPEN_ENDED = frozenset({"frob", "colon", "chain", "isum"})
HALVED = (SUM, POSTFIX, ATOM)  # what is written x/2; a product is written 1/2 AB


def prints(*names: str) -> Callable[[Rule], Rule]:
    """Enter the printing rule of one or more operators into the table."""
    def enter(rule: Rule) -> Rule:
        RULES.update(dict.fromkeys(names, rule))
        return rule
    return enter


class Printer:
    """Prints expressions in one notation, in the order that one layout remembers."""

    __slots__ = ("bound", "dims", "fixed_dims", "grids", "layout", "n", "names", "printed")

    def __init__(self, e: Expr, layout: Layout, notation: Notation, grids: Grids = NO_GRIDS) -> None:
        self.layout, self.grids = layout, grids
        self.n = (replace(notation, spelled=layout.spelled) if layout.spelled else notation).marked(layout.mark)
        variables = [x for x in walk(e) if x.op is VAR]
        self.names = frozenset(str(x.attrs[0]) for x in variables)
        self.dims, self.fixed_dims = dims_of(e), dims_of(*variables)
        self.bound: tuple[str, ...] = ()  # indices of the sums around the place that is printed
        self.printed: dict[tuple[Expr, bool, tuple[str, ...]], Piece] = {}

    # ── expressions ───────────────────────────────────────────────────────────────────────────────────────
    def piece(self, e: Expr, fixed: bool = False) -> Piece:
        """The expression and its level; `fixed` says that its shape follows from what stands around it."""
        key = (e, fixed, self.bound)
        found = self.printed.get(key)
        if found is None:
            found = self.printed[key] = self._print(e, fixed)
        return found

    def _print(self, e: Expr, fixed: bool) -> Piece:
        if (turned := _shorter_transpose(e)) is not None:
            return Piece(self.at(turned, ATOM, fixed) + self.n.transpose, POSTFIX)
        rule = RULES.get(e.op.name)
        return self.call(e) if rule is None else rule(self, e, fixed)

    def call(self, e: Expr) -> Piece:
        """The operator's name with its arguments; f(x)ᵀ for f(xᵀ)."""
        if e.op.transpose == "inside" and len(e.args) == 1 and e.args[0].op is TRANSPOSE:
            return Piece(self.n.call(e.op, self.piece(e.args[0].args[0]).text) + self.n.transpose, POSTFIX)
        return Piece(self.n.call(e.op, *(self.piece(a).text for a in e.args)), ATOM)

    def at(self, e: Expr, level: int, fixed: bool = False) -> str:
        """The expression, bracketed where it is looser than `level`."""
        return self.wrap(self.piece(e, fixed), level)

    def wrap(self, piece: Piece, level: int) -> str:
        """A piece, bracketed where it is looser than `level`."""
        return piece.text if piece.level >= level else self.n.bracket(piece.text)

    def order(self, e: Expr) -> tuple[Expr, ...]:
        """The arguments of a commutative node in typed order (canonical where nothing is known)."""
        return self.layout.order_of(e) or e.args

    def join(self, factors: Iterable[str]) -> str:
        """Factors side by side, so that they are read as a product."""
        out = last = ""
        for f in factors:
            out += self.n.beside(out, last, f, self.names) + f if out else f
            last = f
        return out

    # ── products ──────────────────────────────────────────────────────────────────────────────────────────
    def chain(self, factors: tuple[Expr, ...]) -> Piece:
        """A matrix product; equal neighbours are powers."""
        parts: list[Piece] = []
        i = 0
        while i < len(factors):
            f, k = factors[i], 1
            while i + k < len(factors) and factors[i + k] is f:
                k += 1
            i += k
            parts.append(self._repeated(f, k, last=i == len(factors)))
        if len(parts) == 1:
            return parts[0]
        return Piece(self.join(self.wrap(p, POSTFIX) for p in parts), PRODUCT)

    def _repeated(self, f: Expr, k: int, last: bool) -> Piece:
        """f to the k; a row of ones has the size of what follows it."""
        if k == 1:
            bare = f.op is ONES and f.shape[0] is ONE and not last
            return Piece(self.n.one + self.n.transpose, POSTFIX) if bare else self.piece(f)
        if f.op.name == "inv" and f.args[0].op is not TRANSPOSE:
            f, k = f.args[0], -k
        return Piece(self.n.power(self.at(f, ATOM), k), POSTFIX)

    def scaled(self, c: Number, factors: Items, body: Expr | None, fixed: bool = False) -> Piece:
        """c · ∏ sᵢ^pᵢ · body for c > 0; negative powers make a quotient."""
        if body is not None and is_reciprocal(body) and (factors or c != 1):
            return self.entrywise(body, fixed, self.wrap(self.scaled(c, factors, None), PRODUCT))
        q = Fraction(c)
        above = [(s, p) for s, p in factors if p > 0]
        below = [(s, -p) for s, p in factors if p < 0]
        if body is None:
            above, body = _set_last(above)
        if not below and not (above and q.denominator > 1):
            return self._in_front(q, above, body, fixed)
        bottom = self._bottom(q.denominator, below)
        whole = body is None or body.is_scalar or (not above and (q.numerator == 1 or not body.args))
        top = self._in_front(Fraction(q.numerator), above, body if whole else None, fixed)
        if whole or body is None:
            return self._quotient(top, bottom)
        front = self._quotient(Piece(self.wrap(top, PRODUCT), QUOTIENT), bottom)
        gap = "" if self.n.stacked else " "
        return Piece(front.text + gap + self.at(body, PRODUCT, fixed), PRODUCT)

    def _quotient(self, top: Piece, bottom: str) -> Piece:
        """The quotient of a product or a Frobenius product: A:B/c is A:(B/c), the same number."""
        if self.n.stacked:
            return Piece(self.n.fraction(top.text, bottom), QUOTIENT)
        if top.level == COLON:
            return Piece(self.n.fraction(top.text, bottom), COLON)
        return Piece(self.n.fraction(self.wrap(top, PRODUCT), bottom), min(max(top.level, PRODUCT), QUOTIENT))

    def _bottom(self, number: int, below: Items) -> str:
        parts = [Piece(str(number), ATOM)] if number != 1 else []
        parts += self._powers(below)
        if len(parts) == 1:
            return parts[0].text if self.n.stacked else self.wrap(parts[0], POSTFIX)
        product = self.join(self.wrap(p, POSTFIX) for p in parts)
        return product if self.n.stacked else self.n.bracket(product)

    def _in_front(self, q: Fraction, scalars: Items, body: Expr | None, fixed: bool) -> Piece:
        """A product whose only denominator is that of its number."""
        parts = self._powers(scalars)
        if body is not None:
            parts.append(self.piece(body, fixed))
        if not parts:
            return Piece(self.n.number(tidy(q)), ATOM if q.denominator == 1 else QUOTIENT)
        if len(parts) == 1 and q == 1:
            return parts[0]
        if len(parts) == 1 and q.numerator == 1 and not self.n.stacked and parts[0].level in HALVED:
            return Piece(f"{self.wrap(parts[0], POSTFIX)}/{q.denominator}", QUOTIENT)
        loose = (INDEXED, COLON, PRODUCT, QUOTIENT) if scalars else range(INDEXED, ATOM)
        *first, last = parts
        open_end = body is not None and last.level in loose
        end = last.text if open_end else self.wrap(last, POSTFIX)
        product = self.join([*(self.wrap(p, POSTFIX) for p in first), end])
        if q != 1:
            number = self.n.number(tidy(q))
            gap = self.n.beside(number, number, product, self.names)
            product = number + (gap or " " if q.denominator > 1 and not self.n.stacked else gap) + product
        return Piece(product, min(last.level, PRODUCT) if open_end else PRODUCT)

    def _powers(self, factors: Items) -> list[Piece]:
        """Powers side by side; square roots are taken of their product."""
        roots = _joined([s for s, p in factors if p == HALF and _splits(s)])
        single = [(s, p) for s, p in factors if p != HALF or len(roots) < 2 or s not in roots]
        parts = [x for s, p in single for x in (self.raised(s) if p == 1 else ()) or [self.scalar_power(s, p)]]
        if len(roots) > 1:
            *first, last = sorted(roots, key=lambda s: (s.op is not LIN, s.op is not CONST))
            numbers = all(s.op in (LIN, CONST) for s in first)
            texts = [*(self.at(s, POSTFIX) for s in first), self.at(last, PRODUCT if numbers else POSTFIX)]
            parts.append(Piece(self.n.root(self.join(texts)), ATOM))
        return parts

    def raised(self, e: Expr) -> list[Piece]:
        """exp(b log a) as aᵇ, entrywise for an array, as it is typed; exp(b log a − c) as aᵇ exp(−c)."""
        powers, rest = symbolic_powers(e)
        entrywise = not e.is_scalar
        parts = [Piece(self.n.raised(self.at(a, ATOM), self.piece(b).text, entrywise), POSTFIX) for a, b in powers]
        return [*parts, self.call(make("exp", rest))] if parts and rest is not None else parts

    def scalar_power(self, s: Expr, p: Number) -> Piece:
        """A power of a scalar; of a Frobenius square, a power of the norm."""
        if is_square(s):
            norm = self.n.norm(self.piece(s.args[0]).text)
            q = tidy(Fraction(p) * 2)
            return Piece(norm, ATOM) if q == 1 else Piece(self.n.power(norm, q), POSTFIX)
        if p == 1:
            return self.piece(s)
        if p == HALF:
            return Piece(self.n.root(self.piece(s).text), ATOM)
        return Piece(self.n.power(self.at(self._as_typed(s, p), ATOM), p), POSTFIX)

    # ── entrywise products ────────────────────────────────────────────────────────────────────────────────
    def entrywise(self, e: Expr, fixed: bool, one: str = "1") -> Piece:
        """A∘B⊘C; where nothing stands before ⊘ but a scalar, `one` is its text."""
        powers = powers_of(e)
        known = fixed or any(map(is_fixed, e.args))
        if len(powers) == 1 and not is_reciprocal(e):
            (b, q), = powers.items()
            return self._entry_power(b, q, known)
        ordered = [(b, powers[b]) for b in self.order(e)]
        tops = [self.wrap(self._entry_power(b, q, known), QUOTIENT) for b, q in ordered if q > 0] or [one]
        bottoms = [self.wrap(self._entry_power(b, -q, known), QUOTIENT) for b, q in ordered if q < 0]
        out = self.n.hadamard.join(tops)
        if bottoms:
            bottom = self.n.hadamard.join(bottoms)
            out += self.n.over_entries + (self.n.bracket(bottom) if len(bottoms) > 1 else bottom)
        return Piece(out, HADAMARD)

    def _entry_power(self, b: Expr, q: Number, fixed: bool) -> Piece:
        if q == 1:
            return self.piece(b, fixed)
        if q == HALF:
            return Piece(self.n.root(self.piece(b).text), ATOM)
        b = self._as_typed(b, q)
        return Piece(self.n.entry_power(self.at(b, ATOM), q), POSTFIX)

    def _as_typed(self, b: Expr, q: Number) -> Expr:
        """The base of an even power with the sign that was typed: (Ax − b)² for (b − Ax)²."""
        typed = self.layout.orders
        if b.op is LIN and len(b.args) > 1 and q % 2 == 0 and b not in typed and (other := scale(-1, b)) in typed:
            return other
        return b

    # ── scalar products ───────────────────────────────────────────────────────────────────────────────────
    def factors_of(self, e: Expr) -> Items:
        """A scalar product as bases and powers, in typed order, else names before compound factors."""
        if e.op is not HAD:
            return [(e, 1)]
        powers = powers_of(e)
        typed = self.layout.order_of(e)
        bases = typed if typed is not None else sorted(powers, key=lambda b: bool(b.args))
        return [(b, powers[b]) for b in bases]


def powers_of(e: Expr) -> dict[Expr, Number]:
    """The arguments of a sum with their coefficients, of a Hadamard bag with their exponents."""
    return dict(zip(e.args, cast("tuple[Number, ...]", e.attrs), strict=True))


def magnitude(q: Number) -> Number:
    """|q|."""
    return q if q > 0 else -q


def tidy(q: Fraction) -> Number:
    """An integer where it is one."""
    return q.numerator if q.denominator == 1 else q


def is_reciprocal(e: Expr) -> bool:
    """Whether the array is printed as 1⊘…."""
    if e.op is not HAD or e.is_scalar:
        return False
    powers = list(powers_of(e).values())
    return all(q < 0 for q in powers) and (len(powers) > 1 or powers[0] in (-1, -HALF))


def is_square(e: Expr) -> bool:
    """Whether the scalar is ‖X‖²."""
    return e.op.name == "frob" and e.args[0] is e.args[1]


def _shorter_transpose(e: Expr) -> Expr | None:
    """A sum, Hadamard product or function that is written (…)ᵀ, as (x − As)ᵀ is for xᵀ − sᵀAᵀ; its inside."""
    entrywise = e.op.transpose == "inside" and len(e.args) == 1
    total = e.op is LIN and len(e.args) > 1
    if e.is_scalar or e.size > MAX_TURNED or not (entrywise or total or e.op is HAD):
        return None
    count = _transposes(e)
    if count < 2:
        return None
    turned = T(e)
    return turned if _transposes(turned) < count - 1 else None


def _transposes(e: Expr) -> int:
    """How many transposes are written; X⁻ᵀ is an inverse, and no more."""
    own = e.op is TRANSPOSE and e.args[0].op.name != "inv" or e.op is ONES and e.shape[0] is ONE
    if e.op.name == "inv" and e.args[0].op is TRANSPOSE:
        return _transposes(e.args[0].args[0])
    return own + sum(map(_transposes, e.args))


def _splits(s: Expr) -> bool:
    """Whether the root of a product that has this factor is read as the product of roots."""
    return not is_square(s) and (s.op is not LIN or len(s.args) > 1 or s.args[0] is UNITY)


def _joined(roots: list[Expr]) -> list[Expr]:
    """The factors that may stand under one root: √a√b is √(ab) only where one sign at most is open."""
    open_signs = [s for s in roots if not is_nonnegative(s)]
    return [s for s in roots if s not in open_signs] if len(open_signs) > 1 else roots


def _set_last(factors: Items) -> tuple[Items, Expr | None]:
    """The one factor of a scalar product that may stand at its end without brackets, set apart."""
    long = [s for s, p in factors if p == 1 and s.op.name in OPEN_ENDED and not is_square(s)]
    if len(long) == 1:
        return [(s, p) for s, p in factors if s is not long[0]], long[0]
    return factors, None


def is_fixed(e: Expr) -> bool:
    """Whether the shape of `e` follows from its variables, so that a constant beside it needs no size."""
    op = e.op
    if op in (EYE, ONES, ZEROS, UNIT):
        return False
    if op is CHAIN:
        return is_fixed(e.args[0]) and is_fixed(e.args[-1])
    if op is SCAL:
        return is_fixed(e.args[1])
    if op is LIN or op is HAD:
        return any(map(is_fixed, e.args))
    return all(map(is_fixed, e.args))
