"""One realization of a loop: owns the memory, tabulates gains, holds the lock. What it runs is in block.pxd.

run, step and the two halves of step go through the same instants, so they agree bit for bit.
"""
import os
import time

import numpy as np

from cpython.exc cimport PyErr_CheckSignals
from cpython.pythread cimport (
    PyThread_acquire_lock, PyThread_allocate_lock, PyThread_free_lock, PyThread_get_thread_ident, PyThread_release_lock,
    WAIT_LOCK,
)
from cpython.ref cimport Py_DECREF
from libc.math cimport fabs
from libc.stdint cimport int64_t, uint8_t
from libc.string cimport memcpy, memset

from gainsched.kernels.block cimport block, direct_block, is_direct, is_known
from gainsched.kernels.core cimport BLOCK, Kernel, simd_pick, simd_t
from gainsched.kernels.instant cimport compare, conclude, predict
from gainsched.kernels.line cimport take_in
from gainsched.kernels.loop cimport HOLD, LARGEST, PROPAGATE, RAISE, SKIP, header_t, loop_t, output_t, port_t

cdef const simd_t *SIMD = simd_pick(os.environ.get("GAINSCHED_SIMD", "").lower() == "baseline")

POLICIES = {"raise": RAISE, "skip": SKIP, "hold": HOLD, "propagate": PROPAGATE}


def simd():
    """Name of the instruction set in use: "avx2" or "baseline" (``GAINSCHED_SIMD=baseline`` forces the latter)."""
    return SIMD.name.decode()


