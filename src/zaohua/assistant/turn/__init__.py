"""One turn of the assistant, from a question to a recorded answer, one way through.

guard → memory → dialogues → understand → knowledge → graph → rules → compose → tools → engine →
guard → cite → label → record. Each step is a small function; what it did stands in the answer's
trace. `turn.py` has them in their order.
"""
