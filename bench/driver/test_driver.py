"""Tests the parts that decide what a number means, not the measurements themselves."""
import contextlib
import io
import json
import pathlib
import sys
import tempfile
import unittest
from unittest import mock

import bars
import compare
import page
import place
import processes
import tables
from statistics_of import ratios, spread, table


def result(path, scores):
    benchmarks = [
        {
            "benchmark": "dev.stockpot.jmh.KernelBenchmark.mix",
            "mode": "thrpt",
            "params": {"isa": isa},
            "primaryMetric": {"score": score, "scoreConfidence": [score - noise, score + noise]},
        }
        for isa, (score, noise) in scores.items()
    ]
    path.write_text(json.dumps({"machine": {"cpu": "one"}, "benchmarks": benchmarks}))
    return str(path)


class RunsTest(unittest.TestCase):
    def test_the_faster_of_two_runs_counts_by_the_work_where_it_is_told(self):
        runs = [{"wall": 1.0, "seconds": 0.5}, {"wall": 2.0, "seconds": 0.4}]
        with mock.patch.object(processes, "run", side_effect=runs):
            self.assertEqual(0.4, processes.better_run(["x"], "/no/such/output")["seconds"])
        with mock.patch.object(processes, "run", side_effect=[{"wall": 1.0}, {"wall": 2.0}]):
            self.assertEqual(1.0, processes.better_run(["x"], "/no/such/output")["wall"])
        with mock.patch.object(processes, "run", side_effect=[{"wall": 1.0, "skipped": "torch is not installed"}]):
            self.assertEqual("torch is not installed", processes.better_run(["x"], "/no/such/output")["skipped"])


class CompareTest(unittest.TestCase):
    def compared(self, before, after):
        with tempfile.TemporaryDirectory() as folder:
            files = [result(pathlib.Path(folder) / name, s) for name, s in (("a.json", before), ("b.json", after))]
            out = io.StringIO()
            with mock.patch.object(sys, "argv", ["compare", *files]), contextlib.redirect_stdout(out):
                with self.assertRaises(SystemExit) as ended:
                    compare.main()
            return ended.exception.code, out.getvalue()

    def test_what_is_slower_beyond_noise_is_told_and_fails(self):
        code, text = self.compared({"avx2": (100, 5)}, {"avx2": (80, 5)})
        self.assertEqual(1, code)
        self.assertIn("slower", text)
        self.assertIn("0.80x  KernelBenchmark.mix isa=avx2", text)

    def test_noise_is_no_change(self):
        code, text = self.compared({"avx2": (100, 15)}, {"avx2": (80, 10)})
        self.assertEqual(0, code)
        self.assertIn("1 within noise", text)

    def test_what_is_faster_passes(self):
        code, text = self.compared({"avx2": (100, 5), "scalar": (10, 1)}, {"avx2": (150, 5), "scalar": (10, 1)})
        self.assertEqual(0, code)
        self.assertIn("1 faster", text)

    def test_a_single_measurement_has_no_interval(self):
        code, text = self.compared({"avx2": (100, float("nan"))}, {"avx2": (50, float("nan"))})
        self.assertEqual(0, code)
        self.assertIn("1 without an interval", text)

    def test_benchmarks_of_one_side_are_named(self):
        _, text = self.compared({"avx2": (100, 5)}, {"scalar": (80, 5)})
        self.assertIn("only in the first: KernelBenchmark.mix isa=avx2", text)
        self.assertIn("only in the second: KernelBenchmark.mix isa=scalar", text)


class BarsTest(unittest.TestCase):
    def test_the_median_decides(self):
        measured = bars.Bars()
        with contextlib.redirect_stderr(io.StringIO()):
            measured.at_least("share", [0.1, 0.95, 0.91], 0.9)
            measured.at_most("ratio", [1.9, 2.5, 2.1], 2)
        self.assertEqual(["met", "not met"], [row[3] for row in measured.rows])


