"""The tool that calculates."""

from __future__ import annotations

from zaohua.assistant.tools.calculating.parser import compute
from zaohua.assistant.tools.calculating.writing import written
from zaohua.assistant.tools.values import ToolOutput


def calculate(expression: str) -> ToolOutput:
    """Calculate a number exactly. Use it for every calculation.

    Args:
        expression: the calculation, such as (12.5 + 3) * 4, 15% of 240, 2^10 or sqrt(2).
    """
    found = compute(expression)
    text, whole = written(found.value)
    exact = found.exact and whole
    asked = " ".join(expression.split()).rstrip("=?？ ")
    value = {"expression": asked, "result": text, "exact": exact}
    if exact or found.value.denominator > 10**6 or not found.exact:
        return ToolOutput(f"{asked} {'=' if exact else '≈'} {text}", value)
    fraction = f"{found.value.numerator}/{found.value.denominator}"
    return ToolOutput(f"{asked} ≈ {text} (exactly {fraction})", value | {"fraction": fraction})
