#!/usr/bin/python3
"""What tidemark-protect decides, for each thing that QEMU and the appliance may say."""

import importlib.machinery
import importlib.util
import pathlib
import sys
import unittest

PROGRAM = pathlib.Path(__file__).resolve().parent.parent / "roles" / "protect" / "files" / "tidemark-protect"
sys.dont_write_bytecode = True
loader = importlib.machinery.SourceFileLoader("protect", str(PROGRAM))
protect = importlib.util.module_from_spec(importlib.util.spec_from_loader("protect", loader))
loader.exec_module(protect)

ACTIVE, BACKGROUND = True, False


def running(ready=True, offset=8, io_status="ok", **more):
    """A mirror as query-block-jobs of QEMU 7.2 has it; newer ones say more."""
    return {"ready": ready, "offset": offset, "len": 8, "io-status": io_status, **more}


class DecideTest(unittest.TestCase):
    def decides(self, active, found, concluded, state):
        return protect.decide(protect.Job(active, found, concluded), state)

    def test_a_disk_without_a_mirror_gets_one_whatever_the_appliance_believes(self):
        for state in ("empty", "copying", "in-sync", "suspect"):
            self.assertEqual(self.decides(ACTIVE, None, None, state), "start")
            self.assertEqual(self.decides(ACTIVE, None, {"error": "no space"}, state), "start")

    def test_an_active_mirror_is_in_sync_when_nothing_is_left_and_not_before(self):
        self.assertEqual(self.decides(ACTIVE, running(ready=False, offset=4), None, "copying"), "nothing")
        self.assertEqual(self.decides(ACTIVE, running(offset=4), None, "copying"), "nothing")
        self.assertEqual(self.decides(ACTIVE, running(), None, "copying"), "end-copy")
        self.assertEqual(self.decides(ACTIVE, running(), None, "in-sync"), "nothing")
        self.assertEqual(self.decides(ACTIVE, running(offset=4), None, "in-sync"), "nothing", "a write is on its way")

    def test_what_qemu_says_itself_counts_more(self):
        self.assertEqual(self.decides(ACTIVE, running(**{"actively-synced": False}), None, "copying"), "nothing")
        self.assertEqual(self.decides(ACTIVE, running(**{"actively-synced": False}), None, "in-sync"), "begin-copy")
        self.assertEqual(self.decides(ACTIVE, running(offset=4, **{"actively-synced": True}), None, "copying"), "end-copy")

    def test_what_may_be_missing_is_told_before_anything_else(self):
        for found in (running(), running(ready=False), running(io_status="failed")):
            self.assertEqual(self.decides(ACTIVE, found, None, "suspect"), "begin-copy")
        self.assertEqual(self.decides(ACTIVE, running(io_status="failed"), None, "in-sync"), "begin-copy")

    def test_a_mirror_that_has_stopped_goes_on_once_that_is_told(self):
        self.assertEqual(self.decides(ACTIVE, running(io_status="nospace"), None, "copying"), "resume")
        self.assertEqual(self.decides(ACTIVE, running(ready=False, io_status="failed"), None, "copying"), "resume")

    def test_a_background_mirror_is_in_sync_by_its_end_only(self):
        self.assertEqual(self.decides(BACKGROUND, running(ready=False, offset=4), None, "copying"), "nothing")
        self.assertEqual(self.decides(BACKGROUND, running(), None, "copying"), "end-job")
        self.assertEqual(self.decides(BACKGROUND, None, {}, "copying"), "end-copy")
        self.assertEqual(self.decides(BACKGROUND, None, {}, "suspect"), "start")
        self.assertEqual(self.decides(BACKGROUND, None, {}, "in-sync"), "start")
        self.assertEqual(self.decides(BACKGROUND, None, {"error": "gone"}, "copying"), "start")
        self.assertEqual(self.decides(ACTIVE, None, {}, "copying"), "start")


if __name__ == "__main__":
    unittest.main()
