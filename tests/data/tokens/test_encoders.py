from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoTokenizer

from tests.data.tokens.corpus import texts
from zaohua.data.tokens.bpe import assemble, learn_merges
from zaohua.data.tokens.chatml import SPECIAL_TOKENS
from zaohua.data.tokens.encoders import PROBE, HubEncoder, TiktokenEncoder, encoder_for
from zaohua.data.tokens.facts import facts_of
from zaohua.data.tokens.loading import load_tokenizer
from zaohua.data.tokens.splits import split_of
from zaohua.store.artefacts import Artefact

CORPUS = texts(300)
ODD = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs"]),
        st.sampled_from("明月 the,。1 \n\r\t'sS\u3000\u200b😀\u0301ſ"),
    ),
    max_size=60,
)


def both(digits: int) -> tuple[HubEncoder, TiktokenEncoder]:
    from transformers import PreTrainedTokenizerFast

    split = split_of(digits)  # type: ignore[arg-type]
    merges = learn_merges(CORPUS, 900, split)
    wrapped = PreTrainedTokenizerFast(tokenizer_object=assemble(SPECIAL_TOKENS, merges, split))
    fast = encoder_for(wrapped)
    assert isinstance(fast, TiktokenEncoder)
    return HubEncoder(facts_of(wrapped)), fast


ENCODERS = {digits: both(digits) for digits in (1, 3)}


@settings(max_examples=400, deadline=None)
@given(st.sampled_from([1, 3]), ODD)
def test_tiktoken_gives_the_ids_of_the_tokenizers_library(digits: int, text: str) -> None:
    own, fast = ENCODERS[digits]
    assert own.plain([text])[0].tolist() == fast.plain([text])[0].tolist()


def test_tiktoken_gives_the_ids_of_the_tokenizers_library_in_every_script() -> None:
    own, fast = ENCODERS[1]
    numbers = [*range(0x3400), *range(0x3400, 0xD800, 97), *range(0xE000, 0x20000, 7), 0xE0061]
    around = [f"人{c} a{c}1 {c} .{c}\n" for c in map(chr, numbers)]
    pairs = zip(own.plain(around), fast.plain(around), strict=True)
    assert all(np.array_equal(a, b) for a, b in pairs)


@pytest.mark.parametrize("text", PROBE)
def test_long_runs_and_odd_unicode_agree(text: str) -> None:
    own, fast = ENCODERS[1]
    assert own.plain([text * 50])[0].tolist() == fast.plain([text * 50])[0].tolist()


@pytest.mark.parametrize("kind", [0, 1])
def test_special_tokens_written_in_a_document_are_text(kind: int) -> None:
    encoder = ENCODERS[1][kind]
    ids = encoder.plain(["a<|endoftext|>b<|im_end|>"])[0]
    assert not set(ids.tolist()) & {0, 1, 2, 3, 4}


@pytest.mark.parametrize("kind", [0, 1])
def test_special_tokens_of_a_rendered_conversation_are_themselves(kind: int) -> None:
    encoder = ENCODERS[1][kind]
    text = "<|im_start|>assistant\n明月 the<|im_end|>\n"
    first, last = text.index("明"), text.rindex("\n")
    ids, inside = encoder.rendered(text, [(first, last)])
    assert ids[0] == 1
    assert ids[inside].tolist() == [*encoder.plain(["明月 the"])[0].tolist(), 2]
    assert inside.tolist() == [*sorted(inside.tolist()[:-1]), False]


@pytest.mark.parametrize("kind", [0, 1])
def test_an_emoji_of_several_tokens_is_inside_with_all_of_them(kind: int) -> None:
    encoder = ENCODERS[1][kind]
    emoji = encoder.plain(["😀"])[0]
    assert len(emoji) > 1
    ids, inside = encoder.rendered("a😀😀b", [(2, 3)])
    assert ids[inside].tolist() == emoji.tolist()
    assert inside.sum() == len(emoji)


def test_the_trained_tokenizer_is_run_by_tiktoken(tokenizer: Artefact) -> None:
    assert isinstance(encoder_for(load_tokenizer(tokenizer)), TiktokenEncoder)


def test_a_tokenizer_that_changes_text_is_run_by_its_own_library(tokenizer: Artefact) -> None:
    from tokenizers import normalizers

    changed = AutoTokenizer.from_pretrained(tokenizer.path)
    changed.backend_tokenizer.normalizer = normalizers.NFC()
    assert isinstance(encoder_for(changed), HubEncoder)


def test_another_split_than_the_tokenizers_own_is_found_out(tokenizer: Artefact) -> None:
    """A pre-tokenizer that only looks like ours must not pass as it."""
    from tokenizers import Regex, pre_tokenizers

    changed = AutoTokenizer.from_pretrained(tokenizer.path)
    gaps = pre_tokenizers.Split(Regex(r"\p{L}+"), "isolated")  # what is between is lost by tiktoken
    cut = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    changed.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence([gaps, cut])
    assert isinstance(encoder_for(changed), HubEncoder)
