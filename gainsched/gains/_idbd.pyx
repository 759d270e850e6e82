"""Meta-gains. law_state: gains in force (n), then what each law says.

A log-gain steps before its gain is used. Where saturation would leave a part of such a gain, the step is taken again,
by that part: otherwise a burst, whose every sample saturates, would turn the gains' proportions about at will, and
reflections about ever new axes add up. What saturation takes off is not remembered: `own` is the gain without it.
"""
from libc.math cimport INFINITY, fabs

from gainsched.kernels.core cimport bounded_law_kernel, instant_t, limits_t, simd_t


cdef extern from *:
    """
    #define LAW "_idbd.h"
    #include "levels.h"
    #define idbd_each(simd, ...) AT_LEVEL(simd, idbd)(__VA_ARGS__)
    #define idbd_moved_each(simd, ...) AT_LEVEL(simd, idbd_moved)(__VA_ARGS__)
    #define idbd_trace_each(simd, ...) AT_LEVEL(simd, idbd_trace)(__VA_ARGS__)
    #define autostep_each(simd, ...) AT_LEVEL(simd, autostep)(__VA_ARGS__)
    #define scaled_each(simd, ...) AT_LEVEL(simd, scaled)(__VA_ARGS__)
    #define k1_each(simd, ...) AT_LEVEL(simd, k1)(__VA_ARGS__)
    #define k1_moved_each(simd, ...) AT_LEVEL(simd, k1_moved)(__VA_ARGS__)
    #define k2_sums_each(simd, ...) AT_LEVEL(simd, k2_sums)(__VA_ARGS__)
    #define k2_each(simd, ...) AT_LEVEL(simd, k2)(__VA_ARGS__)
    #define k2_moved_each(simd, ...) AT_LEVEL(simd, k2_moved)(__VA_ARGS__)
    #define smd_each(simd, ...) AT_LEVEL(simd, smd)(__VA_ARGS__)
    #define smd_moved_each(simd, ...) AT_LEVEL(simd, smd_moved)(__VA_ARGS__)
    #define deltabar_each(simd, ...) AT_LEVEL(simd, deltabar)(__VA_ARGS__)
    #define deltabar_moved_each(simd, ...) AT_LEVEL(simd, deltabar_moved)(__VA_ARGS__)
    """
    double idbd_each(const simd_t *simd, double *gain, const double *own, const double *h, double part, double meta,
                     double c, const double *v, const double *reach, const limits_t *limits, Py_ssize_t n) nogil
    void idbd_trace_each(const simd_t *simd, const double *used, double *h, double slope, double c, const double *v,
                         const double *reach, Py_ssize_t n) nogil
    void idbd_moved_each(const simd_t *simd, const double *gain, const double *used, double *own, double *h,
                         double uncut, double slope, double c, const double *v, const double *reach,
                         Py_ssize_t n) nogil
    double autostep_each(const simd_t *simd, const double *own, double *wanted, double *scale, double *drive,
                         const double *h, double meta, double tau, double slope, double c, const double *v,
                         const double *reach, Py_ssize_t n) nogil
    double scaled_each(const simd_t *simd, double *gain, const double *wanted, double scale, const double *v,
                       const double *reach, const limits_t *limits, Py_ssize_t n) nogil
    double k1_each(const simd_t *simd, const double *p, double *wanted, const double *h, double part, double meta,
                   double c, const double *v, const double *reach, Py_ssize_t n) nogil
    void k1_moved_each(const simd_t *simd, const double *gain, const double *used, double *p, double *h, double total,
                       double slope, double c, const double *v, const double *reach, Py_ssize_t n) nogil
    void k2_sums_each(const simd_t *simd, const double *p, double slope, const double *v, const double *reach,
                      double *first, double *second, Py_ssize_t n) nogil
    double k2_each(const simd_t *simd, const double *p, double *wanted, double pace, const double *v,
                   const double *reach, Py_ssize_t n) nogil
    void k2_moved_each(const simd_t *simd, const double *gain, double *p, double total, Py_ssize_t n) nogil
    double smd_each(const simd_t *simd, double *gain, const double *own, const double *t, double part, double meta,
                    double c, const double *v, const double *reach, const limits_t *limits, Py_ssize_t n) nogil
    void smd_moved_each(const simd_t *simd, const double *gain, const double *used, double *own, double *t,
                        double uncut, double decay, double push, const double *v, Py_ssize_t n) nogil
    double deltabar_each(const simd_t *simd, double *gain, const double *own, const double *average, double part,
                         double up, double down, double c, const double *v, const double *reach,
                         const limits_t *limits, Py_ssize_t n) nogil
    void deltabar_moved_each(const simd_t *simd, const double *gain, double *own, double *average, double uncut,
                             double theta, double c, const double *v, Py_ssize_t n) nogil


