"""The web page: files in ``service/page/``, made from ``web/`` by the build hook."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

PAGE = Path(__file__).with_name("page")
APP_ROUTES = ("/", "/c/{id}")
ROOT_FILES = ("favicon.svg", "manifest.webmanifest", "theme.js")
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
IMMUTABLE = "public, max-age=31536000, immutable"
NOT_BUILT = """The web page was not built. / 网页尚未构建。

In a clone, build it with:   pip install -e .
The API works all the same: /v1, /api.
"""


def mount_page(app: FastAPI, folder: Path = PAGE) -> None:
    """Serve the page at ``/`` and the app's own routes; every other unknown path stays a JSON 404.

    Args:
        app: the app that has its API routes already.
        folder: built files: ``index.html``, ``assets/`` with hashed names, a few root files.
    """
    files = PageFiles(folder)
    for path in APP_ROUTES:
        app.router.routes.append(Route(path, files.index, methods=["GET"]))
    for name in ROOT_FILES:
        app.router.routes.append(Route(f"/{name}", files.root_file, methods=["GET"]))
    app.router.routes.append(Route("/assets/{name}", files.asset, methods=["GET"]))


class PageFiles:
    """Answers requests for the built files of one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def index(self, request: Request) -> Response:
        """The page itself, asked for anew on every visit."""
        file = self.folder / "index.html"
        if not file.is_file():
            return PlainTextResponse(NOT_BUILT, status_code=503, headers={"retry-after": "60"})
        return _send(request, file, "no-cache")

    async def root_file(self, request: Request) -> Response:
        """A file whose name never changes."""
        return self._send_existing(request, self.folder / request.url.path.lstrip("/"), "no-cache")

    async def asset(self, request: Request) -> Response:
        """A file whose name changes with its content."""
        name: str = request.path_params["name"]
        return self._send_existing(request, self.folder / "assets" / name, IMMUTABLE)

    def _send_existing(self, request: Request, file: Path, cache: str) -> Response:
        inside = file.resolve().is_relative_to(self.folder.resolve())
        if not inside or file.suffix not in TYPES or not file.is_file():
            raise HTTPException(404)
        return _send(request, file, cache)


def _send(request: Request, file: Path, cache: str) -> Response:
    headers = {"cache-control": cache, "vary": "Accept-Encoding"}
    packed = file.with_name(f"{file.name}.gz")
    if _takes_gzip(request) and packed.is_file():
        file_type = TYPES[file.suffix]
        return FileResponse(
            packed, headers={**headers, "content-encoding": "gzip"}, media_type=file_type
        )
    return FileResponse(file, headers=headers, media_type=TYPES[file.suffix])


def _takes_gzip(request: Request) -> bool:
    for part in request.headers.get("accept-encoding", "").split(","):
        name, _, quality = part.strip().partition(";")
        if name.strip().lower() in ("gzip", "*"):
            return quality.replace(" ", "") not in ("q=0", "q=0.0")
    return False
