"""The llama.cpp of the wheel behind the command line of llama.cpp's own server."""

from __future__ import annotations

import argparse
import os
import sys
import threading

import xllamacpp


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    for name in ("model", "cache-type-k", "cache-type-v", "fit", "host", "cors-origins",
                 "chat-template", "spec-type"):  # fmt: skip
        parser.add_argument(f"--{name}", default="")
    for name in ("ctx-size", "parallel", "batch-size", "ubatch-size", "threads", "threads-batch",
                 "cache-ram", "port", "log-verbosity", "spec-ngram-map-k-size-n",
                 "spec-ngram-map-k-size-m"):  # fmt: skip
        parser.add_argument(f"--{name}", type=int, default=0)
    for name in ("kv-unified", "no-context-shift", "no-cors-credentials", "no-ui", "offline",
                 "log-prefix", "log-timestamps", "slots", "no-slots"):  # fmt: skip
        parser.add_argument(f"--{name}", action="store_true")
    return parser.parse_args()


def main() -> None:
    options = _options()
    params = xllamacpp.CommonParams()
    params.model.path = options.model
    params.n_ctx = options.ctx_size
    params.n_parallel = options.parallel
    params.kv_unified = options.kv_unified
    params.n_batch, params.n_ubatch = options.batch_size, options.ubatch_size
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = options.threads
    params.cache_ram_mib = options.cache_ram
    params.ctx_shift = params.fit_params = False
    params.hostnames, params.port = [options.host], options.port
    params.api_keys = [os.environ["LLAMA_API_KEY"]]
    params.cors_origins = options.cors_origins
    params.cors_credentials = params.ui = False
    params.endpoint_slots = options.slots
    if options.chat_template:
        params.chat_template = options.chat_template
    if options.spec_type:
        kinds = xllamacpp.common_speculative_type
        params.speculative.types = [kinds.COMMON_SPECULATIVE_TYPE_NGRAM_MAP_K]
        params.speculative.ngram_map_k.size_n = options.spec_ngram_map_k_size_n
        params.speculative.ngram_map_k.size_m = options.spec_ngram_map_k_size_m
    params.verbosity = 1
    server = xllamacpp.Server(params)
    print("0.00.000.001 I srv  main: one of many lines", file=sys.stderr, flush=True)
    print(f"0.00.000.002 I srv  main: listening on {server.listening_address}",
          file=sys.stderr, flush=True)  # fmt: skip
    threading.Event().wait()


if __name__ == "__main__":
    main()
