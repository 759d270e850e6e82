"""ARX regressor: u = [-y_{k-1} .. -y_{k-na}, x_{k-nk} .. per input]; each row from the row before."""
from libc.string cimport memcpy

from gainsched.kernels.core cimport instant_t, structure_kernel


cdef double regress(instant_t *s) noexcept nogil:
    cdef Py_ssize_t na = <Py_ssize_t>s.model_param[0], nb = <Py_ssize_t>s.model_param[1]
    cdef Py_ssize_t nk = <Py_ssize_t>s.model_param[2], c
    cdef double *u = s.past
    cdef const double *before = s.past + s.n
    if na > 0:
        u[0] = -s.feedback
        memcpy(u + 1, before, (na - 1) * sizeof(double))
    u += na
    before += na
    for c in range(s.channels):
        u[0] = s.x[nk * s.channels + c]
        memcpy(u + 1, before, (nb - 1) * sizeof(double))
        u += nb
        before += nb
    return 0.0


kernel = structure_kernel("arx", regress)
