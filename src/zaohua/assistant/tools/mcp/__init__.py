"""The Model Context Protocol: tools of other servers for us, ours for others (extra ``mcp``)."""
