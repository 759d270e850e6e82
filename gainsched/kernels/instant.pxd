"""One instant of the loop in its two halves: predict and compare, then judge, adapt, finish."""
from libc.math cimport INFINITY, NAN, fabs, isfinite, isnan, sqrt
from libc.string cimport memset

from gainsched.kernels.core cimport AHEAD, ahead_complex_t, ahead_t, instant_t
from gainsched.kernels.line cimport open_rows
from gainsched.kernels.loop cimport LARGEST, PROPAGATE, RAISE, header_t, loop_t, port_t


cdef inline void foresee(loop_t *L) noexcept nogil:
    """y and |u|^2 within a lookahead block, from this sample's row of the block's weights."""
    cdef instant_t *s = &L.s
    cdef ahead_complex_t *A
    cdef double y[2]
    if not L.complex:
        s.y = s.simd.carried(L.ahead, s.simd.row(s.w, s.u, s.n), s.u, s.n, s.row)
        s.power = L.ahead.r[0]
        return
    A = <ahead_complex_t *>L.ahead
    s.simd.crow(s.w, s.u, s.n, y)
    s.simd.ccarried(A, y, s.u, s.n, s.row)
    s.y, s.y_im, s.power = y[0], y[1], A.r[0]


cdef inline void landed(const loop_t *L, double *out, const double *newest) noexcept nogil:
    """The weights of now: the block's, and the steps that wait, the newest of them along `newest`."""
    cdef const instant_t *s = &L.s
    if L.complex:
        s.simd.clanded(out, s.w, <const ahead_complex_t *>L.ahead, newest, s.n, s.row)
    else:
        s.simd.landed(out, s.w, L.ahead, newest, s.n, s.row)


cdef inline void land(loop_t *L, const double *newest) noexcept nogil:
    """The steps that wait reach the weights."""
    landed(L, L.s.w, newest)
    L.ahead.filled = 0.0
    L.ahead.scale = 1.0


cdef inline void wait(ahead_t *A, double step, double shrink) noexcept nogil:
    """A step joins those that wait; leakage shrinks what is before it."""
    cdef Py_ssize_t i, q = <Py_ssize_t>A.filled
    if shrink != 1.0:
        for i in range(q):
            A.g[i] *= shrink
        A.scale *= shrink
    A.g[q] = step
    A.filled += 1.0


cdef inline void wait_complex(ahead_complex_t *A, double step, double step_im) noexcept nogil:
    cdef Py_ssize_t q = <Py_ssize_t>A.filled
    A.g[2 * q], A.g[2 * q + 1] = step, step_im
    A.filled += 1.0


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
    if L.ahead != NULL:
        foresee(L)
    elif L.complex:
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


cdef inline double within(double value, double low, double high) noexcept nogil:
    """value, low or high; NaN stays NaN, so that the step it makes is refused."""
    if value < low:
        return low
    return high if value > high else value


cdef inline void hand(port_t *port, instant_t *s) noexcept nogil:
    """A law finds its own numbers in the instant."""
    s.law_param = port.param
    s.law_state = port.state
    s.law_object = port.object


cdef inline double tuned(port_t *port, instant_t *s) noexcept nogil:
    """The gain a scalar law proposes, within its limits; `law_state[0]` is the gain it had."""
    cdef double before = port.state[0], wanted = port.tune(s)       # limits are read after it: no need to spill them
    return within(within(wanted, port.low, port.high), before - port.rate_limit, before + port.rate_limit)


cdef inline double pull(const instant_t *s, const double *p) noexcept nogil:
    """What a step along p takes off the errors that the correction is about, in root mean square."""
    cdef double a, total = 0.0
    cdef Py_ssize_t i
    if s.block == 1:
        return fabs(s.simd.dot(p, s.reach, s.n))
    for i in range(s.block):
        a = s.simd.dot(p, s.reach + i * s.row, s.n)
        total += a * a
    return sqrt(total / s.block)


cdef inline double excess(const instant_t *s, double step) noexcept nogil:
    """The factor that a step needs so that it does not carry the errors past their negative."""
    return 2.0 * fabs(s.error) / step if step > 2.0 * fabs(s.error) else 1.0


cdef inline double factor(const port_t *port, const instant_t *s) noexcept nogil:
    """What multiplies a law's gain: 1, or the schedule it was multiplied with."""
    return port.values[(s.k - port.first) * port.stride] if port.values != NULL else 1.0


cdef inline double whole(port_t *port, instant_t *s) noexcept nogil:
    """Limits of a matrix of gains act on its largest diagonal element, and scale the matrix by what that needs."""
    cdef double *g = port.state
    cdef double largest = 0.0, before = 0.0, allowed, a
    cdef Py_ssize_t i
    for i in range(s.n):
        before = max(before, g[i])
        largest = max(largest, s.proposal[i])
    allowed = within(within(largest, port.low, port.high), before - port.rate_limit, before + port.rate_limit)
    a = allowed / largest if largest > 0.0 else 1.0
    for i in range(s.n):
        g[i] = min(a * s.proposal[i], allowed) if largest > 0.0 else s.proposal[i]      # the product rounds
    return a


