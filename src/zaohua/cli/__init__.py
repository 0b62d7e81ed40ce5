"""The verbs a person types. Thin shells over one public function each; no logic lives here.

Modules here import only the standard library and typer at their top, so that ``zaohua --help``
is instant; everything else is imported by the verb that needs it.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Run ``zaohua`` with the arguments of this process and leave with its exit code."""
    try:
        from zaohua.cli.app import run
    except KeyboardInterrupt:  # importing takes a moment
        raise SystemExit(130) from None
    raise SystemExit(run(sys.argv[1:]))
