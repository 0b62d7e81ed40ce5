from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedModel, PreTrainedTokenizerFast

from zaohua.model import build, shape
from zaohua.model.spec import ModelSpec
from zaohua.settings import Settings

QWEN2 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
TEXTS = (
    "床前明月光，疑是地上霜。举头望明月，低头思故乡。\n",
    "白日依山尽，黄河入海流。欲穷千里目，更上一层楼。\n",
    "The quick brown fox jumps over the lazy dog; it's 2026 and we'll see.\n",
    "  indented\tlines, 3.14159 and naïve café 🙂👍🏽 e\u0301\n\n",
)
TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def tokenizer() -> PreTrainedTokenizerFast:
    """Byte-level BPE with the split of Qwen2, as `zaohua tokenizer train` makes it."""
    bare = Tokenizer(models.BPE())
    bare.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(QWEN2), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    bare.decoder = decoders.ByteLevel()
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|pad|>", "<|mask|>"]
    trainer = trainers.BpeTrainer(
        vocab_size=450,
        special_tokens=special,
        show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    bare.train_from_iterator(list(TEXTS) * 4, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=bare,
        bos_token="<|endoftext|>",
        eos_token="<|endoftext|>",
        pad_token="<|pad|>",
        mask_token="<|mask|>",
        extra_special_tokens=["<|im_start|>", "<|im_end|>"],
        chat_template=TEMPLATE,
        ggml_pre="qwen2",
    )


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", offline=True)


def small(
    layout: str, tokenizer: PreTrainedTokenizerFast, *, loud: bool = True, **widths: object
) -> PreTrainedModel:
    """A tiny model; ``loud``: with weights large enough that its layers matter."""
    spec = ModelSpec.model_validate(
        {"layout": layout, "width": 128, "depth": 2, "context": 256, **widths}
    )
    model = build(shape(spec, len(tokenizer)), tokenizer)
    if loud:
        generator = torch.Generator().manual_seed(7)
        with torch.no_grad():
            for parameter in model.parameters():
                noise = torch.randn(parameter.shape, generator=generator)
                parameter.add_(noise * (0.08 if parameter.dim() > 1 else 0.2))
    return model.eval()
