"""The surface tree: a formula as it was typed, before anything is known of shapes."""

from __future__ import annotations

from typing import Any

MAX_DEPTH = 150


class Node:
    """One part of a formula: `kind`, its parts `args`, a `value`, and where it stands.

    The arguments of sums and products are lists while the parser still adds to them, and tuples once a
    bracket has closed them; long sums are flat.
    """

    __slots__ = ("kind", "args", "value", "start", "end", "depth")

    def __init__(self, kind: str, args: Any = (), value: Any = None, start: int = 0, end: int = 0) -> None:
        self.kind, self.args, self.value, self.start, self.end = kind, args, value, start, end
        self.depth = 1 + max([a.depth for a in args], default=0)

    def __repr__(self) -> str:
        inner = [repr(self.value)] if self.value is not None else []
        return f"{self.kind}({', '.join(inner + [repr(a) for a in self.args])})"


def names_in(root: Node) -> list[str]:
    """The names below a node, in the order of the text, each once."""
    found: dict[str, None] = {}
    stack = [root]
    while stack:
        node = stack.pop()
        if node.kind in ("name", "d"):
            found.setdefault(node.value)
        stack.extend(reversed(node.args))
    return list(found)


def names_through(root: Node, definitions: dict[str, Node]) -> set[str]:
    """The names below a node and in the definitions that it uses."""
    found: set[str] = set()
    waiting = names_in(root)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += names_in(definitions[name]) if name in definitions else []
    return found
