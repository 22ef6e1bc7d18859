"""Where no PCR moves, the times at which packets arrived run the timers of TR 101 290."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tsloom
from tests.arrivals import PCR_HZ, m2ts
from tests.builders import adaptation_field, packet, packetize, pat, pmt
from tsloom import Report

PMT_PID, VIDEO, AUDIO = 0x30, 0x100, 0x101
# Packets a second, and of them one in so many is of the PAT, of the PMT, has a PCR.
RATE, PSI_EVERY, PCR_EVERY = 4000, 400, 100
BLOCK_PACKETS = 512
Sent = list[tuple[int, bytes]]  # tick of arrival, packet


class Sender:
    """A service's packets at even times; what is switched off leaves its places empty."""

    def __init__(self) -> None:
        self.counters: dict[int, int] = {}
        self.sent: Sent = []

    def _count(self, made: bytes) -> bytes:
        pid = (made[1] & 31) << 8 | made[2]
        self.counters[pid] = (self.counters.get(pid, -1) + 1) % 16
        return made[:3] + bytes((made[3] & 0xF0 | self.counters[pid],)) + made[4:]

    def send(self, begin_s: float, end_s: float, *without: str) -> Sender:
        """`without`: any of pat, pcr, video."""
        for slot in range(round(begin_s * RATE), round(end_s * RATE)):
            made = self._make(slot, without)
            if made is not None:
                self.sent.append((slot * PCR_HZ // RATE + 12345, self._count(made)))
        return self

    def _make(self, slot: int, without: tuple[str, ...]) -> bytes | None:
        if slot % PSI_EVERY == 0:
            return None if "pat" in without else packetize(pat({1: PMT_PID}), 0)[0]
        if slot % PSI_EVERY == 1:
            streams = [(0x1B, VIDEO, b""), (0x0F, AUDIO, b"")]
            return packetize(pmt(1, VIDEO, streams), PMT_PID)[0]
        if slot % PCR_EVERY == 50 and "pcr" not in without:
            field = adaptation_field(pcr=slot * PCR_HZ // RATE)
            return packet(VIDEO, 0, bytes(176), adaptation=field)
        if slot % 10 == 5:
            return packet(AUDIO, 0, bytes(184))
        return None if "video" in without else packet(VIDEO, 0, bytes(184))

    def analyze(self, folder: Path, size: int = 192) -> Report:
        path = folder / f"in{size}.ts"
        data = np.frombuffer(b"".join(one for _, one in self.sent), np.uint8).reshape(-1, 188)
        arrival = np.array([tick for tick, _ in self.sent], np.int64)
        path.write_bytes(m2ts(data, arrival) if size == 192 else data.tobytes())
        return tsloom.analyze(path)


def test_a_pat_that_vanishes_without_any_pcr_alarms_by_arrival(tmp_path: Path) -> None:
    sender = Sender().send(0, 2, "pcr").send(2, 5, "pcr", "pat")
    found = sender.analyze(tmp_path).tr101290["1.3"]
    assert found.count == 1
    (what,) = found.occurrences
    # The last PAT is that of 1.9 s; the time line begins with the first block.
    assert what.stream_time_s == pytest.approx(2.4, abs=2 * BLOCK_PACKETS / RATE)
    blind = sender.analyze(tmp_path, 188).tr101290["1.3"]
    assert blind.state == "not measured"


def test_a_pcr_that_vanishes_with_most_packets_alarms_in_time(tmp_path: Path) -> None:
    """A tenth of the packets goes on: counted at the rate before, time would be ten times slow."""
    sender = Sender().send(0, 3).send(3, 5, "pcr", "video").send(5, 9, "pcr", "video", "pat")
    report = sender.analyze(tmp_path)
    (what,) = report.tr101290["1.3"].occurrences
    assert what.stream_time_s == pytest.approx(4.9 + 0.5, abs=0.1)
    assert report.tr101290["2.3.a"].count == 1
    late = sender.analyze(tmp_path, 188).tr101290["1.3"]
    assert late.count == 0


def test_a_pcr_that_comes_back_takes_over(tmp_path: Path) -> None:
    sender = Sender().send(0, 2).send(2, 4, "pcr").send(4, 6).send(6, 8, "pat")
    (what,) = sender.analyze(tmp_path).tr101290["1.3"].occurrences
    assert what.stream_time_s == pytest.approx(5.9 + 0.5, abs=0.05)


def test_a_network_that_holds_up_loses_nothing(tmp_path: Path) -> None:
    """PCRs that come behind a silence tell when their packets were to come."""
    sender = Sender().send(0, 6)
    calm = sender.analyze(tmp_path)
    held = [
        (max(tick, 5 * PCR_HZ) if tick > 2 * PCR_HZ else tick, one) for tick, one in sender.sent
    ]
    sender.sent = held
    report = sender.analyze(tmp_path)
    assert [(one.number, one.count) for one in report.tr101290.values()] == [
        (one.number, one.count) for one in calm.tr101290.values()
    ]


def test_recordings_that_were_joined_raise_no_absence(tmp_path: Path) -> None:
    """The counter of the time stamps steps where two recordings meet."""
    sender = Sender().send(0, 6)
    sender.sent = [(tick + 30 * PCR_HZ * (tick > 3 * PCR_HZ), one) for tick, one in sender.sent]
    report = sender.analyze(tmp_path)
    assert (report.tr101290["1.3"].count, report.tr101290["2.3"].count) == (0, 0)
    assert report.duration_s == pytest.approx(6, abs=0.1)


def test_bitrates_go_by_arrival_where_there_is_no_pcr(tmp_path: Path) -> None:
    report = Sender().send(0, 10, "pcr").analyze(tmp_path)
    assert report.bitrate_range is not None
    assert report.bitrate_range.windows >= 8
    assert report.bitrate_range.last_bps == pytest.approx(RATE * 1504, rel=0.01)
