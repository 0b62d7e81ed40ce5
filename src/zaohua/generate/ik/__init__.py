"""Steps of a model by ik_llama.cpp, compiled here."""
