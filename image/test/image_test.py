#!/usr/bin/python3
"""Two machines that run the image under emulation: one is protected to the other, loses its power, and is replaced.

North boots by BIOS, south by UEFI, both from cloud-init seeds. `make image-test` sees to what this needs. It takes its
time: a start under emulation is minutes.
"""

import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import unittest

import nbd

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "appliance" / "tools"))
from machine import Machine, free_port, until  # noqa: E402
from sites import make_certificates  # noqa: E402

MIB = 1 << 20
JSON_VM = {"peer": "south", "disks": [{"name": "system", "sizeBytes": 16 * MIB, "attachMode": "direct"}],
           "definition": {"text": "<domain/>"}}


def block(number):
    return number.to_bytes(8, "little") * 512


def client(port, export):
    connection = nbd.NBD()
    connection.connect_uri(f"nbd://127.0.0.1:{port}/{export}")
    return connection


class ImageTest(unittest.TestCase):
    """One story, in the order of the names."""

    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory(prefix="tidemark-image-")
        cls.addClassCleanup(cls.temporary.cleanup)
        folder, cable = pathlib.Path(cls.temporary.name), [free_port(), free_port()]
        cls.north, cls.south = Machine(folder, "north", 1, cable, False), Machine(folder, "south", 2, cable[::-1], True)
        make_certificates(folder, [cls.north, cls.south])
        for machine in (cls.north, cls.south):
            cls.addClassCleanup(machine.end)
            machine.boot()

    def test_1_both_start_by_themselves(self):
        for machine in (self.north, self.south):
            seconds = machine.wait_until_ready()
            print(f"{machine.name}: ready {seconds:.0f} s after power on, under emulation")
            print(machine.ssh("systemd-analyze; systemctl show -p ExecMainStartTimestamp tidemark; "
                              "journalctl -q -u tidemark -o cat | grep 'started in'"))
        self.assertIn("firmware", self.south.ssh("ls /sys/firmware; test -d /sys/firmware/efi && echo firmware"))

    def test_2_the_machine_is_as_it_should_be(self):
        north = self.north
        self.assertEqual(north.ssh("systemctl --failed --no-legend --plain").strip(), "")
        self.assertEqual(north.ssh("findmnt -no FSTYPE,SOURCE /var/lib/tidemark").split()[0], "xfs")
        self.assertEqual(north.ssh("/usr/sbin/sysctl -n net.ipv4.tcp_congestion_control net.core.default_qdisc").split(), ["bbr", "fq"])
        self.assertEqual(north.ssh("ps -o user= -C java").split(), ["tidemark"])
        self.assertIn("-XX:AOTCache=", north.ssh("ps -o args= -C java"))
        self.assertEqual(north.ssh("sudo systemctl is-active chrony prometheus-node-exporter unattended-upgrades tidemark-nbd.socket").split(), ["active"] * 4)
        self.assertIn("Valid", north.ssh("sudo cloud-init schema --system"))
        root = north.ssh("df --output=size -B1 / | tail -n 1")
        self.assertGreater(int(root), 7 << 30, "the root file system takes the whole disk")

    def test_3_nobody_gets_in_who_should_not(self):
        north = self.north
        rules = north.ssh("sudo nft list ruleset")
        self.assertIn("policy drop", rules)
        self.assertIn("10.0.2.0/24", rules)
        # What nft does not take changes nothing.
        wrong = "echo 'add element inet tidemark nowhere { 0.0.0.0/0 }' | sudo tee /etc/nftables.d/wrong.nft"
        reload = "sudo systemctl reload nftables && echo taken || echo refused; sudo rm /etc/nftables.d/wrong.nft"
        self.assertIn("refused", north.ssh(f"{wrong}; {reload}"))
        self.assertEqual(north.ssh("sudo nft list ruleset"), rules)
        # It listens, and the firewall has no room for us.
        self.assertIn(":9100", north.ssh("ss -Hltn"))
        with socket.create_connection(("127.0.0.1", north.node), timeout=20) as closed:
            closed.settimeout(10)
            closed.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
            try:
                self.assertEqual(closed.recv(1), b"")
            except (TimeoutError, ConnectionError):
                pass
        with self.assertRaises(subprocess.CalledProcessError) as refusal:
            north.ssh("true", "-o", "PreferredAuthentications=password,keyboard-interactive", "-o", "PubkeyAuthentication=no")
        self.assertIn("(publickey)", refusal.exception.stderr)
        self.assertEqual(north.ssh("sudo awk -F: '$2 !~ /^[!*]/ { print $1 }' /etc/shadow").strip(), "", "accounts with a password")

    def test_4_a_vm_is_protected(self):
        north, south = self.north, self.south
        south.ask("PUT", "/api/v1/peers/north", {})
        north.ask("PUT", "/api/v1/peers/south", {"addresses": ["10.9.0.2:10810"]})
        until("the protection of the VM", lambda: north.ask("PUT", "/api/v1/vms/shop", JSON_VM))
        connection = client(north.nbd, "shop/system")
        for number in range(1, 257):
            connection.pwrite(block(number), number * 4096)
        connection.flush()
        connection.shutdown()
        until("everything at south", lambda: north.ask("GET", "/api/v1/vms/shop")["rpoSeconds"] == 0)

    def test_5_its_site_is_lost_and_the_other_has_it(self):
        self.north.pull_the_plug()
        drill = self.south.ask("POST", "/api/v1/drills", {"vm": "shop", "point": "latest"})
        export = drill["disks"][0]["uri"].split("/", 3)[3]
        connection = client(self.south.nbd, export)
        for number in range(1, 257):
            self.assertEqual(bytes(connection.pread(4096, number * 4096)), block(number))
        connection.shutdown()
        self.south.ask("DELETE", f"/api/v1/drills/{drill['id']}")

    def test_6_without_its_journal_disk_a_new_system_refuses_and_with_it_goes_on(self):
        north = self.north
        north.boot(with_journal=False)
        refusal = "There is no journal disk"
        until("a refusal", lambda: refusal in north.ssh("sudo journalctl -q -u tidemark -o cat"))
        self.assertEqual(north.ssh("sudo find /var/lib/tidemark -mindepth 1").strip(), "", "nothing is written to the system disk")
        self.assertNotEqual(north.ssh("systemctl is-active tidemark || true").strip(), "active")

        north.plug_in_journal()

        north.wait_until_ready()
        # It was killed: the guest has to be told of.
        north.ask("POST", "/api/v1/vms/shop/guest-restarted", {})
        connection = client(north.nbd, "shop/system")
        self.assertEqual(bytes(connection.pread(4096, 4096 * 256)), block(256))
        connection.pwrite(block(999), 0)
        connection.flush()
        connection.shutdown()
        until("everything at south", lambda: north.ask("GET", "/api/v1/vms/shop")["rpoSeconds"] == 0)


if __name__ == "__main__":
    began = time.monotonic()
    outcome = unittest.main(verbosity=2, failfast=True, warnings="ignore", exit=False)
    print(f"{time.monotonic() - began:.0f} s")
    sys.exit(not outcome.result.wasSuccessful())
