"""The FEC that tsloom sends, read by others."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.interop.test_rtp_peers import needs, wait_for_port, wait_for_size
from tests.unit.io.loopback import open_fec_sockets
from tests.unit.io.test_rtp_fec_send import CONTENT, send_through_a_thief


@needs("gst-launch-1.0")
def test_gstreamer_makes_good_what_was_lost(tmp_path: Path) -> None:
    sockets = open_fec_sockets()
    port = sockets[0].getsockname()[1]
    for each in sockets:
        each.close()
    path = tmp_path / "out.ts"
    caps = "application/x-rtp,media=video,clock-rate=90000,encoding-name=MP2T,payload=33"
    fec_caps = "application/x-rtp,media=application,clock-rate=90000,payload=96"
    elements = (
        f"rtpst2022-1-fecdec name=fec size-time=2000000000"
        f" udpsrc address=127.0.0.1 port={port} caps={caps} ! fec.sink"
        f" udpsrc address=127.0.0.1 port={port + 2} caps={fec_caps} ! queue ! fec.fec_0"
        f" udpsrc address=127.0.0.1 port={port + 4} caps={fec_caps} ! queue ! fec.fec_1"
        f" fec.src ! rtpjitterbuffer latency=500 ! rtpmp2tdepay ! filesink buffer-mode=2"
        f" location={path}"
    )
    peer = subprocess.Popen(["gst-launch-1.0", "-q", *elements.split()])
    try:
        for up in (0, 2, 4):
            wait_for_port(port + up)
        send_through_a_thief(port)
        wait_for_size(path, len(CONTENT))
    finally:
        peer.terminate()
        peer.wait()
    assert path.read_bytes() == CONTENT
