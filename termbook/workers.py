"""The same work on many items, divided among processes where that pays.

A worker is a fork of this process, so it has all that the work needs without copying, and only
its results travel; this process does a share of the work too. Where it cannot be forked it does
all of it.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from heapq import heapreplace
from multiprocessing.connection import Connection
from queue import SimpleQueue
from threading import Thread
from typing import Any, Generic, TypeVar

# Below this, starting a worker takes longer than what it saves.
WORTH_A_WORKER = 50
# Into how many runs the share of a process is divided, so that shares come out even.
RUNS = 16

Item = TypeVar("Item")
Result = TypeVar("Result")


class WorkerDied(Exception):
    """A worker ended before its work; `item` is what it was at."""

    def __init__(self, item: Any) -> None:
        super().__init__(f"the process at work on {item} died")
        self.item = item


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1


def each(
    work: Callable[[Item], Result], items: Sequence[Item], workers: int,
    weight: Callable[[Item], float] = lambda item: 1,
) -> Iterator[tuple[Item, Result]]:
    """Each item with the result of `work` on it, in no certain order.

    Results must be picklable. What `work` raises is raised here; raises WorkerDied when a worker
    is killed. At most `workers` processes are used, fewer for few items. By `weight`, how much
    work an item is beside the others, each process gets as much as the next.
    """
    count = min(workers, len(items) // WORTH_A_WORKER)
    if count < 2 or "fork" not in multiprocessing.get_all_start_methods():
        yield from ((item, work(item)) for item in items)
        return
    # A collection in a worker would copy the memory that it shares with this process.
    gc.freeze()
    own, *others = _shares(items, count, weight)
    started = [_Worker(work, share) for share in others]
    try:
        for worker in started:  # all are forks of a process without threads
            worker.listen()
        yield from ((item, work(item)) for item in own)
        for worker in started:
            yield from worker.results()
    finally:
        for worker in started:
            worker.end()
        gc.unfreeze()


def _shares(
    items: Sequence[Item], count: int, weight: Callable[[Item], float]
) -> list[list[Item]]:
    """The items in `count` shares of much the same weight: a run goes where there is least.

    Items that stand beside each other stand so in memory, of which a process copies what it uses.
    """
    shares: list[list[Item]] = [[] for _ in range(count)]
    heap = [(0.0, number) for number in range(count)]
    heavy_first = sorted(items, key=weight, reverse=True)
    length = max(1, len(items) // (RUNS * count))
    while run := heavy_first[:length]:
        del heavy_first[:length]
        load, number = heap[0]
        shares[number] += run
        heapreplace(heap, (load + sum(map(weight, run)), number))
    return shares


class _Worker(Generic[Item, Result]):
    """A process at work on its share of the items, one after the other."""

    def __init__(self, work: Callable[[Item], Result], share: Sequence[Item]) -> None:
        context = multiprocessing.get_context("fork")
        self._reader, writer = context.Pipe(duplex=False)
        self._share = share
        self._heard: SimpleQueue[tuple[Any, Exception | None] | None] = SimpleQueue()
        self._process = context.Process(
            target=_run, args=(work, share, self._reader, writer), daemon=True
        )
        self._process.start()
        writer.close()

    def listen(self) -> None:
        """Take over results as they come, so that the process need not wait with the next."""
        Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with suppress(EOFError, OSError):
            for _ in self._share:
                self._heard.put(self._reader.recv())
        self._heard.put(None)

    def results(self) -> Iterator[tuple[Item, Result]]:
        """Each item of its share with the result, as soon as it is there."""
        for item in self._share:
            if (heard := self._heard.get()) is None:
                raise WorkerDied(item)
            result, error = heard
            if error is not None:
                raise error
            yield item, result

    def end(self) -> None:
        """End the process, at once if its work is not done."""
        self._process.terminate()
        self._process.join()


def _run(
    work: Callable[[Item], Result], share: Sequence[Item], reader: Connection, writer: Connection
) -> None:
    reader.close()  # or this process would wait for ever when the first one is killed
    for item in share:
        try:
            writer.send((work(item), None))
        except Exception as error:
            writer.send((None, error))
            return
