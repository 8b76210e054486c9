#!/usr/bin/python3
"""Two booted containers become appliances, and peers of each other, by the roles alone; a third is a host of guests.

`make ansible-test` sees to what this needs. Everything is in containers and network namespaces that end with it.
"""

import contextlib
import json
import os
import pathlib
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from container import TARGET, Container, Network, make_tree, run, until  # noqa: E402

MIB = 1 << 20
PLAY_SECONDS_MAX = 1200
VM = {"peer": "south", "disks": [{"name": "system", "sizeBytes": 16 * MIB, "attachMode": "direct"}], "definition": {"text": "<domain/>"}}


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
        cls.machines = [cls.north, cls.south]
        cls.controller = cls.folder / "controller"
        cls.write_inventory()

    @classmethod
    def write_inventory(cls):
        small = {"nbd": {"advertise": "{{ ansible_host }}:10809"}, "journal": {"segment-bytes": "8M", "quota": "512M", "reserve": "64M"}}
        sites = {
            "hosts": {machine.name: {} for machine in (cls.north, cls.south)},
            "vars": {
                "tidemark_controller_folder": str(cls.controller),
                "tidemark_program": str(TARGET / "tidemark-program.tar.gz"),
                "tidemark_runtime": str(TARGET / "tidemark-runtime.tar.gz"),
                "tidemark_settings": small,
                **{f"tidemark_firewall_{what}": ["10.77.0.0/24"] for what in ("nbd", "link", "rest")},
            }}
        hosts = {machine.name: {"ansible_connection": "nspawn", "ansible_nspawn_leader": machine.leader, "ansible_host": machine.address,
                                "ansible_become": False}
                 for machine in cls.machines}
        inventory = {"all": {"hosts": hosts, "children": {"tidemark_sites": sites}}}
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

    def test_1_two_sites_are_set_up(self):
        said, changed = self.play("site")
        print(said.split("PLAY RECAP")[1])
        self.assertGreater(min(changed.values()), 0)
        for machine in (self.north, self.south):
            peer = "south" if machine is self.north else "north"
            self.assertEqual(self.ask(machine, "GET", f"/api/v1/peers/{peer}")["link"]["state"], "shipping")

    def test_2_again_it_changes_nothing(self):
        said, changed = self.play("site")
        self.assertEqual(set(changed.values()), {0}, said)

    def test_3_it_is_as_safe_as_the_image(self):
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

    def test_4_what_is_written_at_one_site_is_at_the_other(self):
        vm = self.ask(self.north, "PUT", "/api/v1/vms/shop", VM)
        image = self.folder / "image.raw"
        image.write_bytes(os.urandom(16 * MIB))
        self.network.command("qemu-img", "convert", "-n", "-f", "raw", "-O", "raw", image, vm["disks"][0]["uri"])
        until("everything at south", lambda: self.ask(self.north, "GET", "/api/v1/vms/shop")["rpoSeconds"] == 0)
        drill = self.ask(self.south, "POST", "/api/v1/drills", {"vm": "shop", "point": "latest"})
        self.network.command("qemu-img", "compare", "-f", "raw", "-F", "raw", image, drill["disks"][0]["uri"])
        self.ask(self.south, "DELETE", f"/api/v1/drills/{drill['id']}?result=passed")


if __name__ == "__main__":
    began = time.monotonic()
    outcome = unittest.main(verbosity=2, failfast=True, warnings="ignore", exit=False)
    print(f"{time.monotonic() - began:.0f} s")
    sys.exit(not outcome.result.wasSuccessful())
