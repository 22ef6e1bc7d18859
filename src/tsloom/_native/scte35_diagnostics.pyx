"""What is wrong with a section, as values and as errors."""

cimport cython

from libc.stdint cimport uint32_t

from tsloom._native.c_scte35 cimport (
    SCTE35_ISSUE_MORE,
    scte35_get_issue_text,
    scte35_issue,
    scte35_issue_text,
    scte35_issues,
)
from tsloom._native.c_status cimport TS_BAD_CRC, TS_BAD_LENGTH, TS_BAD_SYNTAX, ts_status
from tsloom._native.scte35_value cimport Value

from tsloom.errors import CrcError, SectionLengthError, SectionSyntaxError


@cython.final
cdef class Diagnostic(Value):
    """What is wrong or odd in a section: the field, the clause of SCTE 35 2023r1 that speaks of it,
    the byte where it stands and its value. Those that are no errors are legal or legacy.
    """

    _fields = ("name", "field", "clause", "text", "offset_bytes", "value", "is_error")

    def __init__(self, name, field, clause, text, offset_bytes=0, value=0, is_error=True):
        self.name = name
        self.field = field
        self.clause = clause
        self.text = text
        self.offset_bytes = offset_bytes
        self.value = value
        self.is_error = is_error
        self._status = TS_BAD_SYNTAX

    def to_dict(self):
        return {name: getattr(self, name) for name in self._fields}

    def __str__(self):
        return (f"{self.field} {self.text} (SCTE 35 {self.clause}, "
                f"byte {self.offset_bytes}, value {self.value})")


cdef Diagnostic build_diagnostic(const scte35_issue *issue):
    cdef const scte35_issue_text *text = scte35_get_issue_text(issue.code)
    cdef Diagnostic diagnostic = Diagnostic.__new__(Diagnostic)
    diagnostic.name = text.name.decode("ascii")
    diagnostic.field = text.field.decode("ascii")
    diagnostic.clause = text.clause.decode("ascii")
    diagnostic.text = text.text.decode("ascii")
    diagnostic.offset_bytes = issue.offset
    diagnostic.value = issue.value
    diagnostic.is_error = text.is_error
    diagnostic._status = text.status
    return diagnostic


cdef tuple build_diagnostics(const scte35_issues *issues):
    cdef size_t i
    cdef scte35_issue more
    cdef list built
    if issues.count == 0:
        return ()
    built = [build_diagnostic(&issues.items[i]) for i in range(issues.count)]
    if issues.lost:
        more.code = SCTE35_ISSUE_MORE
        more.offset = 0
        more.value = <uint32_t>issues.lost
        built.append(build_diagnostic(&more))
    return tuple(built)


cdef object error_class(ts_status status):
    if status == TS_BAD_CRC:
        return CrcError
    return SectionLengthError if status == TS_BAD_LENGTH else SectionSyntaxError


cdef object error_of(const scte35_issue *issue):
    cdef const scte35_issue_text *text = scte35_get_issue_text(issue.code)
    return error_class(text.status)(
        f"{text.field.decode('ascii')} {text.text.decode('ascii')}",
        field=text.field.decode("ascii"),
        clause=text.clause.decode("ascii"),
        offset_bytes=issue.offset,
        value=issue.value,
    )


cdef int raise_first_error(const scte35_issues *issues) except -1:
    cdef size_t i
    for i in range(issues.count):
        if scte35_get_issue_text(issues.items[i].code).is_error:
            raise error_of(&issues.items[i])
    return 0


def raise_for(diagnostics):
    """Raises for the first diagnostic that is an error."""
    cdef Diagnostic one
    for one in diagnostics:
        if one.is_error:
            raise error_class(one._status)(
                f"{one.field} {one.text}", field=one.field, clause=one.clause,
                offset_bytes=one.offset_bytes, value=one.value)
