"""Optimisers: which parameters they get, with which learning rates, stepped as one."""

from zaohua.train.optimisers.choosing import chosen
from zaohua.train.optimisers.groups import Groups, groups
from zaohua.train.optimisers.optimiser import Optimiser, make
from zaohua.train.optimisers.rates import Rates, derived

__all__ = ["Groups", "Optimiser", "Rates", "chosen", "derived", "groups", "make"]
