"""Shape signatures such as `(m,k),(k,n)->(m,n)`: one string drives shapes, inference, errors and docs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from matcalc.core.dims import Dim, Shape

_PAIR = re.compile(r"\(([^()]*),([^()]*)\)")


@dataclass(frozen=True, slots=True)
class Signature:
    """Shapes of the arguments and of the result, over the signature's own dimension names.

    >>> s = Signature.parse("(m,n),(p,q)->(m*p,n*q)")
    >>> n, two = Dim.name("k"), Dim.of(2)
    >>> s.result((n, n), (two, two))
    (2k, 2k)
    """

    text: str
    arguments: tuple[Shape, ...]
    value: Shape

    @staticmethod
    def parse(text: str) -> Signature:
        """Read a signature."""
        left, right = text.split("->")
        return Signature(text, tuple(_shapes(left)), _shapes(right)[0])

    def result(self, *shapes: Shape) -> Shape:
        """The result's shape for arguments of these shapes.

        Raises:
            ValueError: an argument does not fit.
        """
        env: dict[str, Dim] = {}
        if len(shapes) != len(self.arguments):
            raise ValueError(f"{len(self.arguments)} arguments expected, {len(shapes)} given")
        for expected, given in zip(self.arguments, shapes, strict=True):
            for want, have in zip(expected, given, strict=True):
                if want.is_number:
                    if want is not have:
                        raise ValueError(f"shape {given} where {self.text} is needed")
                elif env.setdefault(str(want), have) is not have:
                    raise ValueError(f"shape {given} where {self.text} is needed")
        return self.value[0].subs(env), self.value[1].subs(env)


def _shapes(text: str) -> list[Shape]:
    return [(_dim(a), _dim(b)) for a, b in _PAIR.findall(text)]


def _dim(text: str) -> Dim:
    total = Dim.of(0)
    for part in text.split("+"):
        product = Dim.of(1)
        for factor in part.split("*"):
            factor = factor.strip()
            product = product * (Dim.of(int(factor)) if factor.isdigit() else Dim.name(factor))
        total = total + product
    return total
