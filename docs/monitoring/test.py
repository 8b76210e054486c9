#!/usr/bin/python3
"""Holds the alert rules and the dashboard against two appliances that a real Prometheus scrapes.

A source and a replica run on loopback, with a protected VM, one that is shipped to an NBD server, and a drill. Every metric
that a rule or the dashboard names has to be there, every expression has to be one, and when the replica is stopped the
alerts for that have to come up. Needs Debian's prometheus, qemu-utils, python3-libnbd, python3-yaml and openssl; `make
monitoring-test` sees to that.
"""

import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse
import urllib.request

import nbd
import yaml

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "appliance" / "tools"))
from sites import Site, make_certificates  # noqa: E402

JCMD = pathlib.Path(os.environ["JAVA_HOME"], "bin", "jcmd")
PATIENCE_SECONDS = 60
MIB = 1 << 20
RULES = yaml.safe_load((HERE / "alerts.yaml").read_text())["groups"][0]["rules"]
DASHBOARD = json.loads((HERE / "dashboard.json").read_text())
OPERATIONS = (HERE.parent / "operations.md").read_text()

# What of PromQL looks like a metric, but is none. Names of labels are cut away by `metrics`.
WORDS = {"and", "or", "unless", "on", "by", "without", "bool", "offset", "Inf", "ignoring", "group_left", "group_right"}


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def until(what, condition):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not happen")
        time.sleep(0.2)


def panels():
    """The panels of the dashboard, those in rows too."""
    for panel in DASHBOARD["panels"]:
        yield panel
        yield from panel.get("panels", [])


def expressions():
    """Every expression there is, and where it stands. Grafana's variables are given values."""
    for rule in RULES:
        yield rule["alert"], rule["expr"]
    for panel in panels():
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"].replace("$__rate_interval", "1m").replace("$instance", ".*")
    for variable in DASHBOARD["templating"]["list"]:
        if variable["type"] == "query":
            name = re.fullmatch(r"label_values\((\w+), \w+\)", variable["query"]["query"])
            yield "variable " + variable["name"], name.group(1)


def metrics(expression):
    """The names of the metrics in an expression."""
    bare = re.sub(r'"[^"]*"', "", expression)
    bare = re.sub(r"\{[^}]*\}|\[[^]]*\]", "", bare)
    bare = re.sub(r"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)", "", bare)
    names = re.findall(r"(?<![\w.])[A-Za-z_:][\w:]*(?!\w)(?!\s*\()", bare)
    return {name for name in names if name not in WORDS}


class Prometheus:
    """A Prometheus that scrapes every second and knows our rules, with no wait before an alert fires but the rule's own."""

    def __init__(self, folder, targets):
        self.port = free_port()
        settings = yaml.safe_load((HERE / "prometheus.yaml").read_text())
        settings["global"] = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
        settings["rule_files"] = [str(HERE / "alerts.yaml")]
        settings["scrape_configs"][0]["static_configs"] = [{"targets": targets}]
        (folder / "prometheus.yaml").write_text(yaml.safe_dump(settings))
        self.log = folder / "prometheus.log"
        self.process = subprocess.Popen(
            ["prometheus", f"--config.file={folder}/prometheus.yaml", f"--storage.tsdb.path={folder}/prometheus",
             f"--web.listen-address=127.0.0.1:{self.port}"],
            stdout=self.log.open("w"), stderr=subprocess.STDOUT)

    def ask(self, path, **parameters):
        url = f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refusal:
            return json.load(refusal)
        except (urllib.error.URLError, ConnectionError):
            return {"status": "away", "data": {}}

    def values(self, expression):
        return self.ask("query", query=expression)["data"].get("result", [])

    def alerts(self):
        """The alerts that are waiting or firing, with the instance each is about."""
        return {(alert["labels"]["alertname"], alert["labels"].get("instance"))
                for alert in self.ask("alerts")["data"].get("alerts", [])}

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


