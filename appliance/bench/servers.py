"""The NBD servers that Tidemark is measured against."""

import contextlib
import dataclasses
import os
import time

import children


@dataclasses.dataclass
class Server:
    """Something that serves a disk. `settle` waits until nothing of the last measurement is left to do."""

    name: str
    uri: str
    pids: list
    settle: object = os.sync


def make_file(path, size):
    """A file whose blocks are all there, in the page cache as far as it fits, and nothing dirty."""
    with open(path, "wb") as file:
        chunk = bytes(1 << 20)
        for _ in range(size >> 20):
            file.write(chunk)
        os.fsync(file.fileno())


@contextlib.contextmanager
def serving(name, command, folder, port):
    with children.running(command, folder / f"{name.replace(' ', '-')}.log",
                          ready=children.listens("127.0.0.1", port)) as process:
        time.sleep(0.2)
        yield Server(name, f"nbd://127.0.0.1:{port}", [process.pid])


def qemu_nbd(folder, size, cache="writeback", name="qemu-nbd"):
    port, image = children.free_port(), folder / f"{name.replace(' ', '-')}.raw"
    make_file(image, size)
    return serving(name, ["qemu-nbd", "-t", "-f", "raw", f"--cache={cache}", "-e", "64", "-b", "127.0.0.1", "-p", port,
                          image], folder, port)


def nbdkit_file(folder, size):
    port, image = children.free_port(), folder / "nbdkit-file.raw"
    make_file(image, size)
    return serving("nbdkit file", ["nbdkit", "-f", "-i", "127.0.0.1", "-p", port, "file", image], folder, port)


def nbdkit_memory(folder, size):
    port = children.free_port()
    return serving("nbdkit memory", ["nbdkit", "-f", "-i", "127.0.0.1", "-p", port, "memory", size], folder, port)
