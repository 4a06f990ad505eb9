"""Rules that engineers write: YAML beside the maps and Python in a folder of the site, loaded, checked, made ready."""

from runtime.rules.book import RuleBook, load_book
from runtime.rules.image import Image
from runtime.rules.plant import Plant, ScopeNames
from runtime.rules.pyrules import Output, rule
from runtime.rules.ruleset import RuleSet

__all__ = ["Image", "Output", "Plant", "RuleBook", "RuleSet", "ScopeNames", "load_book", "rule"]
