"""One gain per weight, switched by runs of the gradient's sign.

law_state: gains in force, last signs, runs (n each): a run counts equal signs above zero, changes of sign below.
law_param: factor, agree, disagree, the least gain that changes of sign lead to.
"""
from gainsched.kernels.core cimport instant_t, weight_law_kernel


cdef double harris(instant_t *s) noexcept nogil:
    cdef double *mu = s.law_state
    cdef const double *p = s.law_param
    s.simd.runs_each(s.proposal, mu, mu + s.n, mu + 2 * s.n, s.v, s.c, p[0], p[1], p[2], p[3], s.n)
    return s.c


kernel = weight_law_kernel("harris", harris)
