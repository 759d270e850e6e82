from libc.stdint cimport int64_t, uint8_t

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
    cdef double *w                      # where fields of the record lie
    cdef double *line
    cdef double *past
    cdef uint8_t *marks
    cdef bint straight                  # a sample may go straight through: a known gain, nothing to ask on the way
    cdef double *field(self, str name)
    cdef void restore(self) noexcept nogil
    cdef void land_in(self, double *w) noexcept nogil
    cdef void weights_into(self, double *w) noexcept nogil
    cdef void rebase(self) noexcept nogil
    cdef void measure(self) noexcept nogil
    cdef port_t *port(self, str name)
    cdef int table(self, port_t *port, str name) except -1
    cdef int refill(self) except -1
    cdef bint asks_python(self)
    cdef object taken(self)
    cdef int surface(self, before) except -1