cdef inline bint shaped(loop_t *L) noexcept nogil:
    """Per-weight gains: the law proposes, limits apply, the step may not carry e past -e. False: not finite."""
    cdef instant_t *s = &L.s
    cdef port_t *port = &L.gain
    cdef double *g = port.state
    cdef double a, step, scale = factor(port, s)
    cdef Py_ssize_t i
    hand(port, s)
    s.limits.low, s.limits.high, s.limits.rate = port.low, port.high, port.rate_limit
    s.room = 2.0 * fabs(s.error) / fabs(scale) if port.saturate and s.block == 1 and scale != 0.0 else INFINITY
    s.cut = 1.0
    s.c = port.shape(s)
    if s.raised != NULL:
        return False
    if port.whole:
        a = whole(port, s)
        step = fabs(a * scale * s.c) * (pull(s, s.v) if port.saturate else 0.0)
    else:
        if not port.bounded:
            s.pulled = s.simd.limit_each(g, s.proposal, port.low, port.high, port.rate_limit, s.v, s.reach, s.n)
        step = fabs(scale * s.c * s.pulled)
        if s.block > 1 and port.saturate:
            for i in range(s.n):
                s.moved[i] = g[i] * s.v[i]
            step = fabs(scale * s.c) * pull(s, s.moved)
        a = 1.0
    if not step <= LARGEST * LARGEST and not L.head.tainted:
        return False
    if port.saturate and step > 2.0 * fabs(s.error):
        s.cut = excess(s, step)
        a *= s.cut
        for i in range(s.n):
            g[i] *= s.cut
    s.gains = g
    if scale != 1.0:
        for i in range(s.n):
            s.proposal[i] = scale * g[i]
        s.gains = s.proposal
    s.mu = scale * a if port.whole else 1.0
    return True


cdef inline void each_complex(const instant_t *s, double *w, double re, double im) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(s.n):
        w[2 * i] += s.gains[i] * (re * s.v[2 * i] + im * s.v[2 * i + 1])
        w[2 * i + 1] += s.gains[i] * (im * s.v[2 * i] - re * s.v[2 * i + 1])


cdef inline void set_gains(loop_t *L) noexcept nogil:
    """What the ports say at this clock, before any law has seen the error."""
    cdef instant_t *s = &L.s
    cdef port_t *gain = &L.gain
    if gain.tune != NULL:
        s.mu = factor(gain, s) * gain.state[0]
    elif gain.shape != NULL:
        s.gains = gain.state
        s.mu = 1.0
    elif gain.width > 1:
        s.gains = gain.values + (s.k - gain.first) * gain.stride
        s.mu = 1.0
    else:
        s.mu = gain.values[(s.k - gain.first) * gain.stride]
    if L.forgetting.tune != NULL:
        s.forgetting = factor(&L.forgetting, s) * L.forgetting.state[0]
    elif L.forgetting.values != NULL:
        s.forgetting = L.forgetting.values[(s.k - L.forgetting.first) * L.forgetting.stride]
    if L.beta.values != NULL:
        s.beta = L.beta.values[(s.k - L.beta.first) * L.beta.stride]


cdef inline void move(loop_t *L, double step, double step_im) noexcept nogil:
    """The weights take the step, through the compensator where there is one."""
    cdef instant_t *s = &L.s
    cdef bint each = s.gains != NULL and not L.gain.whole
    cdef double *w = s.w
    if L.complex:
        if L.compensate != NULL:          # formed first: momentum is linear, so real and imaginary parts go alike
            w = s.moved
            memset(w, 0, s.size * sizeof(double))
        if each:
            each_complex(s, w, step, step_im)
        else:
            s.simd.caxpy_conj(w, s.v, step, step_im, s.n)
        if L.compensate != NULL:
            s.v, s.each, s.step, s.shrink = w, NULL, 1.0, 0.0
            L.compensate(s)
    elif L.compensate != NULL:
        s.each, s.step, s.shrink = s.gains if each else NULL, step, s.leak * (1.0 if each else s.mu)
        L.compensate(s)
    elif each and s.next != NULL:
        s.y_next = s.simd.each_turn(w, s.v, s.gains, step, s.leak, s.next, s.n)
        s.next = NULL
    elif each:
        s.simd.axpy_each(w, s.v, s.gains, step, s.leak, s.n)
    elif s.leak != 0.0:
        s.simd.scale_axpy(w, s.v, 1.0 - s.mu * s.leak, step, s.n)
    elif s.next != NULL:
        s.y_next = s.simd.axpy_turn(w, s.v, step, s.next, s.n)
        s.next = NULL
    else:
        s.simd.axpy(w, s.v, step, s.n)


