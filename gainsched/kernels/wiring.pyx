"""What a run stands on: the state record, its delay lines, the hooks, the gains bound to their ports.

The memory that the kernels see is allocated here, once; `Engine` runs over it.
"""
import os

import numpy as np

from cpython.exc cimport PyErr_CheckSignals
from cpython.ref cimport Py_DECREF
from libc.stdint cimport int64_t, uint8_t
from libc.math cimport fabs
from libc.string cimport memcmp, memcpy, memset

from gainsched.kernels.core cimport AHEAD, BLOCK, Kernel, ahead_complex_t, ahead_t, simd_pick
from gainsched.kernels.instant cimport landed
from gainsched.kernels.loop cimport HOLD, PROPAGATE, RAISE, SKIP, header_t, loop_t, port_t

cdef enum:
    SOUNDED = 1 << 22       # numbers looked at between two looks for Ctrl-C

SIMD = simd_pick(os.environ.get("GAINSCHED_SIMD", "").lower() == "baseline")

POLICIES = {"raise": RAISE, "skip": SKIP, "hold": HOLD, "propagate": PROPAGATE}


def simd():
    """Name of the instruction set in use: "avx2" or "baseline" (``GAINSCHED_SIMD=baseline`` forces the latter)."""
    return SIMD.name.decode()


def sound(const double[::1] x not None, double largest):
    """Whether all abs(x) <= largest, NaN being none; signals are checked now and then."""
    cdef Py_ssize_t done = 0, m, total = x.shape[0]
    cdef bint all_sound = True
    while done < total and all_sound:
        m = min(total - done, SOUNDED)
        with nogil:
            all_sound = SIMD.sound(&x[done], m, largest)
        done += m
        PyErr_CheckSignals()
    return all_sound


