"""A real DNS server on loopback that knows a few names."""

import contextlib
import socketserver
import threading
from collections.abc import Iterator

import dns.flags
import dns.message
import dns.rcode
import dns.rrset


@contextlib.contextmanager
def serve(zone: dict[str, str], *, answer: str = "noerror") -> Iterator[str]:
    """Answers A for the names of the zone, NXDOMAIN for others, or always `answer` (servfail); its HOST:PORT."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            data, sock = self.request
            query = dns.message.from_wire(data)
            sock.sendto(_reply(query, zone, answer).to_wire(), self.client_address)

    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def _reply(query: dns.message.Message, zone: dict[str, str], answer: str) -> dns.message.Message:
    reply = dns.message.make_response(query)
    reply.flags |= dns.flags.RA
    question = query.question[0]
    name = question.name.to_text().rstrip(".")
    if answer == "servfail":
        reply.set_rcode(dns.rcode.SERVFAIL)
    elif name not in zone:
        reply.set_rcode(dns.rcode.NXDOMAIN)
    elif question.rdtype == 1:
        reply.answer.append(dns.rrset.from_text(question.name, 60, "IN", "A", zone[name]))
    return reply
