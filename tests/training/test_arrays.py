from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse

from cornu import settings
from cornu.errors import ArgumentError, DtypeError, StateError
from cornu.training.data import make_source, split_validation


def batches(source, epoch=0, start=0):
    return list(source.epoch(epoch, start))


def xs(source, epoch=0, start=0):
    return [x.ravel().tolist() for x, _, _ in batches(source, epoch, start)]


def test_batches_come_in_order_and_the_last_may_be_short():
    source = make_source(np.arange(5.0), np.arange(5), batch_size=2)
    assert source.indexable
    assert (source.steps(), source.num_samples, source.batch_size) == (3, 5, 2)
    assert xs(source) == [[0, 1], [2, 3], [4]]
    assert [y.tolist() for _, y, _ in batches(source)] == [[0, 1], [2, 3], [4]]


def test_a_batch_has_32_samples_by_default_or_what_the_steps_need():
    x = np.zeros((100, 1))
    assert make_source(x).batch_size == 32
    assert make_source(x, steps_per_epoch=3).batch_size == 34


def test_an_epoch_can_begin_at_any_step():
    source = make_source(np.arange(50.0), batch_size=8, shuffle=True, seed=3)
    assert xs(source, 4, start=3) == xs(source, 4)[3:]


def test_the_order_is_a_function_of_seed_and_epoch_alone():
    x = np.arange(40.0)
    one = make_source(x, batch_size=7, shuffle=True, seed=5)
    two = make_source(x, batch_size=7, shuffle=True, seed=5)
    later = one.order(6)
    one.order(0)
    np.testing.assert_array_equal(two.order(6), later)
    assert later.dtype == np.int64
    assert sorted(later) == list(range(40))
    assert not np.array_equal(one.order(7), later)
    other = make_source(x, batch_size=7, shuffle=True, seed=6)
    assert not np.array_equal(other.order(6), later)


def test_shuffling_leaves_numpys_random_state_alone():
    np.random.seed(1)
    before = np.random.get_state()[1].copy()
    make_source(np.arange(9.0), shuffle=True).order(0)
    np.testing.assert_array_equal(np.random.get_state()[1], before)


def test_gather_and_order_give_the_batches_of_the_epoch():
    source = make_source(np.arange(10.0), batch_size=4, shuffle=True, seed=1)
    order = source.order(2)
    assert source.gather(order[4:8])[0].tolist() == xs(source, 2)[1]


def test_batch_shuffle_keeps_the_samples_of_each_batch():
    source = make_source(np.arange(20.0), batch_size=8, shuffle="batch", seed=2)
    found = xs(source)
    assert [sorted(batch) for batch in found] == [
        list(range(8)),
        list(range(8, 16)),
        list(range(16, 20)),
    ]
    assert found != [list(range(8)), list(range(8, 16)), list(range(16, 20))]


@pytest.mark.filterwarnings("ignore:The input ran out")
def test_fewer_steps_than_batches_go_on_in_the_next_epoch():
    # Real Keras: 5 batches in epochs of 2 steps are 2, 2, 1 and then a new pass.
    source = make_source(np.arange(10.0), batch_size=2, steps_per_epoch=2)
    assert [xs(source, epoch) for epoch in range(4)] == [
        [[0, 1], [2, 3]],
        [[4, 5], [6, 7]],
        [[8, 9]],
        [[0, 1], [2, 3]],
    ]


def test_more_steps_than_batches_warn():
    source = make_source(np.arange(10.0), batch_size=2, steps_per_epoch=7)
    with pytest.warns(UserWarning, match="ran out of data after 5 of 7 steps"):
        assert len(batches(source)) == 5


def test_passes_are_counted_from_the_initial_epoch():
    source = make_source(np.arange(8.0), batch_size=2, steps_per_epoch=2, initial_epoch=3)
    assert xs(source, 3) == [[0, 1], [2, 3]]
    assert xs(source, 4) == [[4, 5], [6, 7]]


def test_a_change_of_the_users_array_is_seen_by_the_next_batch():
    x = np.zeros((4, 1), "float32")
    iterator = make_source(x, batch_size=2).epoch(0)
    next(iterator)
    x[2:] = 7
    assert next(iterator)[0].ravel().tolist() == [7, 7]


def test_floats_become_floatx_and_wide_integers_32_bits():
    source = make_source(
        {
            "double": np.zeros((2, 1)),
            "half": np.zeros((2, 1), "float16"),
            "long": np.zeros((2, 1), "int64"),
            "byte": np.zeros((2, 1), "uint8"),
            "flag": np.zeros(2, bool),
        }
    )
    (x, _, _) = batches(source)[0]
    assert {name: str(array.dtype) for name, array in x.items()} == {
        "double": "float32",
        "half": "float32",
        "long": "int32",
        "byte": "uint8",
        "flag": "bool",
    }


