#!/usr/bin/python3
"""Breaks the product in one place at a time, and fails if the tests stay green.

Each patch here breaks one guarantee of the design. Its first lines say which, and which tests have to find it:

    # I7: points behind a gap are not withdrawn
    # module: appliance
    # tests: GapsTest, SimulatorTest

It is applied to a copy of what is committed, under target/mutants; the module is built and those tests are run. A patch that does not
apply, or that does not compile, is a failure as well: it proves nothing any more.
"""

import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[4]
HERE = pathlib.Path(__file__).resolve().parent
COPY = ROOT / "target" / "mutants"
MODULES = ("nbd", "journal", "appliance")
BUILD_SECONDS_MAX = 600
TIMED_OUT = 124
TESTS_SECONDS_MAX = 300


class Mutant:
    def __init__(self, patch):
        self.patch = patch
        self.name = patch.stem
        head = [line[2:] for line in patch.read_text().splitlines() if line.startswith("# ")]
        self.guarantee, self.breaks = re.fullmatch(r"(I\d+): (.+)", head[0]).groups()
        fields = dict(line.split(": ", 1) for line in head[1:] if ": " in line)
        self.module = fields.get("module", "appliance")
        self.tests = [test.strip() for test in fields["tests"].split(",")]

    def __str__(self):
        return f"{self.guarantee:4} {self.name}: {self.breaks}"


class Broken(Exception):
    """A mutant that proves nothing."""


def maven(*arguments, seconds, log):
    # An own folder for installed modules, or a mutant would end up in that of the user.
    command = ["./mvnw", "-B", "-ntp", "-o", f"-Dmaven.repo.local={repository()}", *arguments]
    with open(log, "ab") as out:
        try:
            return subprocess.run(command, cwd=COPY, stdout=out, stderr=out, timeout=seconds, check=False).returncode
        except subprocess.TimeoutExpired:
            return TIMED_OUT


def repository():
    return COPY.with_name("mutants-repository")


def prepare():
    """A copy of what is committed, built once, with a Maven repository of its own that shares its files."""
    shutil.rmtree(COPY, ignore_errors=True)
    COPY.parent.mkdir(exist_ok=True)
    subprocess.run(["git", "clone", "-q", "--shared", ROOT, COPY], check=True)
    if not repository().exists():
        home = pathlib.Path.home() / ".m2" / "repository"
        subprocess.run(["cp", "-al", home, repository()], check=True)
        shutil.rmtree(repository() / "io" / "tidemark", ignore_errors=True)
    log = COPY.with_name("mutants-build.log")
    if maven("-q", "-DskipTests", "install", seconds=BUILD_SECONDS_MAX, log=log) != 0:
        sys.exit(f"the product itself does not build: see {log}")


def git(*arguments):
    return subprocess.run(["git", *arguments], cwd=COPY, check=False, capture_output=True, text=True)


def run(mutant):
    """Whether the tests have found it."""
    applied = git("apply", "--recount", str(mutant.patch))
    if applied.returncode != 0:
        raise Broken("the patch does not apply: " + applied.stderr.strip())
    log = COPY.with_name(f"mutant-{mutant.name}.log")
    log.unlink(missing_ok=True)
    try:
        # What is broken on purpose may look broken to the compiler too.
        lenient = ("-Dspotless.check.skip", "-Dcompiler.failOnWarning=false")
        built = maven("-q", "-DskipTests", *lenient, "install", seconds=BUILD_SECONDS_MAX, log=log)
        if built != 0:
            raise Broken(f"it does not compile: see {log}")
        tests = ",".join(mutant.tests)
        # Not failIfNoTests: a name that is wrong must not count as a test that has failed.
        ended = maven("-pl", mutant.module, "surefire:test", f"-Dtest={tests}", seconds=TESTS_SECONDS_MAX, log=log)
        if ended == TIMED_OUT:
            return True  # tests that hang are not green
        text = log.read_text(errors="replace")
        ran = re.findall(r"Tests run: (\d+), Failures: (\d+), Errors: (\d+)", text)
        if not ran:
            raise Broken(f"no test ran: see {log}")
        return ended != 0 and any(int(failures) + int(errors) for _, failures, errors in ran)
    finally:
        git("checkout", "-q", ".")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="names, with commas")
    only = [name for name in parser.parse_args().only.split(",") if name]
    mutants = sorted(map(Mutant, HERE.glob("*.patch")), key=lambda mutant: (int(mutant.guarantee[1:]), mutant.name))
    mutants = [mutant for mutant in mutants if not only or mutant.name in only]
    prepare()
    survivors = []
    for mutant in mutants:
        begun = time.monotonic()
        try:
            verdict = "found" if run(mutant) else "SURVIVES"
        except Broken as broken:
            verdict = f"BROKEN: {broken}"
        if verdict != "found":
            survivors.append(mutant)
        print(f"{mutant}\n     {verdict} by {', '.join(mutant.tests)} in {time.monotonic() - begun:.0f} s", flush=True)
    print(f"{len(mutants) - len(survivors)} of {len(mutants)} mutants found")
    sys.exit(1 if survivors else 0)


if __name__ == "__main__":
    main()
