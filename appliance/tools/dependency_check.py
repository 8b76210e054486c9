#!/usr/bin/python3
"""Prints the libraries of the program with their versions and licences, and fails if one of them should not be there.

    dependency_check.py BOM PROGRAM

BOM is the CycloneDX document that Maven has made, PROGRAM Quarkus' list of what it has put together. All in the program has to be in the
document, and to be had under a licence that fits a program under Apache-2.0.
"""

import json
import sys

FITTING = {"Apache-2.0", "MIT", "MIT-0", "0BSD", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "EPL-1.0", "EPL-2.0", "GPL-2.0-with-classpath-exception"}

# Licences that a library's POM does not name well enough, with what its own files say.
READ_BY_US = {
    ("org.jline", "jline-terminal"): "BSD-3-Clause",  # "The BSD License" in its POM; LICENSE.txt has three clauses
    ("org.jline", "jline-native"): "BSD-3-Clause",  # the same
}


def licences(component):
    known = READ_BY_US.get((component.get("group", ""), component["name"]))
    if known:
        return [known]
    said = [each.get("license", each) for each in component.get("licenses", [])]
    return [each.get("id") or each.get("name") or each["expression"] for each in said]


def in_program(lines):
    """Each is scope|group:artifact:classifier:type:version, some without the scope."""
    for line in lines:
        group, artifact, _, _, version = line.strip().rsplit("|")[-1].split(":")
        yield group, artifact, version


def main():
    bom, program = sys.argv[1:]
    with open(bom) as text:
        components = json.load(text)["components"]
    with open(program) as text:
        used = sorted(set(in_program(text)))
    listed = {(each.get("group", ""), each["name"], each["version"]): licences(each) for each in components}
    problems = []
    for library in used:
        found = listed.get(library)
        print(":".join(library), ", ".join(found or ["?"]), sep="\t")
        if found is None:
            problems.append(f"{':'.join(library)} is in the program and not in {bom}")
        elif not FITTING.intersection(found):
            problems.append(f"{':'.join(library)} has no licence that is known to fit: {', '.join(found) or 'none'}")
    print(f"{len(used)} libraries", file=sys.stderr)
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
