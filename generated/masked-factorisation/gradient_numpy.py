"""The value and its gradient with respect to U, V."""

import numpy as np


def value_and_gradient(*, M, Y, U, V, λ_u, λ_v):
    """The value and its gradient with respect to U, V.

        f = ‖M∘(Y − UVᵀ)‖² + λ_u‖U‖² + λ_v‖V‖²
        ∂f/∂U = 2(λ_uU + (M∘(UVᵀ − Y))V)
        ∂f/∂V = 2(λ_vV + (M∘(UVᵀ − Y))ᵀU)

    Shapes: M (m, n), Y (m, n), U (m, k), V (n, k), λ_u a scalar, λ_v a scalar.
    Raises: ValueError where the shapes do not fit together.
    """
    M, Y, U, V = _arrays(M=M, Y=Y, U=U, V=V)
    dtype = M.dtype
    λ_u = _scalar("λ_u", λ_u, dtype)
    λ_v = _scalar("λ_v", λ_v, dtype)
    m, n = _fit("M", M, "(m, n)", None, None)
    _fit("Y", Y, "(m, n)", m, n)
    _, k = _fit("U", U, "(m, k)", m, None)
    _fit("V", V, "(n, k)", n, k)
    W = U @ V.T
    np.subtract(Y, W, out=W)
    W *= M
    value = λ_u * np.vdot(U, U) + λ_v * np.vdot(V, V) + np.vdot(W, W)
    grad_U = 2 * (λ_u * U - W @ V)
    grad_V = 2 * (λ_v * V - W.T @ U)
    return value, (grad_U, grad_V)


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


def _scalar(name, x, dtype):
    """A number of this type."""
    if type(x) is not float:
        x = np.asarray(x)
        if x.ndim:
            raise ValueError(f"{name} has shape {x.shape}, but a scalar is needed")
        if x.dtype.kind not in "fiub":
            raise ValueError(f"{name} must be a real number, not {x.item()!r}")
    return dtype.type(x)


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