cdef class Wiring:
    """The memory of one realization of a loop, and where its gains come from.

    Parameters
    ----------
    record : structured array of shape (), the state; its first fields are those of `header_t`
    filter, model, compensator : Kernel (model None: the regressor is the delay line itself)
    layout : dict of the integers n, row, channels, depth, past, mark_lag, mark_span, d_span
    param, model_param, comp_param : float64 arrays, the constants the hooks read
    policy, limit, frozen : what to do with missing values, when to stop, whether to adapt at all
    """

    def __cinit__(self):
        memset(&self.L, 0, sizeof(loop_t))

    def __init__(self, record, Kernel filter not None, Kernel model, Kernel compensator, dict layout, param,
                 model_param, comp_param, *, str policy not None, double limit, bint frozen=False):
        cdef loop_t *L = &self.L
        cdef Py_ssize_t n = layout["n"], parts = 2 if record["w"].dtype.kind == "c" else 1
        cdef Py_ssize_t slack = BLOCK
        self.record = record
        self.kernels = [filter, model, compensator]
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
        L.prepare = filter.prepare
        L.catch_up = filter.catch_up
        L.push = filter.push
        L.compensate = NULL if compensator is None else compensator.compensate
        L.slopes = filter.slopes
        L.linear = filter.linear
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
        comp_param = np.ascontiguousarray(comp_param, dtype=np.float64)
        line = np.zeros(L.line.capacity * L.line.width)
        past = np.zeros(max(L.past.capacity * n, 1))
        marks = np.zeros(L.line.capacity, dtype=np.uint8)
        past_marks = np.zeros(max(L.past.capacity, 1), dtype=np.uint8)
        scratch = np.zeros(4 * n * parts)
        self.buffers = [param, model_param, comp_param, line, past, marks, past_marks, scratch]
        L.line.rows = <double *><size_t>line.ctypes.data
        L.line.marks = <uint8_t *><size_t>marks.ctypes.data
        L.past.rows = <double *><size_t>past.ctypes.data
        L.past.marks = <uint8_t *><size_t>past_marks.ctypes.data
        L.s.simd = SIMD
        L.s.n = n
        L.s.channels = layout["channels"] * parts
        L.s.row = n if L.regress != NULL else L.line.width
        self.w = L.s.w = self.field("w")
        self.line, self.past, self.marks = self.field("line"), self.field("past"), <uint8_t *>self.field("marks")
        if not frozen and self.field("ahead") != NULL:
            L.s.w = self.field("ahead")
            L.ahead = <ahead_t *>(L.s.w + n * parts)
            L.power = True
        L.s.param = <double *><size_t>param.ctypes.data
        L.s.model_param = <double *><size_t>model_param.ctypes.data
        L.s.comp_param = <double *><size_t>comp_param.ctypes.data
        L.s.state = self.field("filter")
        L.s.scratch = <double *><size_t>scratch.ctypes.data
        L.s.proposal = L.s.scratch + 2 * n * parts
        L.s.size = n * parts
        L.s.moved = L.s.scratch + 3 * n * parts
        L.s.memory = self.field("compensator")
        L.s.mu = L.s.forgetting = L.s.block = 1
        L.s.power = -1.0
        L.gain.last = L.forgetting.last = L.beta.last = <int64_t>1 << 62
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
        """Write weights and delay lines, newest row first, into the record, so that it is the whole state."""
        cdef loop_t *L = &self.L
        if L.catch_up != NULL:
            L.catch_up(&L.s)
        if L.ahead != NULL:
            self.land_in(self.w)
        memcpy(self.line, L.line.rows + L.line.head * L.line.width,
               L.line.depth * L.line.width * sizeof(double))
        memcpy(self.marks, L.line.marks + L.line.head, L.line.depth)
        if L.past.depth:
            memcpy(self.past, L.past.rows + L.past.head * L.past.width,
                   L.past.depth * L.past.width * sizeof(double))

    def restored(self):
        """Take weights and delay lines back from the record."""
        self.restore()

    cdef void restore(self) noexcept nogil:
        cdef loop_t *L = &self.L
        L.line.head = L.line.capacity - L.line.depth
        memcpy(L.line.rows + L.line.head * L.line.width, self.line,
               L.line.depth * L.line.width * sizeof(double))
        memcpy(L.line.marks + L.line.head, self.marks, L.line.depth)
        if L.past.depth:
            L.past.head = L.past.capacity - L.past.depth
            memcpy(L.past.rows + L.past.head * L.past.width, self.past,
                   L.past.depth * L.past.width * sizeof(double))
        L.bound = L.limit * max(1.0, L.head.peak)
        L.s.u = L.line.rows + L.line.head * L.line.width if L.regress == NULL \
            else L.past.rows + L.past.head * L.past.width
        L.s.x = L.line.rows + L.line.head * L.line.width
        L.s.k = L.head.n
        L.s.v = L.s.reach = L.s.u
        L.s.waiting = NULL
        if L.ahead != NULL:
            self.rebase()
        self.measure()

    cdef void land_in(self, double *w) noexcept nogil:
        """The weights of now: a lookahead block's, with the steps that wait."""
        cdef loop_t *L = &self.L
        cdef const double *newest = L.line.rows + (L.line.head + (1 if L.head.pending else 0)) * L.line.width
        landed(L, w, newest)

    def weights(self):
        """The weights of now (a copy)."""
        w = self.record["w"].copy()
        if self.L.ahead != NULL:
            self.land_in(<double *><size_t>w.ctypes.data)
        return w

    cdef void weights_into(self, double *w) noexcept nogil:
        if self.L.ahead != NULL:
            self.land_in(w)
        else:
            memcpy(w, self.w, self.L.s.size * sizeof(double))

    def snapshot(self):
        """The whole state, as bytes that `rewind` takes back. NumPy's copy of a record goes field by field: 7 us."""
        self.stored()
        return (<char *>self.L.head)[:self.record.nbytes]

    def rewind(self, bytes before not None):
        """Back to a state of this engine or one of its kind, its clock included."""
        cdef int64_t n
        cdef port_t *port
        memcpy(self.L.head, <const char *>before, min(<Py_ssize_t>len(before), <Py_ssize_t>self.record.nbytes))
        self.restored()
        n = self.L.head.n
        for name in self.sources:
            port = self.port(name)
            if port.values != NULL and not port.first <= n < port.last:
                self.table(port, name)

    cdef void rebase(self) noexcept nogil:
        """A record whose weights or signals were set from outside begins a new block."""
        cdef loop_t *L = &self.L
        cdef ahead_t *A = L.ahead
        cdef double *w = self.w
        cdef double *r = &(<ahead_complex_t *>A).r[0] if L.complex else &A.r[0]
        cdef double now[2]
        cdef Py_ssize_t i, j, parts = 2 if L.complex else 1
        self.land_in(L.s.moved)
        if memcmp(L.s.moved, w, L.s.size * sizeof(double)) != 0:
            memcpy(L.s.w, w, L.s.size * sizeof(double))
            A.filled = 0.0
            A.scale = 1.0
        for j in range(AHEAD):
            if L.complex:
                L.s.simd.correlation(L.s.u, L.s.u + j * L.s.row, L.s.n, now)
            else:
                now[0] = L.s.simd.row(L.s.u, L.s.u + j * L.s.row, L.s.n)
            for i in range(parts):
                if not fabs(r[parts * j + i] - now[i]) <= 1e-9 * A.top:
                    A.left = 0.0              # summed afresh at the next sample

    cdef void measure(self) noexcept nogil:
        """Output and power of a prediction that waits for its error: of the line that is there."""
        cdef loop_t *L = &self.L
        cdef double y[2]
        L.s.y = L.head.y
        L.s.y_im = L.head.y_im
        if L.ahead != NULL:
            L.s.power = (<ahead_complex_t *>L.ahead).r[0] if L.complex else L.ahead.r[0]
        elif L.head.pending and L.power and not L.complex:
            L.s.simd.dot_power(L.s.w, L.s.u, L.s.n, &L.s.y, &L.s.power)
        elif L.head.pending and L.complex:
            L.s.simd.cdot_power(L.s.w, L.s.u, L.s.n, y, &L.s.power)

    # -- gains -------------------------------------------------------------------------------------------------

    cdef port_t *port(self, str name):
        if name == "gain":
            return &self.L.gain
        return &self.L.forgetting if name == "forgetting" else &self.L.beta

    def bind(self, str name not None, source):
        """Connect a port ("gain", "forgetting", "beta") to a schedule, an array, or a law and the factor on it."""
        cdef loop_t *L = &self.L
        cdef port_t *port = self.port(name)
        cdef Kernel kernel = source.kernel
        memset(port, 0, sizeof(port_t))
        port.width = source.width
        port.last = <int64_t>1 << 62
        self.sources[name] = [source, None, None, None]
        if kernel is not None:
            memory = self.record[f"{name}_memory"] if f"{name}_memory" in self.record.dtype.names else None
            bound = source.bound(memory)
            if bound is not None:
                self.sources[name][3] = bound
                port.object = <void *><size_t>bound.address
            constants = np.ascontiguousarray(source.constants(), dtype=np.float64)
            self.sources[name][1] = constants
            port.tune = kernel.tune
            port.shape = kernel.shape
            port.settle = kernel.settle
            port.whole = kernel.whole
            port.bounded = kernel.bounded
            port.param = <double *><size_t>constants.ctypes.data
            port.state = self.field(name)
            port.low, port.high = source.low, source.high
            port.rate_limit, port.saturate = source.rate_limit, source.saturate
            if name == "forgetting":
                L.s.renew = kernel.renew
            elif port.tune != NULL and port.saturate and L.coefficient != NULL:
                L.power = True            # saturation then finds |u|^2 in the pass that forms y
                self.measure()
        if source.tabulates:
            self.table(port, name)
        self.straight = (L.ahead != NULL and L.linear and L.policy == RAISE and L.gain.tune == NULL
                         and L.gain.values != NULL and L.forgetting.tune == NULL and L.output == NULL
                         and L.compare == NULL and L.push == NULL)

    cdef bint asks_python(self):
        for entry in self.sources.values():
            if entry[0].calls_python:
                return True
        return False

    cdef object taken(self):
        """A copy of the state to go back to, where a hook calls Python and may fail; else None."""
        if not self.asks_python():
            return None
        self.stored()
        return self.record.copy()

    cdef int surface(self, before) except -1:
        """Raise what a hook that called Python left behind, with the state as it was `before`."""
        if self.L.s.raised == NULL:
            return 0
        error = <object>self.L.s.raised
        Py_DECREF(error)
        self.L.s.raised = NULL
        self.stopped = False
        self.record[()] = before
        self.restored()
        raise error

    cdef int table(self, port_t *port, str name) except -1:
        """Tabulate over the block of the clock that holds the next sample; a long run takes several at a time.

        NumPy's calls cost a block of a schedule 2 to 5 ns per sample, four of them a quarter of that.
        """
        source = self.sources[name][0]
        cdef int64_t first = self.L.head.n - self.L.head.n % BLOCK
        cdef int64_t blocks = min(4, max(1, (self.L.head.n + self.ahead - first + BLOCK - 1) // BLOCK))
        try:
            values, stride, last = source.block(first, first + blocks * BLOCK)
        except ValueError:
            if blocks == 1:
                raise
            values, stride, last = source.block(first, first + BLOCK)       # the run may end before the bad value
        self.sources[name][2] = values
        port.values = <double *><size_t>values.ctypes.data
        port.stride = stride
        port.first = first
        port.last = last
        return 0

    cdef int refill(self) except -1:
        """Gains for the next sample: another block of a schedule, or the refusal of an array that has ended."""
        cdef int64_t n = self.L.head.n
        for name in self.sources:
            if not self.port(name).first <= n < self.port(name).last:
                self.sources[name][0].covers(n, n + 1)
                self.table(self.port(name), name)
        return 0
