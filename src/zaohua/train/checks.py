"""What can be known to be wrong before anything heavy runs; all of it in one line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from zaohua.data.tokens.rows import IGNORE, Rows
from zaohua.errors import UsageError
from zaohua.train.spec import TrainSpec

LENGTHS = ("steps", "tokens", "epochs", "minutes")
DECODERS = frozenset({"qwen3", "llama"})
SEARCHED_ROWS = 1000


def require(problems: Iterable[str], where: str) -> None:
    """Nothing is wrong.

    Raises:
        UsageError: something is: all of it in one line.
    """
    found = list(problems)
    if found:
        raise UsageError("training cannot start: " + "; ".join(found), where=where)


def of_spec(spec: TrainSpec) -> Iterator[str]:
    """What the recipe alone shows."""
    given = [name for name in LENGTHS if getattr(spec, name)]
    if not given:
        yield f"no length is given: set one of {', '.join(LENGTHS)}"
    if len(given) > 1:
        yield f"{' and '.join(given)} are all given: keep one of them"
    if not spec.model.start:
        yield from _of_new_model(spec)
    if spec.optimiser.embedding_lr and spec.optimiser.name not in {"auto", "muon"}:
        yield f"embedding_lr is for muon; {spec.optimiser.name} has one rate, lr"


def _of_new_model(spec: TrainSpec) -> Iterator[str]:
    decodes = spec.model.layout in DECODERS
    if spec.objective in {"causal", "chat"} and not decodes:
        yield f"objective {spec.objective} needs a decoder (layout qwen3 or llama)"
    if spec.objective == "masked" and decodes:
        yield "objective masked needs an encoder (layout bert or modernbert)"
    if not spec.tokenizer:
        yield "a new model needs a tokenizer: set tokenizer, or model.start to go on from another"


def of_length(length: int, limit: int) -> Iterator[str]:
    """Whether rows fit the model."""
    if length > limit:
        yield f"context is {length} and the model can see {limit}: lower model.context"
    if length < 2:
        yield f"context is {length}: a row needs two tokens at least"


def of_vocabulary(tokenizer: int, model: int) -> Iterator[str]:
    """Whether every token has a row in the embedding."""
    if tokenizer > model:
        yield f"the tokenizer has {tokenizer} tokens and the model knows {model}"


def of_mask(objective: str, mask: object) -> Iterator[str]:
    """Whether there is something to put in the place of hidden tokens."""
    if objective == "masked" and mask is None:
        yield "the tokenizer has no mask token"


def of_rows(train: Rows, validation: Rows, objective: str) -> Iterator[str]:
    """Whether there is something to learn and something to measure it on."""
    if len(train) == 0:
        yield "the training part of the data is empty"
    if len(validation) == 0:
        yield (
            "the validation part of the data is empty: add documents (two at least), or raise the "
            "share of validation when preparing them"
        )
    if objective != "classify" and len(train) and not _teaches(train):
        yield (
            "the chat template yields no assistant's turn to learn from"
            if objective == "chat"
            else "no row has a token to learn"
        )


def of_labels(labels: list[str], known: list[str]) -> Iterator[str]:
    """Whether the classes are those of the model it starts from, if that has any."""
    if len(labels) < 2:
        yield f"the data has {len(labels)} label: two at least are needed"
    if known and labels != known:
        yield f"the data's labels are {', '.join(labels)}; the model's are {', '.join(known)}"


def _teaches(rows: Rows) -> bool:
    numbers = range(0, len(rows), max(1, len(rows) // SEARCHED_ROWS))
    return any((rows[number].targets != IGNORE).any() for number in numbers)
