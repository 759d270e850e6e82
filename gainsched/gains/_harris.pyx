"""One gain per weight, switched by runs of the gradient's sign.

law_state: gains in force, last signs, runs (n each): a run counts equal signs above zero, changes of sign below.
law_param: factor, agree, disagree, the least gain that changes of sign lead to.
"""
from gainsched.kernels.core cimport instant_t, weight_law_kernel


cdef double harris(instant_t *s) noexcept nogil:
    cdef double factor = s.law_param[0], agree = s.law_param[1], disagree = s.law_param[2], least = s.law_param[3]
    cdef double shrink = 1.0 / factor, c = s.c, g, a, r, low, down
    cdef const double *v = s.v
    cdef double *mu = s.law_state
    cdef double *sign = mu + s.n
    cdef double *run = sign + s.n
    cdef double *proposal = s.proposal
    cdef Py_ssize_t i
    for i in range(s.n):
        g = c * v[i]
        a = g * sign[i]
        r = run[i]
        r = (r + 1.0 if r > 0.0 else 1.0) if a > 0.0 else (r - 1.0 if r < 0.0 else -1.0) if a < 0.0 else r
        low = least if least < mu[i] else mu[i]         # no lower for it, nor raised by it
        down = mu[i] * shrink
        down = down if down > low else low
        proposal[i] = mu[i] * factor if r >= agree else down if r <= -disagree else mu[i]
        run[i] = 0.0 if r >= agree or r <= -disagree else r
        sign[i] = 1.0 if g > 0.0 else -1.0 if g < 0.0 else sign[i]
    return c


kernel = weight_law_kernel("harris", harris)
