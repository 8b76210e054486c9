"""(8) The other site is asked for a VM: how soon its disks can be written, with a journal of 10 GB that was not folded; and for a group of
100 disks, while another VM goes on being shipped."""

import concurrent.futures
import subprocess
import time

import children
import load
import tidemark
import watch
from load import Pattern

JOURNAL_BYTES = 10_000_000_000
DISK_BYTES = 2 << 30
SETTINGS = {"TIDEMARK_REPLICA_WINDOW_BYTES": "16G", "TIDEMARK_REPLICA_KEPT_POINT_BYTES_MAX": "16G"}
VMS, DISKS_OF_A_VM, SMALL_BYTES = 10, 10, 64 << 20
BUSY = Pattern("200 random 4K writes/s, a flush each 200", "randwrite", "4k", 16, flush_each=200, rate=200)
READERS = 8


def run(results, folder, options):
    failover(results, folder / "failover")
    drill(results, folder / "drill", 30 if options.long else 15)


def failover(results, folder):
    with tidemark.shipping(folder, settings=SETTINGS) as pair:
        uri = pair.protect("guest", size=DISK_BYTES)[0]
        fill = Pattern("1M random QD16, a flush each 64", "randwrite", "1m", 16, flush_each=64)
        while used(pair.peer) < JOURNAL_BYTES:
            load.measure(folder, fill, 0, [uri], DISK_BYTES)
            pair.drain()
        journal = used(pair.peer)
        pair.source.process.kill()
        pair.source.process.wait()
        began = time.monotonic()
        answer = pair.peer.ask("POST", "/failovers", {"vm": "guest"})
        answered = time.monotonic() - began
        qemu_io(answer["disks"][0]["uri"], "write 0 4k", "flush")
        results.add("failover of a VM", section="failover", journal_bytes=journal, disks=1, answered_seconds=answered,
                    used_seconds=time.monotonic() - began)


def drill(results, folder, seconds):
    with tidemark.shipping(folder) as pair:
        uris = []
        for number in range(VMS):
            uris += pair.protect(f"guest{number}", DISKS_OF_A_VM, SMALL_BYTES, group={"name": "all"})
        busy = pair.protect("busy")[0]
        each(uris, lambda uri: qemu_io(uri, "write -P 7 0 64k", "flush"))
        pair.drain()
        with load.Fio(folder, BUSY, 2 * seconds, [busy]) as guest:
            time.sleep(seconds / 5)
            alone = rpo(pair, seconds / 2)
            before = shipped(pair)
            began = time.monotonic()
            answer = pair.peer.ask("POST", "/drills", {"group": "all", "point": "latest"})
            answered = time.monotonic() - began
            disks = [disk["uri"] for vm in answer["vms"] for disk in vm["disks"]]
            each(disks, lambda uri: qemu_io(uri, "read -P 7 0 64k"))
            used_seconds = time.monotonic() - began
            during = rpo(pair, seconds / 2)
            guest.results()
        pair.peer.ask("DELETE", f"/drills/{answer['id']}?result=passed")
        results.add("drill of a group", section="drill", disks=len(disks), answered_seconds=answered, used_seconds=used_seconds,
                    rpo_alone_p99=alone["p99"], rpo_during_p99=during["p99"], shipped=shipped(pair) - before)


def rpo(pair, seconds):
    age = watch.Rpo(pair.source, "busy")
    with watch.Watch(age.look):
        time.sleep(seconds)
    return watch.summary(age.seconds)


def shipped(pair):
    return sum(value for name, value in tidemark.metrics(pair.source).items() if name.startswith("tidemark_link_shipped_bytes"))


def used(replica):
    return sum(value for name, value in tidemark.metrics(replica).items() if name.startswith("tidemark_journal_used_bytes"))


def each(uris, do):
    with concurrent.futures.ThreadPoolExecutor(READERS) as readers:
        list(readers.map(do, uris))


def qemu_io(uri, *commands):
    process = children.popen(["qemu-io", "-f", "raw", *(part for command in commands for part in ("-c", command)), uri],
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said = process.communicate(timeout=60)[0]
    if process.returncode != 0 or "Pattern verification failed" in said:
        raise RuntimeError(f"qemu-io {uri} has failed:\n{said}")
