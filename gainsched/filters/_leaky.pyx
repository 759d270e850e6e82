"""c = e, and the weights shrink by 1 - mu leak."""
from gainsched.kernels.core cimport coefficient_kernel, instant_t


cdef double coefficient(instant_t *s) noexcept nogil:
    s.leak = s.param[0]
    return s.e


kernel = coefficient_kernel("leakylms", coefficient)
