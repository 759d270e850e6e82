"""The general loop: one instant after another, the same hooks for run, step and the two halves of step.

Everything hot is a C function on `loop_t`; the class around it owns the memory, tabulates gains and holds the lock.
"""
import numpy as np

from cpython.exc cimport PyErr_CheckSignals
from cpython.pythread cimport (
    PyThread_acquire_lock, PyThread_allocate_lock, PyThread_free_lock, PyThread_release_lock, WAIT_LOCK,
)
from libc.math cimport NAN, fabs, isfinite, isnan, sqrt
from libc.string cimport memcpy, memmove, memset

from gainsched.kernels.core cimport BLOCK, Kernel, simd_pick, simd_t

import os

cdef const simd_t *SIMD = simd_pick(os.environ.get("GAINSCHED_SIMD", "").lower() == "baseline")

cdef enum:
    RAISE = 0
    SKIP = 1
    HOLD = 2
    PROPAGATE = 3

POLICIES = {"raise": RAISE, "skip": SKIP, "hold": HOLD, "propagate": PROPAGATE}

# Squares of larger numbers overflow: such inputs count as non-finite, such updates as divergence.
cdef double HUGE = 1e150


def simd():
    """Name of the instruction set in use: "avx2" or "baseline" (``GAINSCHED_SIMD=baseline`` forces the latter)."""
    return SIMD.name.decode()


# ---- the delay line ------------------------------------------------------------------------------------------

cdef inline double *open_rows(line_t *line, Py_ssize_t m) noexcept nogil:
    """Make room for m new rows in front; returns the newest. Old rows move only when the buffer is used up."""
    cdef Py_ssize_t top
    if line.head < m:
        top = line.capacity - line.depth
        memmove(line.rows + top * line.width, line.rows + line.head * line.width,
                line.depth * line.width * sizeof(double))
        memmove(line.marks + top, line.marks + line.head, line.depth)
        line.head = top
    line.head -= m
    return line.rows + line.head * line.width


cdef void take_in(loop_t *L, const double *x, Py_ssize_t m) noexcept nogil:
    """Enter m samples, newest first, marking rows with missing values: those count as zero, or as the last finite."""
    cdef line_t *line = &L.line
    cdef Py_ssize_t i, j, width = line.width
    cdef double *row
    cdef uint8_t missing
    open_rows(line, m)
    if L.policy == RAISE:                 # checked at the door: a plain reversed copy
        memset(line.marks + line.head, 0, m)
        for i in range(m):
            row = line.rows + (line.head + m - 1 - i) * width
            for j in range(width):
                row[j] = x[i * width + j]
        return
    for i in range(m):
        row = line.rows + (line.head + m - 1 - i) * width
        missing = 0
        for j in range(width):
            row[j] = x[i * width + j]
            if not fabs(row[j]) <= HUGE:
                missing = 1
                if L.policy != PROPAGATE:
                    row[j] = row[width + j] if L.policy == HOLD else 0.0
        line.marks[line.head + m - 1 - i] = missing


# ---- one instant ---------------------------------------------------------------------------------------------

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
    if size <= HUGE:
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
    if not (fabs(step) <= HUGE and fabs(c_im) <= HUGE) and not L.head.tainted:
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
    h.feedback = L.s.d if fabs(L.s.d) <= HUGE else L.s.y
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


cdef inline bint is_direct(const loop_t *L, const double *d, const output_t *out) noexcept nogil:
    """Whether nothing but c is asked at each sample: a known scalar gain, a correction along the delay line."""
    return (L.coefficient != NULL and L.regress == NULL and L.output == NULL and L.compare == NULL and L.push == NULL
            and L.gain.values != NULL and L.gain.width == 1 and L.forgetting.tune == NULL and not L.complex
            and not L.frozen and L.policy == RAISE and d != NULL and L.head.stale == 0 and L.head.tainted == 0
            and out.gain_every == 0 and out.weights_every == 0)


