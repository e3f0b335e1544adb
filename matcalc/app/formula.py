"""An answer as people hold it: an expression with its notation, its conditions and how it was checked.

Core objects have a structural repr only; printing and rich display belong here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from matcalc.app.readback import in_ascii
from matcalc.check.evidence import Evidence
from matcalc.core.tree import Expr
from matcalc.derive.shown import Shown
from matcalc.notation.layout import EMPTY, Layout
from matcalc.notation.printing.printer import text


@dataclass(frozen=True, slots=True)
class Formula:
    """A checked formula; `str()` is Unicode.

    `left` is what it is, in Unicode and in LaTeX; `check` the evidence; `conditions` what it was derived
    under; `notes` say which convention it follows.
    """

    expression: Expr
    left: tuple[str, str]
    check: Evidence
    layout: Layout = EMPTY
    conditions: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())
    printed: Shown | None = None

    def _text(self, notation: str = "unicode") -> str:
        form = self.printed or Shown(self.expression)
        where = [f"{text(leaf, self.layout, notation)} = {text(e, self.layout, notation)}" for leaf, e in form.where]
        joint = r" \quad \text{where } " if notation == "latex" else " where "
        between = r", \; " if notation == "latex" else ", "
        body = text(form.expression, self.layout, notation)
        return body + joint + between.join(where) if where else body

    def __str__(self) -> str:
        return self._text()

    def __repr__(self) -> str:
        return f"{self.left[0]} = {self}"

    def latex(self) -> str:
        """The formula in LaTeX."""
        return self._text("latex")

    def plain(self) -> str:
        """The formula in ASCII, as it may be typed."""
        return self._text("plain")

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.left[1]} = {self.latex()}$"

    def _repr_markdown_(self) -> str:
        return "\n\n".join([self._repr_latex_(), *self.remarks()])

    def remarks(self) -> list[str]:
        """The conditions, the convention, and how the formula was checked, a line each."""
        where = [f"where {'; '.join(self.conditions)}"] if self.conditions else []
        return [*where, *self.notes, str(self.check)]

    def report(self, writing: str) -> str:
        """The formula with its left side and remarks: "unicode", "plain", "latex" or "markdown"."""
        if writing == "markdown":
            return self._repr_markdown_()
        if writing == "latex":
            return "\n".join([f"{self.left[1]} = {self.latex()}", *(f"% {in_ascii(r)}" for r in self.remarks())])
        if writing == "plain":
            return "\n".join(
                [f"{in_ascii(self.left[0])} = {self.plain()}", *(f"  {in_ascii(r)}" for r in self.remarks())]
            )
        return "\n".join([f"{self.left[0]} = {self}", *(f"  {r}" for r in self.remarks())])

    def check_record(self) -> dict[str, Any]:
        """The evidence as plain values."""
        c = self.check
        return {
            "ok": c.ok,
            "method": c.method,
            "trials": c.trials,
            "worst_error": c.worst_error,
            "bound": c.bound,
            "why": c.why,
        }
