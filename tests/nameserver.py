"""A real DNS server on loopback that knows a few names."""

import contextlib
import socketserver
import threading
import time
from collections.abc import Iterator, Mapping, Sequence

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

Records = Mapping[str, Sequence[str]]


@contextlib.contextmanager
def serve(
    zone: Mapping[str, str | Records],
    *,
    answer: str = "noerror",
    seconds: float = 0,
    at: tuple[str, int] = ("127.0.0.1", 0),
) -> Iterator[str]:
    """Answers for the names of the zone, NXDOMAIN for others, or always `answer` (servfail, drop); its HOST:PORT.

    Each answer takes `seconds`; many can be under way at once.

    A name has an address, or records by their type: {"MX": ["10 mx.example."], "TXT": ['"v=spf1 -all"']}.
    """

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            data, sock = self.request
            query = dns.message.from_wire(data)
            time.sleep(seconds)
            if answer != "drop":
                sock.sendto(_reply(query, zone, answer).to_wire(), self.client_address)

    with socketserver.ThreadingUDPServer(at, Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.005,), daemon=True).start()
        yield f"{at[0]}:{server.server_address[1]}"
        server.shutdown()


def _reply(query: dns.message.Message, zone: Mapping[str, str | Records], answer: str) -> dns.message.Message:
    reply = dns.message.make_response(query)
    reply.flags |= dns.flags.RA
    question = query.question[0]
    name = question.name.to_text().rstrip(".")
    records = zone.get(name)
    if answer == "servfail":
        reply.set_rcode(dns.rcode.SERVFAIL)
    elif records is None:
        reply.set_rcode(dns.rcode.NXDOMAIN)
    else:
        kind = dns.rdatatype.to_text(question.rdtype)
        found = ({"A": [records]} if isinstance(records, str) else records).get(kind)
        if found:
            reply.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *found))
    return reply
