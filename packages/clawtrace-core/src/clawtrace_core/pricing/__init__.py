"""Money: what a call cost at its own time, from the provider, a user's overrides or the price list."""

from clawtrace_core.pricing.book import PriceBook
from clawtrace_core.pricing.cost import Cost, Quote, QuoteLine, Unpriced
from clawtrace_core.pricing.overrides import Override, Overrides, load_overrides

__all__ = ["Cost", "Override", "Overrides", "PriceBook", "Quote", "QuoteLine", "Unpriced", "load_overrides"]
