"""Laws of the user's own, in Python and as C functions: equal to the built-in ones, safe where they fail."""

from __future__ import annotations

import copy
import ctypes
import functools
import importlib.util
import pickle
import shlex
import shutil
import subprocess
import sys
import sysconfig
import threading
from pathlib import Path

import numpy as np
import pytest

import gainsched as gs
from gainsched.checks import gains as gain_checks

SOURCE = Path(__file__).with_name("own_law.c")
KJ, RMS = gs.KwongJohnston(), gs.RMSProp(rate=0.01, beta=0.9, eps=1e-4)


def kwong_johnston(gain, e, g, u, memory):
    last, seen = memory
    memory[:] = e * e, 1.0
    return 0.97 * gain + 4.8e-4 * last if seen else gain


def rmsprop(gain, e, g, u, memory):
    memory[0] = 0.9 * memory[0] + (1.0 - 0.9) * g * g
    return 0.01 / (np.sqrt(memory[0]) + 1e-4)


def keep(gain, e, g, u, memory):
    return gain


def signals(samples=6000, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(samples)
    return x, np.convolve(x, [0.8, -0.4, 0.2])[:samples] + 0.1 * rng.standard_normal(samples)


def alike(a, b):
    """To rounding: the built-in law takes its powers, roots and quotients in vector passes with fused additions."""
    for name in ("y", "e", "w", "gain"):
        one, other = getattr(a, name), getattr(b, name)
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-12 * np.abs(other).max(), err_msg=name)


def same(a, b):
    for name in ("y", "e", "w", "gain"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name), err_msg=name)


def traced(law, model=4, **options):
    return gs.LMS(model).run(*signals(), gain=law, record=gs.Record(gain=1), **options)


# -- PythonLaw ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"low": 0.012, "high": 0.02}, {"rate_limit": 1e-5}, {"saturate": False}], ids=str)
@pytest.mark.parametrize("compensator", [None, gs.HeavyBall(0.5)], ids=repr)
def test_python_law_is_the_built_in_one(options, compensator):
    same(traced(gs.PythonLaw(kwong_johnston, memory=2, **options), compensator=compensator),
         traced(gs.KwongJohnston(**options), compensator=compensator))


@pytest.mark.parametrize("options", [{}, {"high": 0.02}, {"rate_limit": 1e-4}], ids=str)
def test_python_law_per_weight_is_the_built_in_one(options):
    built_in = gs.RMSProp(rate=0.01, beta=0.9, eps=1e-4, **options)
    alike(traced(gs.PythonLaw(rmsprop, memory=1, start=0, per_weight=True, **options)), traced(built_in))


@pytest.mark.parametrize("law", [gs.PythonLaw(kwong_johnston, memory=2), gs.PythonLaw(rmsprop, memory=1, per_weight=True)], ids=repr)
@pytest.mark.parametrize("check", [gain_checks.drives_a_loop, gain_checks.chunked_is_whole, gain_checks.survives_a_burst,
                                   gain_checks.refuses_bad_parameters, gain_checks.docstring_is_a_page], ids=lambda c: c.__name__)
def test_python_law_passes_the_common_checks(law, check):
    check(law)


def test_python_law_within_a_schedule():
    schedule = gs.Cosine(1.0, 0.1, 3000)
    same(traced(schedule * gs.PythonLaw(kwong_johnston, memory=2)), traced(schedule * KJ))


def test_python_law_sees_correction_and_reach():
    seen = []

    def look(gain, e, g, u, memory):
        seen.append((gain, e, g, u))
        return 0.25

    x, d = np.array([1.0, 2.0, -1.0]), np.array([3.0, 1.0, 2.0])
    run = gs.NLMS(2).run(x, d, gain=gs.PythonLaw(look, start=0.5))
    u = np.array([[1.0, 0.0], [2.0, 1.0], [-1.0, 2.0]])
    for k, (gain, e, g, reach) in enumerate(seen):
        assert (gain, e) == (0.5 if k == 0 else 0.25, run.e[k])
        np.testing.assert_array_equal(reach, u[k])
        np.testing.assert_allclose(g, e * u[k] / (1e-6 + u[k] @ u[k]), rtol=1e-15)


