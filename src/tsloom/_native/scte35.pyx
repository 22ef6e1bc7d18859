"""splice_info_section() as a value: ANSI/SCTE 35 2023r1, 9.6. Parse and encode."""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdint cimport uint8_t
from libc.string cimport memcpy

from tsloom._native.c_scte35 cimport (
    SCTE35_COMMAND_TYPE_OFFSET,
    SCTE35_CRC_ABSENT,
    SCTE35_CRC_GOOD,
    SCTE35_SECTION_SIZE_MAX,
    SCTE35_TABLE_ID,
    SCTE35_TIER_ANY,
    scte35_descriptor,
    scte35_finish_command,
    scte35_finish_loop,
    scte35_finish_section,
    scte35_issues,
    scte35_next_descriptor,
    scte35_parse_decrypted,
    scte35_parse_section,
    scte35_patch_header,
    scte35_section,
    scte35_write_bytes,
    scte35_write_e_crc,
    scte35_write_header,
    scte35_writer,
    scte35_writer_init,
)
from tsloom._native.c_status cimport TS_OK
from tsloom._native.scte35_commands cimport SpliceNull, build_command
from tsloom._native.scte35_descriptors cimport build_descriptor
from tsloom._native.scte35_diagnostics cimport build_diagnostics, raise_first_error
from tsloom._native.scte35_header cimport SectionHeader
from tsloom._native.scte35_value cimport (
    SpliceCommand,
    SpliceDescriptor,
    Value,
    checked_tuple,
    checked_type,
)

from tsloom.errors import CrcError, SectionLengthError, UsageError


cdef int check_clear(bytes encoded) except -1:
    """Raises for the first clause that the section, in the clear, breaks."""
    cdef const uint8_t *data = <const uint8_t *>PyBytes_AS_STRING(encoded)
    cdef scte35_section section
    cdef scte35_issues issues
    cdef scte35_descriptor descriptor
    cdef size_t offset
    issues.count = 0
    issues.lost = 0
    scte35_parse_section(data, PyBytes_GET_SIZE(encoded), &section, &issues)
    if section.has_loop:
        offset = section.loop_offset
        while scte35_next_descriptor(data, &offset, section.loop_end, &descriptor, &issues):
            pass
    return raise_first_error(&issues)


cdef tuple build_descriptors(bytes source, const scte35_section *section, scte35_issues *issues):
    cdef const uint8_t *data = <const uint8_t *>PyBytes_AS_STRING(source)
    cdef scte35_descriptor found
    cdef size_t offset = section.loop_offset
    cdef list descriptors = []
    while scte35_next_descriptor(data, &offset, section.loop_end, &found, issues):
        descriptors.append(build_descriptor(source, &found))
    return tuple(descriptors)


cdef set HEADER_FIELDS = {
    "sap_type", "protocol_version", "encrypted_packet", "encryption_algorithm", "pts_adjustment",
    "cw_index", "tier",
}
cdef set CIPHER_FIELDS = {"encrypted_packet", "encryption_algorithm", "cw_index"}


