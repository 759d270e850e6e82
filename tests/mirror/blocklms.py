"""Block LMS: w <- w + (mu_k / L) sum of e_j u_j over the L samples of a block, at its last sample k = L-1, 2L-1, ..

The weights are constant within a block. A block in which any sample is missing its d, or has a regressor that holds a
missing x, is left out.

G. A. Clark, S. K. Mitra and S. R. Parker, "Block implementation of adaptive digital filters", IEEE Trans. Circuits
Syst. 28, 1981, eq. (15), with mu / L for their 2 mu_B / L.
"""

from __future__ import annotations

import numpy as np

from .regressors import Record, per_sample


def mirror(filter, x, d, gain, forgetting, missing_x=None, missing_d=None, w0=None):
    r = Record(filter.model, x, d, missing_x, missing_d, w0)
    w, mu, L = r.w, per_sample(gain, r.T), filter.block
    for first in range(0, r.T, L):
        last, U, e = min(first + L, r.T) - 1, [], []
        for k in range(first, last + 1):
            U.append(r.row(k))
            e.append(r.compare(k, np.sum(w * U[-1])))
        if len(e) == L and r.updates[first:last + 1].all():
            w = w + mu[last] * np.mean(np.array(e)[:, None] * np.array(U), axis=0)
    return r.answer(w)