def test_steps_are_a_run():
    law = gs.PythonLaw(kwong_johnston, memory=2)
    x, d = signals(300)
    loop = gs.Loop(gs.LMS(4), gain=law)
    assert np.array_equal([loop.step(a, b) for a, b in zip(x, d, strict=True)], gs.LMS(4).run(x, d, gain=law).y)


def test_halves_are_a_step():
    law = gs.PythonLaw(kwong_johnston, memory=2)
    x, d = signals(100)
    halves, whole = gs.Loop(gs.LMS(4), gain=law), gs.Loop(gs.LMS(4), gain=KJ)
    for a, b in zip(x, d, strict=True):
        halves.correct(b - halves.predict(a))
        whole.correct(b - whole.predict(a))
    np.testing.assert_array_equal(halves.w, whole.w)


def test_threads_have_memories_of_their_own():
    X, D = (np.stack(s) for s in zip(*(signals(1500, seed) for seed in range(4)), strict=True))
    runs = gs.Loop(gs.LMS(4), gain=gs.PythonLaw(kwong_johnston, memory=2)).run_many(X, D, workers=3)
    for run, x, d in zip(runs, X, D, strict=True):
        np.testing.assert_array_equal(run.e, gs.LMS(4).run(x, d, gain=KJ).e)


def test_memory_begins_as_given_and_lies_in_the_state():
    def count(gain, e, g, u, memory):
        memory += 1
        return gain

    loop = gs.Loop(gs.LMS(2), gain=gs.PythonLaw(count, memory=[[1.0, 2.0], [3.0, 4.0]]))
    loop.run(*signals(10))
    np.testing.assert_array_equal(loop.state["gain_memory"], [[11.0, 12.0], [13.0, 14.0]])
    other = gs.Loop(gs.LMS(2), gain=gs.PythonLaw(count, memory=[[0.0, 0.0], [0.0, 0.0]]))
    other.state = loop.state
    other.run(*signals(1))
    assert other.state["gain_memory"][0, 0] == 12.0
    assert loop.state["gain_memory"][0, 0] == 11.0
    loop.reset()
    assert loop.state["gain_memory"][0, 0] == 1.0


def test_pickled_loop_goes_on():
    x, d = signals(600)
    loop = gs.Loop(gs.LMS(4), gain=gs.PythonLaw(kwong_johnston, memory=2))
    loop.run(x[:300], d[:300])
    again = pickle.loads(pickle.dumps(loop))
    np.testing.assert_array_equal(again.run(x[300:], d[300:]).e, loop.run(x[300:], d[300:]).e)
    with pytest.raises((pickle.PicklingError, AttributeError)):
        pickle.dumps(gs.Loop(gs.LMS(4), gain=gs.PythonLaw(lambda *a: 0.1)))


def test_swap_takes_over_the_gain_in_force():
    x, d = signals(400)
    loop = gs.Loop(gs.LMS(4), gain=KJ)
    loop.run(x[:200], d[:200])
    loop.swap(gain=gs.PythonLaw(keep))
    run = loop.run(x[200:], d[200:], record=gs.Record(gain=1))
    assert run.gain[0] == run.gain[-1] != 0.01


class Boom(Exception):
    pass


def failing(at, error):
    """A law that raises at its at-th call, counted outside the loop."""
    calls = []

    def law(gain, e, g, u, memory):
        calls.append(1)
        if len(calls) == at:
            raise error
        memory[0] += 1.0
        return gain

    return gs.PythonLaw(law, memory=1)


