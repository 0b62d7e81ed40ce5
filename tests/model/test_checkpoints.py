from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from transformers import PreTrainedTokenizerFast

from zaohua.errors import IntegrityError, NotFoundError, UnavailableError, UsageError
from zaohua.model import load, save
from zaohua.progress import Silent
from zaohua.settings import Settings
from zaohua.store.artefacts import Artefacts, Work

from .conftest import small

ROW = torch.tensor([[0, 17, 45, 200, 33, 2, 99, 301]])

PLAIN = """
import json, sys, torch
from transformers import AutoModelForCausalLM, AutoModelForMaskedLM, AutoTokenizer
row, said = torch.tensor(json.loads(sys.argv[1])), [{"role": "user", "content": "明月"}]
for folder in sys.argv[2:]:
    form = AutoModelForMaskedLM if "bert" in folder else AutoModelForCausalLM
    model, tokenizer = form.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    with torch.no_grad():
        logits = model(input_ids=row).logits
    chat = tokenizer.apply_chat_template(said, tokenize=False, add_generation_prompt=True)
    told = {"logits": logits.tolist(), "chat": chat, "tokens": tokenizer.encode("床前 moon 🙂")}
    print(json.dumps(told))
assert not [name for name in sys.modules if name.startswith("zaohua")]
"""


class Notes(Silent):
    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)


def test_a_saved_model_loads_in_transformers_without_us(
    tokenizer: PreTrainedTokenizerFast, tmp_path: Path
) -> None:
    layouts = ("qwen3", "llama", "bert", "modernbert")
    made = {layout: small(layout, tokenizer) for layout in layouts}
    for layout, model in made.items():
        save(model, tokenizer, tmp_path / layout)
    command = [sys.executable, "-c", PLAIN, json.dumps(ROW.tolist()), *layouts]
    done = subprocess.run(command, capture_output=True, check=True, text=True, cwd=tmp_path)
    for model, line in zip(made.values(), done.stdout.splitlines(), strict=True):
        said = json.loads(line)
        with torch.no_grad():
            ours = model(input_ids=ROW).logits
        torch.testing.assert_close(torch.tensor(said["logits"]), ours, atol=2e-5, rtol=1e-5)
        assert said["tokens"] == tokenizer.encode("床前 moon 🙂")
        assert said["chat"] == "<|im_start|>user\n明月<|im_end|>\n<|im_start|>assistant\n"


def test_nothing_of_ours_is_left_in_a_checkpoint(
    tokenizer: PreTrainedTokenizerFast, tmp_path: Path
) -> None:
    model = small("qwen3", tokenizer)
    compiled = torch.compile(model)
    save(compiled, tokenizer, tmp_path)  # type: ignore[arg-type]
    with safe_open(tmp_path / "model.safetensors", "pt") as file:
        names = list(file.keys())
    assert "model.embed_tokens.weight" in names
    assert "lm_head.weight" not in names, "tied weights are saved once"
    assert not [name for name in names if "_orig_mod" in name]
    config = json.loads((tmp_path / "config.json").read_text())
    assert "zaohua" not in (tmp_path / "config.json").read_text()
    assert config["architectures"] == ["Qwen3ForCausalLM"]
    assert config["vocab_size"] == 512
    assert json.loads((tmp_path / "generation_config.json").read_text())["eos_token_id"] == [0, 2]


def test_an_untied_head_is_saved(tokenizer: PreTrainedTokenizerFast, tmp_path: Path) -> None:
    model = small("llama", tokenizer, tie=False)
    save(model, tokenizer, tmp_path)
    with safe_open(tmp_path / "model.safetensors", "pt") as file:
        assert torch.equal(file.get_tensor("lm_head.weight"), model.lm_head.weight)


def test_a_folder_loads_with_equal_logits(
    tokenizer: PreTrainedTokenizerFast, tmp_path: Path, settings: Settings
) -> None:
    model = small("qwen3", tokenizer)
    save(model, tokenizer, tmp_path / "m")
    loaded = load(str(tmp_path / "m"), settings=settings)
    with torch.no_grad():
        torch.testing.assert_close(loaded.model(ROW).logits, model(ROW).logits)
    assert loaded.new == ()
    assert loaded.origin.startswith(f"file:{tmp_path}/m#")
    assert not loaded.model.training
    assert loaded.model.config._attn_implementation == "zaohua_blocks"


def artefact(settings: Settings, name: str, model: torch.nn.Module, tokenizer: object) -> str:
    making = Artefacts(settings.home).make(
        "checkpoint", name, inputs=[], recipe={"name": name}, progress=Silent()
    )
    with making as work:
        assert isinstance(work, Work)
        save(model, tokenizer, work.path)  # type: ignore[arg-type]
    found = Artefacts(settings.home).require("checkpoint", name)
    return found.reference


