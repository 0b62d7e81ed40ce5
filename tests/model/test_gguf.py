from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, normalizers
from transformers import PreTrainedModel, PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

from zaohua.errors import IntegrityError, UsageError
from zaohua.model import build, export_gguf, load, save, shape
from zaohua.model.gguf_reading import read_gguf
from zaohua.model.gguf_writing import write_gguf
from zaohua.model.quants import QUANTS, Quant, Told
from zaohua.model.spec import ModelSpec
from zaohua.progress import Silent
from zaohua.settings import Settings
from zaohua.store.gguf import read_metadata

from .conftest import TEXTS, small
from .engine import running

ROW = [0, 17, 45, 200, 33, 2, 99, 301, 7, 8, 250, 260]
SPEECH = (
    *TEXTS,
    "你好🙂👍🏽 I'll pay 12345 for\n\n  3.14 é",
    "<|im_start|>user\n写一首诗<|im_end|>\n<|im_start|>assistant\n",
    "１２３，ＡＢＣ。——《静夜思》　\t\r\n end",
)

TOLERANCES: dict[Quant, float] = {
    "f32": 1e-4,
    "f16": 0.02,
    "bf16": 0.15,
    "q8_0": 0.4,
}
"""Largest difference of any of 512 log-probabilities, of models with weights far from small."""


def logprobs(model: PreTrainedModel, row: list[int]) -> torch.Tensor:
    with torch.no_grad():
        return model(torch.tensor([row])).logits[0, -1].float().log_softmax(-1)


@pytest.mark.parametrize("layout", ["qwen3", "llama"])
@pytest.mark.parametrize("quant", TOLERANCES)
def test_llama_cpp_computes_what_the_checkpoint_does(
    layout: str, quant: Quant, tokenizer: PreTrainedTokenizerFast, tmp_path: Path
) -> None:
    model = small(layout, tokenizer)
    write_gguf(model, tokenizer, tmp_path / "m.gguf", quant)
    with running(tmp_path / "m.gguf") as engine:
        for row in (ROW, ROW[:1], ROW * 9):
            found = engine.logprobs(row, 512)
            assert not found.isnan().any()
            expected = logprobs(model, row)
            assert (found - expected).abs().max() < TOLERANCES[quant]
            assert expected.std() > 1, "a flat distribution would prove nothing"


def test_untied_heads_and_wide_heads_are_carried(
    tokenizer: PreTrainedTokenizerFast, tmp_path: Path
) -> None:
    model = small("llama", tokenizer, tie=False, heads=2, kv_heads=1, inner=96)
    write_gguf(model, tokenizer, tmp_path / "m.gguf", "f32")
    with running(tmp_path / "m.gguf") as engine:
        assert (engine.logprobs(ROW, 512) - logprobs(model, ROW)).abs().max() < 1e-4


def test_qwen2_with_its_biases_is_carried(
    tokenizer: PreTrainedTokenizerFast, tmp_path: Path
) -> None:
    torch.manual_seed(0)
    config = Qwen2Config(
        vocab_size=512,
        hidden_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        intermediate_size=256,
        rope_parameters={"rope_type": "default", "rope_theta": 1e6},
        tie_word_embeddings=True,
    )
    model = Qwen2ForCausalLM(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn(parameter.shape) * 0.08)
    write_gguf(model, tokenizer, tmp_path / "m.gguf", "f32")
    with running(tmp_path / "m.gguf") as engine:
        assert (engine.logprobs(ROW, 512) - logprobs(model, ROW)).abs().max() < 1e-4
    again, _ = read_gguf(tmp_path / "m.gguf", Silent())
    torch.testing.assert_close(logprobs(again, ROW), logprobs(model, ROW))


def test_llama_cpp_reads_the_same_tokens(
    tokenizer: PreTrainedTokenizerFast, tmp_path: Path
) -> None:
    write_gguf(small("qwen3", tokenizer), tokenizer, tmp_path / "m.gguf", "q8_0")
    _, reread = read_gguf(tmp_path / "m.gguf", Silent())
    with running(tmp_path / "m.gguf") as engine:
        for text in SPEECH:
            ids = tokenizer(text)["input_ids"]
            assert engine.tokens(text) == ids
            assert reread(text)["input_ids"] == ids
            assert reread.decode(ids) == text
    assert reread.chat_template == tokenizer.chat_template
    assert reread.eos_token == "<|endoftext|>"
    assert reread.pad_token == "<|pad|>"


