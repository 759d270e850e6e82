"""The little language: what it builds, and how what is wrong is told."""

from __future__ import annotations

import pytest

import gainsched as gs
from gainsched.cli.specs import compensator_from, filter_from, gain_from, schedule_from
from gainsched.cli.syntax import call, split, system

PLANT, MODEL = ([0.1], [1, -0.9]), ([0.2], [1, -0.9])


@pytest.mark.parametrize(("text", "expected"), [
    ("nlms:32", gs.NLMS(32)),
    ("NLMS:8,eps=1e-6", gs.NLMS(8, eps=1e-6)),
    ("nlms:taps=8,eps=1e-4", gs.NLMS(8, eps=1e-4)),
    ("nlms:eps=1e-4,taps=8", gs.NLMS(8, eps=1e-4)),
    ("nlms(8, eps=1e-4)", gs.NLMS(8, eps=1e-4)),
    ("nlms:fir(8,channels=2)", gs.NLMS(gs.FIR(taps=8, channels=2))),
    ("nlms:8,channels=2", gs.NLMS(gs.FIR(taps=8, channels=2))),
    ("rls:fir(8),delta=100", gs.RLS(8, delta=100)),
    ("rls:arx(na=2,nb=2,nk=3)", gs.RLS(gs.ARX(na=2, nb=2, nk=3))),
    ("rls:model=arx(2,2)", gs.RLS(gs.ARX(na=2, nb=2))),
    ("apa:16,order=3", gs.APA(16, order=3)),
    ("sign-error-lms:4", gs.SignErrorLMS(4)),
    ("sign_error_lms:4", gs.SignErrorLMS(4)),
    ("delayedlms:4,delay=3", gs.DelayedLMS(4, delay=3)),
    ("fxlms:32,secondary=[0,0.5,0.2]", gs.FxLMS(32, secondary=[0, 0.5, 0.2])),
    ("mitrule:1,plant=[0.1]/[1,-0.9],reference=[0.2]/[1,-0.9]", gs.MITRule(1, plant=PLANT, reference=MODEL)),
    ("mit-rule:1,[0.1]/[1,-0.9],[0.2]/[1,-0.9],normalized=true", gs.MITRule(1, PLANT, MODEL, normalized=True)),
])
def test_filters(text, expected):
    assert filter_from(text) == expected


@pytest.mark.parametrize(("text", "channels", "expected"), [
    ("nlms:8", 2, gs.NLMS(gs.FIR(taps=8, channels=2))),
    ("nlms:fir(8)", 3, gs.NLMS(gs.FIR(taps=8, channels=3))),
    ("rls:arx(2,2)", 2, gs.RLS(gs.ARX(na=2, nb=2, channels=2))),
    ("nlms:fir(8,channels=2)", 3, gs.NLMS(gs.FIR(taps=8, channels=2))),
    ("nlms:8", 1, gs.NLMS(8)),
])
def test_channels_come_from_the_data_where_the_spec_does_not_say(text, channels, expected):
    assert filter_from(text, channels) == expected


