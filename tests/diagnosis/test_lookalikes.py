"""Causes that look alike in a text are told apart by what decides between them, else named together.

A table has a cause, behind + what must stand beside it, behind @ what is known, and under it one text a line; a line
that is set in further goes on with the text above it.
"""

import re
from typing import Any

import pytest

from core.diagnosis.explain import explain

Row = tuple[str, dict[str, Any], str, set[str]]
HEAD = re.compile(r"(?P<slug>[\w.]+)(?: \+ (?P<beside>[\w. ]+?))?(?: @ (?P<facts>.+))?")


def rows(table: str) -> list[Row]:
    """A text, what is known, the cause and what must stand beside it, for every text of a table."""
    found: list[Row] = []
    head = HEAD.fullmatch("none")
    for line in table.strip().splitlines():
        if not line.startswith(" "):
            head = HEAD.fullmatch(line)
        elif line.startswith(" " * 8):
            found[-1] = (f"{found[-1][0]}\n{line.strip()}", *found[-1][1:])
        else:
            assert head, line
            found.append((line.strip(), known(head["facts"]), head["slug"], set((head["beside"] or "").split())))
    return found


def known(facts: str | None) -> dict[str, Any]:
    """What is known beside a text, such as host=smtp.gmail.com port=587."""
    pairs = dict(fact.split("=") for fact in (facts or "").split())
    return {name: int(value) if name == "port" else value for name, value in pairs.items()}


def judged(text: str, facts: dict[str, Any]) -> tuple[str | None, set[str]]:
    """The cause of a text, and the look-alikes named beside it."""
    found = explain(text, **facts)
    return found.cause, set(found.also)


# texts of a server that does not greet: on 465 without TLS it never will
SILENT = r"""
greeting.timeout
    Error: Greeting never received
        at SMTPConnection._formatError (/app/node_modules/nodemailer/lib/smtp-connection/index.js:790:19)
        at Timeout._onTimeout (/app/node_modules/nodemailer/lib/smtp-connection/index.js:237:28) {
        code: 'ETIMEDOUT',
        command: 'CONN'
        }
    server = smtplib.SMTP("mail.shop.example", timeout=30)
        smtplib.SMTPServerDisconnected: Connection unexpectedly closed: timed out
    Net::ReadTimeout (Net::ReadTimeout with #<TCPSocket:(closed)>):
        /usr/local/bundle/gems/net-smtp-0.3.3/lib/net/smtp.rb:593:in `tcp_socket'
    aiosmtplib.errors.SMTPConnectTimeoutError: Timed out waiting for server ready message
    status=deferred (conversation with mail.shop.example[192.0.2.25] timed out while receiving the initial
        server greeting)
    javax.mail.MessagingException: Exception reading response;
        nested exception is:
        java.net.SocketTimeoutException: Read timed out
    mail.shop.example [192.0.2.25] SMTP timeout while connected after initial connection
connect.dropped
    jakarta.mail.MessagingException: Got bad greeting from SMTP host: mail.shop.example, response: -1
        at org.eclipse.angus.mail.smtp.SMTPTransport.openServer(SMTPTransport.java:2189)
    org.springframework.mail.MailSendException: Mail server connection failed; nested exception is
        javax.mail.MessagingException: Got bad greeting from SMTP host: mail.shop.example, response: [EOF]
    com.sun.mail.util.MailConnectException / javax.mail.MessagingException: Could not connect to SMTP host:
        mail.shop.example, response: -1
    File "/usr/lib/python3.11/smtplib.py", line 405, in getreply
        raise SMTPServerDisconnected("Connection unexpectedly closed")
        smtplib.SMTPServerDisconnected: Connection unexpectedly closed
    EOFError: end of file reached
        /usr/lib/ruby/3.1.0/net/protocol.rb:237:in `rbuf_fill'
        net/smtp.rb:1000:in `recv_response'
    2024/05/02 10:11:12 smtp: failed to send mail: EOF
    panic: EOF
        goroutine 1 [running]:
        main.main()
        /app/main.go:31 smtp.NewClient
    msmtp: the server sent an empty reply
        msmtp: could not send mail (account default from /root/.msmtprc)
    Swift_TransportException: Expected response code 220 but got an empty response in
        AbstractSmtpTransport.php:448
    Symfony\Component\Mailer\Exception\TransportException: Expected response code "220" but got empty code.
    Expected response code 220 but got code "", with message ""
    aiosmtplib.errors.SMTPServerDisconnected: Unexpected EOF received
    status=deferred (lost connection with mail.shop.example[192.0.2.25] while receiving the initial server
        greeting)
    lettre::transport::smtp::Error { kind: Response, source: "incomplete response" }
    H=mail.shop.example [192.0.2.25]: Remote host closed connection in response to initial connection
connect.timeout
    System.Net.Mail.SmtpException: The operation has timed out.
        at System.Net.Mail.SmtpClient.Send(MailMessage message)
session.dropped
    SERVER -> CLIENT:
        SMTP NOTICE: EOF caught while checking if connected
        SMTP Error: Could not authenticate.
"""


@pytest.mark.parametrize(("text", "slug"), [(text, slug) for text, _, slug, _ in rows(SILENT)])
def test_of_a_server_that_does_not_greet_the_port_is_asked(text: str, slug: str) -> None:
    found = explain(text)

    assert (found.cause, found.ask) == (slug, "port")


@pytest.mark.parametrize("text", [text for text, *_ in rows(SILENT)])
def test_without_tls_port_465_does_not_greet(text: str) -> None:
    found = {explain(text, port=465, encryption=encryption).cause for encryption in ("none", "starttls")}

    assert found == {"tls.plain_on_implicit_port"}


@pytest.mark.parametrize(("text", "slug"), [(text, slug) for text, _, slug, _ in rows(SILENT)])
def test_on_other_ports_the_greeting_is_the_trouble(text: str, slug: str) -> None:
    cause, also = judged(text, {"port": 587, "encryption": "starttls"})

    assert cause == slug
    assert "tls.plain_on_implicit_port" not in also


# texts of a connection that never came
UNREACHED = r"""
connect.timeout
    Net::OpenTimeout: execution expired
        /usr/lib/ruby/3.0.0/net/smtp.rb:539:in `initialize'
    Error: connect ETIMEDOUT 192.0.2.25:465
        at TCPConnectWrap.afterConnect [as oncomplete] {
        errno: -110,
        code: 'ESOCKET',
        syscall: 'connect', command: 'CONN' }
    Error: Connection timeout
        at SMTPConnection._formatError (nodemailer/lib/smtp-connection/index.js:798:19) {
        code: 'ETIMEDOUT',
        command: 'CONN'
        }
    TimeoutError: [Errno 110] Connection timed out
    SocketException: A connection attempt failed because the connected party did not properly respond after a
        period of time, or established connection failed because connected host has failed to respond 192.0.2.25:465
        (10060)
    WSA 10060: connect failed
    stream_socket_client(): Unable to connect to ssl://smtp.gmail.com:465 (Connection timed out)
    com.sun.mail.util.MailConnectException: Couldn't connect to host, port: smtp.gmail.com, 465; timeout -1;
        nested exception is:
        java.net.ConnectException: Connection timed out (Connection timed out)
    dial tcp 192.0.2.25:465: i/o timeout
    msmtp: cannot connect to smtp.shop.example, port 465: Connection timed out
    SMTP ERROR: Failed to connect to server: Connection timed out (110)
    connect to mail.shop.example[192.0.2.25]:25: Connection timed out
    lettre: Connection error: Connection timed out (os error 110)
    socket.timeout: timed out
    TimeoutError: timed out
"""


