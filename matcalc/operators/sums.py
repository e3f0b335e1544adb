"""The indexed sum Σₖ, kept only where no matrix form is known; its body uses the unit vectors eₖ."""

from __future__ import annotations

from matcalc.core.algebra import ZEROS, zeros
from matcalc.core.dims import Dim
from matcalc.core.tree import Expr, define


def _isum(body: Expr, index: str, low: Dim, high: Dim) -> Expr | None:
    return zeros(body.shape) if body.op is ZEROS else None


define("isum", kind="linear", spellings=(), normal=_isum, attributes=("index", "low", "high"),
       shape=lambda body, index, low, high: body.shape, says="the sum over an index",
       value=lambda K, body, index, low, high: K.indexed_sum(body, index, low, high))
