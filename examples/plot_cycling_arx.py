"""
Identify a bicycle from one ride
================================

Power and slope go in, speed comes out: an ARX plant whose parameters change with wind, road and posture. Recursive
least squares with forgetting follows them through a recording at 1 Hz, sample by sample.
"""
# %%
# The ride comes with the ``demo`` extra. Climb is the difference of the altitude, in m/s; power counts in units of
# 100 W, so that both inputs have similar size and one initial covariance suits them.
import importlib.resources
import importlib.util
import sys

import control
import matplotlib.pyplot as plt
import numpy as np

import gainsched as gs

if importlib.util.find_spec("bokeh_sampledata") is None:
    sys.exit("This example needs the recording of the extra: pip install gainsched[demo]")
ride = importlib.resources.files("bokeh_sampledata") / "_data" / "cycling.csv.gz"
inputs, speed, _, _ = gs.read(str(ride), input=["power", "altitude"], output="speed")
power, altitude = inputs.T
x = np.column_stack([power / 100, np.diff(altitude, prepend=altitude[0])])
# %%
# One pass. The memory is 1 / (1 - 0.998) = 500 samples, eight minutes of riding. "The speed stays as it is" is a strong
# guess at one sample per second: a model must be judged against it.
loop = gs.Loop(gs.RLS(gs.ARX(na=2, nb=1, nk=1, channels=2)), forgetting=0.998)
run = loop.run(x, speed, record=gs.Record(weights=1))
print(f"one-step fit {run.fit:.1f} %, guess 'as before' {gs.fit_percent(speed[1:], speed[:-1]):.1f} %")
# %%
# The weights of the last sample as transfer functions, one per input. Run alone, without looking at the measured speed,
# they fit the end of the ride, and not its beginning, where wind and road were others.
model = loop.model(dt=1.0)
print(model)
print(f"slowest time constant {-1 / np.log(np.abs(model.poles()).max()):.1f} s")
alone = sum(control.forced_response(model[0, i], inputs=x[:, i]).outputs for i in range(2))
# %%
# The static gains say what 100 W, or a climb of 0.1 m/s, would do to the speed if they stayed. While the road is flat
# the climb excites nothing, and its parameters mean nothing: they settle once the hills begin.
static = run.weights[:, 2:] / (1 + run.weights[:, :2].sum(axis=1, keepdims=True))
minutes = np.arange(run.n) / 60
fig, (top, bottom) = plt.subplots(2, figsize=(8, 6), sharex=True, layout="constrained")
top.plot(minutes, speed, "0.7", lw=3, label="measured")
top.plot(minutes, run.y, lw=0.8, label="predicted one second ahead")
top.plot(minutes, alone, lw=0.8, label="final model, run alone")
top.set(ylabel="speed, m/s", ylim=(0, 18))
top.legend(loc="upper left", ncols=3, fontsize="small")
bottom.plot(minutes[300:], static[300:, 0], label="per 100 W")
bottom.plot(minutes[300:], static[300:, 1] / 10, label="per 0.1 m/s of climb")
bottom.axhline(0, color="0.7", lw=0.8)
bottom.set(ylabel="static gain, m/s", xlabel="time, min", ylim=(-8, 8))
bottom.legend(loc="lower right")
plt.show()
