#!/usr/bin/python3
"""Breaks the product in one place at a time, and fails if the tests stay green.

Each patch here breaks one guarantee of the design. Its first lines say which, and which tests have to find it, the quickest first:

    # I7: points behind a gap are not withdrawn
    # module: appliance
    # tests: GapsTest, SimulatorTest#keepsItsPromisesInAnyHistory

First those tests run as they are, and have to be green. Then, for each patch, only the files that it changes are compiled, to a folder
in front of what was built: nothing else is built again, and no file of the tree is touched. The tests run until one of them fails.
A patch that does not apply, or that does not compile, is a failure as well: it proves nothing any more.
"""

import argparse
import collections
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parents[4]
HERE = pathlib.Path(__file__).resolve().parent
WORK = ROOT / "target" / "mutants"
RUNNER = WORK / "runner"
MODULES = ("nbd", "journal", "appliance")
GUARANTEES = [f"I{number}" for number in range(1, 13)]
JAVA = pathlib.Path(os.environ["JAVA_HOME"]) / "bin"
PATIENCE_SECONDS = 10
TESTS_SECONDS_MAX = 240
UNBROKEN_SECONDS_MAX = 900
PASSED, FOUND = 0, 1


class Broken(Exception):
    """A mutant that proves nothing."""


class Mutant:
    def __init__(self, patch):
        self.patch = patch
        self.name = patch.stem
        head = [line[2:] for line in patch.read_text().splitlines() if line.startswith("# ")]
        self.guarantee, self.breaks = re.fullmatch(r"(I\d+): (.+)", head[0]).groups()
        fields = dict(line.split(": ", 1) for line in head[1:] if ": " in line)
        self.module = fields.get("module", "appliance")
        self.tests = [test.strip() for test in fields["tests"].split(",")]

    def files(self):
        return re.findall(r"^\+\+\+ b/(\S+)", self.patch.read_text(), re.MULTILINE)

    def __str__(self):
        return f"{self.guarantee} {self.name}: {self.breaks}"


def pom_property(name):
    pom = xml.etree.ElementTree.parse(ROOT / "pom.xml")
    return pom.find("{*}properties/{*}" + name).text


def build():
    """Compiles what has changed since the last time, and asks what each module's tests run with."""
    goals = ("test-compile", "dependency:build-classpath", "-Dmdep.outputFile=target/classpath")
    command = ("./mvnw", "-B", "-ntp", "-q", "-Dspotless.check.skip", *goals)
    if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
        sys.exit("the product itself does not build")
    shutil.rmtree(WORK, ignore_errors=True)
    RUNNER.mkdir(parents=True)
    compiled = javac(RUNNER, class_path("nbd"), [HERE / "FirstFailure.java"])
    if compiled.returncode != 0:
        sys.exit(compiled.stdout)


def class_path(module, in_front=()):
    own = (ROOT / module / "target" / "test-classes", ROOT / module / "target" / "classes")
    others = (ROOT / module / "target" / "classpath").read_text().strip()
    return os.pathsep.join(map(str, (*in_front, RUNNER, *own, others)))


def javac(into, path, sources):
    # Without Error Prone: what is broken on purpose may look broken to it too.
    command = (JAVA / "javac", "-proc:none", "-nowarn", "-parameters", "-cp", path, "-d", into, *sources)
    return subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def break_it(mutant):
    """The folder of the classes that are other ones now."""
    sources, classes = WORK / mutant.name / "source", WORK / mutant.name / "classes"
    classes.mkdir(parents=True)
    for file in mutant.files():
        (sources / file).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / file).exists():
            shutil.copy(ROOT / file, sources / file)
    # The ceiling makes git see a plain folder, not a part of our repository.
    outside = dict(os.environ, GIT_CEILING_DIRECTORIES=str(sources.parent))
    applied = subprocess.run(
        ("git", "apply", "--recount", mutant.patch), cwd=sources, env=outside, check=False, capture_output=True, text=True)
    if applied.returncode != 0:
        raise Broken("the patch does not apply: " + applied.stderr.strip())
    compiled = javac(classes, class_path("appliance"), [sources / file for file in mutant.files()])
    if compiled.returncode != 0:
        raise Broken("it does not compile: " + compiled.stdout.strip())
    return classes


