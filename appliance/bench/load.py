"""What a guest would do, done by fio's nbd engine."""

import contextlib
import dataclasses
import json
import subprocess

import children

PATIENCE_SECONDS = 300
PERCENTILES = (50, 95, 99, 99.9)
BLOCKS = {"4k": 4 << 10, "64k": 64 << 10, "1m": 1 << 20}


@dataclasses.dataclass(frozen=True)
class Pattern:
    """`flush_each`: a flush after so many writes; `rate`: writes a second, 0 for as many as go."""

    name: str
    rw: str
    block: str
    depth: int
    connections: int = 1
    flush_each: int = 0
    rate: int = 0
    target: str = ""

    @property
    def writes(self):
        return "write" in self.rw

    def block_bytes(self):
        return BLOCKS[self.block]


def job_file(path, pattern, targets, seconds, size, together, options):
    """A fio job for each connection to each target. Without `seconds` each block is written or read once."""
    lines = {
        "rw": pattern.rw, "bs": pattern.block, "iodepth": pattern.depth, "size": size, "norandommap": 1 if seconds else None,
        "randrepeat": 0,
        "time_based": 1 if seconds else None, "runtime": seconds, "thread": 1, "percentile_list": ":".join(map(str, PERCENTILES)),
    }
    if pattern.flush_each:
        lines["fsync"] = pattern.flush_each
    if pattern.rate:
        lines["rate_iops"] = pattern.rate
    if together:
        lines["group_reporting"] = 1
    lines.update(options)
    text = ["[global]"] + [f"{key}={value}" for key, value in lines.items() if value is not None]
    for number, target in enumerate(targets):
        for connection in range(pattern.connections):
            text += [f"[{number}-{connection}]"] + [f"{key}={value}" for key, value in target.items()]
    path.write_text("\n".join(text) + "\n")


class Fio:
    """One run of fio. `uris` are disks; `together` adds them up, else there is one result for each."""

    def __init__(self, folder, pattern, seconds, uris=(), size=1 << 30, network=contextlib.nullcontext, together=True,
                 targets=None, **options):
        self.pattern, self.seconds = pattern, seconds
        self.output = folder / "fio.json"
        job = folder / "job.fio"
        targets = targets or [{"ioengine": "nbd", "uri": uri} for uri in uris]
        job_file(job, pattern, targets, seconds, size, together, options)
        self.log = folder / "fio.log"
        with network(), self.log.open("w") as log:
            self.process = children.popen(["fio", "--output-format=json", f"--output={self.output}", job], stdout=log,
                                          stderr=subprocess.STDOUT)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        children.stop(self.process)

    def results(self):
        """Waits for the end; a dictionary for each job."""
        if self.process.wait((self.seconds or 0) * 3 + PATIENCE_SECONDS) != 0:
            raise RuntimeError(f"fio has failed:\n{self.log.read_text()[-2000:]}")
        text = self.output.read_text()
        return [self.figures(job) for job in json.loads(text[text.index("{"):])["jobs"]]

    def figures(self, job):
        if job["error"]:
            raise RuntimeError(f"fio has failed: error {job['error']}")
        side = job["write" if self.pattern.writes else "read"]
        latency = side["clat_ns"].get("percentile", {})
        return {
            "iops": side["iops"],
            "mb_per_second": side["bw_bytes"] / 1e6,
            "operations": side["total_ios"],
            "bytes": side["io_bytes"],
            "flushes": job["sync"]["total_ios"],
            "seconds": side["runtime"] / 1e3,
            "latency_max_us": side["clat_ns"]["max"] / 1e3,
            "latency_us": {f"p{float(key):g}": value / 1e3 for key, value in latency.items()},
        }


def measure(*arguments, **options):
    """One run, everything added up."""
    with Fio(*arguments, **options) as fio:
        return fio.results()[0]
