"""Other libraries' schedulers built from their parameters, against sequences that the real ones gave.

torch multiplies its last rate, so that rounding adds up over 64 epochs; the others evaluate a closed form in double
precision, Keras in single.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import gainsched as gs
from gainsched.checks.values import round_trips

from .cases import KERAS, LENGTH, OPTAX, OURS, TORCH

TABLES = json.loads(Path(__file__).with_name("tables.json").read_text())
FROM = {"torch": gs.schedules.from_torch, "optax": gs.schedules.from_optax, "keras": gs.schedules.from_keras}
CASES = [(library, case) for library, cases in TABLES["theirs"].items() for case in cases]


@pytest.mark.parametrize(("library", "case"), CASES, ids=lambda v: v["name"] if isinstance(v, dict) else v)
def test_theirs(library, case):
    schedule = FROM[library](case["name"], case["parameters"])
    rates = np.array(case["rates"])
    clock = np.array(TABLES["clock"][:len(rates)])
    largest = np.abs(rates).max()
    rtol, atol = (2e-6, 2e-7) if library == "keras" else (1e-11, 2e-15)
    np.testing.assert_allclose(schedule(clock), rates, rtol=rtol, atol=atol * largest)
    round_trips(schedule)                                # whatever it was made of: data


def test_every_case_is_in_the_tables():
    for library, cases in (("torch", TORCH), ("optax", OPTAX), ("keras", KERAS)):
        recorded = [(case["name"], case["parameters"]) for case in TABLES["theirs"][library]]
        assert recorded == cases, "run make_tables.py again"
    assert list(TABLES["driven"]) == [repr(s) for s in OURS]


def test_every_builder_is_compared():
    from gainsched.gains.schedules import keras, optax, torch

    for module, cases in ((torch, TORCH), (optax, OPTAX), (keras, KERAS)):
        assert {name for name, _ in cases} == set(module.BUILDERS) - {"LambdaLR"}


@pytest.mark.parametrize("library", ["torch", "optax", "keras"])
@pytest.mark.parametrize("schedule", OURS, ids=repr)
def test_ours_drive_theirs(schedule, library):
    rates = TABLES["driven"][repr(schedule)][library]
    assert len(rates) == LENGTH
    np.testing.assert_allclose(schedule(np.arange(LENGTH)), rates, rtol=1e-6 if library == "keras" else 1e-14)


def test_lambda_lr_is_a_function_times_the_rate():
    s = gs.schedules.from_torch("LambdaLR", {"base_lr": 0.1, "lr_lambda": lambda epoch: 0.95**epoch})
    assert s(10) == pytest.approx(0.1 * 0.95**10, rel=1e-15)


@pytest.mark.parametrize(("call", "words"), [
    (lambda: gs.schedules.from_torch("StepLr", {}), "from_torch: there is no 'StepLr'; did you mean StepLR"),
    (lambda: gs.schedules.from_torch("StepLR", {"base_lr": 1.0, "stepsize": 3}), "no parameter 'stepsize'; did you mean step_size"),
    (lambda: gs.schedules.from_torch("StepLR", {"base_lr": 1.0}), "StepLR needs step_size; it takes base_lr, step_size, gamma"),
    (lambda: gs.schedules.from_torch("ReduceLROnPlateau", {}), "looks at a measurement"),
    (lambda: gs.schedules.from_torch("SequentialLR", {}), "a.then(b, at=milestone)"),
    (lambda: gs.schedules.from_torch("MultiplicativeLR", {}), "np.cumprod"),
    (lambda: gs.schedules.from_torch("MultiStepLR", {"base_lr": 1.0, "milestones": [3.5]}), "milestones must be an integer"),
    (lambda: gs.schedules.from_torch("MultiStepLR", {"base_lr": 1.0, "milestones": 3}), "must be a list of integers"),
    (lambda: gs.schedules.from_torch("CyclicLR", {"base_lr": 0.1, "max_lr": 1.0, "scale_fn": abs}), "scale_fn must be None"),
    (lambda: gs.schedules.from_torch("OneCycleLR", {"max_lr": 1.0}), "needs total_steps, or epochs and steps_per_epoch"),
    (lambda: gs.schedules.from_torch("OneCycleLR", {"max_lr": 1.0, "total_steps": 2}), "pct_start must leave room"),
    (lambda: gs.schedules.from_torch(3, {}), "must be the name of a class or function"),
    (lambda: gs.schedules.from_torch("StepLR", 3), "parameters must be a mapping"),
    (lambda: gs.schedules.from_optax("cosine_decay", {}), "did you mean cosine_decay_schedule"),
    (lambda: gs.schedules.from_optax("join_schedules", {}), "a.then(b, at=boundary)"),
    (lambda: gs.schedules.from_optax("linear_schedule", {"init_value": 1.0, "end_value": 0.0, "transition_steps": 0}), "steps must be"),
    (lambda: gs.schedules.from_optax("cosine_decay_schedule", {"init_value": 1.0, "decay_steps": 9, "exponent": 1.5}), "exponent must be"),
    (lambda: gs.schedules.from_optax("warmup_cosine_decay_schedule", {
        "init_value": 0.0, "peak_value": 1.0, "warmup_steps": 10, "decay_steps": 10}), "includes the warm-up"),
    (lambda: gs.schedules.from_keras("CosineDecayRestarts", {
        "initial_learning_rate": 1.0, "first_decay_steps": 10, "t_mul": 0.5}), "t_mul must be >= 1"),
    (lambda: gs.schedules.from_keras("CosineDecay", {"lr": 1.0}), "CosineDecay has no parameter 'lr'"),
])
def test_refusals(call, words):
    with pytest.raises((ValueError, TypeError)) as error:
        call()
    assert words in str(error.value), error.value


def test_no_library_is_imported():
    import subprocess
    import sys

    code = ("import sys, gainsched as gs; gs.schedules.from_torch('StepLR', {'base_lr': 1.0, 'step_size': 3}); "
            "print({'torch', 'optax', 'keras', 'jax'} & set(sys.modules))")
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"
