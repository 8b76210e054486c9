#!/usr/bin/env python3
"""Verifies the models with spin, and that each switch which breaks one in one place is found out. README.md has the table.

    check.py            all of it
    check.py epochs     one model
    check.py --trail epochs SWITCH [SWITCH...]    prints the shortest counterexample, action by action
"""

import concurrent.futures
import pathlib
import re
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
BUILD = HERE.parents[1] / "target" / "model"

JOBS = 2
MEMORY_MB = 700  # of each job
SECONDS_MAX = 600  # of one run, on a machine that does much else

def epochs(records, crashes=0, breaks=0, gaps=0):
    """The constants of a run of epochs.pml."""
    return [f"RECORDS={records}", f"CRASHES={crashes}", f"BREAKS={breaks}", f"GAPS={gaps}"]


ENDLESS = ["ENDLESS"]

# What holds: model, what it says, constants, property in LTL or None for assertions.
HOLDS = [
    ("epochs", "I1-I4 I7-I9: a crash, a break, a gap", epochs(3, 1, 1, 1), None),
    ("epochs", "I1-I4 I7-I9: a crash and a gap", epochs(4, 1, 0, 1), None),
    ("epochs", "I1-I4 I7-I9: a crash and a break", epochs(4, 1, 1), None),
    ("epochs", "I1-I4 I7-I9: two crashes", epochs(4, 2), None),
    ("epochs", "I7 I8: two gaps and copies", epochs(4, gaps=2), None),
    ("epochs", "I7 I8: a gap and a copy, a longer journal", epochs(5, gaps=1), None),
    ("epochs", "I2-I4 I9: two breaks, a longer journal", epochs(5, breaks=2), None),
    ("epochs", "I9: a guest that never stops writing", ENDLESS + epochs(4, 0, 1), "points"),
    ("roles", "I11: promotions, crashes, anything delayed", [], None),
    ("mirror", "the mirror: each copy is answered", [], "answers"),
    ("mirror", "the mirror: a source that pauses has a point", ["SOURCE_PAUSES"], "pointAfterAPause"),
]

# What must be found: model, switch, the property it breaks, constants, LTL or None.
BREAKS = [
    ("epochs", "ACKNOWLEDGE_A_FLUSH_BEFORE_THE_FORCE", "I1", epochs(3, 1), None),
    ("epochs", "COUNT_WHAT_CAME_DURING_THE_FORCE", "I3", epochs(4, 1), None),
    ("epochs", "SHIP_WHAT_IS_NOT_DURABLE", "I2", epochs(3, 1), None),
    ("epochs", "WELCOME_BEFORE_THE_FORCE", "I2", epochs(3, 1, 1), None),
    ("epochs", "ACKNOWLEDGE_BEFORE_THE_FORCE", "I2", epochs(3, 1), None),
    ("epochs", "APPEND_RANGES_AS_THEY_COME", "I2", epochs(4), None),
    ("epochs", "APPLY_WHAT_IS_NOT_DURABLE", "I3", epochs(3, 1), None),
    ("epochs", "FOLD_BEFORE_THE_FLOOR", "I3", epochs(3), None),
    ("epochs", "OFFER_INSIDE_AN_EPOCH", "I4", epochs(3), None),
    ("epochs", "FORGET_TO_WITHDRAW", "I7", epochs(4, gaps=1), None),
    ("epochs", "TAKE_WRITES_BEFORE_THE_GAP", "I7", epochs(4, gaps=1), None),
    ("epochs", "REFUSE_BEFORE_THE_FORCE", "I7", epochs(3, gaps=1), None),
    ("epochs", "END_A_COPY_BEHIND_A_GAP", "I7", epochs(4, gaps=2), None),
    ("epochs", "TAKE_A_COPY_BEGIN_FOR_EVIDENCE", "I7", epochs(4, 1, gaps=1), None),
    ("epochs", "FOLD_PAST_THE_LAST_GOOD_POINT", "I8", epochs(4, gaps=1), None),
    ("epochs", "GO_ON_FROM_WHAT_WAS_SHIPPED", "I9", epochs(3, 0, 1), None),
    ("epochs", "WAIT_FOR_FULL_RANGES", "I9", epochs(3), None),
    ("epochs", "GO_ON_FROM_WHAT_WAS_SHIPPED", "points", ENDLESS + epochs(4, 0, 1), "points"),
    ("roles", "PROMOTE_BEFORE_THE_TERM_IS_DURABLE", "I11", [], None),
    ("roles", "FENCE_BEFORE_THE_TERM_IS_DURABLE", "I11", [], None),
    ("roles", "FORGET_TO_FENCE", "I11", [], None),
    ("roles", "IGNORE_EQUAL_NUMBERS", "I11", [], None),
    ("roles", "TAKE_RECORDS_OF_A_FENCED_TERM", "I11", [], None),
    ("mirror", "", "point", [], "point"),
]


