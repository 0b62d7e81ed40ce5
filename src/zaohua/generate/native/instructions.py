"""The processor's instruction sets, as options of llama.cpp's build.

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

_TOGETHER: Final = frozenset({"avx512f", "avx512cd", "avx512vl", "avx512dq", "avx512bw"})


def usable(flags: Iterable[str]) -> tuple[str, ...]:
    """Those of `INSTRUCTIONS` that a processor with these flags has, in their order."""
    has = set(flags)
    if has >= _TOGETHER:
        has.add("avx512")
    wide = ("avx512",) if "avx512" not in has else ()
    return tuple(
        name for name in INSTRUCTIONS if name in has and not (wide and name.startswith("avx512"))
    )


def options(instructions: Iterable[str]) -> list[str]:
    """CMake's options for exactly these; for none whatever the compiler finds on the machine."""
    wanted = set(instructions)
    if not wanted:
        return ["-DGGML_NATIVE=ON"]
    each = (f"-D{option}={_on(name in wanted)}" for name, option in INSTRUCTIONS.items())
    return ["-DGGML_NATIVE=OFF", *each]


def _on(yes: bool) -> str:
    return "ON" if yes else "OFF"
