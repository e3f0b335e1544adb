"""What the name of a step means: the row of its identity, of its operator, or of its procedure here."""

from __future__ import annotations

from matcalc import operators
from matcalc.core.tree import OPS
from matcalc.identities import table

assert operators  # imported because it fills the table

# Moves that are no pattern with metavariables.
PROCEDURES: dict[str, str] = {
    "gradient/read-off": "df = G:dX for all dX, so G is the gradient",
    "jacobian/read-off": "vec(dF) = J vec(dX) for all dX, so J is the Jacobian",
    "vec/of-part": "vec(X[i:j, k:l]) = (rows of I⊗rows of I)vec(X)",
    "vec/of-embedded": "vec of a matrix put into zeros is (columns of I⊗columns of I)vec(X)",
    "vec/of-block": "vec of a row of blocks is their vecs below each other; else each block is put into zeros",
    "vec/of-kron-left": "vec of the adjoint of X ↦ X⊗B, a matrix times vec",
    "vec/of-kron-right": "vec of the adjoint of X ↦ A⊗X, a matrix times vec",
    "vec/of-khatri-left": "vec of the adjoint of X ↦ khatri_rao(X, B), a matrix times vec",
    "vec/of-khatri-right": "vec of the adjoint of X ↦ khatri_rao(A, X), a matrix times vec",
    "vec/of-vech": "vech(X) = L vec(X)",
    "vec/of-unvech": "vec(unvech(v)) = Lᵀv",
    "vec/of-isum": "vec of a sum is the sum of the vecs",
    "vec/of-expm-derivative": "vec of the derivative of expm in E is K vec(E), K a block of one large expm",
    "vec/of-logm-derivative": "the derivative of logm at X is the inverse of that of expm at log X",
    "vec/of-sqrtm-derivative": "the derivative L of R = √X solves RL + LR = E: vec(L) = (I⊗R + Rᵀ⊗I)⁻¹vec(E)",
    "block/across-frobenius": "the colon of two block matrices is the sum over their blocks",
    "block/frobenius": "[A, B]:[C, D] = A:C + B:D",
    "block/kronecker": "a Kronecker product with a block matrix, block by block",
    "block/product": "block matrices that conform are multiplied block by block",
    "block/schur-det": "det [A, B; C, D] = det A det(D − CA⁻¹B)",
    "block/schur-logdet": "log|det [A, B; C, D]| = log|det A| + log|det(D − CA⁻¹B)|",
    "block/sum": "block matrices are added block by block",
    "block/trace": "the trace of a block matrix is that of its diagonal blocks",
    "collect/another-form": "the same collected in another way; equal by value, as every line",
    "collect/common-factor": "a common factor taken out",
    "collect/expand": "multiplied out and collected",
    "collect/sign": "a sign taken into a difference: −(A − B) = B − A",
    "function/odd-or-even": "f(−x) = −f(x) for an odd function, f(−x) = f(x) for an even one",
    "inverse/of-transpose": "(Aᵀ)⁻¹ = (A⁻¹)ᵀ",
    "mask/idempotent": "M∘M = M for a 0/1 mask M",
    "names/recognised": "a named part recognised again",
    "mask/absorbs": "M∘(M∘A + B) = M∘(A + B) for a 0/1 mask M",
    "inverse/divided": "A(I + A)⁻¹ = I − (I + A)⁻¹",
    "kronecker/sum-times-vec": "a sum of Kronecker products takes a vector term by term",
    "linear/term-by-term": "a linear operator taken term by term",
    "norm/of-product": "xᵀAᵀAx = ‖Ax‖²",
    "root/off-diagonal": "√S = (11ᵀ − I)∘√(S + I), where the diagonal of S is 0 whatever the variables are",
    "quotient/clear-denominator": "(1 + A⊘B)⊘C with its denominators cleared",
    "skew/definition": "skew(A) = (A − Aᵀ)/2",
    "sum/as-inner-product": "1ᵀ(a∘b) = aᵀb",
    "sum/indexed": "a sum over indices in matrix form",
    "sym/definition": "sym(A) = (A + Aᵀ)/2",
    "transpose/of-expression": "AᵀBᵀ = (BA)ᵀ, Aᵀ + Bᵀ = (A + B)ᵀ",
}


def says(name: str) -> str:
    """What an identity states, in a line; empty where no row has it.

    >>> says("collect/sign"), says("inv/differential")
    ('a sign taken into a difference: −(A − B) = B − A', 'the differential of the inverse')
    """
    for row in table():
        if row.name == name:
            return row.says
    if name in PROCEDURES:
        return PROCEDURES[name]
    operator, _, move = name.partition("/")
    op = OPS.get(operator)
    if op is None:
        return ""
    form = {"differential": "the differential of {}", "across-frobenius": "the adjoint of {}"}.get(move, "")
    return form.format(op.says or op.name)
