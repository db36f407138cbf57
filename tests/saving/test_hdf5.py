"""HDF5 files of weights: what is written comes back, and each hostile kind is one typed error."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import ml_dtypes
import numpy as np
import pytest

from cornu.errors import FileFormatError, UnsafeFileError
from cornu.saving.hdf5 import Group, open_weights, write_weights
from cornu.saving.hdf5_scan import FileLimits
from cornu.saving.sealed import check_seal, sealed

ARRAYS = {
    "0": np.arange(6, dtype="float32").reshape(2, 3),
    "1": np.ones(3, ml_dtypes.bfloat16),
    "2": np.float64(3).reshape(()),
    "3": np.zeros((0, 2), "int32"),
    "4": np.array([1, 2], ml_dtypes.float8_e5m2),
    "5": np.array([1, 2], ml_dtypes.float8_e4m3fn),
    "6": np.array([True, False]),
    "7": np.arange(3, dtype="uint64"),
    "8": np.array([1 + 2j], "complex64"),
    "9": np.arange(12, dtype="float16").reshape(3, 4).T,
    "10": np.arange(3, dtype=">f4"),
}


def read_all(data: bytes, limits: FileLimits | None = None) -> dict[str, Any]:
    with open_weights(io.BytesIO(data), limits) as file:
        return {path: file.read(array) for path, array in file.arrays.items()}


def made(fill: Callable[[Any], None], **options: Any) -> bytes:
    buffer = io.BytesIO()
    if fill is huge_attribute:
        options["libver"] = "latest"
    with h5py.File(buffer, "w", **options) as file:
        fill(file)
    return buffer.getvalue()


@pytest.mark.parametrize("key", ARRAYS)
def test_an_array_comes_back_with_dtype_and_shape(key: str) -> None:
    values = ARRAYS[key]
    (back,) = read_all(write_weights([Group("a/b", "name", {"0": values})])).values()
    assert back.dtype == values.dtype.newbyteorder("=")
    assert back.shape == values.shape
    assert np.array_equal(back, values)


def test_the_layout_is_that_of_keras() -> None:
    data = write_weights(
        [Group("", "net", {}), Group("layers/dense", "d", {"0": ARRAYS["0"]}), Group("x", None)]
    )
    with h5py.File(io.BytesIO(data)) as file:
        assert list(file) == ["layers", "vars"]
        assert file["vars"].attrs["name"] == "net"
        assert file["layers/dense/vars"].attrs["name"] == "d"
        assert file["layers/dense/vars/0"][()].tolist() == ARRAYS["0"].tolist()


def test_bfloat16_is_marked_as_keras_does() -> None:
    with h5py.File(io.BytesIO(write_weights([Group("a", None, {"0": ARRAYS["1"]})]))) as file:
        stored = file["a/vars/0"]
        assert stored.attrs["dtype"] == "bfloat16"
        assert np.array(stored, dtype=ml_dtypes.bfloat16).tolist() == [1.0, 1.0, 1.0]


def test_equal_arrays_give_equal_bytes_at_any_time() -> None:
    groups = [Group("a/b", "name", dict(ARRAYS)), Group("", "root", {})]
    first = write_weights(groups)
    time.sleep(1.1)  # HDF5 counts seconds
    assert write_weights(groups) == first


def test_a_group_that_is_missing_has_no_arrays() -> None:
    data = write_weights([Group("layers/a", "n", {"0": ARRAYS["0"]})])
    with open_weights(io.BytesIO(data)) as file:
        assert list(file.of("layers/a")) == ["0"]
        assert len(file.of("layers/b")) == 0
        assert file.has("layers")
        assert not file.has("layers/b")


def test_files_of_keras_2_13_are_found_under_their_old_group() -> None:
    data = made(lambda f: f.__setitem__("_layer_checkpoint_dependencies/dense/vars/0", [1.0]))
    with open_weights(io.BytesIO(data)) as file:
        assert file.of("layers/dense")["0"].tolist() == [1.0]


# Hostile files


def external_storage(file: Any) -> None:
    file.create_dataset("a", (4,), "f4", external=[("/etc/passwd", 0, 16)])


def virtual(file: Any) -> None:
    layout = h5py.VirtualLayout((4,), "f4")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", (4,))
    file.create_virtual_dataset("a", layout)


def virtual_without_end(file: Any) -> None:
    layout = h5py.VirtualLayout((4,), "f4", maxshape=(None,))
    source = h5py.VirtualSource("other.h5", "x", (4,), maxshape=(None,))
    layout[: h5py.h5s.UNLIMITED] = source[: h5py.h5s.UNLIMITED]
    file.create_virtual_dataset("a", layout)


def group_cycle(file: Any) -> None:
    file.create_group("a/b")
    file["a/b/again"] = file["a"]


def two_names(file: Any) -> None:
    file["a"] = [1.0]
    file["b"] = file["a"]


def lzf(file: Any) -> None:
    file.create_dataset("a", data=np.ones(100), compression="lzf")


def scale_offset(file: Any) -> None:
    file.create_dataset("a", data=np.arange(100), scaleoffset=0)


def other_filter(file: Any) -> None:
    """A filter that libhdf5 would look for among libraries to load."""
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_chunk((4,))
    plist.set_filter(32_000, h5py.h5z.FLAG_OPTIONAL, (1,))
    h5py.h5d.create(file.id, b"a", h5py.h5t.NATIVE_FLOAT, h5py.h5s.create_simple((4,)), plist)


def huge_shape(file: Any) -> None:
    file.create_dataset("a", (1 << 40,), "f4", chunks=(1024,))


def late_storage(file: Any) -> None:
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_alloc_time(h5py.h5d.ALLOC_TIME_LATE)
    space = h5py.h5s.create_simple((1 << 30,))
    h5py.h5d.create(file.id, b"a", h5py.h5t.NATIVE_FLOAT, space, plist)


def fill_value_only(file: Any) -> None:
    file.create_dataset("a", (1 << 20,), "f4", chunks=(1 << 18,), fillvalue=3, compression=9)


def some_chunks(file: Any) -> None:
    array = file.create_dataset("a", (100,), "f4", chunks=(10,))
    array[:10] = 1


def wide_chunk(file: Any) -> None:
    array = file.create_dataset("a", (2,), "f4", chunks=(1 << 24,), maxshape=(None,), compression=9)
    array[:] = 1


def deflate_bomb(file: Any) -> None:
    array = file.create_dataset("a", (10,), "f4", chunks=(10,), compression=9)
    import zlib

    array.id.write_direct_chunk((0,), zlib.compress(b"\0" * (64 << 20), 9)[:60_000])


def deflate_too_long(file: Any) -> None:
    array = file.create_dataset("a", (10,), "f4", chunks=(10,), compression=9)
    import zlib

    array.id.write_direct_chunk((0,), zlib.compress(b"\0" * 1000, 9))


def zeros_bomb(file: Any) -> None:
    file.create_dataset("a", data=np.zeros(40 << 20, "u1"), chunks=(1 << 20,), compression=9)


def vlen(file: Any) -> None:
    file.create_dataset("a", data=["text"], dtype=h5py.string_dtype())


def reference(file: Any) -> None:
    file["b"] = [1.0]
    file.create_dataset("a", data=np.array([file["b"].ref], dtype=h5py.ref_dtype))


def compound(file: Any) -> None:
    file["a"] = np.zeros(2, [("x", "f4"), ("y", "i4")])


def fixed_text(file: Any) -> None:
    file["a"] = np.array([b"abc"])


def nested_array(file: Any) -> None:
    file.create_dataset("a", (2,), np.dtype(("f4", (3,))))


def unmarked_opaque(file: Any) -> None:
    file["a"] = np.zeros(2, "V2")


def wrongly_marked(file: Any) -> None:
    file["a"] = np.zeros(2, "V7")
    file["a"].attrs["dtype"] = "bfloat16"


def empty_space(file: Any) -> None:
    file["a"] = h5py.Empty("f4")


def named_type(file: Any) -> None:
    file["a"] = np.dtype("f4")


def huge_attribute(file: Any) -> None:  # needs the newer form of files
    file.create_group("a").attrs.create("x", np.zeros(1 << 20, "u1"))


def deep(file: Any) -> None:
    file.create_group("/".join("a" * 100))


def odd_offsets() -> bytes:
    plist = h5py.h5p.create(h5py.h5p.FILE_CREATE)
    plist.set_sizes(4, 4)
    access = h5py.h5p.create(h5py.h5p.FILE_ACCESS)
    access.set_fapl_core(backing_store=False)
    identifier = h5py.h5f.create(b"memory", h5py.h5f.ACC_TRUNC, plist, access)
    h5py.h5f.flush(identifier)
    return bytes(identifier.get_file_image())


UNSAFE: dict[str, Any] = {
    "external storage": external_storage,
    "external link": lambda f: f.__setitem__("a", h5py.ExternalLink("/etc/passwd", "/")),
    "soft link": lambda f: f.__setitem__("a", h5py.SoftLink("/b")),
    "soft link at model_weights": lambda f: f.__setitem__("model_weights", h5py.SoftLink("/")),
    "virtual array": virtual,
    "virtual array without end": virtual_without_end,
    "lzf filter": lzf,
    "scale-offset filter": scale_offset,
    "unknown filter": other_filter,
}
UNUSUAL: dict[str, Any] = {
    "group cycle": group_cycle,
    "two names": two_names,
    "huge shape": huge_shape,
    "late storage": late_storage,
    "fill value only": fill_value_only,
    "some chunks": some_chunks,
    "wide chunk": wide_chunk,
    "deflate bomb": deflate_bomb,
    "deflate too long": deflate_too_long,
    "zeros bomb": zeros_bomb,
    "text of variable length": vlen,
    "reference": reference,
    "compound": compound,
    "fixed text": fixed_text,
    "nested array type": nested_array,
    "opaque without a mark": unmarked_opaque,
    "opaque with a wrong mark": wrongly_marked,
    "empty space": empty_space,
    "named type": named_type,
    "huge attribute": huge_attribute,
    "deep groups": deep,
}


@pytest.mark.parametrize("kind", UNSAFE)
def test_what_points_outside_or_loads_code_is_refused(kind: str) -> None:
    with pytest.raises(UnsafeFileError, match=r"'(a|model_weights)'"):
        read_all(made(UNSAFE[kind]))


@pytest.mark.parametrize("kind", UNUSUAL)
def test_what_is_unusual_or_out_of_proportion_is_refused(kind: str) -> None:
    with pytest.raises(FileFormatError, match="opening an HDF5 file"):
        read_all(made(UNUSUAL[kind]))


def test_other_files_are_not_opened_by_a_link(tmp_path: Path) -> None:
    secret = tmp_path / "secret.h5"
    secret.write_bytes(made(lambda f: f.__setitem__("x", np.arange(4, dtype="f4"))))

    def point(file: Any) -> None:
        file["a"] = h5py.ExternalLink(str(secret), "x")

    before = secret.stat().st_atime_ns
    with pytest.raises(UnsafeFileError):
        read_all(made(point))
    assert secret.stat().st_atime_ns == before


def test_offsets_of_an_unusual_size_are_refused() -> None:
    with pytest.raises(FileFormatError, match="8 bytes"):
        read_all(odd_offsets())


@pytest.mark.parametrize("data", [b"", b"\x89HDF\r\n\x1a\n", b"text" * 500], ids=len)
def test_what_is_no_hdf5_file_is_one_error(data: bytes) -> None:
    with pytest.raises(FileFormatError):
        read_all(data)


def test_overlapping_arrays_are_refused() -> None:
    values = np.arange(64, dtype="f4")
    data = made(lambda f: (f.__setitem__("a", values), f.__setitem__("b", values + 1)))
    with h5py.File(io.BytesIO(data)) as file:
        first, second = (file[n].id.get_offset().to_bytes(8, "little") for n in "ab")
    assert data.count(second) == 1
    with pytest.raises(FileFormatError, match="overlaps"):
        read_all(data.replace(second, first))


def test_data_outside_of_the_file_is_refused() -> None:
    data = made(lambda f: f.__setitem__("a", np.arange(64, dtype="f4")))
    with h5py.File(io.BytesIO(data)) as file:
        offset = file["a"].id.get_offset().to_bytes(8, "little")
    with pytest.raises(FileFormatError):
        read_all(data.replace(offset, (1 << 40).to_bytes(8, "little")))


def test_compressed_arrays_of_other_writers_are_read() -> None:
    values = np.random.default_rng(0).normal(size=(50, 7)).astype("f4")
    options = {"chunks": (16, 4), "compression": 4, "shuffle": True, "fletcher32": True}
    data = made(lambda f: f.create_dataset("a", data=values, **options))
    assert np.array_equal(read_all(data)["a"], values)
    data = made(lambda f: f.create_dataset("a", data=values, chunks=(16, 4), fletcher32=True))
    assert np.array_equal(read_all(data)["a"], values)


def test_limits_are_arguments() -> None:
    data = made(zeros_bomb)
    assert len(read_all(data, FileLimits(free_bytes=64 << 20))["a"]) == 40 << 20
    with pytest.raises(FileFormatError, match="more than 2 objects"):
        read_all(write_weights([Group("a/b", "n", {})]), FileLimits(objects=2))


def test_a_damaged_heap_of_texts_does_not_hang() -> None:
    data = write_weights([Group("a", "name", {"0": ARRAYS["1"]})])
    heap = data.index(b"GCOL")
    length = heap + 16 + 8  # of the first text
    damaged = bytearray(data)
    damaged[length + 7] = 0x80
    with pytest.raises(FileFormatError, match="heap"):
        read_all(bytes(damaged))


# Checksums


def test_an_array_that_was_changed_is_an_error() -> None:
    data = bytearray(write_weights([Group("a", "n", {"0": np.arange(64, dtype="f4")})]))
    at = data.index(np.arange(64, dtype="f4").tobytes())
    data[at + 17] ^= 4
    with pytest.raises(FileFormatError, match="'a/vars/0' is damaged"):
        read_all(bytes(data))


def test_a_group_that_was_renamed_is_an_error() -> None:
    data = write_weights([Group("optimizer", "n", {"0": ARRAYS["0"]})])
    assert data.count(b"optimizer") == 1
    with pytest.raises(FileFormatError, match="list of arrays"):
        read_all(data.replace(b"optimizer", b"optimizes"))


def test_every_flipped_bit_of_a_sealed_file_is_an_error_or_changes_nothing() -> None:
    arrays = {key: ARRAYS[key] for key in "012"}
    data = sealed(write_weights([Group("a", "name", arrays)]))
    expected = {path: values.tobytes() for path, values in read_all(data).items()}
    errors = 0
    # all bits of every 23rd byte, each bit of a byte in turn elsewhere: the seal sees all alike
    for byte in range(len(data)):
        for bit in range(8) if byte % 23 == 0 else (byte % 8,):
            flipped = bytearray(data)
            flipped[byte] ^= 1 << bit
            file = io.BytesIO(bytes(flipped))
            try:
                check_seal(file, "a.weights.h5")
                back = read_all(file.getvalue())
                assert {path: values.tobytes() for path, values in back.items()} == expected
            except FileFormatError:
                errors += 1
    assert errors > len(data)


@pytest.mark.slow
def test_flipped_bits_without_a_seal_never_hang_or_change_values() -> None:
    """Each in a process of its own kind: libhdf5 sees the damage itself."""
    import multiprocessing

    data = write_weights([Group("a/b", "name", {key: ARRAYS[key] for key in "012"})])
    expected = {path: values.tobytes() for path, values in read_all(data).items()}
    bits = range(0, len(data) * 8, 3)
    parts = [bits[start : start + 2000] for start in range(0, len(bits), 2000)]
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        for part in parts:
            result = pool.apply_async(_flip, (data, part, expected))
            assert result.get(timeout=120) == []


def _flip(data: bytes, bits: range, expected: dict[str, bytes]) -> list[int]:
    changed = []
    for bit in bits:
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        try:
            back = {path: values.tobytes() for path, values in read_all(bytes(flipped)).items()}
        except FileFormatError:
            continue
        if back != expected:
            changed.append(bit)
    return changed


def test_a_seal_is_no_obstacle_to_other_readers() -> None:
    data = sealed(write_weights([Group("a", "n", {"0": ARRAYS["0"]})]))
    with h5py.File(io.BytesIO(data)) as file:
        assert file["a/vars/0"][()].tolist() == ARRAYS["0"].tolist()
    assert check_seal(io.BytesIO(data), "x")
    assert not check_seal(io.BytesIO(data[:-1]), "x")
    assert not check_seal(io.BytesIO(b""), "x")


def test_reading_opens_no_file_and_runs_nothing() -> None:
    events: list[str] = []
    active = True

    def hook(event: str, args: Any) -> None:
        if active and event.split(".")[0] in (
            "open",
            "exec",
            "import",
            "subprocess",
            "os",
            "ctypes",
        ):
            events.append(event)

    files = [made(fill) for fill in (*UNSAFE.values(), *UNUSUAL.values())]
    sys.addaudithook(hook)
    for data in files:
        with pytest.raises(FileFormatError):
            read_all(data)
    active = False
    assert events == []
