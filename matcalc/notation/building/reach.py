"""Where one could have meant something else: how far a function without a bracket reaches, σ(x) that is no function."""

from __future__ import annotations

import re
from itertools import pairwise

from matcalc import operators
from matcalc.core.tree import OPS
from matcalc.notation.building.builder import Builder
from matcalc.notation.syntax.surface import Node

assert operators  # imported so that the table of operators is full
ACTIVATIONS = {"σ": "for the logistic function write sigmoid{}", "φ": "for a function declare `φ elementwise`",
               "ψ": "for a function declare `ψ elementwise`"}
_SIGN = re.compile(r"[/·⋅*×@]|\\(?:cdot|times)(?![A-Za-z])")
_LINEAR = frozenset({"d", "rowsums", "colsums", *(op.name for op in OPS.values() if op.kind == "linear")})


def state_reach(b: Builder, tree: Node) -> None:
    """A note for each function whose argument goes on behind a sign (`ln det Σ/2`) or takes a power (`log|x|²`).

    Linear functions get none: tr(AB/2) is tr(AB)/2.
    """
    stack = [tree]
    while stack:
        node = stack.pop()
        inner, bent = node, False
        while _is_bare(inner):
            bent, inner = bent or inner.value not in _LINEAR, inner.args[0]
        if bent and (cut := _cut(b, inner, b.source.text[node.start] == "√")):
            _state(b, node, inner, cut)
        stack.extend(reversed(inner.args))


def _is_bare(node: Node) -> bool:
    """Whether it is a function whose argument has no bracket: both end at one place."""
    return node.kind == "call" and len(node.args) == 1 and bool(node.end == node.args[0].end)


def _cut(b: Builder, x: Node, radical: bool) -> int:
    """The end of the part that the function alone might have been meant for, 0 where there is no doubt."""
    if x.kind in ("pow", "powof") and x.args[0].kind in ("bars", "norm"):
        return x.args[0].end if x.args[0].kind == "bars" else 0
    if x.kind != "product":
        return 0
    for left, right in pairwise(x.args):
        between = b.source.text[left.end: right.start]
        if _SIGN.search(between) or (between.isspace() and radical):
            return int(left.end)
    return 0


def state_products(b: Builder, tree: Node) -> None:
    """A note where σ(Wx) is a product: σ stands at a bracket with an array, and nothing says what σ is."""
    stack = [tree]
    while stack:
        node = stack.pop()
        stack.extend(reversed(node.args))
        for x, y in pairwise(node.args) if node.kind == "product" else ():
            if x.kind == "name" and x.value in ACTIVATIONS and not b.is_known(x.value):
                if x.end == y.start and b.source.text[y.start] == "(" and not b.infer(y).is_scalar:
                    other = ACTIVATIONS[x.value].format(b.text(y))
                    b.note(f"`{b.text(x)}{b.text(y)}` is read as the scalar {x.value} times {b.text(y)}; {other}")


def _state(b: Builder, node: Node, x: Node, cut: int) -> None:
    text = b.source.text
    name, first, rest = text[node.start: x.start].rstrip(), text[x.start: cut], text[cut: x.end]
    b.note(f"`{b.text(node)}` is read as {name}({first}{rest}); for the other meaning write ({name} {first}){rest}")