@cython.final
@cython.no_gc
cdef class SpliceInfoSection(SectionHeader):
    """splice_info_section(), 9.6: a command, descriptors, and what the header says.

    section_length, splice_command_length, descriptor_loop_length and the CRCs are derived. A parsed
    section keeps what it was read from: unedited it encodes to the same bytes, and `replace` keeps
    every bit of what it does not change. Two sections are equal when they say the same, however
    they were written. splice_command is None where it cannot be read: encrypted, or damaged.
    """

    _fields = (
        "splice_command",
        "splice_descriptors",
        "pts_adjustment",
        "tier",
        "cw_index",
        "sap_type",
        "protocol_version",
        "encrypted_packet",
        "encryption_algorithm",
    )

    def __cinit__(self):
        self.splice_descriptors = ()
        self.diagnostics = ()

    def __init__(self, splice_command=SpliceNull(), splice_descriptors=(), *, pts_adjustment=0,
                 tier=SCTE35_TIER_ANY, cw_index=0, sap_type=3, protocol_version=0,
                 encrypted_packet=False, encryption_algorithm=0):
        self._value.table_id = SCTE35_TABLE_ID
        self._set_header({
            "pts_adjustment": pts_adjustment, "tier": tier, "cw_index": cw_index,
            "sap_type": sap_type, "protocol_version": protocol_version,
            "encrypted_packet": encrypted_packet, "encryption_algorithm": encryption_algorithm,
        })
        self._set_payload(splice_command, splice_descriptors)
        self._is_payload_edited = True

    cdef int _set_payload(self, object splice_command, object splice_descriptors) except -1:
        self.splice_command = checked_type(splice_command, SpliceCommand, "splice_command")
        self.splice_descriptors = checked_tuple(splice_descriptors, SpliceDescriptor,
                                                "splice_descriptors")
        self._value.splice_command_type = self.splice_command._type
        return 0

    def replace(self, **changes):
        """A copy with some fields changed; of the rest every bit is kept."""
        cdef SpliceInfoSection copy = SpliceInfoSection.__new__(SpliceInfoSection)
        for name in changes:
            if name not in self._fields:
                raise UsageError("no such field", field=name, type="SpliceInfoSection")
        copy._value = self._value
        copy._source = self._source
        copy._clear = self._clear
        copy.splice_command = self.splice_command
        copy.splice_descriptors = self.splice_descriptors
        copy.diagnostics = self.diagnostics
        copy._is_header_edited = self._is_header_edited or not HEADER_FIELDS.isdisjoint(changes)
        copy._is_payload_edited = (
            self._is_payload_edited or "splice_command" in changes
            or "splice_descriptors" in changes or not CIPHER_FIELDS.isdisjoint(
                [name for name in changes if changes[name] != getattr(self, name)]
                if changes.get("encrypted_packet", self._value.encrypted_packet)
                or self._value.encrypted_packet else ()))
        copy._set_header(changes)
        if "splice_command" in changes or "splice_descriptors" in changes:
            copy._set_payload(changes.get("splice_command", self.splice_command),
                              changes.get("splice_descriptors", self.splice_descriptors))
        return copy

    def __reduce__(self):
        if self._source is not None and not (self._is_header_edited or self._is_payload_edited):
            return _rebuild_parsed, (self._source, self._clear)
        if self.splice_command is None:
            return parse_section, (self.encode(strict=False),)
        return Value.__reduce__(self)

    def encode(self, *, strict=True, keys=None):
        """The section's bytes.

        With `strict`, what a clause forbids raises `SectionSyntaxError` or `SectionLengthError`,
        and a parsed section whose CRC_32 is not right raises `CrcError`; without, a damaged section
        that was not edited gives its bytes as they came. An encrypted section whose payload was
        edited needs `keys`. Too much for a section raises `SectionLengthError` always.
        """
        if self._source is not None and not self._is_payload_edited:
            if strict and self._value.crc_state != SCTE35_CRC_GOOD:
                raise CrcError("damaged: its CRC_32 is not right", field="CRC_32",
                               clause="9.6.1", crc_32=self.crc_32)
            if not self._is_header_edited:
                return self._source
            if self._value.crc_state != SCTE35_CRC_ABSENT:
                return self._patch()
        return self._compose(strict, keys)

    cdef bytes _patch(self):
        cdef bytes patched = PyBytes_FromStringAndSize(PyBytes_AS_STRING(self._source),
                                                       PyBytes_GET_SIZE(self._source))
        if scte35_patch_header(<uint8_t *>PyBytes_AS_STRING(patched), PyBytes_GET_SIZE(patched),
                               &self._value) != TS_OK:
            raise SectionLengthError("too short to be edited", field="section_length",
                                     clause="9.6", value=self._value.section_length)
        return patched

    cdef int _write_payload(self, scte35_writer *writer) except -1:
        cdef SpliceDescriptor descriptor
        cdef size_t loop_length_offset
        cdef const uint8_t *source
        scte35_write_header(writer, &self._value)
        self.splice_command._write(writer)
        loop_length_offset = writer.size
        scte35_finish_command(writer)
        for descriptor in self.splice_descriptors:
            descriptor._write(writer)
        scte35_finish_loop(writer, loop_length_offset)
        if self._source is not None and self._value.has_loop and not self._clear:
            source = <const uint8_t *>PyBytes_AS_STRING(self._source)
            if not self._value.encrypted_packet and self._value.crc_state != SCTE35_CRC_ABSENT:
                scte35_write_bytes(writer, source + self._value.loop_end,
                                   self._value.stuffing_end - self._value.loop_end)
        return 0

    cdef bytes _compose(self, bint strict, object keys):
        cdef uint8_t buffer[SCTE35_SECTION_SIZE_MAX + 16]
        cdef scte35_writer writer
        cdef bytes cipher, encoded
        if self.splice_command is None:
            raise UsageError("has no readable command to encode", field="splice_command")
        scte35_writer_init(&writer, buffer, SCTE35_SECTION_SIZE_MAX)
        self._write_payload(&writer)
        if self._value.encrypted_packet:
            if keys is None:
                raise UsageError("an encrypted section needs keys", cw_index=self._value.cw_index)
            if strict and not writer.is_full:
                check_clear(self.replace(encrypted_packet=False).encode(strict=False))
            scte35_write_e_crc(&writer)
            cipher = keys.encrypt(
                self._value.encryption_algorithm, self._value.cw_index,
                PyBytes_FromStringAndSize(<const char *>buffer + SCTE35_COMMAND_TYPE_OFFSET,
                                          writer.size - SCTE35_COMMAND_TYPE_OFFSET))
            if <size_t>len(cipher) != writer.size - SCTE35_COMMAND_TYPE_OFFSET:
                raise UsageError("encryption changed the size", field="encryption_algorithm",
                                 value=self._value.encryption_algorithm)
            memcpy(buffer + SCTE35_COMMAND_TYPE_OFFSET, PyBytes_AS_STRING(cipher), len(cipher))
        if scte35_finish_section(&writer) != TS_OK:
            raise SectionLengthError("longer than a section can be", field="section_length",
                                     clause="9.6.1")
        encoded = PyBytes_FromStringAndSize(<const char *>buffer, writer.size)
        if strict and not self._value.encrypted_packet:
            check_clear(encoded)
        return encoded

    cdef SpliceInfoSection _wire_form(self):
        """The section whose derived fields are known: itself as it came, or as it would go out."""
        if self._source is not None and not (self._is_header_edited or self._is_payload_edited):
            return self
        section = self
        if self._value.encrypted_packet and self._is_payload_edited:
            section = self.replace(encrypted_packet=False)
        return parse_section(section.encode(strict=False))

    @property
    def section_length(self):
        return self._wire_form()._value.section_length

    @property
    def splice_command_length(self):
        return self._wire_form()._value.splice_command_length

    @property
    def splice_command_type(self):
        """None where it is encrypted."""
        if self._value.encrypted_packet and self.splice_command is None:
            return None
        return self._value.splice_command_type

    @property
    def descriptor_loop_length(self):
        return self._wire_form()._value.descriptor_loop_length

    @property
    def alignment_stuffing(self):
        """Bytes between the descriptors and the CRCs; not part of what a section says."""
        source = self._clear or self._source
        if source is None or not self._value.has_loop:
            return b""
        return source[self._value.loop_end:self._value.stuffing_end]

    @property
    def crc_32(self):
        return self._wire_form()._value.crc_32

    @property
    def e_crc_32(self):
        """E_CRC_32 of a section that was decrypted, else None."""
        return self._value.e_crc_32 if self._clear else None

    @property
    def crc_ok(self):
        """Whether CRC_32 is right; None where it is cut off."""
        if self._source is None:
            return True
        if self._value.crc_state == SCTE35_CRC_ABSENT:
            return None
        return self._value.crc_state == SCTE35_CRC_GOOD

    def to_dict(self):
        """The section in the standard's field names, as far as it can be read; bytes are in hex."""
        cdef SpliceInfoSection wire = self._wire_form()
        cdef const scte35_section *value = &wire._value
        if value.size < 3:
            return {}
        shown = {
            "table_id": value.table_id,
            "section_syntax_indicator": int(value.section_syntax_indicator),
            "private_indicator": int(value.private_indicator),
            "sap_type": value.sap_type,
            "section_length": value.section_length,
            "protocol_version": value.protocol_version,
        }
        if value.has_header:
            shown["encrypted_packet"] = self._value.encrypted_packet
            shown["encryption_algorithm"] = value.encryption_algorithm
            shown["pts_adjustment"] = value.pts_adjustment
            shown["cw_index"] = value.cw_index
            shown["tier"] = value.tier
            shown["splice_command_length"] = value.splice_command_length
            wire._add_payload(shown)
        if value.crc_state != SCTE35_CRC_ABSENT:
            shown["crc_ok"] = value.crc_state == SCTE35_CRC_GOOD
            shown["CRC_32"] = value.crc_32
        return shown

    def _add_payload(self, shown):
        cdef const scte35_section *value = &self._value
        if value.encrypted_packet and not self._clear:
            shown["encrypted_hex"] = self._source[
                SCTE35_COMMAND_TYPE_OFFSET:value.payload_end].hex()
            return
        shown["splice_command_type"] = value.splice_command_type
        if self.splice_command is not None:
            shown["splice_command"] = self.splice_command.to_dict()
        if value.has_loop:
            shown["descriptor_loop_length"] = value.descriptor_loop_length
            shown["splice_descriptors"] = [one.to_dict() for one in self.splice_descriptors]
            stuffing = self.alignment_stuffing
            if stuffing:
                shown["alignment_stuffing"] = stuffing.hex()
        if self._clear:
            shown["E_CRC_32"] = value.e_crc_32


