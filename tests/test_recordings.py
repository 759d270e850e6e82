"""Real recordings: the glucose sensor of the demo, and, where they are at hand, recordings with reference figures."""

from __future__ import annotations

import importlib.resources
from pathlib import Path

import numpy as np
import pytest

import gainsched as gs

SHARED = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="module")
def glucose():
    pytest.importorskip("bokeh_sampledata")
    path = importlib.resources.files("bokeh_sampledata") / "_data" / "CGM.csv.gz"
    signals = gs.read(str(path), input="isig,1", output="glucose")
    return signals.x / [20, 1], signals.d


def recording(name):
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{name} is not at hand")
    return path


def rms(run):
    return float(np.sqrt(np.mean(run.e[~run.skipped] ** 2)))


@pytest.mark.parametrize("forgetting", [1.0, 0.99, 0.95])
def test_rls_runs_through_the_glucose_recording(glucose, forgetting):
    """Constant current for hours, gaps, replaced sensors: the textbook update ends in NaN at .95."""
    run = gs.RLS(gs.FIR(1, channels=2)).run(*glucose, forgetting=forgetting, nonfinite="skip")
    assert run.status == "done" and np.isfinite(run.y).all() and np.isfinite(run.w).all()
    assert rms(run) < (50 if forgetting == 1.0 else 30)


def test_nlms_on_the_glucose_recording_has_its_best_gain_in_the_middle(glucose):
    sensor = gs.NLMS(gs.FIR(1, channels=2))
    errors = {gain: rms(sensor.run(*glucose, gain=gain, nonfinite="skip")) for gain in (0.01, 0.05, 0.6, 1.5, 1.9)}
    assert errors[0.6] == pytest.approx(6.9, abs=0.1)
    assert errors[0.01] > errors[0.05] > errors[0.6] < errors[1.5] < errors[1.9]


def standardized(x, d):
    """By mean and standard deviation of the first half."""
    half = len(d) // 2
    return ((s - s[:half].mean()) / s[:half].std() for s in (x, d))


@pytest.mark.parametrize(("name", "columns", "model", "forgetting", "fit"), [
    ("dryer.dat", ("0", "1"), gs.ARX(2, 2, 3), 1.0, 95.04),
    ("heating_system.dat", ("1", "2"), gs.ARX(2, 2, 1), 0.99, 98.64),
    ("sinal4_multiseno_malha_fechada.csv", ("Controle_u", "Saida_y"), gs.ARX(4, 4, 1), 0.99, 99.32),
    ("randomStepSequence.mat", ("u", "y"), gs.ARX(4, 4, 1), 1.0, 96.81),
])
def test_one_step_fit_of_identified_plants(name, columns, model, forgetting, fit):
    """FIT of the a-priori predictions over the second half, RLS with P_0 = 1000 I."""
    signals = gs.read(recording(name), *columns)
    x, d = standardized(signals.x, signals.d)
    loop = gs.Loop(gs.RLS(model, delta=1e3), forgetting=forgetting)
    half = len(d) // 2
    loop.run(x[:half], d[:half])
    assert loop.run(x[half:], d[half:]).fit == pytest.approx(fit, abs=0.1)


def test_echo_return_loss_enhancement():
    """Far end and microphone at 8 kHz: NLMS of 256 taps, ERLE over samples 8000 to 47999."""
    x, d = (gs.read(recording(name), "0").x for name in ("pyaec_x.wav", "pyaec_d.wav"))
    run = gs.NLMS(256, eps=1e-3).run(x, d, gain=0.1)
    part = slice(8000, 48_000)
    erle = 10 * np.log10(np.mean(d[part] ** 2) / np.mean(run.e[part] ** 2))
    assert erle == pytest.approx(26.13, abs=0.02)
