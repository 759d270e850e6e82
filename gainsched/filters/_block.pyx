"""v = mean of e u over the last `block` samples, once per block. State: the block's errors, by place in it."""
from libc.math cimport isnan, sqrt
from libc.stdint cimport int64_t
from libc.string cimport memset

from gainsched.kernels.core cimport Kernel, direction_kernel, instant_t


cdef double correct(instant_t *s) noexcept nogil:
    """At the block's last sample, over errors that all belong to the present weights; before it nothing moves."""
    cdef Py_ssize_t i, block = <Py_ssize_t>s.param[0]
    cdef double e, power = 0.0
    if s.k % <int64_t>block != block - 1:
        s.idle = True
        return 0.0
    s.state[block - 1] = s.e
    memset(s.scratch, 0, s.n * sizeof(double))
    for i in range(block):
        e = s.state[block - 1 - i]
        power += e * e
        s.simd.axpy(s.scratch, s.u + i * s.row, e / block, s.n)
    s.v = s.scratch
    s.block = block
    s.error = sqrt(power / block)
    return 1.0


cdef double push(instant_t *s) noexcept nogil:
    cdef int64_t block = <int64_t>s.param[0]
    # a gap in the block before may still count as skipped here; a NaN's own block moves nothing
    s.state[<Py_ssize_t>(s.k % block)] = 0.0 if s.skipped and isnan(s.e) else s.e
    return 0.0


cdef Kernel _kernel = direction_kernel("blocklms", correct)
_kernel.push = push
kernel = _kernel
