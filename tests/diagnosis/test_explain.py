"""A pasted error leads to one root cause, and to none where nothing is known."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from core.diagnosis import causes, complaint, lesson
from core.diagnosis.explain import Explanation, explain
from core.i18n import LANGUAGES

PASTED = Path(__file__).parents[1] / "pasted"
TEXTS = sorted(PASTED.glob("*.txt"))
REPLIES = [json.loads(line) for line in (PASTED / "replies.jsonl").read_text(encoding="utf8").splitlines()]
FACTS = ("host", "port", "encryption", "provider")


def known_of(reply: dict[str, Any]) -> dict[str, Any]:
    """What is told beside a text."""
    return {name: reply[name] or None for name in FACTS}


def score(answers: list[str | None]) -> tuple[float, float]:
    """The share of right answers, and of wrong ones; unknown is neither."""
    pairs = list(zip(REPLIES, answers, strict=True))
    right = sum(got in {reply["cause"], *reply["also"]} for reply, got in pairs)
    unknown = sum(got is None for got in answers)
    return right / len(pairs), (len(pairs) - right - unknown) / len(pairs)


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_a_text_that_our_client_cannot_meet_is_explained(path: Path) -> None:
    assert explain(path.read_text(encoding="utf8")).cause == path.stem


def test_every_cause_that_our_client_cannot_meet_has_a_text() -> None:
    assert {path.stem for path in TEXTS} == {
        slug for slug, cause in causes.catalogue().items() if cause.seen_by == "text"
    }


def test_real_refusals_are_explained() -> None:
    right, wrong = score([explain(reply["text"], **known_of(reply)).cause for reply in REPLIES])

    assert right >= 0.95
    assert wrong <= 0.02


def test_real_refusals_are_explained_from_the_text_alone() -> None:
    right, wrong = score([explain(reply["text"]).cause for reply in REPLIES])

    assert right >= 0.9
    assert wrong <= 0.03


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("535-5.7.80 Username and Password not accepted. p=BadCredentials", "auth.app_password_required"),
        ("(535, b'5.7.8 Username and Password not accepted.')", "auth.app_password_required"),
        ("534-5.7.90 Application-specific password required.", "auth.app_password_required"),
        ("535 5.7.139 Authentication unsuccessful, the user credentials were incorrect.", "auth.bad_credentials"),
        ("535 5.7.139 Authentication unsuccessful, basic authentication is disabled.", "auth.basic_disabled"),
        ("535 Error: \\xc7\\xeb\\xca\\xb9\\xd3\\xc3\\xca\\xda\\xc8\\xa8\\xc2\\xeb", "auth.app_password_required"),
        ("535 Error: ÇëÊ¹ÓÃÊÚÈ¨ÂëµÇÂ¼", "auth.app_password_required"),
        ("554 Throttling failure: Maximum sending rate exceeded.", "quota.rate_limit"),
        ("550 5.1.1 <a@b.example> has sent to too many recipients this hour. IB607", "quota.rate_limit"),
        ("blocked using zen.spamhaus.org; Error: open resolver", "server.dnsbl_misconfigured"),
        ("dial tcp 192.0.2.1:587: connect: connection refused", "connect.refused"),
        ("java.net.SocketTimeoutException: connect timed out", "connect.timeout"),
        ("invalid peer certificate: UnknownIssuer", "tls.cert_untrusted"),
        ("read tcp: connection reset by peer while sending DATA", "session.dropped"),
        ("[SSL: RECORD_LAYER_FAILURE] record layer failure", "tls.implicit_on_starttls_port"),
        ("msmtp: envelope from not accepted\nmsmtp: server message: 530 Authentication required", "auth.required"),
    ],
)
def test_documented_words_are_known(text: str, slug: str) -> None:
    assert explain(text).cause == slug


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n \t",
        "My mail does not work",
        "550 xyzzy",
        "554 5.0.0 Service unavailable",
        "250 2.0.0 Ok: queued as 4F2A",
        "Your order number 550 is ready",
        "Error 1045 (28000): Access denied for user 'root'@'localhost'",
        "Exception: Sequence contains no elements",
        "Hi, we send 500 emails per day with PHPMailer, timeout is 300 and the spam filter is on.",
        "TypeError: Cannot read properties of undefined (reading 'map')",
        "HTTP/1.1 403 Forbidden",
        "421 xyzzy",
        "Message rejected",
        "SmtpException: Failure sending mail.",
    ],
)
def test_what_no_rule_knows_is_not_guessed(text: str) -> None:
    found = explain(text)

    assert found.cause is None
    assert found.evidence == text.strip()


def test_what_a_server_merely_offers_decides_nothing() -> None:
    offers = "SIZE 35882577|8BITMIME|STARTTLS|AUTH PLAIN LOGIN XOAUTH2|PIPELINING|CHUNKING|DSN|ETRN|SMTPUTF8|HELP"
    told = "".join(f"S: 250-{offer}\n" for offer in offers.split("|"))

    assert explain(f"S: 220 mail.example ESMTP\nC: EHLO shop\n{told}S: 550 5.9.9 xyzzy").cause is None


@pytest.mark.parametrize(
    ("facts", "slug"),
    [
        ({"port": 465, "encryption": "none"}, "tls.plain_on_implicit_port"),
        ({"port": 465, "encryption": "starttls"}, "tls.plain_on_implicit_port"),
        ({"port": 587, "encryption": "starttls"}, "greeting.timeout"),
    ],
)
def test_the_circumstances_decide(facts: dict[str, Any], slug: str) -> None:
    assert explain("Error: Greeting never received", **facts).cause == slug


def test_what_the_caller_knows_counts_before_what_the_text_tells() -> None:
    text = "Error: Greeting never received, host: 'smtp.shop.example', port: 465, secure: false"

    assert explain(text).cause == "tls.plain_on_implicit_port"
    assert explain(text, port=587, encryption="starttls").cause == "greeting.timeout"


@pytest.mark.parametrize(
    ("text", "facts", "asked"),
    [
        ("Error: Greeting never received", {}, "port"),
        ("Error: Greeting never received", {"port": 587}, None),
        ("self signed certificate in certificate chain", {}, "provider"),
        ("self signed certificate in certificate chain", {"provider": "gmail"}, None),
        ("550 5.1.1 User unknown", {}, None),
        ("Hello", {}, "log"),
    ],
)
def test_only_a_fact_that_would_decide_is_asked_for(text: str, facts: dict[str, Any], asked: str | None) -> None:
    assert explain(text, **facts).ask == asked


def test_old_guides_tls_means_starttls() -> None:
    assert explain("x", encryption="TLS").encryption == "starttls"


def test_the_line_that_decided_is_shown_as_it_was_pasted() -> None:
    found = explain("Hello\n2026-11-22 SERVER: 550 5.7.1 Unable to relay for a@b.example\nBye")

    assert found.evidence == "2026-11-22 SERVER: 550 5.7.1 Unable to relay for a@b.example"


@pytest.mark.parametrize(
    "shape",
    [
        "AUTH PLAIN {encoded}\n535 bad {secret}",
        "auth: {{ user: 'a', pass: '{secret}' }}\n535 bad {secret}",
        "smtp://shop:{secret}@mail.shop.example:587 535 bad",
        "MAIL_PASSWORD={secret} 535 bad",
        "C: AUTH LOGIN\nS: 334 UGFzc3dvcmQ6\nC: {login}\nS: 535 bad {secret}",
    ],
)
def test_a_pasted_password_is_never_shown(shape: str) -> None:
    secret = "canary-Pass7"
    encoded = base64.b64encode(f"\0shop\0{secret}".encode()).decode()
    login = base64.b64encode(secret.encode()).decode()
    text = shape.format(secret=secret, encoded=encoded, login=login)

    found = explain(text)
    shown = json.dumps([found.document("en"), lesson.report(found, text), lesson.rule(found)])

    assert not any(word in shown for word in (secret, encoded, login))


@given(st.text(max_size=400))
@effort(max_examples=150, deadline=None)
def test_any_text_gets_an_answer_in_both_languages(text: str) -> None:
    found = explain(text)

    assert isinstance(found, Explanation)
    assert all(found.words(language)["title"] for language in LANGUAGES)


@given(
    st.lists(st.sampled_from([reply["text"] for reply in REPLIES] + ["b'", "\\x", "&lt;", "\\\\", "\0"]), max_size=3)
)
@effort(max_examples=60, deadline=None)
def test_texts_side_by_side_get_an_answer(texts: list[str]) -> None:
    assert explain("\n".join(texts)).words("vi")["title"]


SHAPES = (
    "a",
    "5",
    "550 ",
    "550\n",
    "'",
    "b'\\x",
    "\\xe7",
    ">\n",
    "&amp;",
    " ",
    "\n",
    "Ç",
    "请",
    "\\",
    "domain of ",
    "1:",
)


@pytest.mark.parametrize("shape", SHAPES, ids=repr)
def test_of_five_megabytes_the_error_in_the_middle_is_still_found(shape: str) -> None:
    half = shape * (2_500_000 // len(shape))

    found = explain(f"{half}\nError: connect ECONNREFUSED 192.0.2.1:587\n{half}")

    assert found.cause in {"connect.refused", None if "550" in shape else "connect.refused"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_cause_can_be_worded_without_circumstances(language: str) -> None:
    for slug in causes.catalogue():
        words = Explanation(slug, (), "").words(language)

        assert "{" not in json.dumps([words["title"], words["why"], [fix["text"] for fix in words["fixes"]]])


@pytest.mark.parametrize(
    "text",
    [
        "What does SPF mean and do I need a DMARC record?",
        "Do you support greylisting on incoming mail?",
        "What is the daily limit for sending mail with Gmail?",
        "I would like to increase my mailbox quota to 10 GB.",
        "Can I use my own domain with your mail service on the free plan?",
        "Gmail giới hạn gửi bao nhiêu email mỗi ngày? Tôi không tìm thấy tài liệu.",
        "Làm sao để thư không vào thư rác?",
        "如何避免邮件进入垃圾邮件",
        "Какой лимит отправки писем в Gmail за сутки?",
        "Please restrict the page, limited to 5 users per hour, and my inbox fills with newsletters.",
        "The HELO must be set in the config file, how do I do that?",
        "Không tìm thấy địa chỉ này trên bản đồ",
        "登录失败:用户不存在",
    ],
)
def test_a_question_about_settings_is_no_refusal(text: str) -> None:
    assert explain(text).cause is None


@pytest.mark.parametrize(
    "text",
    [
        'psql: error: connection to server, port 5432 failed: FATAL: password authentication failed for user "app"',
        "SQLSTATE[HY000] [2002] Connection refused (SQL: select * from users)",
        "ssh: connect to host 192.0.2.7 port 22: Connection refused",
        "MongoServerError: bad auth : Authentication failed.",
        "fatal: unable to access 'https://git.example/x.git/': unable to get local issuer certificate",
        'ERROR: relation "users" does not exist at character 15',
    ],
)
def test_a_failure_without_any_mail_is_not_explained(text: str) -> None:
    assert explain(text).cause is None


def test_a_database_named_beside_a_mail_error_hides_nothing() -> None:
    text = "app with mysql 8\nSMTP ERROR: RCPT TO command failed: 454 4.7.1 <a@b.example>: Relay access denied"

    assert explain(text).cause == "recipient.relay_denied"


def test_what_a_server_offers_is_no_refusal() -> None:
    text = "S: 250-AUTH LOGIN PLAIN XOAUTH2 OAUTHBEARER\nS: 250 SMTPUTF8\nS: 235 2.7.0 Accepted"

    assert explain(text).cause is None


def test_checks_that_passed_are_no_refusal() -> None:
    text = "Authentication-Results: mx.example; dkim=pass; spf=pass; dmarc=pass (p=REJECT)"

    assert explain(text).cause is None


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("553 sorry, that domain isn't in my list of allowed rcpthosts (#5.5.3)", "recipient.relay_denied"),
        ("554 sorry, no valid recipients (#5.1.3)", "recipient.unknown"),
        ("552 the spam message is detected (#5.6.0)", "message.rejected_as_spam"),
        ("550 5.2.1 <a@b.example>... Addressee unknown", "recipient.unknown"),
    ],
)
def test_a_vague_enhanced_code_yields_to_the_words(text: str, cause: str) -> None:
    assert explain(text).cause == cause


def test_a_refusal_in_words_is_no_refused_connection() -> None:
    assert explain("554 Connection refused by our policy, see example.org").cause != "connect.refused"


@pytest.mark.parametrize("word", ["BadEncoding", "NotValidYet", "UnhandledCriticalExtension", "SomethingNew"])
def test_every_fault_of_a_certificate_that_rustls_names_is_one(word: str) -> None:
    assert explain(f"Connection error: invalid peer certificate: {word}").cause == "tls.cert_invalid"


@pytest.mark.parametrize("where", ["sending", "sending mail"])
def test_a_suspension_from_sending_is_the_senders_account(where: str) -> None:
    assert explain(f"550 User a@b.example has been suspended from {where}.").cause == "auth.account_disabled"


def test_a_general_policy_text_yields_to_the_reason_behind_it() -> None:
    text = "550 5.7.1 Delivery not authorized, message refused: message is not RFC 5322 compliant"

    assert explain(text).cause == "message.syntax"


@pytest.mark.parametrize(
    ("listed", "cause"),
    [("test@them.example", "recipient.sandbox_only"), ("shop@us.example", "sender.not_verified")],
)
def test_whose_address_amazon_lists_decides(listed: str, cause: str) -> None:
    text = f"""MAIL FROM: shop@us.example
    RCPT TO: <test@them.example>
    554 Message rejected: Email address is not verified. The following identities failed the check in region
    US-EAST-1: {listed}"""

    assert explain(text).cause == cause


@pytest.mark.parametrize("number", ["10054", "10060", "10061", "11001", "(110)", "(111)"])
def test_a_bare_number_is_no_error_of_the_network(number: str) -> None:
    assert explain(f"Order {number}: 550 5.1.1 no such user").cause == "recipient.unknown"


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("System.Net.Sockets.SocketException (10060): Připojení selhalo", "connect.timeout"),
        ("OSError: [WinError 10061] Es konnte keine Verbindung hergestellt werden", "connect.refused"),
        ("gaierror: [Errno 11001] getaddrinfo selhalo", "dns.host_not_found"),
        ("fsockopen(): unable to connect to mail.x.example:25 (nie można) (111)", "connect.refused"),
    ],
)
def test_a_number_beside_an_error_tells_in_any_language(text: str, cause: str) -> None:
    assert explain(text).cause == cause


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("Aucune connexion n’a pu être établie car l’ordinateur cible l’a expressément refusée", "connect.refused"),
        ("发送邮件失败：由于目标计算机积极拒绝，无法连接。", "connect.refused"),
        ("Swift_TransportException: Verbindungsaufbau abgelehnt", "connect.refused"),
        ("Se produjo un error durante el intento de conexión ya que la parte conectada no", "connect.timeout"),
        ("由于连接方在一段时间后没有正确答复或连接的主机没有反应，连接尝试失败。", "connect.timeout"),
        ("stream_socket_client(): unable to connect (Le réseau n'est pas accessible)", "connect.unreachable"),
        ("Foi forçado o cancelamento de uma conexão existente pelo host remoto", "session.dropped"),
        ("getaddrinfo failed: Nome o servizio sconosciuto", "dns.host_not_found"),
        ("smtp.x.example: Tạm thời không thể phân giải tên", "dns.temporary_failure"),
        ("Mail-Funktion konnte nicht initialisiert werden.", "client.not_using_smtp"),
        ("Imposible ejecutar: /usr/lib/sendmail", "client.not_using_smtp"),
        ("SMTP-Fehler: Authentifizierung fehlgeschlagen.", "auth.bad_credentials"),
        ("Lỗi SMTP: Không thể xác thực.", "auth.bad_credentials"),
        ("Il faut fournir au moins une adresse de destinataire. Erreur", "recipient.syntax"),
    ],
)
def test_systems_and_programs_speak_the_users_language(text: str, cause: str) -> None:
    assert explain(text).cause == cause


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ('{:network_failure, "mx.example", {:error, :timeout}}', "connect.timeout"),
        ('{:missing_requirement, "mx.example", :tls}', "tls.starttls_not_offered"),
        ('{:missing_requirement, "mx.example", :auth}', "auth.not_offered"),
        ("MAILSMTP_ERROR_STARTTLS_NOT_SUPPORTED", "tls.starttls_not_offered"),
        ("error: MAILSMTP_ERROR_AUTH_REQUIRED", "auth.required"),
        ("dial tcp: lookup mx.example: device or resource busy", "dns.temporary_failure"),
        ("x509: certificate is not authorized to sign other certificates", "tls.cert_untrusted"),
        ("The host name did not match any of the valid hosts for this certificate", "tls.cert_hostname_mismatch"),
        ("(Exception from HRESULT: 0x800B0101)", "tls.cert_expired"),
        ("The revocation function was unable to check revocation for the certificate.", "tls.cert_untrusted"),
        ("The certificate is NOT trusted. The certificate chain uses expired certificate.", "tls.cert_expired"),
        ("The certificate is NOT trusted. The certificate chain uses insecure algorithm.", "tls.weak_crypto"),
        ("TLS client: received SERVER ALERT: Fatal - Handshake Failure", "tls.handshake_failed"),
        ("received fatal alert: ProtocolVersion", "tls.protocol_too_old"),
        ("error:1402610B:SSL routines:ACCEPT_SR_CLNT_HELLO:wrong version number", "tls.protocol_too_old"),
        ("SSL23_GET_CLIENT_HELLO:unknown protocol", "tls.plain_on_implicit_port"),
        ("Sending reported error (0x800CCC7C)", "tls.required"),
        ("Sending reported error (0x800CCC7D)", "tls.starttls_not_offered"),
        ("gomail: could not send email 1: exit status 75", "client.not_using_smtp"),
        ("421 mx.example Service closing transmission channel - command timeout", "session.timeout"),
        ("421 mx.example Service closing transmission channel", "server.busy"),
        ("conversation with a.example[192.0.2.1] timed out while receiving the initial server greeting (4.4.2)",
         "greeting.timeout"),
        ("554 Message rejected: Stream is more than 10485760 bytes long.", "message.too_large"),
        ("Non-ASCII characters not supported in local-part", "message.needs_smtputf8"),
        ("smtp: NET - Failed to get an IP address for the given hostname", "dns.host_not_found"),
        ("MbedTLS message: SSL - An invalid SSL record was received", "tls.implicit_on_starttls_port"),
        ("X509 - Certificate verification failed, e.g. CRL, CA or signature check failed", "tls.cert_untrusted"),
        ("CDO.Message.1 error '80040213' The transport failed to connect to the server.", "connect.timeout"),
        ("The transport error code was 0x80040217", "auth.bad_credentials"),
        ('CDO.Message.1 (0x80040220) The "SendUsing" configuration value is invalid.', "client.not_using_smtp"),
        ("ORA-29278: SMTP transient error: 421 Service not available", "connect.refused"),
        ('Expected response code 220 but got code "502", with message "502 unknown"', "tls.starttls_not_offered"),
        ('Expected response code 220 but got code "554", with message "554 no"', "greeting.rejected"),
        ('Expected response code 220 but got code "", with message ""', "connect.dropped"),
        ("Swift_TransportException: Process could not be started", "client.not_using_smtp"),
        ("Unable to send mail: Unknown error", "client.not_using_smtp"),
        ("Unable to send email using PHP mail().", "client.not_using_smtp"),
        ('LOGIN returned Expected response code 250 but got code "235", with message "235 ok"', "client.bug"),
        ("gomail: unexpected server challenge: VXNlcm5hbWU6", "client.bug"),
        ('{"errno":-3008,"code":"EDNS","syscall":"getaddrinfo"}', "dns.host_not_found"),
        ("{ errno: -3001, code: 'EDNS' }", "dns.temporary_failure"),
        ("{ errno: -4078, code: 'ESOCKET' }", "connect.refused"),
        ("{ errno: -110, code: 'ESOCKET' }", "connect.timeout"),
        ("getaddrinfo EAI_FAIL someone@shop.example", "dns.host_not_found"),
        ("SMTP ERROR: php_network_getaddresses: getaddrinfo a échoué", "dns.host_not_found"),
        ("The service refused the connection - perhaps it is offline", "connect.refused"),
        ("The DNS server returned an error, perhaps the server is offline", "dns.temporary_failure"),
        ('lettre: Io(Os { code: 11, kind: WouldBlock, message: "Resource temporarily" })', "greeting.timeout"),
        ("OSStatus error -9807", "tls.cert_untrusted"),
        ('smtp: Error { code: -9814, message: "expired" }', "tls.cert_expired"),
        ("stream_socket_enable_crypto(): Unable to locate peer certificate CN", "tls.cert_hostname_mismatch"),
        ("gomail: could not send email 1: remote error: handshake failure", "tls.handshake_failed"),
        ("'require_tls' is true (default) but \"a:25\" does not advertise the STARTTLS extension",
         "tls.starttls_not_offered"),
    ],
)  # fmt: skip
def test_the_tables_of_libraries_are_known(text: str, cause: str) -> None:
    assert explain(text).cause == cause


@pytest.mark.parametrize("encryption", [None, "none", "starttls"])
def test_gos_bare_end_of_file_on_465_is_plain_text_to_tls(encryption: str | None) -> None:
    assert explain("error=EOF", port=465, encryption=encryption).cause == "tls.plain_on_implicit_port"


def test_an_end_of_file_within_a_handshake_is_no_bare_one() -> None:
    assert explain("SSL error: EOF occurred in violation of protocol", port=465).cause == "tls.handshake_failed"


def test_a_handshake_that_fails_counts_before_the_demand_for_it() -> None:
    text = "530 Must issue a STARTTLS command first\nSSLHandshakeException: no cipher suites in common"

    assert explain(text).cause == "tls.handshake_failed"


def test_tcp_that_times_out_on_465_is_no_question_of_encryption() -> None:
    found = explain("TimeoutError: [Errno 110] Connection timed out", port=465, encryption="none")

    assert found.cause == "connect.timeout"


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        # Orange and La Poste: the number behind OFR, LPN or OUK, whatever the server's own number before it
        ("550 Adresse IP source bloquee. Client host blocked. OFR002_102", "ip.blocklisted"),
        ("421 Too many connections, slow down. LPN105_104", "server.busy"),
        ("421 Service refuse. Veuillez essayer plus tard. OFR005_505 [505]", "server.temporary"),
        ("550 5.5.0 SPF: shop.example is not allowed to send mail. LPN004_401", "sender.unauthenticated_domain"),
        ("550 Emetteur invalide. Invalid Sender. OFR_415", "sender.domain_invalid"),
        ("550 Archived recipient. OFR_420", "recipient.disabled"),
        (
            "550 Service refused, please try later. LPN007_510 (in reply to end of DATA command)",
            "message.rejected_as_spam",
        ),
        ("552 Taille limite du message atteinte OFR_514", "message.too_large"),
        # Spectrum and Cox: the number behind AUP#
        ("554 mx.charter.example ESMTP AUP#In-1110", "ip.no_ptr"),
        ("421 AUP#I-1310", "server.busy"),
        ("550 AUP#Out-1500", "sender.not_owned"),
        ("452 AUP#O-1550", "quota.recipients_per_message"),
        ("550 5.1.0 AUP#CXDNS", "ip.no_ptr"),
        ("552 AUP#URLBL011", "message.rejected_as_spam"),
        # GoDaddy
        ("421 Server temporarily unavailable. Try again later. IB101", "server.busy"),
        ("421 Temporarily rejected. Reverse DNS for this IP failed. IB108", "ip.no_ptr"),
        ("552 Virus infected message rejected. IB705", "message.attachment_blocked"),
        ("550 shop.example From: Domain is invalid. Provide a valid From: IB506", "sender.domain_invalid"),
        # filters in front of companies
        ("550 5.7.1 XGEMAIL_0003 Command rejected", "sender.unauthenticated_domain"),
        ("552 XGEMAIL_0012", "message.too_large"),
        ("550 DKIM Sender Invalid - envelope rejected", "sender.unauthenticated_domain"),
        ("553 This route requires encryption (TLS)", "tls.required"),
        ("451 Account outbounds disabled", "auth.account_disabled"),
    ],
)
def test_a_providers_table_of_replies_is_known(text: str, cause: str) -> None:
    assert explain(text).cause == cause


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("503-R1: HELO should be a FQDN or address literal", "client.helo_invalid"),
        ("550 HELO must have a dot", "client.helo_invalid"),
        ("501 EHLO Invalid domain address.", "client.helo_invalid"),
        ("550 Delivery is not allowed to this address.", "recipient.relay_denied"),
        ("553 sorry, your envelope recipient is in my badrcptto list", "recipient.unknown"),
        ("sorry, your envelope sender is in my badmailfrom list (#5.7.1)", "recipient.restricted"),
        ("550 5.1.1 Suspended user", "recipient.disabled"),
        ("422 4.2.2 Quota limit exceeded", "recipient.mailbox_full"),
        ("550 5.1.0 cNkj1y0022zrrQM01 policy violation", "quota.rate_limit"),
        ("550 5.1.0 <a@b.example> sender rejected", "sender.not_owned"),
        ("554 Message rejected: Stream is more than 10485760 bytes long.", "message.too_large"),
        ("550 Your message has triggered a SPAM block", "message.rejected_as_spam"),
        ("The message was rejected: it has a potentially executable attachment", "message.attachment_blocked"),
        ("450 4.4.0 <a@b.example> Temporary DMARC DNS lookup failure", "sender.unauthenticated_domain"),
        ("421HL:ICC 203.0.113.9", "server.busy"),
        ("AUTH failed: 334 eyJzdGF0dXMiOiI0MDAi\n535-5.7.8 p=BadCredentials", "auth.oauth_token_rejected"),
        ("sasl-xoauth2: auth failed:", "auth.oauth_token_rejected"),
        ("mail failed: 534-5.7.14, see the log", "auth.web_login_required"),
        ("535 Authentication rejected: your password is too simple", "auth.password_policy"),
        ('client login failed: "Authentication rate limit from one source exceeded"', "auth.too_many_attempts"),
        ("550 I cannot deliver mail for <a@b.example>", "recipient.relay_denied"),
        ("552 the from address and the authenticated user must be the same email", "sender.not_owned"),
        ("553 5.7.1 Sender address must be the same as the login name", "sender.not_owned"),
        ("552 Message would take you over your relay quota of 250", "quota.daily_limit"),
        ("554 Message not allowed - [123]", "message.rejected_as_spam"),
        ("554 Message not allowed - Headers are not RFC compliant[291]", "message.syntax"),
        ("535 5.7.8 p=BadCredentials - gsmtp\nauth: { type: 'OAuth2', user }", "auth.oauth_token_rejected"),
    ],
)
def test_the_words_of_servers_and_filters_are_known(text: str, cause: str) -> None:
    assert explain(text).cause == cause


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("Thư không được gửi tới a@b.example vì không tìm thấy địa chỉ", "recipient.unknown"),
        ("Hộp thư đến của người nhận đã đầy", "recipient.mailbox_full"),
        ("Bạn đã đạt đến giới hạn gửi thư.", "quota.daily_limit"),
        ("Gửi thư thất bại: vượt quá số thư trong một giờ", "quota.rate_limit"),
        ("Thư vượt quá kích thước cho phép", "message.too_large"),
        ("Đăng nhập thất bại: sai tên đăng nhập", "auth.bad_credentials"),
        ("Tài khoản đã bị khóa", "auth.account_disabled"),
        ("Tên miền của người nhận không tồn tại", "recipient.domain_not_found"),
        ("550 Der Empfänger existiert nicht", "recipient.unknown"),
        ("552 Message trop volumineux", "message.too_large"),
        ("552 Caixa postal cheia", "recipient.mailbox_full"),
        ("550 Utente sconosciuto", "recipient.unknown"),
        ("550 Ha superado el límite de envío diario", "quota.daily_limit"),
        ("550 Пользователь не найден", "recipient.unknown"),
        ("收件人邮箱已满", "recipient.mailbox_full"),
        ("宛先のメールアドレスが存在しません", "recipient.unknown"),
    ],
)
def test_a_refusal_in_another_language_is_known(text: str, cause: str) -> None:
    assert explain(text).cause == cause


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("535 5.7.8 Error: authentication failed\nuse of closed network connection", "auth.bad_credentials"),
        ("TLS library problem: unsupported protocol\nlost connection after STARTTLS from a", "tls.protocol_too_old"),
        ("lost connection after AUTH from unknown[192.0.2.1]", "session.dropped"),
    ],
)
def test_what_merely_follows_a_failure_does_not_decide(text: str, cause: str) -> None:
    assert explain(text).cause == cause


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        # the address
        ("550 <a@b.example>: address not present in directory", "recipient.unknown"),
        ("553 sorry, this recipient is in my badrecipientto list", "recipient.unknown"),
        ("550 5.2.0 <a@b.example> - Recipient unavailable", "recipient.unknown"),
        ("L'adresse de messagerie indiquée n'existe pas.", "recipient.unknown"),
        ("540 5.7.1 <a@b.example>: Recipient address rejected: Inactive", "recipient.disabled"),
        ("550 no thank you, rejected: Account Unavailable", "recipient.disabled"),
        ("552 5.1.1 <a@b.example> recipient rejected - extended quota violation", "recipient.mailbox_full"),
        ("Reason: the message was undeliverable, the recipient is over disk quota", "recipient.mailbox_full"),
        ("x-unix; Quota exceeded message delivery failed to /mail/a/INBOX", "recipient.mailbox_full"),
        ("no valid recipients were found\na@b.example ... unknown host", "recipient.domain_not_found"),
        ("Routing failed: Could not find a gateway for a@b.example", "recipient.domain_not_found"),
        ("Delivery failed: they are not accepting mail from a@b.example", "recipient.restricted"),
        ("553-Sorry, your domain has been blacklisted", "recipient.restricted"),
        ("452 <a@b.example> Mailbox delivery restricted by policy error", "recipient.restricted"),
        ("550 relaying mail to b.example is not allowed", "recipient.relay_denied"),
        # the sender and the sending machine
        ("550 <a@b.example>: Invalid DNS MX or A/AAAA resource record", "sender.domain_invalid"),
        ("after MAIL FROM:<a@b.example>: 553 5.1.0 a b.example does not exist", "sender.domain_invalid"),
        ("550 Anti-Spoofing policy - Inbound not allowed", "sender.unauthenticated_domain"),
        ("550 Connections not accepted from servers without a valid sender domain", "ip.no_ptr"),
        ("501 Connection rejected by policy [7.7] 20805", "ip.blocklisted"),
        ("555 helohost error", "client.helo_invalid"),
        # the letter
        ("554 5.7.0 Reject, id=01234-05", "message.rejected_as_spam"),
        ("550 our email server thinks this email is spam", "message.rejected_as_spam"),
        ("550 executable files are not allowed in compressed files", "message.attachment_blocked"),
        ("550 <a@b.example>: Reject due to policy restrictions (header based)", "message.syntax"),
        ("554 No Resent-From field given", "message.syntax"),
        ("552 looping message", "message.loop"),
        # how much, and what passes by itself
        ("452 4.1.1 <a@b.example> too many recent messages; Try again later", "quota.rate_limit"),
        ("smtp;421 Max message per connection reached", "quota.rate_limit"),
        ("550 5.3.5 <a@b.example>... Internal System Error", "server.temporary"),
        ("temporary failure. Command output: unable to connect: Connection refused", "server.temporary"),
        ("Recipient server unavailable or busy: Temporary server error", "server.temporary"),
        ("Sorry, I wasn't able to establish an SMTP connection. (#4.4.1)", "connect.timeout"),
        ("550 4.4.7 QUEUE.Expired; message expired", "connect.timeout"),
        ("451 TLS/SSLv3 Connection required. (#4.7.1)", "tls.required"),
        # providers' own tables
        ("550 5.1.1 RCP-P2 http://postmaster.facebook.com/response_codes", "recipient.restricted"),
        ("554 see https://mail.i.ua/err/4/", "recipient.mailbox_full"),
        ("571 5.7.1 verification DMARC en echec LPN007_517", "sender.unauthenticated_domain"),
        ("550 5.2.122 The recipient has exceeded their limit per hour", "quota.rate_limit"),
        ("451 4.7.652 The mail server has exceeded the maximum number of connections", "server.busy"),
        ("550 5.7.23 rejected because of Sender Policy Framework violation", "sender.unauthenticated_domain"),
        ("550 5.7.512 Access denied, message must be RFC 5322 compliant", "message.syntax"),
        ("550 5.7.12 Sender was not authenticated by organization", "recipient.restricted"),
        ("450 4.7.321 starttls-not-supported: Destination mail server must support TLS", "tls.starttls_not_offered"),
        ("550 5.7.323 tlsa-invalid: The domain failed DANE validation.", "tls.cert_invalid"),
        ("550 5.4.1 Relay Access Denied", "recipient.relay_denied"),
        ("554 5.7.1 <a@b.example>: Recipient address rejected: Access denied", "recipient.restricted"),
        ("553 5.1.2 The recipient address <.@b.example> is not a valid RFC-5321 address", "recipient.syntax"),
    ],
)
def test_the_words_of_bounces_are_known(text: str, cause: str) -> None:
    assert explain(text).cause == cause


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("SMTP connect() failed", "tls.implicit_on_starttls_port"),
        ("Could not open SMTP Port.", "tls.implicit_on_starttls_port"),
        ("server closed session with no notification", "tls.implicit_on_starttls_port"),
        ("SMTP connect() failed. Connection refused (111)", "connect.refused"),
        ("Could not connect to SMTP host. Connection timed out", "connect.timeout"),
    ],
)
def test_ssl_on_587_tells_what_a_summary_hides(text: str, cause: str) -> None:
    assert explain(text, port=587, encryption="ssl").cause == cause


def test_a_bare_number_is_no_fault_of_apples_library() -> None:
    assert explain("Order -9816 failed").cause is None


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("Original message headers:\n* [a@b.example]: 550 User account is overquota", "recipient.mailbox_full"),
        ("554 Too many hops 26 (25 max)\n----- Message header follows -----", "message.loop"),
        (
            "could not be delivered to one or more of its\nrecipients. This is a permanent error.\n550 Mail rejected",
            "message.rejected_as_spam",
        ),
        ("Mail size limit exceeded. For explanation visit http://b.example/error-messages?ip=%1s", "message.too_large"),
    ],
)
def test_what_every_report_says_decides_nothing(text: str, cause: str) -> None:
    assert explain(text).cause == cause


@pytest.mark.parametrize(
    ("name", "cause"), [("b.example", "recipient.domain_not_found"), ("relay.example", "dns.host_not_found")]
)
def test_whose_name_postfix_did_not_find_decides(name: str, cause: str) -> None:
    text = (
        f"<a@b.example>: Host or domain name not found. Name service error for\n    name={name} type=A: Host not found"
    )

    assert explain(text).cause == cause


@pytest.mark.parametrize(
    "text",
    [
        "Mailer Error: SMTP",
        "The mailbox works again and no longer works slowly",
        "Is my address protected by a filter?",
        "How long is the message header of a letter?",
    ],
)
def test_words_of_bounces_are_not_seen_everywhere(text: str) -> None:
    assert explain(text).cause is None


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("Không thể kết nối đến máy chủ gửi thư (SMTP). Lỗi: Hết thời gian chờ kết nối", "connect.timeout"),
        ("Kết nối tới mail server bị timeout", "connect.timeout"),
        ("Máy chủ từ chối kết nối", "connect.refused"),
        ("Không tìm thấy máy chủ", "dns.host_not_found"),
        ("Không phân giải được tên miền smtp.shop.example", "dns.host_not_found"),
        ("Could not find the mail server", "dns.host_not_found"),
        ("Lỗi xác thực", "auth.bad_credentials"),
        ("Không xác thực được tài khoản", "auth.bad_credentials"),
        ("Đăng nhập email không thành công", "auth.bad_credentials"),
        ("I cannot log in to the mail server", "auth.bad_credentials"),
        ("Chứng chỉ của máy chủ đã hết hạn", "tls.cert_expired"),
        ("Chứng chỉ không đáng tin cậy", "tls.cert_untrusted"),
        ("Tên máy chủ không khớp với chứng chỉ", "tls.cert_hostname_mismatch"),
    ],
)
def test_a_complaint_in_ordinary_words_is_known_where_they_tell(text: str, cause: str) -> None:
    found = explain(text)

    assert (found.cause, found.decided) == (cause, "code")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Không kết nối được với máy chủ", "connection"),
        ("Lỗi kết nối tới máy chủ mail", "connection"),
        ("Máy chủ không phản hồi", "connection"),
        ("PHPMailer: SMTP connect() failed.", "connection"),
        ("SMTP Error: Could not connect to SMTP host. Failed to connect to server", "connection"),
        ("Unable to connect to the outgoing server", "connection"),
        ("Chứng chỉ không hợp lệ", "certificate"),
        ("Invalid security certificate", "certificate"),
        ("Lỗi bảo mật SSL/TLS", "encryption"),
        ("Email của tôi bị vào hộp thư rác, khách hàng không thấy", "junk"),
        ("All our mails land in the junk folder", "junk"),
        ("Khách hàng không nhận được hóa đơn qua email", "missing"),
        ("Our customers do not receive our mails", "missing"),
        ("Gửi email không thành công", "sending"),
        ("Message could not be sent.", "sending"),
        ("Chào bạn, cho tôi hỏi giá dịch vụ", "other"),
    ],
)
def test_a_complaint_that_leaves_it_open_is_asked_about_and_not_guessed(text: str, name: str) -> None:
    found = explain(text)

    assert (found.cause, found.complaint and found.complaint.name, found.ask) == (None, name, "log")
    assert found.words("vi")["question"]
    assert not found.teachable


@pytest.mark.parametrize(
    "text",
    [
        "Lỗi xác thực chứng chỉ",
        "Lỗi xác thực tên miền (DKIM)",
        "Không tìm thấy máy chủ của người nhận",
        "Không tìm thấy máy chủ SQL",
        "Could not connect to MySQL server",
    ],
)
def test_what_sounds_like_a_complaint_about_mail_and_is_another_stays_apart(text: str) -> None:
    assert explain(text).cause not in {"auth.bad_credentials", "dns.host_not_found", "connect.refused"}


def test_what_may_be_behind_a_complaint_is_a_cause_and_said_in_both_languages() -> None:
    for one in complaint.catalogue().values():
        assert set(one.may_be) <= causes.catalogue().keys(), one.name
        for words in (one.title, one.why, one.question):
            assert words.keys() == LANGUAGES.keys(), one.name
            assert words["vi"] != words["en"], one.name


BAD = "smtplib.SMTPAuthenticationError: (535, b'5.7.8 Username and Password not accepted. p=BadCredentials - gsmtp')"


def test_googles_bad_credentials_may_be_a_wrong_app_password_or_user_name_too() -> None:
    found = explain(BAD)

    assert (found.cause, found.also) == ("auth.app_password_required", ("auth.bad_credentials",))


@pytest.mark.parametrize(
    ("provider", "steps"), [(None, {"Gmail", "Yahoo", "iCloud", "Other providers"}), ("gmail", {"Gmail"})]
)
def test_steps_are_those_of_the_provider_where_it_is_known(provider: str | None, steps: set[str]) -> None:
    words = explain("534-5.7.9 Application-specific password required", provider=provider).words("en")

    named = {fix["text"].partition(":")[0] for fix in words["fixes"]}
    assert named & {"Gmail", "Yahoo", "iCloud", "Other providers"} == steps


def test_another_provider_gets_the_step_for_all_others() -> None:
    words = explain("535 authentication failed: use authorization code", provider="qq").words("en")

    assert words["title"] == causes.catalogue()["auth.app_password_required"].title["en"]
    assert any(fix["text"].startswith("Other providers") for fix in words["fixes"])
    assert not any(fix["text"].startswith("Gmail") for fix in words["fixes"])