def run(command, folder, seconds=SECONDS_MAX):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=seconds)
    return done.returncode, done.stdout + done.stderr


def folder_of(model, defines, ltl):
    name = re.sub(r"[^A-Za-z0-9]+", "-", "-".join([model] + defines + ([ltl] if ltl else [])))
    folder = BUILD / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def pan(model, defines, ltl, options=()):
    """Builds the verifier of a model and runs it; returns its folder and what it says."""
    folder = folder_of(model, defines, ltl)
    source = HERE / f"{model}.pml"
    steps = [
        ["spin", *[f"-D{define}" for define in defines], "-a", str(source)],
        # Hash compaction: 4 bytes and an index stand for a state.
        ["gcc", "-w", "-O2", "-DHC4", "-DNOREDUCE", f"-DMEMLIM={MEMORY_MB}"]
        + (["-DNFAIR=4"] if ltl else ["-DSAFETY"])
        + ["-o", "pan", "pan.c"],
    ]
    for step in steps:
        code, said = run(step, folder)
        if code:
            raise RuntimeError(" ".join(step) + "\n" + said)
    fair = ["-a", "-f"] + (["-N", ltl] if model == "mirror" else []) if ltl else []
    _, said = run(["./pan", "-m200000", *fair, *options], folder)
    return folder, said


def violated(said, ltl):
    """The property that was violated; empty if none was."""
    found = re.search(r"pan:1: (.*)", said)
    if not found:
        return ""
    asserted = re.match(r"assertion violated (\w+)", found.group(1))
    if asserted:
        return asserted.group(1)
    return ltl if "acceptance cycle" in found.group(1) and ltl else found.group(1)


def check(expected, name, model, defines, ltl):
    """One check: a line for the person who waits, and whether it came out as expected."""
    since = time.monotonic()
    try:
        _, said = pan(model, defines, ltl)
    except (RuntimeError, subprocess.TimeoutExpired) as trouble:
        return False, f"{model:7} {name}: {trouble}"
    found = violated(said, ltl)
    states = re.search(r"^\s*([\d.e+]+) states, stored", said, re.M)
    complete = "errors: " in said and "Search not completed" not in said and "max search depth too small" not in said
    right = found == expected and (complete or bool(found))
    what = f"{found} violated" if found else "holds" if complete else "NOT COMPLETE"
    count = int(float(states.group(1))) if states else 0
    line = f"{model:7} {name:45} {what:16} {count:>9} states {time.monotonic() - since:6.1f} s"
    return right, line if right else line + f"   EXPECTED: {expected + ' violated' if expected else 'holds'}"


def checks(only):
    for model, name, constants, ltl in HOLDS:
        if not only or model in only:
            yield "", name, model, constants, ltl
    for model, switch, broken, constants, ltl in BREAKS:
        if not only or model in only:
            name = "-D" + switch if switch else "as it was in 2012"
            yield broken, name, model, ([switch] if switch else []) + constants, ltl


def print_trail(model, switches):
    found = [each for each in BREAKS if each[0] == model and each[1] in switches]
    defines = switches + (found[0][3] if found else epochs(4, 1, 1, 1) if model == "epochs" else [])
    ltl = found[0][4] if found else "point" if model == "mirror" else None
    folder, said = pan(model, defines, ltl, () if ltl else ("-i",))
    print(violated(said, ltl) or "nothing", "violated")
    _, steps = run(["spin", "-k", f"{model}.pml.trail", "-p", *[f"-D{each}" for each in defines], str(HERE / f"{model}.pml")], folder)
    for step in steps.splitlines():
        print(step)


def main(arguments):
    if arguments[:1] == ["--trail"]:
        print_trail(arguments[1], arguments[2:])
        return 0
    wrong = 0
    since = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        for done in concurrent.futures.as_completed([pool.submit(check, *each) for each in checks(arguments)]):
            right, line = done.result()
            wrong += not right
            print(line, flush=True)
    print(f"{wrong} not as expected" if wrong else "all as expected", f"in {time.monotonic() - since:.0f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
