"""A real Postfix with Dovecot's log-in, on loopback ports and in a directory of its own; needs root."""

import hashlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
import trustme

from tests import parts

ADDRESS = "owner@shop.test"
PASSWORD = "a long way to the sea"

MAIN_CF = """\
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
maillog_file = {home}/postfix.log
maillog_file_prefixes = {home}
myhostname = localhost
mydestination =
mynetworks =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
alias_database =
local_transport = error:no local delivery
default_transport = discard
relay_transport = discard
disable_dns_lookups = yes
smtpd_peername_lookup = no
smtpd_client_connection_count_limit = 0
notify_classes =
virtual_mailbox_domains = shop.test
virtual_mailbox_maps = inline:{{ {{ {address} = owner/ }} }}
virtual_mailbox_base = {home}/mail
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
smtpd_tls_chain_files = {home}/certificate.pem
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtpd_relay_restrictions = permit_sasl_authenticated, reject
"""

MASTER_CF = """\
127.0.0.1:{starttls_port} inet n - n - - smtpd
127.0.0.1:{ssl_port} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""

DOVECOT = """\
base_dir = {home}/{name}
log_path = {home}/dovecot.log
protocols =
ssl = no
auth_mechanisms = plain login
auth_failure_delay = 0 secs
service auth {{
  unix_listener {home}/queue/private/{name} {{
    mode = 0660
    user = postfix
    group = postfix
  }}
}}
"""

DOVECOT_2_3 = """\
passdb {{
  driver = passwd-file
  args = {home}/users
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""

DOVECOT_2_4 = """\
passdb passwd-file {{
  passwd_file_path = {home}/users
}}
"""


@dataclass(frozen=True)
class Service:
    """One more port of Postfix, with settings of its own; `most` is how many clients it serves at a time.

    In a `chroot` it asks the name servers of queue/etc/resolv.conf.
    """

    settings: Mapping[str, str]
    chroot: bool = False
    most: int | None = None

    def line(self, port: int) -> str:
        """The service as master.cf has it."""
        chroot, most = "y" if self.chroot else "n", self.most or "-"
        options = "".join(f"\n  -o {{ {name} = {value} }}" for name, value in self.settings.items())
        return f"127.0.0.1:{port} inet n - {chroot} - {most} smtpd{options}\n"


@dataclass(frozen=True)
class MailServer:
    """Where the server listens, who may log in, and what has arrived."""

    home: Path
    password: str
    starttls_port: int = 0
    ssl_port: int = 0
    ports: Mapping[str, int] = field(default_factory=dict)  # of more services, by their names
    host: str = "127.0.0.1"
    name: str = "localhost"
    username: str = ADDRESS
    address: str = ADDRESS

    @property
    def ca_file(self) -> Path:
        """The authority that a client has to trust, as PEM."""
        return self.home / "authority.pem"

    @property
    def ca_key(self) -> Path:
        """That authority's key, to sign more certificates with."""
        return self.home / "authority.key"

    @property
    def log(self) -> str:
        """What Postfix and Dovecot wrote about themselves."""
        files = (self.home / "postfix.log", self.home / "dovecot.log", self.home / "start.log")
        return "".join(file.read_text(errors="replace") for file in files if file.exists())

    def messages(self) -> list[EmailMessage]:
        """What lies in the owner's mailbox, oldest first."""
        arrived = sorted((self.home / "mail/owner").glob("new/*"), key=lambda file: file.stat().st_mtime_ns)
        return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in arrived]

    def wait_for(self, subject: str, *, seconds: float = 10) -> EmailMessage:
        """The message whose subject contains these words: Postfix delivers a moment after its 250."""
        for _ in until(seconds):
            for message in self.messages():
                if subject in str(message["Subject"]):
                    return message
        raise LookupError(f"no message {subject!r} after {seconds} s\n{self.log}")


@pytest.fixture(scope="session")
def mailserver() -> Iterator[MailServer]:
    """One server for all tests of a process; they name postfix and dovecot as what they need."""
    with running() as ready:
        yield ready


@contextmanager
def running(password: str = PASSWORD, services: Mapping[str, Service] | None = None) -> Iterator[MailServer]:
    """A mail server for as long as the block runs, with more services beside its two ordinary ports."""
    home = Path(tempfile.mkdtemp(prefix="mg-", dir="/tmp"))  # a socket's path has 107 bytes at most
    try:
        server = MailServer(home, password)
        lay_out(server)
        with dovecot(server), postfix(server, services or {}) as ready:
            yield ready
    finally:
        shutil.rmtree(home)


def lay_out(server: MailServer) -> None:
    """Directories, certificates and the one user, each readable by the daemon that needs it."""
    home, nobody = server.home, pwd.getpwnam("nobody")
    home.chmod(0o755)
    for name in ("queue/private", "queue/etc", "data", "mail", "etc"):
        (home / name).mkdir(parents=True)
    shutil.chown(home / "data", "postfix")
    shutil.chown(home / "queue/private", "postfix")
    shutil.chown(home / "mail", nobody.pw_uid, nobody.pw_gid)
    digest = hashlib.sha256(server.password.encode()).hexdigest()
    (home / "users").write_text(f"{server.username}:{{SHA256.HEX}}{digest}\n")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(server.ca_file))
    authority.private_key_pem.write_to_path(str(server.ca_key))
    certificate = authority.issue_cert(server.host, server.name)
    certificate.private_key_and_cert_chain_pem.write_to_path(str(home / "certificate.pem"))


