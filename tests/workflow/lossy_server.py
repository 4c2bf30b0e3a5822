"""A door to a PostgreSQL that loses the answer to a commit: what a network does at the worst moment."""

import contextlib
import select
import socket
import threading
from pathlib import Path

SOCKET = ".s.PGSQL.5432"


class LossyServer:
    """Hands everything through between clients and a server until it is told to lose something.

    Parameters
    ----------
    folder
        Where clients find it: ``host`` of their address.
    server
        The folder of the server's own socket.
    """

    def __init__(self, folder, server):
        self._server = str(Path(server) / SOCKET)
        self._door = socket.socket(socket.AF_UNIX)
        self._door.bind(str(Path(folder) / SOCKET))
        self._door.listen()
        self.loses = None
        """``"answer"`` of a commit, the ``"commit"`` itself, or None."""
        self._threads = []
        self._start(self._open)

    def close(self):
        self._door.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._door.close()

    def _start(self, work, *arguments):
        self._threads.append(threading.Thread(target=work, args=arguments))
        self._threads[-1].start()

    def _open(self):
        with contextlib.suppress(OSError):  # it is closed
            while True:
                self._start(self._carry, self._door.accept()[0])

    def _carry(self, client):
        with client, socket.socket(socket.AF_UNIX) as server:
            server.connect(self._server)
            while True:
                for ready in select.select([client, server], [], [])[0]:
                    said = ready.recv(65536)
                    if not said:
                        return
                    if self.loses and ready is client and b"COMMIT" in said:
                        if self.loses == "answer":
                            server.sendall(said)
                            server.recv(65536)
                        return
                    (server if ready is client else client).sendall(said)
