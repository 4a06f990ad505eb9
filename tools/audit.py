"""Asks the advisory databases about every pinned package: exit status 1 where one is known to be vulnerable.

Where the databases cannot be asked it says so and ends with 0: that is no finding, and no proof either.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

__all__ = ["main", "report"]

ROOT = Path(__file__).parents[1]


def report(answer: str, complaint: str) -> tuple[str, int]:
    """What to print for the tool's answer in JSON, and the exit status."""
    try:
        rows: list[dict[str, Any]] = json.loads(answer)["dependencies"]
    except (ValueError, KeyError, TypeError):
        last = complaint.strip().splitlines()[-1:] or ["no answer"]
        return f"audit: the advisory databases could not be asked: {last[0]}", 0
    found = [
        f"{row['name']} {row['version']}: {finding['id']}, mended in {', '.join(finding['fix_versions']) or '-'}"
        for row in rows
        for finding in row.get("vulns", ())
    ]
    asked = sum("skip_reason" not in row for row in rows)
    summary = f"audit: {asked} of {len(rows)} packages asked about, {len(found)} findings"
    return "\n".join([*found, summary]), int(bool(found))


def main() -> int:
    """Run the tool over constraints.txt."""
    tool = [sys.executable, "-m", "pip_audit", "--no-deps", "--disable-pip", "-r", "constraints.txt", "-f", "json"]
    done = subprocess.run(tool, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    text, status = report(done.stdout, done.stderr)
    print(text)
    return status


if __name__ == "__main__":
    sys.exit(main())