@pytest.mark.parametrize("facts", [{}, {"port": 465, "encryption": "starttls"}])
@pytest.mark.parametrize("text", [text for text, *_ in rows(UNREACHED)])
def test_a_connection_that_never_came_is_not_a_greeting(text: str, facts: dict[str, Any]) -> None:
    found = explain(text, **facts)

    assert (found.cause, found.ask) == ("connect.timeout", None)


# nobody's TLS is too old where the first bytes were no TLS at all
IMPLICIT_ON_STARTTLS = r"""
tls.implicit_on_starttls_port
    Error: write EPROTO 140735:error:1408F10B:SSL routines:ssl3_get_record:wrong version
        number:../deps/openssl/openssl/ssl/record/ssl3_record.c:332:
        code: 'ESOCKET', command: 'CONN'
    ssl.SSLError: [SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)
    MailKit.Security.SslHandshakeException: An error occurred while attempting to establish an SSL or TLS
        connection.
        ---> System.IO.IOException: The handshake failed due to an unexpected packet format.
    System.Security.Authentication.AuthenticationException: Cannot determine the frame size or a corrupted frame
        was received.
        at System.Net.Security.SslStream.EnsureFullTlsFrameAsync
    javax.mail.MessagingException: Could not connect to SMTP host: smtp.office365.com, port: 587;
        nested exception is:
        javax.net.ssl.SSLException: Unrecognized SSL message, plaintext connection?
    javax.net.ssl.SSLHandshakeException: Unable to parse TLS packet header
        at com.android.org.conscrypt.ConscryptFileDescriptorSocket.startHandshake
    javax.net.ssl.SSLProtocolException: Read error: ssl=0x7b: Failure in SSL library, usually a protocol error
        error:100000f7:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER
        (external/boringssl/src/ssl/tls_record.cc:242)
    tls: first record does not look like a TLS handshake
    msmtp: TLS handshake failed: An unexpected TLS packet was received.
        msmtp: could not send mail
    gnutls_handshake() failed: An unexpected TLS packet was received.
    OpenSSL::SSL::SSLError: SSL_connect returned=1 errno=0 peeraddr=192.0.2.1:587 state=error: wrong version
        number
    stream_socket_client(): SSL operation failed with code 1. OpenSSL Error messages:
        error:0A00010B:SSL routines::wrong version number
    stream_socket_client(): SSL operation failed with code 1. OpenSSL Error messages: error:140770FC:SSL
        routines:SSL23_GET_SERVER_HELLO:unknown protocol
    lettre: Connection error: received corrupt message of type InvalidContentType
    native-tls: error:0A00010B:SSL routines:ssl3_get_record:wrong version number (lettre)
    curl: (35) error:1408F10B:SSL routines:ssl3_get_record:wrong version number
    curl: (35) OpenSSL/3.0.2: error:0A0000C6:SSL routines::packet length too long smtps://mail.shop.example:587
    postfix/smtp: SSL_connect error to mail.shop.example[192.0.2.1]:587: -1
        warning: TLS library problem: error:1408F10B:SSL routines:ssl3_get_record:wrong version number:
    A TLS packet with unexpected length was received.
tls.implicit_on_starttls_port @ port=1025
    Error: 80CB2A0301000000:error:0A00010B:SSL routines:ssl3_get_record:wrong version
        number:../deps/openssl:355:
        at nodemailer
tls.implicit_on_starttls_port @ port=3030 encryption=ssl
    ssl.SSLError: [SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)
tls.implicit_on_starttls_port @ port=587
    javax.net.ssl.SSLException: Unsupported or unrecognized SSL message
tls.implicit_on_starttls_port @ port=25
    gomail: could not send email 1: tls: first record does not look like a TLS handshake
"""


@pytest.mark.parametrize(("text", "facts", "slug", "beside"), rows(IMPLICIT_ON_STARTTLS))
def test_a_plain_answer_to_a_handshake_never_means_that_versions_differ(
    text: str, facts: dict[str, Any], slug: str, beside: set[str]
) -> None:
    cause, also = judged(text, facts)

    assert cause == slug
    assert also >= beside
    assert not also & {"tls.protocol_too_old", "tls.handshake_failed"}


# alert 70 and its like are versions, alert 40 is everything else
VERSIONS_AND_CIPHERS = r"""
tls.protocol_too_old
    ssl.SSLError: [SSL: UNSUPPORTED_PROTOCOL] unsupported protocol (_ssl.c:1131)
    ssl.SSLError: [SSL: TLSV1_ALERT_PROTOCOL_VERSION] tlsv1 alert protocol version (_ssl.c:1123)
    error:0A00042E:SSL routines:ssl3_read_bytes:tlsv1 alert protocol version, SSL alert number 70
    tls: server selected unsupported protocol version 301
    remote error: tls: protocol version not supported
    javax.net.ssl.SSLHandshakeException: No appropriate protocol (protocol is disabled or cipher suites are
        inappropriate)
    javax.net.ssl.SSLHandshakeException: Received fatal alert: protocol_version
    javax.net.ssl.SSLHandshakeException: The server selected protocol version TLS10 is not accepted by client
        preferences [TLS12]
    421 4.7.66 TLS 1.0 and 1.1 are not supported. Please upgrade/update your client to support TLS 1.2. Visit
        https://aka.ms/smtp_auth_tls. [AM0PR.eurprd.prod.outlook.com]
    Server response: 421 4.7.66 TLS 1.0 and 1.1 are not supported.
    OpenSSL::SSL::SSLError: SSL_connect returned=1 errno=0 state=error: unsupported protocol
    gnutls_handshake() failed: A packet with illegal or unsupported version was received.
    MailKit.Security.SslHandshakeException ---> Authentication failed because the remote party sent a TLS alert:
        'ProtocolVersion'.
    SSL_accept error from unknown[192.0.2.3]: -1
        warning: TLS library problem: error:14209102:SSL routines:tls_early_post_process_client_hello:unsupported
        protocol
    lettre: received fatal alert: ProtocolVersion
tls.protocol_too_old @ port=465 encryption=ssl
    Error: 140:error:1425F102:SSL routines:ssl_choose_client_version:unsupported protocol
tls.handshake_failed
    System.ComponentModel.Win32Exception: The client and server cannot communicate, because they do not possess
        a common algorithm
    error:14094410:SSL routines:ssl3_read_bytes:sslv3 alert handshake
        failure:../ssl/record/rec_layer_s3.c:1544:SSL alert number 40
    tls: handshake failure
        remote error: tls: handshake failure
    javax.net.ssl.SSLHandshakeException: Received fatal alert: handshake_failure
    SSL routines:tls_post_process_client_hello:no shared cipher
    postfix/smtpd: warning: TLS library problem: error:1417A0C1:SSL routines:tls_post_process_client_hello:no
        shared cipher:../ssl/statem/statem_srvr.c:2283:
    lettre: received fatal alert: HandshakeFailure
    Authentication failed because the remote party sent a TLS alert: 'HandshakeFailure'.
    gnutls_handshake: A TLS fatal alert has been received. (Handshake failed)
    java.io.EOFException: SSL peer shut down incorrectly
        javax.net.ssl.SSLHandshakeException: Remote host terminated the handshake
    Error: 8072:error:10000438:SSL routines:OPENSSL_internal:TLSV1_ALERT_INTERNAL_ERROR
"""


