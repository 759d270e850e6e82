"""Record what the real libraries do, for tests that need none of them.

    pip install --group interop
    KERAS_BACKEND=jax python -m tests.interop.make_tables

writes ``tables.json`` beside this file: the sequence of every case of `cases.py` as its library gives it, and the rates
that the libraries use when schedules of ours drive them. In double precision; Keras computes in single.
"""

from __future__ import annotations

import json
import warnings
from importlib.metadata import version
from pathlib import Path

import jax

jax.config.update("jax_enable_x64", True)

import keras  # noqa: E402
import numpy as np  # noqa: E402
import optax  # noqa: E402
import torch  # noqa: E402

from tests.interop.cases import FAR, KERAS, LENGTH, OPTAX, OURS, TORCH  # noqa: E402

warnings.simplefilter("ignore")
PATH = Path(__file__).with_name("tables.json")
CLOCK = [*range(LENGTH), *FAR]


def torch_rates(make, lr):
    """The rates of LENGTH epochs; fewer where the scheduler ends."""
    optimizer = torch.optim.SGD([torch.zeros(1, dtype=torch.float64, requires_grad=True)], lr=lr)
    scheduler, rates = make(optimizer), []
    for _ in range(LENGTH):
        rates.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        try:
            scheduler.step()
        except ValueError:                               # OneCycleLR beyond its last step
            break
    return rates


def torch_table(name, parameters):
    own = dict(parameters)
    base = own.pop("base_lr") if name != "CyclicLR" else own["base_lr"]
    return torch_rates(lambda optimizer: getattr(torch.optim.lr_scheduler, name)(optimizer, **own), base)


def torch_named(name, parameters):
    """OneCycleLR sets its own base rate, and extrapolates for one epoch beyond its total before it raises."""
    if name != "OneCycleLR":
        return torch_table(name, parameters)
    total = parameters.get("total_steps") or parameters["epochs"] * parameters["steps_per_epoch"]
    return torch_table(name, {"base_lr": 0.1, **parameters})[:total]


def optax_table(name, parameters):
    own = dict(parameters)
    if own.get("boundaries_and_scales"):
        own["boundaries_and_scales"] = {int(b): scale for b, scale in own["boundaries_and_scales"].items()}
    schedule = getattr(optax.schedules, name)(**own)
    return [float(schedule(k)) for k in CLOCK]


def optax_driven(schedule):
    """What gradient descent subtracts of a unit gradient."""
    transform = optax.sgd(schedule)
    weights = jax.numpy.zeros(1)
    state, rates = transform.init(weights), []
    for _ in range(LENGTH):
        update, state = transform.update(jax.numpy.ones(1), state, weights)
        rates.append(-float(update[0]))
    return rates


def keras_table(name, parameters):
    schedule = getattr(keras.optimizers.schedules, name)(**parameters)
    return [float(schedule(k)) for k in CLOCK]


def keras_driven(schedule):
    """What the callback sets at the begin of every epoch."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.SGD(1.0), loss="mse")
    callback, rates = keras.callbacks.LearningRateScheduler(schedule), []
    callback.set_model(model)
    for epoch in range(LENGTH):
        callback.on_epoch_begin(epoch)
        rates.append(float(model.optimizer.learning_rate))
    return rates


def main():
    made = {"torch": [(torch_named, case) for case in TORCH], "optax": [(optax_table, case) for case in OPTAX],
            "keras": [(keras_table, case) for case in KERAS]}
    tables = {
        "versions": {name: version(name) for name in ("torch", "optax", "jax", "keras")},
        "clock": CLOCK,
        "theirs": {library: [{"name": name, "parameters": parameters, "rates": table(name, parameters)}
                             for table, (name, parameters) in cases] for library, cases in made.items()},
        "driven": {repr(s): {"torch": torch_rates(lambda o, s=s: torch.optim.lr_scheduler.LambdaLR(o, s), 1.0),
                             "optax": optax_driven(s), "keras": keras_driven(s)} for s in OURS},
    }
    text = json.dumps(tables, indent=0)
    PATH.write_text(text.replace(",\n", ", ").replace("[\n", "[").replace("\n]", "]") + "\n")
    print(f"{PATH.name}: {sum(len(cases) for cases in made.values())} schedulers, {len(OURS)} of ours, "
          f"{np.round(len(text) / 1024)} KiB")


if __name__ == "__main__":
    main()
