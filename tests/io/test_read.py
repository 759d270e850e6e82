"""Reading recordings: what comes out of every format, and what a wrong file says."""

from __future__ import annotations

import gzip
import importlib.resources
import sys
from pathlib import Path

import numpy as np
import pytest

import gainsched as gs

RNG = np.random.default_rng(1)
U, Y = RNG.standard_normal(50), RNG.standard_normal(50)


def write(tmp_path: Path, text: str, name: str = "rig.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def refused(path: Path, match: str, error: type[Exception] = ValueError, **columns: object) -> str:
    with pytest.raises(error, match=match) as caught:
        gs.read(path, **columns)  # type: ignore[arg-type]
    message = str(caught.value)
    assert "\n" not in message
    assert str(path) in message
    return message


# -- text -------------------------------------------------------------------------------------------------------

def test_csv_gives_float64_with_names_and_time(tmp_path: Path) -> None:
    path = write(tmp_path, "time,u,y\n0,1,2\n0.5,3,4\n1,5,6\n")
    x, d, time, names = gs.read(path, input="u", output="y")
    assert x.dtype == d.dtype == np.float64
    assert x.tolist() == [1, 3, 5]
    assert d.tolist() == [2, 4, 6]
    assert time.tolist() == [0, 0.5, 1]
    assert names == ("u", "y")


def test_numbers_survive_the_text_exactly(tmp_path: Path) -> None:
    path = write(tmp_path, "u,y\n" + "".join(f"{a!r},{b!r}\n" for a, b in zip(U.tolist(), Y.tolist(), strict=True)))
    signals = gs.read(path, "u", "y")
    assert np.array_equal(signals.x, U)
    assert np.array_equal(signals.d, Y)


@pytest.mark.parametrize("cell", ["", "nil", "NIL", "NaN", "nan", "NA", "null", " "])
def test_missing_cells_become_nan(tmp_path: Path, cell: str) -> None:
    path = write(tmp_path, f"u,y\n1,2\n{cell},3\n4,5\n")
    assert np.array_equal(gs.read(path, "u", "y").x, [1, np.nan, 4], equal_nan=True)


def test_only_missing_cells(tmp_path: Path) -> None:
    assert np.isnan(gs.read(write(tmp_path, "u,y\nnil,2\nnil,3\n"), "u", "y").x).all()


@pytest.mark.parametrize("wanted", ["u,v", ["u", "v"], ("u", "v"), ["u,v"], "u, v"])
def test_several_inputs(tmp_path: Path, wanted: object) -> None:
    path = write(tmp_path, "u,v,y\n1,2,3\n4,5,6\n")
    signals = gs.read(path, input=wanted, output="y")  # type: ignore[arg-type]
    assert signals.x.tolist() == [[1, 2], [4, 5]]
    assert signals.names == ("u", "v", "y")


def test_a_name_with_a_comma_is_a_name(tmp_path: Path) -> None:
    path = write(tmp_path, '"u, volts",y\n1,2\n3,4\n')
    assert gs.read(path, input="u, volts", output="y").x.tolist() == [1, 3]


def test_the_same_column_may_be_input_and_output(tmp_path: Path) -> None:
    signals = gs.read(write(tmp_path, "u,y\n1,2\n3,4\n"), input="y", output="y")
    assert np.array_equal(signals.x, signals.d)


def test_a_column_of_ones_for_the_offset(tmp_path: Path) -> None:
    path = write(tmp_path, "u,y\n1,2\n3,4\n")
    assert gs.read(path, input="u,1", output="y").x.tolist() == [[1, 1], [3, 1]]
    assert gs.read(path, input="1", output="y").x.tolist() == [1, 1]


def test_a_column_called_1_comes_first(tmp_path: Path) -> None:
    assert gs.read(write(tmp_path, "7 8\n9 10\n", "a.dat"), input="1", output="0").x.tolist() == [8, 10]


def test_columns_not_asked_for_are_never_parsed(tmp_path: Path) -> None:
    path = write(tmp_path, "u,note,time,y\n1,hello,monday,2\n3,4e,tuesday,4\n")
    signals = gs.read(path, "u", "y")
    assert signals.x.tolist() == [1, 3]
    assert signals.time is None


def test_broken_bytes_in_another_column_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "rig.csv"
    path.write_bytes(b"u,place,y\n1,Z\xfcrich,2\n3,\xff,4\n")
    assert gs.read(path, "u", "y").d.tolist() == [2, 4]


def test_latin_names(tmp_path: Path) -> None:
    path = tmp_path / "rig.csv"
    path.write_bytes("T [°C],y\n1,2\n".encode("latin-1"))
    assert gs.read(path, "T [°C]", "y").x.tolist() == [1]


def test_byte_order_mark_and_windows_lines(tmp_path: Path) -> None:
    path = tmp_path / "rig.csv"
    path.write_bytes(b"\xef\xbb\xbfu,y\r\n1,2\r\n3,4\r\n")
    assert gs.read(path, "u", "y").x.tolist() == [1, 3]


def test_gzip(tmp_path: Path) -> None:
    path = tmp_path / "rig.csv.gz"
    path.write_bytes(gzip.compress(b"u,y\n1,2\n3,4\n"))
    assert gs.read(path, "u", "y").d.tolist() == [2, 4]


def test_blanks_without_header(tmp_path: Path) -> None:
    path = write(tmp_path, "   6.41e+00\t   4.77\n   3.41e+00\t   4.76\n", "dryer.dat")
    assert gs.read(path, input=0, output=1).x.tolist() == [6.41, 3.41]


def test_comments_above_the_table(tmp_path: Path) -> None:
    assert gs.read(write(tmp_path, "# u y\n# V degC\n1 2\n3 4\n", "a.txt"), "0", "1").x.tolist() == [1, 3]


def test_semicolons_and_decimal_commas(tmp_path: Path) -> None:
    assert gs.read(write(tmp_path, "t;u;y\n0,0;1,5;2\n0,1;2,5;3\n"), "u", "y").x.tolist() == [1.5, 2.5]


def test_two_columns_need_no_names(tmp_path: Path) -> None:
    signals = gs.read(write(tmp_path, "t,a,b\n0,1,2\n1,3,4\n"))
    assert signals.names == ("a", "b")
    assert signals.d.tolist() == [2, 4]


def test_input_alone_gives_no_output(tmp_path: Path) -> None:
    signals = gs.read(write(tmp_path, "uc,y\n1,2\n"), input="uc")
    assert signals.d is None
    assert signals.names == ("uc",)


@pytest.mark.parametrize("cells", [("2020-01-01 00:00", "2020-01-01 00:05"), ("0 days 00:00:00", "0 days 00:05:00"),
                                   ("00:01:00", "00:06:00")])
def test_dates_and_durations_count_in_seconds(tmp_path: Path, cells: tuple[str, str]) -> None:
    time = gs.read(write(tmp_path, f"a,b,time\n1,2,{cells[0]}\n3,4,{cells[1]}\n"), "a", "b").time
    assert time[1] - time[0] == 300


def test_a_falling_time_is_no_time(tmp_path: Path) -> None:
    assert gs.read(write(tmp_path, "t,a,b\n1,1,2\n0,3,4\n"), "a", "b").time is None


# -- wrong text -------------------------------------------------------------------------------------------------

def test_missing_file(tmp_path: Path) -> None:
    refused(tmp_path / "no.csv", "no such file", FileNotFoundError)


def test_directory(tmp_path: Path) -> None:
    refused(tmp_path, "directory", FileNotFoundError)


def test_unknown_format(tmp_path: Path) -> None:
    refused(write(tmp_path, "1", "a.xlsx"), r"format '\.xlsx' is not known; files end in \.csv")


def test_unknown_column_lists_and_suggests(tmp_path: Path) -> None:
    path = write(tmp_path, "isig,glucose\n1,2\n")
    refused(path, r"'glucos': there is no column of that name; the file has isig, glucose\. Did you mean 'glucose'\?", input="isig", output="glucos")


def test_duplicate_column(tmp_path: Path) -> None:
    refused(write(tmp_path, "u,u,y\n1,2,3\n"), "2 columns have that name", input="u", output="y")


def test_unreadable_number_is_found(tmp_path: Path) -> None:
    path = write(tmp_path, "u,y\n1,2\n\n3,4\n5,abc\n")
    refused(path, "line 5, column 'y': 'abc' is not a number", input="u", output="y")


def test_unreadable_number_after_a_quoted_line_break(tmp_path: Path) -> None:
    path = write(tmp_path, 'note,u,y\n"two\nlines",1,2\nb,3,x\n')
    refused(path, "line 4, column 'y': 'x' is not a number", input="u", output="y")


def test_no_names_for_many_columns(tmp_path: Path) -> None:
    refused(write(tmp_path, "a,b,c\n1,2,3\n"), "name the input and the output.*a, b, c")


def test_a_trailing_separator_is_no_cell(tmp_path: Path) -> None:
    assert gs.read(write(tmp_path, "u,y\n1,2,\n3,4,\n"), "u", "y").x.tolist() == [1, 3]
    assert gs.read(write(tmp_path, 'u,y\n"1",2\n3,"4"\n'), "u", "y").d.tolist() == [2, 4]


@pytest.mark.parametrize("text", ["u,y\n1,5,2,5\n", "u,y\n1,2\n1,2,9\n"])
def test_cells_beyond_the_header_are_refused(tmp_path: Path, text: str) -> None:
    refused(write(tmp_path, text), "cells, the header 2", input="u", output="y")


@pytest.mark.parametrize(("text", "match"), [("", "empty"), ("\n\n", "empty"), ("u,y\n", "no rows")])
def test_nothing_in_it(tmp_path: Path, text: str, match: str) -> None:
    refused(write(tmp_path, text), match, input="u", output="y")


def test_damaged_gzip(tmp_path: Path) -> None:
    path = tmp_path / "rig.csv.gz"
    path.write_bytes(gzip.compress(b"u,y\n" + b"1.5,2\n" * 5000)[:40])
    refused(path, "gzip", input="u", output="y")


def test_binary_posing_as_text(tmp_path: Path) -> None:
    path = tmp_path / "rig.csv"
    path.write_bytes(b"\x00\x01\x02\n\x03")
    refused(path, "not a text table")


# -- arrays -----------------------------------------------------------------------------------------------------

def test_npz(tmp_path: Path) -> None:
    path = tmp_path / "rig.npz"
    np.savez(path, u=U.astype(np.float32), y=Y[:, None], t=np.arange(50) * 0.1, X=np.c_[U, Y], fs=10)
    signals = gs.read(path, "u", "y")
    assert signals.x.dtype == np.float64
    assert np.array_equal(signals.d, Y)
    assert signals.time is not None
    several = gs.read(path, "X", "y")
    assert several.x.shape == (50, 2)
    assert several.names == ("X[0]", "X[1]", "y")


def test_npz_wrong(tmp_path: Path) -> None:
    path = tmp_path / "rig.npz"
    np.savez(path, u=U, y=Y[:-1], z=U + 1j, cube=np.zeros((2, 2, 2)), o=np.array([None, 1], dtype=object), s=["1", "x"])
    refused(path, "equal length; 'u' has 50, 'y' has 49", input="u", output="y")
    refused(path, "'z' is complex", input="z", output="u")
    refused(path, r"'cube' has shape \(2, 2, 2\)", input="cube", output="u")
    refused(path, "'o' holds Python objects", input="o", output="u")
    refused(path, "'s' holds <U1, not numbers", input="s", output="u")
    path.write_bytes(b"PK nonsense")
    refused(path, "not an npz archive", input="u", output="y")


def test_mat(tmp_path: Path) -> None:
    from scipy.io import savemat

    path = tmp_path / "rig.mat"
    savemat(path, {"u": U, "y": Y[:, None], "time": np.arange(50.0), "info": {"a": 1}, "c": "text"})
    signals = gs.read(path, "u", "y")
    assert np.array_equal(signals.x, U)
    assert np.array_equal(signals.d, Y)
    assert np.array_equal(signals.time, np.arange(50.0))
    refused(path, "'v': there is no array.*u, y", input="v", output="y")
    refused(path, "'info' holds .* not numbers", input="info", output="y")
    path.write_bytes(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\x00\x02IM" + b"\x00" * 512)
    refused(path, r"7\.3 file.*'-v7'", input="u", output="y")
    path.write_bytes(b"short")
    refused(path, "not a readable MAT-file", input="u", output="y")


# -- sound ------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("dtype", "full"), [(np.int16, 2**15), (np.int32, 2**31), (np.float32, 1), (np.uint8, 2**7)])
def test_wav_is_scaled(tmp_path: Path, dtype: type, full: int) -> None:
    from scipy.io import wavfile

    path = tmp_path / "room.wav"
    shape = np.array([[0, 0.5], [-0.5, -1], [0.25, 0]])
    wavfile.write(path, 8000, (shape * full + (full if dtype is np.uint8 else 0)).astype(dtype))
    signals = gs.read(path, input=0, output=1)
    assert np.array_equal(signals.x, shape[:, 0])
    assert np.array_equal(signals.d, shape[:, 1])
    assert signals.time.tolist() == [0, 1 / 8000, 2 / 8000]


def test_wav_wrong(tmp_path: Path) -> None:
    path = tmp_path / "room.wav"
    path.write_bytes(b"RIFFxxxxNOPE")
    refused(path, "not a readable wav")


# -- parquet ----------------------------------------------------------------------------------------------------

def test_parquet(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    path = tmp_path / "rig.parquet"
    parquet.write_table(pa.table({"u": [1, None, 3], "y": [1.5, 2.5, 3.5], "s": ["1", "nil", "3"], "b": ["1", "x", "3"]}),
                        path)
    assert np.array_equal(gs.read(path, "u", "y").x, [1, np.nan, 3], equal_nan=True)
    assert np.array_equal(gs.read(path, "s", "y").x, [1, np.nan, 3], equal_nan=True)
    refused(path, "row 2, column 'b': 'x' is not a number", input="b", output="y")
    path.write_bytes(b"nothing")
    refused(path, "not a readable parquet file", input="u", output="y")


def test_parquet_without_pyarrow_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    refused(write(tmp_path, "", "rig.parquet"), r'pip install "gainsched\[io\]"', ValueError)


# -- recordings -------------------------------------------------------------------------------------------------

def test_glucose_sensor() -> None:
    pytest.importorskip("bokeh_sampledata")
    signals = gs.read(importlib.resources.files("bokeh_sampledata") / "_data" / "CGM.csv.gz",  # type: ignore[arg-type]
                      input="isig,1", output="glucose")
    assert signals.x.shape == (52281, 2)
    assert np.isnan(signals.x[:, 0]).any()
    assert np.nanmax(signals.d) < 500


@pytest.mark.parametrize(("file", "columns", "rows"), [
    ("dryer.dat", {}, 1000), ("heating_system.dat", {"input": 1, "output": 2}, 801),
    ("sinal4_multiseno_malha_fechada.csv", {"input": "Controle_u", "output": "Saida_y"}, 10000),
    ("randomStepSequence.mat", {"input": "u", "output": "y"}, 8150), ("xmas.wav", {"input": 0}, None)])
def test_shared_recordings(file: str, columns: dict[str, object], rows: int | None) -> None:
    path = Path(__file__).parents[3] / "shared" / "data" / file
    if not path.exists():
        pytest.skip("the recording is not here")
    signals = gs.read(path, **columns)  # type: ignore[arg-type]
    assert np.isfinite(signals.x).all()
    assert rows is None or len(signals.x) == rows
