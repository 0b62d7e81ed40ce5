"""Runs in processes of their own, to be killed, limited, or counted."""

from __future__ import annotations

import os
from collections.abc import Callable

import torch
import torch._dynamo  # the optimisers import it, and so would every child
import torch.utils.tensorboard

from zaohua.train.stopping import StoppedError


def in_a_process(work: Callable[[], object]) -> int:
    """Fork: a thousandth of the time that importing torch anew takes."""
    torch.set_num_threads(1)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        except StoppedError as error:
            code = error.exit_code
        except KeyboardInterrupt:
            code = 77
        finally:
            os._exit(code)
    return child


def ended(child: int) -> int:
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)
