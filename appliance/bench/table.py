#!/usr/bin/python3
"""Makes docs/performance.md of what was measured last: target/bench/*.json."""

import collections
import statistics

import results
from results import ROOT

DOCUMENT = ROOT / "docs" / "performance.md"
PEERS = ("qemu-nbd", "nbdkit file", "nbdkit memory")

INTRODUCTION = """# What Tidemark reaches

Made by `make bench` and `make bench-table`; do not edit. `appliance/bench` says exactly how each figure is measured, and every raw
figure is in `target/bench/*.json` afterwards. Everything runs on one machine, which the load, both sites and the servers it is
compared with have to share: read the ratios, not the absolute figures. A figure is the median of its rounds; a ratio is that of the
medians, and in brackets the smallest and the largest ratio of a round, in which the servers are measured one after the other.
Ratios above 1 say that Tidemark is faster. With a queue deeper than one, fio sends a flush for each place of the queue.
"""


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|---" + "|---:" * (len(head) - 1) + "|"]
    return "\n".join(lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows])


def number(value):
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def share(value):
    return f"{value:.2f}"


def milliseconds(seconds):
    return "" if seconds is None else f"{seconds * 1e3:,.0f} ms"


def mebibytes(count):
    return f"{count / (1 << 20):,.0f} MiB"


def verdict(reached):
    return "reached" if reached else "**not reached**"


def of_section(part, section):
    return [case for case in part["cases"] if case["section"] == section]


def by_case(cases):
    """Case, then server, then its rounds in order."""
    grouped = collections.defaultdict(lambda: collections.defaultdict(list))
    for case in cases:
        grouped[case["case"]][case["server"]].append(case)
    return grouped


def unit(name):
    """Large blocks are told in MB/s, small ones in operations."""
    return ("mb_per_second", "MB/s") if name.startswith(("64K", "1M")) else ("iops", "IOPS")


def median(rounds, key):
    return statistics.median(each[key] for each in rounds)


def ratio(ours, theirs, key):
    """Of the medians, and the spread over the rounds."""
    middle = median(ours, key) / median(theirs, key)
    rounds = [mine[key] / other[key] for mine, other in zip(ours, theirs)]
    return middle, f"{middle:.2f} ({min(rounds):.2f}-{max(rounds):.2f})"


def against(cases, peers):
    """A row for each case: figures, ratios, and whether the target was reached."""
    rows = []
    for name, servers in by_case(cases).items():
        key, label = unit(name)
        ours = servers["Tidemark"]
        row = [f"{name}, {label}", number(median(ours, key))]
        row += [number(median(servers[peer], key)) for peer in peers]
        row += [ratio(ours, servers[peer], key)[1] for peer in peers]
        rows.append(row + [target(ours, servers, key)])
    heads = ["Case", "Tidemark", *peers, *(f"to {peer}" for peer in peers), "Target"]
    return table(heads, rows)


def target(ours, servers, key):
    wanted = ours[0].get("target", "")
    factor, _, peer = wanted.partition(" ")
    if peer not in servers:
        return ""
    return f"{factor}x {peer}: {verdict(ratio(ours, servers[peer], key)[0] >= float(factor))}"


def ingest(part):
    yield "Acknowledged as `journaled`, shipped to a sink: a peer that acknowledges and keeps nothing.\n"
    yield against(of_section(part, "journaled"), PEERS)
    yield "\nThe same with a real replica on the same disk, about six disk bytes for each of the guest's:\n"
    yield table(["Case", "Tidemark", "behind at the end", "time to drain"], [
        [f"{case['case']}, {unit(case['case'])[1]}", number(case[unit(case["case"])[0]]), mebibytes(case["lag_bytes"]),
         f"{case['drain_seconds']:.1f} s"] for case in of_section(part, "with replica")])
    yield "\nAcknowledged as `durable`, beside a server that writes through:\n"
    yield against(of_section(part, "durable"), ["qemu-nbd writethrough"])
    yield "\nSustained, beside what fio alone writes into a file on that disk, with the same pattern, just before:\n"
    yield sustained(of_section(part, "sustained"))


def sustained(cases):
    rows = []
    for direct, ours in zip(cases[::2], cases[1::2]):
        key, label = unit(direct["case"])
        rows.append([f"{ours['case']}, to {ours['peer']}, {ours['seconds']:.0f} s, {label}", number(ours[key]),
                     number(direct[key]), share(ours[key] / direct[key]), mebibytes(ours["lag_bytes"]),
                     f"{ours['drain_seconds']:.1f} s"])
    return table(["Case", "Tidemark", "fio to the disk", "fraction", "behind at the end", "time to drain"], rows)


def wan(part):
    yield "Real TCP (cubic) through `appliance/bench/wan.c`. A guest that writes 200 random 4K blocks a " \
          "second and flushes once a second:\n"
    yield steady(of_section(part, "steady"))
    yield "\nSequential, 1M writes, more than the path takes. What is durable at the other end, MB/s, and what the processes of both " \
          "ends use of the CPU. Little behind at the end means that writing, not the path, was the limit:\n"
    yield sequential(of_section(part, "sequential"))


