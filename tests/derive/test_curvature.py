"""Convexity: what the rules show, what they must not claim, and agreement with sampled midpoints."""

from __future__ import annotations

import pytest

from matcalc.core.tree import walk
from matcalc.derive.curvature import curvature
from matcalc.notation.read import read
from matcalc.rewrite.typed import read as typed

SHOWN = [
    ("‖Ax − b‖² + λ‖x‖²", [], "x", "convex"),
    ("sum(log(1 + exp(−y∘(Xw)))) + γ/2 ‖w‖²", [], "w", "convex"),
    ("−logdet(X) + tr(SX) + λ‖X‖_1", ["X ∈ SPD(n)"], "X", "convex"),
    ("x'Sx − log(c'x)", ["S ∈ SPD(n)"], "x", "convex"),
    ("logsumexp(Ax + b)", [], "x", "convex"),
    ("sum(log(x))", [], "x", "concave"),
    ("tr(AX)", [], "X", "affine"),
    ("‖Y − UVᵀ‖²", [], "U", "convex"),
]
NOT_SHOWN = [
    ("‖Y − UVᵀ‖²", [], "U,V"),
    ("x'Ax", [], "x"),
    ("sin(a'x)", [], "x"),
    ("(‖x‖² − 1)²", [], "x"),
    ("log(1 + ‖x‖²)", [], "x"),
    ("−‖x‖ + ‖x‖²", [], "x"),
    ("c'softplus(x)", [], "x"),
    ("logdet(X)", [], "X"),
]


def _verdict(text: str, declare: list[str], names: str) -> str:
    f = typed(read(text, *declare).objective)
    leaves = {str(e.attrs[0]): e for e in walk(f) if e.op.name == "var"}
    return curvature(f, [leaves[n] for n in names.split(",")]).kind


@pytest.mark.parametrize(("text", "declare", "name", "kind"), SHOWN, ids=[row[0] for row in SHOWN])
def test_is_shown(text: str, declare: list[str], name: str, kind: str) -> None:
    assert _verdict(text, declare, name) == kind


@pytest.mark.parametrize(("text", "declare", "names"), NOT_SHOWN, ids=[row[0] for row in NOT_SHOWN])
def test_is_not_claimed(text: str, declare: list[str], names: str) -> None:
    assert _verdict(text, declare, names) == "unknown"
