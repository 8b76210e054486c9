#!/usr/bin/python3
"""Two booted containers become appliances, and peers of each other, by the roles alone; a third is a host of guests.

`make ansible-test` sees to what this needs. Everything is in containers and network namespaces that end with it.
"""

import contextlib
import gzip
import json
import os
import pathlib
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import guest  # noqa: E402
from container import TARGET, Container, Network, make_tree, run, until  # noqa: E402

MIB = 1 << 20
PLAY_SECONDS_MAX = 1200
VM = {"peer": "south", "disks": [{"name": "system", "sizeBytes": 16 * MIB, "attachMode": "direct"}], "definition": {"text": "<domain/>"}}
GUEST = {"name": "guest", "qmp": "/run/guest.qmp", "definition": "a guest of the tests",
         "disks": [{"name": "system", "drive": "disk", "mode": "mirror-active"}]}


class AnsibleTest(unittest.TestCase):
    """One story, in the order of the names."""

    @classmethod
    def setUpClass(cls):
        make_tree()
        stack = contextlib.ExitStack()
        cls.addClassCleanup(stack.close)
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="tidemark-ansible-", dir=TARGET))
        stack.callback(shutil.rmtree, cls.folder)
        cls.network = Network(stack)
        cls.north, cls.south = (Container(stack, cls.folder, cls.network, name, number)
                                for number, name in enumerate(("north", "south"), 1))
        cls.kvm = Container(stack, cls.folder, cls.network, "kvm", 3)
        cls.machines = [cls.north, cls.south, cls.kvm]
        cls.image = cls.folder / "image.raw"
        cls.controller = cls.folder / "controller"
        cls.write_inventory()

    @classmethod
    def write_inventory(cls):
        small = {"nbd": {"advertise": "{{ ansible_host }}:10809"}, "journal": {"segment-bytes": "8M", "quota": "512M", "reserve": "64M"}}
        sites = {
            "hosts": {machine.name: {} for machine in (cls.north, cls.south)},
            "vars": {
                "tidemark_program": str(TARGET / "tidemark-program.tar.gz"),
                "tidemark_runtime": str(TARGET / "tidemark-runtime.tar.gz"),
                "tidemark_settings": small,
                **{f"tidemark_firewall_{what}": ["10.77.0.0/24"] for what in ("nbd", "link", "rest")},
            }}
        hosts = {machine.name: {"ansible_connection": "nspawn", "ansible_nspawn_leader": machine.leader, "ansible_host": machine.address,
                                "ansible_become": False}
                 for machine in cls.machines}
        guests = {"hosts": {"kvm": {}}, "vars": {"tidemark_appliance": "north", "tidemark_peer": "south", "tidemark_vms": [GUEST]}}
        inventory = {"all": {"hosts": hosts, "vars": {"tidemark_controller_folder": str(cls.controller)},
                             "children": {"tidemark_sites": sites, "tidemark_hosts": guests}}}
        (cls.folder / "inventory.json").write_text(json.dumps(inventory))

    def play(self, playbook, *more, fails=False):
        """Runs a playbook of the collection; gives what it said, and how many changes each host had."""
        environment = dict(os.environ, ANSIBLE_CONFIG=str(HERE / "ansible.cfg"), ANSIBLE_LOCAL_TEMP=str(self.folder / "local"),
                           ANSIBLE_NOCOLOR="1")
        name = playbook if "/" in playbook else f"tidemark.tidemark.{playbook}"
        log = self.folder / "said.log"
        with log.open("w") as out:
            done = subprocess.run(["ansible-playbook", "-i", self.folder / "inventory.json", name, *more], cwd=HERE, env=environment,
                                  stdout=out, stderr=subprocess.STDOUT, timeout=PLAY_SECONDS_MAX)
        said = log.read_text()
        self.assertEqual(done.returncode != 0, fails, said)
        for token in self.controller.glob("tokens/*"):
            self.assertNotIn(token.read_text().strip(), said, "a token is in what Ansible says")
        return said, {host: int(count) for host, count in re.findall(r"^(\S+)\s*: ok=\d+\s+changed=(\d+)", said, re.MULTILINE)}

    def ask(self, machine, method, path, body=None, statuses=("200", "201", "204")):
        """Asks as a person would who is not Ansible, over the network, with TLS."""
        token = (self.controller / "tokens" / machine.name).read_text().strip()
        settings = "\n".join((f'header = "Authorization: Bearer {token}"', 'header = "Content-Type: application/json"',
                              f'cacert = "{self.controller}/authority/current.crt"'))
        said = self.network.command(
            "curl", "--silent", "--show-error", "--max-time", "30", "--config", "-", "--request", method, "--write-out", "\n%{http_code}",
            *(["--data", json.dumps(body)] if body is not None else []), f"https://{machine.address}:8080{path}", input=settings)
        content, status = said.rsplit("\n", 1)
        self.assertIn(status, statuses, content)
        return json.loads(content) if content else None

    def test_01_two_sites_are_set_up(self):
        said, changed = self.play("site")
        print(said.split("PLAY RECAP")[1])
        self.assertGreater(min(changed.values()), 0)
        for machine in (self.north, self.south):
            peer = "south" if machine is self.north else "north"
            self.assertEqual(self.ask(machine, "GET", f"/api/v1/peers/{peer}")["link"]["state"], "shipping")

    def test_02_again_it_changes_nothing(self):
        said, changed = self.play("site")
        self.assertEqual(set(changed.values()), {0}, said)

    def test_03_it_is_as_safe_as_the_image(self):
        for machine in (self.north, self.south):
            self.assertEqual(machine.command("ps", "-o", "user=", "-C", "java").split(), ["tidemark"])
            self.assertIn("policy drop", machine.command("nft", "list", "ruleset"))
            self.assertEqual(machine.command("systemctl", "--failed", "--no-legend", "--plain").strip(), "")
            modes = machine.command("stat", "-c", "%n %U:%G %a", "/etc/tidemark/tls/site.key", "/etc/tidemark/tokens", "/etc/tidemark")
            self.assertEqual(modes.splitlines(), ["/etc/tidemark/tls/site.key root:tidemark 640", "/etc/tidemark/tokens root:tidemark 640",
                                                  "/etc/tidemark root:tidemark 750"])
            token = (self.controller / "tokens" / machine.name).read_text().strip()
            self.assertNotIn(token, machine.command("sh", "-c", "cat /etc/tidemark/tokens; journalctl -q; ps axww -o args"))
        for path in self.controller.rglob("*"):
            self.assertEqual(stat.S_IMODE(path.stat().st_mode) & 0o077 if path.suffix != ".crt" else 0, 0, f"others may read {path}")
        self.ask(self.north, "GET", "/api/v1/site")
        with self.assertRaises(AssertionError):
            self.network.command("curl", "--silent", "--max-time", "10", f"http://{self.north.address}:8080/api/v1/site")

    def test_04_what_is_written_at_one_site_is_at_the_other(self):
        self.ask(self.north, "PUT", "/api/v1/vms/shop", VM)
        self.overwrite(self.north)
        until("everything at south", lambda: self.ask(self.north, "GET", "/api/v1/vms/shop")["rpoSeconds"] == 0)
        drill = self.ask(self.south, "POST", "/api/v1/drills", {"vm": "shop", "point": "latest"})
        self.network.command("qemu-img", "compare", "-f", "raw", "-F", "raw", self.image, drill["disks"][0]["uri"])
        self.ask(self.south, "DELETE", f"/api/v1/drills/{drill['id']}?result=passed")


    def start_guest(self):
        """A guest whose disk is a file of its host, and slow enough not to be full before the test is over."""
        self.kvm.command("sh", "-c", "mkdir -p /guest && truncate -s 128M /guest/disk.raw")
        if not (self.kvm.system / "guest" / "kernel").exists():
            guest.make_system(self.kvm.system / "guest")
        command = guest.qemu("/guest", "write", "/guest/disk.raw,throttling.iops-total=60", "-qmp", "unix:/run/guest.qmp,server=on,wait=off")
        self.kvm.command("systemd-run", "--quiet", "--collect", "--unit=guest", "--property=StandardOutput=truncate:/guest/console", *command)

    def guest_said(self):
        return (self.kvm.system / "guest" / "console").read_text(errors="replace")

    def await_guest(self, more):
        began = guest.last("fsynced", self.guest_said())
        until(f"{more} more files of the guest", lambda: guest.last("fsynced", self.guest_said()) >= began + more)

    def guest_disk(self):
        return self.ask(self.north, "GET", "/api/v1/vms/guest")["disks"][0]

    def await_protected(self):
        until("the guest in sync", lambda: self.guest_disk()["intake"]["state"] == "in-sync")

    def protector_said(self):
        return self.kvm.command("journalctl", "--quiet", "--output=cat", "--unit=tidemark-protect@guest")

    def test_05_a_guest_is_protected_while_it_runs(self):
        self.start_guest()
        self.await_guest(5)
        self.play("protect")
        self.await_protected()
        said, changed = self.play("protect")
        self.assertEqual(changed, {"kvm": 0}, said)
        self.await_guest(5)
        self.compare_guest()
        token = (self.controller / "tokens" / "protect-kvm").read_text().strip()
        self.assertNotIn(token, self.kvm.command("sh", "-c", "journalctl -q; ps axww -o args"))

    def compare_guest(self):
        """What the guest had synced is in a point of the other site, and its file system is whole there."""
        synced, now = guest.last("fsynced", self.guest_said()), self.ask(self.north, "GET", "/api/v1/peers/south")["link"]["appended"]
        until("all that was synced at south", lambda: self.ask(
            self.south, "GET", "/api/v1/vms/guest/recovery-points?consistent=true&limit=1")[0]["sequence"] >= now)
        drill = self.ask(self.south, "POST", "/api/v1/drills", {"vm": "guest", "point": "latest"})
        console = self.network.command(*guest.qemu(self.kvm.system / "guest", "check", drill["disks"][0]["uri"]), timeout=PLAY_SECONDS_MAX)
        self.assertGreaterEqual(guest.last("whole", console), synced, console)
        self.assertIn("guest: e2fsck 0", console)
        self.ask(self.south, "DELETE", f"/api/v1/drills/{drill['id']}?result=passed")

    def test_06_what_protects_may_be_restarted(self):
        before = self.guest_disk()["intake"]
        self.kvm.command("systemctl", "restart", "tidemark-protect@guest")
        until("its start", lambda: self.protector_said().count("guest is registered") == 2)
        self.await_guest(3)
        self.assertEqual(self.guest_disk()["intake"], before)

    def test_07_an_appliance_that_was_away_is_caught_up_with(self):
        gaps, starts = self.guest_disk()["intake"]["gaps"], self.protector_said().count("system: start")
        self.north.command("systemctl", "stop", "tidemark-nbd.socket")  # and Tidemark, which whoever connects would start again
        self.await_guest(5)  # it goes on without
        self.north.command("systemctl", "start", "tidemark")
        until("a gap that was seen", lambda: self.guest_disk()["intake"]["gaps"] > gaps)
        self.await_protected()
        self.await_guest(3)
        self.assertEqual(self.protector_said().count("system: start"), starts, "QEMU knew what was missing: nothing was copied anew")
        self.compare_guest()

    def test_08_a_guest_that_is_started_again_is_attached_again(self):
        self.kvm.command("systemctl", "stop", "guest")
        until("the end of the guest", lambda: self.guest_disk()["intake"]["state"] == "suspect")
        self.start_guest()
        self.await_protected()
        self.await_guest(3)
        self.compare_guest()


    def test_09_a_drill_is_looked_at_and_its_result_kept(self):
        check = self.folder / "check"
        check.write_text(f"""#!/usr/bin/python3
import json, subprocess, sys
uri = json.load(sys.stdin)["disks"][0]["uri"]
sys.exit(subprocess.run({self.network.inside('qemu-img', 'compare', '-f', 'raw', '-F', 'raw', str(self.image))} + [uri]).returncode)
""")
        check.chmod(0o755)
        drill = ("drill", "-e", "tidemark_at=south", "-e", "tidemark_vm=shop")
        self.play(*drill, "-e", f"tidemark_check={check}")
        self.assertIn("lastDrillPassed", self.ask(self.south, "GET", "/api/v1/vms/shop"))
        said, _ = self.play(*drill, "-e", "tidemark_check=false", fails=True)
        results = [mark["result"] for point in self.ask(self.south, "GET", "/api/v1/vms/shop/recovery-points") for mark in point.get("drills", [])]
        self.assertEqual(results[-2:], ["passed", "failed"])
        self.assertEqual(self.ask(self.south, "GET", "/api/v1/drills"), [])

    def certificates(self):
        return [machine.command("openssl", "x509", "-noout", "-serial", "-issuer", "-in", "/etc/tidemark/tls/site.crt")
                for machine in (self.north, self.south)]

    def test_10_certificates_and_the_authority_are_renewed(self):
        before = self.certificates()
        self.play("renew", "-e", "tidemark_new_authority=true")
        self.assertFalse(set("".join(before).splitlines()) & set("".join(self.certificates()).splitlines()))
        self.await_shipping()
        # By now it is a machine as the image makes them: there is only something to be configured, and nothing to be changed.
        said, changed = self.play("site", "-e", "tidemark_install=false")
        self.assertEqual(set(changed.values()), {0}, said)

    def await_shipping(self):
        for machine, peer in ((self.north, "south"), (self.south, "north")):
            until("the link", lambda: self.ask(machine, "GET", f"/api/v1/peers/{peer}")["link"]["state"] == "shipping")

    def test_11_a_new_program_takes_over(self):
        newer = self.folder / "newer.tar"
        newer.write_bytes(gzip.decompress((TARGET / "tidemark-program.tar.gz").read_bytes()))
        (self.folder / "quarkus-app").mkdir()
        (self.folder / "quarkus-app" / "newer").touch()
        run("tar", "--append", f"--file={newer}", f"--directory={self.folder}", "quarkus-app/newer")
        self.play("upgrade", "-e", f"tidemark_program={newer}")
        for machine in (self.north, self.south):
            machine.command("test", "-e", "/usr/lib/tidemark/app/newer")
            self.assertEqual(len(machine.command("sh", "-c", "ls -d /usr/lib/tidemark/app-*").split()), 2, "the one before is there, too")
        self.await_shipping()
        self.network.command("qemu-img", "compare", "-f", "raw", "-F", "raw", self.image, self.ask(
            self.north, "GET", "/api/v1/vms/shop")["disks"][0]["uri"])

    def test_12_a_vm_moves_to_the_other_site_and_home(self):
        there = ("failover", "-e", "tidemark_at=south", "-e", "tidemark_vm=shop", "-e", "tidemark_planned=true")
        said, _ = self.play(*there, fails=True)
        self.assertIn("repeat with -e tidemark_confirm=shop", said)
        self.play(*there, "-e", "tidemark_confirm=shop")
        self.overwrite(self.south)
        self.play("failback", "-e", "tidemark_at=north", "-e", "tidemark_vm=shop", "-e", "tidemark_confirm=shop")
        vm = self.ask(self.north, "GET", "/api/v1/vms/shop")
        self.assertEqual(vm["role"], "source")
        self.network.command("qemu-img", "compare", "-f", "raw", "-F", "raw", self.image, vm["disks"][0]["uri"])

    def overwrite(self, machine):
        """New content for the disk of the VM where it runs now."""
        self.image.write_bytes(os.urandom(16 * MIB))
        uri = self.ask(machine, "GET", "/api/v1/vms/shop")["disks"][0]["uri"]
        self.network.command("qemu-img", "convert", "-n", "-f", "raw", "-O", "raw", self.image, uri)


if __name__ == "__main__":
    began = time.monotonic()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    try:
        outcome = unittest.main(verbosity=2, failfast=True, warnings="ignore", exit=False)
    finally:
        AnsibleTest.doClassCleanups()  # after an interrupt, nobody else does
    print(f"{time.monotonic() - began:.0f} s")
    sys.exit(not outcome.result.wasSuccessful())
