"""What Greycloak's hook costs whoever sends images to Orthanc: uploads over REST with and without it, side by side.

Three Orthancs on this machine get the same new instances in turn: without rules (no hook), with the hook and its
workers stopped (SIGSTOP), and with workers at work. Printed are the ratios of the times to the first, round by round.
"""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import requests
from orthanc_server import OrthancServer

from support import ct, encode

SENDERS = 4


def objects(start: int, count: int) -> list[bytes]:
    """Return CT images of the usual size, one study of many."""
    pixels = np.random.default_rng(start).integers(0, 4000, (512, 512), dtype=np.uint16).tobytes()
    made = []
    for number in range(start, start + count):
        one = ct(SOPInstanceUID=f"1.2.3.{number}", StudyInstanceUID=f"1.2.4.{start}", PatientID=f"P{start}")
        one.Rows = one.Columns = 512
        one.PixelData = pixels
        made.append(encode(one))
    return made


def upload(orthanc: OrthancServer, files: list[bytes]) -> float:
    """Return how many seconds it takes until Orthanc has taken all."""

    def send(share: list[bytes]) -> None:
        with requests.Session() as session:
            for file in share:
                session.post(f"{orthanc.url}/instances", data=file, timeout=60).raise_for_status()

    start = time.perf_counter()
    with ThreadPoolExecutor(SENDERS) as pool:
        list(pool.map(send, [files[sender::SENDERS] for sender in range(SENDERS)]))
    return time.perf_counter() - start


def main() -> None:
    """Measure, and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--instances", type=int, default=200, help="a round")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        servers = {
            name: OrthancServer(Path(folder, name), section).start()
            for name, section in {"off": {"Rules": []}, "paused": {}, "working": {}}.items()
        }
        try:
            for worker in servers["paused"].worker_pids():
                os.kill(worker, signal.SIGSTOP)
            ratios: dict[str, list[float]] = {"paused": [], "working": []}
            for number in range(options.rounds + 1):
                files = objects(number * options.instances, options.instances)
                took = {name: upload(server, files) for name, server in servers.items()}
                servers["working"].settle(600)
                if number:  # the first warms up
                    for name, found in ratios.items():
                        found.append(took[name] / took["off"])
            for name, found in ratios.items():
                low, *_, high = sorted(found)
                print(
                    f"workers {name}: {statistics.median(found):.2f} times without the hook ({low:.2f} to {high:.2f})"
                )
        finally:
            for worker in servers["paused"].worker_pids():
                os.kill(worker, signal.SIGCONT)
            for server in servers.values():
                server.stop()


if __name__ == "__main__":
    main()
