"""Prompt templates: files with a head of YAML and a body of Jinja, asked of a model and read.

What lives here fills templates, keeps answers to the form they promise, tests and improves them.
Where answers come from is the caller's: an engine, a server, anything that is asked and answers.
"""

from zaohua.generate.prompts.library import Listing, PromptLibrary, library
from zaohua.generate.prompts.outputs import AnswerBroken
from zaohua.generate.prompts.reading import read_file, read_template
from zaohua.generate.prompts.running import LONG_CHOICES, LongChoice, Reply, Wishes, run
from zaohua.generate.prompts.template import Template

__all__ = [
    "LONG_CHOICES",
    "AnswerBroken",
    "Listing",
    "LongChoice",
    "PromptLibrary",
    "Reply",
    "Template",
    "Wishes",
    "library",
    "read_file",
    "read_template",
    "run",
]
