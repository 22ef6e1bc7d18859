"""What systemd would be told, on a real socket."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from tsloom.runner.systemd import Notifier


def test_nothing_is_said_without_a_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    notifier = Notifier()
    notifier.send("READY=1")
    assert notifier.watchdog_s is None


@pytest.mark.parametrize("is_abstract", [False, True])
def test_lines_come_as_one_datagram(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, is_abstract: bool
) -> None:
    name = f"@tsloom-{os.getpid()}" if is_abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(f"\0{name[1:]}" if is_abstract else name)
        monkeypatch.setenv("NOTIFY_SOCKET", name)
        monkeypatch.setenv("WATCHDOG_USEC", "3000000")
        notifier = Notifier()
        notifier.send("READY=1", "STATUS=fine")
        assert systemd.recv(1000) == b"READY=1\nSTATUS=fine"
        assert notifier.watchdog_s == 3.0
        notifier.close()
    notifier = Notifier()
    notifier.send("READY=1")  # nobody is there any more
    notifier.close()


@pytest.mark.parametrize("is_ours", [True, False])
def test_the_watchdog_of_another_process_is_not_fed(
    monkeypatch: pytest.MonkeyPatch, is_ours: bool
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", "@tsloom-nowhere")
    monkeypatch.setenv("WATCHDOG_USEC", "1000000")
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()) if is_ours else "1")
    notifier = Notifier()
    assert (notifier.watchdog_s is not None) is is_ours
    notifier.close()