def test_a_checkpoint_artefact_loads_by_name_and_reference(
    tokenizer: PreTrainedTokenizerFast, settings: Settings
) -> None:
    reference = artefact(settings, "poet", small("llama", tokenizer), tokenizer)
    for name in ("poet", reference, "checkpoint/poet"):
        assert load(name, settings=settings).origin == reference


def test_a_new_head_is_named(
    tokenizer: PreTrainedTokenizerFast, tmp_path: Path, settings: Settings
) -> None:
    save(small("bert", tokenizer), tokenizer, tmp_path / "m")
    notes = Notes()
    labels = ["好", "坏", "中"]
    loaded = load(
        str(tmp_path / "m"), settings=settings, head="classify", labels=labels, progress=notes
    )
    assert loaded.new == (
        "bert.pooler.dense.bias",
        "bert.pooler.dense.weight",
        "classifier.bias",
        "classifier.weight",
    )
    assert "classifier.weight" in notes.notes[0]
    assert loaded.model.config.id2label == {0: "好", 1: "坏", 2: "中"}
    assert loaded.model(ROW).logits.shape == (1, 3)


def test_a_classifier_keeps_its_labels_and_can_get_others(
    tokenizer: PreTrainedTokenizerFast, tmp_path: Path, settings: Settings
) -> None:
    save(small("modernbert", tokenizer), tokenizer, tmp_path / "m")
    first = load(str(tmp_path / "m"), settings=settings, head="classify", labels=["a", "b", "c"])
    save(first.model, first.tokenizer, tmp_path / "c")
    again = load(str(tmp_path / "c"), settings=settings, head="classify")
    assert again.new == ()
    assert again.model.config.id2label == {0: "a", 1: "b", 2: "c"}
    other = load(str(tmp_path / "c"), settings=settings, head="classify", labels=["x", "y"])
    assert other.new == ("classifier.bias", "classifier.weight")


def test_a_decoder_can_classify(
    tokenizer: PreTrainedTokenizerFast, tmp_path: Path, settings: Settings
) -> None:
    save(small("qwen3", tokenizer), tokenizer, tmp_path / "m")
    loaded = load(str(tmp_path / "m"), settings=settings, head="classify", labels=["a", "b"])
    assert loaded.new == ("score.weight",)


def test_a_head_that_cannot_be_is_refused(
    tokenizer: PreTrainedTokenizerFast, tmp_path: Path, settings: Settings
) -> None:
    save(small("bert", tokenizer), tokenizer, tmp_path / "b")
    save(small("llama", tokenizer), tokenizer, tmp_path / "l")
    with pytest.raises(UsageError, match="a bert model cannot predict the next token"):
        load(str(tmp_path / "b"), settings=settings)
    with pytest.raises(UsageError, match="a llama model cannot fill in"):
        load(str(tmp_path / "l"), settings=settings, head="masked")


def test_what_is_not_there_or_not_safe_is_one_clear_line(
    tokenizer: PreTrainedTokenizerFast, tmp_path: Path, settings: Settings
) -> None:
    with pytest.raises(NotFoundError, match="no model named 'nobody'"):
        load("nobody", settings=settings)
    with pytest.raises(UnavailableError, match="'some/model' is not on this machine"):
        load("some/model", settings=settings)
    with pytest.raises(NotFoundError, match=r"no config\.json"):
        load(str(tmp_path), settings=settings)
    save(small("llama", tokenizer), tokenizer, tmp_path / "m")
    weights = tmp_path / "m" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(IntegrityError, match="cannot be loaded"):
        load(str(tmp_path / "m"), settings=settings)
    weights.unlink()
    (tmp_path / "m" / "pytorch_model.bin").write_bytes(b"")
    with pytest.raises(IntegrityError, match="pickled"):
        load(str(tmp_path / "m"), settings=settings)


def test_code_in_a_checkpoint_is_never_run(
    tokenizer: PreTrainedTokenizerFast, tmp_path: Path, settings: Settings
) -> None:
    folder = tmp_path / "m"
    save(small("llama", tokenizer), tokenizer, folder)
    config = json.loads((folder / "config.json").read_text())
    config |= {"model_type": "strange", "auto_map": {"AutoConfig": "code.Config"}}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "code.py").write_text("raise SystemExit('it ran')")
    with pytest.raises(IntegrityError, match=r"config\.json cannot be used"):
        load(str(folder), settings=settings)
