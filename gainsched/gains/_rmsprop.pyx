"""Gains over the root of a leaky mean square of the gradient. law_state: gains in force (n), mean squares (n)."""
from libc.math cimport sqrt

from gainsched.kernels.core cimport instant_t, weight_law_kernel


cdef double rmsprop(instant_t *s) noexcept nogil:
    cdef double rate = s.law_param[0], beta = s.law_param[1], eps = s.law_param[2], g
    cdef double *v = s.law_state + s.n
    cdef Py_ssize_t i
    for i in range(s.n):
        g = s.c * s.v[i]
        v[i] = beta * v[i] + (1.0 - beta) * g * g
        s.proposal[i] = rate / (sqrt(v[i]) + eps)
    return s.c


kernel = weight_law_kernel("rmsprop", rmsprop)
