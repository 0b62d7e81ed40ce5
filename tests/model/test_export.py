from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import PreTrainedModel, PreTrainedTokenizerFast

from zaohua.errors import IntegrityError, UsageError
from zaohua.model import load, save
from zaohua.model.export import export
from zaohua.model.gguf_writing import write_gguf
from zaohua.model.modelfile import modelfile, turns_of
from zaohua.progress import Silent
from zaohua.settings import Settings
from zaohua.store import models
from zaohua.store.artefacts import Artefacts, Work
from zaohua.store.shelf import Shelf

from .conftest import small
from .engine import running

POEM = "床前明月光，疑是地上霜。举头望明月，低头思故乡。"
ASKED = "背一首诗"


@pytest.fixture(scope="session")
def poet(tokenizer: PreTrainedTokenizerFast) -> PreTrainedModel:
    """A tiny model that has learned one answer by heart, and to stop after it."""
    torch.set_num_threads(1)
    model = small("qwen3", tokenizer, loud=False).train()
    talk = [{"role": "user", "content": ASKED}, {"role": "assistant", "content": POEM}]
    row = torch.tensor(
        [tokenizer(tokenizer.apply_chat_template(talk, tokenize=False))["input_ids"]]
    )
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for _ in range(80):
        loss = model(row, labels=row).loss
        loss.backward()
        optimiser.step()
        optimiser.zero_grad()
    assert loss.item() < 0.1
    return model.eval()


def kept(settings: Settings, name: str, model: PreTrainedModel, tokenizer: object) -> str:
    making = Artefacts(settings.home).make(
        "checkpoint", name, inputs=[], recipe={"name": name}, progress=Silent()
    )
    with making as work:
        assert isinstance(work, Work)
        work.licence = "CC0-1.0"
        save(model, tokenizer, work.path)  # type: ignore[arg-type]
    return Artefacts(settings.home).require("checkpoint", name).reference


@contextmanager
def served(settings: Settings, name: str) -> Iterator[str]:
    """The address of ``zaohua serve``."""
    variables = {**os.environ, "ZAOHUA_HOME": str(settings.home), "ZAOHUA_THREADS": "1"}
    command = [sys.executable, "-u", "-m", "zaohua", "serve", "-m", name, "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=variables)
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if found := re.search(r"http://[\d.]+:\d+", line):
                yield found[0]
                break
        else:
            raise AssertionError("the server never said where it is")
    finally:
        process.terminate()
        process.communicate(timeout=20)


def answer(address: str, name: str, text: str, **more: object) -> str:
    body = {
        "model": name,
        "messages": [{"role": "user", "content": text}],
        "temperature": 0,
        "max_tokens": 60,
        **more,
    }
    headers = {"Content-Type": "application/json"}
    url = f"{address}/v1/chat/completions"
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=60) as response:
        choice = json.load(response)["choices"][0]
    assert choice["finish_reason"] == "stop"
    return choice["message"]["content"]


@pytest.mark.parametrize("quant", ["q8_0", "q4_0"])
def test_an_exported_model_answers_through_serve_with_its_chat_template(
    quant: str, poet: PreTrainedModel, tokenizer: PreTrainedTokenizerFast, settings: Settings
) -> None:
    reference = kept(settings, "poet", poet, tokenizer)
    model = export("poet", "poet", quant=quant, settings=settings)  # type: ignore[arg-type]
    assert model.metadata["quantisation"] == quant.upper()
    manifest = Shelf(settings).manifests.load("poet")
    assert manifest is not None
    assert manifest.inputs == (reference,)
    assert manifest.licence == "CC0-1.0"
    assert manifest.source == "zaohua models export"
    assert manifest.recipe == {"quant": quant}
    assert not [*settings.home.glob(".export-*")]
    with served(settings, "poet") as address:
        assert answer(address, "poet", ASKED) == POEM


@pytest.mark.parametrize(("quant", "limit"), [("f32", 1e-4), ("f16", 0.02), ("q8_0", 0.3)])
def test_a_trained_model_has_the_same_logits_in_llama_cpp(
    quant: Any,
    limit: float,
    poet: PreTrainedModel,
    tokenizer: PreTrainedTokenizerFast,
    tmp_path: Path,
) -> None:
    talk = [{"role": "user", "content": ASKED}, {"role": "assistant", "content": POEM}]
    row = tokenizer(tokenizer.apply_chat_template(talk, tokenize=False))["input_ids"]
    write_gguf(poet, tokenizer, tmp_path / "m.gguf", quant)
    with torch.no_grad():
        expected = poet(torch.tensor([row])).logits[0].log_softmax(-1)
    with running(tmp_path / "m.gguf") as engine:
        for length in range(1, len(row) + 1, 4):
            found = engine.logprobs(row[:length], 512)
            assert (found - expected[length - 1]).abs().max() < limit
            assert found.argmax() == expected[length - 1].argmax()