def full_name(module, test):
    """A class with its package, and a method if there is one; with a folder in front if two have that name."""
    name, hash_sign, method = test.partition("#")
    tests = ROOT / module / "src" / "test" / "java"
    found = list(tests.rglob(name + ".java"))
    if len(found) != 1:
        raise Broken(f"there is no test {name} in {module}" if not found else f"{module} has several tests {name}: name the folder")
    return ".".join(found[0].relative_to(tests).with_suffix("").parts) + hash_sign + method


def run_tests(module, tests, log, seconds, in_front=()):
    """Which test fails; None if all are green."""
    flags = [*pom_property("jvm.flags").split(), *pom_property("test.flags").split(), f"-Dpatience.seconds={PATIENCE_SECONDS}"]
    names = [full_name(module, test) for test in tests]
    command = (JAVA / "java", *flags, "-cp", class_path(module, in_front), "FirstFailure", pom_property("test.excludedGroups"))
    with open(log, "w", encoding="utf-8") as out:
        try:
            ended = subprocess.run(
                (*command, *names), cwd=ROOT / module, stdout=out, stderr=out, timeout=seconds, check=False).returncode
        except subprocess.TimeoutExpired:
            return f"{', '.join(tests)}, which hang"
    if ended not in (PASSED, FOUND):
        raise Broken(f"the tests do not run: see {log}")
    return log.read_text(errors="replace").splitlines()[-1] if ended == FOUND else None


def check_unbroken(mutants):
    """Tests that are red anyway find nothing."""
    for module in MODULES:
        tests = list(dict.fromkeys(test for mutant in mutants if mutant.module == module for test in mutant.tests))
        if tests:
            log = WORK / f"unbroken-{module}.log"
            begun = time.monotonic()
            red = run_tests(module, tests, log, UNBROKEN_SECONDS_MAX)
            if red:
                sys.exit(f"not broken, and yet red: {red}: see {log}")
            print(f"{module}: {len(tests)} tests and classes of tests are green in {time.monotonic() - begun:.0f} s", flush=True)


Verdict = collections.namedtuple("Verdict", "mutant found by seconds")


def judge(mutant):
    begun = time.monotonic()
    log = WORK / f"{mutant.name}.log"
    try:
        by = run_tests(mutant.module, mutant.tests, log, TESTS_SECONDS_MAX, (break_it(mutant),))
        verdict = Verdict(mutant, by is not None, by or f"SURVIVES {', '.join(mutant.tests)}: see {log}", time.monotonic() - begun)
    except Broken as broken:
        verdict = Verdict(mutant, False, f"BROKEN: {broken}", time.monotonic() - begun)
    print(f"{mutant}\n     {'found by ' if verdict.found else ''}{verdict.by} in {verdict.seconds:.0f} s", flush=True)
    return verdict


def table(verdicts):
    wide = max(len(verdict.mutant.name) for verdict in verdicts)
    print(f"\n{'mutant':{wide}}  guarantee  seconds  found by")
    for mutant, found, by, seconds in verdicts:
        print(f"{mutant.name:{wide}}  {mutant.guarantee:9}  {seconds:7.1f}  {by if found else by.splitlines()[0]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="names, with commas")
    only = [name for name in parser.parse_args().only.split(",") if name]
    mutants = sorted(map(Mutant, HERE.glob("*.patch")), key=lambda mutant: (int(mutant.guarantee[1:]), mutant.name))
    missing = set(GUARANTEES) - {mutant.guarantee for mutant in mutants}
    unknown = set(only) - {mutant.name for mutant in mutants}
    if missing or unknown:
        sys.exit(f"guarantees without a mutant: {sorted(missing)}, unknown mutants: {sorted(unknown)}")
    mutants = [mutant for mutant in mutants if not only or mutant.name in only]
    begun = time.monotonic()
    build()
    check_unbroken(mutants)
    verdicts = [judge(mutant) for mutant in mutants]
    table(verdicts)
    found = sum(verdict.found for verdict in verdicts)
    print(f"{found} of {len(verdicts)} mutants found in {time.monotonic() - begun:.0f} s")
    sys.exit(0 if found == len(verdicts) else 1)


if __name__ == "__main__":
    main()
