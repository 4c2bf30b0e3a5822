"""Workers of a cluster: a dask.distributed scheduler hands the pieces out, and again those of workers that are lost."""

import logging
import platform
import traceback
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import CancelledError
from functools import cache
from importlib.metadata import version
from time import thread_time
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import dask.config
import numba
from distributed import Client, Future, KilledWorker, Security, wait

from geo.errors import ClusterError, DiemnongError
from geo.workers import Piece, Result

CONNECT_S = 10
"""Seconds that a scheduler has to answer."""
LOOK_S = 5
"""Seconds after which one looks whether there is a worker at all."""
PATIENCE_S = 60
"""Seconds that pieces wait where there is none."""
_LARGE = {"distributed.admin.large-graph-warning-threshold": "1TB"}
"""A piece may be large, and dask need not say so."""
AHEAD = 4
"""Pieces and results at one time for each thread of the workers: later ones are done while an earlier one lasts."""
AWAY_S = 0.02
"""Seconds of a processor for whose use of a result pieces must not run out."""
LIBRARIES = ("diemnong", "numpy", "scipy", "numba", "pandas", "scikit-learn")
"""What decides over the last bit of a result, and so must be of the same version everywhere."""

logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # of a lost connection the errors here tell


class Sealed:
    """Something that dask is given; its logs show what tasks are made of, and of this nothing."""

    def __init__(self, content: Any) -> None:
        self.content = content


class Failed(Sealed):
    """The error that a piece ended with, as a result: of what a task raises, dask logs the words."""


class Cluster:
    """Those whom a scheduler knows; see `geo.workers.Workers`.

    Parameters
    ----------
    address
        Of the scheduler, as `geo.workers.checked_scheduler` returns it. Certificates for ``tls://`` are those of dask's
        own configuration.

    Raises
    ------
    ClusterError
        When entered, if no scheduler answers there. From `map`, besides what the pieces themselves raise: if the
        scheduler goes away, there is no worker for `PATIENCE_S`, one has other versions than this process, or one piece
        loses more workers than the scheduler allows.
    """

    def __init__(self, address: str) -> None:
        self._address = address

    def __enter__(self) -> Self:
        # Before there is a client: one that fails for want of certificates leaves its thread behind.
        security = _security(self._address)
        try:
            # Results come by way of the scheduler: no other address is spoken to.
            self._client = Client(
                self._address,
                name="diemnong",
                timeout=CONNECT_S,
                security=security,
                set_as_default=False,
                direct_to_workers=False,
            )
        except OSError:
            raise ClusterError(
                "{address}: no scheduler answers within {n} seconds; look at its log, or start one: dask scheduler",
                address=self._address,
                n=CONNECT_S,
            ) from None
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._client.close(timeout=1 if error else CONNECT_S)

    def map(self, function: Callable[..., Result], pieces: Iterable[Piece], *shared: object) -> Iterator[Result]:
        """Yield the results; see `geo.workers.Workers.map`."""
        # As a task rather than as scattered data, so that it is made again where the worker that held it is lost.
        together = [self._submit(_as_it_is, Sealed(shared))] if shared else []
        waiting: deque[tuple[Future[Any], str]] = deque()
        left, away = iter(pieces), 0.0
        while True:
            places = self._places(waiting, away)
            waiting.extend(
                (self._submit(_carried_out, Sealed((_versions(), function, piece)), *together, at=place), place)
                for place, piece in zip(places, left, strict=False)
            )
            if not waiting:
                return
            if waiting[0][0].done():
                result = self._result(waiting.popleft()[0])
                begun = thread_time()
                yield result
                del result  # it may be large, and the next comes
                away = thread_time() - begun
            else:
                self._wait_for_one(future for future, _ in waiting)

    def _places(self, waiting: "Collection[tuple[Future[Any], str]]", away: float) -> list[str]:
        """Return the workers that may get a piece now, each as often as it may get one.

        A piece behind another waits for it, though it may last and other workers be idle; so there is one for each
        thread. One more is needed only where whoever gets the results is away for long, and could hand out none. Dask
        would choose by how long others took, and put a piece behind one that lasts if those before were quick.
        """
        threads = self._threads() or {"": 1}  # of whoever comes
        at_work = Counter(place for future, place in waiting if not future.done())
        each = 2 if away > AWAY_S else 1
        free = [place for place, n in threads.items() for _ in range(each * n - at_work[place])]
        return free[: max(0, AHEAD * sum(threads.values()) - len(waiting))]

    def _submit(self, function: Callable[..., Any], *arguments: object, at: str = "") -> "Future[Any]":
        """Hand something to a worker; to another one if that is lost."""
        key, there = f"diemnong-{uuid4()}", {"workers": [at], "allow_other_workers": True} if at else {}
        with dask.config.set(_LARGE):
            return self._asked(lambda: self._client.submit(function, *arguments, key=key, pure=False, **there))

    def _threads(self) -> dict[str, int]:
        """Return the workers' addresses, and how many threads each has."""
        return dict(self._asked(self._client.nthreads))

    def _wait_for_one(self, waiting: "Iterable[Future[Any]]") -> None:
        """Wait until a piece more is done."""
        at_work, alone = [future for future in waiting if not future.done()], 0
        while not self._asked(lambda: self._any_done(at_work)):
            alone = 0 if self._threads() else alone + LOOK_S
            if alone >= PATIENCE_S:
                raise ClusterError(
                    "{address}: no worker for {n} seconds; start one with: dask worker {address}",
                    address=self._address,
                    n=alone,
                )

    def _any_done(self, futures: "list[Future[Any]]") -> bool:
        try:
            with self._client.as_current():
                wait(futures, timeout=LOOK_S, return_when="FIRST_COMPLETED")
        except TimeoutError:
            return False
        return True

    def _result(self, future: "Future[Any]") -> Any:
        result = self._asked(future.result)
        if isinstance(result, Failed):
            raise result.content
        return result

    def _asked(self, ask: Callable[[], Any]) -> Any:
        """Return what the scheduler answers, its errors in words of ours."""
        try:
            return ask()
        except KilledWorker as error:
            raise ClusterError(
                "{address}: {n} workers were lost at one piece of the work, probably for want of memory; give workers "
                "more (--memory-limit), or fewer threads (--nthreads)",
                address=self._address,
                n=error.allowed_failures + 1,
            ) from None
        except Exception as error:
            if self._client.status != "running" or isinstance(error, (OSError, CancelledError)):
                raise ClusterError(
                    "{address}: the scheduler went away before the work was done; nothing was changed, run the command "
                    "again",
                    address=self._address,
                ) from None
            raise ClusterError(
                "{address}: scheduler or workers cannot read what this program sends ({kind}); install the same "
                "versions of diemnong, with its extra cluster, everywhere",
                address=self._address,
                kind=type(error).__name__,
            ) from None


