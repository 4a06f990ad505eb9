"""``python -m runtime.simulator --devices 1000 --tags 80``: the swarm as a process of its own, for load tests."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys

from runtime.simulator.swarm import Swarm

__all__ = ["main"]


def main() -> None:
    """Print the ports in one line, serve until standard input ends."""
    parser = argparse.ArgumentParser(prog="python -m runtime.simulator", description=__doc__)
    parser.add_argument("--devices", type=int, default=1000, help="how many (default 1000)")
    parser.add_argument("--tags", type=int, default=80, help="registers of each (default 80)")
    parser.add_argument("--seed", type=int, default=1, help="seed of their words (default 1)")
    parser.add_argument("--first-port", type=int, default=0, help="default: the system chooses")
    asyncio.run(_serve(parser.parse_args()))


async def _serve(arguments: argparse.Namespace) -> None:
    swarm = Swarm(arguments.devices, arguments.tags, seed=arguments.seed, first_port=arguments.first_port)
    await swarm.start()
    print(" ".join(map(str, swarm.ports)), flush=True)
    # It ends with whoever started it, since its input closes then.
    ended = asyncio.Event()

    def look() -> None:
        if not os.read(sys.stdin.fileno(), 4096):
            ended.set()

    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), look)
    await ended.wait()
    await swarm.stop()


if __name__ == "__main__":
    main()