@pytest.mark.parametrize("filter", [gs.LMS(4), gs.RLS(4), gs.NLMS(gs.ARX(2, 2, 1))], ids=repr)
@pytest.mark.parametrize("at", [1, 100, 4097, 5001])
def test_exception_comes_out_and_the_state_is_as_before(filter, at):
    x, d = signals()
    loop = gs.Loop(filter, gain=failing(at + 37, Boom("in the law")))
    loop.run(x[:37], d[:37])
    before = loop.state
    with pytest.raises(Boom, match="in the law") as caught:
        loop.run(x, d)
    assert "law" in [entry.name for entry in caught.traceback]
    assert loop.state == before
    assert str(loop.status) == "done"
    loop.run(x, d)                                            # it raises once only: the loop is sound
    assert loop.n == 6037


def test_exception_in_a_step_and_in_correct():
    loop = gs.Loop(gs.LMS(2), gain=failing(1, Boom()))
    before = loop.state
    with pytest.raises(Boom):
        loop.step(1.0, 2.0)
    assert loop.state == before
    loop = gs.Loop(gs.LMS(2), gain=failing(1, Boom()))
    loop.predict(1.0)
    before = loop.state
    with pytest.raises(Boom):
        loop.correct(2.0)
    assert loop.state == before
    loop.correct(2.0)
    np.testing.assert_array_equal(loop.w, [0.02, 0.0])


def test_exception_in_a_thread():
    X = np.ones((3, 50))
    loop = gs.Loop(gs.LMS(2), gain=failing(70, Boom()))
    with pytest.raises(Boom):
        loop.run_many(X, X, workers=2)
    assert loop.n == 0


def test_interruption_within_a_law_keeps_what_was_done():
    x, d = signals()
    loop = gs.Loop(gs.LMS(4), gain=failing(5000, KeyboardInterrupt()))
    with pytest.raises(gs.Interrupted) as caught:
        loop.run(x, d, record=gs.Record(gain=1, weights=1))
    run = caught.value.run
    assert loop.n == run.n == 4096 == len(run.gain) == len(run.weights)
    rest = loop.run(x[4096:], d[4096:], record=gs.Record(gain=1, weights=1))
    same(gs.LMS(4).run(x, d, gain=failing(0, Boom()), record=gs.Record(gain=1, weights=1)), run + rest)


@pytest.mark.parametrize(("answer", "words"), [
    (None, ["must be a number", "None"]), (float("nan"), ["must be finite", "nan"]), ("0.1", ["must be a number", "'0.1'"]),
    ([0.1], ["must be a number"]), (1j, ["must be a number"]), (True, ["must be a number", "True"]),
    (float("inf"), ["must be finite", "inf"])], ids=repr)
def test_wrong_answer_is_refused(answer, words):
    law = gs.PythonLaw(lambda gain, e, g, u, memory: 0.1 if e == 3.0 else answer)
    loop = gs.Loop(gs.LMS(2), gain=law)
    with pytest.raises((TypeError, ValueError)) as caught:
        loop.run([1.0, 1.0], [3.0, 0.0])
    assert all(word in str(caught.value) for word in [*words, "PythonLaw(<lambda>)", "sample 1"]), caught.value
    assert loop.n == 0
    assert not loop.w.any()


@pytest.mark.parametrize(("answer", "words"), [
    (None, ["None"]), (0.1, ["shape", "()"]), ([0.1], ["shape", "(1,)"]), ([0.1, float("nan")], ["nan", "finite"]),
    (["a", "b"], ["2 numbers"])], ids=repr)
def test_wrong_answer_per_weight_is_refused(answer, words):
    law = gs.PythonLaw(lambda *_: answer, per_weight=True)
    with pytest.raises((TypeError, ValueError)) as caught:
        gs.LMS(2).run([1.0], [1.0], gain=law)
    assert all(word in str(caught.value) for word in [*words, "sample 0"]), caught.value