class MonitoringTest(unittest.TestCase):
    """Runs in the order of the names: the last one stops the replica."""

    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory(prefix="tidemark-monitoring-")
        cls.addClassCleanup(cls.temporary.cleanup)
        folder = pathlib.Path(cls.temporary.name)
        cls.north, cls.south = [
            Site(name, folder, *(free_port() for _ in range(3)), settings={"TIDEMARK_JOURNAL_SEGMENT_BYTES": "8M"})
            for name in ("north", "south")]
        make_certificates(folder, [cls.north, cls.south])
        for site in (cls.north, cls.south):
            site.__enter__()
            cls.addClassCleanup(site.__exit__)
        store = cls.store(folder)
        cls.prometheus = Prometheus(folder, [cls.instance(site) for site in (cls.north, cls.south)])
        cls.addClassCleanup(cls.prometheus.stop)
        for site in (cls.north, cls.south):
            site.wait_for_start()
        cls.protect(store)
        cls.collect_garbage()
        # Two samples are what a rate takes.
        until("two scrapes after the drill and the collections", lambda: len(cls.prometheus.values(
            'count_over_time(tidemark_drill_age_seconds[1m]) > 2')) == 1
            and len(cls.prometheus.values("count_over_time(jvm_gc_pause_seconds_sum[1m]) > 2")) >= 2)

    @classmethod
    def store(cls, folder):
        """An NBD server of others, with an export of 8 MiB."""
        image, port = folder / "store.raw", free_port()
        image.touch()
        with image.open("r+b") as file:
            file.truncate(8 * MIB)
        server = subprocess.Popen(["qemu-nbd", "-t", "-f", "raw", "-b", "127.0.0.1", "-p", str(port), "-e", "8", str(image)])
        cls.addClassCleanup(server.wait)
        cls.addClassCleanup(server.terminate)
        return f"nbd://127.0.0.1:{port}/"

    @classmethod
    def protect(cls, store):
        """Protects a VM at each kind of peer, writes to them, and drills what has a replica."""
        north, south = cls.north, cls.south
        south.ask("PUT", "/peers/north", {})
        north.ask("PUT", "/peers/south", {"addresses": [f"127.0.0.1:{south.link}"]})
        north.ask("PUT", "/peers/store", {"kind": "nbd", "addresses": [store]})
        disk = {"name": "system", "sizeBytes": 8 * MIB, "attachMode": "direct"}
        for vm, peer in (("shop", "south"), ("tape", "store")):
            registered = north.ask("PUT", f"/vms/{vm}", {"peer": peer, "disks": [disk]})
            client = nbd.NBD()
            client.connect_uri(registered["disks"][0]["uri"])
            client.pwrite(b"tidemark" * 512, 0)
            client.flush()
            client.pread(4096, 0)
            client.shutdown()
        south.wait_until("a consistent point", lambda: south.ask("GET", "/vms/shop/recovery-points?consistent=true"))
        south.ask("POST", "/drills", {"vm": "shop", "point": "latest"})

    @classmethod
    def collect_garbage(cls):
        """Has both sites collect garbage: Micrometer knows no pause before there was one, and none may come by itself in a short test."""
        for site in (cls.north, cls.south):
            subprocess.run([JCMD, str(site.process.pid), "GC.run"], check=True, capture_output=True)

    @staticmethod
    def instance(site):
        return f"127.0.0.1:{site.http}"

    def test_1_what_is_scraped_is_as_prometheus_wants_it(self):
        for site in (self.north, self.south):
            # The older of the two formats, which promtool reads.
            request = urllib.request.Request(f"http://{self.instance(site)}/q/metrics",
                                             headers={"Accept": "text/plain; version=0.0.4"})
            with urllib.request.urlopen(request, timeout=30) as answer:
                check = subprocess.run(["promtool", "check", "metrics"], input=answer.read(), capture_output=True)
            self.assertEqual((check.returncode, check.stdout, check.stderr), (0, b"", b""), site.name)

    def test_2_every_metric_that_is_named_is_there(self):
        there = set(self.prometheus.ask("label/__name__/values")["data"])
        for where, expression in expressions():
            named = metrics(expression)
            self.assertTrue(named, f"{where}: no metric is found in {expression}")
            self.assertEqual(named - there, set(), where)

    def test_3_every_expression_is_one(self):
        for where, expression in expressions():
            answer = self.prometheus.ask("query", query=expression)
            self.assertEqual(answer["status"], "success", f"{where}: {expression}: {answer.get('error')}")

    def test_4_every_panel_shows_something(self):
        """Of two sites that have just done some of everything."""
        for panel in panels():
            for target in panel.get("targets", []):
                expression = target["expr"].replace("$__rate_interval", "10s").replace("$instance", ".*")
                until(f"a value of {expression!r}, panel {panel['title']!r},",
                      lambda asked=expression: self.prometheus.values(asked))

    def test_5_the_dashboard_can_be_imported(self):
        self.assertEqual(DASHBOARD["uid"], "tidemark")
        self.assertIn("datasource", {variable["name"] for variable in DASHBOARD["templating"]["list"]})
        numbers = [panel["id"] for panel in panels()]
        self.assertEqual(len(numbers), len(set(numbers)))
        for panel in panels():
            if panel["type"] != "row":
                self.assertEqual(panel["datasource"], {"type": "prometheus", "uid": "${datasource}"}, panel["title"])
                self.assertTrue(panel["targets"], panel["title"])

    def test_6_every_alert_is_in_the_runbook_and_every_metric_in_the_list(self):
        for rule in RULES:
            self.assertTrue(f"\n### {rule['alert']}\n" in OPERATIONS, f"{rule['alert']} is not in section 9")
            self.assertEqual(rule["annotations"]["runbook"], "docs/operations.md#" + rule["alert"].lower())
            self.assertIn(rule["labels"]["severity"], {"critical", "warning", "info"})
        listed = re.findall(r"^\| `tidemark.*?\|", OPERATIONS, re.MULTILINE)
        text = " ".join(listed)
        for name in self.prometheus.ask("label/__name__/values")["data"]:
            if name.startswith("tidemark_"):
                stem = re.sub(r"_(bucket|sum|count|max)$", "", name)
                last = re.match(r"tidemark_(?:[a-z]+)(_.*)$", stem)
                self.assertTrue(stem in text or last and last.group(1) in text, f"{name} is not in section 6")

    def test_7_rules_hold_their_unit_tests(self):
        for command in (["check", "rules", "alerts.yaml"], ["test", "rules", "alerts_test.yaml", "alerts_slow_test.yaml"]):
            done = subprocess.run(["promtool", *command], cwd=HERE, capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        tested = "".join((HERE / name).read_text() for name in ("alerts_test.yaml", "alerts_slow_test.yaml"))
        for rule in RULES:
            self.assertRegex(tested, rf"alertname: {rule['alert']}\n\s+exp_alerts:\n", rule["alert"] + " never fires")

    def test_8_a_quiet_pair_calls_nobody(self):
        # A drill is open, and the certificates of the moment expire tomorrow.
        expected = {"TidemarkDrillForgotten", "TidemarkCertificateExpires"}
        self.assertEqual({name for name, instance in self.prometheus.alerts()} - expected, set())
        for group in self.prometheus.ask("rules")["data"]["groups"]:
            for rule in group["rules"]:
                self.assertEqual(rule["health"], "ok", rule)

    def test_9_a_replica_that_is_gone_is_noticed(self):
        self.south.process.kill()
        self.south.process.wait()
        expected = {("TidemarkDown", self.instance(self.south)), ("TidemarkLinkDown", self.instance(self.north))}
        until(f"{expected} among the alerts", lambda: expected <= self.prometheus.alerts())


if __name__ == "__main__":
    unittest.main(verbosity=2, warnings="ignore")