def steady(cases):
    rows, local = [], None
    for case in cases:
        if case["server"] == "local qemu-nbd":
            local = case
        rows.append(steady_row(case, local))
    heads = ["Guest writes to", "path", "write p50", "p99", "p50 to local qemu-nbd", "flushes that are points there", "point delay p99",
             "RPO p99", "unsent", "Targets"]
    return table(heads, rows)


def steady_row(case, local):
    p50, p99 = (case["latency_us"][each] for each in ("p50", "p99"))
    relative = p50 / local["latency_us"]["p50"]
    ours = case["server"] == "Tidemark"
    delay, rpo = (case[key]["p99"] if ours else None for key in ("point_delay_seconds", "rpo_seconds"))
    arrived = f"{case['flushes_at_replica']} of {case['flushes']}" if "flushes_at_replica" in case else ""
    return [case["server"], case["path"], f"{p50 / 1e3:.2f} ms", f"{p99 / 1e3:.2f} ms",
            share(relative), arrived, milliseconds(delay), milliseconds(rpo),
            mebibytes(case["unsent_bytes"]) if "unsent_bytes" in case else "",
            steady_targets(case, relative, delay, rpo) if ours else ""]


def steady_targets(case, relative, delay, rpo):
    round_trip = case["round_trip_ms"] / 1e3
    missed = [name for name, reached in {
        "flushes": case["flushes_at_replica"] >= case["flushes"],
        "write p50 <= 1.5x": relative <= 1.5,
        f"point delay <= {milliseconds(round_trip + 0.25)}": delay <= round_trip + 0.25,
        f"RPO <= {milliseconds(1 + round_trip + 0.25)}": rpo <= 1 + round_trip + 0.25,
    }.items() if not reached]
    return "all reached" if not missed else "**not reached**: " + ", ".join(missed)


def sequential(cases):
    best = collections.defaultdict(float)
    for case in cases:
        if case["server"] != "Tidemark":
            best[case["path"]] = max(best[case["path"]], case["mb_per_second"])
    rows = []
    for case in cases:
        ours = case["server"] == "Tidemark"
        peer = best.get(case["path"])
        rows.append([case["server"], case["path"], case.get("connections", 1), number(case["mb_per_second"]),
                     number(case.get("iperf_mb_per_second")),
                     share(case["mb_per_second"] / case["iperf_mb_per_second"]) if ours else "",
                     share(case["mb_per_second"] / peer) if ours and peer else "",
                     number(case["cpu_seconds_per_gb"]), mebibytes(case["behind_bytes"]) if ours else "",
                     sequential_target(case, peer) if ours else ""])
    heads = ["Sent by", "path", "connections", "MB/s", "iperf3", "to iperf3", "to the best of QEMU", "CPU s/GB", "behind at the end",
             "Target"]
    return table(heads, rows)


def sequential_target(case, peer):
    if "MB/s" in case["path"]:
        return "0.90 of iperf3: " + verdict(case["mb_per_second"] >= 0.9 * case["iperf_mb_per_second"])
    if case["path"].startswith("100 ms") and case["connections"] == 4:
        return "3x QEMU: " + verdict(case["mb_per_second"] >= 3 * peer)
    return ""


def plain_target(part):
    yield "What arrives at it in a second, across the path, while a guest writes more than that; QEMU's mirrors have the same sockets. What *all of it* is: " \
          "everything that the guest wrote and flushed, until it is in the server and flushed there.\n"
    rows = []
    for name, servers in by_target(of_section(part, "target")).items():
        ours = servers.pop("Tidemark")["mb_per_second"]
        best = max(case["mb_per_second"] for case in servers.values())
        rows.append([*name, number(ours), *(number(case["mb_per_second"]) for case in servers.values()), share(ours / best),
                     f"5x: {verdict(ours >= 5 * best)}" if "8 connections" in name[1] else ""])
    yield table(["Case", "server", "Tidemark, MB/s", "background mirror", "write-blocking mirror", "to the best of QEMU", "Target"], rows)
    for case in of_section(part, "target drained"):
        yield f"\n{case['case']}, {case['target']}: {number(case['guest_mb_per_second'])} MB/s of the guest's."


def by_target(cases):
    """Case and server that was shipped to, then who shipped."""
    grouped = collections.defaultdict(dict)
    for case in cases:
        grouped[case["case"], case["target"]][case["server"]] = case
    return grouped


def streams(part):
    yield "Each with its own connection, 4K random writes of QD4, a flush each 64. Fairness is Jain's index: 1 " \
          "when all get the same.\n"
    yield table(["Case", "together, IOPS", "fairness", "slowest", "fastest"], [
        [f"{case['server']}, {case['streams']} at once", number(case["iops"]), f"{case['fairness']:.3f}", number(case["slowest_iops"]),
         number(case["fastest_iops"])] for case in part["cases"]])