@contextmanager
def dovecot(server: MailServer, name: str = "auth") -> Iterator[subprocess.Popen[bytes]]:
    """Dovecot as the judge of log-ins, and nothing else; Postfix finds it under this name among its private sockets."""
    (server.home / name).mkdir()
    file = server.home / f"{name}.conf"
    file.write_text(dovecot_conf().format(home=server.home, name=name))
    with (server.home / "start.log").open("a") as log:
        process = subprocess.Popen([parts.program("dovecot"), "-F", "-c", file], stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(10)


def dovecot_conf() -> str:
    """The settings as the installed Dovecot spells them."""
    version = subprocess.run([parts.program("dovecot"), "--version"], capture_output=True, text=True, check=True).stdout
    if version.startswith("2.3."):
        return DOVECOT + DOVECOT_2_3
    return "dovecot_config_version = 2.4.0\ndovecot_storage_version = 2.4.0\n" + DOVECOT + DOVECOT_2_4


@contextmanager
def postfix(server: MailServer, services: Mapping[str, Service]) -> Iterator[MailServer]:
    """Postfix on free ports, with its log-in ready."""
    for _ in range(3):  # another program may take a port before Postfix does
        starttls_port, ssl_port, *more = free_ports(2 + len(services))
        ports = dict(zip(services, more, strict=True))
        server = replace(server, starttls_port=starttls_port, ssl_port=ssl_port, ports=ports)
        configure(server, services)
        process = control(server, "start-fg")
        try:
            if await_login(server, process):
                yield server
                return
        finally:
            control(server, "stop").wait()
            process.wait(10)
    raise RuntimeError(f"the mail server did not start\n{server.log}")


def configure(server: MailServer, more: Mapping[str, Service]) -> None:
    """Writes what Postfix reads: settings and services."""
    nobody = pwd.getpwnam("nobody")
    settings = MAIN_CF.format(home=server.home, address=server.address, uid=nobody.pw_uid, gid=nobody.pw_gid)
    services = MASTER_CF.format(starttls_port=server.starttls_port, ssl_port=server.ssl_port)
    services += "".join(service.line(server.ports[name]) for name, service in more.items())
    for name, text in {"main.cf": settings, "master.cf": services}.items():
        file = server.home / "etc" / name
        file.write_text(text)
        os.utime(file, (0, 0))  # Postfix waits two seconds for a file that has just changed


def control(server: MailServer, command: str) -> subprocess.Popen[bytes]:
    """Postfix's own program at work on this command."""
    order = [parts.program("postfix"), "-c", str(server.home / "etc"), command]
    environment = os.environ | {"PATH": parts.PATH}
    with (server.home / "start.log").open("a") as log:
        return subprocess.Popen(order, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)


def await_login(server: MailServer, process: subprocess.Popen[bytes]) -> bool:
    """Whether Postfix greets and Dovecot listens before Postfix gives up."""
    for _ in until(20):
        if process.poll() is not None:
            return False
        if (server.home / "queue/private/auth").is_socket() and greets(server):
            return True
    return False


def greets(server: MailServer) -> bool:
    """Whether somebody says 220 on the STARTTLS port."""
    try:
        with socket.create_connection((server.host, server.starttls_port), timeout=5) as connection:
            return connection.recv(512).startswith(b"220")
    except OSError:
        return False


def free_port() -> int:
    """A port of 127.0.0.1 that nobody uses now."""
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """So many ports of 127.0.0.1 that nobody uses now, no two alike."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


def until(seconds: float) -> Iterator[None]:
    """One turn every 20 ms until the time is over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield
        time.sleep(0.02)
