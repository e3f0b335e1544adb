"""The five reference problems, as they are typed."""

from __future__ import annotations

from dataclasses import dataclass

import matcalc as mc


@dataclass(frozen=True, slots=True)
class Reference:
    """A problem, its declarations, and the variables of interest."""

    name: str
    text: str
    wrt: tuple[str, ...]
    declare: tuple[str, ...] = ()

    def problem(self) -> mc.Problem:
        """The problem as people hold it."""
        return mc.problem(self.text, *self.declare)


REFERENCES = (
    Reference(
        "block-kronecker",
        "‖Z − I∘(H_Rᵀ A + H_Iᵀ B)‖² + ‖W − [H_R, −H_I; H_I, H_R] P_d Sᵀ‖²",
        ("H_R", "H_I"),
    ),
    Reference("diagonal-constraint", "½‖A Diag(s) Bᵀ − C‖²", ("s",)),
    Reference("hadamard-least-squares", "‖y − (A u)∘(B v)‖²", ("u", "v")),
    Reference(
        "masked-factorisation",
        "‖M∘(Y − U Vᵀ)‖² + λ_u‖U‖² + λ_v‖V‖²",
        ("U", "V"),
        ("M ∈ {0,1}^{m×n}",),
    ),
    Reference("weighted-factorisation", "∑_{i,j} C_{ij} (X_{ij} − W_{i.} H_{j.}ᵀ)²", ("W", "H")),
)
