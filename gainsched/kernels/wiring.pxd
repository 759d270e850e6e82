from libc.stdint cimport int64_t

from gainsched.kernels.core cimport simd_t
from gainsched.kernels.loop cimport loop_t, port_t

cdef const simd_t *SIMD                 # the instruction set in use


cdef class Wiring:
    cdef loop_t L
    cdef readonly object record
    cdef object buffers, sources
    cdef list kernels
    cdef readonly bint stopped
    cdef readonly str policy
    cdef int64_t ahead                  # samples that are sure to follow
    cdef double *field(self, str name)
    cdef void land_in(self, double *w) noexcept
    cdef void rebase(self) noexcept
    cdef void measure(self) noexcept
    cdef port_t *port(self, str name)
    cdef int table(self, port_t *port, str name) except -1
    cdef int refill(self) except -1
    cdef object taken(self)
    cdef int surface(self, before) except -1
