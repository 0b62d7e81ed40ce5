"""Without the extra ``mcp``: one clear line with the command that installs it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from zaohua.assistant.tools import Toolbox
from zaohua.assistant.tools.mcp.servers import RemoteServers
from zaohua.assistant.tools.mcp.serving import serving
from zaohua.errors import MissingExtraError, installing
from zaohua.settings import Settings

LINE = f"needs the 'mcp' extra: {installing('mcp')}"


@pytest.fixture(autouse=True)
def _no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [one for one in sys.modules if one.partition(".")[0] in ("mcp", "mcp_types")]:
        monkeypatch.delitem(sys.modules, name)
    for name in ("mcp", "mcp_types"):
        monkeypatch.setitem(sys.modules, name, None)


async def test_servers(tmp_path: Path) -> None:
    spec = {"command": sys.executable}
    remote = RemoteServers(Settings(home=tmp_path, mcp={"servers": {"x": spec}}))
    assert await remote.tools() == ()
    assert LINE in remote.states()[0].error
    await remote.aclose()


def test_serving() -> None:
    with pytest.raises(MissingExtraError, match="pip install"):
        serving(lambda _: Toolbox([]), "1")
