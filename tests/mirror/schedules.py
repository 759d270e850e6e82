"""Schedules in closed form, one k at a time with Python's own arithmetic.

H. Robbins and S. Monro, Ann. Math. Stat. 22, 1951 (1/k); I. Loshchilov and F. Hutter, "SGDR", ICLR 2017 (cosine);
P. Goyal et al., "Accurate, large minibatch SGD", 2017 (warm-up).
"""

from __future__ import annotations

import math


def constant(s, k):
    """value"""
    return s.value


def inversetime(s, k):
    """start / (1 + decay k/every), held between multiples of `every` if staircase."""
    p = k // s.every if s.staircase else k / s.every
    return s.start / (1.0 + s.decay * p)


def step(s, k):
    """start factor^floor(k/every)"""
    return s.start * math.pow(s.factor, k // s.every)


def exponential(s, k):
    """max(floor, start rate^(k/every)), held between multiples of `every` if staircase."""
    p = k // s.every if s.staircase else k / s.every
    return max(s.floor, s.start * math.pow(s.rate, p))


def cosine(s, k):
    """end + (start - end)(1 + cos(pi p))/2 with p = min(k/steps, 1)"""
    return s.end + (s.start - s.end) * (1.0 + math.cos(math.pi * min(k / s.steps, 1.0))) / 2.0


def warmup(value, steps, start, k):
    """Linear from `start` to value(0), reached at k = steps; value(k - steps) from there on."""
    return start + (value(0) - start) * k / steps if k < steps else value(k - steps)


CLOSED_FORMS = {f.__name__: f for f in (constant, inversetime, step, exponential, cosine)}


def value(schedule, k):
    """The schedule's value at k, found by its class name."""
    return CLOSED_FORMS[type(schedule).__name__.lower()](schedule, k)
