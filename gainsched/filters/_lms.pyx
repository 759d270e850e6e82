"""c = e: the error itself."""
from gainsched.kernels.core cimport instant_t, linear_kernel


cdef double coefficient(instant_t *s) noexcept nogil:
    s.slope = 1.0
    return s.e


kernel = linear_kernel("lms", coefficient)