@pytest.mark.parametrize(("text", "expected"), [
    ("0.5", 0.5), (".5", 0.5), ("1e-3", 1e-3),
    ("constant:0.5", gs.Constant(0.5)),
    ("exponential:start=1,rate=.5,every=2000", gs.Exponential(1, 0.5, every=2000)),
    ("Exponential:1,.5,2000,floor=.05", gs.Exponential(1, 0.5, every=2000, floor=0.05)),
    ("inverse-time:1,.1,staircase=yes", gs.InverseTime(1, 0.1, staircase=True)),
    ("cosine:1,0,1000,warmup=10", gs.Cosine(1, 0, 1000).warmup(10)),
    ("kwongjohnston:alpha=.9,gamma=4.8e-4,high=inf", gs.KwongJohnston(alpha=0.9, gamma=4.8e-4)),
    ("kwong_johnston:.9", gs.KwongJohnston(alpha=0.9)),
    ("rmsprop:rate=1e-2,low=0,high=1", gs.RMSProp(rate=1e-2, high=1)),
    ("rmsprop", gs.RMSProp()),
    ("piecewise-constant:boundaries=[100,200],values=[1,.5,.1]", gs.PiecewiseConstant([100, 200], [1, 0.5, 0.1])),
    ("piecewise-linear:[0,200],[1,.5]", gs.PiecewiseLinear([0, 200], [1, 0.5])),
    ("cyclic:.1,1,50,exp_range,gamma=.99", gs.Cyclic(0.1, 1, 50, "exp_range", 0.99)),
    ("inverse-sqrt:1,warmup=100", gs.InverseSqrt(1, 100)), ("warmup-stable-decay:1,warmup=3,stable=4,decay=5", gs.WarmupStableDecay(1, 3, 4, 5)),
    ("cosine:1,0,1000 | warmup:100 | clip:low=.1", gs.Cosine(1, 0, 1000).warmup(100).clip(low=0.1)),
    ("cosine:1,0,1000|warmup:100,start=.1|hold:10", gs.Cosine(1, 0, 1000).warmup(100, start=0.1).hold(10)),
    ("cosine(1,0,1000) | shift:3 | repeat:50 | noisy:sigma=.1,seed=2", gs.Cosine(1, 0, 1000).shift(3).repeat(50).noisy(0.1, 2)),
    ("0.5 * cosine:1,0,1000", 0.5 * gs.Cosine(1, 0, 1000)), ("cosine:1,0,1000 * 1e+0", 1.0 * gs.Cosine(1, 0, 1000)),
    ("1e+0 + step:1,.5,10", 1.0 + gs.Step(1, 0.5, 10)),
    ("step:1,.5,10 + 0.5 * cosine:1,0,9 + .1", gs.Step(1, 0.5, 10) + 0.5 * gs.Cosine(1, 0, 9) + 0.1),
    ("(step:1,.5,10 + .1) * tanh:1,0,50", (gs.Step(1, 0.5, 10) + 0.1) * gs.Tanh(1, 0, 50)),
    ("(cosine:1,0,9 | warmup:3) * step:1,.5,10 | warmup:7", (gs.Cosine(1, 0, 9).warmup(3) * gs.Step(1, 0.5, 10)).warmup(7)),
    ("cosine:1,.1,90 | then:(0.5 * step:1,.5,10 | hold:3),at=40", gs.Cosine(1, 0.1, 90).then((0.5 * gs.Step(1, 0.5, 10)).hold(3), at=40)),
    ("cosine:1,.1,90 | then:step(1,.5,10),at=40", gs.Cosine(1, 0.1, 90).then(gs.Step(1, 0.5, 10), at=40)),
    ("rmsprop:.01 | warmup:100", gs.Warmup(100) >> gs.RMSProp(rate=0.01)), ("0.5 * rmsprop:.01", 0.5 * gs.RMSProp(rate=0.01)),
    ("kwongjohnston | clip:high=.05", gs.KwongJohnston(high=0.05)),
    ("cosine:1,0,50 * (rmsprop:.01 | clip:high=.1)", gs.Cosine(1, 0, 50) * gs.RMSProp(rate=0.01, high=0.1)),
    ("0.5 | warmup:10", gs.Constant(0.5).warmup(10)), ("2 * .25", 0.5),
])
def test_gains(text, expected):
    assert gain_from(text) == expected


@pytest.mark.parametrize("family", ["schedule", "law", "filter"])
def test_every_registered_name_is_understood(family):
    from gainsched import registry

    for name in registry.names(family):
        with pytest.raises((ValueError, TypeError)) as error:
            (filter_from if family == "filter" else gain_from)(f"{name}:no_such=1")
        assert "no parameter 'no_such'" in str(error.value)


@pytest.mark.parametrize(("text", "words"), [
    ("nlmz:8", ["nlmz", "NLMS"]),
    ("nlms:8,epz=1", ["epz", "Did you mean 'eps'"]),
    ("nlms", ["NLMS needs model"]),
    ("nlms:8.5", ["taps", "integer", "8.5"]),
    ("nlms:0", ["taps", ">= 1"]),
    ("nlms:8,eps=x", ["eps", "'x' is not a number"]),
    ("nlms:8,eps=-1", ["eps", "-1"]),
    ("nlms:8,taps=3", ["given twice"]),
    ("nlms:8,eps=1,eps=2", ["given twice"]),
    ("nlms:eps=1,8", ["follows named arguments"]),
    ("nlms:8,,", ["empty"]),
    ("nlms:abc", ["abc"]),
    ("nlms:1,2,3", ["at most"]),
    ("rls:fir(8,delta=100", ["')' is missing"]),
    ("rls:fir(8))", ["no opening bracket"]),
    ("rls:fir(8]", ["no opening bracket"]),
    ("mitrule:1", ["needs plant, reference"]),
    ("mitrule:1,plant=[0.1]/[1]/[2],reference=[1]", ["no system"]),
    ("mitrule:1,plant=[],reference=[1]", ["no number"]),
    ("mitrule:1,plant=[1],reference=[1],normalized=maybe", ["neither true nor false"]),
    ("", ["no spec"]), ("nlms 8", ["no spec"]), ("nlms(8)x", ["closing parenthesis"]),
    ("__import__('os').system('true')", ["no filter called '__import__'"]),
    ("nlms:__import__('os')", ["__import__"]),
])
def test_wrong_filters(text, words):
    with pytest.raises((ValueError, TypeError)) as error:
        filter_from(text)
    message = str(error.value)
    assert "\n" not in message
    assert all(word in message for word in words), message


