"""The request fields that chat completions and completions have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from zaohua.generate.request import Grammar, Sampling
from zaohua.service.body import Body
from zaohua.service.errors import invalid

MAX_STOPS = 16
Temperature = Annotated[float, Field(ge=0, le=2)]
Probability = Annotated[float, Field(ge=0, le=1)]
Penalty = Annotated[float, Field(ge=-2, le=2)]
Count = Annotated[int, Field(ge=1, le=2**31 - 1)]
Seed = Annotated[int, Field(ge=-(2**63), le=2**63 - 1)]


class StreamOptions(Body):
    """How to stream."""

    include_usage: bool | None = None


class SamplingFields(Body):
    """How tokens are drawn; null leaves the model's default.

    From ``top_k`` on the fields extend OpenAI's API.
    """

    model: str | None = Field(default=None, examples=["qwen2.5-0.5b"])
    temperature: Temperature | None = None
    top_p: Probability | None = None
    n: Annotated[int, Field(ge=1, le=128)] | None = None
    stop: str | list[str] | None = None
    seed: Seed | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    presence_penalty: Penalty | None = None
    frequency_penalty: Penalty | None = None
    logit_bias: dict[str, Annotated[float, Field(ge=-100, le=100)]] | None = None
    user: str | None = None
    service_tier: Literal["auto", "default", "flex", "scale", "priority"] | None = Field(
        default=None, description="`flex` is batch work: it goes after what somebody waits for."
    )
    top_k: Annotated[int, Field(ge=-1, le=2**31 - 1)] | None = None
    min_p: Probability | None = None
    repeat_penalty: Annotated[float, Field(ge=0.01, le=100)] | None = None
    repetition_penalty: Annotated[float, Field(ge=0.01, le=100)] | None = Field(
        default=None, description="The same as `repeat_penalty`."
    )
    grammar: str | None = Field(default=None, description="A grammar in GBNF.")
    regex: str | None = Field(default=None, description="A regular expression the text matches.")
    guided_regex: str | None = Field(default=None, description="The same as `regex`.")

    @property
    def include_usage(self) -> bool:
        """Whether a stream ends with its usage."""
        return bool(self.stream and self.stream_options and self.stream_options.include_usage)

    @property
    def batch(self) -> bool:
        """Whether nobody waits for the answer."""
        return self.service_tier == "flex"


def sampling_of(body: SamplingFields, max_tokens: int | None, logprobs: int | None) -> Sampling:
    """What the fields ask for; ``logprobs`` is the number of alternatives, None for none at all.

    Raises:
        ApiError: 400, a stop sequence or a token id makes no sense.
    """
    return Sampling(
        max_tokens=max_tokens,
        temperature=body.temperature,
        top_k=body.top_k,
        top_p=body.top_p,
        min_p=body.min_p,
        repeat_penalty=(
            body.repetition_penalty if body.repeat_penalty is None else body.repeat_penalty
        ),
        presence_penalty=body.presence_penalty,
        frequency_penalty=body.frequency_penalty,
        logit_bias=_biases(body.logit_bias or {}),
        stop=stops(body.stop),
        seed=body.seed,
        n=body.n or 1,
        logprobs=logprobs is not None,
        top_logprobs=logprobs or 0,
    )


def stops(given: str | list[str] | None) -> tuple[str, ...]:
    """Stop sequences, whichever way they were given."""
    found = (given,) if isinstance(given, str) else tuple(given or ())
    if len(found) > MAX_STOPS:
        raise invalid("stop", f"at most {MAX_STOPS} sequences")
    return found


def _biases(given: Mapping[str, float]) -> dict[int, float]:
    biases = {}
    for token, bias in given.items():
        if not (token.isascii() and token.isdigit() and len(token) < 10):
            raise invalid("logit_bias", f"'{token[:20]}' is not a token id")
        biases[int(token)] = bias
    return biases


def grammar_of(
    body: SamplingFields, form: Mapping[str, Any] | None, param: str = "response_format"
) -> Grammar | None:
    """The one form that the output must take, if any; ``form`` came in the field ``param``.

    Raises:
        ApiError: 400, several forms at once, or a response format that makes no sense.
    """
    found = []
    if body.grammar:
        found.append(("grammar", Grammar("gbnf", body.grammar)))
    if pattern := body.regex or body.guided_regex:
        found.append(("regex", Grammar("regex", pattern)))
    if (grammar := format_grammar(form, param)) is not None:
        found.append((param, grammar))
    if len(found) > 1:
        raise invalid(found[1][0], f"cannot be used together with {found[0][0]}")
    return found[0][1] if found else None


def format_grammar(form: Mapping[str, Any] | None, param: str) -> Grammar | None:
    """The grammar of OpenAI's ``response_format``.

    Raises:
        ApiError: 400, its type is unknown or its schema is missing.
    """
    kind = (form or {}).get("type", "text")
    if kind == "text":
        return None
    if kind == "json_object":
        return Grammar("json")
    if kind == "json_schema":
        inner = (form or {}).get("json_schema")
        schema = inner.get("schema") if isinstance(inner, dict) else None
        if not isinstance(schema, dict):
            raise invalid(f"{param}.json_schema.schema", "a JSON Schema object is needed")
        return Grammar("json_schema", schema)
    raise invalid(f"{param}.type", "must be text, json_object or json_schema")
