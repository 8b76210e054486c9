"""Booted Debian containers on a network of their own: what the tests take for machines."""

import contextlib
import os
import pathlib
import subprocess
import time

HERE = pathlib.Path(__file__).resolve().parent
TARGET = HERE.parent / "target"
PACKAGES = ("systemd", "systemd-sysv", "dbus", "udev", "python3", "python3-apt", "iproute2", "procps", "nftables", "openssl",
            "ca-certificates", "xfsprogs", "qemu-system-x86", "qemu-utils")
PATIENCE_SECONDS = 300  # a busy machine


def run(*command, **options):
    """What a command prints."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise AssertionError(f"'{' '.join(map(str, command))}' has failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def until(what, condition, patience=PATIENCE_SECONDS):
    """Waits for something that takes its time; what is not there yet may raise, too."""
    deadline, problem = time.monotonic() + patience, None
    while True:
        try:
            if condition():
                return
        except (AssertionError, OSError, KeyError, ValueError) as why:
            problem = why
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not happen; {problem}")
        time.sleep(0.5)


def make_tree():
    """Debian with what the containers have in common; it is kept in target/ for the next time."""
    tree, made_of = TARGET / "tree", TARGET / "tree.packages"
    packages = ",".join(PACKAGES)
    if not made_of.exists() or made_of.read_text() != packages:
        run("rm", "-rf", tree, made_of)
        TARGET.mkdir(exist_ok=True)
        run("unshare", "--mount", "--propagation", "private", "mmdebstrap", "--quiet", "--mode=root", "--variant=minbase",
            "--aptopt=Apt::Install-Recommends false", "--dpkgopt=force-unsafe-io", "--dpkgopt=path-exclude=/usr/share/doc/*",
            "--dpkgopt=path-exclude=/usr/share/man/*", f"--include={packages}", "bookworm", tree)
        (tree / "etc" / "machine-id").write_text("")
        made_of.write_text(packages)
    return tree


class Network:
    """A bridge in a namespace of its own, where who tests has an address, too."""

    def __init__(self, stack):
        self.name = f"tidemark-{os.getpid()}"
        run("ip", "netns", "add", self.name)
        stack.callback(run, "ip", "netns", "del", self.name)
        self.command("ip", "link", "set", "lo", "up")
        self.command("ip", "link", "add", "bridge", "type", "bridge")
        self.command("ip", "address", "add", "10.77.0.254/24", "dev", "bridge")
        self.command("ip", "link", "set", "bridge", "up")

    def inside(self, *command):
        return ["ip", "netns", "exec", self.name, *command]

    def command(self, *command, **options):
        return run(*self.inside(*command), **options)


class Container:
    """One machine: what it changes is laid over the common tree, and goes with it."""

    def __init__(self, stack, folder, network, name, number):
        self.name, self.address, self.folder = name, f"10.77.0.{number}", folder / name
        self.log = folder / f"{name}.log"
        self.namespace = f"{network.name}-{name}"
        self.stack = stack
        self.plug_in(network, number)
        self.boot()

    def plug_in(self, network, number):
        run("ip", "netns", "add", self.namespace)
        self.stack.callback(run, "ip", "netns", "del", self.namespace)
        network.command("ip", "link", "add", f"to-{number}", "type", "veth", "peer", "name", "host0", "netns", self.namespace)
        network.command("ip", "link", "set", f"to-{number}", "master", "bridge", "up")
        for command in (("link", "set", "lo", "up"), ("address", "add", f"{self.address}/24", "dev", "host0"), ("link", "set", "host0", "up")):
            run("ip", "netns", "exec", self.namespace, "ip", *command)

    def boot(self):
        self.system = system = self.folder / "system"
        changed, work, journal = (self.folder / each for each in ("changed", "work", "journal"))
        for each in (system, changed, work, journal):
            each.mkdir(parents=True)
        run("mount", "-t", "overlay", "-o", f"lowerdir={TARGET / 'tree'},upperdir={changed},workdir={work}", "overlay", system)
        self.stack.callback(run, "umount", system)
        self.process = subprocess.Popen(
            ["systemd-nspawn", "--quiet", f"--directory={system}", f"--machine={self.namespace}", f"--hostname={self.name}", "--boot",
             "--register=no", "--keep-unit", f"--network-namespace-path=/run/netns/{self.namespace}", "--capability=CAP_NET_ADMIN",
             "--link-journal=no", "--resolv-conf=off", "--console=read-only", f"--bind={journal}:/var/lib/tidemark"],
            stdin=subprocess.DEVNULL, stdout=self.log.open("w"), stderr=subprocess.STDOUT)
        self.stack.callback(self.power_off)
        until(f"the boot of {self.name}", lambda: self.command("systemctl", "is-system-running", "--wait").strip() or True)

    @property
    def leader(self):
        """The first process of the container, as this machine sees it."""
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        if not children:
            raise AssertionError(f"{self.name} has not begun:\n" + self.log.read_text()[-2000:])
        return int(children[0])

    def command(self, *command, **options):
        return run("nsenter", "--target", self.leader, "--all", "env", "--chdir=/", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", *command, **options)

    def power_off(self):
        with contextlib.suppress(AssertionError):
            self.command("systemctl", "poweroff")
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(60)
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
