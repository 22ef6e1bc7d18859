from collections.abc import Iterable
from typing import Any

import numpy
from numpy.typing import ArrayLike, NDArray

def peek(data: bytes) -> tuple[bool, int]: ...
def peek_many(
    sections: Iterable[bytes],
) -> tuple[NDArray[numpy.bool_], NDArray[numpy.int16]]: ...
def peek_buffer(
    buffer: Any, offsets: ArrayLike
) -> tuple[NDArray[numpy.bool_], NDArray[numpy.int16]]: ...
