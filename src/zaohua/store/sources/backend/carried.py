"""A PEP 517 build backend that tells pip the name it already knows, and builds nothing.

pip asks the backend of a source distribution for its metadata even when it shall only download
it, which may run the package's own code (``setup.py``). This one never looks at the package.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any


class Backend:
    """What pip calls when it only downloads."""

    @staticmethod
    def get_requires_for_build_wheel(config_settings: Any = None) -> list[str]:
        """Nothing is needed."""
        return []

    @staticmethod
    def prepare_metadata_for_build_wheel(
        metadata_directory: str, config_settings: Any = None
    ) -> str:
        """The name and version that were asked for."""
        name, version = os.environ["ZAOHUA_CARRIED_NAME"], os.environ["ZAOHUA_CARRIED_VERSION"]
        folder = Path(metadata_directory, "carried.dist-info")
        folder.mkdir()
        text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        (folder / "METADATA").write_text(text, "utf-8")
        return folder.name
