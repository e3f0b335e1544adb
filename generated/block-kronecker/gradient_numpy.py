"""The value and its gradient with respect to H_R, H_I."""

import numpy as np


def value_and_gradient(*, Z, H_R, A, H_I, B, W, P_d, S):
    """The value and its gradient with respect to H_R, H_I.

        f = ‖Z − I∘(AᵀH_R + BᵀH_I)‖² + ‖W − [H_R, −H_I; H_I, H_R]P_dSᵀ‖²
        ∂f/∂H_R = 2(A(I∘(AᵀH_R + BᵀH_I − Z)) + (([H_R, −H_I; H_I, H_R]P_dSᵀ − W)SP_dᵀ)[n+1:2n, m+1:2m] + (([H_R, −H_I; H_I, H_R]P_dSᵀ − W)SP_dᵀ)[1:n, 1:m])
        ∂f/∂H_I = 2(B(I∘(AᵀH_R + BᵀH_I − Z)) + ((W − [H_R, −H_I; H_I, H_R]P_dSᵀ)SP_dᵀ)[1:n, m+1:2m] − ((W − [H_R, −H_I; H_I, H_R]P_dSᵀ)SP_dᵀ)[n+1:2n, 1:m])

    Shapes: Z (m, m), H_R (n, m), A (n, m), H_I (n, m), B (n, m), W (2n, k), P_d (2m, p), S (k, p).
    Raises: ValueError where the shapes do not fit together.
    """
    Z, H_R, A, H_I, B, W, P_d, S = _arrays(Z=Z, H_R=H_R, A=A, H_I=H_I, B=B, W=W, P_d=P_d, S=S)
    m, _ = _fit("Z", Z, "(m, m)", None, None)
    _fit("Z", Z, "(m, m)", m, m)
    n, _ = _fit("H_R", H_R, "(n, m)", None, m)
    _fit("A", A, "(n, m)", n, m)
    _fit("H_I", H_I, "(n, m)", n, m)
    _fit("B", B, "(n, m)", n, m)
    k, p = _fit("S", S, "(k, p)", None, None)
    _fit("W", W, "(2n, k)", 2 * n, k)
    _fit("P_d", P_d, "(2m, p)", 2 * m, p)
    s = np.einsum("ij,ij->j", A, H_R) + np.einsum("ij,ij->j", B, H_I)
    D = Z.copy()
    D.flat[:: m + 1] -= s
    R = np.linalg.multi_dot([np.block([[H_R, -H_I], [H_I, H_R]]), P_d, S.T])
    np.subtract(W, R, out=R)
    value = np.vdot(D, D) + np.vdot(R, R)
    r = s - Z.diagonal()
    P = np.linalg.multi_dot([R, S, P_d.T])
    grad_H_R = 2 * (A * r - P[n:2 * n, m:2 * m] - P[0:n, 0:m])
    grad_H_I = 2 * (B * r + P[0:n, m:2 * m] - P[n:2 * n, 0:m])
    return value, (grad_H_R, grad_H_I)


def _arrays(**given):
    """The arguments as arrays of one type: float32 where all floating ones are that, else float64."""
    arrays = [np.asarray(a) for a in given.values()]
    types = {a.dtype.char for a in arrays}
    if types == {"d"} or types == {"f"}:
        return arrays
    for name, a in zip(given, arrays):
        if a.dtype.kind not in "fiub":
            raise ValueError(f"{name} must hold real numbers, not {a.dtype}")
    single = {a.dtype.char for a in arrays if a.dtype.kind == "f"} == {"f"}
    return [a.astype(np.float32 if single else np.float64, copy=False) for a in arrays]


def _fit(name, array, symbols, *lengths):
    """The shape of an array, which must have these lengths (None: any)."""
    shape = array.shape
    if shape == lengths:
        return shape
    if len(shape) != len(lengths) or [n for n, have in zip(lengths, shape) if n not in (None, have)]:
        needed = symbols if None in lengths else f"{symbols} = {lengths}"
        hint = f"; pass {name}.ravel()" if len(lengths) == 1 and len(shape) == 2 and 1 in shape else ""
        raise ValueError(f"{name} has shape {shape}, but {needed} is needed{hint}")
    return shape