def test_a_law_may_not_call_its_loop():
    loop = gs.Loop(gs.LMS(2), gain=gs.PythonLaw(lambda *_: loop.step(1.0, 1.0)))
    for call in (lambda: loop.run([1.0], [1.0]), lambda: loop.step(1.0, 1.0)):
        with pytest.raises(RuntimeError, match="may not call it back"):
            call()
    assert loop.n == 0


def test_other_threads_wait_for_the_law():
    inside, go = threading.Event(), threading.Event()

    def wait(gain, e, g, u, memory):
        inside.set()
        assert go.wait(10)
        return gain

    loop = gs.Loop(gs.LMS(2), gain=gs.PythonLaw(wait))
    runner = threading.Thread(target=loop.run, args=([1.0], [1.0]))
    runner.start()
    assert inside.wait(10)
    stepper = threading.Thread(target=loop.run, args=([1.0], [1.0]))
    stepper.start()
    go.set()
    runner.join(10)
    stepper.join(10)
    assert loop.n == 2


def test_save_and_json_refuse_a_python_law_by_name(tmp_path):
    for gain in (gs.PythonLaw(keep), gs.Constant(0.5) * gs.PythonLaw(keep)):
        with pytest.raises(TypeError, match=r"PythonLaw\(keep\).*save"):
            gs.Loop(gs.LMS(2), gain=gain).save(tmp_path / "loop.npz")
    assert not list(tmp_path.iterdir())


def test_python_law_says_what_it_is():
    law = gs.PythonLaw(keep, memory=[1, 2])
    assert "slow" in repr(law) and "keep" in repr(law) and "slow" in gs.PythonLaw.__doc__
    assert law == gs.PythonLaw(keep, memory=np.array([1.0, 2.0])) and hash(law) == hash(copy.copy(law))


@pytest.mark.parametrize(("options", "words"), [
    ({"f": 3}, ["f", "callable", "3"]), ({"memory": -1}, ["memory", "-1", ">= 0"]), ({"memory": "x"}, ["memory", "'x'"]),
    ({"memory": [np.nan]}, ["memory", "finite"]), ({"memory": True}, ["memory", "True"]), ({"memory": 1.5}, ["memory", "1.5"]),
    ({"memory": [[1.0], [1.0, 2.0]]}, ["memory"]), ({"start": -1.0}, ["start", "-1"]), ({"per_weight": 1}, ["per_weight", "1"])], ids=str)
def test_refused_python_laws(options, words):
    with pytest.raises((TypeError, ValueError)) as caught:
        gs.PythonLaw(**{"f": keep, **options})
    assert all(word in str(caught.value) for word in ["PythonLaw", *words]), caught.value


def test_python_law_drives_no_forgetting():
    with pytest.raises(ValueError, match="must be a law for the forgetting"):
        gs.Loop(gs.RLS(2), forgetting=gs.PythonLaw(keep))


# -- CompiledLaw -------------------------------------------------------------------------------------------------------

POINTER = ctypes.POINTER(ctypes.c_double)
SIGNATURE = ctypes.CFUNCTYPE(None, ctypes.c_int64, ctypes.c_double, POINTER, POINTER, ctypes.c_int64, POINTER, POINTER, POINTER)
PARAMS = {"kwong_johnston": (0.97, 4.8e-4), "rmsprop": (0.01, 0.9, 1e-4)}
OPTIONS = {"kwong_johnston": {"memory": 2}, "rmsprop": {"memory": 1, "per_weight": True, "start": 0}}
BUILT_IN = {"kwong_johnston": KJ, "rmsprop": RMS}


@SIGNATURE
def from_ctypes(k, e, g, u, n, params, memory, gains):
    if memory[1]:
        gains[0] = params[0] * gains[0] + params[1] * memory[0]
    memory[0], memory[1] = e * e, 1.0


