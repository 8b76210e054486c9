#!/usr/bin/python3
"""Measures Tidemark beside its peers on this machine: `make bench`, or parts of it with `make bench ONLY=ingest,reads`.

Every figure goes to target/bench/PART.json; `table.py` makes the document of them.
"""

import argparse
import importlib
import shutil
import signal
import sys
import time

import results

PARTS = ("ingest", "wan", "target", "streams", "reads", "memory", "overload", "recovery")


def options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="parts, with commas: " + ",".join(PARTS))
    parser.add_argument("--seconds", type=int, default=4, help="of one measurement")
    parser.add_argument("--long", action="store_true", help="the sustained runs and the memory run at full length")
    parser.add_argument("--keep", action="store_true", help="keep the logs and the data of the servers")
    chosen = parser.parse_args()
    chosen.parts = [part for part in chosen.only.split(",") if part] or list(PARTS)
    for part in chosen.parts:
        if part not in PARTS:
            parser.error(f"there is no part '{part}'")
    return chosen


def interrupted(signal_number, _):
    """As Ctrl-C: everything that was started is stopped on the way out."""
    raise KeyboardInterrupt(signal.Signals(signal_number).name)


def main():
    chosen = options()
    signal.signal(signal.SIGTERM, interrupted)
    signal.signal(signal.SIGHUP, interrupted)
    folder = results.work_folder()
    failed = []
    try:
        for part in chosen.parts:
            began = time.monotonic()
            print(f"== {part}", flush=True)
            place = folder / part
            place.mkdir()
            try:
                importlib.import_module(f"part_{part}").run(results.Results(part, vars(chosen)), place, chosen)
            except (RuntimeError, OSError, SystemExit) as failure:
                failed.append(part)
                print(f"   {part} has failed: {failure}", file=sys.stderr, flush=True)
            if not chosen.keep:
                shutil.rmtree(place, ignore_errors=True)
            print(f"== {part}: {time.monotonic() - began:.0f} s", flush=True)
    except KeyboardInterrupt as reason:
        sys.exit(f"stopped {reason}")
    finally:
        if not chosen.keep:
            shutil.rmtree(folder, ignore_errors=True)
    sys.exit(f"failed: {', '.join(failed)}" if failed else 0)


if __name__ == "__main__":
    main()
