"""The processor's instruction sets, as options of a build.

``-march=native`` is not taken: with AMX llama.cpp's matrix product ends with a segmentation fault
when two threads are used, so that AMX is left out, and what else there is said one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

INSTRUCTIONS: Final[Mapping[str, str]] = {
    "sse4_2": "GGML_SSE42",
    "avx": "GGML_AVX",
    "f16c": "GGML_F16C",
    "fma": "GGML_FMA",
    "bmi2": "GGML_BMI2",
    "avx2": "GGML_AVX2",
    "avx_vnni": "GGML_AVX_VNNI",
    "avx512": "GGML_AVX512",
    "avx512vbmi": "GGML_AVX512_VBMI",
    "avx512_vnni": "GGML_AVX512_VNNI",
    "avx512_bf16": "GGML_AVX512_BF16",
}
"""By the processor's name for them; ``avx512`` stands for the five that come together."""

_TOGETHER: Final = ("avx512f", "avx512cd", "avx512vl", "avx512dq", "avx512bw")
_FLAGS: Final[Mapping[str, tuple[str, ...]]] = {
    "sse4_2": ("sse4.2",),
    "avx_vnni": ("avxvnni",),
    "avx512": _TOGETHER,
    "avx512_vnni": ("avx512vnni",),
    "avx512_bf16": ("avx512bf16",),
}
"""The compiler's names, where they are others."""


_USUAL: Final = ("GGML_AVX", "GGML_AVX2", "GGML_FMA", "GGML_F16C")
"""Those that ik_llama.cpp takes where nothing is said."""


def usable(flags: Iterable[str]) -> tuple[str, ...]:
    """Those of `INSTRUCTIONS` that a processor with these flags has, in their order."""
    has = set(flags)
    if has.issuperset(_TOGETHER):
        has.add("avx512")
    wide = ("avx512",) if "avx512" not in has else ()
    return tuple(
        name for name in INSTRUCTIONS if name in has and not (wide and name.startswith("avx512"))
    )


def cmake_options(instructions: Iterable[str]) -> list[str]:
    """llama.cpp's options for exactly these; for none whatever the compiler finds."""
    wanted = set(instructions)
    if not wanted:
        return ["-DGGML_NATIVE=ON"]
    each = (f"-D{option}={_on(name in wanted)}" for name, option in INSTRUCTIONS.items())
    return ["-DGGML_NATIVE=OFF", *each]


def compiler_options(instructions: Iterable[str]) -> list[str]:
    """The same as flags of the compiler, for a build whose own options do not name them all."""
    names = [flag for name in instructions for flag in _FLAGS.get(name, (name,))]
    flags = " ".join(f"-m{name}" for name in names) or "-march=native"
    return ["-DGGML_NATIVE=OFF", *(f"-D{one}=OFF" for one in _USUAL), f"-DCMAKE_C_FLAGS={flags}",
            f"-DCMAKE_CXX_FLAGS={flags}"]  # fmt: skip


def _on(yes: bool) -> str:
    return "ON" if yes else "OFF"
