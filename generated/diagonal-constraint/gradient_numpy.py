"""The value and its gradient with respect to s."""

import numpy as np


def value_and_gradient(*, A, s, B, C):
    """The value and its gradient with respect to s.

        f = ‖A Diag(s)Bᵀ − C‖²/2
        ∂f/∂s = diag(Aᵀ(A Diag(s)Bᵀ − C)B)

    Shapes: A (m, n), s (n,), B (k, n), C (m, k).
    Raises: ValueError where the shapes do not fit together.
    """
    A, s, B, C = _arrays(A=A, s=s, B=B, C=C)
    m, n = _fit("A", A, "(m, n)", None, None)
    _fit("s", s, "(n,)", n)
    k, _ = _fit("B", B, "(k, n)", None, n)
    _fit("C", C, "(m, k)", m, k)
    R = (A * s) @ B.T - C
    value = 0.5 * np.vdot(R, R)
    grad_s = np.einsum("ij,ij->j", A, R @ B)
    return value, grad_s


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
