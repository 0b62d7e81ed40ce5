"""Tokenizers of other kinds than our own, as the hub has them, and chat templates of others."""

from __future__ import annotations

import shutil
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import AutoTokenizer, BertTokenizerFast, PreTrainedTokenizerFast

from tests.data.tokens.corpus import texts
from zaohua.store.artefacts import Artefact

CHATML_BARE = (
    "{%- for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor -%}"
    "{%- if add_generation_prompt %}<|im_start|>assistant\n{% endif -%}"
)
"""Without generation marks; the line end after the last turn is the template's."""

WITH_BOS = "{{ bos_token }}" + CHATML_BARE

PLAIN = (
    "{% for m in messages %}{{ 'Q: ' if m.role == 'user' else 'A: ' }}{{ m.content }}\n{% endfor %}"
    "{% if add_generation_prompt %}A: {% endif %}"
)
"""Without any special token: the line end ends a turn."""

FORGETTING = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n"
    "{% if m.role == 'assistant' and loop.last %}<|think|>\n{% endif %}"
    "{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
"""Takes what stands before an answer away when the conversation goes on, as Qwen 3 does."""

SILENT = "{% for m in messages if m.role == 'user' %}{{ m.content }}\n{% endfor %}"
"""Never shows an assistant's turn."""

EMPTY_MARKS = (
    "{% for m in messages %}<|im_start|>{{ m.content }}<|im_end|>"
    "{% if m.role == 'nobody' %}{% generation %}x{% endgeneration %}{% endif %}{% endfor %}"
)

STRICT = (
    "{% if messages[0].role == 'system' %}{{ raise_exception('no system turns here') }}{% endif %}"
    + CHATML_BARE
)


def with_template(tokenizer: Artefact, folder: Path, template: str | None) -> Path:
    """A copy of a tokenizer with another chat template."""
    loaded = AutoTokenizer.from_pretrained(tokenizer.path)
    loaded.chat_template = template
    loaded.save_pretrained(folder)
    if template is None:
        (folder / "chat_template.jinja").unlink(missing_ok=True)
    return folder


def sentence_piece(folder: Path) -> Path:
    """As Llama 2 has it: ``▁`` for spaces, bytes as ``<0xE4>``, ``<s>`` and ``</s>``."""
    model = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True))
    model.normalizer = normalizers.Sequence(
        [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]
    )
    fallback = [f"<0x{byte:02X}>" for byte in range(256)]
    trainer = trainers.BpeTrainer(
        vocab_size=800,
        special_tokens=["<unk>", "<s>", "</s>", *fallback],
        limit_alphabet=150,
        show_progress=False,
    )
    model.train_from_iterator(texts(200), trainer)
    model.decoder = decoders.Sequence(
        [
            decoders.Replace("▁", " "),
            decoders.ByteFallback(),
            decoders.Fuse(),
            decoders.Strip(" ", 1, 0),
        ]
    )
    saved = Tokenizer.from_str(_only_real_specials(model.to_str()))
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=saved, bos_token="<s>", eos_token="</s>", unk_token="<unk>"
    )
    wrapped.chat_template = WITH_BOS.replace("<|im_end|>", "</s>").replace("<|im_start|>", "@")
    wrapped.save_pretrained(folder)
    return folder


def word_piece(folder: Path) -> Path:
    """As BERT has it."""
    model = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    model.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    trainer = trainers.WordPieceTrainer(vocab_size=600, special_tokens=special, show_progress=False)
    model.train_from_iterator(texts(200), trainer)
    folder.mkdir(parents=True, exist_ok=True)
    model.model.save(str(folder))
    BertTokenizerFast(str(folder / "vocab.txt"), do_lower_case=False).save_pretrained(folder)
    return folder


def copied(source: Path, folder: Path) -> Path:
    shutil.copytree(source, folder)
    return folder


def _only_real_specials(description: str) -> str:
    """Byte tokens belong to the vocabulary but are not special."""
    import json

    table = json.loads(description)
    table["added_tokens"] = [t for t in table["added_tokens"] if not t["content"].startswith("<0x")]
    return json.dumps(table)
