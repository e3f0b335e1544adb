"""The printing engine: where brackets stand, how factors stand side by side, what becomes a quotient.

Rules for nodes are entered into `RULES` by `printer` (leaves, algebra, postfixes) and `printer_rows` (the
catalogue); an operator without a rule is printed as `name(arguments)`. How things are spelled is in `spelling`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import cast

from matcalc.core import algebra
from matcalc.core.algebra import CHAIN, EYE, HAD, LIN, ONES, SCAL, TRANSPOSE, UNITY, VAR, ZEROS, Number
from matcalc.core.dims import ONE, Dim
from matcalc.core.tree import Expr, walk
from matcalc.notation.layout import EMPTY, Layout
from matcalc.notation.precedence import (
    ATOM,
    COLON,
    HADAMARD,
    INDEXED,
    KRON,
    POSTFIX,
    PRODUCT,
    QUOTIENT,
    SUM,
    Piece,
)
from matcalc.notation.spelling import NOTATIONS, Notation, half

Items = list[tuple[Expr, Number]]
Rule = Callable[["Printer", Expr, bool], Piece]
RULES: dict[str, Rule] = {}


def prints(*names: str) -> Callable[[Rule], Rule]:
    """Enter the printing rule of one or more operators into the table."""
    def enter(rule: Rule) -> Rule:
        RULES.update(dict.fromkeys(names, rule))
        return rule
    return enter


class Printer:
    """Prints expressions in one notation, in the order that one layout remembers."""

    __slots__ = ("layout", "n", "names", "bound")

    def __init__(self, layout: Layout, notation: Notation, names: frozenset[str] = frozenset()) -> None:
        self.layout, self.n, self.names = layout, notation, names
        self.bound: frozenset[str] = frozenset()  # indices of the sums around the place that is printed

    # ── the machinery
    def piece(self, e: Expr, fixed: bool = False) -> Piece:
        """The expression and its level; `fixed` says that its shape follows from what stands around it."""
        rule = RULES.get(e.op.name)
        return rule(self, e, fixed) if rule is not None else self.call(e)

    def call(self, e: Expr) -> Piece:
        """name(arguments)."""
        return Piece(self.n.call(e.op, *(self.piece(a).text for a in e.args)), ATOM)

    def at(self, e: Expr, level: int, fixed: bool = False) -> str:
        """The expression, bracketed where it is looser than `level`."""
        return self.wrap(self.piece(e, fixed), level)

    def wrap(self, piece: Piece, level: int) -> str:
        """A piece, bracketed where it is looser than `level`."""
        return piece.text if piece.level >= level else self.n.bracket(piece.text)

    def join(self, factors: Iterable[str]) -> str:
        """Factors side by side, so that they are read as a product."""
        out = ""
        for f in factors:
            out += self.n.beside(out, f, self.names) + f if out else f
        return out

    def order(self, e: Expr) -> tuple[Expr, ...]:
        """The arguments of a commutative node in typed order (canonical where nothing is known)."""
        return self.layout.order_of(e) or e.args

    # ── products
    def product(self, factors: tuple[Expr, ...]) -> Piece:
        """A chain: equal neighbours are powers, ones at its ends are bare."""
        parts: list[Piece] = []
        i = 0
        while i < len(factors):
            f, k = factors[i], 1
            while i + k < len(factors) and factors[i + k] is f:
                k += 1
            i += k
            parts.append(self._ones_in_chain(f) if f.op is ONES else self.repeated(f, k))
        if len(parts) == 1:
            return parts[0]
        return Piece(self.join(self.wrap(p, POSTFIX) for p in parts), PRODUCT)

    def repeated(self, f: Expr, k: int) -> Piece:
        """f, or its k-th power in a matrix product."""
        if k == 1:
            return self.piece(f)
        if f.op.name == "inv" and f.args[0].op is not TRANSPOSE:
            f, k = f.args[0], -k
        return Piece(self.n.power(self.at(f, ATOM), k), POSTFIX)

    def _ones_in_chain(self, f: Expr) -> Piece:
        if f.shape[0] is ONE:
            return Piece(self.n.one + self.n.transpose, POSTFIX)
        return Piece(self.n.sized(self.n.one, f.shape[0]), ATOM)

    def scaled(self, c: Number, items: Items, body: Expr | None, fixed: bool = False) -> Piece:
        """c · ∏ sᵢ^pᵢ · body with c > 0; negative powers make a quotient."""
        q = Fraction(c)
        above = [(s, p) for s, p in items if p > 0]
        below = [(s, -p) for s, p in items if p < 0]
        if body is None:
            above, body = self._last(above)
        if not below:
            return self._prefixed(q, above, body, fixed)
        bottom = self._bottom(q.denominator, below)
        plain_body = body is not None and (q.numerator == 1 or not self._compound(body))
        if not above and plain_body:
            return self._quotient(self._numerator(q.numerator, (), body, fixed), bottom)
        if body is not None and body.is_scalar:
            return self._quotient(self._numerator(q.numerator, above, body, fixed), bottom)
        front = self._quotient(self._numerator(q.numerator, above, None, fixed), bottom)
        if body is None:
            return front
        gap = "" if self.n.stacked else " "
        return Piece(front.text + gap + self.at(body, PRODUCT, fixed), PRODUCT)

    def _last(self, above: Items) -> tuple[Items, Expr | None]:
        """The one factor of a scalar product that may stand at the end without brackets."""
        long = [s for s, p in above if p == 1 and s.op.name in ("frob", "chain", "isum") and s.args[0] is not s.args[-1]]
        if len(long) == 1:
            return [(s, p) for s, p in above if s is not long[0]], long[0]
        return above, None

    def _compound(self, body: Expr) -> bool:
        return body.op is CHAIN or body.op is HAD

    def _prefixed(self, q: Fraction, above: Items, body: Expr | None, fixed: bool) -> Piece:
        """A product without denominators but for a number."""
        parts = [self.scalar_power(s, p) for s, p in above]
        if body is not None:
            parts.append(self.piece(body, fixed))
        if not parts:
            return Piece(self.n.number(_tidy(q)), ATOM if q.denominator == 1 else QUOTIENT)
        if q.numerator == 1 and q.denominator > 1 and len(parts) == 1 and not self.n.stacked:
            if parts[0].level >= POSTFIX or parts[0].level == SUM:
                return Piece(f"{self.wrap(parts[0], POSTFIX)}/{q.denominator}", QUOTIENT)
        texts, level = self._side_by_side(parts, bare_last=body is not None, scaled=bool(above))
        if q != 1:
            number = self.n.number(_tidy(q))
            gap = " " if q.denominator > 1 and not self.n.stacked else self.n.beside(number, texts)
            texts, level = number + gap + texts, min(level, PRODUCT)
        return Piece(texts, level)

    def _side_by_side(self, parts: list[Piece], bare_last: bool, scaled: bool) -> tuple[str, int]:
        """The last part may be looser than a product: λA:B is (λA):B, the same number."""
        if len(parts) == 1 and parts[0].level > SUM:
            return parts[0]
        texts = [self.wrap(p, POSTFIX) for p in parts[:-1]]
        last = parts[-1]
        loose = bare_last and last.level in ((INDEXED, COLON, PRODUCT) if scaled else (INDEXED, COLON, HADAMARD, KRON, PRODUCT))
        texts.append(last.text if loose else self.wrap(last, POSTFIX))
        return self.join(texts), min(last.level, PRODUCT) if loose else PRODUCT

    def _bottom(self, number: int, below: Items) -> str:
        parts = [Piece(str(number), ATOM)] if number != 1 else []
        parts += [self.scalar_power(s, p) for s, p in below]
        if self.n.stacked and len(parts) == 1:
            return parts[0].text
        if len(parts) == 1:
            return self.wrap(parts[0], POSTFIX)
        product = self.join(self.wrap(p, POSTFIX) for p in parts)
        return product if self.n.stacked else self.n.bracket(product)

    def _numerator(self, number: int, above: Iterable[tuple[Expr, Number]], body: Expr | None, fixed: bool) -> Piece:
        return self._prefixed(Fraction(number), list(above), body, fixed)

    def _quotient(self, top: Piece, bottom: str) -> Piece:
        if self.n.stacked:
            return Piece(self.n.fraction(top.text, bottom), QUOTIENT)
        return Piece(self.n.fraction(self.wrap(top, PRODUCT), bottom), min(top.level, QUOTIENT) if top.level >= PRODUCT else PRODUCT)

    def scalar_power(self, s: Expr, p: Number) -> Piece:
        """A power of a scalar; of a Frobenius square, a power of the norm."""
        if s.op.name == "frob" and s.args[0] is s.args[1]:
            norm = self.n.norm(self.piece(s.args[0]).text)
            q = p * 2
            return Piece(norm, ATOM) if q == 1 else Piece(self.n.power(norm, _tidy(Fraction(q))), POSTFIX)
        if p == 1:
            return self.piece(s)
        if p == Fraction(1, 2):
            return Piece(self.n.root(self.piece(s).text), ATOM)
        return Piece(self.n.power(self.at(s, ATOM), p), POSTFIX)


def _tidy(q: Fraction) -> Number:
    return q.numerator if q.denominator == 1 else q


def is_fixed(e: Expr) -> bool:
    """Whether the shape of `e` follows from the shapes of its variables (so that a constant beside it needs no size)."""
    op = e.op
    if op in (EYE, ONES, ZEROS) or op.name == "unit":
        return False
    if op is CHAIN:
        return is_fixed(e.args[0]) and is_fixed(e.args[-1])
    if op is SCAL:
        return is_fixed(e.args[1])
    if op is LIN or op is HAD:
        return any(map(is_fixed, e.args))
    return all(map(is_fixed, e.args))


