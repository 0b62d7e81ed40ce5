"""zaohua (造化): your own ChatGPT.

`generate_chat_response` is the shortest way from Python to an answer; the rooms below
(`zaohua.generate`, `zaohua.store` …) hold the parts. Importing this does no work.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any, Literal, overload

# OpenVINO tells its makers when it is imported, from a process that it leaves behind: not here.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]

__version__ = "0.1.0"
__all__ = ["__version__", "generate_chat_response"]


@overload
def generate_chat_response(
    input_prompt: str,
    *,
    max_length: int = ...,
    num_return_sequences: Literal[1] = ...,
    top_k: int = ...,
    top_p: float = ...,
    do_sample: bool = ...,
    model: str | None = ...,
    system: str | None = ...,
    seed: int | None = ...,
) -> str: ...


@overload
def generate_chat_response(
    input_prompt: str,
    *,
    max_length: int = ...,
    num_return_sequences: int,
    top_k: int = ...,
    top_p: float = ...,
    do_sample: bool = ...,
    model: str | None = ...,
    system: str | None = ...,
    seed: int | None = ...,
) -> str | list[str]: ...


def generate_chat_response(
    input_prompt: str,
    *,
    max_length: int = 100,
    num_return_sequences: int = 1,
    top_k: int = 50,
    top_p: float = 1.0,
    do_sample: bool = True,
    model: str | None = None,
    system: str | None = None,
    seed: int | None = None,
) -> str | list[str]:
    """Answer ``input_prompt``: prompt in, text out.

    The first call downloads the model if it is missing and loads it; it stays loaded for later
    calls and goes with the process. Works inside a running event loop (notebooks) too.

    Args:
        input_prompt: what the user says.
        max_length: most tokens the answer may have; a longer one is cut off there, in mid
            sentence. The prompt does not count, and tokens are the model's own: one Chinese
            word is about one token, not two or three as in GPT-2.
        num_return_sequences: how many answers to draw.
        top_k: draw from the ``top_k`` likeliest tokens; 0 for all.
        top_p: draw from the likeliest tokens that together reach this probability.
        do_sample: ``False`` always takes the likeliest token.
        model: a name that ``zaohua models list`` shows; the configured default if not given.
        system: instructions that stand before the conversation. Without any, a Chinese prompt
            gets a short Chinese one, others what the model's chat template says.
        seed: the same seed gives the same text.

    Returns:
        The answer without the prompt; a list of answers if ``num_return_sequences`` is over 1.

    Raises:
        UsageError: an argument is out of its range.
        UnavailableError: the model can be neither found nor downloaded, or does not start.
    """
    # By name, because the rooms below may import this package for its version.
    shared: Any = import_module("zaohua.cli.shared")
    answers: list[str] = shared.shared_session().answers(
        input_prompt,
        max_tokens=max_length,
        n=num_return_sequences,
        top_k=top_k,
        top_p=top_p,
        temperature=None if do_sample else 0.0,
        model=model or "",
        system=system or "",
        seed=seed,
    )
    return answers[0] if num_return_sequences == 1 else answers
