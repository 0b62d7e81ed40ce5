"""One module a contestant: ``python -m bench.peers.drivers.NAME ORDER.json`` runs it.

Nothing of a peer's is copied: its script is run as shipped, with its own options. Where it cannot
do on a processor what it does elsewhere, the driver says what it changes while it runs.
"""
