"""The last phase: from the leaves up, the shortest of a few equal forms of every node.

Candidates: the node itself, the rows for shortening, common factors taken out, the transpose pulled out,
the sign taken in, and (within a budget) multiplied out. Every one is kept only where the declared cost falls,
so that no two of them can loop.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

from matcalc.core.algebra import (
    CHAIN,
    EYE,
    HAD,
    LIN,
    SCAL,
    TRANSPOSE,
    Number,
    T,
    bag,
    facts_of,
    hadamard,
    linear,
    mul,
    ones,
    power,
    scale,
    scaled,
    split_scalar,
    sub,
    terms_of,
)
from matcalc.core.dims import ONE
from matcalc.core.powers import absorbed, merged_powers
from matcalc.core.tree import OPS, Expr, make, node, rebuild, walk
from matcalc.rewrite.cost import rank
from matcalc.rewrite.engine import applications
from matcalc.rewrite.factor import groupings
from matcalc.rewrite.quotients import clear, clear_inverse, divided
from matcalc.rewrite.signs import one_sign
from matcalc.rewrite.step import Step
from matcalc.rewrite.transposes import pulled_out

SUM = OPS["sum"]
MAX_SIZE = 400  # larger nodes are only rebuilt
MAX_LEVEL = 5  # candidates within candidates
WORK = 20_000  # nodes compared for one answer; what people type needs a tenth of it
Rank = tuple[float, int, tuple[object, ...]]
Move = tuple[Step, Expr]  # and what the move made, before its parts were shortened
EXPAND_TERMS = 16
EXPAND_ROUNDS = 3
SPREAD = ("diag", "tr", "sum", "vec", "part", "unvec")
TIE = 0.005  # an equal form must be shorter than this to replace what was typed


class Work:
    """What may still be spent on shortening: the nodes of all forms that are compared, not a time."""

    __slots__ = ("left",)

    def __init__(self, left: int = WORK) -> None:
        self.left = left


class Shortener:
    """Shortens expressions of one problem; equal nodes are treated once.

    Half of the `work` is spent on forms within forms, the other half on those of the nodes as they stand; after
    that nodes are only rebuilt.
    """

    def __init__(self, expand_budget: int = 24, work: Work | None = None) -> None:
        self.memo: dict[Expr, Expr] = {}
        self.ranks: dict[Expr, Rank] = {}
        self.moves: dict[Expr, list[Move]] = {}  # of a node with its parts as short as they get
        self.expand_budget = expand_budget
        self.work = work or Work()
        self.level = 0

    def __call__(self, e: Expr) -> Expr:
        """The shortest form that is found, equal to `e`."""
        found = self.memo.get(e)
        if found is None:
            found = self._improve(self._with_short_parts(e))
            self.memo[e] = found
            self.memo.setdefault(found, found)
        return found

    def noted(self, e: Expr, trace: list[Step] | None) -> Expr:
        """The shortest form that is found, and in `trace` the moves that lead to it, those of its parts first."""
        found = self(e)
        if trace is not None:
            trace.extend(self._moves_of(e, set()))
        return found

    def _moves_of(self, e: Expr, seen: set[Expr]) -> Iterator[Step]:
        if e in seen or e not in self.memo:
            return
        seen.add(e)
        start = self._with_short_parts(e)
        for part in dict.fromkeys((*e.args, *start.args)):
            yield from self._moves_of(part, seen)
        for move, made in self.moves.get(start, ()):
            for part in (made, *made.args):
                yield from self._moves_of(part, seen)
            yield move

    def _with_short_parts(self, e: Expr) -> Expr:
        found = rebuild(e, tuple(self(a) for a in e.args))
        if found is not e and found.op is not e.op and found.args:
            found = rebuild(found, tuple(self(a) for a in found.args))
        return found

    def _improve(self, e: Expr) -> Expr:
        if e.size > MAX_SIZE or self.work.left < 0:
            return e
        best, best_rank = e, self.rank(e)
        moves: list[Move] = []
        for _ in range(20):
            winner = None
            for name, made, candidate in self._candidates(best):
                if candidate is best:
                    continue
                candidate_rank = self.rank(candidate)
                if candidate_rank[0] < best_rank[0] - TIE or winner and candidate_rank[:2] < best_rank[:2]:
                    winner, best_rank = (name, made, candidate), candidate_rank
            if winner is None:
                break
            name, made, candidate = winner
            moves.append((Step(name, best, candidate, "shorten"), made))
            best = candidate
        if moves:
            self.moves[e] = moves
        return best

    def rank(self, e: Expr) -> Rank:
        """The rank of an expression, which is paid for once."""
        if e not in self.ranks:
            self.work.left -= min(e.size, MAX_SIZE)
            self.ranks[e] = rank(e)
        return self.ranks[e]

    def _candidates(self, e: Expr) -> Iterator[tuple[str, Expr, Expr]]:
        """Other forms: the name of the move, what it makes, and that with its new parts shortened."""
        if not e.args:
            return
        for name, result in applications(e, "shorten"):
            yield name, result, self._inside(result)
        for name, procedure in PROCEDURES.get(e.op.name, ()):
            for result in procedure(e):
                yield name, result, self._inside(result)
        for name, result in _as_they_stand(e):
            yield name, result, result
        if e.op in (LIN, CHAIN, HAD) or e.op is TRANSPOSE and e.args[0].op is CHAIN:
            yield from self._expansions(e)

    def _expansions(self, e: Expr) -> Iterator[tuple[str, Expr, Expr]]:
        """The node multiplied out and collected anew; sums of Kronecker products also where sums stand in sums."""
        expanded: Expr | None = e
        for _ in range(EXPAND_ROUNDS if _has_kronecker(e) else 1):
            expanded = expand(expanded) if expanded is not None and self.expand_budget > 0 else None
            if expanded is not None:
                self.expand_budget -= 1
                made, expanded = expanded, self._inside(expanded)
                yield "collect/expand", made, self._collected(expanded)

    def _inside(self, e: Expr) -> Expr:
        """The parts that a rewriting made anew, shortened in their turn."""
        found = self.memo.get(e)
        if found is not None:
            return found
        if self.level >= MAX_LEVEL or self.work.left < WORK // 2:
            return e
        self.level += 1
        try:
            return rebuild(e, tuple(self(a) for a in e.args))
        finally:
            self.level -= 1

    def _collected(self, e: Expr) -> Expr:
        best, best_rank = e, self.rank(e)
        for _ in range(12):
            grouped = map(self._inside, groupings(best))
            better = min(((self.rank(g), g) for g in grouped), default=None, key=lambda p: p[0])
            if better is None or better[0] >= best_rank:
                return best
            best_rank, best = better
        return best


def _as_they_stand(e: Expr) -> Iterator[tuple[str, Expr]]:
    """Forms whose parts are as short as they were."""
    if e.op is CHAIN and e.is_scalar and len(e.args) == 2:
        yield "sum/as-inner-product", node(SUM, (hadamard(T(e.args[0]), e.args[1]),), (), e.shape)
    if e.op is CHAIN and e.is_scalar and (half := _half(e)) is not None:
        yield "norm/of-product", make("frob", half, half)
    for gram in _grams(e) if e.op is CHAIN else ():
        yield "transpose/of-expression", gram
    turns = _is_product(e) or e.op.transpose == "inside" or callable(e.op.transpose)
    if turns and not e.is_scalar and e.op is not TRANSPOSE and (pulled := pulled_out(e)) is not None:
        yield "transpose/of-expression", pulled
    if e.op.name == "inv" and (turned := T(e.args[0])) is not e.args[0]:
        yield "inverse/of-transpose", node(TRANSPOSE, (make("inv", turned),), (), e.shape)


def _half(e: Expr) -> Expr | None:
    """Ax for xᵀAᵀAx."""
    k, odd = divmod(len(e.args), 2)
    same = not odd and k > 1 and all(T(a) is b for a, b in zip(e.args[:k], reversed(e.args[k:]), strict=True))
    return mul(*e.args[k:]) if same else None


def _grams(e: Expr) -> Iterator[Expr]:
    """SᵀS and SSᵀ for khatri_rao(Aᵀ, Bᵀ)face_split(A, B), with S the one or the other."""
    for i, (a, b) in enumerate(pairwise(e.args)):
        if callable(a.op.transpose) and callable(b.op.transpose) and (T(b) is a or T(a) is b):
            for pair in ((node(TRANSPOSE, (b,), (), a.shape), b), (a, node(TRANSPOSE, (a,), (), b.shape))):
                yield node(CHAIN, (*e.args[:i], *pair, *e.args[i + 2 :]), (), e.shape)


def _term_by_term(e: Expr) -> Expr | None:
    """diag(Diag(x) − A) as x − diag(A)."""
    if e.args[0].op is not LIN:
        return None
    extra = dict(zip(e.op.attributes, e.attrs, strict=True))
    return linear([(c, make(e.op.name, t, **extra)) for c, t in terms_of(e.args[0])], e.shape)


def _is_product(e: Expr) -> bool:
    return e.op in (CHAIN, HAD, SCAL) or e.op is LIN and len(e.args) > 1


def _absorb_mask(e: Expr) -> Expr | None:
    """M∘(M∘X + Y) = M∘(X + Y) for a 0/1 mask M (the identity is one)."""
    masks = [b for b in e.args if b.op is EYE or "binary" in facts_of(b)]
    for i, (b, p) in enumerate(zip(e.args, e.attrs, strict=True)):
        if p == 1 and b.op is LIN:
            for M in masks:
                terms = [(c, _without_mask(t, M)) for c, t in terms_of(b)]
                if any(new is not old for (_, new), (_, old) in zip(terms, terms_of(b), strict=True)):
                    rest = [(a, q) for j, (a, q) in enumerate(zip(e.args, e.attrs, strict=True)) if j != i]
                    return bag([*rest, (linear(terms, b.shape), 1)])
    return None


def _without_mask(t: Expr, M: Expr) -> Expr:
    c, s, a = split_scalar(t)
    if a.op is not HAD or M not in a.args:
        return t
    rest = bag([(b, p) for b, p in zip(a.args, a.attrs, strict=True) if b is not M])
    return scale(c, scaled(s, rest) if s is not None else rest)


def _absorb_signs(e: Expr) -> Iterator[Expr]:
    """−c(Y − X)V as c(X − Y)V, in every term with a sign in front and a difference within, and in each alone.

    Where X − Y stands in another term, c(Y − X)V is −c(X − Y)V.
    """
    terms = terms_of(e)
    opposite = _opposite(e)
    negative = [i for i, (c, _) in enumerate(terms) if c < 0]
    turned = {i: (-c, x) for i, (c, t) in enumerate(terms) if (c < 0 or t in opposite) and (x := _flip(t)) is not None}
    together = [tuple(i for i in negative if i in turned)]
    for chosen in (together if together[0] else []) + [(i,) for i in turned if (i,) not in together]:
        yield linear([turned[i] if i in chosen else term for i, term in enumerate(terms)], e.shape)


def _opposite(e: Expr) -> set[Expr]:
    """The terms of `e` with a factor R where another has −R."""
    factors = {t: [f for f in (t, *t.args) if f.op is LIN and len(f.args) > 1] for t in e.args}
    present = {f for found in factors.values() for f in found}
    return {t for t, found in factors.items() if any(scale(-1, f) in present for f in found)}


def _flip(t: Expr) -> Expr | None:
    """−t without a sign in front, where some factor is a difference."""
    if t.op is LIN and len(t.args) > 1:
        if _mixed(t):
            return scale(-1, t)
        flipped = [_flip(x) for x in t.args]
        if all(x is None for x in flipped):
            return None
        terms = zip(terms_of(t), flipped, strict=True)
        return linear([(-c, old) if new is None else (c, new) for (c, old), new in terms], t.shape)
    if t.op in (CHAIN, SCAL, HAD, TRANSPOSE) or t.op.kind in ("linear", "multilinear"):
        for i, f in enumerate(t.args):
            if t.op is HAD and (t.attrs[i].denominator != 1 or int(t.attrs[i]) % 2 == 0):
                continue
            if any(other in (f, T(f)) or T(other) is f for j, other in enumerate(t.args) if j != i):
                continue  # (x − m)ᵀS(x − m) keeps its form
            if (inner := _flip(f)) is not None:
                args = (*t.args[:i], inner, *t.args[i + 1 :])
                if t.op is TRANSPOSE:
                    return node(TRANSPOSE, args, (), t.shape)
                return rebuild(t, args)
    return None


def _mixed(t: Expr) -> bool:
    return any(c < 0 for c in t.attrs)


def expand(e: Expr) -> Expr | None:
    """Products of sums multiplied out, None where there is nothing to do or too much."""
    out: list[tuple[Number, Expr]] = []
    changed = False
    for c, t in terms_of(e):
        pieces = _expand_term(t)
        changed = changed or len(pieces) > 1
        out.extend((c * k, x) for k, x in pieces)
        if len(out) > EXPAND_TERMS:
            return None
    return linear(out, e.shape) if changed else None


def _expand_term(t: Expr) -> list[tuple[Number, Expr]]:
    c, s, a = split_scalar(t)
    if a.op is TRANSPOSE and a.args[0].args:
        a = T(a.args[0])
    times = hadamard if a.op is HAD else mul
    options = _options(a)
    count = 1
    for o in options:
        count *= len(o)
    if count == 1 or count > EXPAND_TERMS:
        return [(1, t)]
    out: list[tuple[Number, list[Expr]]] = [(c, [])]
    for o in options:
        out = [(k * q, [*factors, x]) for k, factors in out for q, x in o]
    return [(k, scaled(s, times(*f)) if s is not None else times(*f)) for k, f in out]


def _options(a: Expr) -> list[tuple[tuple[Number, Expr], ...]]:
    """The factors of a product, each as its terms; 1 − σ(x) for σ(−x)."""
    if a.op is HAD:
        powers = [power(b, p) if p != 1 else b for b, p in zip(a.args, a.attrs, strict=True)]
        return [tuple(terms_of(_complement(b))) for b in powers]
    factors = a.args if a.op is CHAIN else (a,)
    return [tuple((c, _turned_back(t)) for c, t in terms_of(_spread(f))) for f in factors]


def _turned_back(t: Expr) -> Expr:
    """A transpose that was pulled out of a product, put back into it."""
    return T(t.args[0]) if t.op is TRANSPOSE and t.args[0].op is CHAIN else t


def _has_kronecker(e: Expr) -> bool:
    return e.shape[0] is not ONE and e.shape[1] is not ONE and any(x.op.name == "kron" for x in walk(e))


def _complement(b: Expr) -> Expr:
    """1 − σ(−x) for σ(x), where the first term of x is negative: of both signs one is left."""
    if b.op.name == "sigmoid" and b.args[0].op is LIN and b.args[0].attrs[0] < 0:
        return sub(ones(b.shape), make("sigmoid", scale(-1, b.args[0])))
    return b


def _spread(f: Expr) -> Expr:
    """(A + B)ᵀ as a sum, W∘(u1ᵀ − 1vᵀ) as the sum of its terms: with an outer product each of them is a scaling."""
    if f.op is TRANSPOSE and f.args[0].op is LIN:
        return T(f.args[0])
    if f.op is not HAD or len(f.args) != 2 or f.attrs != (1, 1):
        return f
    for b, other in (f.args, f.args[::-1]):
        if b.op is LIN and len(b.args) > 1 and all(_is_outer(t) for t in b.args):
            return linear([(c, hadamard(other, t)) for c, t in terms_of(b)], f.shape)
    return f


def _is_outer(t: Expr) -> bool:
    return t.op is CHAIN and any(f.shape[0] is ONE for f in t.args[1:])


def _one(procedure: Callable[[Expr], Expr | None]) -> Callable[[Expr], Iterable[Expr]]:
    """A procedure with at most one result as one with any number."""

    def results(e: Expr) -> Iterable[Expr]:
        found = procedure(e)
        return () if found is None else (found,)

    return results


Procedure = tuple[str, Callable[[Expr], Iterable[Expr]]]
_CLEARED: Procedure = ("quotient/clear-denominator", _one(clear))
_SIGNED: Procedure = ("function/odd-or-even", _one(one_sign))
_DIVIDED: Procedure = ("inverse/divided", _one(divided))
PROCEDURES: dict[str, tuple[Procedure, ...]] = {
    LIN.name: (("collect/common-factor", groupings), ("collect/sign", _absorb_signs), _CLEARED, _DIVIDED, _SIGNED),
    CHAIN.name: (_DIVIDED, ("power/same-base", _one(merged_powers))),
    HAD.name: (_CLEARED, ("mask/absorbs", _one(_absorb_mask)), ("power/over-base", absorbed)),
    SCAL.name: (_CLEARED, ("inverse/of-scaled", clear_inverse)),
    **dict.fromkeys(SPREAD, (("linear/term-by-term", _one(_term_by_term)),)),
}
"""For each operator the moves that are no pattern, with the names of their identities."""
