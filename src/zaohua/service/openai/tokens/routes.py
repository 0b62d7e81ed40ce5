"""`POST /tokenize` and `POST /detokenize`, as llama.cpp and vLLM have them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import AliasChoices, BaseModel, ConfigDict, Field
from starlette.responses import Response

from zaohua.service.body import Body, JsonRoute, json_response
from zaohua.service.errors import documented
from zaohua.service.inference import require_model
from zaohua.service.openai.completions.shapes import TokenId
from zaohua.service.security import Caller, caller
from zaohua.service.services import Services, services
from zaohua.service.sse import unless_gone

router = APIRouter(tags=["tokens"], route_class=JsonRoute)
ERRORS = documented(404, 503)


class TokenizeRequest(Body):
    """Text to cut into tokens; ``prompt`` is another name of ``content``."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"content": "你好"}]})

    content: str = Field(validation_alias=AliasChoices("content", "prompt"))
    model: str | None = None
    add_special: bool | None = None
    add_special_tokens: bool | None = None


class Tokens(BaseModel):
    """Token ids and how many the model can look back on."""

    tokens: list[int]
    count: int
    max_model_len: int


class DetokenizeRequest(Body):
    """Tokens to put together."""

    tokens: list[TokenId]
    model: str | None = None


class Text(BaseModel):
    """Text, under both names that are in use."""

    content: str
    prompt: str


@router.post("/tokenize", response_model=Tokens, responses=ERRORS, summary="Text to token ids")
async def tokenize(
    body: TokenizeRequest,
    request: Request,
    _: Annotated[Caller, Depends(caller)],
    parts: Annotated[Services, Depends(services)],
) -> Response:
    """The ids the model reads; with ``add_special`` its own control tokens too."""
    special = bool(body.add_special or body.add_special_tokens)

    async def work() -> Response:
        async with parts.models.use(require_model(body.model)) as engine:
            tokens = await engine.tokenize(body.content, special=special)
            size = engine.info.context_length
        return json_response({"tokens": tokens, "count": len(tokens), "max_model_len": size})

    return await unless_gone(request, work())


@router.post("/detokenize", response_model=Text, responses=ERRORS, summary="Token ids to text")
async def detokenize(
    body: DetokenizeRequest,
    request: Request,
    _: Annotated[Caller, Depends(caller)],
    parts: Annotated[Services, Depends(services)],
) -> Response:
    """The text that the tokens stand for."""

    async def work() -> Response:
        async with parts.models.use(require_model(body.model)) as engine:
            text = await engine.detokenize(body.tokens)
        return json_response({"content": text, "prompt": text})

    return await unless_gone(request, work())
