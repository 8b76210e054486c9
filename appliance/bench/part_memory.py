"""(5) What a site with 100 busy streams takes of memory, minute after minute, beyond the files it has mapped."""

import re
import statistics
import time

import load
import tidemark
from load import Pattern

SIZE = 256 << 20
STREAMS = 100
DISKS_OF_A_VM = 10
SAMPLE_SECONDS = 2
PATTERN = Pattern("4K random, 50 writes/s a stream, a flush each 50", "randwrite", "4k", 4, flush_each=50, rate=50)
FLAT_GROWTH = 0.10
SMAPS_FIELDS = ("Rss", "Anonymous", "Shared_Clean", "Shared_Dirty")


def run(results, folder, options):
    seconds = 600 if options.long else 120
    with tidemark.shipping(folder / "pair") as pair:
        uris = [uri for number in range(STREAMS // DISKS_OF_A_VM)
                for uri in pair.protect(f"guest{number}", DISKS_OF_A_VM, SIZE)]
        sites = {"source": pair.source, "replica": pair.peer}
        samples = {role: [] for role in sites}
        with load.Fio(folder, PATTERN, seconds, uris, SIZE) as guests:
            began = time.monotonic()
            while guests.process.poll() is None:
                for role, site in sites.items():
                    samples[role].append({"at": time.monotonic() - began, **sample(site)})
                time.sleep(SAMPLE_SECONDS)
            figures = guests.results()[0]
    for role, taken in samples.items():
        results.add(PATTERN.name, section="memory", server=role, streams=STREAMS, **summary(taken),
                    iops=figures["iops"], latency_us=figures["latency_us"], samples=taken)


def sample(site):
    """Bytes, by kind, of a site now."""
    text = open(f"/proc/{site.process.pid}/smaps_rollup").read()
    kernel = {field.lower(): int(re.search(rf"^{field}:\s+(\d+) kB", text, re.M)[1]) << 10 for field in SMAPS_FIELDS}
    meters = tidemark.metrics(site)
    heap = sum(value for name, value in meters.items()
               if name.startswith("jvm_memory_used_bytes") and 'area="heap"' in name)
    direct = sum(value for name, value in meters.items()
                 if name.startswith("jvm_buffer_memory_used_bytes") and 'id="direct"' in name)
    return {**kernel, "heap": heap, "direct": direct}


def summary(taken):
    """Of the last two thirds: the first one is for warming up."""
    settled = taken[len(taken) // 3:]
    half = len(settled) // 2
    figures = {}
    for kind in ("anonymous", "heap", "direct"):
        earlier, later = ([each[kind] for each in part] for part in (settled[:half], settled[half:]))
        figures[f"{kind}_max_bytes"] = max(each[kind] for each in taken)
        figures[f"{kind}_growth"] = statistics.median(later) / max(1, statistics.median(earlier)) - 1
    figures["flat"] = figures["anonymous_growth"] <= FLAT_GROWTH
    return figures
