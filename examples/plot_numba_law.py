"""
A law of your own, compiled by numba
====================================

Any C function of the right signature can choose the gain at every sample. Here numba compiles Kwong and Johnston's law,
which the package has too, so that the two can be compared; then a variant that it does not have.
"""
# %%
# The signature is flat: clock, error, correction, reach, their length, parameters, memory, and the gain, in force on
# the way in, proposed on the way out.
import sys

import matplotlib.pyplot as plt
import numpy as np

import gainsched as gs

try:
    import numba
except ImportError:
    sys.exit("this example needs numba: pip install numba")

array, whole = numba.types.CPointer(numba.float64), numba.int64
signature = numba.void(whole, numba.float64, array, array, whole, array, array, array)


@numba.cfunc(signature)
def follow_power(k, e, g, u, n, params, memory, gains):
    if memory[1] != 0.0:
        gains[0] = params[0] * gains[0] + params[1] * memory[0]
    memory[0], memory[1] = e * e, 1.0


@numba.cfunc(signature)
def follow_correlation(k, e, g, u, n, params, memory, gains):
    memory[1] = params[2] * memory[1] + (1.0 - params[2]) * e * memory[0]
    gains[0] = params[0] * gains[0] + params[1] * memory[1] ** 2
    memory[0] = e

# %%
# An echo that jumps in the middle, under noise. The compiled law is the built-in one, to the last bit.
rng = np.random.default_rng(0)
x = rng.standard_normal(8000)
d = np.where(np.arange(8000) < 4000, np.convolve(x, [0.8, -0.4])[:8000], np.convolve(x, [-0.3, 0.6])[:8000])
d += 0.3 * rng.standard_normal(8000)
limits = {"low": 1e-3, "high": 0.05}
laws = {"built in": gs.KwongJohnston(**limits),
        "the same, by numba": gs.CompiledLaw(follow_power, params=(0.97, 4.8e-4), memory=2, **limits),
        "on the error's correlation": gs.CompiledLaw(follow_correlation, params=(0.97, 4e-3, 0.98), memory=2, **limits)}
runs = {name: gs.LMS(8).run(x, d, gain=law, record=gs.Record(gain=1)) for name, law in laws.items()}
print("bit for bit:", np.array_equal(runs["built in"].w, runs["the same, by numba"].w))
# %%
# White noise moves the error's power, not its correlation: the variant is quieter before and after the jump.
fig, ax = plt.subplots(figsize=(8, 3.4), layout="constrained")
for (name, run), width in zip(runs.items(), (3, 1, 1), strict=True):
    ax.semilogy(run.gain, lw=width, alpha=0.5 if width > 1 else 1, label=name)
ax.set(xlabel="sample", ylabel="gain")
ax.legend(loc="upper right")
plt.show()
