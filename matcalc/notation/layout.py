"""The order in which a person typed the arguments of commutative nodes.

Nodes are canonical, so the order of the terms of a sum, of the factors of a Hadamard product, the
orientation of a scalar chain and the rotation under a trace are lost in them; a layout remembers them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from matcalc.core.algebra import HAD, LIN, neg, terms_of
from matcalc.core.tree import Expr


@dataclass(frozen=True, slots=True)
class Layout:
    """Node → its arguments as typed; a term of a sum stands without its coefficient.

    >>> Layout().order_of.__name__
    'order_of'
    """

    orders: Mapping[Expr, tuple[Expr, ...]] = field(default_factory=dict)

    def order_of(self, e: Expr) -> tuple[Expr, ...] | None:
        """The typed order of the arguments of `e`, None where unknown.

        The negative of a typed sum follows it, positive terms first: Y − UVᵀ gives UVᵀ − Y.
        """
        if not self.orders:
            return None
        found = self.orders.get(e)
        if found is None and e.op is LIN and (found := self.orders.get(neg(e))) is not None:
            negative = {t for c, t in terms_of(e) if c < 0}
            found = tuple(sorted(found, key=lambda t: t in negative))
        if found is not None and (e.op is LIN or e.op is HAD) and set(found) != set(e.args):
            return None
        return found


EMPTY = Layout()