def _security(address: str) -> Security:
    """Return keys and certificates of dask's configuration, if they are those that an address needs."""
    security = Security()
    if not address.startswith("tls://"):
        if security.require_encryption:
            raise ClusterError(
                "{address}: dask's configuration allows encrypted connections only; name the scheduler as tls://",
                address=address,
            )
        return security
    try:
        found = security.get_connection_args("client")["ssl_context"]
    except OSError:  # a file that is missing, or holds no certificate
        found = None
    if found is None:
        raise ClusterError(
            "{address}: no TLS without certificates; name them in dask's configuration, see docs/scale.md",
            address=address,
        )
    return security


def _as_it_is(shared: Sealed) -> Sealed:
    return shared


def _carried_out(order: Sealed, shared: Sealed | None = None) -> Any:
    """Do a piece, on a worker; never raises, because dask would log what a library says of a row."""
    versions, function, piece = order.content
    numba.set_num_threads(1)  # beside this one work as many others as there are processors
    try:
        _check_versions(versions)
        return function(piece, *(shared.content if shared else ()))
    except (DiemnongError, MemoryError) as error:
        return Failed(error)
    except Exception as error:
        place = [
            f"{frame.f_globals.get('__name__', '?')}:{line}" for frame, line in traceback.walk_tb(error.__traceback__)
        ]
        return Failed(
            ClusterError(
                "A piece of the work failed on a worker in a way that the program does not know ({kind} at {place}); "
                "what the error says is not shown, because it may quote a row. Please report it",
                kind=type(error).__name__,
                place=place[-1],
            )
        )


@cache
def _versions() -> dict[str, str]:
    return {"Python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}


def _check_versions(wanted: dict[str, str]) -> None:
    for name, theirs in _versions().items():
        if theirs != wanted.get(name):
            raise ClusterError(
                "A worker has {name} {theirs}, this process {ours}: results would not be the same; install the same "
                "version",
                name=name,
                theirs=theirs,
                ours=wanted.get(name, "–"),
            )