cdef inline bint lawful(loop_t *L, double size, double power) noexcept nogil:
    """A scalar law sets the gain: within its limits, and so that the step does not carry e past -e."""
    cdef instant_t *s = &L.s
    cdef port_t *gain = &L.gain
    cdef double scale, step
    gain.state[0] = tuned(gain, s)
    if s.raised != NULL:
        return False
    scale = factor(gain, s)
    s.mu = scale * gain.state[0]
    if gain.saturate:
        step = s.mu * size * power
        if step > 2.0 * fabs(s.error):
            s.mu *= excess(s, step)
            gain.state[0] = s.mu / scale
    return True


cdef inline double ahead_step(loop_t *L, double *step_im) noexcept nogil:
    """mu_k c_k in a lookahead block, which stands along the regressor and has one gain; NaN where the loop stops."""
    cdef instant_t *s = &L.s
    cdef port_t *gain = &L.gain
    cdef double step, size
    s.error = s.e
    s.block = 1
    s.c = L.coefficient(s)
    if gain.tune == NULL:
        s.mu = gain.values[(s.k - gain.first) * gain.stride]
    else:
        hand(gain, s)
        size = fabs(s.c)
        if L.complex:                     # complex loops take coefficients that are linear in e
            s.error = sqrt(s.e2)
            size = s.slope * s.error
        if not lawful(L, size, s.power):
            return NAN
    step = (s.mu * s.slope) * s.e if L.linear else s.mu * s.c
    if L.complex:
        step_im[0] = (s.mu * s.slope) * s.e_im
    if not (fabs(step) <= LARGEST and fabs(step_im[0]) <= LARGEST or L.head.tainted):
        return NAN
    if gain.settle != NULL:               # the law sees the gain that was applied
        gain.settle(s)
    return step


cdef inline bint adapt(loop_t *L) noexcept nogil:
    """w_{k+1} = w_k + mu_k c_k v_k. False, with the weights as they were, when the step is not finite."""
    cdef instant_t *s = &L.s
    cdef port_t *gain = &L.gain
    cdef double c_im = 0.0, e, step, size
    set_gains(L)
    if L.prepare != NULL:
        L.prepare(s)
    if L.forgetting.tune != NULL:
        hand(&L.forgetting, s)
        L.forgetting.state[0] = tuned(&L.forgetting, s)
        s.forgetting = factor(&L.forgetting, s) * L.forgetting.state[0]
        if not s.forgetting > 0.0:
            return False
    s.error = s.e
    s.block = 1
    if L.coefficient != NULL:
        s.c = L.coefficient(s)
        if L.complex:                     # complex loops take coefficients that are linear in e: part by part
            e = s.e
            s.e = s.e_im
            c_im = L.coefficient(s)
            s.e = e
            s.error = sqrt(s.e2)
    else:
        s.idle = False
        s.c = L.correct(s)
        if s.idle:
            return True
    if gain.shape != NULL:
        if not shaped(L):
            return False
    elif gain.tune != NULL:
        hand(gain, s)
        size = fabs(s.c) if not L.complex else sqrt(s.c * s.c + c_im * c_im)
        if not lawful(L, size, fabs(s.power) if L.power or not gain.saturate else pull(s, s.v)):
            return False
    step = s.mu * s.c
    c_im = s.mu * c_im
    if not (fabs(step) <= LARGEST and fabs(c_im) <= LARGEST) and not L.head.tainted:
        return False
    move(L, step, c_im)
    if gain.settle != NULL:               # the law sees the gain that was applied
        gain.settle(s)
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


cdef inline bint ahead_adapt(loop_t *L) noexcept nogil:
    """`adapt` within a lookahead block: the step waits until four are there."""
    cdef instant_t *s = &L.s
    cdef double step_im = 0.0, step = ahead_step(L, &step_im)
    if isnan(step) and not L.head.tainted:
        return False
    if L.complex:
        wait_complex(<ahead_complex_t *>L.ahead, step, step_im)
    else:
        wait(L.ahead, step, 1.0 - s.mu * s.leak if s.leak != 0.0 else 1.0)
    if L.ahead.filled == AHEAD:
        land(L, s.u)
    return True


cdef inline bint conclude(loop_t *L) noexcept nogil:
    """Second half of an instant, once e is known; False where the loop stops."""
    cdef bint sound = judge(L)
    cdef bint moves = sound and not L.s.skipped
    if not L.frozen:
        if moves:
            sound = moves = adapt(L) if L.ahead == NULL else ahead_adapt(L)
        else:
            set_gains(L)                  # no update: for the record alone
        if L.ahead != NULL and not moves:
            land(L, L.s.u + L.s.row)      # a block's steps belong to consecutive samples
    finish(L)
    return sound
