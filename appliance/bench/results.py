"""What was measured, as JSON: one file for each part, with the machine, the date and the commit."""

import datetime
import json
import os
import pathlib
import platform
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / "target" / "bench"


def _output(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, cwd=ROOT).stdout.strip()
    except FileNotFoundError:
        return ""


def _version(*command):
    lines = _output(*command).splitlines()
    return lines[0] if lines else "missing"


def machine():
    cpu = next(line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name"))
    memory = int(open("/proc/meminfo").readline().split()[1]) >> 20
    return {
        "cpu": cpu,
        "cores": os.cpu_count(),
        "memory_gib": memory,
        "kernel": platform.release(),
        "system": _output("sh", "-c", ". /etc/os-release; echo $PRETTY_NAME"),
        "file_system": _output("findmnt", "-no", "FSTYPE", "-T", str(ROOT)),
        "tools": [_version(*command) for command in (
            ("fio", "--version"), ("qemu-nbd", "--version"), ("nbdkit", "--version"), ("iperf3", "--version"))],
        "load_before": os.getloadavg(),
    }


def commit():
    changed = _output("git", "status", "--porcelain", "--untracked-files=no")
    return _output("git", "rev-parse", "--short", "HEAD") + (" and changes" if changed else "")


class Results:
    """The results of one part; kept after each case, so that what was measured survives what comes."""

    def __init__(self, part, options):
        self.path = FOLDER / f"{part}.json"
        self.content = {
            "part": part,
            "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
            "commit": commit(),
            "machine": machine(),
            "options": options,
            "cases": [],
        }

    def add(self, case, **figures):
        """Keeps the figures of one measurement, and shows them."""
        self.content["cases"].append({"case": case, **figures})
        self.path.write_text(json.dumps(self.content, indent=1))
        print(f"   {case}: " + ", ".join(f"{key} {show(value)}" for key, value in figures.items() if brief(value)),
              flush=True)


def brief(value):
    return not isinstance(value, (dict, list))


def show(value):
    return f"{value:,.3g}" if isinstance(value, float) and abs(value) < 100 else (
        f"{value:,.0f}" if isinstance(value, (int, float)) and not isinstance(value, bool) else value)


def load(part):
    """A part as it was measured last, if it was."""
    path = FOLDER / f"{part}.json"
    return json.loads(path.read_text()) if path.exists() else None


def work_folder():
    """An empty folder on the disk that is measured."""
    path = FOLDER / f"work-{os.getpid()}"
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path
