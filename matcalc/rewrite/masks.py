"""0/1 masks: M∘M = M, used while reading and shortening but never on a mask that is itself moving.

The gradient in a mask is the ambient one, so M∘M must still be M∘M when it is differentiated in M. In the same way
XᵀX = I holds where an X with orthonormal columns is, not where it moves to.
"""

from __future__ import annotations

from matcalc.core.algebra import EYE, LIN, ONES, TRANSPOSE, Number, bag, facts_of, scale, var
from matcalc.core.tree import Expr, substitute


def is_mask(e: Expr) -> bool:
    """Whether a node is the identity, a declared 0/1 variable, its transpose, or 1 − M for one of these."""
    if e.op is LIN:
        parts = dict(zip(e.attrs, e.args, strict=True))
        return len(e.args) == 2 and parts.keys() == {1, -1} and parts[1].op is ONES and is_mask(parts[-1])
    return e.op is EYE or "binary" in facts_of(e.args[0] if e.op is TRANSPOSE else e)


def idempotent(e: Expr) -> Expr | None:
    """M∘M∘A = M∘A for a 0/1 mask M, also where its square is written as that of −M."""
    pairs = [(_as_mask(b, p), p) for b, p in zip(e.args, e.attrs, strict=True)]
    if not any(p > 1 and is_mask(b) for b, p in pairs):
        return None
    return bag([(b, 1 if p > 0 and is_mask(b) else p) for b, p in pairs])


def _as_mask(b: Expr, p: Number) -> Expr:
    """1 − M for M − 1 under an even power."""
    return scale(-1, b) if p % 2 == 0 and b.op is LIN and is_mask(scale(-1, b)) else b


def freed(variables: tuple[Expr, ...]) -> dict[Expr, Expr]:
    """Every mask among the variables with a copy that is not declared 0/1, every orthogonal one as `loosened`."""
    masks = {x: var(str(x.attrs[0]), x.shape, frozenset(facts_of(x)) - {"binary"}) for x in variables if is_mask(x)}
    return masks | loosened(variables)


def loosened(variables: tuple[Expr, ...]) -> dict[Expr, Expr]:
    """Every variable with XᵀX = I with a copy of which this is not used; what is drawn for it still has it."""
    facts = {x: frozenset(facts_of(x)) for x in variables if "orth" in facts_of(x)}
    return {x: var(str(x.attrs[0]), x.shape, f - {"orth"} | {"orthonormal columns"}) for x, f in facts.items()}


def with_free_masks(e: Expr, variables: tuple[Expr, ...]) -> Expr:
    """The expression with the masks among the variables free to move."""
    table = freed(variables)
    return substitute(e, table) if table else e


def with_masks(e: Expr, variables: tuple[Expr, ...]) -> Expr:
    """The expression with those masks 0/1 again."""
    table = {free: x for x, free in freed(variables).items()}
    return substitute(e, table) if table else e


READ = {"had": (("mask/idempotent", idempotent),)}