@pytest.mark.parametrize(("text", "facts", "slug", "beside"), rows(VERSIONS_AND_CIPHERS))
def test_no_common_version_is_told_from_no_common_cipher(
    text: str, facts: dict[str, Any], slug: str, beside: set[str]
) -> None:
    cause, also = judged(text, facts)

    assert cause == slug
    assert also >= beside
    assert not also & {"tls.plain_on_implicit_port", "tls.cert_untrusted"}


# openSSL names one fault; Go, Java, .NET and PHP name a group, so the answer is a list
TRUST = r"""
tls.cert_self_signed + tls.intercepted @ host=mail.shop.example
    Error: self signed certificate
        code: 'ESOCKET' DEPTH_ZERO_SELF_SIGNED_CERT
    ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self signed
        certificate (_ssl.c:1131)
tls.cert_self_signed + tls.intercepted
    Error: self-signed certificate code: 'DEPTH_ZERO_SELF_SIGNED_CERT'
    OpenSSL::SSL::SSLError: SSL_connect returned=1 errno=0 state=error: certificate verify failed (self signed
        certificate)
    certificate verification failed for mail.shop.example[192.0.2.4]:25: self-signed certificate
tls.cert_untrusted + tls.intercepted @ host=mail.shop.example
    Error: unable to verify the first certificate
        code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'
tls.cert_untrusted + tls.intercepted
    Error: unable to verify the first certificate
        code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'
    smtplib: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate
        (_ssl.c:1006)
    The remote certificate is invalid because of errors in the certificate chain: PartialChain
    OpenSSL::SSL::SSLError: certificate verify failed (unable to get local issuer certificate)
tls.intercepted + tls.cert_untrusted tls.cert_self_signed connect.redirected_by_host @ host=smtp.gmail.com port=465
    Error: self signed certificate in certificate chain SELF_SIGNED_CERT_IN_CHAIN
tls.cert_self_signed + tls.intercepted tls.cert_untrusted @ host=mail.shop.example
    Error: self-signed certificate in certificate chain SELF_SIGNED_CERT_IN_CHAIN
tls.cert_self_signed + tls.intercepted tls.cert_untrusted
    Error: self-signed certificate in certificate chain SELF_SIGNED_CERT_IN_CHAIN
tls.intercepted + tls.cert_untrusted tls.cert_self_signed connect.redirected_by_host @ host=smtp.gmail.com port=587
    smtplib: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate
        (_ssl.c:1006)
tls.cert_untrusted + tls.cert_self_signed tls.intercepted
    x509: certificate signed by unknown authority
    javax.net.ssl.SSLHandshakeException: sun.security.validator.ValidatorException: PKIX path building failed:
        sun.security.provider.certpath.SunCertPathBuilderException: unable to find valid certification path to
        requested target
    The remote certificate is invalid because of errors in the certificate chain: UntrustedRoot
    invalid peer certificate: UnknownIssuer
    msmtp: TLS certificate verification failed: the certificate hasn't got a known issuer
    msmtp: TLS certificate verification failed: The certificate is NOT trusted. The certificate issuer is
        unknown.
    MailKit: • The root certificate has the following errors:
        • A certificate chain processed, but terminated in a root certificate which is not trusted by the trust
        provider.
tls.cert_untrusted + tls.cert_self_signed tls.intercepted @ host=mail.shop.example
    gomail: could not send email 1: tls: failed to verify certificate: x509: certificate signed by unknown
        authority
tls.cert_untrusted + tls.intercepted connect.redirected_by_host @ host=smtp.gmail.com
    x509: certificate signed by unknown authority
    javax.mail.MessagingException: Could not convert socket to TLS;
        nested: PKIX path building failed: unable to find valid certification path to requested target
    stream_socket_enable_crypto(): SSL operation failed with code 1. OpenSSL Error messages: error:0A000086:SSL
        routines::certificate verify failed
tls.cert_untrusted + tls.cert_self_signed tls.intercepted tls.cert_hostname_mismatch tls.cert_expired
    System.Security.Authentication.AuthenticationException: The remote certificate is invalid according to the
        validation procedure.
    stream_socket_enable_crypto(): SSL operation failed with code 1. OpenSSL Error messages:
        error:1416F086:SSL routines:tls_process_server_certificate:certificate verify failed
    OpenSSL::SSL::SSLError: SSL_connect returned=1 errno=0 state=error: certificate verify failed
    status=deferred (Server certificate not trusted)
    MailKit: The server's SSL certificate could not be validated for the following reasons:
        • The server certificate has the following errors:
        • unable to get certificate CRL
tls.cert_hostname_mismatch
    The remote certificate is invalid according to the validation procedure: RemoteCertificateNameMismatch
tls.cert_self_signed + tls.cert_invalid
    rustls: invalid peer certificate: CaUsedAsEndEntity
"""


@pytest.mark.parametrize(("text", "facts", "slug", "beside"), rows(TRUST))
def test_who_issued_a_certificate_is_told_as_far_as_the_program_tells_it(
    text: str, facts: dict[str, Any], slug: str, beside: set[str]
) -> None:
    cause, also = judged(text, facts)

    assert cause == slug
    assert also >= beside


# the customer's own host has a plain mismatch
NAMES = r"""
connect.redirected_by_host + tls.intercepted tls.cert_hostname_mismatch
    Warning: stream_socket_enable_crypto(): Peer certificate CN=`srv12.hoster.example' did not match expected
        CN=`smtp.gmail.com'
    Peer certificate CN=`server5.hoster.example' did not match expected CN=`smtp.office365.com' in
        /var/www/PHPMailer/SMTP.php
    Hostname/IP does not match certificate's altnames: Host: smtp.gmail.com. is not in the cert's altnames:
        DNS:srv12.hoster.example
    x509: certificate is valid for srv1.hoster.example, not smtp.gmail.com
    ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: Hostname mismatch,
        certificate is not valid for 'smtp.zoho.com'. (_ssl.c:1131)
    java.security.cert.CertificateException: No subject alternative DNS name matching smtp.gmail.com found.
    Error [ERR_TLS_CERT_ALTNAME_INVALID]: Hostname/IP does not match certificate's altnames: Host:
        smtp.office365.com. is not in the cert's altnames: DNS:web5.hoster.example
tls.cert_hostname_mismatch
    Peer certificate CN=`*.hoster.example' did not match expected CN=`mail.shop.example'
    Hostname/IP does not match certificate's altnames: Host: mail.shop.example. is not in the cert's altnames:
        DNS:*.hoster.example, DNS:hoster.example
    x509: certificate is valid for srv1.hoster.example, not mail.shop.example
    ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: Hostname mismatch,
        certificate is not valid for 'mail.shop.example'. (_ssl.c:1131)
    OpenSSL::SSL::SSLError: hostname "mail.shop.example" does not match the server certificate
connect.redirected_by_host + auth.bad_credentials tls.intercepted @ host=smtp.gmail.com
    2024-02-01 SERVER -> CLIENT: 220-srv12.hoster.example ESMTP Exim 4.96 #2 Thu, 01 Feb 2024
        220-We do not authorize the use of this system to transport unsolicited,
        220 and/or bulk e-mail.
        CLIENT -> SERVER: EHLO shop.example
        SERVER -> CLIENT: 535 Incorrect authentication data
        SMTP Error: Could not authenticate.
connect.redirected_by_host + auth.bad_credentials tls.intercepted @ host=smtp.zoho.com port=587
    220-srv12.hoster.example ESMTP Exim 4.96
        220-We do not authorize the use of this system to transport unsolicited,
        220 and/or bulk e-mail.
        535 Incorrect authentication data
auth.bad_credentials @ host=srv12.hoster.example port=587
    220-srv12.hoster.example ESMTP Exim 4.96
        220-We do not authorize the use of this system to transport unsolicited,
        220 and/or bulk e-mail.
        535 Incorrect authentication data
connect.redirected_by_host + auth.bad_credentials tls.intercepted
    Connection: opening to smtp.gmail.com:587, timeout=300
        SERVER -> CLIENT: 220-srv12.hoster.example ESMTP Exim 4.96
        220-We do not authorize the use of this system to transport unsolicited,
        220 and/or bulk e-mail.
        SERVER -> CLIENT: 535 Incorrect authentication data
connect.redirected_by_host + tls.intercepted tls.cert_hostname_mismatch @ host=smtp.gmail.com
    The host name did not match the name given in the server's SSL certificate.
"""


