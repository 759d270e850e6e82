"""The Optuna study behind a search: in memory, or in a file or database from which it goes on."""

from __future__ import annotations

import hashlib
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gainsched.errors import refusal
from gainsched.extras import extra
from gainsched.tuning.objective import Score

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gainsched.tuning.trials import Trial


def fingerprint(*parts: Any) -> str:
    """A hash of arrays and reprs: whether a stored study belongs to this record and question."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(np.ascontiguousarray(part).tobytes() if isinstance(part, np.ndarray) else repr(part).encode())
    return digest.hexdigest()


class Ledger:
    """Trials that were told to Optuna, and the scores it remembers.

    Parameters
    ----------
    storage : str or Path, optional
        A sqlite file (made where absent), or a URL as Optuna takes it. None: memory.
    study : str
        Name within the storage.
    question : str
        `fingerprint` of record and arguments; a study of another question is refused.
    objectives : int
        1: the score. 2: score, and margin from above.
    """

    def __init__(self, storage: str | Path | None, study: str, question: str, objectives: int) -> None:
        optuna = extra("optuna", "tune", "a search of several parameters, or with a storage,")
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        place = None if storage is None else str(storage)
        if place is not None and "://" not in place:
            place = f"sqlite:///{Path(place).resolve()}"
        self.optuna = optuna
        broken = (optuna.exceptions.OptunaError, extra("sqlalchemy.exc", "tune", "a storage").SQLAlchemyError)
        try:
            self.study: Any = optuna.create_study(storage=place, study_name=study, load_if_exists=True,
                                                  directions=["minimize"] * objectives)
        except broken as error:
            raise ValueError(refusal("tune: storage", str(storage), "must be a sqlite file that can be written, or the "
                                     "URL of a database", str(error).splitlines()[0])) from None
        held = self.study.user_attrs.get("question")
        if held is None:
            self.study.set_user_attr("question", question)
        elif held != question:
            raise ValueError(refusal("tune: storage", str(storage), f"must not hold another search named {study!r}",
                                     "Record, filter, families or seed differ: pass study='another name'."))
        self.many = objectives > 1

    def finished(self) -> list[Any]:
        """Optuna's trials that have a score, in order."""
        return [t for t in self.study.trials if t.state.is_finished() and "key" in t.user_attrs]

    def scores(self) -> dict[str, Score]:
        """What is known, by the candidate's key."""
        found = {}
        for t in self.finished():
            a = t.user_attrs
            number = {name: math.nan if a[name] is None else a[name] for name in ("error", "weight")}
            if a["status"] in ("diverged", "refused"):
                number["error"] = math.inf
            found[a["key"]] = Score(number["error"], a["status"], a["samples"], number["weight"], a["note"])
        return found

    def add(self, trials: Sequence[Trial]) -> None:
        """Enter trials of the line search."""
        for t in trials:
            state, values, steps = self._outcome(t)
            self.study.add_trial(self.optuna.trial.create_trial(
                state=state, values=values, intermediate_values=steps, user_attrs=_marks(t)))

    def tell(self, asked: Any, t: Trial) -> None:
        """Tell Optuna what a trial it asked for has scored."""
        state, values, steps = self._outcome(t)
        for name, value in _marks(t).items():
            asked.set_user_attr(name, value)
        for step, value in steps.items():
            asked.report(value, step)
        self.study.tell(asked, values, state=state)

    def _outcome(self, t: Trial) -> tuple[Any, list[float] | None, dict[int, float]]:
        """State, values and intermediate values: what stopped or diverged counts as worse than all that is done."""
        states = self.optuna.trial.TrialState
        if t.status == "done" and not self.many:
            return states.COMPLETE, [t.score], {}
        if t.status == "done" and math.isfinite(t.margin_db):
            return states.COMPLETE, [t.score, -t.margin_db], {}
        if self.many:
            return states.FAIL, None, {}
        return states.PRUNED, None, {0: t.score} if t.status == "stopped" else {}


def _marks(t: Trial) -> dict[str, Any]:
    return {"key": t.key, "phase": t.phase, "status": t.status, "samples": t.samples, "note": t.note,
            "error": t.error if math.isfinite(t.error) else None,
            "weight": t.weight if math.isfinite(t.weight) else None}
