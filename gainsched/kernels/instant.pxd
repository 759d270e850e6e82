"""One instant of the loop in its two halves: predict and compare, then judge, adapt, finish."""
from libc.math cimport NAN, fabs, isfinite, isnan, sqrt

from gainsched.kernels.core cimport instant_t
from gainsched.kernels.line cimport open_rows
from gainsched.kernels.loop cimport LARGEST, PROPAGATE, RAISE, header_t, loop_t, port_t


cdef inline void predict(loop_t *L, Py_ssize_t ahead) noexcept nogil:
    """y_k = w_k' u_k for the sample `ahead` rows behind the newest of the line."""
    cdef instant_t *s = &L.s
    cdef double y[2]
    s.k = L.head.n
    s.x = L.line.rows + (L.line.head + ahead) * L.line.width
    if L.line.marks[L.line.head + ahead + L.mark_lag]:
        if L.policy == PROPAGATE:
            L.head.tainted = 1
        else:
            L.head.stale = max(L.head.stale, L.mark_span)
    if L.regress != NULL:
        s.past = open_rows(&L.past, 1)
        s.feedback = L.head.feedback
        L.regress(s)
        s.u = s.past
    else:
        s.u = s.x
    s.v = s.u
    s.reach = s.u
    s.gains = NULL
    if L.complex:
        s.simd.cdot_power(s.w, s.u, s.n, y, &s.power)
        s.y = y[0]
        s.y_im = y[1]
    elif L.output != NULL:
        s.y = L.output(s)
    elif L.power:
        s.simd.dot_power(s.w, s.u, s.n, &s.y, &s.power)
    else:
        s.y = s.simd.dot(s.w, s.u, s.n)


cdef inline void compare(loop_t *L, const double *d) noexcept nogil:
    """e_k = d_k - y_k, or what the filter's own sensor hears."""
    cdef instant_t *s = &L.s
    s.given = d != NULL
    s.d = d[0] if d != NULL else NAN
    s.d_im = d[1] if L.complex else 0.0
    s.e_im = 0.0
    if L.compare != NULL:
        s.e = L.compare(s)
    else:
        s.e = s.d - s.y
        if L.complex:
            s.e_im = s.d_im - s.y_im


cdef inline bint judge(loop_t *L) noexcept nogil:
    """Whether the loop is still sound at this sample; notes a missing d and the largest |d|."""
    cdef instant_t *s = &L.s
    cdef header_t *h = L.head
    cdef double size = fabs(s.d) if not L.complex else sqrt(s.d * s.d + s.d_im * s.d_im)
    cdef double error
    if size <= LARGEST:
        if size > h.peak:
            h.peak = size
            L.bound = L.limit * max(1.0, size)
    elif L.policy == PROPAGATE:
        h.tainted = 1
    elif L.policy != RAISE:               # missing: nothing to compare with, nothing to learn
        h.stale = max(h.stale, L.d_span)
        s.e = NAN
        s.e_im = NAN if L.complex else 0.0
    s.skipped = h.stale > 0
    s.e2 = s.e * s.e + s.e_im * s.e_im
    if h.tainted:
        return True                       # asked for: what is not finite flows on
    if not (isfinite(s.y) and isfinite(s.y_im)):
        return False
    error = fabs(s.e) if not L.complex else sqrt(s.e2)
    return error <= L.bound or (s.skipped and isnan(error))


cdef inline double tuned(port_t *port, instant_t *s) noexcept nogil:
    """The gain a scalar law proposes, within its limits; `law_state[0]` is the gain it had."""
    cdef double g, before
    s.law_param = port.param
    s.law_state = port.state
    before = port.state[0]
    g = min(max(port.tune(s), port.low), port.high)
    return min(max(g, before - port.rate_limit), before + port.rate_limit)


cdef inline void shaped(loop_t *L) noexcept nogil:
    """Per-weight gains: the law proposes, limits apply, the step may not carry e past -e."""
    cdef instant_t *s = &L.s
    cdef port_t *port = &L.gain
    cdef double *g = port.state
    cdef double a, step
    cdef Py_ssize_t i
    s.law_param = port.param
    s.law_state = port.state
    s.c = port.shape(s)
    for i in range(s.n):
        a = min(max(s.proposal[i], port.low), port.high)
        g[i] = min(max(a, g[i] - port.rate_limit), g[i] + port.rate_limit)
    if port.saturate:
        step = fabs(s.c * s.simd.dot_each(g, s.v, s.reach, s.n))
        if step > 2.0 * fabs(s.error):
            a = 2.0 * fabs(s.error) / step
            for i in range(s.n):
                g[i] *= a
    s.gains = g


