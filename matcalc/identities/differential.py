"""The rules of differentials; the rows of the operators give theirs by themselves.

Source: Magnus & Neudecker, Matrix Differential Calculus (2019), chapter 8.
"""

from __future__ import annotations

from contextlib import suppress

from matcalc.core.algebra import T, hadamard, mul, scaled
from matcalc.core.tree import OPS, Expr, make
from matcalc.errors import UnsupportedError
from matcalc.identities.registry import identity, metavariable

A, B = metavariable("A", "m,k"), metavariable("B", "k,n")
X, Y = metavariable("X", "m,n"), metavariable("Y", "m,n")
s = metavariable("s", "1,1")
SOURCE = "Magnus & Neudecker (2019), chapter 8"


def d(e: Expr) -> Expr:
    """The differential of e."""
    return make("d", e)


identity("addition/differential", d(X + Y), d(X) + d(Y), use="differential", says="d(A + B) = dA + dB", source=SOURCE)
identity(
    "product/differential",
    d(mul(A, B)),
    d(A) @ B + A @ d(B),
    use="differential",
    says="d(AB) = dA B + A dB",
    source=SOURCE,
)
identity(
    "hadamard/differential",
    d(X * Y),
    d(X) * Y + X * d(Y),
    use="differential",
    says="d(A∘B) = dA∘B + A∘dB",
    source=SOURCE,
)
identity("power/differential", d(X**2), 2 * X * d(X), use="differential", says="d(A∘A) = 2A∘dA", source=SOURCE)
identity(
    "scaling/differential",
    d(scaled(s, X)),
    d(s) * X + s * d(X),
    use="differential",
    says="d(sA) = ds A + s dA",
    source=SOURCE,
)
identity("transpose/differential", d(T(X)), T(d(X)), use="differential", says="d(Aᵀ) = (dA)ᵀ", source=SOURCE)
identity(
    "norm/differential",
    d(make("frob", X, X)),
    2 * make("frob", X, d(X)),
    use="differential",
    says="d(A:A) = 2A:dA",
    source=SOURCE,
)


def _rule(name: str) -> None:
    """`op/differential`, from the operator's row."""
    op = OPS[name]
    assert op.signature is not None
    letters = tuple(metavariable(letter, shape) for shape, letter in zip(op.signature.arguments, "XYZ", strict=False))
    if op.kind == "elementwise":
        assert op.derivative is not None
        right = hadamard(op.derivative(*letters), d(letters[0]))
    elif op.differential is not None:
        right = op.differential(letters, tuple(d(x) for x in letters))
    else:
        right = make(name, d(letters[0]))
    identity(
        f"{name}/differential",
        d(make(name, *letters)),
        right,
        use="differential",
        says=f"the differential of {op.says.split(',')[0]}",
        source=op.source or SOURCE,
    )


for _name, _op in OPS.items():
    if _op.signature is not None:
        if _op.kind == "elementwise" or _op.differential is not None or _op.kind == "linear":
            with suppress(UnsupportedError):  # an operator that refuses its differential by name has no row
                _rule(_name)
