"""What encoding needs of a tokenizer, in plain values that go to worker processes.

Workers so need neither ``transformers`` (but for chat templates) nor ``torch``, whose imports cost
seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from zaohua.data.tokens.loading import Boundaries, boundaries, pad_id


@dataclass(frozen=True, slots=True)
class Facts:
    """A tokenizer.

    Attributes:
        name: where it is from, for messages.
        description: the content of ``tokenizer.json``, as it is run.
        special: special tokens and their ids.
        plain_added: whether there are added tokens that are not special, or take spaces with them.
        template: chat template in Jinja; empty: none.
        variables: what the template may name: ``bos_token`` …
        around: what stands around documents.
        pad: id that fills rows.
        size: ids there are, from 0.
    """

    name: str
    description: str
    special: tuple[tuple[str, int], ...]
    plain_added: bool
    template: str
    variables: tuple[tuple[str, str], ...]
    around: Boundaries
    pad: int
    size: int


def facts_of(tokenizer: Any, name: str = "") -> Facts:
    """The facts of a `transformers` tokenizer."""
    added = tokenizer.added_tokens_decoder
    return Facts(
        name=name,
        description=tokenizer.backend_tokenizer.to_str(),
        special=tuple((str(token), number) for number, token in added.items() if token.special),
        plain_added=any(t.lstrip or t.rstrip or not t.special for t in added.values()),
        template=tokenizer.get_chat_template() if tokenizer.chat_template else "",
        variables=tuple((key, str(v)) for key, v in tokenizer.special_tokens_map.items()),
        around=boundaries(tokenizer),
        pad=pad_id(tokenizer),
        size=len(tokenizer),
    )
