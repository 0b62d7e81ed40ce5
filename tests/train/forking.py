"""Runs in processes of their own, to be killed, limited, or counted."""

from __future__ import annotations

import os
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.process import BaseProcess

import cloudpickle

PROCESSES = get_context("forkserver")
"""Children of a process that has only imported: forked from the tests' own, with its threads of
servers and of OpenMP, a child may wait for a thread that it does not have."""

PROCESSES.set_forkserver_preload(
    [
        "torch",
        "torch._dynamo",
        "torch.utils.tensorboard",
        "transformers.models.llama.modeling_llama",
        "transformers.models.qwen3.modeling_qwen3",
        "zaohua.train.loop",
        "zaohua.train.run",
        "pytest",
    ]
)


def in_a_process(work: Callable[[], object]) -> BaseProcess:
    """Begin ``work`` in a process of its own, which takes a hundredth of importing torch anew."""
    child = PROCESSES.Process(target=_run, args=(cloudpickle.dumps(work),), daemon=True)
    child.start()
    return child


def ended(child: BaseProcess) -> int:
    """Its exit code, when it has one; -9 after a kill."""
    child.join()
    assert child.exitcode is not None
    return child.exitcode


def _run(pickled: bytes) -> None:
    import torch

    from zaohua.train.stopping import StoppedError

    torch.set_num_threads(1)
    code = 1
    try:
        cloudpickle.loads(pickled)()
        code = 0
    except StoppedError as error:
        code = error.exit_code
    except KeyboardInterrupt:
        code = 77
    finally:
        os._exit(code)
