"""Search over several parameters: Optuna's tree-structured Parzen estimator, asked and told in fixed batches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gainsched.tuning.trials import BATCH

if TYPE_CHECKING:
    from collections.abc import Callable

    from gainsched.tuning.ledger import Ledger
    from gainsched.tuning.space import Dimension
    from gainsched.tuning.trials import Bench, Candidate

_SEEDS = 1_000_003          # a prime between the seeds of batches, so that neighboring seeds share none of them


@dataclass(frozen=True)
class Choice:
    """One filter with one family per port: its dimensions, and the candidate at their coordinates."""

    label: str
    dimensions: tuple[Dimension, ...]
    candidate: Callable[[dict[str, Any]], Candidate]


def sample(choices: list[Choice], ledger: Ledger, bench: Bench, count: int, seed: int) -> None:
    """Ask and tell in batches of `BATCH`, until `count` trials are in the ledger.

    The sampler of a batch is seeded by the batch's number, so that a search that was interrupted goes on as if it had
    not been. It begins where each family is the best constant gain.
    """
    from optuna.samplers import TPESampler

    by_label = {choice.label: choice for choice in choices}
    held = [t for t in ledger.finished() if t.user_attrs["phase"] == "sample"][:count]
    for first in range(0, len(held), BATCH):
        bench.run([_made(by_label, choices, t.params) for t in held[first:first + BATCH]])
    done = len(held)
    while done < count:
        ledger.study.sampler = TPESampler(seed=seed + _SEEDS * (done // BATCH))
        asked: list[Any] = []
        try:
            for i in range(done, min(done + BATCH, count)):
                if i < len(choices):                 # one at a time: what waits when Ctrl-C comes would wait for ever
                    ledger.study.enqueue_trial(_start(choices[i], len(choices) > 1))
                asked.append(ledger.study.ask())
            for trial in asked:
                _suggest(trial, by_label, choices)
            made = bench.run([_made(by_label, choices, trial.params) for trial in asked])
        except BaseException:
            for trial in asked:                      # Ctrl-C: nothing of this batch counts
                ledger.study.tell(trial, state=ledger.optuna.trial.TrialState.FAIL)
            raise
        for trial, result in zip(asked, made, strict=True):
            ledger.tell(trial, result)
        done += len(asked)


def _start(choice: Choice, several: bool) -> dict[str, Any]:
    """Where a family is the best constant gain."""
    start = {f"{choice.label}/{d.name}": d.start for d in choice.dimensions}
    return {"choice": choice.label, **start} if several else start


def _suggest(trial: Any, by_label: dict[str, Choice], choices: list[Choice]) -> None:
    label = trial.suggest_categorical("choice", list(by_label)) if len(choices) > 1 else choices[0].label
    for d in by_label[label].dimensions:
        name = f"{label}/{d.name}"
        if d.kind == "choice":
            trial.suggest_categorical(name, list(d.choices))
        elif d.kind == "integer":
            trial.suggest_int(name, round(d.low), round(d.high), log=True)
        else:
            trial.suggest_float(name, d.low, d.high, log=d.kind != "linear")


def _made(by_label: dict[str, Choice], choices: list[Choice], params: dict[str, Any]) -> Candidate:
    choice = by_label[params.get("choice", choices[0].label)]
    return choice.candidate({d.name: params[f"{choice.label}/{d.name}"] for d in choice.dimensions})
