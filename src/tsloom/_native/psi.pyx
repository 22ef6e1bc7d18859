"""PSI sections, bound: checks and edits of bytes."""

from libc.stdint cimport uint8_t, uint16_t

from tsloom._native cimport c_psi as kernels
from tsloom._native.c_batch cimport TS_PID_COUNT
from tsloom._native.c_psi cimport PSI_SECTION_MAX, psi_pmt_addition, psi_slice
from tsloom._native.c_status cimport (
    TS_BAD_ARGUMENT,
    TS_BAD_CRC,
    TS_BAD_LENGTH,
    TS_BAD_SYNTAX,
    TS_NO_ROOM,
    TS_NOT_FOUND,
    TS_OK,
    ts_status,
)
from tsloom.errors import CrcError, SectionLengthError, SectionSyntaxError, UsageError


cdef dict ERRORS = {
    TS_BAD_LENGTH: (SectionLengthError, "length fields contradict the section's bytes"),
    TS_BAD_SYNTAX: (SectionSyntaxError, "not a section of this table"),
    TS_BAD_CRC: (CrcError, "CRC_32 does not match"),
    TS_NO_ROOM: (SectionLengthError, "the section would be longer than its table allows"),
    TS_NOT_FOUND: (UsageError, "not in the table"),
    TS_BAD_ARGUMENT: (UsageError, "the edit cannot be made in this section"),
}


cdef int raise_unless_ok(ts_status status, const uint8_t[::1] section) except -1:
    if status == TS_OK:
        return 0
    error, message = ERRORS[status]
    table_id = section[0] if section.shape[0] else None
    raise error(message, table_id=table_id, size_bytes=section.shape[0])


cdef const uint8_t *start(const uint8_t[::1] data) noexcept:
    return &data[0] if data.shape[0] else NULL


cdef psi_slice make_slice(const uint8_t[::1] data) noexcept:
    cdef psi_slice view
    view.bytes = start(data)
    view.size = data.shape[0]
    return view


def check_crc(const uint8_t[::1] section not None):
    raise_unless_ok(kernels.psi_check_crc(start(section), section.shape[0]), section)


def check_section(const uint8_t[::1] section not None):
    raise_unless_ok(kernels.psi_check_section(start(section), section.shape[0]), section)


def check_pat(const uint8_t[::1] section not None):
    raise_unless_ok(kernels.psi_pat_check(start(section), section.shape[0]), section)


def check_cat(const uint8_t[::1] section not None):
    raise_unless_ok(kernels.psi_cat_check(start(section), section.shape[0]), section)


def check_pmt(const uint8_t[::1] section not None):
    raise_unless_ok(kernels.psi_pmt_check(start(section), section.shape[0]), section)


def seal(const uint8_t[::1] section not None):
    sealed = bytearray(section)
    cdef uint8_t[::1] view = sealed
    cdef ts_status status = TS_BAD_LENGTH
    if view.shape[0]:
        status = kernels.psi_seal(&view[0], view.shape[0])
    raise_unless_ok(status, section)
    return bytes(sealed)


def raise_version(const uint8_t[::1] section not None):
    check_section(section)
    raised = bytearray(section)
    cdef uint8_t[::1] view = raised
    kernels.psi_raise_version(&view[0])
    kernels.psi_seal(&view[0], view.shape[0])
    return bytes(raised)


def keep_programs(const uint8_t[::1] section not None,
                  const uint16_t[::1] program_numbers not None):
    cdef uint8_t[PSI_SECTION_MAX] out
    cdef size_t size = 0
    cdef size_t count = program_numbers.shape[0]
    raise_unless_ok(
        kernels.psi_pat_keep(start(section), section.shape[0],
                             &program_numbers[0] if count else NULL, count,
                             out, sizeof(out), &size),
        section)
    return (<const char *> out)[:size]


def remap(const uint8_t[::1] section not None, const uint16_t[::1] pid_map not None):
    cdef uint8_t[PSI_SECTION_MAX] out
    cdef size_t size = 0
    if pid_map.shape[0] != TS_PID_COUNT:
        raise UsageError("a PID map has 8192 entries", entries=pid_map.shape[0])
    raise_unless_ok(
        kernels.psi_remap(start(section), section.shape[0], &pid_map[0],
                          out, sizeof(out), &size),
        section)
    return (<const char *> out)[:size]


def append_stream(const uint8_t[::1] section not None, const uint8_t[::1] program_info not None,
                  uint8_t stream_type, uint16_t elementary_pid,
                  const uint8_t[::1] es_info not None):
    cdef uint8_t[PSI_SECTION_MAX] out
    cdef size_t size = 0
    cdef psi_pmt_addition addition
    addition.program_info = make_slice(program_info)
    addition.stream.stream_type = stream_type
    addition.stream.elementary_pid = elementary_pid
    addition.stream.es_info = make_slice(es_info)
    raise_unless_ok(
        kernels.psi_pmt_append(start(section), section.shape[0], &addition,
                               out, sizeof(out), &size),
        section)
    return (<const char *> out)[:size]


def remove_stream(const uint8_t[::1] section not None, uint16_t elementary_pid):
    cdef uint8_t[PSI_SECTION_MAX] out
    cdef size_t size = 0
    raise_unless_ok(
        kernels.psi_pmt_remove(start(section), section.shape[0], elementary_pid,
                               out, sizeof(out), &size),
        section)
    return (<const char *> out)[:size]
