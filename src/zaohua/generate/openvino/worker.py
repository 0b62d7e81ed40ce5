"""The process that holds one OpenVINO model: ``python -m zaohua.generate.openvino.worker``.

It is told an `OpenVinoConfig`; how it lives is said in `worker_life`.
"""

from __future__ import annotations

from typing import Any

from zaohua.generate.openvino.config import OpenVinoConfig
from zaohua.generate.openvino.loading import load
from zaohua.generate.pipeline.server import Server
from zaohua.generate.worker_life import live


def main() -> None:
    """Load and serve."""
    live(_serve)


def _serve(fields: dict[str, Any]) -> Server:
    config = OpenVinoConfig(**fields)
    return Server(load(config), config.key)


if __name__ == "__main__":
    main()
