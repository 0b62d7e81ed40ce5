"""What tokens cost, looked up once for each model."""

from __future__ import annotations

from zaohua.assistant.values import Cost, TokenUsage
from zaohua.generate.engine import Models, ServedModel


class Prices:
    """The prices of served models."""

    def __init__(self, models: Models) -> None:
        self._models = models
        self._known: dict[str, ServedModel] = {}

    def learn(self, model: str) -> None:
        """Look up the price of ``model`` unless it is known (may read files: blocking)."""
        if model not in self._known:
            self._known.update({served.name: served for served in self._models.list()})

    def cost(self, model: str, usage: TokenUsage) -> Cost | None:
        """What ``usage`` costs; None if the price was never learnt."""
        served = self._known.get(model)
        if served is None:
            return None
        prompt = usage["prompt_tokens"] * served.price_prompt
        completion = usage["completion_tokens"] * served.price_completion
        return Cost(amount=round((prompt + completion) / 1e6, 8), currency=served.currency)
