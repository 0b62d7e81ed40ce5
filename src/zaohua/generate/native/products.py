"""What can be compiled here: of which source, to which file, told what."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from zaohua.generate.native.instructions import cmake_options, compiler_options
from zaohua.store.sources.packages import Archive

_HERE: Final = Path(__file__).parent
_IK: Final = _HERE.with_name("ik")
_COMMON: Final = ("-GNinja", "-DCMAKE_BUILD_TYPE=Release", "-DBUILD_SHARED_LIBS=OFF")


@dataclass(frozen=True)
class Product:
    """A program or a library that is compiled here.

    Attributes:
        name: for people.
        source: the source distribution that holds it whole.
        inside: the folder of it, in there; ``unused``: what is not compiled of it.
        target: what is built, ``file`` below ``bin``.
        hook: taken into its own build, after its ``project()`` line.
        options: of CMake; ``named``: files of ours, by the variable that tells where they are.
        instructions: the options for exactly these of the processor.
        weights: those it is tried in, as it computes them as llama.cpp does.
        any_model: whether it runs all that llama.cpp runs.
    """

    name: str
    source: Archive
    inside: tuple[str, ...]
    unused: frozenset[str]
    target: str
    file: str
    hook: Path
    options: tuple[str, ...]
    instructions: Callable[[Sequence[str]], list[str]]
    named: Mapping[str, Path] = field(default_factory=dict)
    weights: Literal["as is", "q4_0"] = "as is"
    any_model: bool = True

    @property
    def version(self) -> str:
        """Of its source."""
        return self.source.package.partition("==")[2]

    @property
    def package(self) -> str:
        """The package that its source comes in."""
        return self.source.package.partition("==")[0]

    def recipe(self, instructions: Sequence[str]) -> list[str]:
        """All that a build for these instructions is told."""
        files = (self.hook, *self.named.values())
        told = [*_COMMON, *self.options, *self.instructions(instructions)]
        return [*told, *(path.read_text("utf-8") for path in files)]

    def arguments(self, instructions: Sequence[str]) -> list[str]:
        """The same, for CMake."""
        named = (f"-D{name}={path}" for name, path in self.named.items())
        hook = f"-DCMAKE_PROJECT_llama.cpp_INCLUDE={self.hook}"
        return [*_COMMON, *self.options, *self.instructions(instructions), hook, *named]


LLAMACPP: Final = Product(
    name="llama.cpp",
    source=Archive(
        "sdist",
        "llama-cpp-python==0.3.36",
        76_589_250,
        "832db0699007f1be95a7e41ef12e88926b02ba836461e36a36372db2760c1a2e",
    ),
    inside=("vendor", "llama.cpp"),
    unused=frozenset(
        {"benches", "conversion", "docs", "examples", "gguf-py", "media", "models", "tests"}
    ),
    target="llama-server",
    file="llama-server",
    hook=_HERE / "lean.cmake",
    options=(
        "-DLLAMA_BUILD_APP=OFF",
        "-DLLAMA_BUILD_EXAMPLES=OFF",
        "-DLLAMA_BUILD_TESTS=OFF",
        "-DLLAMA_BUILD_UI=OFF",
        "-DLLAMA_USE_PREBUILT_UI=OFF",
        "-DLLAMA_OPENSSL=OFF",
        "-DLLAMA_SUBPROCESS=OFF",
    ),
    instructions=cmake_options,
)
"""Its own server (MIT), from the source distribution of ``llama-cpp-python`` (MIT)."""

IK: Final = Product(
    name="ik_llama.cpp",
    source=Archive(
        "sdist",
        "ik-llama-cpp-python==0.1.5",
        42_257_843,
        "33c67eb99e4dcab5e611050433243815709b8b3067753f9ce18375013cf002ad",
    ),
    inside=("vendor", "ik_llama.cpp"),
    unused=frozenset({"docs", "gguf-py", "github-data", "media", "models", "tests", "examples"}),
    target="zaohua-steps",
    file="libzaohua-steps.so",
    hook=_IK / "steps.cmake",
    options=(
        "-DCMAKE_POSITION_INDEPENDENT_CODE=ON",
        "-DLLAMA_BUILD_EXAMPLES=OFF",
        "-DLLAMA_BUILD_SERVER=OFF",
        "-DLLAMA_BUILD_TESTS=OFF",
        "-DGGML_CCACHE=OFF",
        "-DGGML_IQK_FLASH_ATTENTION=OFF",
    ),
    instructions=compiler_options,
    named={
        "ZAOHUA_STEPS": _IK / "steps.cpp",
        "ZAOHUA_SHARES": _IK / "shares.cpp",
        "ZAOHUA_KERNELS": _IK / "kernels.cpp",
    },
    weights="q4_0",
    any_model=False,
)
"""A library of ours over it (MIT); its source comes with that of ``ik-llama-cpp-python`` (MIT)."""

PRODUCTS: Final = (LLAMACPP, IK)