cdef inline double slope(const instant_t *s) noexcept nogil:
    """dc/de of a correction that is linear in the error; 0 where the quotient, times the rest, might overflow."""
    return s.c / s.error if fabs(s.error) > 1e-290 else 0.0


cdef inline double *target(instant_t *s, limits_t *limits) noexcept nogil:
    """Where a law may try gains: in place, or beside them while a rate limit still has to look at what they were."""
    limits[0] = s.limits
    limits.rate = INFINITY
    return s.law_state if s.limits.rate == INFINITY else s.proposal


cdef inline bint saturates(const instant_t *s, double pulled, double *part) noexcept nogil:
    """Whether saturation would cut gains that pull so much, and the part it would leave."""
    cdef double step = fabs(s.c * pulled)
    if not step > s.room:
        return False
    part[0] = s.room / step
    return True


cdef inline double tried(instant_t *s, double pulled) noexcept nogil:
    """The gains tried come into force, through the rate limit if there is one."""
    s.pulled = pulled if s.limits.rate == INFINITY else scaled_each(s.simd, s.law_state, s.proposal, 1.0, s.v,
                                                                    s.reach, &s.limits, s.n)
    return s.c


cdef inline double uncut(const instant_t *s) noexcept nogil:
    return 1.0 / s.cut if s.cut > 0.0 else 1.0


cdef double idbd(instant_t *s) noexcept nogil:
    """Behind the gains: exp(beta), the trace h."""
    cdef limits_t limits
    cdef double *gain = target(s, &limits)
    cdef double *own = s.law_state + s.n
    cdef double part, meta = s.law_param[0]
    cdef double pulled = idbd_each(s.simd, gain, own, own + s.n, 1.0, meta, s.c, s.v, s.reach, &limits, s.n)
    if saturates(s, pulled, &part):
        pulled = idbd_each(s.simd, gain, own, own + s.n, part, meta, s.c, s.v, s.reach, &limits, s.n)
    return tried(s, pulled)


cdef double idbd_moved(instant_t *s) noexcept nogil:
    cdef double *own = s.law_state + s.n
    idbd_moved_each(s.simd, s.law_state, s.gains, own, own + s.n, uncut(s), slope(s), s.c, s.v, s.reach, s.n)
    return 0.0


cdef double autostep(instant_t *s) noexcept nogil:
    """Behind the gains, which are the law's own: the scale of g h, the trace h."""
    cdef double *gain = s.law_state
    cdef double *scale = gain + s.n
    cdef double k = slope(s), pulled, total
    cdef bint free = s.limits.low <= 0.0 and s.limits.high == INFINITY and s.limits.rate == INFINITY
    cdef double *wanted = gain if free else s.moved
    pulled = autostep_each(s.simd, gain, wanted, scale, s.proposal, scale + s.n, s.law_param[0], s.law_param[1], k,
                           s.c, s.v, s.reach, s.n)
    total = k * pulled
    if free and not total > 1.0:          # nothing to divide by, nothing to hold: the gains are there
        s.pulled = pulled
    else:
        s.pulled = scaled_each(s.simd, gain, wanted, 1.0 / total if total > 1.0 else 1.0, s.v, s.reach, &s.limits,
                               s.n)
    return s.c


cdef double autostep_moved(instant_t *s) noexcept nogil:
    idbd_trace_each(s.simd, s.gains, s.law_state + 2 * s.n, slope(s), s.c, s.v, s.reach, s.n)
    return 0.0


cdef inline double kalman(instant_t *s, double *total, double noise, double spread) noexcept nogil:
    """gain_i = p_i / (noise + sum p x^2), with the p that `proposal` holds"""
    total[0] = noise + (spread if not spread < 0.0 else 0.0)
    s.pulled = scaled_each(s.simd, s.law_state, s.proposal, 1.0 / total[0], s.v, s.reach, &s.limits, s.n)
    return s.c


