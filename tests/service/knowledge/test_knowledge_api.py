"""The API of knowledge: uploads are read, embedded, found, opened, removed; and who may what."""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen import canvas

from tests.service.conftest import Server, asgi_client
from zaohua.service.services import Services

ROOT = "/api/knowledge"
RULES = (
    "# 员工手册\n\n## 年假\n\n满一年有十二天年假，可以结转。\n\n## 差旅\n\n住宿每晚不超过四百元。\n"
)
Make = Callable[..., tuple[FastAPI, Services]]


def pdf(*pages: str, password: str = "") -> bytes:
    file = io.BytesIO()
    made = canvas.Canvas(file, encrypt=StandardEncryption(password) if password else None)
    for page in pages:
        made.drawString(80, 700, page)
        made.showPage()
    made.save()
    return file.getvalue()


def form(**files: bytes | str) -> list[tuple[str, tuple[str, bytes | str]]]:
    return [("files", (name.replace("__", "."), content)) for name, content in files.items()]


@pytest.fixture
async def made(client: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a server with an empty collection ``work``."""
    answer = await client.post(f"{ROOT}/collections", json={"name": "desk"})
    assert answer.status_code == 201, answer.text
    yield client


async def upload(client: httpx.AsyncClient, files: Any, name: str = "desk") -> list[dict[str, Any]]:
    """The files of the collection when all of them are read."""
    sent = await client.post(f"{ROOT}/collections/{name}/files", files=files)
    assert sent.status_code == 202, sent.text
    async with asyncio.timeout(10):
        while (await client.get(f"{ROOT}/collections/{name}")).json()["waiting"]:
            await asyncio.sleep(0.02)
    items: list[dict[str, Any]] = (await client.get(f"{ROOT}/collections/{name}/files")).json()[
        "items"
    ]
    return items


async def found(client: httpx.AsyncClient, q: str, **parameters: Any) -> list[dict[str, Any]]:
    answer = await client.get(f"{ROOT}/search", params={"q": q, **parameters})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_an_upload_is_found_opened_replaced_and_removed(made: httpx.AsyncClient) -> None:
    [file] = await upload(made, form(rules__md=RULES))
    assert (file["name"], file["waiting"], file["problems"]) == ("rules.md", False, [])
    [first, *_] = await found(made, "年假有几天", collection="desk")
    assert (first["source"], first["headings"], first["word_rank"]) == (
        "rules.md",
        ["员工手册", "年假"],
        1,
    )
    opened = (await made.get(f"{ROOT}/documents/{first['document']}")).json()
    assert opened["collection"] == "desk"
    assert "".join(passage["text"] for passage in opened["passages"]) == RULES
    start = first["start"]
    part = (
        await made.get(
            f"{ROOT}/documents/{first['document']}", params={"start": start, "length": 1}
        )
    ).json()
    assert [passage["id"] for passage in part["passages"]] == [first["id"]]
    [file] = await upload(made, form(rules__md="年假改为十五天。"))
    assert [one["text"] for one in await found(made, "结转")] == ["年假改为十五天。"]
    gone = await made.delete(f"{ROOT}/collections/desk/files", params={"file": "rules.md"})
    assert gone.status_code == 204
    assert await found(made, "十五天") == []
    again = await made.delete(f"{ROOT}/collections/desk/files", params={"file": "rules.md"})
    assert again.status_code == 404


async def test_found_by_words_within_a_second_and_embedded_soon(made: httpx.AsyncClient) -> None:
    async with asyncio.timeout(1):
        await made.post(
            f"{ROOT}/collections/desk/files", files=form(a__md=RULES, b__txt="灯在墙上。")
        )
        while not await found(made, "灯在哪里"):
            await asyncio.sleep(0.02)
    async with asyncio.timeout(5):
        while True:
            one = (await made.get(f"{ROOT}/collections/desk")).json()
            if one["embedded"] == one["passages"] > 0:
                break
            await asyncio.sleep(0.02)
    assert (await found(made, "灯在墙上。"))[0]["meaning_rank"] is not None
    progress = (await made.get(f"{ROOT}/progress")).json()
    assert (progress["waiting"], progress["embedding"], progress["problem"]) == (0, None, "")


async def test_bad_files_are_told_one_by_one_and_the_rest_goes_on(
    made: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = await upload(
        made,
        form(
            good__md=RULES,
            empty__md=b"",
            locked__pdf=pdf("secret", password="x"),
            scan__pdf=pdf(""),
            strange__xyz=b"\x00\x01\x02\xff\xfe binary",
            fake__docx=b"this is no docx",
        ),
    )
    reasons = {file["name"]: [p["reason"] for p in file["problems"]] for file in files}
    assert reasons.pop("good.md") == []
    assert reasons["empty.md"] == ["empty file"]
    assert reasons["locked.pdf"] == ["locked with a password"]
    assert reasons["scan.pdf"] == ["no text layer: a scan, or empty pages"]
    assert len(reasons["strange.xyz"]) == len(reasons["fake.docx"]) == 1
    assert all("\n" not in reason for [reason] in reasons.values())
    one = (await made.get(f"{ROOT}/collections/desk")).json()
    assert (one["files"], one["documents"], one["unreadable"]) == (6, 1, 5)

    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    files = await upload(made, form(report__pdf=pdf("words")))
    [report] = [file for file in files if file["name"] == "report.pdf"]
    assert "pip install 'zaohua[documents]'" in report["problems"][0]["reason"]


async def test_too_large_is_refused_before_it_is_read(make_app: Make, tmp_path: Path) -> None:
    app, _ = make_app(max_upload_bytes=4096)
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n'
        yield head
        while True:
            sent += 65536
            yield b"x" * 65536

    async with app.router.lifespan_context(app), asgi_client(app) as client:
        await client.post(f"{ROOT}/collections", json={"name": "desk"})
        address = f"{ROOT}/collections/desk/files"
        declared = {
            "content-length": str(500 << 20),
            "content-type": "multipart/form-data; boundary=x",
        }
        early = await client.post(address, content=endless(), headers=declared)
        assert (early.status_code, sent) == (413, 0)
        assert early.json()["error"]["code"] == "request_too_large"
        late = await client.post(
            address, content=endless(), headers={"content-type": declared["content-type"]}
        )
        assert late.status_code == 413
        assert sent < 4 << 20
        assert (await client.get(address)).json()["items"] == []
        assert not list((tmp_path / "home" / "knowledge" / "uploads").rglob("*.*"))


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"{}", "application/json"),
        (b"", "multipart/form-data"),
        (b"", "multipart/form-data; boundary=x"),
        (b"garbage", "multipart/form-data; boundary=x"),
        (
            b'--x\r\nContent-Disposition: form-data; name="f"\r\n\r\nv\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
        ),
        (
            b'--x\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\ncut o',
            "multipart/form-data; boundary=x",
        ),
    ],
)
async def test_what_is_no_form_with_files(
    made: httpx.AsyncClient, content: bytes, kind: str, tmp_path: Path
) -> None:
    answer = await made.post(
        f"{ROOT}/collections/desk/files", content=content, headers={"content-type": kind}
    )
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "files"
    assert not [p for p in (tmp_path / "home" / "knowledge").rglob("*") if p.is_file()]


@pytest.mark.parametrize("name", ["", "two words", "a/b", "x" * 65, "nul\x00"])
async def test_names_that_cannot_be(made: httpx.AsyncClient, name: str) -> None:
    assert (await made.post(f"{ROOT}/collections", json={"name": name})).status_code == 400


async def test_a_name_is_taken_once(made: httpx.AsyncClient) -> None:
    again = await made.post(f"{ROOT}/collections", json={"name": "desk"})
    assert again.status_code == 400
    assert "taken" in again.json()["error"]["message"]


async def test_removing_a_collection_takes_its_uploads_along(
    made: httpx.AsyncClient, tmp_path: Path
) -> None:
    await upload(made, form(rules__md=RULES))
    uploads = tmp_path / "home" / "knowledge" / "uploads"
    assert len([path for path in uploads.rglob("*") if path.is_file()]) == 1
    assert (await made.delete(f"{ROOT}/collections/desk")).status_code == 204
    assert not [path for path in uploads.rglob("*") if path.is_file()]
    assert (await made.get(f"{ROOT}/collections/desk")).status_code == 404


async def test_what_a_restart_left_is_read_and_embedded(make_app: Make, tmp_path: Path) -> None:
    app, _ = make_app()
    async with app.router.lifespan_context(app), asgi_client(app) as client:
        await client.post(f"{ROOT}/collections", json={"name": "desk"})
    file = tmp_path / "home" / "knowledge" / "uploads" / "1" / "late.md"
    file.parent.mkdir(parents=True)
    file.write_text(RULES)
    unfinished = file.with_name(".part-1234")
    unfinished.write_text("half")
    app, _ = make_app()
    app.state.knowledge.arrivals.note("desk", file, 9)
    async with app.router.lifespan_context(app), asgi_client(app) as client:
        assert not unfinished.exists()
        async with asyncio.timeout(5):
            while (await client.get(f"{ROOT}/collections/desk")).json()["embedded"] < 2:
                await asyncio.sleep(0.02)
        assert await found(client, "年假")


def keyed(server: Server, name: str, *scopes: str) -> httpx.Client:
    _, secret = server.services.keyring.create(name, scopes)
    headers = {"authorization": f"Bearer {secret}"}
    return httpx.Client(base_url=server.url, headers=headers, timeout=20)


def test_who_may_read_and_change(key_server: Server) -> None:
    admin, anna = keyed(key_server, "admin", "admin"), keyed(key_server, "anna", "chat")
    bert, machine = keyed(key_server, "bert", "chat"), keyed(key_server, "machine", "inference")
    collections = f"{ROOT}/collections"

    def names(client: httpx.Client) -> list[tuple[str, bool]]:
        items = client.get(collections).json()["items"]
        return [(item["name"], item["may_change"]) for item in items]

    with admin, anna, bert, machine:
        assert admin.post(collections, json={"name": "team"}).json()["shared"] is True
        assert anna.post(collections, json={"name": "private"}).json()["shared"] is False
        assert machine.get(collections).status_code == 403
        assert names(admin) == [("private", True), ("team", True)]
        assert names(anna) == [("private", True), ("team", False)]
        assert names(bert) == [("team", False)]
        sent = anna.post(f"{collections}/private/files", files=form(a__md=RULES))
        assert sent.status_code == 202
        deadline = 200
        while anna.get(f"{collections}/private").json()["waiting"] and (deadline := deadline - 1):
            asyncio.run(asyncio.sleep(0.02))
        hit = anna.get(f"{ROOT}/search", params={"q": "年假"}).json()["items"][0]
        assert bert.get(f"{ROOT}/search", params={"q": "年假"}).json()["items"] == []
        for refused in (
            bert.get(f"{ROOT}/search", params={"q": "年假", "collection": "private"}),
            bert.get(f"{ROOT}/documents/{hit['document']}"),
            bert.get(f"{collections}/private/files"),
            bert.delete(f"{collections}/private"),
        ):
            assert refused.status_code == 404
        assert bert.post(f"{collections}/team/files", files=form(a__md=RULES)).status_code == 403
        assert bert.delete(f"{collections}/team").status_code == 403
        assert bert.patch(f"{collections}/team", json={"shared": False}).status_code == 403
        shared = anna.patch(f"{collections}/private", json={"shared": True})
        assert shared.json()["shared"] is True
        assert bert.get(f"{ROOT}/documents/{hit['document']}").status_code == 200
        assert admin.delete(f"{collections}/private").status_code == 204