def test_floats_become_another_floatx():
    settings.set_floatx("float64")
    try:
        assert make_source(np.zeros((2, 1), "float32")).spec()[0].dtype == "float64"
    finally:
        settings.set_floatx("float32")


def test_an_integer_beyond_32_bits_is_an_error_and_no_other_number():
    source = make_source(np.array([1, 2**31]), batch_size=2)
    with pytest.raises(ArgumentError, match="`x` holds int64 values beyond int32"):
        batches(source)


def test_nan_passes_through():
    x = np.array([[1.0], [np.nan], [3.0]])
    found = np.concatenate([x for x, _, _ in batches(make_source(x, batch_size=2))])
    np.testing.assert_array_equal(found, x.astype("float32"))


def test_targets_of_one_axis_keep_it():
    assert make_source(np.zeros((3, 2)), np.zeros(3)).spec()[1].shape == (3,)


def test_trees_keep_their_structure():
    x = {"b": np.arange(3.0), "a": [np.ones((3, 1)), (np.zeros(3),)]}
    (found, y, weight) = batches(make_source(x, (np.zeros(3), None)))[0]
    assert list(found) == ["b", "a"]
    assert found["a"][1][0].tolist() == [0, 0, 0]
    assert isinstance(found["a"][1], tuple)
    assert y[1] is None
    assert weight is None


def test_lists_of_numbers_are_arrays_and_lists_of_arrays_are_inputs():
    x, y, _ = make_source([[1, 2.5], [3, 4]], [1, 0]).spec()
    assert x.tolist() == [[1, 2.5], [3, 4]]
    assert y.tolist() == [1, 0]
    x, _, _ = make_source([np.zeros((2, 1)), np.zeros((2, 3))]).spec()
    assert [array.shape for array in x] == [(2, 1), (2, 3)]


def test_text_stays_text():
    assert make_source(np.array(["a", "b"], object)).spec()[0].tolist() == ["a", "b"]
    assert make_source(["a", "b"]).spec()[0].tolist() == ["a", "b"]


class Frame:
    """What pandas shows of a frame or, with one axis, of a series."""

    def __init__(self, data):
        self._data = np.asarray(data)
        self.shape = self._data.shape
        self.ndim = self._data.ndim
        self.iloc = self

    def __array__(self, dtype=None, copy=None):
        return self._data

    def __getitem__(self, index):
        return Frame(self._data[index])

    def to_numpy(self):
        return self._data


@pytest.mark.parametrize("shuffle", [False, True])
def test_a_series_is_one_column(shuffle):
    source = make_source(
        Frame(np.arange(6.0).reshape(3, 2)), Frame([1, 2, 3]), batch_size=2, shuffle=shuffle
    )
    found = batches(source)
    assert [(x.shape, y.shape) for x, y, _ in found] == [((2, 2), (2, 1)), ((1, 2), (1, 1))]
    for x, y, _ in found:
        np.testing.assert_array_equal(x[:, :1] / 2 + 1, y)


def test_a_frame_of_several_dtypes_becomes_numbers():
    mixed = np.array([[1, 2.5], [True, 4.0]], object)
    assert make_source(Frame(mixed)).spec()[0].dtype == "float32"


def test_objects_that_are_no_numbers_are_an_error():
    ragged = np.empty(2, object)
    ragged[:] = [[1], [1, 2]]
    with pytest.raises(DtypeError, match=r"(?s)neither all numbers nor.*pad_sequences"):
        batches(make_source(ragged))


@pytest.mark.parametrize("make", [scipy.sparse.coo_matrix, scipy.sparse.csr_array])
@pytest.mark.parametrize("shuffle", [False, True])
def test_sparse_data_is_made_dense_a_batch_at_a_time(make, shuffle):
    dense = np.diag(np.arange(1.0, 5))
    source = make_source(make(dense), np.arange(4), batch_size=3, shuffle=shuffle)
    for x, y, _ in batches(source):
        assert type(x) is np.ndarray
        np.testing.assert_array_equal(x, dense[y])


def test_torch_tensors_are_read_even_if_they_need_a_gradient():
    torch = pytest.importorskip("torch")
    x = torch.arange(4.0, requires_grad=True)
    assert xs(make_source(x, batch_size=3)) == [[0, 1, 2], [3]]
    half = torch.arange(4, dtype=torch.bfloat16)
    assert make_source(half).spec()[0].dtype == "float32"


