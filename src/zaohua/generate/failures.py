"""Why an engine could not answer. The HTTP layer turns each into its status and code."""

from __future__ import annotations

from zaohua.errors import NotFoundError, UnavailableError, UsageError


class RequestRefused(UsageError):
    """The engine cannot do what was asked (bad grammar, unsupported field ...).

    ``param`` names the request field where one is to blame.
    """

    def __init__(self, what: str, *, param: str = "", mend: str = "") -> None:
        self.param = param
        super().__init__(what, where=param, mend=mend)


class ContextExceeded(RequestRefused):
    """The prompt does not fit: ``prompt_tokens`` against ``context_length``. Never cut silently."""

    def __init__(self, prompt_tokens: int, context_length: int) -> None:
        self.prompt_tokens = prompt_tokens
        self.context_length = context_length
        super().__init__(
            f"the prompt has {prompt_tokens} tokens but the context holds {context_length}",
            param="messages",
            mend="shorten it, start a new conversation or serve with a larger context length",
        )


class ModelNotFound(NotFoundError):
    """No model of that name can be served here."""

    def __init__(self, model: str, known: tuple[str, ...] = ()) -> None:
        self.model = model
        mend = f"served here: {', '.join(known)}" if known else "see 'zaohua models list'"
        super().__init__(f"there is no model '{model}'", mend=mend)


class EngineBusy(UnavailableError):
    """The engine is loading or full; worth trying again after ``retry_after`` seconds."""

    def __init__(self, what: str, *, retry_after: float = 1.0) -> None:
        self.retry_after = retry_after
        super().__init__(what, mend=f"try again in {retry_after:.0f} s")


class EngineFailed(UnavailableError):
    """The engine died or broke off in the middle of its work."""