@pytest.mark.parametrize("layout", ["qwen3", "llama"])
@pytest.mark.parametrize("quant", QUANTS)
def test_a_file_read_again_is_the_model_up_to_its_format(
    layout: str, quant: Quant, tokenizer: PreTrainedTokenizerFast, tmp_path: Path
) -> None:
    model = small(layout, tokenizer)
    write_gguf(model, tokenizer, tmp_path / "m.gguf", quant)
    again, _ = read_gguf(tmp_path / "m.gguf", Silent())
    bits = {"f32": 24, "f16": 11, "bf16": 8}.get(quant) or int(quant[1])
    for name, parameter in model.named_parameters():
        error = (again.get_parameter(name) - parameter).abs().max()
        assert error <= parameter.abs().max() * 2.0 ** (1 - bits), name
    assert again.config.tie_word_embeddings
    assert again.config.rope_parameters == model.config.rope_parameters
    assert again.config.rms_norm_eps == model.config.rms_norm_eps
    assert again.generation_config.eos_token_id == [0, 2]


def test_the_file_says_what_it_is(tokenizer: PreTrainedTokenizerFast, tmp_path: Path) -> None:
    told = Told("诗人", "MIT", ("zh", "en"))
    write_gguf(small("qwen3", tokenizer), tokenizer, tmp_path / "m.gguf", "q4_0", told=told)
    metadata = read_metadata(tmp_path / "m.gguf")
    assert metadata["architecture"] == "qwen3"
    assert metadata["model_name"] == "诗人"
    assert metadata["licence"] == "MIT"
    assert metadata["languages"] == ["zh", "en"]
    assert metadata["quantisation"] == "Q4_0"
    assert metadata["context_length"] == 256
    assert metadata["vocab_size"] == 512
    assert metadata["has_chat_template"]


def test_the_same_model_gives_the_same_bytes(
    tokenizer: PreTrainedTokenizerFast, tmp_path: Path
) -> None:
    model = small("llama", tokenizer)
    hashes = set()
    for name in ("a.gguf", "b.gguf"):
        write_gguf(model, tokenizer, tmp_path / name, "q8_0")
        hashes.add(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    assert len(hashes) == 1


def test_a_folder_goes_to_gguf_and_back(
    tokenizer: PreTrainedTokenizerFast, tmp_path: Path, settings: Settings
) -> None:
    model = small("qwen3", tokenizer)
    save(model, tokenizer, tmp_path / "m")
    export_gguf(tmp_path / "m", tmp_path / "m.gguf", "f32", settings=settings)
    loaded = load(str(tmp_path / "m.gguf"), settings=settings)
    assert loaded.origin.startswith(f"file:{tmp_path}/m.gguf#")
    assert loaded.model.config._attn_implementation == "zaohua_blocks"
    torch.testing.assert_close(logprobs(loaded.model, ROW), logprobs(model, ROW))
    save(loaded.model, loaded.tokenizer, tmp_path / "again")
    again = load(str(tmp_path / "again"), settings=settings)
    torch.testing.assert_close(logprobs(again.model, ROW), logprobs(model, ROW))
    assert again.tokenizer("床前 moon 12")["input_ids"] == tokenizer("床前 moon 12")["input_ids"]
    export_gguf(tmp_path / "again", tmp_path / "again.gguf", "f32", settings=settings)
    metadata = [read_metadata(tmp_path / name) for name in ("m.gguf", "again.gguf")]
    assert metadata[0] == metadata[1]


def test_what_has_no_place_in_gguf_is_refused_in_one_line(
    tokenizer: PreTrainedTokenizerFast, tmp_path: Path, settings: Settings
) -> None:
    out = tmp_path / "m.gguf"
    with pytest.raises(UsageError, match="a 'bert' model cannot be carried"):
        write_gguf(small("bert", tokenizer), tokenizer, out, "f16")
    bare = Tokenizer(models.BPE())
    bare.decoder = decoders.ByteLevel()
    bare.normalizer = normalizers.NFKC()
    other = PreTrainedTokenizerFast(tokenizer_object=bare)
    model = build(shape(ModelSpec(), 64), other)
    with pytest.raises(UsageError, match="only byte-level BPE"):
        write_gguf(model, other, out, "f16")
    with pytest.raises(UsageError, match="no other head"):
        write_gguf(small("llama", tokenizer), tokenizer, out, "f16")
        load(str(out), settings=settings, head="classify", labels=["a"])
    assert [path.name for path in tmp_path.iterdir()] == ["m.gguf"]


def test_a_damaged_file_is_refused_in_one_line(
    tokenizer: PreTrainedTokenizerFast, tmp_path: Path, settings: Settings
) -> None:
    out = tmp_path / "m.gguf"
    write_gguf(small("llama", tokenizer), tokenizer, out, "f16")
    out.write_bytes(out.read_bytes()[:-5000])
    with pytest.raises(IntegrityError) as error:
        load(str(out), settings=settings)
    assert "\n" not in error.value.line()
