"""Work shared out over processes, or done here: the same calls either way."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from typing import Protocol, Self, TypeVar

T = TypeVar("T")
A = TypeVar("A")
T_co = TypeVar("T_co", covariant=True)


class Later(Protocol[T_co]):
    """Something that is or will be there."""

    def result(self) -> T_co:
        """It, once it is there."""
        ...


class Pool:
    """So many processes. Each starts afresh: what is open here is not carried across a fork."""

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self._executor: ProcessPoolExecutor | None = None
        if jobs > 1:
            from multiprocessing import get_context

            self._executor = ProcessPoolExecutor(jobs, mp_context=get_context("spawn"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if self._executor is not None:
            self._executor.shutdown(cancel_futures=kind is not None)

    def submit(self, work: Callable[[A], T], given: A) -> Later[T]:
        """Begins one piece of work; alone, does it at once."""
        if self._executor is not None:
            return self._executor.submit(work, given)
        done: Future[T] = Future()
        done.set_result(work(given))
        return done

    def each(self, work: Callable[[A], T], given: Sequence[A]) -> Iterator[T]:
        """The results of several pieces of work, in order."""
        return map(work, given) if self._executor is None else self._executor.map(work, given)
