from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.data.tokens import kinds
from tests.data.tokens.corpus import chat_record, dataset, text_records, texts
from zaohua.data.records import Record, Turn
from zaohua.data.tokens import classes, encode
from zaohua.data.tokens.facts import Facts
from zaohua.data.tokens.loading import load_tokenizer
from zaohua.data.tokens.shards import Info, open_shards
from zaohua.errors import IntegrityError, UsageError
from zaohua.progress import Silent
from zaohua.settings import Settings
from zaohua.store.artefacts import Artefact

TALK = (
    "system: Be brief.",
    "user: 寫一句",
    "assistant: 明月😀",
    "user: more",
    "assistant: the river",
)


class Told(Silent):
    """Keeps what is noted."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)


def documents(tokens: Artefact, part: str = "train") -> list[list[int]]:
    info = Info.load(tokens.path)
    extra = 1 if info.shared else 0
    return [
        shard.tokens[first : last + extra].tolist()
        for shard in open_shards(tokens.path, info, part)  # type: ignore[arg-type]
        for first, last in zip(shard.starts[:-1], shard.starts[1:], strict=True)
    ]


def learned_texts(tokens: Artefact, tokenizer: Path | Artefact) -> list[str]:
    """What is to be learned of each conversation, as text."""
    loaded = load_tokenizer(tokenizer)
    return [
        loaded.decode(shard.tokens[first:last][shard.learned[first:last]])
        for shard in open_shards(tokens.path, Info.load(tokens.path), "train")
        for first, last in zip(shard.starts[:-1], shard.starts[1:], strict=True)
        if shard.learned is not None
    ]


def test_documents_begin_and_end_with_the_document_token_stored_once(
    settings: Settings, tokenizer: Artefact
) -> None:
    bodies = texts(50)
    data = dataset(settings, "mixed", text_records(bodies), text_records(bodies[:3]))
    tokens = encode(data, tokenizer, "text", settings=settings)
    found = documents(tokens)
    loaded = load_tokenizer(tokenizer)
    assert [loaded.decode(ids[1:-1]) for ids in found] == bodies
    assert all(ids[0] == ids[-1] == 0 and 0 not in ids[1:-1] for ids in found)
    (shard,) = open_shards(tokens.path, Info.load(tokens.path), "train")
    assert shard.tokens.dtype == np.dtype("<u2")
    assert len(shard.tokens) == sum(len(ids) - 1 for ids in found) + 1
    assert tokens.manifest.metrics["train_learned"] == len(shard.tokens) - 1
    assert tokens.manifest.metrics["train_documents"] == 50
    assert tokens.manifest.metrics["validation_documents"] == 3
    assert tokens.manifest.licence == "CC0-1.0"


def test_a_tokenizer_with_two_boundary_tokens_puts_both_around(
    settings: Settings, tmp_path: Path
) -> None:
    data = dataset(settings, "mixed", text_records(texts(9)))
    tokens = encode(data, kinds.sentence_piece(tmp_path / "t"), "text", settings=settings)
    assert all(ids[0] == 1 and ids[-1] == 2 for ids in documents(tokens))


def test_the_exact_mask_of_a_conversation_of_several_turns(
    settings: Settings, tokenizer: Artefact
) -> None:
    data = dataset(settings, "talk", [chat_record(0, *TALK)])
    tokens = encode(data, tokenizer, "chat", settings=settings)
    (shard,) = open_shards(tokens.path, Info.load(tokens.path), "train")
    table = load_tokenizer(tokenizer).apply_chat_template(
        [dict(zip(("role", "content"), turn.split(": ", 1), strict=True)) for turn in TALK],
        tokenize=True,
        return_dict=True,
        return_assistant_tokens_mask=True,
    )
    assert shard.tokens.tolist() == table["input_ids"]
    assert shard.learned is not None
    assert shard.learned.astype(int).tolist() == table["assistant_masks"]
    assert learned_texts(tokens, tokenizer) == ["明月😀<|im_end|>the river<|im_end|>"]
    assert tokens.manifest.metrics["train_learned"] == sum(table["assistant_masks"])


@pytest.mark.parametrize(
    ("template", "learned"),
    [
        (kinds.CHATML_BARE, "明月😀<|im_end|>the river<|im_end|>"),
        (kinds.WITH_BOS, "明月😀<|im_end|>the river<|im_end|>"),
        (kinds.PLAIN, "明月😀\nthe river\n"),
        (kinds.FORGETTING, "<|think|>\nthe river<|im_end|>"),
    ],
)
def test_templates_of_others_teach_the_assistants_turns_only(
    settings: Settings, tokenizer: Artefact, tmp_path: Path, template: str, learned: str
) -> None:
    source = kinds.with_template(tokenizer, tmp_path / "t", template)
    data = dataset(settings, "talk", [chat_record(0, *TALK[1:])])
    tokens = encode(data, source, "chat", settings=settings)
    assert learned_texts(tokens, source) == [learned]
    assert documents(tokens)[0].count(0) == (template == kinds.WITH_BOS)


def test_a_sentence_piece_tokenizer_teaches_the_assistants_turns_only(
    settings: Settings, tmp_path: Path
) -> None:
    source = kinds.sentence_piece(tmp_path / "t")
    data = dataset(settings, "talk", [chat_record(0, *TALK[1:])])
    tokens = encode(data, source, "chat", settings=settings)
    assert learned_texts(tokens, source) == ["明月😀</s>the river</s>"]
    assert documents(tokens)[0].count(1) == 1


def test_turns_that_are_not_learned_are_counted_and_told(
    settings: Settings, tokenizer: Artefact, tmp_path: Path
) -> None:
    source = kinds.with_template(tokenizer, tmp_path / "t", kinds.FORGETTING)
    data = dataset(settings, "talk", [chat_record(0, *TALK[1:])] * 3)
    told = Told()
    encode(data, source, "chat", settings=settings, progress=told)
    assert any("3 turns of the assistant are not learned" in note for note in told.notes)


@pytest.mark.parametrize("template", [kinds.SILENT, kinds.EMPTY_MARKS])
def test_a_template_that_never_yields_an_assistant_turn_is_one_clear_line(
    settings: Settings, tokenizer: Artefact, tmp_path: Path, template: str
) -> None:
    source = kinds.with_template(tokenizer, tmp_path / "t", template)
    data = dataset(settings, "talk", [chat_record(0, *TALK)])
    with pytest.raises(UsageError, match=f"yields no assistant turn.*{source}.*generation"):
        encode(data, source, "chat", settings=settings)


def test_no_template_at_all_is_one_clear_line(
    settings: Settings, tokenizer: Artefact, tmp_path: Path
) -> None:
    source = kinds.with_template(tokenizer, tmp_path / "t", None)
    data = dataset(settings, "talk", [chat_record(0, *TALK)])
    with pytest.raises(UsageError, match=f"no chat template .{source}"):
        encode(data, source, "chat", settings=settings, workers=2)


def test_what_a_template_refuses_is_left_out_and_counted(
    settings: Settings, tokenizer: Artefact, tmp_path: Path
) -> None:
    source = kinds.with_template(tokenizer, tmp_path / "t", kinds.STRICT)
    data = dataset(settings, "talk", [chat_record(0, *TALK), chat_record(1, *TALK[1:])])
    told = Told()
    tokens = encode(data, source, "chat", settings=settings, progress=told)
    assert tokens.manifest.metrics["train_documents"] == 1
    assert tokens.manifest.metrics["skipped"]["train"] == {"template: no system turns here": 1}
    assert told.notes == ["train: records left out: 1 template: no system turns here"]


def test_preferences_teach_what_was_chosen_and_bad_thumbs_nothing(
    settings: Settings, tokenizer: Artefact
) -> None:
    ask, good, bad = Turn("user", "q"), Turn("assistant", "moon"), Turn("assistant", "rain")
    data = dataset(
        settings,
        "mixed",
        [
            Record("m", 0, messages=(ask,), chosen=(good,), rejected=(bad,)),
            Record("m", 1, messages=(ask, good), label=True),
            Record("m", 2, messages=(ask, bad), label=False),
            Record("m", 3, messages=(ask,)),
        ],
    )
    tokens = encode(data, tokenizer, "chat", settings=settings)
    assert learned_texts(tokens, tokenizer) == ["moon<|im_end|>"] * 2
    assert tokens.manifest.metrics["skipped"]["train"] == {"no_assistant_turn": 2}


def test_labels_are_numbered_by_name_over_both_parts(
    settings: Settings, tokenizer: Artefact
) -> None:
    train = [
        Record("m", n, text=t, label="good" if n % 3 else "bad") for n, t in enumerate("月花人山")
    ]
    held = [Record("m", 9, text="雨", label="awful"), Record("m", 10, text="unlabelled")]
    data = dataset(settings, "labelled", train, held)
    tokens = encode(data, tokenizer, "labelled", settings=settings)
    assert classes(tokens) == ["awful", "bad", "good"]
    info = Info.load(tokens.path)
    assert [s.labels.tolist() for s in open_shards(tokens.path, info, "train")] == [[1, 2, 2, 1]]  # type: ignore[union-attr]
    assert [s.labels.tolist() for s in open_shards(tokens.path, info, "validation")] == [[0]]  # type: ignore[union-attr]
    assert tokens.manifest.metrics["skipped"]["validation"] == {"no_label": 1}


def test_the_order_of_labels_is_that_of_the_data_set(
    settings: Settings, tokenizer: Artefact
) -> None:
    train = [Record("m", 0, text="a", label="no"), Record("m", 1, text="b", label="yes")]
    data = dataset(settings, "asked", train, labels=["yes", "no", "maybe"])
    assert classes(encode(data, tokenizer, "labelled", settings=settings)) == [
        "yes",
        "no",
        "maybe",
    ]


def test_a_label_outside_the_set_is_one_clear_line(settings: Settings, tokenizer: Artefact) -> None:
    train = [Record("m", 0, text="a", label="no"), Record("m", 1, text="b", label="nope")]
    data = dataset(settings, "asked", train, labels=["yes", "no"])
    with pytest.raises(UsageError, match=r"label 'nope' is not one of yes, no \(data set asked"):
        encode(data, tokenizer, "labelled", settings=settings)


def test_one_label_only_is_one_clear_line(settings: Settings, tokenizer: Artefact) -> None:
    data = dataset(settings, "one", [Record("m", n, text="a", label="yes") for n in range(3)])
    with pytest.raises(UsageError, match="one label only: 'yes'"):
        encode(data, tokenizer, "labelled", settings=settings)


@pytest.mark.parametrize(
    ("form", "line"),
    [
        ("text", "no text in the training part .data set none"),
        ("chat", "no conversation with an assistant's turn in the training part .data set none"),
        ("labelled", "no text with a label in the training part .data set none"),
    ],
)
def test_an_empty_data_set_is_one_clear_line(
    settings: Settings, tokenizer: Artefact, form: str, line: str
) -> None:
    data = dataset(settings, "none", [])
    with pytest.raises(UsageError, match=line):
        encode(data, tokenizer, form, settings=settings)  # type: ignore[arg-type]


def test_records_of_another_form_are_one_clear_line(
    settings: Settings, tokenizer: Artefact
) -> None:
    data = dataset(settings, "poems", text_records(texts(5)))
    with pytest.raises(UsageError, match=r"all 5 records were left out \(no_assistant_turn\)"):
        encode(data, tokenizer, "chat", settings=settings)


def test_one_document_is_enough(settings: Settings, tokenizer: Artefact) -> None:
    data = dataset(settings, "one", text_records(["明"]))
    assert len(documents(encode(data, tokenizer, "text", settings=settings))) == 1


def test_a_broken_run_goes_on_and_gives_the_same_bytes(
    settings: Settings, tokenizer: Artefact, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from zaohua.data.tokens import shard_work

    records = text_records(texts(300))
    whole = encode(
        dataset(settings, "mixed", records, shard_bytes=8000), tokenizer, "text", settings=settings
    )
    assert len(Info.load(whole.path).shards["train"]) > 3
    other = Settings(home=tmp_path / "other")
    data = dataset(other, "mixed", records, shard_bytes=8000)
    done: list[str] = []
    real = shard_work.encode_shard

    def breaking(job: shard_work.Job, facts: Facts) -> None:
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(job.name)
        real(job, facts)

    with monkeypatch.context() as patch:
        patch.setattr(shard_work, "encode_shard", breaking)
        with pytest.raises(KeyboardInterrupt):
            encode(data, tokenizer, "text", settings=other)
        before = list(done)
        done.append("so that it does not break again")
        again = encode(data, tokenizer, "text", settings=other)
    assert not set(before) & set(done[3:])
    assert again.manifest.files == whole.manifest.files


def test_processes_give_the_same_bytes_as_one(
    settings: Settings, tokenizer: Artefact, tmp_path: Path
) -> None:
    records = text_records(texts(200))
    other = Settings(home=tmp_path / "other")
    made = [
        encode(
            dataset(one, "mixed", records, shard_bytes=8000),
            tokenizer,
            "text",
            settings=one,
            workers=workers,
        )
        for one, workers in ((settings, 1), (other, 2))
    ]
    assert made[0].manifest.files == made[1].manifest.files


def test_what_is_encoded_is_not_encoded_again_and_another_tokenizer_is_another_artefact(
    settings: Settings, tokenizer: Artefact, tmp_path: Path
) -> None:
    data = dataset(settings, "mixed", text_records(texts(20)))
    tokens = encode(data, tokenizer, "text", settings=settings)
    assert encode(data, tokenizer, "text", settings=settings) == tokens
    assert tokens.manifest.inputs == (data.reference, tokenizer.reference)
    source = kinds.copied(tokenizer.path, tmp_path / "t")
    other = encode(data, source, "text", settings=settings)
    assert other.manifest.version != tokens.manifest.version
    assert any(f"file:{source}/tokenizer.json#" in name for name in other.manifest.inputs)


def test_a_damaged_shard_of_tokens_is_one_clear_line(
    settings: Settings, tokenizer: Artefact
) -> None:
    data = dataset(settings, "mixed", text_records(texts(20)))
    tokens = encode(data, tokenizer, "text", settings=settings)
    (tokens.path / "train-00000.starts.npy").write_bytes(b"")
    with pytest.raises(IntegrityError, match=r"train-00000.starts.npy.*encode them again"):
        open_shards(tokens.path, Info.load(tokens.path), "train")
