"""Sources and sinks of transport packets, opened by URL."""

from tsloom._native.arrival import DatagramTable
from tsloom.io.fan_out import FanOutSink, FanOutStats
from tsloom.io.fan_out_output import OutputStats
from tsloom.io.input_health import Triggers
from tsloom.io.input_reader import InputStats
from tsloom.io.ip import InterArrival, IpLeg, IpReport, MdiPoint, MediaDelivery
from tsloom.io.opening import open_sink, open_source
from tsloom.io.pacing import PaceStats
from tsloom.io.protocols import Sink, SinkStats, Source, SourceStats
from tsloom.io.redundant import InputEvent, RedundantSource, RedundantSourceStats
from tsloom.io.rtp import RtpSinkStats, RtpSourceStats
from tsloom.io.srt_link import AccessRule
from tsloom.io.srt_stats import SrtPeerStats, SrtSinkStats, SrtSourceStats, SrtTotals
from tsloom.io.udp import UdpSinkStats, UdpSourceStats
from tsloom.io.url import Url, parse_url

__all__ = [
    "AccessRule",
    "DatagramTable",
    "FanOutSink",
    "FanOutStats",
    "InputEvent",
    "InputStats",
    "InterArrival",
    "IpLeg",
    "IpReport",
    "MdiPoint",
    "MediaDelivery",
    "OutputStats",
    "PaceStats",
    "RedundantSource",
    "RedundantSourceStats",
    "RtpSinkStats",
    "RtpSourceStats",
    "Sink",
    "SinkStats",
    "Source",
    "SourceStats",
    "SrtPeerStats",
    "SrtSinkStats",
    "SrtSourceStats",
    "SrtTotals",
    "Triggers",
    "UdpSinkStats",
    "UdpSourceStats",
    "Url",
    "open_sink",
    "open_source",
    "parse_url",
]