cdef class Engine:
    """One realisation of a loop: its state record, its delay line, its gains, its lock.

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
        self.lock = <void *>PyThread_allocate_lock()

    def __dealloc__(self):
        if self.lock != NULL:
            PyThread_free_lock(self.lock)

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
        L.push = filter.push
        L.compensate = NULL if compensator is None else compensator.compensate
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
        scratch = np.zeros(3 * n * parts)
        self.buffers = [param, model_param, comp_param, line, past, marks, past_marks, scratch]
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
        L.s.comp_param = <double *><size_t>comp_param.ctypes.data
        L.s.state = self.field("filter")
        L.s.scratch = <double *><size_t>scratch.ctypes.data
        L.s.proposal = L.s.scratch + n * parts
        L.s.size = n * parts
        L.s.moved = L.s.scratch + 2 * n * parts
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
        self.measure()

    cdef void measure(self) noexcept:
        """Output and power of a prediction that waits for its error: of the line that is there."""
        cdef loop_t *L = &self.L
        cdef double y[2]
        L.s.y = L.head.y
        L.s.y_im = L.head.y_im
        if L.head.pending and L.power and not L.complex:
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

    cdef object taken(self):
        """A copy of the state to go back to, where a hook calls Python and may fail; else None."""
        if not any(source.calls_python for source, *_ in self.sources.values()):
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
        """Tabulate over the block of the clock that holds the next sample."""
        source = self.sources[name][0]
        cdef int64_t first = self.L.head.n - self.L.head.n % BLOCK
        values, stride, last = source.block(first, first + BLOCK)
        self.sources[name][2] = values
        port.values = <double *><size_t>values.ctypes.data
        port.stride = stride
        port.first = first
        port.last = last
        return 0

    cdef int refill(self) except -1:
        """Gains for the next sample: a new block of a schedule, or the refusal of an array that has ended."""
        cdef int64_t n = self.L.head.n
        for name in self.sources:
            if n >= self.port(name).last:
                self.sources[name][0].covers(n, n + 1)
                self.table(self.port(name), name)
        return 0

    def rebind(self):
        """Tabulate again, after the clock was set from outside."""
        for name, (source, *_) in list(self.sources.items()):
            self.bind(name, source)

    # -- the lock ----------------------------------------------------------------------------------------------

    # A step holds the interpreter's lock from end to end, so a flag keeps others out; only a run, which lets that lock
    # go, takes a lock of the system's, for others to wait on (that one reads the clock: too dear for a step).

    cdef inline int enter(self) except -1:
        if self.busy:
            if self.owner == PyThread_get_thread_ident():
                raise RuntimeError("this loop is running: a function that it calls may not call it back.")
            self.waiting += 1
            try:
                while self.busy:
                    with nogil:
                        PyThread_acquire_lock(self.lock, WAIT_LOCK)
                        PyThread_release_lock(self.lock)
                    PyErr_CheckSignals()
            finally:
                self.waiting -= 1
        self.busy = True
        self.owner = PyThread_get_thread_ident()
        return 0

    def __enter__(self):
        self.enter()
        with nogil:
            PyThread_acquire_lock(self.lock, WAIT_LOCK)
        return self

    def __exit__(self, *_):
        cdef int patience = 50
        self.busy = False
        PyThread_release_lock(self.lock)
        while self.waiting and not self.busy and patience:      # a thread that runs in a loop lets others have a turn
            time.sleep(1e-5)
            patience -= 1

    # -- runs --------------------------------------------------------------------------------------------------

    def advance(self, const double[::1] x, const double[::1] d, double[::1] y, double[::1] e, *,
                uint8_t[::1] skipped=None, double[::1] gain=None, Py_ssize_t gain_every=0,
                double[::1] weights=None, Py_ssize_t weights_every=0):
        """Run over a record that is already in memory order; the caller holds the lock.

        Returns how many samples were done; `stopped` says whether the last one stopped the loop. Signals are
        checked between blocks: an interruption propagates as KeyboardInterrupt with the loop at a block's end. So does
        an exception of a law in Python.
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
        before = None
        while done < total and not stop:
            PyErr_CheckSignals()
            m = min(total - done, <Py_ssize_t>(BLOCK - L.head.n % BLOCK))
            self.refill()
            out.y = &y[parts * done]
            out.e = &e[parts * done]
            if skipped is not None:
                out.skipped = &skipped[done]
            before = self.taken()
            with nogil:
                take_in(L, &x[done * L.line.width], m)
                goal = &d[parts * done] if d is not None else NULL
                if is_direct(L, goal, &out):
                    if is_known(L):
                        used = direct_block(L, m, goal, &out, &stop, True)
                    else:
                        used = direct_block(L, m, goal, &out, &stop, False)
                else:
                    used = block(L, m, goal, &out, &stop)
            self.surface(before)
            done += used
        self.stopped = stop
        return done

    cdef double step(self, double x, double d, bint *stopped) except? -1.0:
        """One sample of a real single-channel loop; returns y."""
        cdef loop_t *L = &self.L
        cdef double goal[2]
        goal[0], goal[1] = d, 0.0
        if L.policy == RAISE and not (fabs(x) <= LARGEST and fabs(d) <= LARGEST):
            raise self.unfit(x, d)
        self.enter()
        try:
            self.ready()
            take_in(L, &x, 1)
            predict(L, 0)
            compare(L, goal)
            stopped[0] = self.stopped = not conclude(L)
            return L.s.y
        finally:
            self.busy = False

    def last(self):
        """(y, e, d) of the last sample."""
        cdef loop_t *L = &self.L
        if L.complex:
            return complex(L.s.y, L.s.y_im), complex(L.s.e, L.s.e_im), complex(L.s.d, L.s.d_im)
        return L.s.y, L.s.e, L.s.d

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
            before = self.taken()
            L.head.pending = 0
            L.s.given = True
            L.s.e, L.s.e_im = e, e_im
            L.s.d, L.s.d_im = L.s.y + e, L.s.y_im + e_im
            self.stopped = not conclude(L)
            self.surface(before)
        finally:
            self.busy = False

    cdef inline int ready(self) except -1:
        """Refuse a new sample while a prediction waits; have the gains at hand."""
        cdef int64_t n = self.L.head.n
        if self.L.head.pending:
            raise RuntimeError("a prediction waits for its error: call correct(e) before the next sample.")
        if n >= self.L.gain.last or n >= self.L.forgetting.last or n >= self.L.beta.last:
            self.refill()
        return 0

    def unfit(self, x, d):
        """The refusal of a sample that is not finite."""
        name, value = ("x", x) if not abs(x) <= LARGEST else ("d", d)
        return ValueError(
            f"{name} is {value} in this sample (k = {self.L.head.n} on the loop's clock); signals must be finite and "
            f'below {LARGEST:g}. Pass nonfinite="skip" to skip missing samples.')
