"""Hooks that stand on something of the user's own: a Python callable, or a C function of the signature in law.h.

law_state: gains in force (1 or n), then the law's memory. law_object: a `Caller`, or the function itself.
"""
import numbers

import numpy as np

from gainsched.errors import refusal

from cpython.pycapsule cimport PyCapsule_CheckExact, PyCapsule_GetName, PyCapsule_GetPointer
from cpython.ref cimport Py_INCREF
from libc.math cimport NAN
from libc.stdint cimport int64_t
from libc.string cimport memcpy

from gainsched.kernels.core cimport instant_t, scalar_law_kernel, weight_law_kernel


cdef extern from "law.h" nogil:
    ctypedef void (*gainsched_law_v1)(int64_t k, double e, const double *g, const double *u, int64_t n,
                                      const double *params, double *memory, double *gains) noexcept nogil
    const char *GAINSCHED_LAW_V1

CAPSULE = GAINSCHED_LAW_V1.decode()


# -- C -----------------------------------------------------------------------------------------------------------------

cdef inline const double *correction(instant_t *s, double *g) noexcept nogil:
    """g = c v, in memory that nothing else uses while a law proposes."""
    cdef Py_ssize_t i
    cdef const double *v = s.v
    cdef double c = s.c
    for i in range(s.n):
        g[i] = c * v[i]
    return g


cdef double compiled_tune(instant_t *s) noexcept nogil:
    cdef double gain = s.law_state[0]
    (<gainsched_law_v1>s.law_object)(s.k, s.error, correction(s, s.moved), s.reach, s.n, s.law_param, s.law_state + 1,
                                     &gain)
    return gain


cdef double compiled_shape(instant_t *s) noexcept nogil:
    memcpy(s.proposal, s.law_state, s.n * sizeof(double))
    (<gainsched_law_v1>s.law_object)(s.k, s.error, correction(s, s.moved), s.reach, s.n, s.law_param,
                                     s.law_state + s.n, s.proposal)
    return s.c


compiled_scalar_kernel = scalar_law_kernel("compiledlaw", compiled_tune)
compiled_weight_kernel = weight_law_kernel("compiledlaw per weight", compiled_shape)


def capsule_address(capsule):
    """(name, address) of a PyCapsule; None for anything else. The name may be None."""
    cdef const char *name
    if not PyCapsule_CheckExact(capsule):
        return None
    name = PyCapsule_GetName(capsule)
    return None if name == NULL else name.decode(errors="replace"), <size_t>PyCapsule_GetPointer(capsule, name)


# -- Python ------------------------------------------------------------------------------------------------------------

cdef class Caller:
    """A Python law at work in one loop: the function, and its memory as a view into the loop's state."""
    cdef readonly object function, memory
    cdef readonly str name

    def __init__(self, function, memory, str name not None):
        self.function = function
        self.memory = np.zeros(0) if memory is None else memory
        self.name = name

    @property
    def address(self):
        return <size_t><void *>self

    cdef object call(self, instant_t *s, object gain):
        """What the function answers. g and u are copies: a function may keep them."""
        g, u = np.empty(s.n), np.empty(s.n)
        cdef double[::1] to_g = g, to_u = u
        correction(s, &to_g[0])
        memcpy(&to_u[0], s.reach, s.n * sizeof(double))
        return self.function(gain, s.error, g, u, self.memory)

    cdef double scalar(self, instant_t *s) except? -1.0:
        answer = self.call(s, s.law_state[0])
        if isinstance(answer, bool) or not isinstance(answer, numbers.Real) and getattr(answer, "shape", None) != ():
            raise TypeError(self.refused(s, answer, "must be a number"))
        try:
            gain = float(answer)
        except (TypeError, ValueError):
            raise TypeError(self.refused(s, answer, "must be a number")) from None
        if not np.isfinite(gain):
            raise ValueError(self.refused(s, gain, "must be finite"))
        return gain

    cdef int weights(self, instant_t *s) except -1:
        cdef double[::1] gains
        before = np.empty(s.n)
        gains = before
        memcpy(&gains[0], s.law_state, s.n * sizeof(double))
        answer = self.call(s, before)
        limit = f"must be an array of {s.n} numbers, one per weight"
        try:
            array = np.ascontiguousarray(answer, dtype=np.float64)
        except (TypeError, ValueError):
            raise TypeError(self.refused(s, answer, limit)) from None
        if answer is None:
            raise TypeError(self.refused(s, answer, limit))
        if np.shape(answer) != (s.n,):
            raise ValueError(self.refused(s, np.shape(answer), limit, "the shape of "))
        if not np.isfinite(array).all():
            raise ValueError(self.refused(s, float(array[~np.isfinite(array)][0]), "must be finite"))
        gains = array
        memcpy(s.proposal, &gains[0], s.n * sizeof(double))
        return 0

    cdef str refused(self, instant_t *s, answer, limit, what=""):
        return refusal(f"PythonLaw({self.name}): {what}the gain it returns at sample {s.k}", answer, limit)


cdef double python_tune(instant_t *s) noexcept with gil:
    try:
        return (<Caller>s.law_object).scalar(s)
    except BaseException as error:      # KeyboardInterrupt too: the engine raises it where there is someone to catch it
        Py_INCREF(error)
        s.raised = <void *>error
        return NAN


cdef double python_shape(instant_t *s) noexcept with gil:
    try:
        (<Caller>s.law_object).weights(s)
        return s.c
    except BaseException as error:
        Py_INCREF(error)
        s.raised = <void *>error
        return NAN


python_scalar_kernel = scalar_law_kernel("pythonlaw", python_tune)
python_weight_kernel = weight_law_kernel("pythonlaw per weight", python_shape)
