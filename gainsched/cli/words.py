"""The words of a report, for people who have a learning rate and no control engineer."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gainsched.analysis import Report

VERDICTS = {
    "stable": "Under the assumptions above, the error power settles.",
    "unstable": "The error power grows, and the verdict names the factor per sample.",
    "not certified": "Nothing here says that it will settle, and nothing that it will not.",
}
RANGE = """Up to the bound of the mean the weights are right on the average; up to that of the mean square their swings
stay bounded, too; up to the deterministic one no step makes them worse. The range is what counts."""
GAIN = """The factor by which the loop may get stronger, by a louder input or a larger gain, until its mean diverges.
The mean square is often stricter: see the range."""
OTHERS = """How far corrections may be turned, how many samples they may be late, and both with the gain in one number
between 0 (the edge) and 1."""
EMSE = "Excess mean squared error: what weights that never rest add to the noise."
PRICE = "EMSE over noise: the price of learning. A smaller gain lowers it, and learns more slowly."
MSD = "Mean squared deviation: the squared distance of the weights from the best ones."
TIME = """Samples in which an error of the weights falls to 37 %; after three of the slowest nearly everything is
learned."""


def meanings(report: Report) -> list[tuple[str, str]]:
    """What the words that this report uses mean, in the order in which they come.

    Examples
    --------
    >>> import gainsched as gs
    >>> told = meanings(gs.analyze(gs.Loop(gs.SignErrorLMS(4), gain=0.01), gs.Excitation(1.0, noise=0.01)))
    >>> [word for word, _ in told]
    ['stable', 'range and bounds', 'EMSE', 'misadjustment', 'MSD', 'time constant']
    """
    known = {
        ("range and bounds", RANGE): report.bounds or None, ("gain margin", GAIN): report.margins,
        ("phase, delay and disk margin", OTHERS): report.margins, ("EMSE", EMSE): report.emse,
        ("misadjustment", PRICE): report.misadjustment, ("MSD", MSD): report.msd,
        ("time constant", TIME): report.time_constants}
    return [(report.verdict, VERDICTS[report.verdict]),
            *((word, " ".join(text.split())) for (word, text), value in known.items() if value is not None)]
