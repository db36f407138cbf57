from __future__ import annotations

import numpy as np
import pytest

from cornu.errors import ArgumentError
from cornu.training.data import PyDataset, make_source


def numbers(batches):
    return [x.ravel().tolist() for x, _, _ in batches]


def count(n):
    for i in range(n):
        yield np.full((2, 1), float(i)), np.zeros(2)


def test_a_generator_is_read_until_it_ends():
    source = make_source(count(3))
    assert source.steps() is None
    assert not source.indexable
    assert numbers(source.epoch(0)) == [[0, 0], [1, 1], [2, 2]]
    assert source.exhausted
    with pytest.warns(UserWarning, match="ran out of data"):
        assert list(source.epoch(1)) == []


def test_a_generator_goes_on_from_epoch_to_epoch():
    source = make_source(count(5), steps_per_epoch=2)
    assert source.steps() == 2
    assert numbers(source.epoch(0)) == [[0, 0], [1, 1]]
    assert numbers(source.epoch(1)) == [[2, 2], [3, 3]]
    assert not source.exhausted
    with pytest.warns(UserWarning, match="after 1 of 2 steps"):
        assert numbers(source.epoch(2)) == [[4, 4]]
    assert source.exhausted


@pytest.mark.filterwarnings("error")
def test_a_generator_with_just_enough_batches_does_not_warn():
    source = make_source(count(4), steps_per_epoch=2)
    for epoch in range(2):
        assert len(list(source.epoch(epoch))) == 2


def test_looking_at_a_stream_takes_nothing_from_it():
    source = make_source(count(3), steps_per_epoch=3)
    assert source.spec()[0].tolist() == [[0], [0]]
    assert source.spec()[0].tolist() == [[0], [0]]
    assert numbers(source.epoch(0)) == [[0, 0], [1, 1], [2, 2]]


def test_a_stream_can_begin_inside_an_epoch():
    assert numbers(make_source(count(4)).epoch(0, start=2)) == [[2, 2], [3, 3]]


def test_any_iterator_will_do():
    source = make_source(iter([(np.zeros(1),), (np.ones(1), None, np.ones(1))]))
    assert [batch[2] is None for batch in source.epoch(0)] == [True, False]


def test_batches_are_cast_and_kept_as_trees():
    source = make_source(iter([({"a": np.zeros(1), "b": [1, 2]}, np.zeros(1, "int64"))]))
    x, y, _ = source.spec()
    assert (x["a"].dtype, y.dtype) == ("float32", "int32")


def test_what_can_be_read_again_begins_anew_in_each_epoch():
    class Loader:
        def __len__(self):
            return 2

        def __iter__(self):
            return count(2)

    source = make_source(Loader())
    assert source.steps() == 2
    source.spec()
    for epoch in range(3):
        assert numbers(source.epoch(epoch)) == [[0, 0], [1, 1]]
    assert not source.exhausted


def test_an_epoch_that_was_left_is_not_gone_on_with():
    class Loader:
        def __iter__(self):
            return count(3)

    source = make_source(Loader())
    next(source.epoch(0))
    assert numbers(source.epoch(1)) == [[0, 0], [1, 1], [2, 2]]


@pytest.mark.filterwarnings("error")
def test_what_can_be_read_again_is_when_it_ends_with_an_epoch():
    class Loader:
        def __iter__(self):
            return count(4)

    source = make_source(Loader(), steps_per_epoch=2)
    found = [numbers(source.epoch(epoch)) for epoch in range(3)]
    assert found == [[[0, 0], [1, 1]], [[2, 2], [3, 3]], [[0, 0], [1, 1]]]


def test_a_torch_loader_is_read():
    data = pytest.importorskip("torch.utils.data")
    torch = pytest.importorskip("torch")
    loader = data.DataLoader(
        data.TensorDataset(torch.arange(5.0), torch.arange(5)), batch_size=2, shuffle=False
    )
    source = make_source(loader)
    assert source.steps() == 3
    found = list(source.epoch(0))
    assert numbers(found) == [[0, 1], [2, 3], [4]]
    assert found[0][1].dtype == "int32"


def test_a_tensorflow_data_set_is_read_through_its_numpy_iterator():
    class Dataset:
        def as_numpy_iterator(self):
            return count(2)

        def __len__(self):
            raise TypeError("The dataset is infinite.")

    source = make_source(Dataset(), class_weight={0: 3.0})
    assert source.steps() is None
    assert source.spec()[2].tolist() == [3, 3]
    assert len(list(source.epoch(0))) == 2
    assert len(list(source.epoch(1))) == 2


