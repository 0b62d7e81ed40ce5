"""If–then rules of a YAML file, worked out exactly in code and never by a model.

What lives here reads and checks rule files, finds the facts they need in Chinese and English
texts, and says which rules hold, why, and which facts are missing.
"""

from zaohua.knowledge.rules.book import RuleBook
from zaohua.knowledge.rules.loading import load_rules
from zaohua.knowledge.rules.turns import carried, completed
from zaohua.knowledge.rules.values import Given, Outcome, Value

__all__ = ["Given", "Outcome", "RuleBook", "Value", "carried", "completed", "load_rules"]
