"""c = e: the error itself."""
from gainsched.kernels.core cimport coefficient_kernel, instant_t


cdef double coefficient(instant_t *s) noexcept nogil:
    return s.e


kernel = coefficient_kernel("lms", coefficient, False)
