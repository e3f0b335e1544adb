"""The value and its gradient with respect to u, v."""

import numpy as np


def value_and_gradient(*, y, A, u, B, v):
    """The value and its gradient with respect to u, v.

        f = ‖y − (Au)∘(Bv)‖²
        ∂f/∂u = 2Aᵀ((Bv)∘((Au)∘(Bv) − y))
        ∂f/∂v = 2Bᵀ((Au)∘((Au)∘(Bv) − y))

    Shapes: y (m,), A (m, n), u (n,), B (m, k), v (k,).
    Raises: ValueError where the shapes do not fit together.
    """
    y, A, u, B, v = _arrays(y=y, A=A, u=u, B=B, v=v)
    m, = _fit("y", y, "(m,)", None)
    _, n = _fit("A", A, "(m, n)", m, None)
    _fit("u", u, "(n,)", n)
    _, k = _fit("B", B, "(m, k)", m, None)
    _fit("v", v, "(k,)", k)
    Au = A @ u
    Bv = B @ v
    r = y - Au * Bv
    value = r @ r
    grad_u = -2 * (A.T @ (Bv * r))
    grad_v = -2 * (B.T @ (Au * r))
    return value, (grad_u, grad_v)


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
