"""The objective that a recipe names."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from transformers import PreTrainedTokenizerBase

from zaohua.errors import UsageError
from zaohua.train.objective import Objective
from zaohua.train.objectives.causal import Causal
from zaohua.train.objectives.classify import Classify
from zaohua.train.objectives.masked import Masked
from zaohua.train.spec import TrainSpec


def objective_for(
    spec: TrainSpec, byte_lengths: npt.NDArray[np.int32], tokenizer: PreTrainedTokenizerBase
) -> Objective:
    """What ``spec`` trains for.

    Raises:
        UsageError: tokens are to be masked and the tokenizer has no mask token.
    """
    smoothing = spec.label_smoothing
    match spec.objective:
        case "classify":
            return Classify(label_smoothing=smoothing)
        case "masked":
            mask = tokenizer.mask_token_id
            if not isinstance(mask, int):
                raise UsageError("the tokenizer has no mask token", where=spec.tokenizer)
            return Masked(byte_lengths, mask_id=mask, share=spec.mask, label_smoothing=smoothing)
        case name:
            return Causal(byte_lengths, name=name, label_smoothing=smoothing)