cdef inline void each_complex(instant_t *s, double re, double im) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(s.n):
        s.w[2 * i] += s.gains[i] * (re * s.v[2 * i] + im * s.v[2 * i + 1])
        s.w[2 * i + 1] += s.gains[i] * (im * s.v[2 * i] - re * s.v[2 * i + 1])


cdef inline void set_gains(loop_t *L) noexcept nogil:
    """What the ports say at this clock, before any law has seen the error."""
    cdef instant_t *s = &L.s
    cdef port_t *gain = &L.gain
    if gain.tune != NULL:
        s.mu = gain.state[0]
    elif gain.shape != NULL:
        s.gains = gain.state
        s.mu = 1.0
    elif gain.width > 1:
        s.gains = gain.values + (s.k - gain.first) * gain.stride
        s.mu = 1.0
    else:
        s.mu = gain.values[(s.k - gain.first) * gain.stride]
    if L.forgetting.tune != NULL:
        s.forgetting = L.forgetting.state[0]
    elif L.forgetting.values != NULL:
        s.forgetting = L.forgetting.values[(s.k - L.forgetting.first) * L.forgetting.stride]


cdef inline bint adapt(loop_t *L) noexcept nogil:
    """w_{k+1} = w_k + mu_k c_k v_k. False, with the weights as they were, when the step is not finite."""
    cdef instant_t *s = &L.s
    cdef port_t *gain = &L.gain
    cdef double c_im = 0.0, e, step, size
    set_gains(L)
    if gain.tune != NULL:
        s.mu = tuned(gain, s)
    if L.forgetting.tune != NULL:
        s.forgetting = tuned(&L.forgetting, s)
        L.forgetting.state[0] = s.forgetting
    s.error = s.e
    if L.coefficient != NULL:
        s.c = L.coefficient(s)
        if L.complex:                     # complex loops take coefficients that are linear in e: part by part
            e = s.e
            s.e = s.e_im
            c_im = L.coefficient(s)
            s.e = e
            s.error = sqrt(s.e2)
    else:
        s.c = L.correct(s)
    if gain.shape != NULL:
        shaped(L)
    elif gain.tune != NULL:
        if gain.saturate:
            size = fabs(s.c) if not L.complex else sqrt(s.c * s.c + c_im * c_im)
            step = size * fabs(s.power if L.power else s.simd.dot(s.v, s.reach, s.n))
            if s.mu * step > 2.0 * fabs(s.error):
                s.mu = 2.0 * fabs(s.error) / step
        gain.state[0] = s.mu
    step = s.mu * s.c
    if not (fabs(step) <= LARGEST and fabs(c_im) <= LARGEST) and not L.head.tainted:
        return False
    if L.complex:
        if s.gains != NULL:
            each_complex(s, s.c, c_im)
        else:
            s.simd.caxpy_conj(s.w, s.v, step, s.mu * c_im, s.n)
    elif s.gains != NULL:
        s.simd.axpy_each(s.w, s.v, s.gains, s.c, s.leak, s.n)
    elif s.leak != 0.0:
        s.simd.scale_axpy(s.w, s.v, 1.0 - s.mu * s.leak, step, s.n)
    else:
        s.simd.axpy(s.w, s.v, step, s.n)
    return True


cdef inline void finish(loop_t *L) noexcept nogil:
    """The end of a sample: pushes run, the clock ticks."""
    cdef header_t *h = L.head
    if L.push != NULL:
        L.push(&L.s)
    h.feedback = L.s.d if fabs(L.s.d) <= LARGEST else L.s.y
    if h.stale > 0:
        h.stale -= 1
    h.n += 1


cdef inline bint conclude(loop_t *L) noexcept nogil:
    """Second half of an instant, once e is known; False where the loop stops."""
    cdef bint sound = judge(L)
    if sound and not L.frozen:
        if L.s.skipped:
            set_gains(L)
        else:
            sound = adapt(L)
    finish(L)
    return sound
