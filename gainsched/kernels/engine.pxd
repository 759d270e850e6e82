from libc.stdint cimport int64_t

from gainsched.kernels.loop cimport loop_t, port_t


cdef class Engine:
    cdef loop_t L
    cdef readonly object record
    cdef object buffers, sources
    cdef list kernels
    cdef void *lock
    cdef readonly bint stopped
    cdef readonly str policy
    cdef bint busy
    cdef unsigned long owner
    cdef Py_ssize_t waiting
    cdef int64_t ahead                  # samples that are sure to follow
    cdef inline int enter(self) except -1
    cdef int refill(self) except -1
    cdef inline int ready(self) except -1
    cdef double step(self, double x, double d, bint *stopped) except? -1.0
    cdef double *field(self, str name)
    cdef void measure(self) noexcept
    cdef port_t *port(self, str name)
    cdef object taken(self)
    cdef int surface(self, before) except -1
    cdef int table(self, port_t *port, str name) except -1
