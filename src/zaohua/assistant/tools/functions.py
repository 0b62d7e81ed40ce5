"""Tools from Python functions: schema from signature and docstring, types checked on call."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model
from pydantic.errors import PydanticSchemaGenerationError, PydanticUserError

from zaohua.assistant.tools.threads import Threads
from zaohua.assistant.tools.values import CALL_SECONDS, BoundTool, WrongArguments
from zaohua.errors import UsageError
from zaohua.generate.request import Tool
from zaohua.problems import problems

F = TypeVar("F", bound=Callable[..., Any])
NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MARK = "__zaohua_tool__"
_SECTION = re.compile(r"(Args|Returns|Raises|Yields|Examples?|Attributes|Note):\s*")
_ARGUMENT = re.compile(r"(\w+)(?:\s*\([^)]*\))?:\s*(.*)")
_PLAIN = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


def tool(function: F | None = None, **told: Any) -> Any:
    """Mark a function as a tool; takes what `tool_of` takes, and leaves the function as it is.

    ``@tool`` and ``@tool(seconds=30)`` both do.
    """

    def mark(marked: F) -> F:
        setattr(marked, _MARK, told)
        return marked

    return mark if function is None else mark(function)


def is_tool(function: object) -> bool:
    """Whether a function is marked with `tool`."""
    return hasattr(function, _MARK)


def tool_of(
    function: Callable[..., Any],
    *,
    name: str = "",
    description: str = "",
    seconds: float = 0.0,
) -> BoundTool:
    """The tool that a function is. One that is not ``async`` runs in a thread.

    Args:
        function: every parameter has a type; its docstring tells the model what it does, in an
            ``Args`` section what each argument is.
        name: what the model calls it; the function's own if not given.
        description: what the model is told; the docstring's first paragraph if not given.
        seconds: how long a call may take.

    Raises:
        UsageError: the function cannot be a tool.
    """
    given = {"name": name, "description": description, "seconds": seconds}
    told: dict[str, Any] = {**getattr(function, _MARK, {}), **{k: v for k, v in given.items() if v}}
    called = str(told.get("name") or getattr(function, "__name__", ""))
    if not NAME.fullmatch(called):
        raise UsageError(
            "a tool's name has up to 64 letters, digits, _ and -", where=called, mend="give a name"
        )
    summary, explained = _docstring(inspect.getdoc(function) or "")
    form = _form(function, called, explained)
    definition = Tool(called, str(told.get("description") or summary), _schema(form))
    return BoundTool(
        definition,
        lambda arguments: _checked(form, arguments),
        _runner(function),
        float(told.get("seconds") or CALL_SECONDS),
    )


def _runner(function: Callable[..., Any]) -> Callable[[Mapping[str, Any]], Any]:
    if inspect.iscoroutinefunction(function):
        return lambda arguments: function(**arguments)
    threads = Threads()
    return lambda arguments: threads.run(lambda: function(**arguments))


def _form(
    function: Callable[..., Any], called: str, explained: Mapping[str, str]
) -> type[BaseModel]:
    """A model whose fields stand for the parameters, by position: any name will do for those."""
    try:
        parameters = inspect.signature(function, eval_str=True).parameters.values()
        fields: dict[str, Any] = {
            f"a{number}": _field(one, explained) for number, one in enumerate(parameters)
        }
        return create_model(called, __config__=ConfigDict(extra="forbid"), **fields)
    except (NameError, TypeError, ValueError) as error:
        raise UsageError(f"this function cannot be a tool: {error}", where=called) from None
    except (PydanticSchemaGenerationError, PydanticUserError) as error:
        line = str(error).splitlines()[0]
        raise UsageError(f"this function cannot be a tool: {line}", where=called) from None


def _field(parameter: inspect.Parameter, explained: Mapping[str, str]) -> tuple[Any, Any]:
    if parameter.kind not in _PLAIN:
        raise TypeError(f"'{parameter.name}' cannot be given by name")
    if parameter.annotation is parameter.empty:
        raise TypeError(f"'{parameter.name}' has no type")
    default = ... if parameter.default is parameter.empty else parameter.default
    name, text = parameter.name, explained.get(parameter.name)
    return parameter.annotation, Field(default, alias=name, description=text)


def _checked(form: type[BaseModel], arguments: Mapping[str, Any]) -> dict[str, Any]:
    try:
        checked = form.model_validate(arguments)
    except ValidationError as error:
        raise WrongArguments("; ".join(_problems(error, form))) from None
    return {
        str(field.alias): getattr(checked, key)
        for key, field in form.model_fields.items()
        if key in checked.model_fields_set
    }


def _problems(error: ValidationError, form: type[BaseModel]) -> list[str]:
    known = ", ".join(str(field.alias) for field in form.model_fields.values()) or "none"
    return [
        f"{details['loc'][0]}: there is no such argument, there are: {known}"
        if details["type"] == "extra_forbidden" and len(details["loc"]) == 1
        else told
        for details, told in zip(error.errors(), problems(error, form), strict=True)
    ]


def _schema(form: type[BaseModel]) -> dict[str, Any]:
    try:
        schema = form.model_json_schema()
    except PydanticUserError as error:
        line = str(error).splitlines()[0]
        raise UsageError(f"this function cannot be a tool: {line}", where=form.__name__) from None
    schema.pop("additionalProperties", None)  # what is too much is refused; it need not be told
    return {"type": "object", "properties": {}, **_untitled(schema)}


def _untitled(schema: Any) -> Any:
    """Without the titles that pydantic makes of names: tokens that tell nothing."""
    if isinstance(schema, list):
        return [_untitled(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {k: v for k, v in schema.items() if not (k == "title" and isinstance(v, str))}
    return {k: v if k in ("default", "const", "enum") else _untitled(v) for k, v in kept.items()}


def _docstring(text: str) -> tuple[str, dict[str, str]]:
    """The first paragraph, and what its ``Args`` section says of each argument."""
    head, _, rest = text.partition("\n\n")
    explained: dict[str, str] = {}
    section = name = ""
    for line in rest.splitlines():
        if heading := _SECTION.fullmatch(line):
            section, name = heading[1], ""
        elif section != "Args" or not line.strip():
            continue
        elif (found := _ARGUMENT.fullmatch(line.strip())) and _indent(line) <= 4:
            name, explained[found[1]] = found[1], found[2]
        elif name:
            explained[name] = f"{explained[name]} {line.strip()}".strip()
    return " ".join(head.split()), explained


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
