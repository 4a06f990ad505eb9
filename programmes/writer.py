"""A maintenance programme as YAML text, in the form that people write: what the export gives and the import takes."""

from __future__ import annotations

import json
import re
from typing import Any

from tagdb.maintenance import Programme

__all__ = ["programme_yaml"]

#: text that YAML takes as it stands, in either alphabet; everything else is quoted
_PLAIN = re.compile(r"[A-Za-zА-Яа-яЁё][\wА-Яа-яЁё ()/.+-]*")
_MEANT_OTHERWISE = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}


def programme_yaml(programme: Programme) -> str:
    """The file's text; reading it gives the same programme."""
    row = programme.to_json()
    lines = [f"programme: {row['programme']}", f"title: {_flow(row['title'])}"]
    if "thresholds" in row:
        lines.append(f"thresholds: {_flow(row['thresholds'])}")
    lines.append("levels:")
    for name, level in row["levels"].items():
        lines += ["", f"  {name}:"]
        lines += [f"    {key}: {_flow(value)}" for key, value in level.items() if key != "tasks"]
        lines.append("    tasks:" if level["tasks"] else "    tasks: {}")
        lines += [f"      {task}: {_flow(values)}" for task, values in level["tasks"].items()]
    return "\n".join(lines) + "\n"


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    plain = isinstance(value, str) and _PLAIN.fullmatch(value) and value == value.strip()
    if plain and value.lower() not in _MEANT_OTHERWISE:
        return str(value)
    return json.dumps(value, ensure_ascii=False)
