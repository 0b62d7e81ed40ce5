from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CODE = """
import sys
from pathlib import Path
for name in ("torch", "transformers", "gguf", "peft"):
    sys.modules[name] = None
import zaohua.model
from zaohua.errors import MissingExtraError
from zaohua.model import shape
from zaohua.model.export import export
from zaohua.model.spec import ModelSpec
from zaohua.settings import Settings
print(shape(ModelSpec(), 6400).parameters)
folder = Path(sys.argv[1])
tries = (
    lambda: zaohua.model.load,
    lambda: zaohua.model.build,
    lambda: export("m", str(folder), settings=Settings(home=folder / "home")),
)
for attempt in tries:
    try:
        attempt()
    except MissingExtraError as error:
        print(error.line())
"""


def test_without_the_extra_the_dial_works_and_the_rest_says_what_to_install(
    tmp_path: Path,
) -> None:
    command = [sys.executable, "-c", CODE, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    first, *rest = done.stdout.splitlines()
    assert int(first) > 1_000_000
    assert len(rest) == 3
    assert all("pip install 'zaohua[train]'" in line for line in rest)