@functools.cache
def extension(folder):
    """The C file as an extension module, built by the system's compiler."""
    compiler = shlex.split(sysconfig.get_config_var("CC") or "cc")[0]
    if sys.platform == "win32" or shutil.which(compiler) is None:
        pytest.skip("no C compiler to call in this way")
    target = Path(folder) / f"own_law{sysconfig.get_config_var('EXT_SUFFIX')}"
    link = ["-undefined", "dynamic_lookup"] if sys.platform == "darwin" else []
    subprocess.run([compiler, "-O2", "-ffp-contract=off", "-shared", "-fPIC", "-Wall", "-Werror", *link,
                    f"-I{sysconfig.get_path('include')}", f"-I{gs.CompiledLaw.include()}", str(SOURCE), "-o", str(target), "-lm"],
                   check=True, capture_output=True, text=True)
    spec = importlib.util.spec_from_file_location("own_law", target)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def capsules(tmp_path_factory):
    return extension(tmp_path_factory.getbasetemp())


@functools.cache
def from_numba():
    numba = pytest.importorskip("numba")
    real, whole = numba.types.CPointer(numba.float64), numba.int64
    signature = numba.void(whole, numba.float64, real, real, whole, real, real, real)

    @numba.cfunc(signature)
    def kwong_johnston(k, e, g, u, n, params, memory, gains):
        if memory[1] != 0.0:
            gains[0] = params[0] * gains[0] + params[1] * memory[0]
        memory[0] = e * e
        memory[1] = 1.0

    @numba.cfunc(signature)
    def rmsprop(k, e, g, u, n, params, memory, gains):
        for i in range(n):
            memory[i] = params[1] * memory[i] + (1.0 - params[1]) * g[i] * g[i]
            gains[i] = params[0] / (np.sqrt(memory[i]) + params[2])

    return {"kwong_johnston": kwong_johnston, "rmsprop": rmsprop}


@pytest.fixture(params=["capsule/kwong_johnston", "capsule/rmsprop", "numba/kwong_johnston", "numba/rmsprop", "ctypes/kwong_johnston"])
def compiled(request):
    """(a constructor of the compiled law, the built-in law it must equal)."""
    way, name = request.param.split("/")
    hook = {"capsule": lambda: getattr(request.getfixturevalue("capsules"), name), "numba": lambda: from_numba()[name],
            "ctypes": lambda: from_ctypes}[way]()
    return (lambda **options: gs.CompiledLaw(hook, params=PARAMS[name], **{**OPTIONS[name], **options})), BUILT_IN[name]


@pytest.mark.parametrize("options", [{}, {"low": 0.012, "high": 0.02}, {"rate_limit": 1e-5}, {"saturate": False, "high": 0.05}], ids=str)
def test_compiled_law_is_the_built_in_one(compiled, options):
    law, built_in = compiled
    limited = type(built_in)(**{**{p.name: getattr(built_in, p.name) for p in built_in.parameters()}, **options})
    equal = alike if built_in.per_weight else same
    equal(traced(law(**options)), traced(limited))


def test_compiled_law_passes_the_common_checks(compiled):
    for check in (gain_checks.drives_a_loop, gain_checks.chunked_is_whole, gain_checks.survives_a_burst,
                  gain_checks.refuses_bad_parameters, gain_checks.docstring_is_a_page):
        check(compiled[0]())


def test_compiled_law_within_a_schedule_over_other_filters_and_threads(compiled):
    law, built_in = compiled
    equal = alike if built_in.per_weight else same
    schedule = gs.Cosine(1.0, 0.1, 3000)
    equal(traced(schedule * law()), traced(schedule * built_in))
    x, d = signals()
    for filter in (gs.NLMS(gs.FIR(3, channels=2)), gs.SignErrorLMS(4), gs.APA(4), gs.RLS(gs.ARX(2, 2, 1))):
        inputs = np.stack([x, x[::-1]], axis=1) if filter.model.channels == 2 else x
        mine, other = (filter.run(inputs, d, gain=gain, record=gs.Record(gain=1)) for gain in (law(), built_in))
        equal(mine, other)
    runs = gs.Loop(gs.LMS(4), gain=law()).run_many(np.stack([x, -x]), np.stack([d, d]), workers=2,
                                                           record=gs.Record(gain=1))
    equal(runs[0], gs.LMS(4).run(x, d, gain=built_in, record=gs.Record(gain=1)))


