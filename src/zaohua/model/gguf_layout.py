"""What transformers and GGUF call the same things: tensors, hyper-parameters, rotated rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import gguf
import numpy as np
import numpy.typing as npt
from transformers import LlamaConfig, PretrainedConfig, Qwen2Config, Qwen3Config

from zaohua.errors import UsageError

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Architecture:
    """One of llama.cpp's architectures and the configuration that it corresponds to.

    Attributes:
        interleaved: whether llama.cpp rotates neighbours; transformers rotates halves, so the
            rows of query and key lie in another order in the file.
    """

    name: str
    number: int
    config: Callable[..., PretrainedConfig]
    interleaved: bool = False


ARCHITECTURES: Final[Mapping[str, Architecture]] = MappingProxyType(
    {
        "llama": Architecture("llama", gguf.MODEL_ARCH.LLAMA, LlamaConfig, interleaved=True),
        "qwen2": Architecture("qwen2", gguf.MODEL_ARCH.QWEN2, Qwen2Config),
        "qwen3": Architecture("qwen3", gguf.MODEL_ARCH.QWEN3, Qwen3Config),
    }
)


def architecture(name: str, where: str) -> Architecture:
    """The architecture of a GGUF file or a transformers model type.

    Raises:
        UsageError: it is none of those known here.
    """
    if name in ARCHITECTURES:
        return ARCHITECTURES[name]
    raise UsageError(
        f"a '{name}' model cannot be carried between GGUF and transformers here",
        where=where,
        mend=f"known are {', '.join(ARCHITECTURES)}",
    )


def tensor_names(found: Architecture, layers: int, names: Iterable[str]) -> dict[str, str]:
    """What GGUF calls each of transformers' parameters.

    Raises:
        UsageError: it has no name for one.
    """
    known = gguf.get_tensor_name_map(gguf.MODEL_ARCH(found.number), layers)
    table = {}
    for name in names:
        told = known.get_name(name, try_suffixes=(".weight", ".bias"))
        if told is None:
            raise UsageError(f"GGUF has no name for the parameter '{name}'")
        table[name] = told
    return table


def to_file(found: Architecture, config: PretrainedConfig, name: str, values: Array) -> Array:
    """The rows of query and key in the order of the file; all else unchanged."""
    heads = _rotated_heads(found, config, name)
    if not heads:
        return values
    halves = values.reshape(heads, 2, values.shape[0] // heads // 2, *values.shape[1:])
    return halves.swapaxes(1, 2).reshape(values.shape)


def from_file(found: Architecture, config: PretrainedConfig, name: str, values: Array) -> Array:
    """The inverse of `to_file`."""
    heads = _rotated_heads(found, config, name)
    if not heads:
        return values
    pairs = values.reshape(heads, values.shape[0] // heads // 2, 2, *values.shape[1:])
    return pairs.swapaxes(1, 2).reshape(values.shape)


def _rotated_heads(found: Architecture, config: PretrainedConfig, name: str) -> int:
    if found.interleaved and ".q_proj." in name:
        return int(config.num_attention_heads)
    if found.interleaved and ".k_proj." in name:
        return int(config.num_key_value_heads)
    return 0


def head_width(config: PretrainedConfig) -> int:
    """Of one attention head."""
    told = getattr(config, "head_dim", None)
    return int(told or config.hidden_size // config.num_attention_heads)


def rope_base(config: PretrainedConfig, where: str) -> float:
    """The base of plain rotary positions.

    Raises:
        UsageError: positions are scaled, which is not carried over.
    """
    told = config.rope_parameters or {}
    if told.get("rope_type", "default") != "default":
        raise UsageError(
            f"positions scaled by '{told['rope_type']}' are not carried to GGUF here", where=where
        )
    return float(told.get("rope_theta", 10_000.0))


def config_of(fields: Mapping[str, Any], found: Architecture, where: str) -> dict[str, Any]:
    """Hyper-parameters of a GGUF file under transformers' names.

    Raises:
        UsageError: the file says something that has no place there.
    """

    def told(key: str, default: Any = None) -> Any:
        return fields.get(f"{found.name}.{key}", default)

    scaled = told("rope.scaling.type", "none")
    if scaled not in {"none", ""}:
        raise UsageError(f"positions scaled by '{scaled}' are not read here", where=where)
    heads, width = told("attention.head_count"), told("embedding_length")
    sizes = {
        "hidden_size": width,
        "intermediate_size": told("feed_forward_length"),
        "num_hidden_layers": told("block_count"),
        "num_attention_heads": heads,
        "num_key_value_heads": told("attention.head_count_kv", heads),
        "max_position_embeddings": told("context_length"),
        "rms_norm_eps": told("attention.layer_norm_rms_epsilon", 1e-6),
    }
    if missing := [key for key, value in sizes.items() if not value or isinstance(value, list)]:
        raise UsageError(f"the file does not say {', '.join(missing)}", where=where)
    base = float(told("rope.freq_base", 10_000.0))
    sizes["rms_norm_eps"] = float(np.format_float_positional(np.float32(sizes["rms_norm_eps"])))
    sizes["rope_parameters"] = {"rope_type": "default", "rope_theta": base}
    if found.name != "qwen2":
        sizes["head_dim"] = told("attention.key_length", width // heads)
    return sizes
