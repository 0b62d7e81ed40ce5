"""Getting a file over HTTP, going on where an earlier attempt stopped."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from zaohua.store.part import Part
from zaohua.store.sources.base import Meter, SourceFailed

if TYPE_CHECKING:
    import httpx

CONNECT_SECONDS = 4.0
READ_SECONDS = 30.0
PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)


@dataclass(frozen=True, slots=True)
class Remote:
    """A file at a URL. ``size`` and ``sha256`` as promised before the download, if they were."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    size: int | None = None
    sha256: str = ""


class _Interrupted(Exception):
    """The connection broke, and trying again may help."""


class _Changed(Exception):
    """The server has another file than the one a part was begun with."""


def client(headers: Mapping[str, str] | None = None) -> httpx.Client:
    """An HTTP client that gives up soon on a host that does not answer."""
    import httpx

    timeout = httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
    own = {"User-Agent": "zaohua", "Accept-Encoding": "identity"}
    with proxy_settings_checked():
        return httpx.Client(
            follow_redirects=True, timeout=timeout, headers=own | dict(headers or {})
        )


@contextmanager
def proxy_settings_checked() -> Iterator[None]:
    """Let a proxy of the environment that cannot be used become a `SourceFailed`."""
    try:
        yield
    except ImportError:
        raise SourceFailed("a SOCKS proxy is set, which needs: pip install socksio") from None
    except ValueError as error:
        raise SourceFailed(f"the proxy settings cannot be used ({error})") from None


def public(url: str) -> str:
    """The URL without what may be secret in it: user, password, query.

    A mark after ``#`` keeps URLs apart that differ only in those.
    """
    parts = urlsplit(url)
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
    return bare if bare == url else f"{bare}#{hashlib.sha256(url.encode()).hexdigest()[:8]}"


@contextmanager
def asking(where: str) -> Iterator[None]:
    """Let what goes wrong with a request become a `SourceFailed` about ``where``."""
    import httpx

    try:
        yield
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise SourceFailed(_reason(error), where=where) from error


def download(remote: Remote, part: Part, meter: Meter) -> None:
    """Bring ``part`` to the whole file. A broken connection is taken up again a few times.

    A part is gone on with only if the server still has the same file (promised hash, or ETag and
    date of change) and answers a Range request; else it is begun anew.

    Raises:
        SourceFailed: the server refuses, or the connection keeps breaking.
    """
    import httpx

    if part.size and not _same(part.state, remote):
        part.restart()
    meter.start(part.size)
    failures, first = 0, part.size
    with client(remote.headers) as http:
        while remote.size is None or part.size < remote.size:
            before = part.size
            try:
                _receive(http, remote, part, meter)
                break
            except _Changed:
                meter.note("the file on the server has changed; starting again")
                part.restart()
                first = 0
                meter.start(0)
            except (_Interrupted, httpx.TransportError) as error:
                failures = 0 if part.size > before else failures + 1
                if part.size == first or failures >= len(PAUSES):
                    raise SourceFailed(_reason(error), where=public(remote.url)) from error
                time.sleep(PAUSES[failures])
    part.sync()


def _same(state: Mapping[str, object], remote: Remote) -> bool:
    promised = remote.sha256 or ""
    return bool(state) and state.get("sha256", "") == promised


def _receive(http: httpx.Client, remote: Remote, part: Part, meter: Meter) -> None:
    start = part.size
    headers = {"Range": f"bytes={start}-"} if start else {}
    with http.stream("GET", remote.url, headers=headers) as response:
        if start and response.status_code == 416:
            _check_whole(response, part)
            return
        _check_status(response)
        mark = response.headers.get("etag", "") + "|" + response.headers.get("last-modified", "")
        total = _total(response)
        if start and response.status_code != 206:
            meter.note("the server cannot go on with a file; starting again")
            part.restart()
            meter.start(0)
        elif start and not (_begins_at(response, start) and _goes_on(part, remote, mark)):
            raise _Changed
        if remote.size is not None and total is not None and total != remote.size:
            raise SourceFailed(
                f"the file has {total:,} bytes and not {remote.size:,}",
                where=str(response.url.host),
            )
        if part.size == 0:
            part.save(sha256=remote.sha256, mark=mark)
        for chunk in response.iter_raw():
            part.write(chunk)
            meter.to(part.size)
            if total is not None and part.size > total:
                raise SourceFailed("the server sends more than it said", where=public(remote.url))
        if total is not None and part.size < total:
            raise _Interrupted("the connection broke off")


def _goes_on(part: Part, remote: Remote, mark: str) -> bool:
    """Whether the server still has the file; where a hash is promised, that decides at the end."""
    return bool(remote.sha256) or part.state.get("mark") == mark


def _check_whole(response: httpx.Response, part: Part) -> None:
    """A server that has nothing after the part says how long the file is."""
    found = re.search(r"/(\d+)$", response.headers.get("content-range", ""))
    if found is None or int(found.group(1)) != part.size:
        raise _Changed


def _begins_at(response: httpx.Response, start: int) -> bool:
    stated: str = response.headers.get("content-range", "")
    return stated.startswith(f"bytes {start}-")


def _total(response: httpx.Response) -> int | None:
    if response.status_code == 206:
        found = re.search(r"/(\d+)$", response.headers.get("content-range", ""))
        return int(found.group(1)) if found else None
    length = response.headers.get("content-length", "")
    return int(length) if length.isdigit() else None


def _check_status(response: httpx.Response) -> None:
    code, host = response.status_code, response.url.host
    if code in (200, 206):
        return
    if code in (401, 403):
        raise SourceFailed(
            f"access is refused (HTTP {code})", where=host, mend="accept the licence, set a token"
        )
    if code == 404:
        raise SourceFailed("there is no such file (HTTP 404)", where=public(str(response.url)))
    if code == 429 or code >= 500:
        raise _Interrupted(f"HTTP {code}")
    raise SourceFailed(f"HTTP {code}", where=host)


def _reason(error: Exception) -> str:
    """Why a request failed, in a few words."""
    import httpx

    if isinstance(error, _Interrupted):
        return str(error)
    if isinstance(error, httpx.ConnectTimeout):
        return f"no answer within {CONNECT_SECONDS:.0f} s"
    if isinstance(error, httpx.ConnectError):
        why = re.sub(r"^\[Errno -?\d+\] ", "", str(error)) or "connection failed"
        return f"cannot be reached ({why})"
    if isinstance(error, httpx.TimeoutException):
        return f"silent for {READ_SECONDS:.0f} s"
    return f"the connection broke ({str(error) or type(error).__name__})"
