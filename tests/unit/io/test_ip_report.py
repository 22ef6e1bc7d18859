"""Reports of live inputs: what the network delivered, over real sockets of this machine."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

import tsloom
from tests.builders import Multiplex
from tests.unit.io.loopback import open_udp_sink
from tsloom import Report
from tsloom._native.ip_measure import IpMeasure
from tsloom.analysis import report_schema
from tsloom.cli.report_view import describe
from tsloom.io import open_source
from tsloom.io.ip import INTER_ARRIVAL_BINS, read_leg
from tsloom.io.rtp import RtpSource
from tsloom.io.udp import UdpSource

PACKETS = 1400
SECOND = 10**9


def send_and_analyze(scheme: str) -> Report:
    """A stream sent at once to a socket that waits, and read behind it."""
    source = open_source(f"{scheme}://127.0.0.1:0?timeout=300ms", timeout=0.05)
    assert isinstance(source, UdpSource | RtpSource)
    with source:
        port = source.local_address[1]
        with open_udp_sink(f"{scheme}://127.0.0.1:{port}") as sink:
            sink.write(Multiplex().stream(PACKETS))
        return tsloom.analyze(source)


@pytest.mark.parametrize("scheme", ["udp", "rtp"])
def test_a_live_report_tells_of_the_network(scheme: str) -> None:
    report = send_and_analyze(scheme)
    assert report.packets == PACKETS
    assert report.arrival_clock == "receive_time"
    ip = report.ip
    assert ip is not None
    assert (ip.protocol, ip.kernel_drops, ip.odd_datagrams) == (scheme, 0, 0)
    (leg,) = ip.legs
    assert (leg.datagrams, leg.payload_bytes) == (PACKETS // 7, PACKETS * 188)
    assert sum(leg.inter_arrival.histogram) == leg.inter_arrival.count == PACKETS // 7 - 1
    assert leg.inter_arrival.min_us is not None
    assert leg.inter_arrival.min_us >= 0
    assert (ip.rtp is None) == (scheme == "udp")
    assert (leg.media_delivery.lost_datagrams is None) == (scheme == "udp")
    # The stream of a second came in one go: its clock ran fast, by whatever the machine took.
    pcr = report.pids[0x100].pcr
    assert pcr is not None
    if pcr.frequency is not None:
        assert pcr.frequency.offset_hz > 0
        assert pcr.frequency.span_s < 60


@pytest.mark.parametrize("scheme", ["udp", "rtp"])
def test_all_forms_have_it(scheme: str, tmp_path: Path) -> None:
    report = send_and_analyze(scheme)
    plain = json.loads(report.to_json())
    jsonschema.Draft202012Validator(report_schema()).validate(plain)
    assert set(plain["ip"]["legs"][0]["inter_arrival"]["histogram"]) == set(INTER_ARRIVAL_BINS)
    text = "\n".join(describe(report))
    assert f"{PACKETS // 7:,} datagrams" in text
    assert "MDI delay factor" in text
    report.to_csv(tmp_path / "report.csv")
    assert f"ip,,,,leg 1.datagrams,,,,{PACKETS // 7}" in (tmp_path / "report.csv").read_text()


def test_a_file_has_no_network(tmp_path: Path) -> None:
    path = tmp_path / "in.ts"
    path.write_bytes(Multiplex().stream(500))
    report = tsloom.analyze(path)
    assert report.ip is None
    assert "ip" not in report.to_dict()


def test_rtp_losses_are_told_by_the_second() -> None:
    """Seven packets a datagram, a hundred a second; in the third second ten are missing."""
    measure = IpMeasure()
    begin = 1_700_000_000 * SECOND
    lost = 0
    for number in range(501):
        if 200 <= number < 300 and number % 10 == 0:
            lost += 1
            continue
        measure.see(begin + number * SECOND // 100, 7 * 188, lost)
        lost = 0
    leg = read_leg(measure.figures(), has_sequence_numbers=True)
    delivery = leg.media_delivery
    assert delivery.lost_datagrams == 10
    assert (delivery.intervals, delivery.loss_intervals) == (5, 1)
    assert delivery.media_loss_rate_max == pytest.approx(70)
    assert delivery.media_loss_rate_mean == pytest.approx(14)
    assert [point.media_loss_rate for point in delivery.points] == [0, 0, 70, 0, 0]
    assert delivery.delay_factor_min_ms == pytest.approx(10)
    assert delivery.delay_factor_last_ms == pytest.approx(10)
    assert leg.inter_arrival.histogram[INTER_ARRIVAL_BINS.index("up to 10 ms")] == 480
    assert leg.inter_arrival.histogram[INTER_ARRIVAL_BINS.index("up to 20 ms")] == 10


def test_without_sequence_numbers_no_loss_is_told() -> None:
    measure = IpMeasure()
    for number in range(300):
        measure.see(10**18 + number * SECOND // 100, 7 * 188)
    delivery = read_leg(measure.figures(), has_sequence_numbers=False).media_delivery
    assert delivery.lost_datagrams is None
    assert delivery.media_loss_rate_max is None
    assert delivery.delay_factor_mean_ms == pytest.approx(10)
