"""Following the log as it grows: the server notifies, and a connection of its own listens."""

from collections.abc import Sequence

import psycopg
from eventsourcing import postgres as library

from ledger.storage.postgres_connections import Connections
from ledger.storage.postgres_functions import CHANNEL

LISTENED = 0.1
"""For how many seconds at a time it is listened, so that the end of the subscription is noticed."""


class LedgerSubscription(library.PostgresSubscription):
    """The library's subscription, which goes on after the server was restarted or another took over."""

    def __init__(
        self,
        recorder: library.PostgresApplicationRecorder,
        connections: Connections,
        gt: int | None = None,
        topics: Sequence[str] = (),
    ) -> None:
        self._connections = connections  # before the library starts the thread that listens
        super().__init__(recorder, gt, topics)

    def _listen(self) -> None:
        try:
            while not (self._has_been_stopped or self._thread_error):
                self._listen_once()
        except BaseException as error:  # noqa: BLE001  # as the library: whoever reads the subscription gets it
            if self._thread_error is None:
                self._thread_error = error
            self.stop()

    def _listen_once(self) -> None:
        """Listen until the connection breaks. What came while nobody listened is then asked for."""
        connection = self._connections.connect()
        try:
            connection.execute(f"LISTEN {CHANNEL}")
            self._has_been_notified.set()
            while not (self._has_been_stopped or self._thread_error):
                for _ in connection.notifies(timeout=LISTENED, stop_after=1):
                    self._has_been_notified.set()
        except psycopg.OperationalError:
            return
        finally:
            connection.close()