@pytest.mark.parametrize(("text", "words"), [
    ("cosin:1", ["cosin", "Cosine"]), ("foo", ["foo", "KwongJohnston", "Step"]),
    ("exponential:start=1", ["needs rate"]), ("step:1,.5,2.5", ["every", "integer"]),
    ("cosine:1,0,1000,warmup=.5", ["warmup", "integer"]),
    ("cosine:1,0,9 | warmpu:3", ["| warmpu: there is no such step", "warmup"]), ("cosine:1,0,9 | warmup", ["| warmup needs steps"]),
    ("cosine:1,0,9 | clip:lo=1", ["clip has no parameter 'lo'", "'low'"]), ("rmsprop | hold:3", ["| hold: RMSProp is a law; a law takes warmup and clip"]),
    ("rmsprop * 2", ["RMSProp and float do not go together"]), ("(cosine:1,0,9", ["')' is missing"]),
    ("(cosine:1,0,9)x", ["nothing may follow"]), ("cosine:1,0,9 + ", ["no spec"]), ("| warmup:3", ["no spec"]),
    ("function:3", ["a function is code"]), ("cosine:1,0,9 | then:rmsprop,at=3", ["RMSProp is a law"]),
    ("piecewise-constant:[1,a],[1,2,3]", ["boundaries", "'a' is not a number"]), ("step:1,.5,10 | hold:.5", ["integer >= 1", "0.5"]),
    ("cosine:1,0,9 | shift:3 4", ["'3 4' is not a number"]), ("kwongjohnston:warmup=3", ["no parameter 'warmup'"]),
])
def test_wrong_gains(text, words):
    with pytest.raises((ValueError, TypeError)) as error:
        gain_from(text)
    assert all(word in str(error.value) for word in words), error.value


def test_schedules():
    assert schedule_from("0.5") == gs.Constant(0.5)
    with pytest.raises(ValueError, match="is a law"):
        schedule_from("rmsprop")


def test_syntax():
    assert call(" rls : fir(8, channels=2) , delta=100 ") == call("rls:fir(8, channels=2),delta=100")
    assert split("a,(b,c),[d,e]", ",") == ["a", "(b,c)", "[d,e]"]
    assert system("[0, .5]") == [0.0, 0.5]
    assert system("1/[1,-.9]") == ([1.0], [1.0, -0.9])


@pytest.mark.parametrize(("text", "expected"), [
    ("heavy-ball:0.9", gs.HeavyBall(0.9)), ("HeavyBall:beta=.9", gs.HeavyBall(0.9)), ("nesterov(0.5)", gs.Nesterov(0.5)),
    ("gradient_ema:exponential(start=.9,rate=.5,every=100)", gs.GradientEMA(gs.Exponential(0.9, 0.5, every=100))),
    ("polyak-ruppert", gs.PolyakRuppert()), ("polyak-ruppert:100,memory=50", gs.PolyakRuppert(100, memory=50.0)),
    ("schedule-free", gs.ScheduleFree()),
])
def test_compensators(text, expected):
    assert compensator_from(text) == expected


@pytest.mark.parametrize(("text", "words"), [
    ("heavy-bull:0.9", ["heavy-bull", "HeavyBall"]), ("heavy-ball", ["HeavyBall", "beta"]),
    ("heavy-ball:1.5", ["beta", "1.5", "< 1"]), ("heavy-ball:kwong-johnston", ["law"]),
    ("polyak-ruppert:beta=.9", ["beta", "start, memory"]),
])
def test_compensators_refused(text, words):
    with pytest.raises(ValueError) as caught:
        compensator_from(text)
    for word in words:
        assert word in str(caught.value)
