"""The header of splice_info_section(): ANSI/SCTE 35 2023r1, 9.6, all before the command."""

cimport cython

from tsloom._native.c_scte35 cimport scte35_section
from tsloom._native.scte35_value cimport Value, checked, checked_bool


@cython.no_gc
cdef class SectionHeader(Value):
    """What a splice_info_section() says before its command; base of SpliceInfoSection."""

    cdef int _set_header(self, dict fields) except -1:
        cdef scte35_section *value = &self._value
        if "sap_type" in fields:
            value.sap_type = checked(fields["sap_type"], "sap_type", 3)
        if "protocol_version" in fields:
            value.protocol_version = checked(fields["protocol_version"], "protocol_version", 0xFF)
        if "encrypted_packet" in fields:
            value.encrypted_packet = checked_bool(fields["encrypted_packet"],
                                                  "encrypted_packet")
        if "encryption_algorithm" in fields:
            value.encryption_algorithm = checked(fields["encryption_algorithm"],
                                                 "encryption_algorithm", 0x3F)
        if "pts_adjustment" in fields:
            value.pts_adjustment = checked(fields["pts_adjustment"], "pts_adjustment", 0x1FFFFFFFF)
        if "cw_index" in fields:
            value.cw_index = checked(fields["cw_index"], "cw_index", 0xFF)
        if "tier" in fields:
            value.tier = checked(fields["tier"], "tier", 0xFFF)
        return 0

    @property
    def table_id(self):
        return self._value.table_id

    @property
    def section_syntax_indicator(self):
        return self._value.section_syntax_indicator

    @property
    def private_indicator(self):
        return self._value.private_indicator

    @property
    def sap_type(self):
        return self._value.sap_type

    @property
    def protocol_version(self):
        return self._value.protocol_version

    @property
    def encrypted_packet(self):
        return self._value.encrypted_packet

    @property
    def encryption_algorithm(self):
        return self._value.encryption_algorithm

    @property
    def pts_adjustment(self):
        return self._value.pts_adjustment

    @property
    def cw_index(self):
        return self._value.cw_index

    @property
    def tier(self):
        return self._value.tier
