"""What a program of second order adds to value and gradient: the Hessian, or it times a direction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matcalc.check.equal import check_equal
from matcalc.check.evidence import Evidence
from matcalc.check.gradient import check_gradient
from matcalc.core.algebra import T, add, facts_of, mul, var
from matcalc.core.dims import ONE
from matcalc.core.sample import Condition
from matcalc.core.tree import Expr, make, substitute
from matcalc.derive.gradient import gradients
from matcalc.notation.printing.printer import text
from matcalc.rewrite.masks import freed, with_masks
from matcalc.rewrite.shorten import Shortener
from matcalc.rewrite.transposes import merged
from matcalc.rewrite.typed import read

ORDERS = (0, 1, 2, "hvp")


@dataclass(frozen=True, slots=True)
class Second:
    """`kind` is "hessian", "hvp" or empty; `directions` are the arguments that it adds."""

    kind: str = ""
    formulas: tuple[Expr, ...] = ()
    directions: tuple[Expr, ...] = ()
    check: Evidence | None = None
    variables: tuple[Expr, ...] = ()

    @property
    def evidence(self) -> Evidence:
        """How the products with a direction were checked."""
        return self.check or Evidence(False, "undecided", why="nothing was compared")


def stacked_hessian(leaves: Sequence[Expr], block: Callable[[Expr, Expr], Expr]) -> Second:
    """The Hessian over the stacked vecs of the variables, from its blocks."""
    k = len(leaves)
    above = {(i, j): block(leaves[i], leaves[j]) for i in range(k) for j in range(i, k)}
    blocks = [above[i, j] if i <= j else T(above[j, i]) for i in range(k) for j in range(k)]
    return Second("hessian", (blocks[0] if k == 1 else make("block", *blocks, rows=k, cols=k),))


def direction_names(leaves: Sequence[Expr], taken: frozenset[str]) -> list[str]:
    """V for a matrix, v for a vector or a scalar, or the next letter that is free; D_U, D_V for several.

    >>> from matcalc.core.algebra import num, var
    >>> x, y = var("x", (ONE, ONE)), var("y", (ONE, ONE))
    >>> direction_names([x], frozenset({"v"})), direction_names([x, y], frozenset({"D_x"}))
    (['z'], ['E_x', 'E_y'])
    """
    names = [str(x.attrs[0]) for x in leaves]
    alone = "vzpsq" if ONE in leaves[0].shape else "VZDSP"
    free = [[c] for c in alone] if len(leaves) == 1 else []
    free += [[f"{letter * k}_{n}" for n in names] for k in range(1, len(taken) + 2) for letter in "DEH"]
    return next(found for found in free if taken.isdisjoint(found))


def hessian_times_direction(
    f: Expr, found: Mapping[Expr, Expr], conditions: tuple[Condition, ...], names: Sequence[str]
) -> Second:
    """∂(Σ Gᵢ:Dᵢ)/∂xⱼ for the gradients Gᵢ of f and constant directions Dᵢ: no Hessian is formed.

    A mask that moves is no longer 0/1: the gradient is differentiated as it was before M∘M = M.
    """
    variables = tuple(found)
    free = freed(variables)
    moving = tuple(free.get(x, x) for x in variables)
    loose = substitute(f, free)
    slopes = gradients(loose, moving) if free else dict(found)
    directions = tuple(
        var(n, x.shape, frozenset(facts_of(x)) - {"positive", "spd", "orth", "binary"} | _linear(x))
        for n, x in zip(names, variables, strict=True)
    )
    slope = add(
        *(mul(G, d) if G.is_scalar else make("frob", G, d) for G, d in zip(slopes.values(), directions, strict=True))
    )
    products = gradients(slope, moving)
    evidence = check_gradient(slope, products, conditions=conditions)
    if not free:
        return Second("hvp", tuple(products.values()), directions, evidence, variables)
    first = check_gradient(loose, slopes, conditions=conditions)
    answers = tuple(with_masks(H, variables) for H in products.values())
    shorter = tuple(merged(Shortener()(read(H))) for H in answers)
    same = [check_equal(a, b, conditions=conditions) for a, b in zip(answers, shorter, strict=True)]
    weakest = min((evidence, first, *same), key=lambda e: (e.ok, e.decided, e.method == "exact"))
    return Second("hvp", shorter, directions, weakest, variables)


def direction_note(found: Second) -> str:
    """What a Hessian times a direction is."""
    moved = ", ".join(
        f"{text(x)} + t{text(d)} for {text(x)}" for x, d in zip(found.variables, found.directions, strict=True)
    )
    return f"the derivative of the gradient with {moved}, at t = 0"


def _linear(x: Expr) -> frozenset[str]:
    """A direction from an SPD matrix is symmetric."""
    return frozenset({"sym"}) if "spd" in facts_of(x) else frozenset()


def flattened(function: Callable[..., Any], second: Second) -> Callable[..., Any]:
    """The function with all derivatives in one tuple, as the check of programs expects them."""

    def flat(**given: Any) -> Any:
        groups = function(**given)
        parts = [part for group in groups[1:] for part in (group if isinstance(group, tuple) else (group,))]
        if second.kind == "hessian" and second.formulas[0].is_scalar:
            parts[-1] = parts[-1].reshape(())
        return groups[0], tuple(parts)

    return flat