@pytest.mark.parametrize(("text", "facts", "slug", "beside"), rows(NAMES))
def test_another_name_in_a_certificate_is_a_redirect_only_at_a_known_provider(
    text: str, facts: dict[str, Any], slug: str, beside: set[str]
) -> None:
    cause, also = judged(text, facts)

    assert cause == slug
    assert also >= beside


# both are 530 5.7.0 at Gmail
FIRST_TLS_OR_LOGIN = r"""
tls.required
    530 5.7.0 Must issue a STARTTLS command first. d2e1a72fcca58-6b2 - gsmtp
    smtplib.SMTPSenderRefused: (530, b'5.7.0 Must issue a STARTTLS command first. a640c23a62f3a - gsmtp',
        'shop@shop.example')
    msmtp: envelope from address shop@shop.example not accepted by the server
        msmtp: server message: 530 5.7.0 Must issue a STARTTLS command first
    451 5.7.3 STARTTLS is required to send mail [AM6PR.eurprd05.prod.outlook.com]
    com.sun.mail.smtp.SMTPSendFailedException: 451 5.7.3 STARTTLS is required to send mail
    Net::SMTPAuthenticationError: 530 5.7.0 Must issue a STARTTLS command first
    System.Net.Mail.SmtpException: The SMTP server requires a secure connection or the client was not
        authenticated. The server response was: 5.7.0 Must issue a STARTTLS command first.
    530 Must issue a STARTTLS command first (amazonses)
    538 5.7.11 Encryption required for requested authentication mechanism
auth.required
    530-5.7.0 Authentication Required. For more information, go to
        530 5.7.0  https://support.google.com/mail/?p=WantAuthError x1-20020a - gsmtp
    smtplib.SMTPSenderRefused: (530, b'5.7.0 Authentication Required. Learn more at\n5.7.0
        https://support.google.com/mail/?p=WantAuthError - gsmtp', 'a@shop.example')
    Error: Mail command failed: 530-5.7.0 Authentication Required. For more information, go to
    530 5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM
    530 5.5.1 Authentication Required
    System.Net.Mail.SmtpException: The SMTP server requires a secure connection or the client was not
        authenticated. The server response was: 5.7.0 Authentication Required. Learn more at
    System.Net.Mail.SmtpException: The SMTP server requires a secure connection or the client was not
        authenticated. The server response was: 5.5.1 Authentication Required.
    530 5.7.1 Authentication required
auth.required + auth.bad_credentials tls.required auth.basic_disabled
    550 5.7.57 Client not authenticated to send mail.
"""


@pytest.mark.parametrize(("text", "facts", "slug", "beside"), rows(FIRST_TLS_OR_LOGIN))
def test_the_words_of_a_530_tell_encryption_from_log_in(
    text: str, facts: dict[str, Any], slug: str, beside: set[str]
) -> None:
    cause, also = judged(text, facts)

    assert cause == slug
    assert also >= beside
    assert not also & {"recipient.relay_denied"}


# aUTH is often hidden until STARTTLS
AUTH_OFFERED = r"""
auth.not_offered + tls.required
    smtplib.SMTPNotSupportedError: SMTP AUTH extension not supported by server.
    System.NotSupportedException: The SMTP server does not support authentication.
        at MailKit.Net.Smtp.SmtpClient.AuthenticateAsync
    2024/01/01 smtp: server doesn't support AUTH
    aiosmtplib.errors.SMTPException: SMTP AUTH extension is not supported by this server.
    msmtp: the server does not support authentication
        msmtp: could not send mail (account default from /etc/msmtprc)
    Net::SMTPSyntaxError: 503 5.5.1 Error: authentication not enabled
    503 AUTH command used when not advertised
    Mailer Error: SMTP Error: Could not authenticate. SMTP server error: AUTH command failed Detail:
        Authentication not enabled SMTP code: 503
auth.not_offered + tls.required @ port=587 encryption=none
    smtplib.SMTPNotSupportedError: SMTP AUTH extension not supported by server.
auth.not_offered + tls.required @ port=25 encryption=none host=mail.shop.example
    smtplib.SMTPNotSupportedError: SMTP AUTH extension not supported by server.
auth.not_offered + tls.required @ port=587 encryption=none host=smtp.gmail.com
    smtplib.SMTPNotSupportedError: SMTP AUTH extension not supported by server.
auth.mechanism_unsupported + auth.not_offered tls.required
    504 5.7.4 Unrecognized authentication type [LO2P265CA0123.GBRP265.PROD.OUTLOOK.COM]
auth.not_offered + auth.mechanism_unsupported @ host=shop-example.mail.protection.outlook.com port=25
    SMTP Error: 504 5.7.4 Unrecognized authentication type
tls.required + auth.not_offered auth.mechanism_unsupported @ host=smtp.office365.com port=587 encryption=none
    SMTP Error: 504 5.7.4 Unrecognized authentication type
auth.mechanism_unsupported + auth.not_offered @ host=smtp.office365.com port=587 encryption=starttls
    SMTP -> ERROR: AUTH not accepted from server: 504 5.7.4 Unrecognized authentication type
auth.mechanism_unsupported @ host=smtp.naver.com port=587
    553 5.3.0 oZkYvr8xQTKvQ - nsmtp
auth.mechanism_unsupported + auth.not_offered
    javax.mail.AuthenticationFailedException: No authentication mechanisms supported by both server and client
    Symfony\Component\Mailer\Exception\TransportException: Failed to find an authenticator supported by the SMTP
        server, which currently supports: "plain"
    msmtp: authentication method LOGIN not supported
    lettre: Client { source: "No compatible authentication mechanism was found" }
    535 5.7.8 Error: authentication failed: no mechanism available
"""


@pytest.mark.parametrize(("text", "facts", "slug", "beside"), rows(AUTH_OFFERED))
def test_a_hidden_log_in_is_told_from_a_method_that_is_missing(
    text: str, facts: dict[str, Any], slug: str, beside: set[str]
) -> None:
    cause, also = judged(text, facts)

    assert cause == slug
    assert also >= beside


