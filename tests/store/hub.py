"""A web server on loopback that stands in for the hubs, with the faults of real ones on request."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit


@dataclass
class Page:
    """A file on the server and how it is served."""

    data: bytes
    etag: str = ""
    ranges: bool = True
    drop_after: int | None = None  # break the connection after so many bytes, once
    chunk_delay: float = 0.0
    chunk: int = 16384
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    redirect: str = ""
    length: bool = True

    def tag(self) -> str:
        return self.etag or f'"{hashlib.md5(self.data).hexdigest()}"'


class Hub(ThreadingHTTPServer):
    """The server; ``pages`` by path, ``log`` of (method, path, Range, headers)."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.pages: dict[str, Page] = {}
        self.log: list[tuple[str, str, str | None, Message]] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.elsewhere = self.url.replace("127.0.0.1", "localhost")
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    def add(self, path: str, data: bytes, **how: Any) -> Page:
        page = Page(data, **how)
        self.pages[path] = page
        return page

    def add_huggingface(self, repo: str, file: str, data: bytes, **how: Any) -> Page:
        """As the hub does it: facts in the headers of a redirect to a storage host."""
        sha256 = how.pop("sha256", hashlib.sha256(data).hexdigest())
        where = f"/cdn/{repo}/{file}"
        facts = {"X-Repo-Commit": "c" * 40, "X-Linked-Size": str(len(data))}
        if sha256:
            facts["X-Linked-Etag"] = f'"{sha256}"'
        self.add(f"/{repo}/resolve/main/{file}", b"", redirect=where, headers=facts)
        siblings = {"id": repo, "siblings": [{"rfilename": file}]}
        self.add(f"/api/models/{repo}", json.dumps(siblings).encode())
        return self.add(where, data, **how)

    def add_modelscope(self, repo: str, file: str, data: bytes, **how: Any) -> Page:
        sha256 = how.pop("sha256", hashlib.sha256(data).hexdigest())
        listing = {"Data": {"Files": [{"Path": file, "Size": len(data), "Sha256": sha256}]}}
        self.add(f"/api/v1/models/{repo}/repo/files", json.dumps(listing).encode())
        return self.add(f"/models/{repo}/resolve/master/{file}", data, **how)

    def gets(self, path: str) -> list[str | None]:
        """The Range headers of the GET requests for a path."""
        return [ranged for method, at, ranged, _ in self.log if method == "GET" and at == path]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves is part of the play."""


class Handler(BaseHTTPRequestHandler):
    server: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        pass

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        path = unquote(urlsplit(self.path).path)
        wanted = self.headers.get("Range")
        self.server.log.append((self.command, path, wanted, self.headers))
        page = self.server.pages.get(path)
        if page is None or page.status >= 400:
            self._send(404 if page is None else page.status, {}, b"")
            return
        if page.redirect:
            self._send(302, page.headers | {"Location": self.server.elsewhere + page.redirect}, b"")
            return
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and page.ranges else 0
        size = len(page.data)
        if start >= size > 0:
            self._send(416, {"Content-Range": f"bytes */{size}"}, b"")
            return
        headers = page.headers | {"ETag": page.tag()}
        if wanted and page.ranges:
            headers["Content-Range"] = f"bytes {start}-{size - 1}/{size}"
        self._stream(page, 206 if "Content-Range" in headers else 200, headers, start, body)

    def _send(self, status: int, headers: dict[str, str], data: bytes) -> None:
        self.send_response(status)
        for key, value in (headers | {"Content-Length": str(len(data))}).items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(data)

    def _stream(
        self, page: Page, status: int, headers: dict[str, str], start: int, body: bool
    ) -> None:
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        if page.length:
            self.send_header("Content-Length", str(len(page.data) - start))
        else:
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        if not body:
            return
        sent = 0
        for at in range(start, len(page.data), page.chunk):
            if page.drop_after is not None and sent >= page.drop_after:
                page.drop_after = None
                self.close_connection = True
                self.connection.close()
                return
            piece = page.data[at : at + page.chunk]
            self.wfile.write(piece)
            sent += len(piece)
            time.sleep(page.chunk_delay)
