"""The demonstration: the embedded sample through a live relay, and what its receiver says.

Three processes on the loopback interface: one plays the sample at its own pace, this one relays it
with a service filter, a break and a guide, one receives and reports, knowing nothing of the other
two. Its report is held against the plan.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tsloom.analysis import Analyzer
from tsloom.dvb.eit import PID as EIT_PID
from tsloom.errors import SystemRefusedError
from tsloom.io import open_sink, open_source
from tsloom.pipeline import DropPids, EitInserter, KeepServices, Pipeline, Room, SpliceInserter
from tsloom.runner import demo_guide
from tsloom.runner.receiver import get_address
from tsloom.sample import sample_path
from tsloom.scte35.breaks import Break

if TYPE_CHECKING:
    from collections.abc import Callable

    from tsloom.dvb.epg import EventDatabase
    from tsloom.pipeline import CueInsertion

SERVICE_ID = 1
CUE_PID = 500
BREAK = Break(start="+8s", duration="4s", preroll="4s")
# A cue may lie off its planned lead time by a video frame at 25 Hz.
LEAD_TOLERANCE_S = 0.040
# 100 ms is the standard's limit; the sample has a PCR every 20 ms.
PCR_LIMIT_MS = 100.0
# The relay ends when the player has been silent for so long, and hands its last packet on then; the
# receiver has to wait for it.
SILENCE = "2s"
RECEIVER_SILENCE = "5s"
PATIENCE_S = 60


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that has to hold, and what was seen."""

    name: str
    seen: str
    wanted: str
    holds: bool


@dataclass(frozen=True, slots=True)
class DemoResult:
    """What the receiver saw, held against the plan."""

    checks: tuple[Check, ...]
    received: dict[str, Any]
    inserted: tuple[CueInsertion, ...]

    @property
    def holds(self) -> bool:
        return all(check.holds for check in self.checks)


def _start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def _start_player(output: str) -> subprocess.Popen[str]:
    """Plays the sample; comes back once it says that it begins, however slow the machine is."""
    command = [sys.executable, "-m", "tsloom", "relay", "--input", str(sample_path())]
    player = subprocess.Popen(
        [*command, "--output", output],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert player.stderr is not None
    if not player.stderr.readline():
        raise SystemRefusedError("the player ended early", exit_code=player.wait())
    return player


def _read_document(process: subprocess.Popen[str], what: str) -> dict[str, Any]:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise SystemRefusedError(f"the {what} ended early", exit_code=process.wait())
    document: dict[str, Any] = json.loads(line)
    return document


def run_demo(tell: Callable[[str], None]) -> DemoResult:
    """Plays, relays and receives the sample; about 20 s."""
    splicer = SpliceInserter(service_id=SERVICE_ID, pid=CUE_PID)
    splicer.schedule(BREAK)
    guide, eit = _make_eit()
    outgoing = Analyzer()
    pipeline = Pipeline(KeepServices(SERVICE_ID), DropPids(EIT_PID), splicer, eit, outgoing)
    processes: list[subprocess.Popen[str]] = []

    def give_up() -> None:
        for process in processes:
            process.kill()

    watchdog = threading.Timer(PATIENCE_S, give_up)
    watchdog.start()
    try:
        # The socket keeps what the player sends until the receiver is ready too.
        with open_source(f"udp://127.0.0.1:0?timeout={SILENCE}") as source:
            played = get_address(source)
            processes.append(_start_player(played))
            receiver = _start(
                "tsloom.runner.receiver", f"udp://127.0.0.1:0?timeout={RECEIVER_SILENCE}"
            )
            processes.append(receiver)
            output = _read_document(receiver, "receiver")["ready"]
            tell(f"playing the sample to {played}, relaying it to {output}")
            with open_sink(output, source_is_live=True) as sink:
                pipeline.run(source, sink)
        received = _read_document(receiver, "receiver")
    finally:
        watchdog.cancel()
        for process in processes:
            process.kill()
            process.communicate()
    inserted = tuple(splicer.cues)
    checks = _judge(received, outgoing.report().packets, inserted)
    return DemoResult((*checks, *_judge_guide(received, guide)), received, inserted)


def _make_eit() -> tuple[EventDatabase, EitInserter]:
    """A guide around now, and the stage that puts it on the air."""
    guide = demo_guide.make_guide(datetime.now(UTC))
    eit = EitInserter(guide, room=Room.NULLS)
    eit.follow_utc(lambda: datetime.now(UTC))
    return guide, eit


def _judge(received: dict[str, Any], sent: int, inserted: tuple[CueInsertion, ...]) -> list[Check]:
    report = received["report"]
    checks = [
        Check("packets received", f"{report['packets']:,}", f"{sent:,}", report["packets"] == sent),
        Check(
            "continuity errors",
            str(report["continuity_errors"]),
            "0",
            report["continuity_errors"] == 0,
        ),
        Check(
            "longest PCR interval",
            f"{received['pcr_interval_max_ms']:.1f} ms",
            f"up to {PCR_LIMIT_MS:.0f} ms",
            received["pcr_interval_max_ms"] <= PCR_LIMIT_MS,
        ),
        _judge_pmt(report),
    ]
    plan = {cue.kind.value: cue for cue in inserted}
    for kind in ("out", "in"):
        checks.append(_judge_cue(kind, received["cues"], plan.get(kind)))
    return checks


def _judge_pmt(report: dict[str, Any]) -> Check:
    streams = [
        stream
        for service in report["services"]
        if service["service_id"] == SERVICE_ID
        for stream in service["elementary_streams"]
        if stream["pid"] == CUE_PID
    ]
    seen = "none" if not streams else f"0x{streams[0]['stream_type']:02X}"
    return Check(f"stream_type of PID {CUE_PID} in the PMT", seen, "0x86", seen == "0x86")


def _judge_cue(kind: str, cues: list[dict[str, Any]], planned: CueInsertion | None) -> Check:
    found = [
        cue
        for cue in cues
        if cue["splice_info_section"]["splice_command"].get("out_of_network_indicator")
        is (kind == "out")
    ]
    name = f"cue {kind.upper()}"
    if planned is None or len(found) != 1 or found[0]["lead_time_s"] is None:
        return Check(name, f"{len(found)} found", "1", holds=False)
    pts = found[0]["splice_info_section"]["splice_command"]["splice_time"]["pts_time"]
    lead = found[0]["lead_time_s"]
    return Check(
        name,
        f"PTS {pts}, {lead:.3f} s ahead",
        f"PTS {planned.splice_pts_90khz}, {planned.planned_lead_time_s:.3f} s ahead",
        pts == planned.splice_pts_90khz
        and abs(lead - planned.planned_lead_time_s) <= LEAD_TOLERANCE_S,
    )


def _judge_guide(received: dict[str, Any], guide: EventDatabase) -> list[Check]:
    checks = []
    seen = demo_guide.read_present_following(received["eit"])
    wanted = demo_guide.list_present_following(guide)
    for number, name in enumerate(("present", "following")):
        found = seen[number] if number < len(seen) else ("none", "")
        checks.append(
            Check(
                f"{name} event, PID 0x{EIT_PID:02X}",
                ", ".join(found),
                ", ".join(wanted[number]),
                found == wanted[number],
            )
        )
    scheduled = demo_guide.read_schedule(received["eit"])
    planned = demo_guide.list_scheduled(guide, datetime.now(UTC))
    known = {demo_guide.describe_event(event) for event in guide.events(demo_guide.SERVICE)}
    checks.append(
        Check(
            "events in the schedule",
            str(len(scheduled)),
            str(len(planned)),
            planned <= scheduled <= known,
        )
    )
    return checks