cdef int build_payload(SpliceInfoSection section, bytes source, scte35_issues *issues) except -1:
    if section._value.has_command:
        section.splice_command = build_command(source, &section._value)
    if section._value.has_loop:
        section.splice_descriptors = build_descriptors(source, &section._value, issues)
    return 0


cdef int build_decrypted(SpliceInfoSection section, bytes clear) except -1:
    """The payload out of the plain text; what was said of the cipher text stays said."""
    cdef scte35_section found
    cdef scte35_issues issues
    issues.count = 0
    issues.lost = 0
    scte35_parse_decrypted(<const uint8_t *>PyBytes_AS_STRING(clear), PyBytes_GET_SIZE(clear),
                           &found, &issues)
    if found.has_command:
        found.crc_32 = section._value.crc_32
        found.crc_state = section._value.crc_state
        section._value = found
        section._clear = clear
        build_payload(section, clear, &issues)
    kept = [one for one in section.diagnostics if one.name != "encrypted"]
    section.diagnostics = (*kept, *[one for one in build_diagnostics(&issues) if one not in kept])
    return 0


def parse_section(bytes data not None, keys=None):
    """The section in bytes that begin with table_id; never raises for what they are."""
    cdef const uint8_t *raw = <const uint8_t *>PyBytes_AS_STRING(data)
    cdef SpliceInfoSection section = SpliceInfoSection.__new__(SpliceInfoSection)
    cdef scte35_issues issues
    issues.count = 0
    issues.lost = 0
    scte35_parse_section(raw, PyBytes_GET_SIZE(data), &section._value, &issues)
    if section._value.size != <size_t>PyBytes_GET_SIZE(data):
        data = PyBytes_FromStringAndSize(<const char *>raw, section._value.size)
    section._source = data
    build_payload(section, data, &issues)
    section.diagnostics = build_diagnostics(&issues)
    if keys is not None and section._value.encrypted_packet:
        plain = keys.decrypt(
            section._value.encryption_algorithm, section._value.cw_index,
            data[SCTE35_COMMAND_TYPE_OFFSET:section._value.payload_end])
        if plain is not None:
            build_decrypted(section, data[:SCTE35_COMMAND_TYPE_OFFSET] + plain
                            + data[section._value.payload_end:])
    return section


def _rebuild_parsed(bytes source, bytes clear):
    cdef SpliceInfoSection section = parse_section(source)
    if clear is not None:
        build_decrypted(section, clear)
    return section
