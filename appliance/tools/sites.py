"""Appliances in processes of their own: what the demonstration and the measurements start, ask and stop."""

import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request

TIDEMARK = pathlib.Path(__file__).resolve().parent.parent / "bin" / "tidemark"
PATIENCE_SECONDS = 60


def run(*command):
    """What a command prints; its failure ends the program."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"'{' '.join(map(str, command))}' has failed:\n{done.stdout}{done.stderr}")
    return done.stdout


class Site:
    """An appliance in a process of its own.

    `settings` are environment variables; `network` is a context in which the appliance is started and asked, for one
    that lives in a network namespace; `link_host` is the address it listens on for its peers.
    """

    def __init__(self, name, folder, http, nbd_port, link, settings=None, network=contextlib.nullcontext,
                 link_host="127.0.0.1", popen=subprocess.Popen):
        self.name, self.http, self.nbd, self.link, self.link_host = name, http, nbd_port, link, link_host
        self.network, self.popen = network, popen
        self.data = folder / name
        self.log = folder / f"{name}.log"
        (self.data / "tls").mkdir(parents=True, exist_ok=True)
        self.environment = dict(
            os.environ,
            QUARKUS_HTTP_PORT=str(http),
            TIDEMARK_SITE_NAME=name,
            TIDEMARK_DATA_DIRECTORY=str(self.data),
            TIDEMARK_NBD_LISTEN=f"127.0.0.1:{nbd_port}",
            TIDEMARK_LINK_LISTEN=f"{link_host}:{link}",
            **(settings or {}),
        )
        self.process = None

    def start(self):
        with self.network():
            return self.popen([str(TIDEMARK)], env=self.environment, stdout=self.log.open("a"),
                              stderr=subprocess.STDOUT)

    def __enter__(self):
        self.process = self.start()
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)

    def fetch(self, method, path, body=None):
        """The text of an answer."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.http}{path}",
            method=method,
            data=json.dumps(body).encode() if body is not None else None,
            headers={"Content-Type": "application/json"},
        )
        with self.network(), urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read().decode()

    def ask(self, method, path, body=None):
        text = self.fetch(method, f"/api/v1{path}", body)
        return json.loads(text) if text else None

    def wait_until(self, what, condition, patience_seconds=PATIENCE_SECONDS):
        deadline = time.monotonic() + patience_seconds
        while True:
            try:
                if condition():
                    return
            except (urllib.error.URLError, ConnectionError):
                pass
            if self.process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"site {self.name}: {what} did not happen; its log:\n" + self.log.read_text()[-4000:])
            time.sleep(0.1)

    def wait_for_start(self):
        self.wait_until("the start", lambda: self.ask("GET", "/site"))


def make_certificates(folder, sites):
    """An authority of the moment, and a certificate for each site that bears its name."""
    authority = folder / "authority"
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
        "-subj", "/CN=authority of the moment", "-keyout", f"{authority}.key", "-out", f"{authority}.crt")
    for site in sites:
        own = site.data / "tls" / "site"
        run("openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-subj", f"/CN={site.name}", "-keyout", f"{own}.key", "-out", f"{own}.csr")
        extensions = folder / "extensions"
        extensions.write_text(f"subjectAltName=DNS:{site.name}\n")
        run("openssl", "x509", "-req", "-in", f"{own}.csr", "-CA", f"{authority}.crt", "-CAkey", f"{authority}.key",
            "-CAcreateserial", "-days", "2", "-extfile", extensions, "-out", f"{own}.crt")
        shutil.copy(f"{authority}.crt", site.data / "tls" / "authorities.crt")
