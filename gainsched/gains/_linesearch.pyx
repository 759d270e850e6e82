"""Line search on the sample's, or the block's, own quadratic f(mu) = mean (e_i - mu a_i)^2 / 2, a_i = c v'u_i.

f(mu) = f(0) - slope mu + curvature mu^2 / 2: slope = mean e_i a_i, curvature = mean a_i^2. No data are looked at again.
law_param: kind (0 exact, 1 Armijo, 2 strong Wolfe), start, shrink, c1, c2. law_state: the gain in force.
"""
from gainsched.kernels.core cimport instant_t, scalar_law_kernel

cdef enum:
    PATIENCE = 4096             # trials; a factor of .5 passes through all doubles in 2100, and then mu is 0 or settles


cdef double search(instant_t *s) noexcept nogil:
    cdef double kind = s.law_param[0], mu = s.law_param[1], shrink = s.law_param[2]
    cdef double c1 = s.law_param[3], c2 = s.law_param[4]
    cdef double a, slope, curvature = 0.0, tangent, low = 0.0, high = -1.0
    cdef Py_ssize_t i, _trial
    if s.block == 1:
        a = s.c * s.power if s.v == s.u and s.reach == s.u and s.power >= 0.0 else s.c * s.simd.dot(s.v, s.reach, s.n)
        slope = s.error * a
        curvature = a * a
    else:                       # c v is the mean of e_i u_i
        slope = s.c * s.c * s.simd.dot(s.v, s.v, s.n)
        for i in range(s.block):
            a = s.c * s.simd.dot(s.v, s.reach + i * s.row, s.n)
            curvature += a * a / s.block
    if not (slope > 0.0 and curvature > 0.0):
        return s.law_state[0]   # nothing to descend along: the gain stays
    if kind == 0.0:
        return slope / curvature
    for _trial in range(PATIENCE):
        tangent = mu * curvature - slope
        if 0.5 * mu * curvature > (1.0 - c1) * slope:           # f(mu) > f(0) - c1 mu slope: not enough
            high = mu
        elif kind == 1.0:
            break
        elif tangent < -c2 * slope:                             # still falling steeply: too short
            low = mu
        elif tangent > c2 * slope:
            high = mu
        else:
            break
        if kind == 1.0:
            mu *= shrink
        elif high < 0.0:
            mu /= shrink
        else:
            mu = 0.5 * (low + high)
    return mu


kernel = scalar_law_kernel("linesearch", search)
