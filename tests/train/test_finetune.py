from __future__ import annotations

import json
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer

from tests.data.tokens.corpus import chat_record, dataset, text_records
from tests.train.homes import CITIES, SMALL, Notes, spec
from zaohua.errors import UsageError
from zaohua.settings import Settings
from zaohua.store.artefacts import Artefact, Artefacts
from zaohua.train import finetune, finetune_made, pretrain
from zaohua.train.spec import TrainSpec

QUICK = {"lr": 0.01, "embedding_lr": 0.003}


def _sft(**changes: Any) -> TrainSpec:
    plain = {
        "data": "cities",
        "tokenizer": "",
        "objective": "chat",
        "model": {"start": "begun"},
        "batch_tokens": 0,
        "steps": 60,
        "validate_every": 1,
        "optimiser": QUICK,
    }
    return spec(**{**plain, **changes})


@pytest.fixture(scope="module")
def begun(furnished: Settings) -> Artefact:
    return pretrain("begun", spec(), settings=furnished)


@pytest.fixture(scope="module")
def encoder(furnished: Settings) -> Artefact:
    masked = spec(objective="masked", model={**SMALL, "layout": "modernbert"})
    return pretrain("encoder", masked, settings=furnished)


@pytest.fixture(scope="module")
def answering(furnished: Settings, begun: Artefact) -> Artefact:
    return finetune("answering", _sft(), settings=furnished)


def test_it_answers_what_it_was_taught(answering: Artefact) -> None:
    """By plain transformers, with the template of the folder; it stops where the turn ends."""
    model = AutoModelForCausalLM.from_pretrained(answering.path).eval()
    tokenizer = AutoTokenizer.from_pretrained(answering.path)
    for country, city in CITIES.items():
        talk = [{"role": "user", "content": f"ghjkdfghbcdf Capital of {country}?"}]
        asked = tokenizer.apply_chat_template(
            talk, add_generation_prompt=True, return_tensors="pt", return_dict=True
        )
        with torch.no_grad():
            out = model.generate(**asked, max_new_tokens=20, do_sample=False)
        said = tokenizer.decode(out[0, asked["input_ids"].shape[1] :])
        assert said.removesuffix("<|im_end|>") == city
        assert said.endswith("<|im_end|>")


def test_the_users_noise_is_not_learned(answering: Artefact) -> None:
    """Half of every conversation is random letters: learned, the loss could not come near 0."""
    assert answering.manifest.metrics["loss"] < 0.05
    assert answering.manifest.metrics["accuracy"] == 1
    card = json.loads((answering.path / "card.json").read_text())
    counts = card["data"]["counts"]
    assert 0 < counts["train_learned"] < counts["train_tokens"] / 2
    assert card["training"]["targets"] < card["training"]["tokens"] / 2


def test_context_and_batch_are_those_the_model_was_trained_with(
    begun: Artefact, answering: Artefact
) -> None:
    inherited = {name: begun.manifest.details[name] for name in ("context", "batch_tokens")}
    assert inherited == {"context": 64, "batch_tokens": 512}
    assert inherited.items() <= answering.manifest.details.items()


def test_the_model_it_starts_from_is_an_input(
    furnished: Settings, begun: Artefact, answering: Artefact
) -> None:
    data = Artefacts(furnished.home).require("dataset", "cities")
    assert answering.manifest.inputs == (data.reference, begun.reference)
    assert finetune_made("answering", _sft(), settings=furnished) == answering


def test_an_encoder_learns_to_classify(furnished: Settings, encoder: Artefact) -> None:
    classify = _sft(data="moods", objective="classify", model={"start": "encoder"}, steps=20)
    told = Notes()
    made = finetune("moods", classify, settings=furnished, progress=told)
    assert "new and untrained: classifier.bias, classifier.weight" in told.lines
    assert made.manifest.metrics["accuracy"] == 1
    assert made.manifest.details["classes"] == ["bad", "good"]
    model = AutoModelForSequenceClassification.from_pretrained(made.path)
    assert model.config.id2label == {0: "bad", 1: "good"}


def test_other_labels_than_the_models_are_refused(furnished: Settings, encoder: Artefact) -> None:
    classify = _sft(data="moods", objective="classify", model={"start": "encoder"}, steps=1)
    finetune("first", classify, settings=furnished)
    records = [
        record
        for number, label in enumerate(["sad", "glad", "sad", "glad"])
        for record in [text_records([f"text {number}"])[0]]
    ]
    labelled = [_labelled(record, n) for n, record in enumerate(records)]
    dataset(furnished, "feelings", labelled[:2], labelled[2:])
    again = _sft(data="feelings", objective="classify", model={"start": "first"}, steps=1)
    with pytest.raises(UsageError, match="labels are glad, sad; the model's are bad, good"):
        finetune("second", again, settings=furnished)


def test_fine_tuning_needs_a_start(furnished: Settings) -> None:
    with pytest.raises(UsageError, match=r"set model\.start"):
        finetune("wrong", _sft(model=SMALL, tokenizer="mixed"), settings=furnished)


def test_a_start_keeps_its_tokenizer(furnished: Settings, begun: Artefact) -> None:
    with pytest.raises(UsageError, match="brings its own tokenizer"):
        finetune("wrong", _sft(tokenizer="mixed"), settings=furnished)


def test_rows_longer_than_the_model_sees_are_refused(furnished: Settings, begun: Artefact) -> None:
    with pytest.raises(UsageError, match="context is 128 and the model can see 64"):
        finetune("wrong", _sft(model={"start": "begun", "context": 128}), settings=furnished)


def test_conversations_without_an_assistants_turn_are_refused(
    furnished: Settings, begun: Artefact
) -> None:
    silent = [chat_record(number, "user: Is anybody there?") for number in range(4)]
    dataset(furnished, "silent", silent[:3], silent[3:])
    with pytest.raises(UsageError, match="assistant"):
        finetune("wrong", _sft(data="silent"), settings=furnished)


def test_a_conversation_longer_than_the_context_is_learned(
    furnished: Settings, begun: Artefact
) -> None:
    long = [
        chat_record(n, f"user: {'many words before it ' * 40}{n}", f"assistant: {'yes ' * 60}")
        for n in range(6)
    ]
    dataset(furnished, "long", long[:4], long[4:])
    made = finetune("long", _sft(data="long", steps=20), settings=furnished)
    assert made.manifest.metrics["loss"] < 1


def test_frozen_parameters_stay_as_they_were(furnished: Settings, begun: Artefact) -> None:
    made = finetune(
        "frozen", _sft(steps=3, frozen=["model.embed_tokens*", "*mlp*"]), settings=furnished
    )
    before = AutoModelForCausalLM.from_pretrained(begun.path).state_dict()
    after = AutoModelForCausalLM.from_pretrained(made.path).state_dict()
    for name, value in before.items():
        still = "mlp" in name or "embed_tokens" in name or "lm_head" in name
        assert torch.equal(value, after[name]) == still, name


def _labelled(record: Any, number: int) -> Any:
    from dataclasses import replace

    return replace(record, position=number, label=["sad", "glad"][number % 2])
