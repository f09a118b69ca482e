"""A way to the server that can be cut: a TCP proxy that drops a connection at a chosen moment."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

CHUNK = 65536


class Proxy:
    """Forwards connections to a server's port; `port` is its own."""

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._when: Callable[[bytes], bool] | None = None
        self._forward = self._then_down = False
        self._after = 0.0
        self._sockets: list[socket.socket] = []
        self.cuts = 0
        self._threads: list[threading.Thread] = []
        self._run(self._accept)

    def cut(
        self, when: Callable[[bytes], bool], *, forward: bool, after: float = 0, then_down: bool = False
    ) -> None:
        """Once: drop the connection in which the client sends something that fits.

        With `forward` the server gets it, `after` so many seconds, and its answer is thrown away; without, it gets
        nothing. `then_down`: no new connection gets through afterwards.
        """
        self._forward, self._after, self._then_down, self._when = forward, after, then_down, when

    def drop(self) -> None:
        """Drop every connection there is."""
        for one in self._sockets:
            _shut(one)

    def close(self) -> None:
        """Take no more connections, and drop those there are."""
        _shut(self._listening)
        self.drop()
        for thread in self._threads:
            thread.join(10)
        for one in (self._listening, *self._sockets):
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.create_connection(("127.0.0.1", self._server_port))
                self._sockets += [client, server]
                self._run(self._outward, client, server)
                self._run(_inward, server, client)

    def _run(self, work: Callable[..., None], *arguments: socket.socket) -> None:
        self._threads.append(threading.Thread(target=work, args=arguments, daemon=True))
        self._threads[-1].start()

    def _outward(self, client: socket.socket, server: socket.socket) -> None:
        """From the client to the server; here a connection is cut."""
        with suppress(OSError):
            while chunk := client.recv(CHUNK):
                if self._when is not None and self._when(chunk):
                    self._when = None
                    if self._then_down:
                        _shut(self._listening)
                    self._cut(client, server, chunk)
                    return
                server.sendall(chunk)
        _shut(server)

    def _cut(self, client: socket.socket, server: socket.socket, chunk: bytes) -> None:
        _shut(client)  # first: not a byte of the answer gets through
        if self._forward:
            time.sleep(self._after)
            with suppress(OSError):
                server.sendall(chunk)
                server.shutdown(socket.SHUT_WR)
                while server.recv(CHUNK):  # until the server, too, has come to the end
                    pass
        self.cuts += 1
        _shut(server)


def _inward(server: socket.socket, client: socket.socket) -> None:
    """From the server to the client."""
    with suppress(OSError):
        while chunk := server.recv(CHUNK):
            client.sendall(chunk)
    _shut(client)


def _shut(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)


@contextmanager
def proxied(url: str) -> Iterator[tuple[Proxy, str]]:
    """A proxy to the server of an address, and the address that leads through it."""
    server_port = int(url.split("@")[1].split("/", maxsplit=1)[0].rpartition(":")[2])
    proxy = Proxy(server_port)
    try:
        yield proxy, url.replace(f":{server_port}/", f":{proxy.port}/")
    finally:
        proxy.close()
