"""Ten tasks with rollbook-sdk and with clerk-rs: lines, dependencies, and the time of a clean build.

    python3 measure.py [--rounds 2]

Both programs must compile. A clean build is `cargo build` (dev profile, no incremental state) into an empty folder, after
`cargo fetch`; the two take turns. Prints a table in Markdown, and the load before and after.
"""

import argparse
import os
import pathlib
import re
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
PROGRAMS = ("ours", "theirs")


def lines(program: str) -> dict:
    """Lines of code of each task: neither empty nor comments."""
    counts, task = {}, None
    for line in (HERE / program / "src" / "main.rs").read_text(encoding="utf-8").splitlines():
        mark = re.match(r"// --- (.*)", line)
        if mark:
            task = mark[1]
        elif task and task != "end" and line.strip() and not line.strip().startswith("//"):
            counts[task] = counts.get(task, 0) + 1
    return counts


def dependencies(program: str) -> int:
    """Crates that are built besides the program itself."""
    command = ["cargo", "tree", "--edges", "normal,build", "--prefix", "none", "--no-dedupe"]
    text = subprocess.run(command, cwd=HERE / program, check=True, capture_output=True, text=True).stdout
    return len({" ".join(line.split()[:2]) for line in text.splitlines() if line.strip()}) - 1


def build(program: str) -> tuple:
    """Seconds on the clock, and of the processors, of a clean build."""
    with tempfile.TemporaryDirectory() as target:
        environment = {**os.environ, "CARGO_TARGET_DIR": target, "CARGO_INCREMENTAL": "0"}
        before, begun = os.times(), time.monotonic()
        subprocess.run(["cargo", "build", "--quiet", "--offline"], cwd=HERE / program, check=True, env=environment)
        took, after = time.monotonic() - begun, os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return took, used


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--rounds", type=int, default=2)
    rounds = arguments.parse_args().rounds
    for program in PROGRAMS:
        subprocess.run(["cargo", "fetch", "--quiet"], cwd=HERE / program, check=True)
    print("load before:", " ".join(f"{load:.1f}" for load in os.getloadavg()))
    built = {program: [] for program in PROGRAMS}
    for _ in range(rounds):
        for program in PROGRAMS:
            built[program].append(build(program))
    print("load after:", " ".join(f"{load:.1f}" for load in os.getloadavg()))
    ours, theirs = (lines(program) for program in PROGRAMS)
    print("\n| task | rollbook-sdk | clerk-rs |\n| --- | --- | --- |")
    for (task, our_count), their_count in zip(ours.items(), theirs.values()):
        print(f"| {task} | {our_count} | {their_count} |")
    print(f"| **all ten, lines** | **{sum(ours.values())}** | **{sum(theirs.values())}** |")
    counts = [dependencies(program) for program in PROGRAMS]
    print(f"| crates built | {counts[0]} | {counts[1]} |")
    for name, part in (("clean dev build, s", 0), ("processor time of it, s", 1)):
        times = [" / ".join(f"{one[part]:.0f}" for one in built[program]) for program in PROGRAMS]
        print(f"| {name} | {times[0]} | {times[1]} |")


if __name__ == "__main__":
    main()