@pytest.mark.parametrize(
    ("data", "arguments", "message"),
    [
        (count(0), {}, "at least one batch"),
        (iter([np.zeros(3)]), {}, "must yield tuples"),
        (iter([(1, 2, 3, 4)]), {}, r"`\(x, y, sample_weight\)`"),
        (iter([(np.float32(1), np.zeros(1))]), {}, "axis of samples"),
        (count(1), {"y": np.zeros(1)}, "`y` can't be given where `x` is a generator"),
        (count(1), {"sample_weight": np.zeros(1)}, "`sample_weight` can't be given"),
        (count(1), {"class_weight": {0: 1}}, "`class_weight` can't be given"),
    ],
)
def test_streams_that_are_wrong_say_why(data, arguments, message):
    with pytest.raises(ValueError, match=message):
        make_source(data, **arguments).spec()


class Numbers(PyDataset):
    def __init__(self, length=4, **options):
        super().__init__(**options)
        self.length = length
        self.log = []

    def __len__(self):
        return self.length

    def __getitem__(self, index):
        self.log.append(index)
        return np.full((1, 1), float(index)), np.array([index])

    def on_epoch_begin(self):
        self.log.append("begin")

    def on_epoch_end(self):
        self.log.append("end")


class Endless(PyDataset):
    num_batches = None

    def __getitem__(self, index):
        return np.full((1, 1), float(index)), np.zeros(1)


class Failing(Numbers):
    def __getitem__(self, index):
        if index == 2:
            raise RuntimeError("no such picture")
        return super().__getitem__(index)


def test_a_py_dataset_is_told_about_epochs():
    data = Numbers(2)
    source = make_source(data)
    assert source.steps() == 2
    for epoch in range(2):
        list(source.epoch(epoch))
    assert data.log == ["begin", 0, 1, "end", "begin", 0, 1, "end"]


def test_shuffling_a_py_dataset_changes_the_order_of_its_batches():
    first = numbers(make_source(Numbers(20), shuffle=True, seed=1).epoch(3))
    again = make_source(Numbers(20), shuffle=True, seed=1)
    assert numbers(again.epoch(3)) == first
    assert sorted(first) == [[float(i)] for i in range(20)]
    assert first != sorted(first)
    assert numbers(again.epoch(4)) != first
    assert numbers(again.epoch(3, start=15)) == first[15:]


@pytest.mark.filterwarnings("ignore:The input ran out")
def test_a_py_dataset_goes_on_with_fewer_steps():
    data = Numbers(3)
    source = make_source(data, steps_per_epoch=2)
    found = [numbers(source.epoch(epoch)) for epoch in range(3)]
    assert found == [[[0], [1]], [[2]], [[0], [1]]]


def test_a_py_dataset_without_an_end_goes_on():
    source = make_source(Endless(), steps_per_epoch=3)
    assert [numbers(source.epoch(epoch)) for epoch in range(2)] == [
        [[0], [1], [2]],
        [[3], [4], [5]],
    ]
    assert make_source(Endless()).steps() is None


@pytest.mark.parametrize("options", [{"workers": 3, "max_queue_size": 2}, {"workers": 4}])
def test_threads_keep_the_order(options):
    assert numbers(make_source(Numbers(12, **options)).epoch(0)) == [[float(i)] for i in range(12)]


def test_processes_keep_the_order():
    data = Numbers(5, workers=2, use_multiprocessing=True)
    assert numbers(make_source(data).epoch(0)) == [[float(i)] for i in range(5)]
    assert data.log == ["begin", "end"]  # the batches were computed elsewhere


def test_workers_end_when_training_stops_inside_an_epoch():
    import threading

    before = threading.active_count()
    epoch = make_source(Numbers(100, workers=3)).epoch(0)
    next(epoch)
    epoch.close()
    assert threading.active_count() == before


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_in_a_batch_names_it(workers):
    source = make_source(Failing(4, workers=workers))
    with pytest.raises(RuntimeError, match="no such picture") as caught:
        list(source.epoch(0))
    assert caught.value.__notes__ == ["While batch 2 of Failing was computed."]


def test_forgetting_super_init_warns_and_works():
    class Forgetful(PyDataset):
        def __init__(self):
            pass

        def __len__(self):
            return 1

        def __getitem__(self, index):
            return {"x": np.zeros((1, 1))}

    with pytest.warns(UserWarning, match=r"super\(\).__init__"):
        ((x, y, _),) = make_source(Forgetful()).epoch(0)
    assert list(x) == ["x"]
    assert y is None


def test_a_py_dataset_must_be_complete():
    class Nothing(PyDataset):
        pass

    with pytest.raises(NotImplementedError, match="how many batches"):
        make_source(Nothing())
    with pytest.raises(NotImplementedError, match="__getitem__"):
        Nothing()[0]
    with pytest.raises(ArgumentError, match="length is 0"):
        make_source(Numbers(0))


def test_class_weights_go_with_a_py_dataset():
    weights = [w.tolist() for _, _, w in make_source(Numbers(2), class_weight={1: 4}).epoch(0)]
    assert weights == [[1], [4]]