# google, Yahoo, QQ and NetEase want another password than the ordinary one
PASSWORDS = r"""
auth.app_password_required
    535-5.7.8 Username and Password not accepted. For more information, go to
        535 5.7.8  https://support.google.com/mail/?p=BadCredentials ffacd0b85a97d - gsmtp
    javax.mail.AuthenticationFailedException: 535-5.7.8 Username and Password not accepted. Learn more at 535
        5.7.8 https://support.google.com/mail/?p=BadCredentials
    Net::SMTPAuthenticationError (535-5.7.8 Username and Password not accepted. For more information, go to):
    smtplib.SMTPAuthenticationError: (535, b'5.7.0 (#AUTH005) Too many bad auth attempts.')
    535 Login Fail. Please enter your authorization code to login. More information in
        https://service.mail.qq.com/detail/0/53
    535 Error: ÇëÊ¹ÓÃÊÚÈ¨ÂëµÇÂ¼¡£ÏêÇéÇë¿´: http://service.mail.qq.com/cgi-bin/help?subtype=1&&no=1001256
    smtplib.SMTPAuthenticationError: (535, b'Error: authentication failed')
        smtp = smtplib.SMTP_SSL('smtp.163.com', 465)
    Failed to authenticate on SMTP server with username "a@shop.example" using the following authenticators:
        "LOGIN", "PLAIN", "XOAUTH2". Authenticator "LOGIN" returned "Expected response code "235" but got code
        "535", with message "535-5.7.8 Username and Password not accepted. 535 5.7.8
        https://support.google.com/mail/?p=BadCredentials"
auth.app_password_required @ host=smtp.mail.yahoo.com
    SMTP Error: 535 5.7.0 (#AUTH005) Too many bad auth attempts.
auth.app_password_required @ host=smtp.mail.yahoo.com port=587
    450 Requested mail action not taken: mailbox unavailable
server.temporary
    450 Requested mail action not taken: mailbox unavailable
auth.app_password_required @ host=smtp.163.com port=465
    535 Error: authentication failed
auth.bad_credentials @ host=mail.shop.example port=587
    535 5.7.8 Error: authentication failed: UGFzc3dvcmQ6
auth.bad_credentials @ host=mail.shop.example
    535 Incorrect authentication data
auth.bad_credentials @ host=smtp.sendgrid.net
    535 Authentication failed: Bad username / password
auth.bad_credentials
    UnicodeEncodeError: 'ascii' codec can't encode character '\xe9' in position 5: ordinal not in range(128)
        File "/usr/lib/python3.11/smtplib.py", line 640, in auth
        response = encode_base64(initial_response.encode('ascii'), eol='')
auth.app_password_required @ host=smtp.mail.me.com port=587
    550 5.7.1 Authentication failed for icloud 535 5.7.8 Error: authentication failed: authentication failure
auth.bad_credentials @ host=mail.shop.example port=587 encryption=starttls
    smtp: 535 5.7.8 Error: authentication failed: (reason unavailable)
"""


@pytest.mark.parametrize(("text", "facts", "slug", "beside"), rows(PASSWORDS))
def test_the_ordinary_password_is_not_taken_for_a_wrong_one(
    text: str, facts: dict[str, Any], slug: str, beside: set[str]
) -> None:
    cause, also = judged(text, facts)

    assert cause == slug
    assert also >= beside


# 5.7.139 names the cause; 5.7.57 is a wrapper of System.Net.Mail
MICROSOFT = r"""
auth.basic_disabled
    535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit
        https://aka.ms/smtp_auth_disabled for more information.
    535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox.
    535 5.7.139 Authentication unsuccessful, user is locked by your organization's security defaults policy.
        Contact your administrator.
    535 5.7.139 Authentication unsuccessful, basic authentication is disabled.
    535 5.7.139 Authentication unsuccessful, the request did not meet the criteria to be authenticated
        successfully. Contact your administrator.
    The server response was: 5.7.57 Client not authenticated to send mail. Error: 535 5.7.139 Authentication
        unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit https://aka.ms/smtp_auth_disabled
auth.bad_credentials + auth.basic_disabled auth.app_password_required
    535 5.7.139 Authentication unsuccessful, the user credentials were incorrect.
    The server response was: 5.7.57 Client not authenticated to send mail. Error: 535 5.7.139 Authentication
        unsuccessful, the user credentials were incorrect.
auth.basic_disabled + auth.bad_credentials auth.oauth_token_rejected
    535 5.7.3 Authentication unsuccessful [LO4P123CA0123.GBRP123.PROD.OUTLOOK.COM 2024-02-01]
    Failed to authenticate on SMTP server with username "a@shop.example" using 2 possible authenticators.
        Authenticator LOGIN returned Expected response code 235 but got code "535", with message "535 5.7.3
        Authentication unsuccessful [X.PROD.OUTLOOK.COM]"
auth.bad_credentials
    Error: Invalid login: 535 5.7.3 Authentication unsuccessful
auth.basic_disabled + auth.bad_credentials auth.oauth_token_rejected @ host=smtp.office365.com port=587
    javax.mail.AuthenticationFailedException: 535 5.7.3 Authentication unsuccessful
auth.bad_credentials + auth.basic_disabled auth.oauth_token_rejected @ host=exchange.shop.example
    smtplib.SMTPAuthenticationError: (535, b'5.7.3 Authentication unsuccessful')
auth.oauth_token_rejected + auth.basic_disabled
    MailKit.Security.AuthenticationException: 535: 5.7.3 Authentication unsuccessful
        [BN9PR03CA0123.namprd03.prod.outlook.com] client.AuthenticateAsync(new SaslMechanismOAuth2(user, token))
    AUTH XOAUTH2 dXNlcj0=
        535 5.7.3 Authentication unsuccessful [BN9PR03CA0123.namprd03.prod.outlook.com]
auth.required + auth.bad_credentials tls.required auth.basic_disabled
    System.Net.Mail.SmtpException: The SMTP server requires a secure connection or the client was not
        authenticated. The server response was: 5.7.57 Client not authenticated to send mail. [LO2.PROD.OUTLOOK.COM]
auth.basic_disabled + auth.bad_credentials auth.oauth_token_rejected auth.required
    The server response was: 5.7.57 Client not authenticated to send mail. Error: 535 5.7.3 Authentication
        unsuccessful [X.PROD.OUTLOOK.COM]
"""


@pytest.mark.parametrize(("text", "facts", "slug", "beside"), rows(MICROSOFT))
def test_a_bare_5_7_3_is_answered_with_a_list(text: str, facts: dict[str, Any], slug: str, beside: set[str]) -> None:
    cause, also = judged(text, facts)

    assert cause == slug
    assert also >= beside


# postfix names both addresses where the sender belongs to somebody else
POSTFIX_SENDERS = r"""
auth.required + sender.not_owned
    NOQUEUE: reject: RCPT from unknown[192.0.2.5]: 553 5.7.1 <a@shop.example>: Sender address rejected: not
        logged in; from=<a@shop.example> to=<b@c.example>
    SMTPSenderRefused: (553, b'5.7.1 <a@shop.example>: Sender address rejected: not logged in',
        'a@shop.example')
sender.not_owned
    553 5.7.1 <a@shop.example>: Sender address rejected: not owned by user b@shop.example
    Error: Can't send mail - all recipients were rejected: 553 5.7.1 <www-data@web.example>: Sender address
        rejected: not owned by user info@shop.example
    reject: RCPT from host[192.0.2.1]: 553 5.7.1 <>: Sender address rejected: not owned by user
        news@shop.example; from=<>
    Expected response code "250/251/252" but got code "553", with message "553 5.7.1 <visitor@other.example>:
        Sender address rejected: not owned by user form@shop.example"
    msmtp: recipient address b@c.example not accepted by the server
        msmtp: server message: 553 5.7.1 <root@web.example>: Sender address rejected: not owned by user
        shop@shop.example
    553 5.7.1 <bounce+b=c.example@news.example>: Sender address rejected: not owned by user news@news.example
"""


