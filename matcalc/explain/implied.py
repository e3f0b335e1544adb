"""Which of several needs follow from the others, or from what is declared; what is kept is said once.

Everything here is one-sided: a need that is dropped follows for certain, one that is kept may follow all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cache

from matcalc.core.algebra import (
    CHAIN,
    EYE,
    HAD,
    LIN,
    T,
    add,
    bag,
    eye,
    facts_of,
    linear,
    mul,
    neg,
    ones,
    power,
    sub,
    terms_of,
    var,
)
from matcalc.core.positivity import is_definite, is_positive, is_semidefinite
from matcalc.core.tree import Expr, make, substitute, walk
from matcalc.derive.forms import expanded
from matcalc.derive.kinks import NO_ZERO
from matcalc.errors import UnsupportedError
from matcalc.explain.needs import (
    FULL_RANK,
    NO_COLUMN,
    NO_ROW,
    NONSINGULAR,
    NONZERO,
    OF_ROWS,
    POSITIVE,
    SIGN_FREE,
    STEADY_RANK,
    Need,
    half_of,
    simplest,
)
from matcalc.operators.linear_algebra import ON_THE_AXIS
from matcalc.rewrite.cost import cost
from matcalc.rewrite.quotients import clear
from matcalc.rewrite.shorten import Shortener, Work
from matcalc.rewrite.typed import read

Forms = Callable[[Expr], tuple[Expr, ...]]
EFFORT = 2_000  # nodes compared to find the short form of what stands in a need
FOLLOWING = 40  # needs that are followed up from one
LARGE = 200  # nodes; of larger ones no other forms are made


def independent(needs: Iterable[Need]) -> list[Need]:
    """Those that the declarations do not say, each once, without those that follow from the others.

    >>> import matcalc.operators
    >>> from matcalc.core.algebra import var
    >>> from matcalc.core.dims import SCALAR
    >>> σ = var("σ", SCALAR)
    >>> independent([(NONZERO, σ), (POSITIVE, add(ones(SCALAR), power(σ, 2))), (POSITIVE, σ)])
    [('{} > 0', var('σ', ()))]
    """
    kept = [need for need in dict.fromkeys(part for need in needs for part in simplest(need)) if not holds(*need)]
    if len(kept) > 1:
        forms = cache(_forms)
        said = {need: _keys(need, forms) for need in kept}
        follow = {need: consequences(need, forms) for need in kept}
        for need in reversed(kept.copy()):
            others = [other for other in kept if other is not need]
            if any(not follow[other].isdisjoint(said[need]) for other in others) or _holds_given(need, others):
                kept = [min(other, need, key=_cost) if said[other] & said[need] else other for other in others]
    return kept


def _cost(need: Need) -> float:
    return cost(need[1])


# ── what is known without any other need ──────────────────────────────────────────────────────────────────
def holds(says: str, e: Expr) -> bool:
    """Whether the declarations say it already."""
    if says in EQUIVALENT:
        return any(holds(*same) for same in EQUIVALENT[says](e))
    signs = (e, neg(e)) if says in SIGN_FREE else (e,)
    if says in (NONSINGULAR, FULL_RANK, STEADY_RANK, ON_THE_AXIS, NONZERO):
        if any(map(is_definite, signs)) or says != ON_THE_AXIS and "orth" in facts_of(e):
            return True
    if says == NONSINGULAR:
        return e.op.name == "expm" or e.op is LIN and any(is_definite(add(x, T(x))) for x in signs)
    return says in (POSITIVE, NONZERO, NO_ZERO, *OF_ROWS) and any(map(is_positive, signs))


def _holds_given(need: Need, others: list[Need]) -> bool:
    """Whether it holds where the others do: σ² + x² > 0 for σ ≠ 0."""
    says, e = need
    assumed = _assuming(e, others)
    return assumed is not e and holds(says, assumed)


def _assuming(e: Expr, needs: list[Need]) -> Expr:
    """The expression with variables of known sign for what is positive, for squares that are not 0."""
    table: dict[Expr, Expr] = {}
    nonzero = {x for says, x in needs if says in (NONZERO, NO_ZERO)}
    for says, x in needs:
        if says == POSITIVE:
            table[x] = _known(x, "positive")
        elif says == NONSINGULAR and is_semidefinite(x):
            table[x] = _known(x, "spd")
    for x in walk(e):
        if (half := half_of(x)) is not None and half in nonzero:
            table[x] = _known(x, "positive")
        elif x.op is HAD and any(b in nonzero and q % 2 == 0 for b, q in zip(x.args, x.attrs, strict=True)):
            pairs = list(zip(x.args, x.attrs, strict=True))
            table[x] = bag([(_known(b, "positive") if b in nonzero and q % 2 == 0 else b, q) for b, q in pairs])
    return substitute(e, table) if table else e


def _known(e: Expr, fact: str) -> Expr:
    return var(f"{fact} {e.key}", e.shape, frozenset({fact}))


# ── what follows from a need ──────────────────────────────────────────────────────────────────────────────
def consequences(need: Need, forms: Forms) -> set[Need]:
    """What a need says in any of its forms, and what follows from it."""
    found = _keys(need, forms)
    waiting = [need]
    for _ in range(FOLLOWING):
        if not waiting:
            break
        says, e = waiting.pop(0)
        below = _below_bars(e)
        for form in forms(e):
            for following in ((says, form), *FOLLOWS.get(says, _nothing)(form)):
                new = [part for part in simplest(following) if part not in found and part[1] not in below]
                found.update(*(_keys(part, forms) for part in new))
                waiting += new
    return found


def _below_bars(e: Expr) -> set[Expr]:
    """The denominators in the terms of a sum, and their parts: that they are not 0 is said by itself."""
    bags = [x for x in walk(e) if x.op is HAD] if e.op is LIN else []
    below = [b for x in bags for b, q in zip(x.args, x.attrs, strict=True) if q < 0]
    return {x for b in below for _, x in simplest((NO_ZERO, b))}


def _keys(need: Need, forms: Forms) -> set[Need]:
    """The need in every writing of what stands in it: transposed, negated, a scalar product turned around."""
    says, e = need
    out = {need}
    for form in forms(e):
        turned = (form,) if says in OF_ROWS else (form, T(form))
        out |= {(says, _oriented(x)) for x in turned}
        if says in SIGN_FREE:
            out |= {(says, _oriented(neg(x))) for x in turned}
    return out


def _forms(e: Expr) -> tuple[Expr, ...]:
    """Equal forms of an expression: as it is, multiplied out, shortened, without denominators in its terms."""
    if e.size > LARGE:
        return (e,)
    typed = read(e)
    forms = [e, typed, Shortener(work=Work(EFFORT))(typed)]
    with suppress(UnsupportedError):
        forms.append(expanded(forms[-1]))
    whole = forms[-1]
    while (cleared := clear(whole)) is not None and len(forms) < 8:
        forms.append(whole := cleared)
    return tuple(dict.fromkeys(forms))


def _oriented(e: Expr) -> Expr:
    """One of the two ways to write each scalar product: xᵀy for yᵀx."""
    table = {}
    for x in walk(e):
        if x.op is CHAIN and x.is_scalar:
            table[x] = min(x, mul(*(T(f) for f in reversed(x.args))), key=lambda c: c.key)
    return substitute(e, table) if table else e


def _nothing(e: Expr) -> Iterator[Need]:
    yield from ()


def _of_positive(e: Expr) -> Iterator[Need]:
    yield (NO_ZERO, e)


def _of_row(e: Expr) -> Iterator[Need]:
    yield (NONZERO, e)


def _of_no_zero(e: Expr) -> Iterator[Need]:
    yield from ((says, e) for says in (NONZERO, NO_ROW, NO_COLUMN))


def _of_rank(e: Expr) -> Iterator[Need]:
    yield from ((says, e) for says in (STEADY_RANK, NONZERO))


def _of_nonsingular(e: Expr) -> Iterator[Need]:
    """A has full rank; X has for XᵀAX; I + VU is nonsingular with I + UV, a Schur complement with its block matrix."""
    yield (FULL_RANK, e)
    if e.op is CHAIN and T(e.args[0]) is e.args[-1]:
        yield (FULL_RANK, e.args[-1])
    if e.op is LIN and len(e.args) == 2 and any(t.op is EYE for t in e.args):
        (one, _), (c, product) = sorted(terms_of(e), key=lambda term: term[1].op is not EYE)
        factors = product.args if product.op is CHAIN else ()
        for k in range(1, len(factors)):
            turned = mul(*factors[k:], *factors[:k])
            yield (NONSINGULAR, linear([(one, eye(turned.shape[0])), (c, turned)], turned.shape))
    if e.op.name == "block" and e.attrs == (2, 2):
        A, B, C, D = e.args
        if is_definite(A):
            yield (NONSINGULAR, sub(D, mul(C, make("inv", A), B)))
        if is_definite(D):
            yield (NONSINGULAR, sub(A, mul(B, make("inv", D), C)))


EQUIVALENT: dict[str, Callable[[Expr], Iterable[Need]]] = {
    "|{}| < 1": lambda e: [(POSITIVE, sub(ones(e.shape), power(e, 2)))],
    "{} > −1": lambda e: [(POSITIVE, add(ones(e.shape), e))],
}
FOLLOWS: dict[str, Callable[[Expr], Iterable[Need]]] = {
    POSITIVE: _of_positive,
    NO_ZERO: _of_no_zero,
    NO_ROW: _of_row,
    NO_COLUMN: _of_row,
    NONSINGULAR: _of_nonsingular,
    FULL_RANK: _of_rank,
    ON_THE_AXIS: lambda e: [(NONSINGULAR, e)],
    **EQUIVALENT,
}
