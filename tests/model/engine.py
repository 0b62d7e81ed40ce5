"""The real llama.cpp in a process of its own, computing in fp32 as far as the file allows."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

SERVER = """
import os, sys
out = os.dup(1); os.dup2(2, 1)
import xllamacpp
params = xllamacpp.CommonParams()
params.model.path = sys.argv[1]
params.n_ctx = 256
params.n_parallel = 1
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
params.cache_type_k = params.cache_type_v = xllamacpp.ggml_type(0)
params.flash_attn_type = xllamacpp.llama_flash_attn_type(0)
params.fit_params = False
params.hostnames = ["127.0.0.1"]
params.port = 0
params.ui = False
server = xllamacpp.Server(params)
os.write(out, (server.listening_address + "\\n").encode())
sys.stdin.read()
os._exit(0)
"""
SOME_TOKEN = 40


class Engine:
    def __init__(self, address: str) -> None:
        self.address = address

    def post(self, path: str, body: dict[str, Any]) -> Any:
        headers = {"content-type": "application/json"}
        request = urllib.request.Request(self.address + path, json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.load(response)

    def tokens(self, text: str) -> list[int]:
        body = {"content": text, "add_special": True, "parse_special": True}
        return self.post("/tokenize", body)["tokens"]

    def logprobs(self, prompt: Sequence[int], vocab: int) -> torch.Tensor:
        """Of every token after ``prompt``; NaN for those that cannot be told."""
        body = {
            "prompt": list(prompt),
            "n_predict": 1,
            "n_probs": vocab,
            "logit_bias": [[SOME_TOKEN, 1e6]],
            "cache_prompt": False,
        }
        told = self.post("/completion", body)["completion_probabilities"][0]["top_logprobs"]
        found = torch.full((vocab,), torch.nan)
        for entry in told:
            found[entry["id"]] = entry["logprob"]
        return found


@contextmanager
def running(file: Path) -> Iterator[Engine]:
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        address = process.stdout.readline().decode().strip()
        assert address, "llama.cpp did not load the file"
        yield Engine(address)
    finally:
        process.communicate(timeout=20)
