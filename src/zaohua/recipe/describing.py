"""A stage in a few words: what it is and what it is made from."""

from __future__ import annotations

from collections.abc import Iterator

from zaohua.data.prepare.spec import DataSpec, SourceSpec
from zaohua.data.tokens.spec import TokenizerSpec
from zaohua.evaluate.spec import EvaluateSpec
from zaohua.model.shapes import shape
from zaohua.recipe.spec import ExportSpec, Recipe
from zaohua.recipe.stages import Stage, needs, stages
from zaohua.settings import Settings
from zaohua.spec import Spec
from zaohua.store.artefacts import Artefacts
from zaohua.train.spec import TrainSpec


def title(stage: Stage) -> str:
    """``pretrain poet-pretrain``."""
    return f"{stage.verb} {stage.name}".strip()


def origins(stage: Stage, recipe: Recipe) -> list[str]:
    """What it is made from, as names outside of the recipe and as sources."""
    return list(dict.fromkeys(_origins(stage, recipe)))


def _origins(stage: Stage, recipe: Recipe) -> Iterator[str]:
    made_by = {other.label: other.name for other in stages(recipe)}
    if isinstance(stage.spec, DataSpec):
        yield from (_source(source) for source in stage.spec.sources)
    yield from (made_by[label] for label in needs(stage, recipe))
    yield from (name for name in _named(stage.spec) if name and name not in _own(recipe))


def _named(spec: Spec) -> list[str]:
    """The names in a spec that may mean something made before."""
    if isinstance(spec, DataSpec):
        return spec.decontaminate
    if isinstance(spec, TokenizerSpec):
        return spec.data
    if isinstance(spec, TrainSpec):
        return [spec.data, spec.tokenizer, spec.model.start]
    if isinstance(spec, EvaluateSpec):
        return [spec.data, spec.model]
    return []


def _own(recipe: Recipe) -> set[str]:
    """The names that mean a stage of the recipe itself."""
    tokenizer = {recipe.name} if recipe.tokenizer else set()
    return {*recipe.data, *tokenizer, "pretrain", "finetune", "export"}


def _source(source: SourceSpec) -> str:
    if source.set:
        return f"set {source.set}"
    if source.hub:
        return f"hub {source.hub}"
    return source.path if isinstance(source.path, str) else ", ".join(source.path)


def kind(stage: Stage) -> str:
    """What the stage does, from its spec: ``causal, new nano qwen3, 30 minutes``."""
    spec = stage.spec
    if isinstance(spec, DataSpec):
        return f"preset {spec.preset}"
    if isinstance(spec, TokenizerSpec):
        return f"vocabulary of {spec.vocab_size:,}"
    if isinstance(spec, TrainSpec):
        model = "" if spec.model.start else f", new {spec.model.size} {spec.model.layout}"
        return f"{spec.objective}{model}, {_length(spec)}"
    if isinstance(spec, ExportSpec):
        return f"GGUF {spec.quant}"
    if isinstance(spec, EvaluateSpec):
        asked = f", {spec.examples:,} examples" if spec.suite == "poems" else ""
        return f"{spec.suite.replace('_', ' ')}{asked}"
    return ""


def _length(spec: TrainSpec) -> str:
    for name in ("minutes", "epochs", "steps", "tokens"):
        if value := getattr(spec, name):
            return f"{value:,.10g} {name.removesuffix('s') if value == 1 else name}"
    return ""


def sizes(stage: Stage, recipe: Recipe, settings: Settings) -> str:
    """What the dial gives for a new model: ``1,458,432 parameters: width 128, depth 4, …``."""
    spec = stage.spec
    if not isinstance(spec, TrainSpec) or spec.model.start:
        return ""
    vocab = _vocabulary(spec.tokenizer, recipe, settings)
    found = shape(spec.model, vocab)
    widths = f"width {found.width}, depth {found.depth}, heads {found.heads}/{found.kv_heads}"
    return (
        f"{found.parameters:,} parameters: {widths}, inner {found.inner}, "
        f"context {found.context}, vocabulary {found.vocab:,}"
    )


def _vocabulary(tokenizer: str, recipe: Recipe, settings: Settings) -> int:
    if recipe.tokenizer and tokenizer == recipe.name:
        return recipe.tokenizer.vocab_size
    found = Artefacts(settings.home).require("tokenizer", tokenizer)
    return int(found.manifest.metrics.get("vocab_size", 0))
