"""One turn of the assistant, from a question to a recorded answer, one way through.

understand → knowledge → compose → engine → cite → record. Each step is a small function; what it
did stands in the answer's trace.
"""
