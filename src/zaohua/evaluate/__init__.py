"""Suites, metrics, baselines: what a model can do, measured through the engine that serves it."""

from zaohua.evaluate.running import evaluate, made

__all__ = ["evaluate", "made"]
