"""Our declarations of libsrt's interface beside those of its development package."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.external_data import ROOT

COMPILER = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang") or "cc"
INCLUDE = ROOT / "native" / "include"

pytestmark = [
    pytest.mark.peer,
    pytest.mark.skipif(shutil.which(COMPILER) is None, reason="no C compiler is on the PATH"),
]

FIELDS = """
msTimeStamp ms_time_stamp, pktSentTotal pkt_sent_total, pktRecvTotal pkt_recv_total,
pktSndLossTotal pkt_snd_loss_total, pktRcvLossTotal pkt_rcv_loss_total,
pktRetransTotal pkt_retrans_total, pktSndDropTotal pkt_snd_drop_total,
pktRcvDropTotal pkt_rcv_drop_total, pktRcvUndecryptTotal pkt_rcv_undecrypt_total,
byteSentTotal byte_sent_total, byteRecvTotal byte_recv_total, mbpsSendRate mbps_send_rate,
mbpsRecvRate mbps_recv_rate, pktRcvBelated pkt_rcv_belated, pktFlightSize pkt_flight_size,
msRTT ms_rtt, mbpsBandwidth mbps_bandwidth, msSndBuf ms_snd_buf, msRcvBuf ms_rcv_buf,
msSndTsbPdDelay ms_snd_tsb_pd_delay, msRcvTsbPdDelay ms_rcv_tsb_pd_delay,
pktRcvFilterSupplyTotal pkt_rcv_filter_supply_total,
pktRcvFilterLossTotal pkt_rcv_filter_loss_total, pktSentUniqueTotal pkt_sent_unique_total,
pktRecvUniqueTotal pkt_recv_unique_total
"""
CONSTANTS = """
SRTS_CONNECTING TS_SRT_CONNECTING, SRTS_CONNECTED TS_SRT_CONNECTED, SRTS_NONEXIST TS_SRT_NONEXIST,
SRT_EPOLL_IN TS_SRT_IN, SRT_EPOLL_OUT TS_SRT_OUT, SRT_EPOLL_ERR TS_SRT_ERR,
SRT_EASYNCSND TS_SRT_EASYNCSND, SRT_EASYNCRCV TS_SRT_EASYNCRCV, SRT_ETIMEOUT TS_SRT_ETIMEOUT,
SRTO_SNDSYN TS_SRT_SNDSYN, SRTO_RCVSYN TS_SRT_RCVSYN, SRTO_PASSPHRASE TS_SRT_PASSPHRASE,
SRTO_STREAMID TS_SRT_STREAMID, SRT_REJX_OVERLOAD TS_SRT_REJX_OVERLOAD,
SRT_REJX_FORBIDDEN TS_SRT_REJX_FORBIDDEN, SRT_REJX_BAD_MODE TS_SRT_REJX_BAD_MODE
"""
# With structures of the library's own names among their parameters.
CAST = {"sendmsg2", "recvmsg2", "bstats", "epoll_uwait"}


def pairs(text: str) -> list[list[str]]:
    return [pair.split() for pair in text.split(",")]


def check_compiles(body: str) -> None:
    source = (
        "#include <stddef.h>\n#include <srt/srt.h>\n#include <srt/access_control.h>\n"
        f'#include "tsloom/srt.h"\n{body}\n'
    )
    command = [COMPILER, "-std=gnu11", "-D_GNU_SOURCE", "-I", str(INCLUDE), "-x", "c"]
    command += ["-Werror=incompatible-pointer-types", "-fsyntax-only", "-"]
    done = subprocess.run(command, input=source, capture_output=True, text=True)
    if "srt/srt.h" in done.stderr and "No such file" in done.stderr:
        pytest.skip("libsrt's headers are not installed (libsrt-gnutls-dev)")
    assert done.returncode == 0, done.stderr


def test_structures_are_laid_out_as_the_librarys() -> None:
    checks = [
        f"_Static_assert(sizeof({theirs}) == sizeof({ours}), {ours!r});".replace("'", '"')
        for theirs, ours in (
            ("SRT_TRACEBSTATS", "ts_srt_stats"),
            ("SRT_MSGCTRL", "ts_srt_message"),
            ("SRT_EPOLL_EVENT", "ts_srt_event"),
            ("SRTSOCKET", "ts_srt_id"),
        )
    ]
    checks += [
        f"_Static_assert(offsetof(SRT_TRACEBSTATS, {theirs}) == offsetof(ts_srt_stats, {ours}) && "
        f"sizeof(((SRT_TRACEBSTATS *)0)->{theirs}) == sizeof(((ts_srt_stats *)0)->{ours}), "
        f'"{ours}");'
        for theirs, ours in pairs(FIELDS)
    ]
    check_compiles("\n".join(checks))


def test_constants_are_the_librarys() -> None:
    check_compiles(
        "\n".join(
            f'_Static_assert((int){theirs} == (int){ours}, "{ours}");'
            for theirs, ours in pairs(CONSTANTS)
        )
    )


def test_options_are_the_librarys() -> None:
    source = (ROOT / "src" / "tsloom" / "io" / "srt_options.py").read_text(encoding="utf-8")
    options = re.findall(r"^    ([A-Z0-9]+) = (\d+)$", source, re.MULTILINE)
    assert len(options) > 15
    check_compiles(
        "\n".join(
            f'_Static_assert((int)SRTO_{name} == {number}, "{name}");' for name, number in options
        )
    )


def test_functions_are_declared_as_the_librarys() -> None:
    header = (INCLUDE / "tsloom" / "srt_library.h").read_text(encoding="utf-8")
    names = re.findall(r"\(\*(\w+)\)\(", header)
    assert len(names) == 30
    lines = [
        f"    table->{name} = {'(void *)' if name in CAST else ''}srt_{name};" for name in names
    ]
    check_compiles("void fill(ts_srt_library *table) {\n" + "\n".join(lines) + "\n}")


def test_the_loader_looks_up_all_functions_of_the_table() -> None:
    header = (INCLUDE / "tsloom" / "srt_library.h").read_text(encoding="utf-8")
    source = (Path(ROOT) / "native" / "io" / "srt_library.c").read_text(encoding="utf-8")
    assert sorted(re.findall(r"SYMBOL\((\w+)\),", source)) == sorted(
        re.findall(r"\(\*(\w+)\)\(", header)
    )
