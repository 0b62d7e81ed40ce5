"""The special tokens of our own tokenizers and their chat template (ChatML)."""

from __future__ import annotations

from typing import Final

DOCUMENT: Final = "<|endoftext|>"
"""Stands between documents; the first and the last token of each."""

TURN_START: Final = "<|im_start|>"
TURN_END: Final = "<|im_end|>"
PAD: Final = "<|pad|>"
MASK: Final = "<|mask|>"

SPECIAL_TOKENS: Final = (DOCUMENT, TURN_START, TURN_END, PAD, MASK)
"""Their ids are 0, 1, 2, 3, 4 in every tokenizer; further special tokens follow."""

TEMPLATE: Final = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\\n' }}"
    "{% if message['role'] == 'assistant' %}"
    "{% generation %}{{ message['content'] + '<|im_end|>' }}{% endgeneration %}"
    "{% else %}"
    "{{ message['content'] + '<|im_end|>' }}"
    "{% endif %}"
    "{{ '\\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
"""Any roles in any order. The ``generation`` marks show what an assistant says, end included."""
