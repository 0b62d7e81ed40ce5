from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import ValidationError
from transformers import AutoTokenizer

from tests.data.tokens.corpus import dataset, text_records, texts
from zaohua.data.tokens import tokenizer_made, train_tokenizer
from zaohua.data.tokens.sample import sample
from zaohua.data.tokens.spec import TokenizerSpec
from zaohua.errors import NotFoundError, UsageError
from zaohua.settings import Settings
from zaohua.store.artefacts import Artefact

CHAT = [
    {"role": "system", "content": "你是詩人。"},
    {"role": "user", "content": "Hello"},
    {"role": "assistant", "content": "好😀"},
    {"role": "tool", "content": "{}"},
    {"role": "assistant", "content": "再見\n"},
]


def test_the_folder_loads_as_auto_tokenizer_with_the_size_asked_for(tokenizer: Artefact) -> None:
    loaded = AutoTokenizer.from_pretrained(tokenizer.path)
    assert len(loaded) == 800
    ids = loaded.convert_tokens_to_ids(
        ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|pad|>", "<|mask|>", "<|think|>"]
    )
    assert ids == [0, 1, 2, 3, 4, 5]
    assert (loaded.bos_token_id, loaded.eos_token_id) == (0, 0)
    assert (loaded.pad_token_id, loaded.mask_token_id) == (3, 4)


def test_text_comes_back_and_nothing_is_added_around_it(tokenizer: Artefact) -> None:
    loaded = AutoTokenizer.from_pretrained(tokenizer.path)
    for text in ("床前明月光，\n", " It's 2026 .", "👩🏽‍🚀\x00 \u3000é"):
        ids = loaded(text)["input_ids"]
        assert ids == loaded(text, add_special_tokens=False)["input_ids"]
        assert loaded.decode(ids) == text


def test_the_chat_template_writes_chatml(tokenizer: Artefact) -> None:
    loaded = AutoTokenizer.from_pretrained(tokenizer.path)
    assert loaded.apply_chat_template(CHAT, tokenize=False, add_generation_prompt=True) == (
        "<|im_start|>system\n你是詩人。<|im_end|>\n"
        "<|im_start|>user\nHello<|im_end|>\n"
        "<|im_start|>assistant\n好😀<|im_end|>\n"
        "<|im_start|>tool\n{}<|im_end|>\n"
        "<|im_start|>assistant\n再見\n<|im_end|>\n"
        "<|im_start|>assistant\n"
    )


def test_transformers_marks_exactly_what_the_assistant_says(tokenizer: Artefact) -> None:
    loaded = AutoTokenizer.from_pretrained(tokenizer.path)
    table = loaded.apply_chat_template(
        CHAT, tokenize=True, return_dict=True, return_assistant_tokens_mask=True
    )
    pairs = zip(table["input_ids"], table["assistant_masks"], strict=True)
    said = loaded.decode([number for number, mark in pairs if mark])
    assert said == "好😀<|im_end|>再見\n<|im_end|>"


def test_the_folder_names_the_split_for_gguf(tokenizer: Artefact) -> None:
    config = json.loads((tokenizer.path / "tokenizer_config.json").read_text())
    assert config["ggml_pre"] == "qwen2" == tokenizer.manifest.details["ggml_pre"]


def test_compression_is_reported_by_language(tokenizer: Artefact) -> None:
    figures = tokenizer.manifest.metrics["bytes_per_token"]
    assert set(figures) == {"zh", "en", "all"}
    assert figures["zh"] > 4
    assert figures["en"] > 2
    assert tokenizer.manifest.metrics["measured_on"] == "validation part"
    assert tokenizer.manifest.metrics["fast"] is True
    page = (tokenizer.path / "report.md").read_text()
    assert f"| Chinese | {figures['zh']:.2f} |" in page


def test_the_same_data_gives_the_same_bytes(settings: Settings, tmp_path: Path) -> None:
    folders = []
    for one in (settings, Settings(home=tmp_path / "other")):
        dataset(one, "small", text_records(texts(80)))
        made = train_tokenizer("small", TokenizerSpec(data=["small"], vocab_size=400), settings=one)
        folders.append(made)
    first, second = ({f.path: f.sha256 for f in made.manifest.files} for made in folders)
    assert first == second
    assert "validation" not in folders[0].manifest.metrics["measured_on"]


def test_what_is_made_is_not_made_again(home: Settings, tokenizer: Artefact) -> None:
    spec = TokenizerSpec(data=["mixed"], vocab_size=800, special_tokens=["<|think|>"])
    assert tokenizer_made("mixed", spec, settings=home) == tokenizer
    assert train_tokenizer("mixed", spec, settings=home) == tokenizer
    other = spec.model_copy(update={"vocab_size": 801})
    assert tokenizer_made("mixed", other, settings=home) is None


def test_a_vocabulary_larger_than_the_data_allows_is_one_clear_line(settings: Settings) -> None:
    dataset(settings, "tiny", text_records(["明月光 明月光"]))
    spec = TokenizerSpec(data=["tiny"], vocab_size=5000)
    with pytest.raises(UsageError, match=r"enough for 2\d\d tokens, not for 5000.*vocab_size: 2"):
        train_tokenizer("tiny", spec, settings=settings)


def test_data_without_text_is_one_clear_line(settings: Settings) -> None:
    dataset(settings, "empty", [])
    with pytest.raises(UsageError, match=r"no text to train a tokenizer on \(empty"):
        train_tokenizer("empty", TokenizerSpec(data=["empty"]), settings=settings)


def test_a_data_set_that_is_not_there_is_named(settings: Settings) -> None:
    with pytest.raises(NotFoundError, match="'nowhere'"):
        train_tokenizer("none", TokenizerSpec(data=["nowhere"]), settings=settings)


def test_two_digits_are_refused_as_no_other_program_cuts_so() -> None:
    with pytest.raises(ValidationError, match="digits"):
        TokenizerSpec(data=["x"], digits=2)  # type: ignore[arg-type]


def test_a_sample_keeps_the_shares_and_is_the_same_every_time(settings: Settings) -> None:
    chinese = dataset(settings, "zh", text_records(["明月" * 50] * 900))
    english = dataset(settings, "en", text_records(["moon " * 60] * 300))
    drawn = sample([chinese.path, english.path], "train", 60_000)
    share = sum("明" in text for text in drawn) / len(drawn)
    assert 0.68 < share < 0.82
    assert 60_000 <= sum(len(text.encode()) for text in drawn) < 60_400
    assert drawn == sample([chinese.path, english.path], "train", 60_000)


def test_a_sample_takes_pieces_of_one_long_document(settings: Settings) -> None:
    book = dataset(settings, "book", text_records(["".join(texts(4000))]))
    assert sum(len(text.encode()) for text in sample([book.path], "train", 40_000)) >= 40_000
    assert sum(len(text.encode()) for text in sample([book.path], "train", 40_000)) < 110_000