class TablesTest(unittest.TestCase):
    def test_a_limit_is_measured_in_turn_with_the_soups_and_the_first_round_is_dropped(self):
        asked = []

        def run(command):
            asked.append(command[0])
            return {"seconds": len(asked)}

        with mock.patch.object(tables.peers, "command", side_effect=lambda peer, *_: [peer]):
            with mock.patch.object(processes, "run", side_effect=run):
                runs, limits = tables.soup([], "/no/such/output", 2, 2, "direct-transfer")
        self.assertEqual(["stockpot", "direct-transfer"] * 3, asked)
        self.assertEqual([3, 5], tables.seconds_of(runs))
        self.assertEqual([4, 6], tables.seconds_of(limits))

    def test_soups_are_measured_where_their_limit_cannot_be(self):
        done = [{"seconds": 1}, None, {"seconds": 2}, {"seconds": 3}]
        with mock.patch.object(tables.peers, "command", side_effect=lambda peer, *_: [peer]):
            with mock.patch.object(processes, "run", side_effect=done):
                runs, limits = tables.soup([], "/no/such/output", 2, 2, "direct-transfer")
        self.assertEqual([2, 3], tables.seconds_of(runs))
        self.assertEqual([], limits)


class PageTest(unittest.TestCase):
    def test_replaces_what_is_between_the_marks_and_nothing_else(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "page.md"
            other = pathlib.Path(folder) / "other.md"
            other.write_text("c\n")
            file.write_text("a\n<!-- x: begin -->\nold\n<!-- x: end -->\nb\n")
            with mock.patch.object(page, "PAGES", [other, file]), contextlib.redirect_stderr(io.StringIO()):
                page.put("x", "new")
                page.put("x", "newer")
            self.assertEqual("a\n<!-- x: begin -->\nnewer\n<!-- x: end -->\nb\n", file.read_text())

    def test_the_page_has_every_commands_marks(self):
        text = "".join(file.read_text() for file in page.PAGES)
        names = ["limits", "bars", "growth-sizes", "growth-ingredients", "growth-threads"]
        for name in names + ["peers-BF16", "peers-F16", "peers-F32"]:
            self.assertEqual(1, text.count(f"<!-- {name}: begin -->"), name)
            self.assertEqual(1, text.count(f"<!-- {name}: end -->"), name)


class ProcessTest(unittest.TestCase):
    def test_tells_peak_memory_and_what_was_printed(self):
        program = "import time; x = b'1' * 80_000_000; print('{\"seconds\": 2}'); time.sleep(0.1)"
        done = processes.run([sys.executable, "-c", program])
        self.assertEqual(2, done["seconds"])
        self.assertGreater(done["anonymous"], 80_000_000)
        self.assertGreaterEqual(done["resident"], done["anonymous"])

    def test_tells_the_time_that_the_system_took(self):
        program = "import mmap\nfor _ in range(40):\n  m = mmap.mmap(-1, 16 << 20)\n  for k in range(0, 16 << 20, 4096): m[k] = 1"
        self.assertGreater(processes.run([sys.executable, "-c", program])["system"], 0)

    def test_a_failure_is_none(self):
        with contextlib.redirect_stderr(io.StringIO()):
            self.assertIsNone(processes.run([sys.executable, "-c", "raise SystemExit(3)"]))


class PlaceTest(unittest.TestCase):
    def test_scratch_is_removed_after_a_failure(self):
        with self.assertRaises(ZeroDivisionError):
            with place.scratch(tempfile.gettempdir(), 1) as folder:
                (folder / "file").write_text("x")
                raise ZeroDivisionError
        self.assertFalse(folder.exists())

    def test_scratch_without_room_is_refused(self):
        with contextlib.redirect_stderr(io.StringIO()), self.assertRaises(SystemExit):
            with place.scratch(tempfile.gettempdir(), 10**18):
                pass

    def test_sizes(self):
        self.assertEqual(500_000_000, place.size("500MB"))
        self.assertEqual(100_000_000, place.size("0.1GB"))
        self.assertEqual(7, place.size("7"))


class StatisticsTest(unittest.TestCase):
    def test_spread_and_ratios(self):
        self.assertEqual("2.0 (1.0 to 4.0)", spread([4, 1, 2], "{:.1f}"))
        self.assertEqual([2, 0.5], ratios([4, 1], [2, 2]))

    def test_table(self):
        self.assertEqual("| a | b |\n|---|---:|\n| x | 1 |", table(["a", "b"], [["x", 1]]))


if __name__ == "__main__":
    unittest.main()
