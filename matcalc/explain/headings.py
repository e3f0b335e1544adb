"""What stands on the left of a line: a name, its differential, a derivative; in every notation.

Left sides are kept as they are written in Unicode with canonical names: `df`, `∂f/∂λ_u`, `vec(dF)`,
`∂vec(F)/∂vec(X)ᵀ`, `∂²f/∂vec(X)∂vec(Y)ᵀ`, `∂²f/∂x∂xᵀ`, `∂²f/∂λ²`, `∇²f[V]`.
"""

from __future__ import annotations

import re

from matcalc.notation.printing.spelling import NOTATIONS, Notation

_QUOTIENT = re.compile(r"∂(²?)([^/]+)/(∂.+)$")
_DIRECTION = re.compile(r"(\()?∇²(.+?)\[(.+)\](?:\)_(.+))?$")
_VEC = re.compile(r"vec\((.+)\)(ᵀ?)$")


def left_side(left: str, names: frozenset[str], notation: str, mark: str = "d") -> str:
    """A left side in a notation; `names` are those whose differential is written with a d in front.

    >>> left_side("∂f/∂λ_u", frozenset({"f"}), "latex")
    '\\\\frac{\\\\partial f}{\\\\partial \\\\lambda_{u}}'
    >>> left_side("∂²f/∂vec(U)∂vec(V)ᵀ", frozenset(), "plain")
    "d2f/dvec(U)dvec(V)'"
    >>> left_side("∂²f/∂x∂xᵀ", frozenset(), "latex"), left_side("∂²f/∂λ²", frozenset(), "plain")
    ('\\\\frac{\\\\partial^2 f}{\\\\partial x\\\\, \\\\partial x^\\\\top}', 'd2f/dlambda^2')
    >>> left_side("vec(dF)", frozenset({"F"}), "latex")
    '\\\\operatorname{vec}(dF)'
    """
    n = NOTATIONS[notation].marked(mark)
    if match := _QUOTIENT.match(left):
        return _quotient(match[1], match[2], match[3].split("∂")[1:], n)
    if match := _DIRECTION.match(left):
        return _direction(match, n)
    if match := _VEC.match(left):
        return _vec(left_side(match[1], names, notation, mark), "", n)
    if left[:1] == "d" and left[1:] in names:
        return n.mark + n.variable(left[1:])
    return n.variable(left)


def _quotient(order: str, top: str, below: list[str], n: Notation) -> str:
    d = {"latex": "\\partial ", "plain": "d"}.get(n.name, "∂")
    square = {"latex": "^2", "plain": "2"}.get(n.name, "²") if order else ""
    above = f"{d.rstrip()}{square} {_entity(top, n)}" if n.stacked and order else d + square + _entity(top, n)
    under = ("\\, " if n.stacked else "").join(d + _entity(x, n) for x in below)
    return n.fraction(above, under) if n.stacked else f"{above}/{under}"


def _entity(text: str, n: Notation) -> str:
    if match := _VEC.match(text):
        return _vec(n.variable(match[1]), match[2], n)
    mark = {"ᵀ": n.transpose, "²": "²" if n.name == "unicode" else "^2"}.get(text[-1], "")
    return n.variable(text[:-1] if mark else text) + mark


def _vec(inside: str, transposed: str, n: Notation) -> str:
    mark = n.transpose if transposed else ""
    return ("\\operatorname{vec}" if n.stacked else "vec") + f"({inside}){mark}"


def _direction(match: re.Match[str], n: Notation) -> str:
    nabla = {"latex": "\\nabla^2 ", "plain": "Hess "}.get(n.name, "∇²")
    inside = ", ".join(map(n.variable, match[3].split(", ")))
    whole = f"{nabla}{n.variable(match[2])}[{inside}]"
    if not match[1]:
        return whole
    part = n.variable(match[4])
    return f"({whole})_{{{part}}}" if n.stacked else f"({whole})_{part}"