@pytest.mark.parametrize(("text", "facts", "slug", "beside"), rows(POSTFIX_SENDERS))
def test_not_logged_in_is_told_from_another_users_address(
    text: str, facts: dict[str, Any], slug: str, beside: set[str]
) -> None:
    cause, also = judged(text, facts)

    assert cause == slug
    assert also >= beside
    assert not also & {"sender.not_verified", "recipient.unknown"}


# everywhere else it means no log-in or the wrong server
RELAYING = r"""
recipient.relay_denied
    554 5.7.1 <b@c.example>: Relay access denied
    smtplib.SMTPRecipientsRefused: {'b@c.example': (554, b'5.7.1 <b@c.example>: Relay access denied')}
    Mailbox unavailable. The server response was: 5.7.1 Unable to relay for b@c.example
    550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain
    Reporting-MTA: dns; mail.sender.example
        Final-Recipient: rfc822; b@c.example
        Action: failed
        Status: 5.7.1
        Remote-MTA: dns; mx.c.example
        Diagnostic-Code: smtp; 554 5.7.1 <b@c.example>: Relay access denied
    454 4.7.1 <b@c.example>: Relay access denied
    550 5.7.64 TenantAttribution; Relay Access Denied
    Outlook: Server error: '454 4.7.1 <b@c.example>: Relay access denied' 0x800CCC79
    rejected RCPT <b@c.example>: relay not permitted
    550 relay not permitted: host unknown (helo)
sender.not_owned
    553 Relaying disallowed as a@shop.example
    Error: Data command failed: 553 Relaying disallowed
    553 Local user only,163 smtp8,C8CowAC
sender.not_owned @ host=smtp.zoho.com
    Mail command failed: 553 Relaying disallowed as no-reply@shop.example
auth.required
    550 Please turn on SMTP Authentication in your mail client, or login to the IMAP/POP3 server before sending
        your message. host is not permitted to relay through this server without authentication.
    550-Relay not permitted, authentication required
"""


@pytest.mark.parametrize(("text", "facts", "slug", "beside"), rows(RELAYING))
def test_relaying_is_about_the_sender_only_at_zoho_and_netease(
    text: str, facts: dict[str, Any], slug: str, beside: set[str]
) -> None:
    cause, also = judged(text, facts)

    assert cause == slug
    assert also >= beside
    assert not also & {"recipient.unknown"}


# the recipient's means that the account is in the sandbox
SES = r"""
sender.not_verified + recipient.sandbox_only
    554 Message rejected: Email address is not verified. The following identities failed the check in region
        US-EAST-1: noreply@shop.example
    await transporter.sendMail({ from: 'shop@shop.example', to: 'client@other.example' })
        Error: Message failed: 554 Message rejected: Email address is not verified. The following identities failed
        the check in region EU-CENTRAL-1: shop@shop.example
    status=bounced (host email-smtp.us-east-1.amazonaws.com[192.0.2.9] said: 554 Message rejected: Email address
        is not verified. The following identities failed the check in region US-EAST-1: root@web.example (in reply
        to end of DATA command)) to=<b@c.example>
    Message rejected: Email address is not verified. The following identities failed the check in region
        AP-SOUTH-1: Shop <shop@shop.example>
recipient.sandbox_only + sender.not_verified
    554 Message rejected: Email address is not verified. The following identities failed the check in region
        EU-WEST-1: b@c.example
        to: b@c.example
        from: a@shop.example
    await transporter.sendMail({ from: 'shop@shop.example', to: 'client@other.example' })
        Error: Message failed: 554 Message rejected: Email address is not verified. The following identities failed
        the check in region EU-CENTRAL-1: client@other.example
    botocore.errorfactory.MessageRejected: An error occurred (MessageRejected) when calling the SendEmail
        operation: Email address is not verified. The following identities failed the check in region US-EAST-1:
        a@shop.example, b@c.example
        Destination={'ToAddresses': ['b@c.example']}
    RCPT TO:<b@c.example>
        250 Ok
        DATA
        554 Message rejected: Email address is not verified. The following identities failed the check in region
        US-EAST-1: b@c.example
"""


@pytest.mark.parametrize(("text", "facts", "slug", "beside"), rows(SES))
def test_the_address_that_ses_lists_decides(text: str, facts: dict[str, Any], slug: str, beside: set[str]) -> None:
    cause, also = judged(text, facts)

    assert cause == slug
    assert also >= beside
    assert not also & {"sender.not_owned"}


# recipients, messages per time, connections and credits are four things
LIMITS = r"""
quota.rate_limit
    450 4.7.1 Error: too many recipients from 192.0.2.4
    postfix/smtpd: warning: Recipient delivery rate limit exceeded
        450 4.7.1 Error: too many recipients from unknown[192.0.2.4]
    550-Requested action not taken: mailbox unavailable 550 Failure sending mail. Try again later. For
        explanation visit https://postmaster.gmx.net
    450-4.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages
        from being delivered. 450 4.2.1 p=ReceivingRate - gsmtp
    454 Throttling failure: Maximum sending rate exceeded.
    450 4.7.1 Error: too much mail from 192.0.2.4
    Domain shop.example has exceeded the max emails per hour (100/100 (100%)) allowed. Message discarded.
quota.recipients_per_message
    452 4.5.3 Error: too many recipients
    SMTPRecipientsRefused: {'b@c.example': (452, b'4.5.3 Error: too many recipients')}
    550 5.5.3 Too many recipients
server.busy
    421 4.7.0 mail.shop.example Error: too many connections from 192.0.2.4
    421 Too many concurrent SMTP connections from this IP address; please try again later.
    432 4.3.2 Concurrent connections limit exceeded. Visit https://aka.ms/concurrent_sending
        [AM6.PROD.OUTLOOK.COM]
    432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded
quota.rate_limit @ host=mail.gmx.net
    550 Requested action not taken: mailbox unavailable
        Failure sending mail. Try again later.
recipient.unknown
    550 Requested action not taken: mailbox unavailable
quota.daily_limit
    451 Authentication failed: Maximum credits exceeded
    550 5.4.5 Daily user sending limit exceeded. For more information on Gmail sending limits go to
        https://support.google.com/a/answer/166852 - gsmtp
    554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException; Failed to process message due to a
        permanent exception
    454 Throttling failure: Daily message quota exceeded.
quota.daily_limit @ host=smtp.sendgrid.net
    Error: Invalid login: 451 Authentication failed: Maximum credits exceeded
"""


@pytest.mark.parametrize(("text", "facts", "slug", "beside"), rows(LIMITS))
def test_what_is_counted_decides_which_limit_it_is(
    text: str, facts: dict[str, Any], slug: str, beside: set[str]
) -> None:
    cause, also = judged(text, facts)

    assert cause == slug
    assert also >= beside
    assert not also & {"recipient.unknown", "auth.bad_credentials"}


