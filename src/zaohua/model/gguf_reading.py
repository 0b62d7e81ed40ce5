"""A GGUF file as a plain transformers model: dequantised weights, configuration, tokenizer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gguf
import torch
from transformers import AutoModelForCausalLM, PreTrainedModel, PreTrainedTokenizerBase

from zaohua.errors import IntegrityError, UsageError
from zaohua.model.building import generation_config
from zaohua.model.gguf_layout import Architecture, architecture, config_of, from_file, tensor_names
from zaohua.model.gguf_tokens import read_tokenizer
from zaohua.model.vocabulary import special_ids
from zaohua.progress import Progress
from zaohua.store.gguf import read_metadata


def read_gguf(path: Path, progress: Progress) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """The model in fp32, in evaluation mode, and its tokenizer with its chat template.

    Raises:
        IntegrityError: the file is no whole GGUF file, or lacks tensors.
        UsageError: its architecture or tokenizer is not known here.
    """
    found = architecture(str(read_metadata(path)["architecture"]), str(path))
    reader = gguf.GGUFReader(path)
    fields = {name: field.contents() for name, field in reader.fields.items()}
    tensors = {tensor.name: tensor for tensor in reader.tensors}
    if "rope_freqs.weight" in tensors:
        raise UsageError(
            "positions scaled as in Llama 3.1 are not read from GGUF",
            where=str(path),
            mend="start from the model's safetensors checkpoint",
        )
    tokenizer = read_tokenizer(fields, str(path))
    model = _empty(config_of(fields, found, str(path)), found, tensors)
    _fill(model, found, tensors, path, progress)
    model.generation_config = generation_config(special_ids(tokenizer))
    model.train(mode=False)
    return model, tokenizer


def _empty(sizes: dict[str, Any], found: Architecture, tensors: dict[str, Any]) -> PreTrainedModel:
    config = found.config(
        **sizes,
        vocab_size=int(tensors["token_embd.weight"].shape[-1]),
        tie_word_embeddings="output.weight" not in tensors,
        dtype="float32",
    )
    if found.name == "llama":
        config.attention_bias = "blk.0.attn_q.bias" in tensors
    model: PreTrainedModel = AutoModelForCausalLM.from_config(  # type: ignore[no-untyped-call]
        config, dtype=torch.float32
    )
    return model


@torch.no_grad()
def _fill(
    model: PreTrainedModel,
    found: Architecture,
    tensors: dict[str, Any],
    path: Path,
    progress: Progress,
) -> None:
    parameters = dict(model.named_parameters())
    names = tensor_names(found, model.config.num_hidden_layers, parameters)
    if missing := sorted({told for told in names.values() if told not in tensors}):
        raise IntegrityError(
            f"the file lacks the tensors {', '.join(missing[:5])}", where=str(path)
        )
    progress.start(f"reading {path.name}", len(parameters), "tensors")
    for name, parameter in parameters.items():
        tensor = tensors[names[name]]
        values = gguf.dequantize(tensor.data, tensor.tensor_type)
        rows = from_file(found, model.config, name, values.reshape(parameter.shape))
        parameter.copy_(torch.from_numpy(rows.copy()))
        progress.advance(1)
    progress.finish()