cdef double k1(instant_t *s) noexcept nogil:
    """Behind the gains: p = exp(beta), the trace h, noise + sum p x^2.

    The normalization hides a p that is too large, and with it a burst: there its steps are what they are to what p
    explains, once that exceeds 100 times the noise.
    """
    cdef double *p = s.law_state + s.n
    cdef double k = slope(s), meta = s.law_param[0], noise = s.law_param[1]
    cdef double spread = k * k1_each(s.simd, p, s.proposal, p + s.n, 1.0, meta, s.c, s.v, s.reach, s.n)
    if spread > 100.0 * noise and s.room != INFINITY:
        spread = k * k1_each(s.simd, p, s.proposal, p + s.n, 100.0 * noise / spread, meta, s.c, s.v, s.reach, s.n)
    return kalman(s, p + 2 * s.n, noise, spread)


cdef double k1_moved(instant_t *s) noexcept nogil:
    cdef double *p = s.law_state + s.n
    k1_moved_each(s.simd, s.law_state, s.gains, p, p + s.n, uncut(s) * p[2 * s.n], slope(s), s.c, s.v, s.reach, s.n)
    return 0.0


cdef double k2(instant_t *s) noexcept nogil:
    """Behind the gains: p = exp(beta), noise + sum p x^2."""
    cdef double *p = s.law_state + s.n
    cdef double k = slope(s), noise = s.law_param[1], first, second, pace
    k2_sums_each(s.simd, p, k, s.v, s.reach, &first, &second, s.n)
    pace = k * s.law_param[0] * (s.error * s.error - noise - first) / (1.0 + second)
    return kalman(s, p + s.n, noise, k * k2_each(s.simd, p, s.proposal, pace, s.v, s.reach, s.n))


cdef double k2_moved(instant_t *s) noexcept nogil:
    cdef double *p = s.law_state + s.n
    k2_moved_each(s.simd, s.law_state, p, uncut(s) * p[s.n], s.n)
    return 0.0


cdef double smd(instant_t *s) noexcept nogil:
    """Behind the gains: the law's own, the sensitivity t."""
    cdef limits_t limits
    cdef double *gain = target(s, &limits)
    cdef double *own = s.law_state + s.n
    cdef double part, meta = s.law_param[0]
    cdef double pulled = smd_each(s.simd, gain, own, own + s.n, 1.0, meta, s.c, s.v, s.reach, &limits, s.n)
    if saturates(s, pulled, &part):
        pulled = smd_each(s.simd, gain, own, own + s.n, part, meta, s.c, s.v, s.reach, &limits, s.n)
    return tried(s, pulled)


cdef double smd_moved(instant_t *s) noexcept nogil:
    """The Hessian of the sample's own quadratic along the sensitivity: H t = slope v (reach't)."""
    cdef double *own = s.law_state + s.n
    cdef double decay = s.law_param[1]
    cdef double push = s.c - decay * slope(s) * s.simd.dot(s.reach, own + s.n, s.n)
    smd_moved_each(s.simd, s.law_state, s.gains, own, own + s.n, uncut(s), decay, push, s.v, s.n)
    return 0.0


cdef double deltabar(instant_t *s) noexcept nogil:
    """Behind the gains: the law's own, the averages of g."""
    cdef limits_t limits
    cdef double *gain = target(s, &limits)
    cdef double *own = s.law_state + s.n
    cdef double part, up = s.law_param[0], down = s.law_param[1]
    cdef double pulled = deltabar_each(s.simd, gain, own, own + s.n, 1.0, up, down, s.c, s.v, s.reach, &limits, s.n)
    if saturates(s, pulled, &part):
        pulled = deltabar_each(s.simd, gain, own, own + s.n, part, up, down, s.c, s.v, s.reach, &limits, s.n)
    return tried(s, pulled)


cdef double deltabar_moved(instant_t *s) noexcept nogil:
    cdef double *own = s.law_state + s.n
    deltabar_moved_each(s.simd, s.law_state, own, own + s.n, uncut(s), s.law_param[2], s.c, s.v, s.n)
    return 0.0


idbd_kernel = bounded_law_kernel("idbd", idbd, idbd_moved)
autostep_kernel = bounded_law_kernel("autostep", autostep, autostep_moved)
k1_kernel = bounded_law_kernel("k1", k1, k1_moved)
k2_kernel = bounded_law_kernel("k2", k2, k2_moved)
smd_kernel = bounded_law_kernel("smd", smd, smd_moved)
deltabardelta_kernel = bounded_law_kernel("deltabardelta", deltabar, deltabar_moved)
