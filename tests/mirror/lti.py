"""A discrete transfer function run as its difference equation, at rest before the record.

(num, den) are polynomials in z, highest power first: den[0] y_k = sum_i num_i x_{k-i} - sum_{i>0} den_i y_{k-i},
with num padded on the left to the length of den.
"""

from __future__ import annotations

import numpy as np


class Lti:
    """y_k = system(x_k), one sample at a time; x may be a vector, every element is then filtered alike."""

    def __init__(self, system):
        num, den = (np.atleast_1d(np.asarray(p, float)).ravel() for p in system[:2])
        den = np.trim_zeros(den, "f")
        num = np.trim_zeros(num, "f")
        self.b = np.concatenate([np.zeros(len(den) - len(num)), num]) / den[0]
        self.a = den / den[0]
        self.inputs, self.outputs = [], []                 # newest first

    def __call__(self, x):
        self.inputs.insert(0, x)
        y = sum(b * v for b, v in zip(self.b, self.inputs, strict=False))
        y = y - sum(a * v for a, v in zip(self.a[1:], self.outputs, strict=False))
        self.outputs.insert(0, y)
        del self.inputs[len(self.b):], self.outputs[len(self.b):]
        return y
