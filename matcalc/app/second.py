"""What a program of second order adds to value and gradient: the Hessian, or it times a direction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matcalc.check.evidence import Evidence
from matcalc.check.gradient import check_gradient
from matcalc.core.algebra import add, facts_of, mul, var
from matcalc.core.sample import Condition
from matcalc.core.tree import Expr, make
from matcalc.derive.gradient import gradients

ORDERS = (0, 1, 2, "hvp")


@dataclass(frozen=True, slots=True)
class Second:
    """`kind` is "hessian", "hvp" or empty; `directions` are the arguments that it adds."""

    kind: str = ""
    formulas: tuple[Expr, ...] = ()
    directions: tuple[Expr, ...] = ()
    check: Evidence | None = None


def stacked_hessian(leaves: Sequence[Expr], block: Callable[[Expr, Expr], Expr]) -> Second:
    """The Hessian over the stacked vecs of the variables, from its blocks."""
    k = len(leaves)
    blocks = [block(x, y) for x in leaves for y in leaves]
    return Second("hessian", (blocks[0] if k == 1 else make("block", *blocks, rows=k, cols=k),))


def hessian_times_direction(found: Mapping[Expr, Expr], conditions: tuple[Condition, ...]) -> Second:
    """∂(Σ Gᵢ:Dᵢ)/∂xⱼ for the gradients Gᵢ and constant directions Dᵢ: no Hessian is formed."""
    names = ["direction"] if len(found) == 1 else [f"direction_{x.attrs[0]}" for x in found]
    directions = tuple(
        var(n, x.shape, frozenset(facts_of(x)) - {"positive", "spd", "orth", "binary"} | _linear(x))
        for n, x in zip(names, found, strict=True)
    )
    slope = add(
        *(mul(G, d) if G.is_scalar else make("frob", G, d) for G, d in zip(found.values(), directions, strict=True))
    )
    products = gradients(slope, tuple(found))
    evidence = check_gradient(slope, products, conditions=conditions)
    return Second("hvp", tuple(products.values()), directions, evidence)


def _linear(x: Expr) -> frozenset[str]:
    """A direction from an SPD matrix is symmetric."""
    return frozenset({"sym"}) if "spd" in facts_of(x) else frozenset()


def flattened(function: Callable[..., Any], second: Second) -> Callable[..., Any]:
    """The function with all derivatives in one tuple, as the check of programs expects them."""

    def flat(**given: Any) -> Any:
        groups = function(**given)
        parts = [part for group in groups[1:] for part in (group if isinstance(group, tuple) else (group,))]
        if second.kind == "hessian" and parts[-1].size == 1:
            parts[-1] = parts[-1].reshape(())
        return groups[0], tuple(parts)

    return flat
