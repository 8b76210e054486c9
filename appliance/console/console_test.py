#!/usr/bin/python3
"""Holds the console against two appliances, as a person uses it: in a headless Chromium, by mouse and by keyboard.

A VM is protected at one site and kept at the other. Somebody signs in, looks, drills, and fails over; screenshots in light, in dark,
and as a phone shows it are left in appliance/target/console for people to look at. Needs Debian's chromium, chromium-driver,
python3-selenium, qemu-utils and openssl; `make console-test` sees to that.
"""

import json
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest

from selenium import webdriver
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tools"))
from sites import TIDEMARK, Site, make_certificates, run  # noqa: E402

SCREENSHOTS = HERE.parent / "target" / "console"
PATIENCE_SECONDS = 90
DESKTOP, PHONE = (1280, 900), (360, 740)
PAGES = {"site": "", "vm": "/vms/shop", "group": "/groups/webshop", "drills": "/drills", "failovers": "/failovers", "events": "/events"}


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def until(what, condition):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            found = condition()
            if found:
                return found
        except (NoSuchElementException, StaleElementReferenceException):
            pass
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not happen")
        time.sleep(0.2)


class GuardedSite(Site):
    """A site that wants tokens."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.tokens = {}
        lines = []
        for role in ("viewer", "operator", "admin"):
            made = subprocess.run([TIDEMARK, "token", f"the-{role}", role], capture_output=True, text=True, check=True)
            self.tokens[role] = made.stdout.strip()
            lines.append(made.stderr.strip().splitlines()[-1])
        file = self.data / "tokens"
        file.write_text("\n".join(lines) + "\n")
        self.environment["TIDEMARK_REST_TOKENS_FILE"] = str(file)

    def fetch(self, method, path, body=None):
        import urllib.request
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.http}{path}", method=method,
            data=json.dumps(body).encode() if body is not None else None,
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {self.tokens['admin']}"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read().decode()

    def console(self, path=""):
        return f"http://127.0.0.1:{self.http}/console{path}"

    def audited(self):
        return [json.loads(line) for line in (self.data / "audit.jsonl").read_text().splitlines()]


class Browser:
    """A Chromium of its own, with nothing in it."""

    def __init__(self, size=DESKTOP, dark=False):
        self.profile = tempfile.mkdtemp(prefix="tidemark-chromium-")
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for flag in ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                     "--disable-background-networking", "--disable-component-update", "--disable-sync",
                     "--disable-dev-shm-usage", f"--user-data-dir={self.profile}", f"--window-size={size[0]},{size[1]}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        self.driver.set_page_load_timeout(PATIENCE_SECONDS)
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size == PHONE})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})

    def close(self):
        self.driver.quit()
        shutil.rmtree(self.profile, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def go(self, url):
        self.driver.get(url)

    def find(self, css):
        return self.driver.find_element(By.CSS_SELECTOR, css)

    def all(self, css):
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def text(self):
        return self.find("main").text

    def button(self, words):
        return self.driver.find_element(By.XPATH, f"//button[contains(., '{words}')]")

    def press(self, words):
        """Presses a button as somebody without a mouse does."""
        self.button(words).send_keys(Keys.ENTER)

    def sign_in(self, site, role):
        self.go(site.console())
        until("the form", lambda: self.find("#token"))
        self.find("#token").send_keys(site.tokens[role] + Keys.ENTER)
        until("the site's page", lambda: "Site " + site.name in self.text())

    def complaints(self):
        """What the browser had against the pages: scripts that failed, what the policy has refused."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]

    def asked_hosts(self):
        """The hosts that it has sent a request to."""
        hosts = set()
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                url = message["params"]["request"]["url"]
                if url.startswith("http"):
                    hosts.add(url.split("/")[2])
        return hosts

    def shoot(self, name):
        """The whole page, however long it is."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        width, height = self.driver.execute_script("return [innerWidth, Math.min(4000, document.documentElement.scrollHeight)]")
        shot = self.driver.execute_cdp_cmd("Page.captureScreenshot", {
            "captureBeyondViewport": True, "clip": {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}})
        import base64
        (SCREENSHOTS / f"{name}.png").write_bytes(base64.b64decode(shot["data"]))


class ConsoleTest(unittest.TestCase):
    """Runs in the order of the names: the last ones change what the others look at."""

    @classmethod
    def setUpClass(cls):
        shutil.rmtree(SCREENSHOTS, ignore_errors=True)
        cls.temporary = tempfile.TemporaryDirectory(prefix="tidemark-console-")
        cls.addClassCleanup(cls.temporary.cleanup)
        folder = pathlib.Path(cls.temporary.name)
        cls.north, cls.south = [
            GuardedSite(name, folder, *(free_port() for _ in range(3)), settings={"TIDEMARK_JOURNAL_SEGMENT_BYTES": "8M"})
            for name in ("north", "south")]
        make_certificates(folder, [cls.north, cls.south])
        for site in (cls.north, cls.south):
            site.__enter__()
            cls.addClassCleanup(site.__exit__)
        for site in (cls.north, cls.south):
            site.wait_for_start()
        cls.protect()

    @classmethod
    def protect(cls):
        cls.south.ask("PUT", "/peers/north", {"addresses": [f"127.0.0.1:{cls.north.link}"]})
        cls.north.ask("PUT", "/peers/south", {"addresses": [f"127.0.0.1:{cls.south.link}"]})
        for order, vm in enumerate(("shop", "shop-db")):
            cls.north.ask("PUT", f"/vms/{vm}", {
                "peer": "south", "group": {"name": "webshop", "startOrder": order},
                "disks": [{"name": "system", "sizeBytes": 16 << 20, "attachMode": "direct"},
                          {"name": "data", "sizeBytes": 8 << 20, "attachMode": "direct"}]})
        for number in range(6):
            run("qemu-io", "-f", "raw", "-c", f"write -P {number + 1} {number * 65536} 64k", "-c", "flush",
                f"nbd://127.0.0.1:{cls.north.nbd}/shop/system")
        until("points of the group", lambda: len(cls.points()) >= 4)

    @classmethod
    def points(cls):
        try:
            return cls.south.ask("GET", "/groups/webshop/recovery-points?consistent=true")
        except OSError:
            return []

    def test_1_nobody_sees_anything_without_a_token(self):
        with Browser() as browser:
            for path in PAGES.values():
                browser.go(self.north.console(path))
                self.assertEqual(browser.driver.current_url, self.north.console("/sign-in"))
            browser.shoot("sign-in-light")
            browser.find("#token").send_keys("nobodys" + Keys.ENTER)
            until("the refusal", lambda: "Nobody holds this token" in browser.text())
            self.assertEqual(browser.find("[role=alert]").text, "Nobody holds this token.")

    def test_2_a_viewer_looks_and_is_offered_nothing_to_do(self):
        with Browser() as browser:
            browser.sign_in(self.south, "viewer")
            cookie = browser.driver.get_cookie("tidemark-console")
            self.assertTrue(cookie["httpOnly"])
            self.assertEqual(cookie["sameSite"], "Strict")
            self.assertEqual(browser.driver.execute_script("return document.cookie"), "")
            browser.find("tbody a").send_keys(Keys.ENTER)
            until("its points", lambda: "Recovery points" in browser.text())
            self.assertFalse([button for button in browser.all("main button")])
            browser.press("Sign out")
            until("the form", lambda: browser.find("#token"))
            browser.go(self.south.console())
            self.assertEqual(browser.driver.current_url, self.south.console("/sign-in"))

    def test_3_every_page_looks_right_everywhere(self):
        for look, size, dark in (("light", DESKTOP, False), ("dark", DESKTOP, True), ("phone", PHONE, False), ("phone-dark", PHONE, True)):
            with Browser(size, dark) as browser:
                for site in (self.north, self.south):
                    browser.sign_in(site, "admin")
                    for page, path in PAGES.items():
                        browser.go(site.console(path))
                        if site is self.north and page == "vm":
                            until("the chart", lambda: browser.find(".uplot canvas"))
                            until("its words", lambda: "at its worst" in browser.find("figcaption").text)
                        self.assertEqual(len(browser.all("h1")), 1)
                        self.assertEqual(browser.find("html").get_attribute("lang"), "en")
                        wide = browser.driver.execute_script(
                            "return document.documentElement.scrollWidth - document.documentElement.clientWidth")
                        self.assertLessEqual(wide, 0, f"{page} is wider than a {look} screen")
                        nameless = browser.driver.execute_script(
                            "return [...document.querySelectorAll('input:not([type=hidden])')]"
                            ".filter(each => !each.labels.length && !each.ariaLabel).map(each => each.outerHTML)")
                        self.assertEqual(nameless, [], f"inputs without a label in {page}")
                        browser.shoot(f"{site.name}-{page}-{look}")
                self.assertEqual(browser.complaints(), [])
                own = {f"127.0.0.1:{site.http}" for site in (self.north, self.south)}
                self.assertLessEqual(browser.asked_hosts(), own)

    def test_4_what_is_shown_is_refreshed(self):
        with Browser() as browser:
            browser.sign_in(self.north, "viewer")
            self.north.ask("PUT", "/peers/north-east", {"addresses": ["127.0.0.1:9"]})
            until("the new peer", lambda: "north-east" in browser.text())

    def test_5_a_drill_by_the_keyboard_alone(self):
        with Browser() as browser:
            browser.sign_in(self.south, "operator")
            browser.go(self.south.console("/vms/shop"))
            self.assertFalse([button for button in browser.all("main button.danger")], "an operator fails nothing over")
            browser.press("Drill at this point")
            until("the question", lambda: browser.find("h1").text == "Drill VM shop")
            browser.shoot("recover-drill-light")
            browser.press("Start the drill")
            until("the drill", lambda: "nbd://" in browser.text())
            drill = self.south.ask("GET", "/drills")[0]
            run("qemu-img", "info", drill["disks"][0]["uri"])
            browser.shoot("south-drills-open-light")
            browser.find("input[value=passed]").send_keys(Keys.SPACE)
            browser.find("input[name=note]").send_keys("it <b>boots</b>")
            browser.press("End the drill")
            until("its end", lambda: "There is no drill" in browser.text())
            browser.go(self.south.console("/vms/shop"))
            self.assertIn("passed: it <b>boots</b>", browser.text())
        entries = [(each["who"], each["method"], each["status"]) for each in self.south.audited() if "/console" in each["target"]]
        self.assertEqual(entries.count(("the-operator", "POST", 303)), 2)

    def test_6_a_failover_wants_the_name(self):
        with Browser() as browser:
            browser.sign_in(self.south, "admin")
            browser.go(self.south.console("/groups/webshop"))
            browser.press("Fail over to this point")
            until("the question", lambda: browser.find("h1").text == "Fail over group webshop")
            browser.shoot("recover-failover-light")
            browser.find("#planned").send_keys(Keys.SPACE)
            browser.find("#confirm").send_keys("webshoe" + Keys.ENTER)
            until("the refusal", lambda: "is not the name" in browser.text())
            browser.shoot("refusal-light")
            self.assertEqual(self.south.ask("GET", "/failovers"), [])
            browser.driver.back()
            until("the question again", lambda: browser.find("#confirm"))
            browser.find("#planned").send_keys(Keys.SPACE)
            browser.find("#confirm").clear()
            browser.find("#confirm").send_keys("webshop" + Keys.ENTER)
            until("the failovers", lambda: browser.find("h1").text == "Failovers")
            until("both", lambda: browser.text().count("planned") == 2)
            browser.shoot("south-failovers-done-light")
            browser.sign_in(self.north, "viewer")
            until("the fence", lambda: "fenced: site south is its source" in browser.text())
            browser.shoot("north-site-fenced-light")


if __name__ == "__main__":
    unittest.main(verbosity=2)
