"""Conversations and turns: what is kept of a chat, and how one answer comes about."""
