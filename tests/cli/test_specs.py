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
    ("cosine:1,0,1000,warmup=.5", ["warmup", "integer"]), ("kwongjohnston:warmup=3", ["no parameter 'warmup'"]),
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
