"""The OpenVINO worker: a model behind a server of our own, in the dialect of llama.cpp's."""
