#!/usr/bin/python3
"""Prints what the image is made of as a CycloneDX 1.5 document: Debian's packages, the Java libraries, the Java runtime.

    sbom.py TREE
"""

import json
import os
import pathlib
import re
import sys
import time
import urllib.parse
import uuid


def paragraphs(status):
    """The packages in a dpkg status file."""
    for text in status.read_text().split("\n\n"):
        fields = dict(re.findall(r"^([A-Za-z-]+): (.*)$", text, re.MULTILINE))
        if fields.get("Status") == "install ok installed":
            yield fields


def component(kind, name, version, purl, **more):
    return {"type": kind, "bom-ref": purl, "name": name, "version": version, "purl": purl, **more}


def debian(tree):
    for package in paragraphs(tree / "var/lib/dpkg/status"):
        name, version = package["Package"], package["Version"]
        purl = f"pkg:deb/debian/{name}@{urllib.parse.quote(version, safe='.-')}?arch={package['Architecture']}&distro=debian-12"
        yield component("library", name, version, purl, description=package.get("Description", ""))


def libraries(tree):
    """Each line of Quarkus' list: scope|group:artifact:classifier:type:version, some without the scope."""
    for line in (tree / "usr/lib/tidemark/app/quarkus-app-dependencies.txt").read_text().split():
        group, artifact, classifier, _, version = line.rsplit("|")[-1].split(":")
        purl = f"pkg:maven/{group}/{artifact}@{version}" + (f"?classifier={classifier}" if classifier else "")
        yield component("library", artifact, version, purl, group=group)


def runtime(tree):
    release = dict(re.findall(r'^(\w+)="(.*)"$', (tree / "usr/lib/tidemark/jre/release").read_text(), re.MULTILINE))
    version = release.get("JAVA_RUNTIME_VERSION", release["JAVA_VERSION"])
    yield component("platform", "jlinked runtime", version, f"pkg:generic/java-runtime@{urllib.parse.quote(version)}",
                    description="modules: " + release["MODULES"])


def main():
    tree = pathlib.Path(sys.argv[1])
    parts = sorted([*debian(tree), *libraries(tree), *runtime(tree)], key=lambda part: part["bom-ref"])
    made = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(os.environ["SOURCE_DATE_EPOCH"])))
    # The same parts give the same document.
    serial = uuid.uuid5(uuid.NAMESPACE_URL, " ".join(part["bom-ref"] for part in parts))
    json.dump({
        "bomFormat": "CycloneDX", "specVersion": "1.5", "serialNumber": f"urn:uuid:{serial}", "version": 1,
        "metadata": {"timestamp": made, "component": {"type": "operating-system", "name": "tidemark", "version": made[:10]}},
        "components": parts,
    }, sys.stdout, indent=1)


if __name__ == "__main__":
    main()
