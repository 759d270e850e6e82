"""Fortescue, Kershenbaum and Ydstie's forgetting on RLS, in the indexing of theirs:

    K = P u / (1 + u'P u),  w <- w + K e,  lambda = 1 - (1 - u'K) e^2 / information,  P <- (I - K u') P / lambda

with P already divided by the last factor. The windup guard of RLS, which keeps a P that it does not divide, needs the
P before the division, so that this is what is carried; the factor found at a sample divides at the next.

T. R. Fortescue, L. S. Kershenbaum, B. E. Ydstie, "Implementation of self-tuning regulators with variable forgetting
factors", Automatica 17, 1981.
"""

from __future__ import annotations

from .memory import adapt, exponential, limited


def mirror(law, filter, x, d):
    wanted, before = law.start, law.start

    def sample(u, e, P, largest):
        nonlocal wanted, before
        f = before = limited(law, wanted, before)
        xi = u @ (P / f) @ u
        K_theirs = 1.0 / (1.0 + xi) * ((P / f) @ u)
        wanted = 1.0 - (1.0 - u @ K_theirs) * e**2 / law.information
        return *exponential(filter, u, P, f, largest), f

    return adapt(filter, x, d, sample)
