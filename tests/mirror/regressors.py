"""u_k for FIR and ARX in the user's order, and the two steps every filter shares: predict, compare.

FIR(taps, channels)       u_k = [x_k, x_{k-1}, ..]; several channels: (taps, channels) in C order
ARX(na, nb, nk, channels) u_k = [-d_{k-1} .. -d_{k-na}, x_{k-nk} .. x_{k-nk-nb+1} of input 1, of input 2, ..]

Signals are zero before the record. A missing x counts as 0; a missing d enters later ARX regressors as the
prediction y made at that sample. A sample takes no update if its d is missing, or while its regressor contains a
missing x or the stand-in of a missing d.
"""

from __future__ import annotations

import numpy as np


class Record:
    """One record under one model: row(k), compare(k, y), and the answer at the end."""

    def __init__(self, model, x, d, missing_x=None, missing_d=None, w0=None):
        x, d = np.asarray(x), np.asarray(d)
        self.model, self.T = model, len(x)
        self.x = x.reshape(self.T, -1).astype(np.result_type(x, float))
        self.d = np.array(d, dtype=np.result_type(d, float))
        cells = missing(missing_x, self.x)
        self.x[cells] = 0.0                                # the other channels of that sample stay
        self.missing_x, self.missing_d = cells.any(axis=1), missing(missing_d, self.d).any(axis=1)
        self.past = self.d.copy()                          # what ARX looks back on
        kind = np.result_type(self.x, self.d)
        self.y, self.e = np.zeros(self.T, kind), np.full(self.T, np.nan, kind)
        self.updates = np.array([not self.missing_d[k] and not self.spoiled(k) for k in range(self.T)], bool)
        self.w = np.zeros(len(self.row(0)), kind) if w0 is None else np.array(w0, kind).ravel()

    def lags(self):
        """(outputs looked back on, inputs looked back on), both as lists of delays."""
        m = self.model
        if hasattr(m, "taps"):
            return [], list(range(m.taps))
        return list(range(1, m.na + 1)), list(range(m.nk, m.nk + m.nb))

    def row(self, k):
        """The regressor u_k, flat."""
        back, lags = self.lags()
        inputs = np.array([before(self.x, k - i) for i in lags])                        # (lags, channels)
        if hasattr(self.model, "taps"):
            return inputs.ravel()
        return np.concatenate([[-before(self.past, k - j) for j in back], inputs.T.ravel()])

    def spoiled(self, k):
        """Whether u_k contains a missing x, or the stand-in of a missing d."""
        back, lags = self.lags()
        return any(before(self.missing_x, k - i) for i in lags) or any(before(self.missing_d, k - j) for j in back)

    def compare(self, k, y, heard=None):
        """Store y_k and return e_k = d_k - y_k; `heard` replaces y_k where a path lies between output and sensor."""
        self.y[k] = y
        if self.missing_d[k]:
            self.past[k] = y
        else:
            self.e[k] = self.d[k] - (y if heard is None else heard)
        return self.e[k]

    def answer(self, w):
        """(y, e, w) with w in the user's shape."""
        m = self.model
        return self.y, self.e, w.reshape(m.taps, m.channels) if hasattr(m, "taps") and m.channels > 1 else w


def before(signal, k):
    """signal[k], zero before the record begins."""
    return signal[k] if k >= 0 else np.zeros_like(signal[0])


def missing(mask, signal):
    """(T, channels) cells that are missing: those of the mask, (T,) meaning every channel; None means the NaN cells."""
    signal = signal.reshape(len(signal), -1 if signal.size else 1)
    given = np.isnan(signal) if mask is None else np.asarray(mask, bool)
    return np.broadcast_to(given.reshape(len(signal), -1) if signal.size else given, signal.shape)


def per_sample(gain, T):
    """Rows of the gain: a scalar each, or one value per weight (flat, C order)."""
    gain = np.asarray(gain, float)
    return gain if gain.ndim == 1 else gain.reshape(T, -1)
