"""v = U'(U U' + eps I)^-1 E over the last `order` regressors.

State: past outputs d_{k-1} .. (order), then the Gram matrix U U' (order x order), which slides: a regressor's
product with another is computed once, when the newer of them arrives.
"""
from libc.math cimport sqrt
from libc.string cimport memmove, memset

from gainsched.kernels.core cimport Kernel, direction_kernel, instant_t


cdef double output(instant_t *s) noexcept nogil:
    """y = w'u, and the newest row and column of the Gram matrix."""
    cdef Py_ssize_t i, order = <Py_ssize_t>s.param[0]
    cdef double *gram = s.state + order
    for i in range(order - 1, 0, -1):
        memmove(gram + i * order + 1, gram + (i - 1) * order, i * sizeof(double))
    for i in range(order):
        gram[i * order] = s.simd.dot(s.u, s.u + i * s.row, s.n)
    return s.simd.dot(s.w, s.u, s.n)


cdef double correct(instant_t *s) noexcept nogil:
    """Cholesky of the lower triangle, in the scratch behind it."""
    cdef Py_ssize_t i, j, m, order = <Py_ssize_t>s.param[0]
    cdef double eps = s.param[1], t
    cdef const double *gram = s.state + order
    cdef double *chol = s.state + order + order * order
    cdef double *a = chol + order * order
    a[0] = s.e
    for i in range(1, order):
        a[i] = s.state[i - 1] - s.simd.dot(s.w, s.u + i * s.row, s.n)
    for i in range(order):
        for j in range(i + 1):
            t = gram[i * order + j] + (eps if i == j else 0.0)
            for m in range(j):
                t -= chol[i * order + m] * chol[j * order + m]
            if i > j:
                chol[i * order + j] = t / chol[j * order + j] if chol[j * order + j] > 0.0 else 0.0
            else:
                # rounding can make a dependent row's pivot vanish: that row then adds nothing
                chol[i * order + i] = sqrt(t) if t > 1e-14 * (gram[i * order + i] + eps) else 0.0
    for i in range(order):
        t = a[i]
        for m in range(i):
            t -= chol[i * order + m] * a[m]
        a[i] = t / chol[i * order + i] if chol[i * order + i] > 0.0 else 0.0
    for i in range(order - 1, -1, -1):
        t = a[i]
        for m in range(i + 1, order):
            t -= chol[m * order + i] * a[m]
        a[i] = t / chol[i * order + i] if chol[i * order + i] > 0.0 else 0.0
    memset(s.scratch, 0, s.n * sizeof(double))
    for i in range(order):
        s.simd.axpy(s.scratch, s.u + i * s.row, a[i], s.n)
    s.v = s.scratch
    return 1.0


cdef double push(instant_t *s) noexcept nogil:
    cdef Py_ssize_t order = <Py_ssize_t>s.param[0]
    memmove(s.state + 1, s.state, (order - 1) * sizeof(double))
    s.state[0] = s.d
    return 0.0


cdef Kernel _kernel = direction_kernel("apa", correct)
_kernel.output = output
_kernel.push = push
kernel = _kernel
