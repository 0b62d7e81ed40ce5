"""The tokenizer in a GGUF file gives the ids it gave in training, in the real llama.cpp."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.data.tokens.corpus import dataset, text_records, texts
from tests.model.engine import Engine, running
from zaohua.data.tokens import train_tokenizer
from zaohua.data.tokens.encoders import PROBE, encoder_for
from zaohua.data.tokens.loading import load_tokenizer
from zaohua.data.tokens.spec import TokenizerSpec
from zaohua.settings import Settings
from zaohua.store.artefacts import Artefact


def made(settings: Settings, digits: int) -> Artefact:
    dataset(settings, "mixed", text_records(texts(300)))
    spec = TokenizerSpec(data=["mixed"], vocab_size=800, digits=digits)  # type: ignore[arg-type]
    return train_tokenizer(f"digits{digits}", spec, settings=settings)


@pytest.fixture(scope="module", params=[1, 3])
def trained(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Artefact, Engine]]:
    """A tokenizer, and llama.cpp with a tiny model that has it."""
    from zaohua.model import build, shape
    from zaohua.model.gguf_writing import write_gguf
    from zaohua.model.spec import ModelSpec

    folder: Path = tmp_path_factory.mktemp("llamacpp")
    artefact = made(Settings(home=folder / "home"), request.param)
    loaded = load_tokenizer(artefact)
    spec = ModelSpec(width=64, depth=1, heads=1, kv_heads=1, inner=64, context=64)
    model = build(shape(spec, len(loaded)), loaded)
    write_gguf(model, loaded, folder / "tiny.gguf", "f32")
    with running(folder / "tiny.gguf") as engine:
        yield artefact, engine


def odd_texts() -> list[str]:
    draw = random.Random(7)
    alphabet = "明月光，。the River's 'LL 1234567890 \t\n\r\u3000\u00a0\u2028é́ſ😀👩🏽‍🚀한にไ½Ⅻ"
    return ["".join(draw.choices(alphabet, k=draw.randint(1, 40))) for _ in range(150)]


def test_llama_cpp_gives_the_same_ids(trained: tuple[Artefact, Engine]) -> None:
    artefact, engine = trained
    encoder = encoder_for(load_tokenizer(artefact))
    for text in [*texts(20, seed=9), *odd_texts(), *(p.replace("\x00", "") for p in PROBE)]:
        assert engine.tokens(text) == encoder.plain([text])[0].tolist(), repr(text)


def test_llama_cpp_reads_a_conversation_as_it_was_trained(
    trained: tuple[Artefact, Engine],
) -> None:
    artefact, engine = trained
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "寫一句"},
        {"role": "assistant", "content": "明月😀"},
        {"role": "user", "content": "more"},
    ]
    prompt = engine.post("/apply-template", {"messages": messages})["prompt"]
    loaded = load_tokenizer(artefact)
    ours = loaded.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    assert prompt == ours
    assert engine.tokens(prompt) == encoder_for(loaded).rendered(ours, [])[0].tolist()
