"""Exact arithmetic: the text of a calculation in, a fraction out; nothing is ever evaluated."""
