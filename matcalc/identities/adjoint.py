"""How a factor moves across the colon; the rows of the operators give theirs by themselves."""

from __future__ import annotations

from matcalc.core.algebra import T, mul
from matcalc.core.tree import OPS, make
from matcalc.identities.registry import identity, metavariable

A, B, C = metavariable("A", "m,k"), metavariable("B", "k,n"), metavariable("C", "m,n")
X, Y = metavariable("X", "m,n"), metavariable("Y", "n,m")

identity(
    "frobenius/across-product-left",
    make("frob", mul(A, B), C),
    make("frob", B, T(A) @ C),
    use="move",
    says="AB:C = B:AᵀC",
    source="cyclic property of the trace",
)
identity(
    "frobenius/across-product-right",
    make("frob", mul(A, B), C),
    make("frob", A, C @ T(B)),
    use="move",
    says="AB:C = A:CBᵀ",
    source="cyclic property of the trace",
)
identity(
    "frobenius/across-transpose",
    make("frob", T(Y), X),
    make("frob", Y, T(X)),
    use="move",
    says="Aᵀ:B = A:Bᵀ",
    source="tr Aᵀ = tr A",
)
identity(
    "frobenius/as-trace",
    make("frob", C, X),
    make("tr", T(C) @ X),
    use="move",
    says="A:B = tr(AᵀB)",
    source="definition",
)
identity(
    "frobenius/squared-norm", make("frob", C, C), make("sum", C**2), use="move", says="‖A‖² = A:A", source="definition"
)
identity(
    "hadamard/across-frobenius",
    make("frob", C, X * metavariable("Z", "m,n")),
    make("frob", C * X, metavariable("Z", "m,n")),
    use="move",
    says="A:B∘C = A∘B:C",
    source="both are Σ aᵢⱼbᵢⱼcᵢⱼ",
)


def _across(name: str) -> None:
    """`op/across-frobenius`: G : op(X) = op*(G) : X, from the operator's adjoint."""
    op = OPS[name]
    assert op.signature is not None
    letters = [metavariable(letter, shape) for shape, letter in zip(op.signature.arguments, "XYZ", strict=False)]
    for i, X in enumerate(letters):
        value = make(name, *letters)
        G = metavariable("G", value.shape)
        suffix = f"-{i + 1}" if len(letters) > 1 else ""
        identity(
            f"{name}/across-frobenius{suffix}",
            make("frob", G, value),
            make("frob", op.adjoint[i](G, *letters), X),
            use="move",
            says=f"the adjoint of {op.says.split(',')[0]}",
            source=op.source or "definition by entries",
        )


for _name, _op in OPS.items():
    if (
        _op.signature is not None
        and _op.kind in ("linear", "multilinear")
        and len(_op.adjoint) == len(_op.signature.arguments)
    ):
        _across(_name)


def _across_derivative(name: str) -> None:
    """The derivative of a matrix function at Xᵀ is the adjoint of that at X."""
    X, Y, G = (metavariable(letter, "n,n") for letter in "XYG")
    identity(
        f"{name}/across-frobenius-2",
        make("frob", G, make(name, X, Y)),
        make("frob", make(name, T(X), G), Y),
        use="move",
        says=f"{OPS[name].says.split(' at X')[0]} at Xᵀ is the adjoint of that at X",
        source="Higham (2008), section 3.2",
    )


for _name, _op in tuple(OPS.items()):
    if _op.kind == "function":
        _across_derivative(f"{_name}_derivative")
