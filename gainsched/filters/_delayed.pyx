"""c v = e_{k-D} u_{k-D}: a correction that arrives D samples late. State: the last D errors, newest first."""
from libc.string cimport memmove

from gainsched.kernels.core cimport Kernel, direction_kernel, instant_t


cdef double correct(instant_t *s) noexcept nogil:
    cdef Py_ssize_t delay = <Py_ssize_t>s.param[0]
    s.v = s.u + delay * s.row
    s.reach = s.v
    s.error = s.state[delay - 1] if delay > 0 else s.e
    return s.error


cdef double push(instant_t *s) noexcept nogil:
    cdef Py_ssize_t delay = <Py_ssize_t>s.param[0]
    if delay > 0:
        memmove(s.state + 1, s.state, (delay - 1) * sizeof(double))
        s.state[0] = 0.0 if s.skipped else s.e          # a skipped sample never corrects anything
    return 0.0


cdef Kernel _kernel = direction_kernel("delayedlms", correct)
_kernel.push = push
kernel = _kernel