# an open resolver means that the recipient's server asks wrongly
LISTS = r"""
ip.blocklisted
    554 5.7.1 Service unavailable; Client host [192.0.2.4] blocked using zen.spamhaus.org;
        https://www.spamhaus.org/query/ip/192.0.2.4
    550-JunkMail rejected - mail.shop.example [192.0.2.4] is in an RBL:
        https://www.spamhaus.org/query/ip/192.0.2.4
    550-5.7.1 [192.0.2.4] The IP you're using to send mail is not authorized to 550-5.7.1 send email directly to
        our servers. Please use the SMTP relay at your 550 5.7.1 service provider instead. p=NotAuthorizedError -
        gsmtp
server.dnsbl_misconfigured
    554 5.7.1 Service unavailable; Client host [192.0.2.4] blocked using zen.spamhaus.org; Error: open resolver;
        https://check.spamhaus.org/returnc/pub/172.253.0.1/
    host mx.c.example[192.0.2.9] said: 554 5.7.1 Service unavailable; Sender address [a@shop.example] blocked
        using dbl.spamhaus.org; Error: open resolver
    553 5.3.0 flsh: blocked by uribl - administrator notice: the query to URIBL was blocked. See
        http://uribl.com/refused.shtml
"""


@pytest.mark.parametrize(("text", "facts", "slug", "beside"), rows(LISTS))
def test_a_list_that_fails_is_no_listing(text: str, facts: dict[str, Any], slug: str, beside: set[str]) -> None:
    cause, also = judged(text, facts)

    assert cause == slug
    assert also >= beside
    assert not also & {"message.syntax", "recipient.restricted"}


# the program's setting against the server's reverse DNS
POINTERS_AND_GREETINGS = r"""
ip.no_ptr
    550 5.7.25 [192.0.2.4] The IP address sending this message does not have a PTR record setup
    450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.4]
ip.no_ptr + greeting.rejected ip.blocklisted
    550 5.7.1 Client host rejected: cannot find your reverse hostname, [192.0.2.4]
client.helo_invalid + ip.no_ptr
    504 5.5.2 <localhost>: Helo command rejected: need fully-qualified hostname
    501 5.5.4 HELO requires domain address
    550 Access denied - Invalid HELO name (See RFC2821 4.1.1.1)
    501 Syntactically invalid EHLO argument(s)
    450 4.7.1 <WIN_SRV_01>: Helo command rejected: Host not found
    501 5.5.4 Invalid domain name
    rejected EHLO from [192.0.2.4]: syntactically invalid argument(s): my_host
    550 HELO [127.0.0.1] is not allowed
    504 5.5.2 <[127.0.0.1]>: Helo command rejected: invalid ip address
    554 5.7.1 <*.shop.example>: Helo command rejected: Invalid name
    421 4.7.0 Try again later, closing connection. EHLO argument localhost invalid - gsmtp
"""


@pytest.mark.parametrize(("text", "facts", "slug", "beside"), rows(POINTERS_AND_GREETINGS))
def test_a_bad_helo_name_is_not_a_missing_pointer(
    text: str, facts: dict[str, Any], slug: str, beside: set[str]
) -> None:
    cause, also = judged(text, facts)

    assert cause == slug
    assert also >= beside


# eTIMEOUT is the resolver's, ETIMEDOUT is TCP
RESOLVERS = r"""
dns.host_not_found
    Error: getaddrinfo ENOTFOUND stmp.gmail.com
        code: 'EDNS', command: 'CONN'
    queryA ENOTFOUND smtp.shop.example
    Error: getaddrinfo ENOTFOUND smtp.shop.example
        errno: -3008,
        code: 'EDNS', syscall: 'getaddrinfo', hostname: ' smtp.shop.example'
    { errno: -3008, code: 'EDNS', command: 'CONN' }
    socket.gaierror: [Errno -2] Name or service not known
    socket.gaierror: [Errno 11001] getaddrinfo failed
    php_network_getaddresses: getaddrinfo for smtp.shop.example failed: Name or service not known
    dial tcp: lookup smtp.shop.example: no such host
    dial tcp: lookup smtp.shop.example on 10.96.0.10:53: no such host
    javax.mail.MessagingException: Unknown SMTP host: smtp.shop.example;
        nested: java.net.UnknownHostException: smtp.shop.example
    SocketError: getaddrinfo: Name or service not known
    msmtp: cannot locate host smtp.shop.example: Name or service not known
    System.Net.Sockets.SocketException (11001): No such host is known.
    System.Net.Sockets.SocketException (0xFFFDFFFF): Name or service not known
    System.Net.WebException: The remote name could not be resolved: 'smtp.shop.example'
    lettre: failed to lookup address information: Name or service not known
    postfix/smtp: Host or domain name not found. Name service error for name=smtp.shop.example type=A: Host not
        found
    getaddrinfo ENOTFOUND "smtp.gmail.com"
    Error: getaddrinfo ENOTFOUND https://smtp.gmail.com
    Error: getaddrinfo ENOTFOUND smtp.gmail.com:587
dns.temporary_failure
    socket.gaierror: [Errno -3] Temporary failure in name resolution
    Error: getaddrinfo EAI_AGAIN smtp.gmail.com
    php_network_getaddresses: getaddrinfo failed: Temporary failure in name resolution
    php_network_getaddresses: getaddrinfo for smtp.shop.example failed: Try again
    fsockopen(): php_network_getaddresses: getaddrinfo failed: Try again
    Error: queryA ESERVFAIL smtp.shop.example
    Error: queryA ETIMEOUT smtp.shop.example code: 'EDNS'
    Error: queryMx ETIMEOUT shop.example
        code: 'ETIMEOUT'
    dial tcp: lookup smtp.shop.example on 10.96.0.10:53: read udp 10.1.2.3:4->10.96.0.10:53: i/o timeout
    dial tcp: lookup smtp.shop.example on 127.0.0.11:53: server misbehaving
    java.net.UnknownHostException: smtp.shop.example: Temporary failure in name resolution
    Socket::ResolutionError: getaddrinfo(3): Temporary failure in name resolution
    msmtp: cannot locate host smtp.shop.example: Temporary failure in name resolution
    System.Net.Sockets.SocketException (00000001, 11): Resource temporarily unavailable
    lettre: failed to lookup address information: Temporary failure in name resolution
    lettre: failed to lookup address information: Try again
    postfix/smtp: Host or domain name not found. Name service error for name=smtp.shop.example type=A: Host not
        found, try again
    dns.exception.Timeout: The resolution lifetime expired
connect.timeout
    Error: connect ETIMEDOUT 192.0.2.1:587
"""


@pytest.mark.parametrize(("text", "facts", "slug", "beside"), rows(RESOLVERS))
def test_a_name_that_does_not_exist_is_told_from_a_resolver_that_fails(
    text: str, facts: dict[str, Any], slug: str, beside: set[str]
) -> None:
    cause, also = judged(text, facts)

    assert cause == slug
    assert also >= beside
    assert not also & {"connect.timeout", "recipient.unknown"}