def test_compiled_law_neither_pickles_nor_saves(compiled, tmp_path):
    loop = gs.Loop(gs.LMS(2), gain=compiled[0]())
    for refused in (lambda: loop.save(tmp_path / "x.npz"), lambda: pickle.dumps(loop), lambda: pickle.dumps(loop.gain)):
        with pytest.raises(TypeError, match="CompiledLaw holds a C function"):
            refused()
    loop.run(*signals(50))
    again = gs.Loop(gs.LMS(2), gain=compiled[0]())
    again.state = loop.state                                   # what the message advises
    np.testing.assert_array_equal(again.run(*signals(50)).e, loop.run(*signals(50)).e)


def test_nan_of_a_compiled_law_is_divergence():
    @SIGNATURE
    def broken(k, e, g, u, n, params, memory, gains):
        gains[0] = float("nan") if k == 3 else 0.1

    run = gs.LMS(2).run(*signals(10), gain=gs.CompiledLaw(broken), on_divergence="stop")
    assert (run.stopped_at, str(run.status)) == (3, "diverged")
    assert np.isfinite(run.w).all()


def test_wrong_capsules_are_refused(capsules):
    with pytest.raises(ValueError, match=r"name must be 'gainsched.law.v1', got 'somebody.else.v2'"):
        gs.CompiledLaw(capsules.other)
    with pytest.raises(ValueError, match=r"name must be 'gainsched.law.v1', got None"):
        gs.CompiledLaw(capsules.nameless)


def test_wrong_hooks_are_refused():
    class Addressed:
        def __init__(self, address):
            self.address = address

    narrow = ctypes.CFUNCTYPE(None, ctypes.c_int64, ctypes.c_float, POINTER, POINTER, ctypes.c_int64, POINTER, POINTER, POINTER)
    answers = ctypes.CFUNCTYPE(ctypes.c_double, *SIGNATURE._argtypes_)
    short = ctypes.CFUNCTYPE(None, ctypes.c_int64)
    for hook, words in ((3, ["3", "PyCapsule"]), (None, ["None"]), (kwong_johnston, ["PyCapsule", "numba", "ctypes"]),
                        (Addressed(0), ["address", "0"]), (Addressed("x"), ["PyCapsule"]), (SIGNATURE(), ["PyCapsule"]),
                        (narrow(lambda *_: None), ["c_float", "double e"]), (answers(lambda *_: 0.0), ["c_double(", "void("]),
                        (short(lambda *_: None), ["void(c_long)" if ctypes.c_int64 is ctypes.c_long else "void(", "gains"])):
        with pytest.raises((TypeError, ValueError)) as caught:
            gs.CompiledLaw(hook)
        assert all(word in str(caught.value) for word in ["CompiledLaw: hook", *words]), caught.value


def test_wrong_numba_signature_is_refused():
    numba = pytest.importorskip("numba")
    with pytest.raises(TypeError, match="must be void"):
        gs.CompiledLaw(numba.cfunc("float64(float64)")(lambda e: e))


@pytest.mark.parametrize("params", ["x", [np.nan], [[1.0]], 3.0, None], ids=repr)
def test_wrong_params_are_refused(params):
    with pytest.raises((TypeError, ValueError), match="CompiledLaw: params must be finite numbers"):
        gs.CompiledLaw(from_ctypes, params=params)


def test_compiled_law_says_what_it_is():
    law = gs.CompiledLaw(from_ctypes, params=[1], memory=2)
    assert law == gs.CompiledLaw(from_ctypes, params=(1.0,), memory=2)
    assert "CompiledLaw" in repr(law)
    assert (Path(gs.CompiledLaw.include()) / "law.h").is_file()
