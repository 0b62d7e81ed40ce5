"""Other trainers, run as they are shipped beside zaohua, for `bench.training`.

`materials` writes one data set in every format; `drivers` start one contestant each, in a process
of its own; `stepping` (in that process) and `turns` (in ours) let them step in turn; `evaluator`
scores every checkpoint in the same way.
"""
