from typing_extensions import Buffer

# stream_id, PES_packet_length, then value and defect ("syntax", "length") of header size, PTS, DTS.
def parse_header(
    payload: Buffer,
) -> (
    tuple[int, int, int | None, str | None, int | None, str | None, int | None, str | None] | None
): ...
