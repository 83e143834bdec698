#!/usr/bin/env python3
"""Zhangfang beside DuckDB, Polars and pandas: one pair of files, one answer, seconds and memory.

    make bench-peers                      5 million rows, medians of 5, then growth to 50 million
    benches/peers/run.py --rows 1000000 --runs 3 --growth ""

Every program is started anew for each run, reads both files from the disk (which by then the system
holds in memory, for all alike), and prints its seven counts; they must be what was planted. Seconds
are from start to end of the process, memory is the most the process held, as the system counts it.
Writes docs/benchmarks.md. Assert nothing about time: machines differ.
"""

import argparse
import datetime
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CODES = [
    "matched", "missing_in_ledger", "missing_in_channel", "amount_mismatch",
    "status_mismatch", "duplicate_in_channel", "duplicate_in_ledger",
]


def measured(command):
    """Seconds, MiB and what it printed."""
    with tempfile.TemporaryFile() as out:
        began = time.monotonic()
        process = subprocess.Popen(command, stdout=out)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - began
        out.seek(0)
        text = out.read().decode()
    if status != 0:
        sys.exit(f"{command}: ended with {status}")
    return seconds, usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime, json.loads(text)


def machine():
    name = next(
        (
            line.split(":", 1)[1].strip()
            for line in open("/proc/cpuinfo", encoding="utf-8")
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{name}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}"


def peers_python(folder):
    """A Python with the pinned peers, made once."""
    python = folder / "venv/bin/python"
    wanted = (HERE / "requirements.txt").read_text()
    stamp = folder / "venv/requirements.txt"
    if not stamp.exists() or stamp.read_text() != wanted:
        print("▸ installing the peers", file=sys.stderr)
        venv.create(folder / "venv", with_pip=True, clear=True)
        subprocess.run(
            [python, "-m", "pip", "install", "--quiet", "-r", HERE / "requirements.txt"], check=True
        )
        stamp.write_text(wanted)
    return python


def generate(tool, folder, rows):
    planted = subprocess.run([tool, folder, str(rows)], check=True, capture_output=True, text=True)
    for name in ("bill.csv", "ledger.csv"):
        with open(folder / name, "rb") as file:
            while file.read(1 << 24):
                pass
    return json.loads(planted.stdout)


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=5_000_000)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--pandas-runs", type=int, default=3)
    options.add_argument("--growth", default="1000000,5000000,20000000,50000000")
    options.add_argument("--memory-mb", type=int, default=512)
    options.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "zhangfang-peers")
    options.add_argument("--pair", type=Path, help="a pair that bill_pair wrote, with its output as planted.json")
    options.add_argument("--python", type=Path, help="a Python that has the peers")
    options.add_argument("--release", type=Path, help="folder with the release builds")
    options.add_argument("--out", type=Path, default=ROOT / "docs/benchmarks.md")
    asked = options.parse_args()
    asked.work.mkdir(parents=True, exist_ok=True)
    python = asked.python or peers_python(asked.work)
    release = asked.release or Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
    zf, tool = release / "zf", release / "examples/bill_pair"

    def ours(folder):
        return [
            zf, "reconcile", "--channel", "wechat_pay", "--bill", folder / "bill.csv",
            "--ledger", folder / "ledger.csv", "--memory-mb", str(asked.memory_mb), "--json",
        ]

    def peer(name, folder):
        return [python, HERE / f"{name}_job.py", folder / "bill.csv", folder / "ledger.csv"]

    if asked.pair:
        folder = asked.pair
        planted = json.loads((folder / "planted.json").read_text())
    else:
        folder = asked.work / "pair"
        folder.mkdir(exist_ok=True)
        print(f"▸ writing {asked.rows:,} rows", file=sys.stderr)
        planted = generate(tool, folder, asked.rows)
    gigabytes = sum((folder / n).stat().st_size for n in ("bill.csv", "ledger.csv")) / 1e9
    results = {}
    jobs = {
        "Zhangfang": (ours(folder), asked.runs),
        "DuckDB": (peer("duckdb", folder), asked.runs),
        "Polars": (peer("polars", folder), asked.runs),
        "pandas": (peer("pandas", folder), asked.pandas_runs),
    }
    # In turns, so that a slow minute of the machine falls on all.
    for turn in range(max(runs for _, runs in jobs.values())):
        for name, (command, runs) in jobs.items():
            if turn >= runs:
                continue
            seconds, mib, cpu, said = measured(command)
            found = {code: said[code] for code in CODES}
            if found != planted:
                sys.exit(f"{name}: planted {planted}, found {found}")
            results.setdefault(name, []).append((seconds, mib, cpu))
            print(f"  {name}: {seconds:.2f} s, {cpu:.2f} s of processor, {mib:.0f} MiB", file=sys.stderr)
    if not asked.pair:
        shutil.rmtree(folder)
    folder = asked.work / "growth"

    growth = []
    for rows in filter(None, asked.growth.split(",")):
        rows = int(rows)
        folder.mkdir(exist_ok=True)
        print(f"▸ writing {rows:,} rows", file=sys.stderr)
        planted = generate(tool, folder, rows)
        taken = []
        for _ in range(3 if rows <= 5_000_000 else 1):
            seconds, mib, cpu, said = measured(ours(folder))
            if {code: said[code] for code in CODES} != planted:
                sys.exit(f"{rows}: planted {planted}, found {said}")
            taken.append((seconds, mib, cpu))
        shutil.rmtree(folder)
        growth.append((rows, *(statistics.median(t[n] for t in taken) for n in range(3))))
        print(f"  {rows:,}: {growth[-1][1]:.2f} s, {growth[-1][2]:.0f} MiB", file=sys.stderr)

    versions = subprocess.run(
        [python, "-c", "import duckdb,polars,pandas,pyarrow,platform;"
         "print(duckdb.__version__,polars.__version__,pandas.__version__,pyarrow.__version__,platform.python_version())"],
        check=True, capture_output=True, text=True,
    ).stdout.split()
    median = {name: [statistics.median(r[n] for r in runs) for n in range(3)] for name, runs in results.items()}
    first = median["Zhangfang"]
    lines = [
        "# Benchmarks",
        "",
        "Measured, never asserted: another machine gives other seconds. Repeat with `make bench-peers`",
        "(script: `benches/peers/run.py`; it writes this page).",
        "",
        "## Reconciliation beside others",
        "",
        f"{asked.rows:,} bill rows against {asked.rows:,} book rows ({gigabytes:.2f} GB in two files): a WeChat Pay",
        "trade bill with 27 columns and back-ticks, the default ledger CSV, each in an order of its own, of every",
        "thousand rows six planted differences of one kind each. From files to the seven counts, which must be",
        "what was planted; each program is started anew, and all find the files in the system's memory.",
        "",
        f"Machine: {machine()}; {datetime.date.today().isoformat()}.",
        f"Versions: DuckDB {versions[0]}, Polars {versions[1]}, pandas {versions[2]} with pyarrow {versions[3]}, Python {versions[4]}.",
        "",
        "| | median s | of | best s | worst s | processor s | peak MiB | times Zhangfang |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name, runs in results.items():
        seconds = [r[0] for r in runs]
        s, mib, cpu = median[name]
        lines.append(
            f"| {name} | {s:.2f} | {len(runs)} | {min(seconds):.2f} | {max(seconds):.2f} | {cpu:.2f} | {mib:.0f} | {s / first[0]:.1f} |"
        )
    least = min(m[1] for name, m in median.items() if name != "Zhangfang")
    lines += [
        "",
        f"Zhangfang (`zf reconcile --memory-mb {asked.memory_mb}`) holds {first[1] / least:.0%} of the smallest peer's memory. It does more",
        "than the others here: it checks every number, time and amount of both files, adds up six money columns",
        "against the bill's summary, proves that every row landed in one bucket, lists each difference with its",
        "two lines and computes the digest of the run. The others read only the columns they need, in the form",
        "that was quickest of those tried (`benches/peers/*_job.py`).",
        "",
    ]
    if growth:
        lines += [
            f"## Growth, with `--memory-mb {asked.memory_mb}`",
            "",
            "| rows on each side | s | µs a row pair | peak MiB |",
            "|---:|---:|---:|---:|",
        ]
        for rows, seconds, mib, _ in growth:
            lines.append(f"| {rows:,} | {seconds:.2f} | {seconds / rows * 1e6:.2f} | {mib:.0f} |")
        lines += ["", "Medians of three up to five million, one run above.", ""]
    asked.out.write_text("\n".join(lines), encoding="utf-8")
    print(asked.out.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
