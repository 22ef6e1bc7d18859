"""What of SRT needs no connection: options, retries, reasons, and the library that is missing."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsloom.io import srt_reasons
from tsloom.io.quantities import Backoff, Secret
from tsloom.io.retry import Retry
from tsloom.io.srt_options import Option, make_options, size_buffers
from tsloom.io.url import SrtUrl, parse_url

SECRET = "correct horse"


def srt_url(text: str) -> SrtUrl:
    url = parse_url(text)
    assert isinstance(url, SrtUrl)
    return url


@given(
    first=st.integers(1, 10_000_000),
    longest=st.integers(0, 10_000_000),
    jitter=st.floats(0, 1, exclude_max=True),
    failures=st.integers(1, 100),
)
def test_waits_double_up_to_the_longest_less_half_at_the_most(
    first: int, longest: int, jitter: float, failures: int
) -> None:
    retry = Retry(Backoff(first, first + longest), lambda: jitter)
    for failure in range(failures):
        wait_s = retry.note_failure()
        full_us = min(first * 2**failure, first + longest)
        assert full_us / 2 <= wait_s * 1e6 + 1e-6
        assert wait_s * 1e6 <= full_us + 1e-6
    retry.note_success()
    assert retry.failures == 0
    assert retry.note_failure() * 1e6 <= first + 1e-6


def test_what_will_hardly_help_is_tried_at_the_longest_wait() -> None:
    retry = Retry(Backoff(1_000_000, 10_000_000), lambda: 0.0)
    assert retry.note_failure(is_final=True) == 10


@given(rate=st.integers(1, 10**10), latency=st.integers(0, 8_000_000))
def test_buffers_hold_what_comes_in_the_latency(rate: int, latency: int) -> None:
    buffers = size_buffers(rate, latency)
    payloads = buffers.buffer_bytes // 1472
    assert payloads * 1316 * 8 * 1_000_000 >= min(rate * latency, (2**31 - 1) * 8) * 0.99
    assert buffers.fc >= payloads or buffers.buffer_bytes == 2**31 - 1
    assert buffers.buffer_bytes < 2**31


def test_options_come_with_the_flow_window_before_the_buffer_it_bounds() -> None:
    url = srt_url(f"srt://h:9?latency=200&maxbw=80M&rcvbuf=8Mi&passphrase={SECRET}&tlpktdrop=0")
    options = make_options(url)
    names = list(options)
    assert names.index(Option.FC) < names.index(Option.RCVBUF)
    assert options[Option.RCVBUF] == 8 << 20
    assert options[Option.MAXBW] == 10_000_000
    assert options[Option.RCVLATENCY] == options[Option.PEERLATENCY] == 200
    assert options[Option.TLPKTDROP] == 0
    assert options[Option.PASSPHRASE] == Secret(SECRET)
    assert SECRET not in repr(options)


def test_a_listener_does_not_send_the_streamid_that_it_asks_for() -> None:
    assert Option.STREAMID in make_options(srt_url("srt://h:9?streamid=x"))
    assert Option.STREAMID not in make_options(srt_url("srt://:9?streamid=x"))


@pytest.mark.parametrize("reason", range(17))
def test_each_reason_has_words(reason: int) -> None:
    assert srt_reasons.explain_reject(reason).endswith(f"(SRT reject reason {reason})")


def test_reasons_that_nobody_knows_have_words_too() -> None:
    assert "a reason of its own" in srt_reasons.explain_reject(2417)


@pytest.mark.parametrize("direction", ["--input {0} --output null:", "--input {1} --output {0}"])
def test_without_the_library_one_line_says_what_to_install(direction: str) -> None:
    environment = {**os.environ, "TSLOOM_LIBSRT": "/no/such/libsrt.so"}
    arguments = direction.format("srt://127.0.0.1:9?passphrase=correct+horse", "udp://127.0.0.1:0")
    command = [sys.executable, "-m", "tsloom", "relay", *arguments.split()]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 5
    assert done.stderr.count("\n") == 1
    assert "/no/such/libsrt.so" in done.stderr
    assert "horse" not in done.stderr


def test_the_message_names_the_package_of_debian() -> None:
    code = (
        "from tsloom.io import open_source, srt_library\n"
        "srt_library.SYSTEM_NAMES = ('libno-such-srt.so.9',)\n"
        "open_source('srt://127.0.0.1:9')\n"
    )
    environment = {key: value for key, value in os.environ.items() if key != "TSLOOM_LIBSRT"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    last = done.stderr.splitlines()[-1]
    assert last.startswith("tsloom.errors.MissingLibraryError: srt:// needs libsrt")
    assert "apt install libsrt1.5-gnutls" in last


def test_importing_loads_no_library() -> None:
    code = "import tsloom, tsloom.io.srt; print(open('/proc/self/maps').read().count('libsrt'))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "0\n"
