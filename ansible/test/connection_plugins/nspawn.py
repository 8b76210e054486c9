"""Goes into a container of this machine, by the number of its first process: for the tests, which have no ssh and no machined."""

import shlex
import subprocess

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.connection import ConnectionBase

DOCUMENTATION = """
name: nspawn
short_description: Runs tasks in a container of this machine
description: Enters the namespaces of a process.
author: The Tidemark authors
options:
  leader:
    description: The number of the container's first process, as this machine sees it.
    type: int
    required: true
    vars:
      - name: ansible_nspawn_leader
"""


class Connection(ConnectionBase):
    transport = "nspawn"
    has_pipelining = True

    def _connect(self):
        self._connected = True
        return self

    def close(self):
        self._connected = False

    def _run(self, command, stdin=None):
        entered = ["nsenter", "--target", str(self.get_option("leader")), "--all", "env", "--chdir=/", "-i", "HOME=/root",
                   "LANG=C.UTF-8", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "/bin/sh", "-c", command]
        done = subprocess.run(entered, input=stdin, capture_output=True)
        return done.returncode, done.stdout, done.stderr

    def exec_command(self, cmd, in_data=None, sudoable=True):
        super().exec_command(cmd, in_data=in_data, sudoable=sudoable)
        return self._run(cmd, in_data)

    def put_file(self, in_path, out_path):
        with open(in_path, "rb") as file:
            code, _, error = self._run(f"cat > {shlex.quote(out_path)}", file.read())
        if code != 0:
            raise AnsibleConnectionFailure(f"{out_path} could not be written: {error.decode()}")

    def fetch_file(self, in_path, out_path):
        code, content, error = self._run(f"cat {shlex.quote(in_path)}")
        if code != 0:
            raise AnsibleConnectionFailure(f"{in_path} could not be read: {error.decode()}")
        with open(out_path, "wb") as file:
            file.write(content)
