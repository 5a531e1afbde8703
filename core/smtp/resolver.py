"""Names asked of nameservers that the operator named, in place of the system's resolver."""

from __future__ import annotations

from collections.abc import Sequence

import dns.asyncresolver
import dns.exception
import dns.nameserver
import dns.resolver

from core.smtp.faults import Fault


async def addresses(host: str, nameservers: Sequence[str], timeout: float) -> list[str]:
    """The host's IPv6 and IPv4 addresses. Raises Fault with `host_not_found` or `resolver_failed`."""
    resolver = dns.asyncresolver.Resolver(configure=False)
    resolver.nameservers = [server(entry) for entry in nameservers]
    resolver.lifetime = timeout
    try:
        answers = await resolver.resolve_name(host)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer) as error:
        raise Fault("host_not_found", str(error)) from error
    except dns.exception.DNSException as error:
        raise Fault("resolver_failed", str(error)) from error
    return list(answers.addresses())


def server(entry: str) -> dns.nameserver.Nameserver:
    """The name server at HOST:PORT."""
    address, _, port = entry.rpartition(":")
    return dns.nameserver.Do53Nameserver(address.strip("[]"), int(port))
