"""(7) A link that takes less than is written, for long: on which rung the disk is, what is shipped, and what the guest notices."""

import time

import load
import tidemark
import watch
from load import Pattern

LINK_BYTES_PER_SECOND = 2_000_000
WRITES_PER_SECOND = 1500
SETTINGS = {"TIDEMARK_JOURNAL_QUOTA": "1G", "TIDEMARK_JOURNAL_SEGMENT_BYTES": "16M", "TIDEMARK_REPLICA_WINDOW_BYTES": "256M"}
HOT, COLD = 4 << 20, 1 << 30
SAMPLE_SECONDS = 1


def run(results, folder, options):
    short, sustained = (600, 1800) if options.long else (120, 240)
    for name, size, seconds, settings in (
            ("hot, merged", HOT, short, {}),
            ("hot, not merged", HOT, short, {"TIDEMARK_SHIP_MERGE_AFTER": "0s"}),
            ("cold", COLD, sustained, {"TIDEMARK_SHIP_RECOVERY_DELAY": f"{sustained // 3}s"})):
        overload(results, folder / name.replace(", ", "-").replace(" ", "-"), name, size, seconds, settings)


def overload(results, folder, name, size, seconds, settings):
    pattern = Pattern(f"{WRITES_PER_SECOND} random 4K writes/s over {size >> 20} MiB, a flush each 64", "randwrite", "4k", 4,
                      flush_each=64, rate=WRITES_PER_SECOND)
    with tidemark.shipping(folder, settings={**SETTINGS, **settings}) as pair:
        uri = pair.protect("guest", size=size)[0]
        pair.connect(rate=LINK_BYTES_PER_SECOND, compress=False)  # fio's blocks are too much alike
        before = written(pair)
        samples = []
        with load.Fio(folder, pattern, seconds, [uri], size) as guest:
            began = time.monotonic()
            while guest.process.poll() is None:
                samples.append({"at": time.monotonic() - began, **sample(pair)})
                time.sleep(SAMPLE_SECONDS)
            figures = guest.results()[0]
        shipped = {key: value - before[key] for key, value in written(pair).items()}
        results.add(pattern.name, section="overload", server=name, lasting=seconds, rungs=rungs(samples),
                    rpo_seconds=watch.summary([each["rpo"] for each in samples]),
                    used_max=max(each["used"] for each in samples), points=points(pair), **shipped, **figures, samples=samples)


def written(pair):
    meters = tidemark.metrics(pair.source)
    return {kind: next((value for name, value in meters.items() if name.startswith(f"tidemark_link_{kind}_bytes")), 0)
            for kind in ("shipped", "merged_away")}


def sample(pair):
    guest = pair.source.ask("GET", "/vms/guest")
    usage = pair.link()["usage"]
    return {"rung": guest["disks"][0]["rung"]["step"], "rpo": guest["rpoSeconds"],
            "used": usage["used"] / usage["quota"]}


def rungs(samples):
    """Each change, and when it came."""
    changes = []
    for each in samples:
        if not changes or changes[-1]["rung"] != each["rung"]:
            changes.append({"at": each["at"], "rung": each["rung"]})
    return changes


def points(pair):
    return sum(1 for point in pair.peer.ask("GET", "/vms/guest/recovery-points?limit=100000") if point["consistent"])
