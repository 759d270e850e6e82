"""What is compared: schedulers of other libraries by name and parameters, and schedules of ours that drive theirs."""

from __future__ import annotations

import gainsched as gs

LENGTH = 64                                              # samples 0 .. 63 of every sequence
FAR = [64, 100, 127, 128, 500, 1000, 9999]               # and, of libraries with closed forms, these

TORCH = [
    ("StepLR", {"base_lr": 0.1, "step_size": 30, "gamma": 0.1}),
    ("StepLR", {"base_lr": 0.1, "step_size": 7}),
    ("MultiStepLR", {"base_lr": 0.1, "milestones": [30, 10, 30], "gamma": 0.5}),
    ("ConstantLR", {"base_lr": 0.3}),
    ("ConstantLR", {"base_lr": 0.3, "factor": 0.5, "total_iters": 20}),
    ("LinearLR", {"base_lr": 0.3}),
    ("LinearLR", {"base_lr": 0.3, "start_factor": 1.0, "end_factor": 0.0, "total_iters": 40}),
    ("ExponentialLR", {"base_lr": 0.1, "gamma": 0.95}),
    ("PolynomialLR", {"base_lr": 0.1}),
    ("PolynomialLR", {"base_lr": 0.1, "total_iters": 50, "power": 2.0}),
    ("CosineAnnealingLR", {"base_lr": 1.0, "T_max": 10}),
    ("CosineAnnealingLR", {"base_lr": 0.5, "T_max": 25, "eta_min": 0.05}),
    ("CosineAnnealingWarmRestarts", {"base_lr": 0.5, "T_0": 7, "T_mult": 2, "eta_min": 0.05}),
    ("CosineAnnealingWarmRestarts", {"base_lr": 0.5, "T_0": 2, "T_mult": 3}),
    ("CosineAnnealingWarmRestarts", {"base_lr": 0.5, "T_0": 9}),
    ("CyclicLR", {"base_lr": 0.1, "max_lr": 0.5, "step_size_up": 10, "cycle_momentum": False}),
    ("CyclicLR", {"base_lr": 0.1, "max_lr": 0.5, "step_size_up": 5, "step_size_down": 12, "mode": "triangular2", "cycle_momentum": False}),
    ("CyclicLR", {"base_lr": 0.1, "max_lr": 0.5, "step_size_up": 8, "mode": "triangular2", "cycle_momentum": False}),
    ("CyclicLR", {"base_lr": 0.1, "max_lr": 0.5, "step_size_up": 8, "mode": "exp_range", "gamma": 0.98, "cycle_momentum": False}),
    ("CyclicLR", {"base_lr": 0.1, "max_lr": 0.5, "step_size_up": 8, "step_size_down": 3, "mode": "exp_range", "gamma": 0.98,
                  "cycle_momentum": False}),
    ("CyclicLR", {"base_lr": 0.1, "max_lr": 0.5, "step_size_up": 8, "step_size_down": 3, "cycle_momentum": False}),
    ("OneCycleLR", {"max_lr": 0.5, "total_steps": 60, "cycle_momentum": False}),
    ("OneCycleLR", {"max_lr": 0.5, "epochs": 5, "steps_per_epoch": 13, "pct_start": 0.25, "cycle_momentum": False}),
    ("OneCycleLR", {"max_lr": 0.5, "total_steps": 63, "pct_start": 0.4, "anneal_strategy": "linear", "div_factor": 10.0,
                    "final_div_factor": 100.0, "cycle_momentum": False}),
    ("OneCycleLR", {"max_lr": 0.5, "total_steps": 61, "three_phase": True, "cycle_momentum": False}),
]
OPTAX = [
    ("constant_schedule", {"value": 0.3}),
    ("linear_schedule", {"init_value": 0.0, "end_value": 1.0, "transition_steps": 20, "transition_begin": 10}),
    ("polynomial_schedule", {"init_value": 1.0, "end_value": 0.1, "power": 2.0, "transition_steps": 50}),
    ("polynomial_schedule", {"init_value": 0.1, "end_value": 1.0, "power": 0.5, "transition_steps": 50, "transition_begin": 5}),
    ("exponential_decay", {"init_value": 1.0, "transition_steps": 10, "decay_rate": 0.5, "end_value": 0.1}),
    ("exponential_decay", {"init_value": 1.0, "transition_steps": 10, "decay_rate": 0.5, "transition_begin": 7, "staircase": True}),
    ("exponential_decay", {"init_value": 0.1, "transition_steps": 10, "decay_rate": 2.0, "end_value": 0.9}),
    ("exponential_decay", {"init_value": 0.05, "transition_steps": 10, "decay_rate": 0.5, "transition_begin": 7, "end_value": 0.1}),
    ("exponential_decay", {"init_value": 0.1, "transition_steps": 10, "decay_rate": 0.0}),
    ("piecewise_constant_schedule", {"init_value": 1.0, "boundaries_and_scales": {"30": 0.1, "10": 0.5}}),
    ("piecewise_constant_schedule", {"init_value": 1.0}),
    ("piecewise_interpolate_schedule", {"interpolate_type": "linear", "init_value": 1.0, "boundaries_and_scales": {"20": 0.5, "45": 3.0}}),
    ("piecewise_interpolate_schedule", {"interpolate_type": "cosine", "init_value": 1.0, "boundaries_and_scales": {"20": 0.5, "45": 3.0}}),
    ("cosine_decay_schedule", {"init_value": 0.5, "decay_steps": 40, "alpha": 0.1}),
    ("cosine_decay_schedule", {"init_value": 0.5, "decay_steps": 40, "alpha": 0.1, "exponent": 2.0}),
    ("linear_onecycle_schedule", {"transition_steps": 61, "peak_value": 0.5}),
    ("cosine_onecycle_schedule", {"transition_steps": 61, "peak_value": 0.5, "pct_start": 0.25}),
    ("warmup_constant_schedule", {"init_value": 0.0, "peak_value": 0.5, "warmup_steps": 12}),
    ("warmup_cosine_decay_schedule", {"init_value": 0.1, "peak_value": 0.5, "warmup_steps": 12, "decay_steps": 50, "end_value": 0.05}),
    ("warmup_cosine_decay_schedule", {"init_value": 0.1, "peak_value": 0.5, "warmup_steps": 0, "decay_steps": 50}),
    ("warmup_exponential_decay_schedule", {"init_value": 0.0, "peak_value": 0.5, "warmup_steps": 12, "transition_steps": 10,
                                           "decay_rate": 0.8, "transition_begin": 4, "end_value": 0.1}),
    ("sgdr_schedule", {"cosine_kwargs": [
        {"init_value": 0.0, "peak_value": 0.5, "warmup_steps": 3, "decay_steps": 20, "end_value": 0.1},
        {"init_value": 0.1, "peak_value": 0.3, "warmup_steps": 5, "decay_steps": 30},
        {"init_value": 0.0, "peak_value": 0.2, "warmup_steps": 2, "decay_steps": 10}]}),
]
KERAS = [
    ("ExponentialDecay", {"initial_learning_rate": 0.5, "decay_steps": 10, "decay_rate": 0.9}),
    ("ExponentialDecay", {"initial_learning_rate": 0.5, "decay_steps": 10, "decay_rate": 0.9, "staircase": True}),
    ("InverseTimeDecay", {"initial_learning_rate": 0.5, "decay_steps": 10, "decay_rate": 0.5}),
    ("InverseTimeDecay", {"initial_learning_rate": 0.5, "decay_steps": 10, "decay_rate": 0.5, "staircase": True}),
    ("PiecewiseConstantDecay", {"boundaries": [10, 30], "values": [1.0, 0.5, 0.1]}),
    ("PolynomialDecay", {"initial_learning_rate": 0.5, "decay_steps": 40}),
    ("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 40, "end_learning_rate": 0.5, "power": 2.0}),
    ("PolynomialDecay", {"initial_learning_rate": 0.5, "decay_steps": 10, "end_learning_rate": 0.1, "power": 0.5, "cycle": True}),
    ("CosineDecay", {"initial_learning_rate": 0.5, "decay_steps": 40, "alpha": 0.1}),
    ("CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 40, "alpha": 0.1, "warmup_target": 0.5, "warmup_steps": 12}),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.5, "first_decay_steps": 7}),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.5, "first_decay_steps": 10, "t_mul": 1.0, "m_mul": 0.75, "alpha": 0.125}),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.5, "first_decay_steps": 10, "t_mul": 1.5, "m_mul": 0.75}),
]
OURS = [
    gs.Exponential(0.5, 0.5, every=10, floor=0.05), gs.Cosine(0.5, 0.0, 40).warmup(10), gs.Silver(4.0),
    (0.5 * gs.CosineRestarts(1.0, 0.1, 10) + 0.05).noisy(0.1, seed=1), gs.PiecewiseConstant([10, 30], [0.5, 0.2, 0.1]),
]
