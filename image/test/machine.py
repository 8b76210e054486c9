"""A virtual machine that runs the image under emulation, and what a person at its console, its keyboard and its network can do."""

import base64
import hashlib
import json
import pathlib
import secrets
import socket
import string
import subprocess
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
IMAGE = HERE.parent / "target" / "tidemark.qcow2"
OVMF = pathlib.Path("/usr/share/OVMF/OVMF_CODE.fd")
JOURNAL_DEVICE = "virtio-blk-pci,drive=journal,serial=journal"
PATIENCE_SECONDS = 1200  # emulation, on a machine that may be busy


def run(*command, **options):
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True, **options).stdout


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def until(what, condition, patience=PATIENCE_SECONDS):
    deadline = time.monotonic() + patience
    while True:
        try:
            if condition():
                return
        except urllib.error.HTTPError as refusal:
            if refusal.code != 503:  # not yet: of an appliance that starts, or a journal that is still being made
                raise
        except (urllib.error.URLError, ConnectionError, TimeoutError, subprocess.CalledProcessError):
            pass
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not happen")
        time.sleep(1)


class Machine:
    """One site: a fresh system disk over the image, a seed, and a journal disk that outlives it."""

    def __init__(self, folder, name, number, cable, uefi):
        # The cable is two ports on loopback, ours first. Packets without a connection: either end may come back.
        self.folder, self.name, self.number, self.cable, self.uefi = folder, name, number, cable, uefi
        self.data = folder / name  # where make_certificates puts what it makes
        (self.data / "tls").mkdir(parents=True)
        self.journal = folder / f"{name}-journal.raw"
        run("truncate", "-s", "3G", self.journal)
        self.key = folder / "key"
        if not self.key.exists():
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.key)
        self.token = secrets.token_urlsafe(32)
        self.lives = 0

    def seed(self):
        """What cloud-init reads: an ISO with the label that it looks for."""
        def content(name):
            return base64.b64encode((self.data / "tls" / name).read_bytes()).decode()

        seed = self.folder / f"{self.name}-seed"
        seed.mkdir(exist_ok=True)
        (seed / "user-data").write_text(string.Template((HERE / "user-data").read_text()).substitute(
            site=self.name, key=pathlib.Path(f"{self.key}.pub").read_text().strip(), certificate=content("site.crt"),
            certificate_key=content("site.key"), authorities=content("authorities.crt"),
            token_hash=hashlib.sha256(self.token.encode()).hexdigest()))
        (seed / "meta-data").write_text(f"instance-id: {self.name}-{self.lives}\n")
        (seed / "network-config").write_text(json.dumps({"version": 2, "ethernets": {
            "outer": {"match": {"macaddress": f"52:54:00:00:00:0{self.number}"}, "set-name": "outer", "dhcp4": True},
            "link": {"match": {"macaddress": f"52:54:00:00:01:0{self.number}"}, "set-name": "link",
                     "addresses": [f"10.9.0.{self.number}/24"]}}}))
        iso = self.folder / f"{self.name}-seed.iso"
        run("xorriso", "-as", "mkisofs", "-quiet", "-V", "cidata", "-J", "-r", "-o", iso, seed)
        return iso

    def boot(self, with_journal=True):
        """Starts the machine with a new system disk."""
        self.lives += 1
        system = self.folder / f"{self.name}-system-{self.lives}.qcow2"
        run("qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", IMAGE, system, "8G")
        self.ssh_port, self.rest, self.nbd, self.node = (free_port() for _ in range(4))
        forwards = "".join(f",hostfwd=tcp:127.0.0.1:{outer}-:{inner}" for outer, inner in (
            (self.ssh_port, 22), (self.rest, 8080), (self.nbd, 10809), (self.node, 9100)))
        self.console = self.folder / f"{self.name}-console-{self.lives}.log"
        self.monitor = self.folder / f"{self.name}-monitor-{self.lives}"
        firmware = ["-drive", f"if=pflash,format=raw,readonly=on,file={OVMF}"] if self.uefi else []
        self.process = subprocess.Popen([
            "qemu-system-x86_64", "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m", "1536", "-nodefaults", "-display",
            "none", "-serial", f"file:{self.console}", "-monitor", f"unix:{self.monitor},server=on,wait=off", *firmware,
            "-object", "rng-random,id=rng,filename=/dev/urandom", "-device", "virtio-rng-pci,rng=rng",
            "-drive", f"if=none,id=system,file={system},format=qcow2,cache=unsafe",
            "-device", "virtio-blk-pci,drive=system,bootindex=0",
            "-drive", f"if=virtio,file={self.seed()},format=raw,readonly=on",
            "-netdev", f"user,id=outer,restrict=on{forwards}", "-device", f"virtio-net-pci,netdev=outer,mac=52:54:00:00:00:0{self.number}",
            "-netdev", f"socket,id=link,localaddr=127.0.0.1:{self.cable[0]},udp=127.0.0.1:{self.cable[1]}",
            "-device", f"virtio-net-pci,netdev=link,mac=52:54:00:00:01:0{self.number}",
            *(["-drive", self.journal_drive(), "-device", JOURNAL_DEVICE] if with_journal else [])])
        self.started = time.monotonic()

    def journal_drive(self):
        return f"if=none,id=journal,file={self.journal},format=raw,cache=none"

    def plug_in_journal(self):
        with socket.socket(socket.AF_UNIX) as monitor:
            monitor.connect(str(self.monitor))
            for command in (f"drive_add 0 {self.journal_drive()}",
                            "device_add " + JOURNAL_DEVICE):
                monitor.sendall((command + "\n").encode())
                time.sleep(1)  # the monitor answers with an echo of each character; nothing in it says that it is done

    def pull_the_plug(self):
        self.process.kill()
        self.process.wait()

    def end(self):
        if getattr(self, "process", None) and self.process.poll() is None:
            self.pull_the_plug()

    def ask(self, method, path, body=None):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.rest}{path}", method=method, headers={
                "Content-Type": "application/json", "Authorization": f"Bearer {self.token}"},
            data=json.dumps(body).encode() if body is not None else None)
        with urllib.request.urlopen(request, timeout=60) as answer:
            text = answer.read().decode()
        return json.loads(text) if text else None

    def ssh(self, command, *options):
        return run("ssh", "-o", "LogLevel=ERROR", "-i", self.key, "-p", self.ssh_port, "-o", "StrictHostKeyChecking=no",
                   "-o", "UserKnownHostsFile=/dev/null", "-o", "BatchMode=yes", "-o", "ConnectTimeout=60", *options,
                   "admin@127.0.0.1", command)

    def wait_until_ready(self):
        """The seconds from the start of the machine until its appliance is ready."""
        until(f"the start of {self.name}", self.is_ready)
        return time.monotonic() - self.started

    def is_ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"{self.name} has ended; its console:\n" + self.console.read_text(errors="replace")[-4000:])
        return self.ask("GET", "/q/health/ready")["status"] == "UP"
