"""Affine projection of order K: w <- w + mu U' (U U' + eps I)^-1 (D - U w).

U is (K, N), rows u_k, u_{k-1}, .. u_{k-K+1}, newest first; D = [d_k .. d_{k-K+1}]. The errors are all taken with
the present weights. Rows before the record are zero. No update while any of the K rows belongs to a sample that
is missing its d or holds a missing x.

K. Ozeki and T. Umeda, "An adaptive filtering algorithm using an orthogonal projection to an affine subspace and its
properties", Electron. Commun. Jpn. 67-A, 1984.
"""

from __future__ import annotations

import numpy as np

from .regressors import Record, per_sample


def mirror(filter, x, d, gain, forgetting, missing_x=None, missing_d=None, w0=None):
    r = Record(filter.model, x, d, missing_x, missing_d, w0)
    w, mu, K = r.w, per_sample(gain, r.T), filter.order
    U, D = np.zeros((K, len(w))), np.zeros(K)
    for k in range(r.T):
        u = r.row(k)
        r.compare(k, np.sum(w * u))
        U, D = np.vstack([u, U[:-1]]), np.append(r.d[k], D[:-1])
        if r.updates[max(0, k - K + 1):k + 1].all():
            a = np.linalg.solve(U @ U.T + filter.eps * np.eye(K), D - U @ w)
            w = w + mu[k] * (U.T @ a)
    return r.answer(w)
