"""A source that compiles in seconds: its server is the llama.cpp of the wheel, told as ours is."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.data.sets.making import sdist, sha256
from zaohua.generate.native import builds
from zaohua.generate.native.products import IK, LLAMACPP, Product
from zaohua.store.blobs import Blobs
from zaohua.store.sources.packages import Archive

STAND_IN = Path(__file__).with_name("stand_in_server.py")

CMAKE = """
cmake_minimum_required(VERSION 3.14)
set(CMAKE_CXX_COMPILER_WORKS ON)
project("llama.cpp" CXX)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
foreach(name llama-common server-context llama-server-impl cpp-httplib)
  add_library(${name} STATIC lib.cpp)
endforeach()
add_subdirectory(tools/mtmd)
add_executable(llama-server main.cpp)
target_link_libraries(llama-server llama-common server-context llama-server-impl cpp-httplib mtmd)
"""
MTMD = "add_library(mtmd STATIC mtmd.cpp models/one.cpp models/two.cpp)\n"
LIB = "int here() { return 1; }\n"
MAIN = """
#include <unistd.h>
int main(int count, char **given) {{
    const char *told[64] = {{"{python}", "-P", "{script}"}};
    for (int i = 1; i < count; i++) told[i + 2] = given[i];
    execv("{python}", (char **)told);
    return 1;
}}
"""


def keep_source(home: Path, folder: Path, patch: pytest.MonkeyPatch, **changes: str) -> Product:
    """Put the source where the real one would be fetched to; llama.cpp, to be made of it.

    ``changes`` are files with another content.
    """
    main = MAIN.format(python=sys.executable, script=STAND_IN)
    files = {
        "CMakeLists.txt": CMAKE,
        "lib.cpp": LIB,
        "tools/mtmd/CMakeLists.txt": MTMD,
        "tools/mtmd/mtmd.cpp": LIB,
        "tools/mtmd/models/one.cpp": "int one() { return 1; }\n",
        "tools/mtmd/models/two.cpp": "int two() { return 2; }\n",
        "main.cpp": main,
        "docs/unused.md": "",
        **{name.replace("_", "."): text for name, text in changes.items()},
    }
    inside = {f"vendor/llama.cpp/{name}": text for name, text in files.items()}
    path = sdist(folder, "stand_in", "1.0", {**inside, "vendor/other.txt": ""})
    archive = Archive("sdist", "stand-in==1.0", path.stat().st_size, sha256(path))
    kept = Blobs(home / "cache").path(archive.sha256)
    kept.parent.mkdir(parents=True, exist_ok=True)
    path.rename(kept)
    product = replace(LLAMACPP, source=archive)
    patch.setattr(builds, "PRODUCTS", (product, IK))
    return product
