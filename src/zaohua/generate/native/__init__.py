"""llama.cpp compiled for the processor of this machine: compiling, trying, keeping, running it."""
