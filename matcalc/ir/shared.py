"""What is read off one computation: eigenvalues off a decomposition, softmax and its log off one exponential."""

from __future__ import annotations

from matcalc.ir.array import Array, build, replace_args, walk
from matcalc.ir.program import Program

SPECTRA: dict[str, tuple[str, str, tuple[int, ...]]] = {
    "eigmax": ("eigh", "eigenvalue", (-1,)),
    "eigmin": ("eigh", "eigenvalue", (0,)),
    "norm_spectral": ("svd", "singular_value", ()),
    "norm_nuclear": ("svd", "singular_sum", ()),
}
SOFTMAX = {"softmax": 0, "log_softmax": 1}  # their places in the pair


def with_shared_parts(program: Program) -> Program:
    """The program in which what is computed anyway is read, not computed again."""
    nodes = list(walk(*program.roots))
    decomposed = {(x.name, x.args[0]) for x in nodes if x.name in ("eigh", "svd")}
    exponents = [{(x.args[0], x.attrs) for x in nodes if x.name == name} for name in SOFTMAX]
    done: dict[Array, Array] = {}
    for x in nodes:
        args = tuple(done[a] for a in x.args)
        factors, reading, attrs = SPECTRA.get(x.name, ("", "", ()))
        if factors and (factors, x.args[0]) in decomposed:
            done[x] = build(reading, build(factors, *args), attrs=attrs)
        elif x.name in SOFTMAX and all((x.args[0], x.attrs) in found for found in exponents):
            done[x] = build("softmax_part", build("softmax_pair", *args, attrs=x.attrs), attrs=(SOFTMAX[x.name],))
        else:
            done[x] = replace_args(x, args)
    return program.mapped(done)