cdef Py_ssize_t direct_block(loop_t *L, Py_ssize_t m, const double *d, output_t *out, bint *stopped) noexcept nogil:
    """`block` without its questions, the same operations in the same order; the lookahead loop belongs here.

    Measured at 8 taps: 31 ns per sample of a run, against 40 through `block`.
    """
    cdef instant_t *s = &L.s
    cdef header_t *h = L.head
    cdef const simd_t *simd = s.simd
    cdef Py_ssize_t j, n = s.n, width = L.line.width
    cdef const double *u = L.line.rows + (L.line.head + m) * width
    cdef const double *mu = L.gain.values + (h.n - L.gain.first) * L.gain.stride
    cdef double *w = s.w
    cdef double y, e, size, step, peak = h.peak, bound = L.bound
    cdef bint sound = True
    for j in range(m):
        u -= width
        s.u = u
        if L.power:
            simd.dot_power(w, u, n, &y, &s.power)
        else:
            y = simd.dot(w, u, n)
        e = d[j] - y
        size = fabs(d[j])
        if size > peak:
            peak = size
            bound = L.limit * max(1.0, size)
        out.y[j] = y
        out.e[j] = e
        s.e = e
        s.mu = mu[j * L.gain.stride]
        step = s.mu * L.coefficient(s)
        sound = fabs(e) <= bound and isfinite(y) and fabs(step) <= HUGE
        if not sound:
            stopped[0] = True
            L.line.head += m - 1 - j
            m = j + 1
            break
        if s.leak != 0.0:
            simd.scale_axpy(w, u, 1.0 - s.mu * s.leak, step, n)
        else:
            simd.axpy(w, u, step, n)
    h.n += m
    h.peak = peak
    h.feedback = d[m - 1]
    L.bound = bound
    return m


cdef Py_ssize_t block(loop_t *L, Py_ssize_t m, const double *d, output_t *out, bint *stopped) noexcept nogil:
    """m samples of a line that already holds them; returns how many were done, the stopping one included."""
    cdef instant_t *s = &L.s
    cdef Py_ssize_t j, parts = 2 if L.complex else 1
    cdef bint sound
    for j in range(m):
        predict(L, m - 1 - j)
        compare(L, d + parts * j if d != NULL else NULL)
        sound = conclude(L)
        out.y[parts * j] = s.y
        out.e[parts * j] = s.e
        if L.complex:
            out.y[parts * j + 1] = s.y_im
            out.e[parts * j + 1] = s.e_im
        if out.skipped != NULL:
            out.skipped[j] = s.skipped
        if out.gain_every and L.head.n % out.gain_every == 0:
            if s.gains != NULL:
                memcpy(out.gain, s.gains, s.n * sizeof(double))
            else:
                out.gain[0] = s.mu
            out.gain += L.gain.width
        if out.weights_every and L.head.n % out.weights_every == 0:
            memcpy(out.weights, s.w, parts * s.n * sizeof(double))
            out.weights += parts * s.n
        if not sound:
            stopped[0] = True
            L.line.head += m - 1 - j
            return j + 1
    return m


# ---- the object ----------------------------------------------------------------------------------------------

