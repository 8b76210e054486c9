"""A Linux guest under emulation: Debian's cloud kernel with busybox, and what the tests of the appliance have it do with its disk."""

import pathlib
import re
import shutil

from container import run

INIT = pathlib.Path(__file__).resolve().parents[2] / "appliance" / "src" / "test" / "resources" / "io" / "tidemark" / "system" / "guest" / "init"
MODULES = ("virtio_pci", "virtio_blk")
PROGRAMS = ("/usr/sbin/mke2fs", "/usr/sbin/e2fsck")


def make_system(folder):
    """Kernel and initramfs, in a folder."""
    kernel = max(pathlib.Path("/boot").glob("vmlinuz-*-cloud-amd64"), key=lambda path: path.stat().st_mtime)
    root, version = folder / "initramfs", kernel.name.removeprefix("vmlinuz-")

    def take(path):
        to = root / str(path).lstrip("/")
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, to)

    take("/bin/busybox")
    for program in PROGRAMS:
        take(program)
        for library in re.findall(r"(/\S+) \(0x", run("ldd", program)):
            take(library)
    modules = pathlib.Path("/lib/modules") / version
    needed = {}
    for line in (modules / "modules.dep").read_text().splitlines():
        name, needs = line.split(":")
        if re.search(rf"/({'|'.join(MODULES)})\.ko", name):
            needed.update(dict.fromkeys([*reversed(needs.split()), name]))
    for module in needed:
        take(modules / module)
    (root / "modules").write_text("".join(f"{modules / module}\n" for module in needed))
    shutil.copy(INIT, root / "init")
    (root / "init").chmod(0o755)
    run("sh", "-c", f"cd {root} && find . | cpio --quiet --create --format=newc | gzip -1 > {folder}/initramfs.gz")
    shutil.copy(kernel, folder / "kernel")
    shutil.rmtree(root)


def qemu(folder, job, drive, *more):
    """The command that runs it, its console being its standard output."""
    return ["qemu-system-x86_64", "-accel", "tcg", "-nodefaults", "-display", "none", "-no-reboot", "-m", "256", "-serial", "stdio",
            "-kernel", f"{folder}/kernel", "-initrd", f"{folder}/initramfs.gz", "-append", f"console=ttyS0 panic=-1 tidemark.job={job}",
            "-drive", f"if=none,id=disk,format=raw,file={drive}", "-device", "virtio-blk-pci,drive=disk", *more]


def last(word, console):
    """The last number that it has said after this word; 0 if there is none."""
    return max((int(number) for number in re.findall(rf"guest: {word} (\d+)\r?\n", console)), default=0)
