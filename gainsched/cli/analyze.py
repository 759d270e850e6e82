"""`gainsched analyze DATA`: what theory says of a gain on a recording, in full."""

from __future__ import annotations

from gainsched.cli import console, session
from gainsched.cli.options import (
    Compensator,
    Data,
    Filter,
    Forgetting,
    Gain,
    Input,
    Json,
    Nonfinite,
    NonfiniteOption,
    Out,
    Output,
)
from gainsched.cli.run import claim, finish


def analyze(
    data: Data, input: Input, output: Output = None, filter: Filter = "nlms:32", gain: Gain = None,
    forgetting: Forgetting = None, compensator: Compensator = None, nonfinite: NonfiniteOption = Nonfinite.RAISE,
    out: Out = None, json: Json = False,
) -> None:
    """Say whether a gain is safe on a recording: range, margins, steady state, time constants."""
    job = session.prepare(data, input, output, filter=filter, gain=gain, forgetting=forgetting,
                          compensator=compensator, nonfinite=nonfinite)
    claim(out)
    outcome = session.carry_out(job)
    if outcome.report is None:
        raise console.Refused(f"{data}: {outcome.notes[-1]}")
    if json:
        console.print_json(outcome.to_dict())
    else:
        console.out().print(str(outcome.report), markup=False)
        if outcome.agreement is not None:
            console.out().print(f"\n{outcome.agreement}", markup=False)
        for text in outcome.notes:
            console.note(text)
    if out is not None:
        finish(outcome, out, quiet=json)
    console.leave(outcome.exit_code)