cdef class Engine:
    """One realisation of a loop: its state record, its delay line, its gains, its lock.

    Parameters
    ----------
    record : structured array of shape (), the state; its first fields are those of `header_t`
    filter, model : Kernel (model None: the regressor is the delay line itself)
    layout : dict of the integers n, row, channels, depth, past, mark_lag, mark_span, d_span
    param, model_param : float64 arrays, the constants the hooks read
    policy, limit, frozen : what to do with missing values, when to stop, whether to adapt at all
    """

    def __cinit__(self):
        memset(&self.L, 0, sizeof(loop_t))
        self.lock = <void *>PyThread_allocate_lock()

    def __dealloc__(self):
        if self.lock != NULL:
            PyThread_free_lock(self.lock)

    def __init__(self, record, Kernel filter not None, Kernel model, dict layout, param, model_param, *,
                 str policy not None, double limit, bint frozen=False):
        cdef loop_t *L = &self.L
        cdef Py_ssize_t n = layout["n"], parts = 2 if record["w"].dtype.kind == "c" else 1
        cdef Py_ssize_t slack = BLOCK
        self.record = record
        self.kernels = [filter, model]
        self.sources = {}
        self.policy = policy
        L.complex = parts == 2
        L.policy = POLICIES[policy]
        L.limit = limit
        L.frozen = frozen
        L.head = <header_t *><size_t>record.ctypes.data
        L.regress = NULL if model is None else model.regress
        L.output = filter.output
        L.compare = filter.compare
        L.coefficient = filter.coefficient
        L.correct = filter.correct
        L.push = filter.push
        L.power = filter.power or L.complex
        L.mark_lag = layout["mark_lag"]
        L.mark_span = layout["mark_span"]
        L.d_span = layout["d_span"]
        L.line.width = layout["channels"] * parts
        L.line.depth = layout["depth"]
        L.line.capacity = L.line.depth + slack
        L.past.width = n
        L.past.depth = layout["past"]
        L.past.capacity = L.past.depth + 64 if L.past.depth else 0
        param = np.ascontiguousarray(param, dtype=np.float64)
        model_param = np.ascontiguousarray(model_param, dtype=np.float64)
        line = np.zeros(L.line.capacity * L.line.width)
        past = np.zeros(max(L.past.capacity * n, 1))
        marks = np.zeros(L.line.capacity, dtype=np.uint8)
        past_marks = np.zeros(max(L.past.capacity, 1), dtype=np.uint8)
        scratch = np.zeros(2 * n * parts)
        self.buffers = [param, model_param, line, past, marks, past_marks, scratch]
        L.line.rows = <double *><size_t>line.ctypes.data
        L.line.marks = <uint8_t *><size_t>marks.ctypes.data
        L.past.rows = <double *><size_t>past.ctypes.data
        L.past.marks = <uint8_t *><size_t>past_marks.ctypes.data
        L.s.simd = SIMD
        L.s.n = n
        L.s.channels = layout["channels"] * parts
        L.s.row = n if L.regress != NULL else L.line.width
        L.s.w = self.field("w")
        L.s.param = <double *><size_t>param.ctypes.data
        L.s.model_param = <double *><size_t>model_param.ctypes.data
        L.s.state = self.field("filter")
        L.s.scratch = <double *><size_t>scratch.ctypes.data
        L.s.proposal = L.s.scratch + n * parts
        L.s.mu = L.s.forgetting = 1.0
        self.restored()

    cdef double *field(self, str name):
        """Where a field of the record lies; a block of fields is named by its prefix."""
        for key in self.record.dtype.names:
            if key == name or key.startswith(name + "_"):
                offset = self.record.dtype.fields[key][1]
                return <double *>(<char *>self.L.head + <Py_ssize_t>offset)
        return NULL

    # -- state in and out --------------------------------------------------------------------------------------

    def stored(self):
        """Write the delay lines into the record, newest row first, so that the record is the whole state."""
        cdef loop_t *L = &self.L
        memcpy(self.field("line"), L.line.rows + L.line.head * L.line.width,
               L.line.depth * L.line.width * sizeof(double))
        memcpy(self.field("marks"), L.line.marks + L.line.head, L.line.depth)
        if L.past.depth:
            memcpy(self.field("past"), L.past.rows + L.past.head * L.past.width,
                   L.past.depth * L.past.width * sizeof(double))

    def restored(self):
        """Take the delay lines back from the record."""
        cdef loop_t *L = &self.L
        cdef double y[2]
        L.line.head = L.line.capacity - L.line.depth
        memcpy(L.line.rows + L.line.head * L.line.width, self.field("line"),
               L.line.depth * L.line.width * sizeof(double))
        memcpy(L.line.marks + L.line.head, self.field("marks"), L.line.depth)
        if L.past.depth:
            L.past.head = L.past.capacity - L.past.depth
            memcpy(L.past.rows + L.past.head * L.past.width, self.field("past"),
                   L.past.depth * L.past.width * sizeof(double))
        L.bound = L.limit * max(1.0, L.head.peak)
        L.s.u = L.line.rows + L.line.head * L.line.width if L.regress == NULL \
            else L.past.rows + L.past.head * L.past.width
        L.s.x = L.line.rows + L.line.head * L.line.width
        L.s.k = L.head.n
        L.s.v = L.s.reach = L.s.u
        L.s.y = L.head.y
        L.s.y_im = L.head.y_im
        if L.head.pending and L.power and not L.complex:
            L.s.simd.dot_power(L.s.w, L.s.u, L.s.n, &L.s.y, &L.s.power)
        elif L.head.pending and L.complex:
            L.s.simd.cdot_power(L.s.w, L.s.u, L.s.n, y, &L.s.power)

    # -- gains -------------------------------------------------------------------------------------------------

    def bind(self, str name not None, source):
        """Connect a port ("gain" or "forgetting") to a schedule, an array or a law."""
        cdef port_t *port = &self.L.gain if name == "gain" else &self.L.forgetting
        cdef Kernel kernel = getattr(source, "kernel", None)
        memset(port, 0, sizeof(port_t))
        port.width = source.width
        self.sources[name] = [source]
        if kernel is not None:
            constants = np.ascontiguousarray(source.constants(), dtype=np.float64)
            self.sources[name].append(constants)
            port.tune = kernel.tune
            port.shape = kernel.shape
            port.param = <double *><size_t>constants.ctypes.data
            port.state = self.field(name)
            port.low, port.high = source.low, source.high
            port.rate_limit, port.saturate = source.rate_limit, source.saturate
            port.last = <int64_t>1 << 62
        else:
            self.table(port, name)

    cdef int table(self, port_t *port, str name) except -1:
        """Tabulate the gain over the block of the clock that holds the next sample."""
        source = self.sources[name][0]
        cdef int64_t first = self.L.head.n - self.L.head.n % BLOCK
        values, stride, last = source.block(first, first + BLOCK)
        self.sources[name][1:] = [values]
        port.values = <double *><size_t>values.ctypes.data
        port.stride = stride
        port.first = first
        port.last = last
        return 0

    cdef int refill(self) except -1:
        """Gains for the next sample: a new block of a schedule, or the refusal of an array that has ended."""
        cdef int64_t n = self.L.head.n
        if n >= self.L.gain.last:
            self.sources["gain"][0].covers(n, n + 1)
            self.table(&self.L.gain, "gain")
        if n >= self.L.forgetting.last:
            self.sources["forgetting"][0].covers(n, n + 1)
            self.table(&self.L.forgetting, "forgetting")
        return 0

    def rebind(self):
        """Tabulate again, after the clock was set from outside."""
        for name in ("gain", "forgetting"):
            self.bind(name, self.sources[name][0])

    # -- the lock ----------------------------------------------------------------------------------------------

    # A step holds the interpreter's lock from end to end, so a flag keeps others out; only a run, which lets that lock
    # go, takes a lock of the system's, for others to wait on (that one reads the clock: too dear for a step).

    cdef inline int enter(self) except -1:
        while self.busy:
            with nogil:
                PyThread_acquire_lock(self.lock, WAIT_LOCK)
                PyThread_release_lock(self.lock)
            PyErr_CheckSignals()
        self.busy = True
        return 0

    def __enter__(self):
        self.enter()
        with nogil:
            PyThread_acquire_lock(self.lock, WAIT_LOCK)
        return self

    def __exit__(self, *_):
        self.busy = False
        PyThread_release_lock(self.lock)

    # -- runs --------------------------------------------------------------------------------------------------

    def advance(self, const double[::1] x, const double[::1] d, double[::1] y, double[::1] e, *,
                uint8_t[::1] skipped=None, double[::1] gain=None, Py_ssize_t gain_every=0,
                double[::1] weights=None, Py_ssize_t weights_every=0):
        """Run over a record that is already in memory order; the caller holds the lock.

        Returns how many samples were done; `stopped` says whether the last one stopped the loop. Signals are
        checked between blocks: an interruption propagates as KeyboardInterrupt with the loop at a block's end.
        """
        cdef loop_t *L = &self.L
        cdef Py_ssize_t parts = 2 if L.complex else 1
        cdef Py_ssize_t total = y.shape[0] // parts, done = 0, m, used
        cdef const double *goal
        cdef output_t out
        cdef bint stop = False
        out.skipped = NULL
        out.gain = &gain[0] if gain is not None and gain.shape[0] else NULL
        out.gain_every = gain_every if out.gain != NULL else 0
        out.weights = &weights[0] if weights is not None and weights.shape[0] else NULL
        out.weights_every = weights_every if out.weights != NULL else 0
        self.stopped = False
        while done < total and not stop:
            PyErr_CheckSignals()
            m = min(total - done, <Py_ssize_t>(BLOCK - L.head.n % BLOCK))
            self.refill()
            out.y = &y[parts * done]
            out.e = &e[parts * done]
            if skipped is not None:
                out.skipped = &skipped[done]
            with nogil:
                take_in(L, &x[done * L.line.width], m)
                goal = &d[parts * done] if d is not None else NULL
                if is_direct(L, goal, &out):
                    used = direct_block(L, m, goal, &out, &stop)
                else:
                    used = block(L, m, goal, &out, &stop)
            done += used
        self.stopped = stop
        return done

    cdef double step(self, double x, double d, bint *stopped) except? -1.0:
        """One sample of a real single-channel loop; returns y."""
        cdef loop_t *L = &self.L
        cdef double goal[2]
        goal[0], goal[1] = d, 0.0
        if L.policy == RAISE and not (fabs(x) <= HUGE and fabs(d) <= HUGE):
            raise self.unfit(x, d)
        self.enter()
        try:
            self.ready()
            take_in(L, &x, 1)
            predict(L, 0)
            compare(L, goal)
            stopped[0] = not conclude(L)
            return L.s.y
        finally:
            self.busy = False

    def predict(self, const double[::1] x):
        """First half of a step: take x in, return (y, imaginary part of y)."""
        cdef loop_t *L = &self.L
        self.enter()
        try:
            self.ready()
            take_in(L, &x[0], 1)
            predict(L, 0)
            L.head.pending = 1
            L.head.y = L.s.y
            L.head.y_im = L.s.y_im
            return L.s.y, L.s.y_im
        finally:
            self.busy = False

    def correct(self, double e, double e_im=0.0):
        """Second half: the error as the real sensor gives it."""
        cdef loop_t *L = &self.L
        self.enter()
        try:
            if not L.head.pending:
                raise RuntimeError("correct(e) answers a prediction: call predict(x) first.")
            L.head.pending = 0
            L.s.given = True
            L.s.e, L.s.e_im = e, e_im
            L.s.d, L.s.d_im = L.s.y + e, L.s.y_im + e_im
            self.stopped = not conclude(L)
        finally:
            self.busy = False

    cdef inline int ready(self) except -1:
        """Refuse a new sample while a prediction waits; have the gains at hand."""
        if self.L.head.pending:
            raise RuntimeError("a prediction waits for its error: call correct(e) before the next sample.")
        if self.L.head.n >= self.L.gain.last or self.L.head.n >= self.L.forgetting.last:
            self.refill()
        return 0

    def unfit(self, x, d):
        """The refusal of a sample that is not finite."""
        name, value = ("x", x) if not abs(x) <= HUGE else ("d", d)
        return ValueError(
            f"{name} is {value} in this sample (k = {self.L.head.n} on the loop's clock); signals must be finite and "
            f'below {HUGE:g}. Pass nonfinite="skip" to skip missing samples.')
