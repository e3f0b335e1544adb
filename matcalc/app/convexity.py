"""What was shown about convexity, in words; nothing is claimed that neither a rule nor the Hessian shows."""

from __future__ import annotations

from dataclasses import dataclass

from matcalc.core.tree import Expr
from matcalc.derive.convex_forms import UNKNOWN
from matcalc.derive.curvature import Curvature, curvature
from matcalc.notation.printing.printer import text
from matcalc.rewrite.typed import read as typed


@dataclass(frozen=True, slots=True)
class Convexity:
    """The verdict for the variables jointly, and for each alone where jointly nothing was shown."""

    jointly: Curvature
    alone: tuple[Curvature, ...]

    @property
    def kind(self) -> str:
        """`convex`, `concave`, `affine`, `constant` or `unknown`, in all variables together."""
        return self.jointly.kind

    def __str__(self) -> str:
        names = " and ".join(self.jointly.variables)
        if self.kind != UNKNOWN:
            together = " together" if len(self.jointly.variables) > 1 else ""
            return _sentence(self.jointly, f"in {names}{together}")
        shown = [_sentence(c, f"in {c.variables[0]} alone") for c in self.alone if c.kind != UNKNOWN]
        return "; ".join([*shown, f"nothing is shown in {names}{' together' if len(self.alone) > 1 else ''}"])


def _sentence(c: Curvature, where: str) -> str:
    needs = ", ".join(f"{text(s)} ≥ 0" for s in c.conditions)
    because = f" ({'; '.join(c.reasons)})" if c.reasons else ""
    return f"{c.kind} {where}{', if ' + needs if needs else ''}{because}"


def convexity(f: Expr, leaves: tuple[Expr, ...], hessian: Expr | None = None) -> Convexity:
    """The convexity of `f` in these variables, by composition rules or by the Hessian in one, which may be given."""
    f = typed(f)
    jointly = curvature(f, leaves, hessian)
    return Convexity(jointly, (jointly,) if len(leaves) == 1 else tuple(curvature(f, (x,)) for x in leaves))
