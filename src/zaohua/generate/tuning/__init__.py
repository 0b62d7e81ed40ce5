"""Which way of running a model is fastest on this machine: measuring, choosing, remembering."""
