"""Deriving and shortening end after a counted amount of work, however often parts are shared; no clock is read."""

from __future__ import annotations

from collections import Counter

import pytest

from matcalc.core.algebra import UNITY, add, mul, num, var
from matcalc.core.dims import ONE, Dim
from matcalc.core.tree import Expr, make, walk
from matcalc.derive.gradient import gradients
from matcalc.derive.jacobian import _Vectoriser, jacobian
from matcalc.derive.pullback import accumulate
from matcalc.rewrite.shorten import WORK, Shortener, Work

n = Dim.name("n")
A, x = var("A", (n, n)), var("x", (n, ONE))


def tower(height: int) -> Expr:
    """x ↦ tanh(A(x + tanh(x))) again and again: the text doubles with each floor, the number of nodes does not."""
    v = x
    for _ in range(height):
        v = mul(A, add(v, make("tanh", v)))
    return v


def test_the_jacobian_treats_shared_parts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    treated: Counter[Expr] = Counter()
    rule = _Vectoriser.rule

    def counted(self: _Vectoriser, e: Expr) -> Expr:
        treated[e] += 1
        return rule(self, e)

    monkeypatch.setattr(_Vectoriser, "rule", counted)
    J = jacobian(tower(40), x)
    assert J.size > 1 << 30 and len(treated) > 40 and max(treated.values()) == 1


@pytest.mark.parametrize("height", [2, 8, 40])
def test_the_gradient_of_a_tower_is_found(height: int) -> None:
    f = make("sum", tower(height))
    found = gradients(f, (A, x))
    assert len(list(walk(*found.values()))) < 100 * height


def test_shortening_spends_no_more_than_it_may() -> None:
    R = add(mul(A, x), make("exp", x))
    f = add(*(mul(make("frob", R, R), num(k), make("sum", make(name, R))) for k, name in enumerate(NAMES, 2)))
    G = accumulate(UNITY, mul(f, f, f), [A])[A]
    work = Work()
    short = Shortener(work=work)(G)
    largest = max(e.size for e in walk(G))
    assert 0 < WORK - work.left < WORK + 20 * largest and short.shape == G.shape


NAMES = ("tanh", "exp", "sin", "cos", "sigmoid", "softplus", "cosh", "sinh")
