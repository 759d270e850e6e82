r"""MATLAB's analysis functions under their names: `maxstep`, `msepred`, `msesim`, with their tuples.

They compute what the documentation of `dsp.LMSFilter` says, so that scripts and figures carry over. Columns are
realizations: (N, M) is N samples of M of them, (N,) is one. Signals are real or complex, without gaps and of zero mean.

What they do not tell, `gainsched.analyze` does:

===================  ==================================  =============================================================
question             here, as MATLAB documents it        `gainsched.analyze`
===================  ==================================  =============================================================
mean bound           2/(L mean abs(x)^2) = 2/tr R:       ``bounds["mean"]`` = 2/lam_max: necessary, but L times larger
                     sufficient, never necessary         for white input
mean-square bound    2/(sum lam + lam_max (Kurt + 2)):   ``range``: the exact root; equal for white input, larger for
                     every mode taken as the fastest     colored
sign algorithms      inf: no step size is too large      what theory there is; the error of a relay is as large as its
                                                         gain, and sign-data does have a bound for white Gaussian input
NLMS                 2, 2                                the same, for any signal
delay line           regressors taken as independent     the same, with a warning where the input is colored
moving weights       counted as noise                    drift, told from noise by how well tracking pays
gain                 one number                          any schedule: `msepred` follows it here, too
===================  ==================================  =============================================================
"""

from gainsched.analysis.matlab.predicted import MsePred, msepred
from gainsched.analysis.matlab.simulated import MseSim, msesim
from gainsched.analysis.matlab.step import MaxStep, maxstep

__all__ = ["MaxStep", "MsePred", "MseSim", "maxstep", "msepred", "msesim"]