def reads(part):
    yield "Applying is held back (`tidemark.volume.apply-rate`): reads come from the journal. " \
          "qemu-nbd reads a file that is in the page cache."
    for section in dict.fromkeys(case["section"] for case in part["cases"] if case["section"] != "state"):
        yield f"\nThe disk was {section}:\n"
        yield against(of_section(part, section), ["qemu-nbd"])
    for case in of_section(part, "state"):
        yield f"\nNot yet applied when all was read, {case['fill']}: {mebibytes(case['bytes'])}."


def memory(part):
    yield "100 streams of 50 writes a second each, memory as by default, a recovery window of 2 GiB. Beyond mapped files: the kernel's `Anonymous`. " \
          "Growth compares the last third of the run with the one before.\n"
    rows = []
    for case in part["cases"]:
        fits = case["anonymous_max_bytes"] < 512 << 20
        rows.append([f"{case['server']}, {case['samples'][-1]['at']:.0f} s", mebibytes(case["anonymous_max_bytes"]),
                     f"{case['anonymous_growth']:+.1%}", mebibytes(case["heap_max_bytes"]), mebibytes(case["direct_max_bytes"]),
                     f"under 512 MiB: {verdict(fits)}; flat: {verdict(case['flat'])}"])
    yield table(["Site", "beyond mapped files, at most", "growth", "heap, at most", "direct buffers, at most", "Target"], rows)


def overload(part):
    yield "The peer takes 2 MB/s, the guest writes 6 MB/s, for as long as it says. *Hot* blocks are written again and again, *cold* " \
          "ones hardly ever.\n"
    yield table(["Disk", "shipped", "merged away", "points there", "RPO p50", "RPO, at most", "journal used, at most", "write p99", "p99.9",
                 "longest", "rungs"], [overload_row(case) for case in part["cases"]])


def overload_row(case):
    latency = case["latency_us"]
    return [f"{case['server']}, {case['seconds']:.0f} s", mebibytes(case["shipped"]), mebibytes(case["merged_away"]), case["points"],
            f"{case['rpo_seconds']['p50']:.1f} s", f"{case['rpo_seconds']['max']:.0f} s", f"{case['used_max']:.0%}",
            *(f"{value / 1e3:.1f} ms" for value in (latency["p99"], latency["p99.9"], case["latency_max_us"])),
            " → ".join(f"{change['rung']} ({change['at']:.0f} s)" for change in case["rungs"])]


def recovery(part):
    yield "The journal was not folded: every block is read from it. *Used* is when the first write and its flush were answered, and " \
          "in the drill, when a block of each disk was read.\n"
    yield table(["Case", "disks", "journal", "answered", "used", "Target"], [
        [case["case"], case["disks"], mebibytes(case["journal_bytes"]) if "journal_bytes" in case else "", f"{case['answered_seconds']:.2f} s",
         f"{case['used_seconds']:.2f} s", within(case["used_seconds"], 2 if case["section"] == "failover" else 30)]
        for case in part["cases"]])
    for case in of_section(part, "drill"):
        yield f"\nThe RPO of a VM that went on writing, p99: {milliseconds(case['rpo_alone_p99'])} before the drill, " \
              f"{milliseconds(case['rpo_during_p99'])} from its begin on."


def within(seconds, most):
    return f"{most} s: {verdict(seconds <= most)}"


def origin(part):
    machine = part["machine"]
    return (f"*Measured {part['date']} at commit {part['commit']}: {machine['cpu']}, {machine['cores']} cores, {machine['memory_gib']} GiB,"
            f" Linux {machine['kernel']}, {machine['system']}, {machine['file_system']}; {'; '.join(machine['tools'])}; load before:"
            f" {machine['load_before'][0]:.1f}.*")


CHAPTERS = {
    "ingest": ("Writes into one disk", ingest),
    "wan": ("Across a long path", wan),
    "target": ("To a plain NBD server", plain_target),
    "streams": ("Many disks at once", streams),
    "reads": ("Reads with 1 GiB not yet applied", reads),
    "memory": ("Memory", memory),
    "overload": ("A link that takes less than is written", overload),
    "recovery": ("At the other site, when it is asked", recovery),
}


def document(before):
    """A chapter whose part was not measured here stays as it is."""
    kept = {text.partition("\n")[0]: text.partition("\n")[2].strip("\n") for text in before.split("\n## ")[1:]}
    sections = [INTRODUCTION]
    for name, (title, chapter) in CHAPTERS.items():
        part = results.load(name)
        if part and part["cases"]:
            kept[title] = "\n".join(chapter(part)) + "\n\n" + origin(part)
        if title in kept:
            sections.append(f"## {title}\n\n{kept[title]}\n")
    return "\n".join(sections)


if __name__ == "__main__":
    DOCUMENT.write_text(document(DOCUMENT.read_text()))
    print(f"{DOCUMENT} is made of {results.FOLDER}/*.json")
