"""Stages that edit SDT and NIT: what becomes other, what stays, and the stream that is left."""

from __future__ import annotations

import pytest

from tests.builders import Multiplex, sdt, section, split
from tests.second_opinion import count_packets, find_sections, find_torn_sections
from tsloom import NitEditor, PacketBatch, Pipeline, SdtEditor, SiEditor, dvb
from tsloom.errors import UsageError
from tsloom.pipeline import Stage

PACKETS = 4000
NIT_PID, SDT_PID = 0x10, 0x11
BAT = dvb.encode_bat(
    dvb.BouquetAssociationTable(bouquet_id=7, descriptors=(dvb.BouquetNameDescriptor("Any"),))
)[0]
NIT = dvb.encode_nit(
    dvb.NetworkInformationTable(
        network_id=5,
        descriptors=(dvb.NetworkNameDescriptor("Old"), dvb.LinkageDescriptor(1, 2, 3, 4)),
        transport_streams=(dvb.TransportStream(1, 1),),
    )
)[0]
MUX = Multiplex(
    psi_every=200, tables=((SDT_PID, sdt(1, "One", "Any")), (SDT_PID, BAT), (NIT_PID, NIT))
)


def run(*stages: Stage, mux: Multiplex = MUX, chunk: int = PACKETS) -> list[bytes]:
    pipeline, out = Pipeline(*stages), bytearray()
    packets = mux.packets(PACKETS)
    for first in range(0, PACKETS, chunk):
        part = b"".join(packets[first : first + chunk])
        out += bytes(pipeline.process(PacketBatch(part, first_index=first)))
    return split(bytes(out + bytes(pipeline.finish())))


def heard(out: list[bytes], pid: int, table_id: int) -> set[bytes]:
    found = [one.data for one in find_sections(out, pid) if one.data[0] == table_id]
    assert len(found) == PACKETS // MUX.psi_every
    return set(found)


def one_sdt(out: list[bytes]) -> dvb.ServiceDescriptionTable:
    (data,) = heard(out, SDT_PID, 0x42)
    return dvb.parse_sdt(data)


def test_names_provider_and_type_of_a_service_become_others() -> None:
    edit = dvb.ServiceEdit("Zweites", "Anstalt", 0x19, True, True)
    out = run(SdtEditor({1: edit}))
    (service,) = one_sdt(out).services
    names = (service.service_name, service.service_provider_name, service.service_type)
    assert names == ("Zweites", "Anstalt", 0x19)
    assert (service.eit_schedule_flag, service.eit_present_following_flag) == (True, True)
    assert one_sdt(out).version_number == 1
    assert heard(out, SDT_PID, 0x4A) == {BAT}
    assert heard(out, NIT_PID, 0x40) == {NIT}
    assert count_packets(out).verdicts == []
    assert find_torn_sections(out, SDT_PID) == []
    assert len(out) == PACKETS


def test_what_is_not_named_stays() -> None:
    (service,) = one_sdt(run(SdtEditor({1: dvb.ServiceEdit(service_name="New")}))).services
    assert (service.service_name, service.service_provider_name) == ("New", "Any")
    (service,) = one_sdt(
        run(SdtEditor({}, all_services=dvb.ServiceEdit(service_provider_name="All")))
    ).services
    assert (service.service_name, service.service_provider_name) == ("One", "All")


def test_a_service_that_the_sdt_lacks_is_added() -> None:
    services = one_sdt(run(SdtEditor({2: dvb.ServiceEdit("Two", service_type=2)}))).services
    assert [(one.service_id, one.service_name) for one in services] == [(1, "One"), (2, "Two")]
    assert services[1].service_type == 2


def test_an_sdt_that_outgrows_its_packet_takes_null_packets() -> None:
    edits = {number: dvb.ServiceEdit("A name of its own " * 5) for number in range(1, 9)}
    out = run(SdtEditor(edits, room="nulls"))
    assert len(one_sdt(out).services) == 8
    assert len(out) == PACKETS
    assert count_packets(out).verdicts == []


def test_what_comes_out_does_not_depend_on_the_cuts() -> None:
    edits = {number: dvb.ServiceEdit("A name of its own " * 5) for number in range(1, 9)}
    assert run(SdtEditor(edits)) == run(SdtEditor(edits), chunk=311)


def test_network_name_and_service_lists_become_others() -> None:
    out = run(NitEditor("New", service_lists={(1, 1): {1: 0x19}, (1, 2): {7: 2}}))
    (data,) = heard(out, NIT_PID, 0x40)
    nit = dvb.parse_nit(data)
    assert nit.network_name == "New"
    assert isinstance(nit.descriptors[1], dvb.LinkageDescriptor)
    assert [
        (stream.transport_stream_id, stream.descriptors[0].to_dict()["services"])
        for stream in nit.transport_streams
    ] == [
        (1, [{"service_id": 1, "service_type": 0x19}]),
        (2, [{"service_id": 7, "service_type": 2}]),
    ]
    assert heard(out, SDT_PID, 0x42) == {sdt(1, "One", "Any")}


def test_a_function_edits_or_removes_any_table() -> None:
    out = run(SiEditor({0x4A: lambda table: None, 0x46: lambda table: table}))
    assert [one.data[0] for one in find_sections(out, SDT_PID) if one.data[0] == 0x4A] == []
    assert one_sdt(out).version_number == 0
    assert count_packets(out).verdicts == []


def test_what_cannot_be_encoded_passes_and_is_told_of() -> None:
    editor = SdtEditor({1: dvb.ServiceEdit("long " * 60)})
    assert heard(run(editor), SDT_PID, 0x42) == {sdt(1, "One", "Any")}
    assert len(editor.failures) == PACKETS // MUX.psi_every
    assert editor.failures[0].table_id == 0x42


def test_a_section_that_is_damaged_passes_as_it_is() -> None:
    good = section(0x42, 1, bytes(20))
    bad = good[:-1] + bytes((good[-1] ^ 1,))
    mux = Multiplex(psi_every=200, tables=((SDT_PID, bad),))
    editor = SdtEditor({1: dvb.ServiceEdit("New")})
    assert run(editor, mux=mux) == mux.packets(PACKETS)


def test_other_tables_are_refused() -> None:
    with pytest.raises(UsageError, match="edited"):
        SiEditor({0x4E: lambda table: table})
    with pytest.raises(UsageError, match="edited"):
        SiEditor({})
