"""Twelve hours of the glucose sensor: readings, and what three gains predicted one step ahead."""

import importlib.resources

import matplotlib.pyplot as plt
import numpy as np

import gainsched as gs

path = importlib.resources.files("bokeh_sampledata") / "_data" / "CGM.csv.gz"
signals = gs.read(str(path), input="isig,1", output="glucose")
x, d = signals.x / [20, 1], signals.d
sensor = gs.NLMS(gs.FIR(taps=1, channels=2))
law = gs.KwongJohnston(gamma=(1 - gs.KwongJohnston().alpha) / 15**2, start=0.5, high=1.0)
runs = {name: gs.Loop(sensor, gain=gain, nonfinite="skip").run(x, d)
        for name, gain in (("gain 0.05", 0.05), ("gain 1.9", 1.9), ("adaptive", law))}

HOURS = 12
span = HOURS * 12
even = np.diff(signals.time, prepend=signals.time[0] - 300) == 300                   # one reading every five minutes
lag = np.where(runs["adaptive"].skipped | ~even, np.nan, runs["gain 0.05"].e ** 2)
windows = np.convolve(np.nan_to_num(lag), np.ones(span), mode="valid")
complete = np.convolve(np.isnan(lag), np.ones(span), mode="valid") == 0
first = int(np.argmax(np.where(complete & (np.arange(len(windows)) > 10_000), windows, 0)))
part = slice(first, first + span)
hours = np.arange(span) / 12

fig, axes = plt.subplots(3, 1, figsize=(8, 5.4), sharex=True, sharey=True)
for ax, (name, run), color in zip(axes, runs.items(), ("C1", "C3", "C0"), strict=True):
    ax.plot(hours, d[part], "k.", ms=3, label="reading")
    ax.plot(hours, run.y[part], color, lw=1, label=name)
    ax.legend(fontsize=7.5, ncols=2, loc="upper right")
    ax.set(ylabel="mg/dL", ylim=(0, 450))
axes[-1].set_xlabel("hours")
