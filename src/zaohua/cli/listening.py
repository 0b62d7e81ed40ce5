"""The socket a server listens on, bound before anything is loaded: a taken port is told first."""

from __future__ import annotations

import errno
import socket

from zaohua.errors import UnavailableError, UsageError

NEIGHBOURS = 20
BACKLOG = 2048


def listen(host: str, port: int, *, hunt: bool = False) -> socket.socket:
    """A listening socket on ``host:port``; port 0 takes any free one.

    With ``hunt``, ports after a taken one are tried, then any.

    Raises:
        UsageError: the host is not an address of this machine.
        UnavailableError: the port is taken or not allowed.
    """
    ports = [port, *range(port + 1, min(port + NEIGHBOURS, 65536)), 0] if hunt and port else [port]
    for candidate in ports[:-1]:
        try:
            return _bound(host, candidate)
        except UnavailableError:
            continue
    return _bound(host, ports[-1])


def address(host: str, port: int) -> str:
    """The URL of a bound address as seen from this machine."""
    reachable = local_name(host)
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"


def local_name(host: str) -> str:
    """Where this machine reaches a server bound to ``host``."""
    return {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104


def _bound(host: str, port: int) -> socket.socket:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, UnicodeError):
        raise UsageError(
            "there is no such address", where=host, mend="give --host 127.0.0.1"
        ) from None
    family, kind, protocol, _, where = found[0]
    sock = socket.socket(family, kind, protocol)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind(where)
        sock.listen(BACKLOG)
    except OSError as error:
        sock.close()
        raise _refused(error, host, port) from None
    sock.setblocking(False)
    return sock


def _refused(error: OSError, host: str, port: int) -> Exception:
    if error.errno == errno.EADDRNOTAVAIL:
        return UsageError(
            "this machine has no such address", where=host, mend="give one of its own or 0.0.0.0"
        )
    where = f"{host}:{port}"
    if error.errno == errno.EADDRINUSE:
        return UnavailableError(
            "the port is taken", where=where, mend="give another, or --port 0 for any that is free"
        )
    if error.errno == errno.EACCES:
        return UnavailableError(
            "this user may not use the port", where=where, mend="give one above 1023"
        )
    return UnavailableError(f"cannot listen: {error.strerror}", where=where)
