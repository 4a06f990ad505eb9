"""Maintenance programmes in YAML: their schema, reader and writer, and the one that ships."""

from programmes.reader import load_programme, load_programmes, standard_programme
from programmes.writer import programme_yaml

__all__ = ["load_programme", "load_programmes", "programme_yaml", "standard_programme"]
