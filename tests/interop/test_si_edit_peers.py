"""tshark and ffprobe read the SDT, TDT and TOT that stages have edited and made."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import tsloom
from tests.builders import Multiplex, sdt
from tsloom import dvb

pytestmark = pytest.mark.peer

START = datetime(2026, 5, 1, 11, 59, 50, tzinfo=UTC)


@pytest.fixture(scope="module")
def edited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A minute of a stream whose SDT was edited, with TDT, TOT and a NIT that were made."""
    folder = tmp_path_factory.mktemp("si")
    nit = dvb.NetworkInformationTable(network_id=5, descriptors=(dvb.NetworkNameDescriptor("Net"),))
    mux = Multiplex(null_every=4, tables=((0x11, sdt(1, "One", "Any")),))
    (folder / "in.ts").write_bytes(mux.stream(60_000))
    tsloom.Pipeline(
        tsloom.SdtEditor({1: dvb.ServiceEdit("Second", "Other", 0x19)}),
        tsloom.SiInserter(nit),
        tsloom.TimeInserter({"DEU": ZoneInfo("Europe/Berlin")}, utc_start=START),
    ).run(folder / "in.ts", folder / "out.ts")
    return folder / "out.ts"


def test_tshark_reads_every_table_without_complaint(
    edited: Path, program: Callable[[str], str]
) -> None:
    fields = ("dvb_sdt.svc.id", "mpeg_descr.svc.svc_name", "dvb_nit.sid", "dvb_tdt.utc_time",
              "dvb_tot.utc_time", "_ws.expert.message")  # fmt: skip
    command = [program("tshark"), "-r", str(edited), "-o", "mpeg_sect.verify_crc:TRUE"]
    command += ["-Y", "dvb_sdt || dvb_nit || dvb_tdt || dvb_tot", "-T", "fields"]
    for field in fields:
        command += ["-e", field]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert {row[5] for row in rows} == {""}
    assert {row[1] for row in rows if row[0]} == {"Second"}
    assert len([row for row in rows if row[2]]) >= 5
    tdt, tot = ([row[place] for row in rows if row[place]] for place in (3, 4))
    assert len(tdt) >= 2
    assert len(tot) >= 2
    assert all("May  1, 2026 1" in time for time in (*tdt, *tot))


def test_ffprobe_reads_the_new_names(edited: Path, program: Callable[[str], str]) -> None:
    command = [program("ffprobe"), "-v", "quiet", "-show_programs", "-of", "json", str(edited)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    (found,) = json.loads(done.stdout)["programs"]
    assert found["tags"] == {"service_name": "Second", "service_provider": "Other"}
