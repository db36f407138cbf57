"""Batches computed ahead by threads or processes, and handed out in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from itertools import islice
from typing import Any, Protocol

__all__ = ["fetch_in_order"]


class _Indexed(Protocol):
    def __getitem__(self, index: int) -> Any: ...


_data: _Indexed | None = None  # in a worker process: the data set it was started with


def fetch_in_order(
    data: _Indexed, indices: Iterator[int], *, workers: int, processes: bool, ahead: int
) -> Generator[Any, None, None]:
    """Yield `data[i]` for each index, in this order whoever is done first.

    Args:
        data: Has `__getitem__`.
        indices: Which items; may be without an end.
        workers: How many compute at once. One thread, or none: items are computed when asked for.
        processes: Whether workers are processes; `data` is pickled once for each.
        ahead: How many items may be ready or in the making.

    Returns:
        A generator; closing it ends the workers.

    Raises:
        Exception: Whatever `data[i]` raises, with a note that names the item.
    """
    if workers < 1 or (workers == 1 and not processes):
        for index in indices:
            yield _item(data, index)
        return
    with ExitStack() as stack:
        submit = _start(data, workers, processes, stack)
        pending = deque(submit(index) for index in islice(indices, max(ahead, workers)))
        while pending:
            item = pending.popleft()()
            pending.extend(submit(index) for index in islice(indices, 1))
            yield item


def _start(
    data: _Indexed, workers: int, processes: bool, stack: ExitStack
) -> Callable[[int], Callable[[], Any]]:
    # Imported here: programs without workers, and platforms without threads, do without it.
    from concurrent import futures

    pool: futures.Executor
    if processes:
        pool = futures.ProcessPoolExecutor(workers, initializer=_receive, initargs=(data,))
        stack.callback(pool.shutdown, wait=True, cancel_futures=True)
        return lambda index: pool.submit(_item_of_process, index).result
    pool = futures.ThreadPoolExecutor(workers, thread_name_prefix="cornu-data")
    stack.callback(pool.shutdown, wait=True, cancel_futures=True)
    return lambda index: pool.submit(_item, data, index).result


def _receive(data: _Indexed) -> None:
    global _data
    _data = data


def _item_of_process(index: int) -> Any:
    assert _data is not None
    return _item(_data, index)


def _item(data: _Indexed, index: int) -> Any:
    try:
        return data[index]
    except Exception as error:
        error.add_note(f"While batch {index} of {type(data).__name__} was computed.")
        raise
