"""Names to numbers: hosts by the system's resolver, interfaces by name or address."""

from __future__ import annotations

import errno
import ipaddress
import socket
from dataclasses import dataclass

from tsloom._native import udp as native
from tsloom.errors import OpenError
from tsloom.io.refusals import open_error
from tsloom.io.url import RtpUrl, UdpUrl, Url


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A numeric address and port; scope_id is the interface of a link-local IPv6 address."""

    address: str
    port: int
    scope_id: int

    @property
    def is_multicast(self) -> bool:
        return native.is_multicast(self.address)

    @property
    def version(self) -> int:
        return ipaddress.ip_address(self.address).version


def resolve_host(host: str, port: int, url: Url) -> Endpoint:
    """The first address the system gives for a host name or a numeric address."""
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
    except (socket.gaierror, UnicodeError) as error:
        reason = error.strerror if isinstance(error, socket.gaierror) else "not a host name"
        raise OpenError(f"cannot open {url}: host {host} is not known ({reason})") from None
    numbers = answers[0][4]
    scope_id = int(numbers[3]) if len(numbers) == 4 else 0
    return Endpoint(str(numbers[0]).partition("%")[0], port, scope_id)


def find_interface(url: UdpUrl | RtpUrl) -> int:
    """Index of the interface that iface= or localaddr= names; 0 where neither is given."""
    if url.localaddr is not None:
        return _index_by_address(url.localaddr, url)
    if url.iface is None:
        return 0
    try:
        return _index_by_address(str(ipaddress.ip_address(url.iface)), url)
    except ValueError:
        pass
    try:
        return socket.if_nametoindex(url.iface)
    except OSError:
        names = ", ".join(name for _, name in socket.if_nameindex())
        reason = f"there is no interface {url.iface}, only {names}"
        raise open_error("open", url, errno.ENODEV, reason) from None


def _index_by_address(address: str, url: UdpUrl | RtpUrl) -> int:
    try:
        return native.find_interface(address)
    except OpenError as error:
        reason = f"no interface has the address {address}"
        raise open_error("open", url, error.errno or 0, reason) from None