def test_out_gets_the_file_and_a_modelfile(
    poet: PreTrainedModel, tokenizer: PreTrainedTokenizerFast, settings: Settings, tmp_path: Path
) -> None:
    save(poet, tokenizer, tmp_path / "m")
    left_by_a_kill = settings.home / ".export-poet" / ".poet.gguf.part"
    left_by_a_kill.parent.mkdir(parents=True)
    left_by_a_kill.write_bytes(b"half")
    made = export(
        "poet",
        str(tmp_path / "m"),
        quant="f16",
        settings=settings,
        system='你是"诗人"。',
        out=tmp_path / "o",
    )
    assert (tmp_path / "o" / "poet.gguf").read_bytes() == made.path.read_bytes()
    assert not left_by_a_kill.parent.exists()
    told = (tmp_path / "o" / "Modelfile").read_text()
    assert told == (
        "FROM ./poet.gguf\n"
        "PARAMETER num_ctx 256\n"
        'PARAMETER stop "<|endoftext|>"\n'
        'PARAMETER stop "<|im_end|>"\n'
        'TEMPLATE """{{ range .Messages }}'
        '{{ if eq .Role "user" }}<|im_start|>user\n{{ .Content }}<|im_end|>\n'
        '{{ else if eq .Role "assistant" }}<|im_start|>assistant\n{{ .Content }}<|im_end|>\n'
        '{{ else if eq .Role "system" }}<|im_start|>system\n{{ .Content }}<|im_end|>\n'
        '{{ end }}{{ end }}<|im_start|>assistant\n"""\n'
        'SYSTEM """你是"诗人"。"""\n'
    )


def test_a_template_that_is_more_than_turns_is_left_to_ollama(
    tokenizer: PreTrainedTokenizerFast,
) -> None:
    other = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer.backend_tokenizer, eos_token="<|endoftext|>"
    )
    assert turns_of(other) is None
    other.chat_template = "{% for m in messages %}{{ loop.index }}{{ m.content }}{% endfor %}"
    assert turns_of(other) is None
    other.chat_template = "{{ raise_exception('no') }}"
    assert turns_of(other) is None
    assert turns_of(tokenizer) is not None
    other.chat_template = None
    assert "TEMPLATE" not in modelfile("m.gguf", other, 256)


def test_an_adapter_is_merged_into_its_base(
    poet: PreTrainedModel, tokenizer: PreTrainedTokenizerFast, settings: Settings, tmp_path: Path
) -> None:
    reference = kept(settings, "base", poet, tokenizer)
    base = load("base", settings=settings)
    lora = LoraConfig(r=4, target_modules="all-linear", base_model_name_or_path=reference)
    tuned = get_peft_model(base.model, lora)
    torch.manual_seed(0)
    with torch.no_grad():
        for name, parameter in tuned.named_parameters():
            if "lora_" in name:
                parameter.add_(torch.randn(parameter.shape) * 0.1)
    tuned.peft_config["default"].base_model_name_or_path = reference
    tuned.save_pretrained(str(tmp_path / "adapter"))
    row = torch.tensor([[1, 20, 30, 40, 50]])
    with torch.no_grad():
        expected = tuned.eval()(row).logits
        plain = poet(row).logits
    loaded = load(str(tmp_path / "adapter"), settings=settings)
    with torch.no_grad():
        torch.testing.assert_close(loaded.model(row).logits, expected, atol=1e-4, rtol=1e-4)
    assert (expected - plain).abs().max() > 0.1
    assert not [name for name, _ in loaded.model.named_parameters() if "lora" in name]
    export("tuned", str(tmp_path / "adapter"), quant="f32", settings=settings)
    with running(models.find(settings, "tuned").path) as engine:
        found = engine.logprobs(row[0].tolist(), 512)
    assert (found - expected[0, -1].log_softmax(-1)).abs().max() < 1e-3


def test_an_adapter_without_base_or_weights_is_one_clear_line(
    tmp_path: Path, settings: Settings
) -> None:
    (tmp_path / "adapter_config.json").write_text("{}")
    with pytest.raises(IntegrityError, match="no safetensors"):
        load(str(tmp_path), settings=settings)
    (tmp_path / "adapter_model.safetensors").write_bytes(b"")
    with pytest.raises(IntegrityError, match="does not name its base"):
        load(str(tmp_path), settings=settings)


def test_bad_names_and_formats_are_refused_before_any_work(settings: Settings) -> None:
    with pytest.raises(UsageError, match="cannot be a name"):
        export("No Name", "nothing", settings=settings)
    with pytest.raises(UsageError, match="the catalogue has another model"):
        export("smollm2-135m", "nothing", settings=settings)
    with pytest.raises(UsageError, match="'q3' is no format"):
        export("m", "nothing", quant="q3", settings=settings)  # type: ignore[arg-type]
    assert not settings.home.exists()


def test_a_model_of_the_shelf_can_be_gone_on_with(
    poet: PreTrainedModel, tokenizer: PreTrainedTokenizerFast, settings: Settings, tmp_path: Path
) -> None:
    save(poet, tokenizer, tmp_path / "m")
    made = export("poet", str(tmp_path / "m"), quant="f32", settings=settings)
    loaded = load("poet", settings=settings)
    assert loaded.origin == f"model/poet@{made.version}"
    row = torch.tensor([[1, 20, 30, 40, 50]])
    with torch.no_grad():
        torch.testing.assert_close(loaded.model(row).logits, poet(row).logits)
