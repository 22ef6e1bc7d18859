from _typeshed import ReadableBuffer

# stream_id, PES_packet_length, then value and defect ("syntax", "length") of header size, PTS, DTS.
def parse_header(
    payload: ReadableBuffer,
) -> (
    tuple[int, int, int | None, str | None, int | None, str | None, int | None, str | None] | None
): ...
