"""The identities between two forms of one expression: what a person would name who writes the second for the first.

The forms are brought together, in this order: transposes at the leaves, sums up to their sign, everything multiplied
out, and the shortest form of each. Where that does not do, nothing is said.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction

from matcalc.core.algebra import CHAIN, LIN, TRANSPOSE, T, add, direction, mul, scale, sub, var
from matcalc.core.dims import ONE
from matcalc.core.tree import Expr, make, rebuild, substitute, walk
from matcalc.derive.forms import Spread
from matcalc.derive.naming import Names
from matcalc.errors import UnsupportedError
from matcalc.rewrite.engine import applications
from matcalc.rewrite.shorten import WORK, Shortener, Work
from matcalc.rewrite.step import Step
from matcalc.rewrite.typed import read

SEARCHED = 60  # nodes of the forms between which identities are searched for
LARGE = 250  # nodes of the forms that are not compared
ROUNDS = 12
EFFORT = WORK // 2 + 2000  # nodes compared in it, those of forms within forms among the last
Move = tuple[str, Expr]
TURNED = ("transpose/of-expression",)  # of a product, or of a number, which is its own
HALF = Fraction(1, 2)
DEFINED: dict[str, tuple[str, Callable[..., Expr]]] = {
    "sym": ("sym/definition", lambda X: scale(HALF, add(X, T(X)))),
    "skew": ("skew/definition", lambda X: scale(HALF, sub(X, T(X)))),
    "frob": ("frobenius/as-trace", lambda A, B: make("tr", mul(T(A), B))),
}
BACK = ("commutation/to-the-right", "sum/of-diagonal-of-product", "diag/left-scaling-as-hadamard")
"""The rows that undo what the others do to a term."""
EITHER = ("pinv/penrose-3", "pinv/penrose-4")
"""The rows that undo themselves."""


def between(a: Expr, b: Expr, names: Names) -> tuple[Step, ...] | None:
    """The identities by which `a` becomes `b`, which is equal to it; `names` may stand in both.

    None where they are not found, or not looked for because the forms are large.
    """
    found = _seen(a, b, names)
    if found is None:
        found = _searched(a, b, names)
    if found is None and (whole := (names.unfold(a), names.unfold(b))) != (a, b):
        found = _searched(*whole, names)
    return found


def _searched(a: Expr, b: Expr, names: Names) -> tuple[Step, ...] | None:
    """The identities by which the two get the same shortest form."""
    if max(a.size, b.size) > SEARCHED:
        return None
    forwards: list[Step] = []
    short = Shortener(work=Work(EFFORT)).noted(read(a, forwards), forwards)
    if (rest := _seen(short, b, names)) is not None:
        return (*forwards, *rest)
    backwards: list[Step] = []
    other = Shortener(work=Work(EFFORT)).noted(read(b, backwards), backwards)
    rest = None if other is b else _seen(short, other, names)
    return None if rest is None else (*forwards, *rest, *backwards)


def _seen(a: Expr, b: Expr, names: Names) -> tuple[Step, ...] | None:
    """The identities where both are multiplied out to the same, in the names or with these written out."""
    found = _at_once(a, b)
    if found is None:
        whole = names.unfold(a), names.unfold(b)
        found = None if whole == (a, b) else _at_once(*whole)
    return found


def _at_once(a: Expr, b: Expr) -> tuple[Step, ...] | None:
    if a is b:
        return ()
    if max(a.size, b.size) > LARGE:
        return None
    left, right = _turned(a), _turned(b)
    if left is right:
        return _steps(TURNED, a, b)
    inner = _narrowed(left, right)
    if inner != (left, right) and (found := _at_once(*inner)) is not None:
        return found
    sums: dict[Expr, Expr] = {}
    if _lettered(left, sums) is _lettered(right, sums):
        return _steps(("collect/sign",), a, b)
    letters = _shared_sums(left, right)
    first, once = _in_letters(left, letters)
    second, then = _in_letters(right, letters)
    moves = _multiplied_out(first, second)
    if moves is not None:
        return _steps((*moves, *(("collect/sign",) * (once != then))), a, b)
    whole = _multiplied_out(left, right) if letters else None
    return None if whole is None else _steps(whole, a, b)


def _narrowed(a: Expr, b: Expr) -> tuple[Expr, Expr]:
    """The only parts in which the two differ, or themselves."""
    while a.op is b.op and a.attrs == b.attrs and len(a.args) == len(b.args):
        different = [(x, y) for x, y in zip(a.args, b.args, strict=True) if x is not y]
        if len(different) != 1 or different[0][0].shape != different[0][1].shape:
            break
        a, b = different[0]
    return a, b


def _multiplied_out(a: Expr, b: Expr) -> tuple[str, ...] | None:
    """The identities where both are the same multiplied out."""
    with suppress(UnsupportedError):  # too many terms
        first, second = _Terms(a), _Terms(b)
        if first.sum is second.sum:
            moves = (move for move in (*first.used, *second.used) if (move in first.used) != (move in second.used))
            ways = ("collect/expand",) * first.spread + ("collect/common-factor",) * second.spread
            return (*dict.fromkeys(name for name, _ in moves), *ways) or TURNED
    return None


def _steps(names: tuple[str, ...], a: Expr, b: Expr) -> tuple[Step, ...]:
    return tuple(Step(name, a, b, "shorten") for name in names)


def _turned(e: Expr) -> Expr:
    """`e` with its transposes at the leaves."""
    done: dict[Expr, Expr] = {}
    for x in walk(e):
        y = rebuild(x, tuple(done[a] for a in x.args))
        done[x] = T(y.args[0]) if y.op is TRANSPOSE else y
    return done[e]


def _lettered(e: Expr, sums: dict[Expr, Expr]) -> Expr:
    """`e` with a letter for each sum, the innermost first; the same for R, −R and Rᵀ."""
    done: dict[Expr, Expr] = {}
    for x in walk(e):
        y = rebuild(x, tuple(done[a] for a in x.args))
        if _is_sum(y):
            sign, same = direction(y)
            _add_letter(same, sums)
            y = scale(sign, sums[same])
        done[x] = y
    return done[e]


def _add_letter(e: Expr, letters: dict[Expr, Expr]) -> None:
    """A letter for a sum, unless it has one; its transpose has that of the letter."""
    if e not in letters:
        sign, turned = direction(T(e))
        letter = var(f"sum_{len(letters)}", e.shape, frozenset({"sym"}) if T(e) is e else frozenset())
        letters[e] = letter
        letters.setdefault(turned, scale(sign, T(letter)))


def _shared_sums(a: Expr, b: Expr) -> dict[Expr, Expr]:
    """The sums within both, up to their sign, each with a letter for it."""
    within = [{direction(x)[1]: None for x in walk(e) if x is not e and _is_sum(x)} for e in (a, b)]
    letters: dict[Expr, Expr] = {}
    for same in within[0]:
        if same in within[1] or direction(T(same))[1] in within[1]:
            _add_letter(same, letters)
    return letters


def _in_letters(e: Expr, letters: dict[Expr, Expr]) -> tuple[Expr, set[Expr]]:
    """`e` in the letters, and the letters in it with their signs."""
    table = {x: scale(direction(x)[0], letters[direction(x)[1]]) for x in walk(e) if _is_sum(x, letters)}
    return substitute(e, table), set(table.values()) | {T(x) for x in table.values()}


def _is_sum(e: Expr, known: dict[Expr, Expr] | None = None) -> bool:
    return e.op is LIN and len(e.args) > 1 and (known is None or direction(e)[1] in known)


class _Terms:
    """An expression multiplied out, its terms written in one way, and what was used for that."""

    def __init__(self, e: Expr) -> None:
        self.used: dict[Move, None] = {}  # identities with what they rewrote
        self.spread = False  # whether anything was distributed over a sum
        trace: list[Step] = []
        self.sum = self.defined(read(e, trace))
        self.used.update(((move.identity, move.before), None) for move in trace)
        for _ in range(2):  # a term that was turned may be written in the one way anew
            distribute = Spread(self.settled, multilinear=True)
            self.sum = _turned(distribute(self.sum))
            self.spread = self.spread or distribute.did

    def settled(self, t: Expr) -> Expr:
        """A term to which no row applies any more."""
        for _ in range(ROUNDS):
            found = next((row for row in applications(t, "shorten") if _goes_on(row, t)), None)
            if found is None:
                break
            self.used[found[0], t] = None
            t = found[1]
        return _rotated(t)

    def defined(self, e: Expr) -> Expr:
        """`e` with the operators that stand for sums and traces written as these."""
        done: dict[Expr, Expr] = {}
        for x in walk(e):
            y = rebuild(x, tuple(done[a] for a in x.args))
            if y.op.name in DEFINED:
                name, meaning = DEFINED[y.op.name]
                square = y.args[0] is y.args[-1] and y.args[0].shape[1] is ONE
                self.used["norm/of-product" if square else name, y] = None
                y = meaning(*y.args)
            done[x] = y
        return done[e]


def _goes_on(row: Move, t: Expr) -> bool:
    """Whether what a row makes of t is not what another one makes t of."""
    return row[0] not in BACK and (row[0] not in EITHER or row[1].size < t.size)


def _rotated(e: Expr) -> Expr:
    """tr(ABC) = tr(BCA) = tr(CᵀBᵀAᵀ), the first of them in the order of keys."""
    if e.op.name != "tr" or e.args[0].op is not CHAIN:
        return e
    factors = e.args[0].args
    turns = [(*factors[i:], *factors[:i]) for i in range(len(factors))]
    turns += [tuple(T(f) for f in reversed(turn)) for turn in turns]
    return make("tr", mul(*min(turns, key=lambda fs: tuple(f.key for f in fs))))