def test_subclasses_of_ndarray_come_as_plain_arrays():
    class Mine(np.ndarray):
        pass

    x = np.arange(4.0, dtype="float32").view(Mine)
    assert type(make_source(x).spec()[0]) is np.ndarray


def test_lengths_that_differ_are_named():
    with pytest.raises(ArgumentError) as caught:
        make_source([np.zeros(10), np.zeros(9)], np.zeros(5))
    text = str(caught.value)
    assert "same number of samples" in text
    for part in ("x[0]", "float64[10]", "x[1]", "float64[9]", "y ", "float64[5]"):
        assert part in text


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.zeros((0, 3)), "at least one sample"),
        (None, "`x` must be given"),
        (np.float32(3), "at least one axis"),
        ("text", "must be an array"),
        ([[1, 2], [3]], "as long in every sample"),
        ({"a": np.zeros(2), "b": object()}, "must be an array"),
    ],
)
def test_data_that_is_none_is_an_error(x, message):
    with pytest.raises(ValueError, match=message):
        make_source(x)


@pytest.mark.parametrize(
    "arguments", [{"batch_size": 0}, {"steps_per_epoch": -1}, {"shuffle": "epoch"}]
)
def test_arguments_out_of_range_are_an_error(arguments):
    with pytest.raises(ArgumentError, match=next(iter(arguments))):
        make_source(np.zeros(3), **arguments)


def test_one_array_of_weights_serves_all_targets():
    weight = np.arange(3.0)
    _, _, found = make_source(np.zeros(3), {"a": np.zeros(3), "b": np.zeros(3)}, weight).spec()
    assert {name: array.tolist() for name, array in found.items()} == {
        "a": [0, 1, 2],
        "b": [0, 1, 2],
    }


def test_weights_that_do_not_fit_the_targets_are_an_error():
    y = [np.zeros(3), np.zeros(3)]
    with pytest.raises(ArgumentError, match="one array per output"):
        make_source(np.zeros(3), y, [np.ones(3)])
    with pytest.raises(ArgumentError, match="one number per sample"):
        make_source(np.zeros(3), y, np.ones((3, 2)))


def test_class_weights_become_sample_weights():
    source = make_source(np.zeros(4), np.array([0, 2, 1, 2]), batch_size=3, class_weight={2: 5})
    assert [weight.tolist() for _, _, weight in batches(source)] == [[1, 5, 1], [5]]


def test_class_weights_go_with_neither_sample_weights_nor_several_targets():
    with pytest.raises(ArgumentError, match="can't both be given"):
        make_source(np.zeros(2), np.zeros(2), np.ones(2), class_weight={0: 1})
    with pytest.raises(ArgumentError, match="single output"):
        make_source(np.zeros(2), [np.zeros(2), np.zeros(2)], class_weight={0: 1})


def test_a_stream_has_no_order():
    with pytest.raises(StateError, match="no index"):
        make_source(iter([(np.zeros(1),)])).order(0)


def test_validation_takes_the_last_samples_before_shuffling():
    x, y = np.arange(10.0), [np.arange(10) * 2, np.arange(10)]
    train, validation = split_validation(x, y, validation_split=0.25)
    source = make_source(*train, batch_size=10, shuffle=True, seed=1)
    assert sorted(xs(source)[0]) == list(range(7))  # as in Keras: floor(10 * 0.75)
    (found, targets, weight) = make_source(*validation, batch_size=10).spec()
    assert found.tolist() == [7, 8, 9]
    assert targets[0].tolist() == [14, 16, 18]
    assert weight is None


@pytest.mark.parametrize(
    ("data", "fraction", "message"),
    [
        (np.zeros(10), 0.01, None),  # Keras: floor(9.9) leaves one
        (np.zeros(10), 0.99, "none for training"),
        (np.zeros(10), 1e-18, "none for validation"),
        (np.zeros(10), 1.5, "between 0 and 1"),
        (iter([]), 0.5, "needs arrays"),
    ],
)
def test_a_split_must_leave_samples_on_both_sides(data, fraction, message):
    if message is None:
        _, (x, _, _) = split_validation(data, validation_split=fraction)
        assert x.shape == (1,)
        return
    with pytest.raises(ValueError, match=message):
        split_validation(data, validation_split=fraction)


def test_a_split_of_a_frame_and_a_sparse_matrix():
    x = scipy.sparse.eye(4).tocoo()
    train, validation = split_validation(x, Frame([0, 1, 2, 3]), validation_split=0.5)
    assert make_source(*train).spec()[1].tolist() == [[0], [1]]
    assert make_source(*validation).spec()[0].tolist() == [[0, 0, 1, 0], [0, 0, 0, 1]]
