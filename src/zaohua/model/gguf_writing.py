"""A model as one GGUF file, for llama.cpp, Ollama and all that reads it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import gguf
from torch import Tensor
from transformers import PretrainedConfig, PreTrainedModel, PreTrainedTokenizerBase

from zaohua.errors import UnavailableError, UsageError
from zaohua.model.gguf_layout import Architecture, architecture, head_width, rope_base, to_file
from zaohua.model.gguf_layout import tensor_names as names_of
from zaohua.model.gguf_tokens import write_tokenizer
from zaohua.model.quants import QUANTS, Quant, Told
from zaohua.progress import Progress, Silent

_Type = gguf.GGMLQuantizationType
_FINE: Final = _Type.Q8_0
"""Of the output matrix in files of 4 and 5 bits. llama.cpp takes Q6_K, which is close to it."""


def _file_type(quant: Quant) -> str:
    return "ALL_F32" if quant == "f32" else f"MOSTLY_{quant.upper()}"


_FILE_TYPES: Final[Mapping[Quant, int]] = MappingProxyType(
    {quant: int(getattr(gguf.LlamaFileType, _file_type(quant))) for quant in QUANTS}
)


def write_gguf(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    out: Path,
    quant: Quant,
    *,
    told: Told = Told(),  # noqa: B008
    progress: Progress = Silent(),  # noqa: B008
) -> None:
    """Write ``out``; it is there whole or not at all.

    Matrices get the format ``quant``, norms and biases stay fp32. The matrix that gives the
    logits (the embedding, if tied) is never coarser than Q8_0. Rows that are no multiple of 32
    are kept in f16.

    Raises:
        UsageError: the model or its tokenizer has no place in GGUF.
        UnavailableError: the file cannot be written.
    """
    config = model.config
    found = architecture(config.model_type, out.name)
    part = out.with_name(f".{out.name}.part")
    writer = gguf.GGUFWriter(None, found.name)
    try:
        _write_facts(writer, config, told, quant)
        write_tokenizer(writer, tokenizer, config.vocab_size, out.name)
        _add_tensors(writer, model, found, gguf.GGMLQuantizationType[quant.upper()], progress)
        out.parent.mkdir(parents=True, exist_ok=True)
        writer.write_header_to_file(part)
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        part.replace(out)
    except OSError as error:
        raise UnavailableError(
            f"the GGUF file cannot be written: {error.strerror or error}", where=str(out)
        ) from error
    finally:
        part.unlink(missing_ok=True)


def _write_facts(
    writer: gguf.GGUFWriter, config: PretrainedConfig, told: Told, quant: Quant
) -> None:
    if getattr(config, "sliding_window", None):
        raise UsageError("a model with a sliding window cannot be exported")
    writer.add_type("model")
    writer.add_name(told.name or "model")
    if told.licence and told.licence != "unknown":
        writer.add_license(told.licence)
    if told.languages:
        writer.add_languages(list(told.languages))
    writer.add_file_type(_FILE_TYPES[quant])
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    writer.add_vocab_size(config.vocab_size)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_key_length(head_width(config))
    writer.add_value_length(head_width(config))
    writer.add_rope_dimension_count(head_width(config))
    writer.add_rope_freq_base(rope_base(config, writer.arch))
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)


def _add_tensors(
    writer: gguf.GGUFWriter,
    model: PreTrainedModel,
    found: Architecture,
    kind: gguf.GGMLQuantizationType,
    progress: Progress,
) -> None:
    parameters = dict(model.named_parameters())  # shared ones once
    names = names_of(found, model.config.num_hidden_layers, parameters)
    output = "output.weight" if "output.weight" in names.values() else "token_embd.weight"
    progress.start("quantising", len(parameters), "tensors")
    for name, parameter in parameters.items():
        chosen = _kind(parameter, kind, is_output=names[name] == output)
        values = parameter.detach().float().cpu().numpy()
        rows = to_file(found, model.config, name, values)
        writer.add_tensor(names[name], gguf.quantize(rows, chosen), raw_dtype=chosen)
        progress.advance(1)
    progress.finish()


def _kind(
    parameter: Tensor, wanted: gguf.GGMLQuantizationType, *, is_output: bool
) -> gguf.GGMLQuantizationType:
    if parameter.dim() == 1:
        return _Type.F32
    if wanted in {_Type.F32, _Type.F16, _Type.BF16}:
        return wanted
    if parameter.shape[-1] % gguf.GGML_QUANT_SIZES[wanted][0]:
        return _Type.F16
    return _FINE if is_output else wanted
