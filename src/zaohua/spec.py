"""What a person may write in a recipe: the base of every section, and how errors in it are told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from zaohua.errors import UsageError
from zaohua.problems import problems


class Spec(BaseModel):
    """A section of a recipe. Unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


S = TypeVar("S", bound=Spec)


def read_spec(form: type[S], table: Mapping[str, Any], where: str) -> S:
    """A section from what YAML or the command line gave; ``where`` (a file, an option) is told.

    Raises:
        UsageError: **all** problems in one line; an unknown key names the nearest known one.
    """
    try:
        return form.model_validate(dict(table))
    except ValidationError as error:
        raise UsageError("; ".join(problems(error, form)), where=where) from None