# 4.4.2 with a time-out is idleness; a broken pipe is a connection cut while sending
LATER_BREAKS = r"""
session.timeout
    421 4.4.2 smtp.shop.example Error: timeout exceeded
    Error: 421 4.4.2 mail.shop.example Error: timeout exceeded
        at nodemailer pool
    451 4.4.2 Timeout waiting for data from client.
    Symfony\Component\Mailer\Exception\TransportException: Expected response code "250" but got code "451", with
        message "451 4.4.2 Timeout waiting for data from client."
    Expected response code "250" but got code "421", with message "421 Timeout waiting for data from client."
    conversation with mx.c.example[192.0.2.9] timed out while sending message body
    451 4.4.2 Timeout - closing connection. - gsmtp
    4.4.2 smtp.shop.example Error: timeout exceeded SMTPServerDisconnected pool
session.dropped
    Expected response code "250" but got empty code.
    Expected response code 250 but got an empty response
    Expected response code 354 but got code "", with message ""
    fwrite(): send of 8192 bytes failed with errno=32 Broken pipe
    BrokenPipeError: [Errno 32] Broken pipe
        smtplib.py send data
    Errno::EPIPE: Broken pipe
    Error: write EPIPE
        at nodemailer DATA
    write tcp 10.0.0.2:5000->192.0.2.4:587: write: broken pipe
    ConnectionResetError: [Errno 104] Connection reset by peer
    lost connection with mx.c.example[192.0.2.9] while sending message body
    Error: read ECONNRESET code: 'ECONNECTION'
    java.net.SocketException: Broken pipe (Write failed)
        com.sun.mail.smtp.SMTPTransport.issueSendCommand
    Unable to write data to the transport connection: An existing connection was forcibly closed by the remote
        host.
    421 4.4.2 Connection dropped due to SocketError
"""


@pytest.mark.parametrize(("text", "facts", "slug", "beside"), rows(LATER_BREAKS))
def test_an_idle_connection_is_told_from_a_broken_one(
    text: str, facts: dict[str, Any], slug: str, beside: set[str]
) -> None:
    cause, also = judged(text, facts)

    assert cause == slug
    assert also >= beside
    assert not also & {"tls.plain_on_implicit_port"}


# outlook.com's WASCL verdicts and Yandex's robots
ACCOUNTS = r"""
auth.web_login_required + auth.account_disabled
    554 5.2.0 STOREDRV.Submission.Exception:OutboundSpamException; Failed to process message due to a permanent
        exception with message [BeginDiagnosticData]WASCL UserAction verdict is HipNotify. OutboundSpamException:
        WASCL UserAction verdict is HipNotify.
auth.account_disabled + auth.web_login_required quota.daily_limit
    Error: Message failed: 554 5.2.0 STOREDRV.Submission.Exception:OutboundSpamException; WASCL UserAction
        verdict is RefuseQuota. Actual verdict is RefuseQuota
    554 5.2.0 STOREDRV.Submission.Exception:OutboundSpamException; WASCL UserAction verdict is Suspend
auth.web_login_required + auth.account_disabled message.rejected_as_spam @ host=smtp.yandex.ru
    535 5.7.8 Error: authentication failed: Your message looks like spam. You need to use web for sending or
        prove you are not a robot. 1700000-AbCd
auth.web_login_required + auth.account_disabled message.rejected_as_spam
    535 5.7.8 Error: authentication failed: prove you are not a robot using the following link
message.rejected_as_spam
    554 5.7.1 [2] Message rejected under suspicion of SPAM; https://ya.cc/1IrBc
auth.account_disabled + message.rejected_as_spam quota.daily_limit
    550 5.1.8 Access denied, bad outbound sender
    550 5.7.501 Service unavailable. Access denied, spam abuse detected
"""


@pytest.mark.parametrize(("text", "facts", "slug", "beside"), rows(ACCOUNTS))
def test_a_verdict_about_the_account_is_not_about_the_content(
    text: str, facts: dict[str, Any], slug: str, beside: set[str]
) -> None:
    cause, also = judged(text, facts)

    assert cause == slug
    assert also >= beside
    assert not also & {"auth.app_password_required"}


# exchange Online says so of addresses that it does not know
MICROSOFT_RECIPIENTS = r"""
recipient.unknown
    550 5.4.1 Recipient address rejected: Access denied. [DB8EUR05FT012.eop-eur05.prod.protection.outlook.com]
    Diagnostic-Code: smtp; 550 5.4.1 Recipient address rejected: Access denied. AS(201806281)
        [X.prod.protection.outlook.com]
    550 5.4.1 [b@c.example]: Recipient address rejected: Access denied
    550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient b@c.example not found by SMTP address lookup
    Your message did not reach some or all of the intended recipients. 550 5.4.1 Recipient address rejected:
        Access denied. AS(201806281)
    5.4.1 Recipient address rejected: Access denied
    550 5.4.1 All recipient addresses rejected : Access denied
recipient.restricted
    550 5.7.1 Recipient address rejected: Access denied
"""


@pytest.mark.parametrize(("text", "facts", "slug", "beside"), rows(MICROSOFT_RECIPIENTS))
def test_access_denied_at_5_4_1_is_an_unknown_recipient(
    text: str, facts: dict[str, Any], slug: str, beside: set[str]
) -> None:
    cause, also = judged(text, facts)

    assert cause == slug
    assert also >= beside
    assert not also & {"ip.blocklisted", "recipient.restricted"}


# ports for reading mail greet in IMAP or POP3
OTHER_PROTOCOLS = r"""
greeting.not_smtp
    MailKit.Net.Smtp.SmtpProtocolException: Unable to parse status code from response: * OK [CAPABILITY
        IMAP4rev1] Dovecot ready.
    smtplib.SMTPConnectError: (-1, b'OK [CAPABILITY IMAP4rev1 SASL-IR] Dovecot ready.')
    smtplib.SMTPConnectError: (-1, b'* OK IMAP4rev1 ready')
    An error occurred while sending mail: The mail server sent an incorrect greeting: * OK IMAP4rev1.
    Error: Invalid greeting. response=* OK [CAPABILITY IMAP4rev1] ready: * OK
    Error: Invalid greeting. response=+OK POP3 ready
    Got bad greeting from SMTP host: mail.shop.example, port: 993, response: [EOF]
    Expected response code 220 but got code "", with message "* OK IMAP4rev1"
    aiosmtplib SMTPConnectResponseError (-1, 'Malformed SMTP response line: HTTP/1.1 400 Bad Request')
    short response: HTTP/1.1 400 Bad Request
    net/smtp: short response: +OK
    javax.mail.MessagingException: Got bad greeting from SMTP host: mail.shop.example, port: 80, response: -1
    Unexpected SMTP greeting: HTTP/1.1 400 Bad Request Server: nginx
    smtplib.SMTPConnectError: (-1, b'')
greeting.not_smtp @ port=995
    smtplib.SMTPServerDisconnected: Connection unexpectedly closed
greeting.not_smtp @ port=993
    Error: Greeting never received
greeting.not_smtp @ port=143
    Error: write EPROTO wrong version number
    SocketTimeoutException: Read timed out
greeting.not_smtp @ port=110 encryption=ssl
    Error: write EPROTO wrong version number
"""


@pytest.mark.parametrize(("text", "facts", "slug", "beside"), rows(OTHER_PROTOCOLS))
def test_the_greeting_or_the_port_of_another_protocol_decides(
    text: str, facts: dict[str, Any], slug: str, beside: set[str]
) -> None:
    cause, also = judged(text, facts)

    assert cause == slug
    assert also >= beside
    assert not also & {"tls.plain_on_implicit_port"}
