from __future__ import annotations

import json
from pathlib import Path

import pytest
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from zaohua.errors import UsageError
from zaohua.model import build, shape
from zaohua.model.gguf_reading import read_gguf
from zaohua.model.gguf_writing import write_gguf
from zaohua.model.spec import ModelSpec
from zaohua.model.splits import name_of, pre_tokenizer
from zaohua.progress import Silent

from .conftest import TEXTS
from .engine import running

MIXED = (
    *TEXTS,
    "Don't DON'T we'LL 1234567890 12,345.67 x86_64 ３４５ ２\n\n\n   a  b \t c\r\n",
    "中文，标点！？（测试）1949年10月1日。　全角空格 ~!@#$%^&*()_+ 🙂🙃 ñandú",
)


def tokenizer_with(split: str, *, greedy: bool = False) -> PreTrainedTokenizerFast:
    bare = Tokenizer(models.BPE(ignore_merges=greedy))
    bare.pre_tokenizer = pre_tokenizer(split)
    bare.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=600,
        special_tokens=["<|endoftext|>"],
        show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    bare.train_from_iterator(list(MIXED) * 3, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=bare, eos_token="<|endoftext|>", bos_token="<|endoftext|>"
    )


@pytest.mark.parametrize("split", ["gpt-2", "smollm", "qwen2", "dbrx", "llama-bpe"])
def test_llama_cpp_splits_as_we_do(split: str, tmp_path: Path) -> None:
    tokenizer = tokenizer_with(split, greedy=split == "llama-bpe")
    state = json.loads(tokenizer.backend_tokenizer.to_str())
    assert name_of(tokenizer, state) == split
    model = build(shape(ModelSpec(depth=1), len(tokenizer)), tokenizer)
    write_gguf(model, tokenizer, tmp_path / "m.gguf", "q8_0")
    _, reread = read_gguf(tmp_path / "m.gguf", Silent())
    with running(tmp_path / "m.gguf") as engine:
        for text in MIXED:
            assert engine.tokens(text) == tokenizer(text)["input_ids"]
            assert reread(text)["input_ids"] == tokenizer(text)["input_ids"]


def test_unknown_splits_are_refused_both_ways() -> None:
    with pytest.raises(UsageError, match="not known here"):
        pre_tokenizer("viking")
    tokenizer = tokenizer_with("gpt-2")
    tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    state = json.loads(tokenizer.backend_tokenizer.to_str())
    with pytest.raises(UsageError, match="no known name"):
        name_of(tokenizer, state)
