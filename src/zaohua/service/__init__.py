"""The HTTP service: OpenAI API, Anthropic messages, chat API, web page, keys, limits, metrics.

Only HTTP lives here: shapes, status codes, streaming. What an answer is made of lives in
`assistant`.
"""
