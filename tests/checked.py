"""Documents of checks that reports are made from: one with everything in it, one with hostile words everywhere."""

from typing import Any

REPLY = (
    "534-5.7.9 Application-specific password required. For more information, go to\n"
    "534 5.7.9 https://support.google.com/mail/?p=InvalidSecondFactor d2e1a72fcca58-7 - gsmtp"
)
HOSTILE = (
    "550 <script>alert(1)</script> ]]> --> <img src=https://evil.example/x.png onerror=alert(2)>\n"
    "550-```\n550 ````` | **bold** [link](https://evil.example) &lt;\n```\n# heading\n"
    "550 \u202egnp.exe\u202c \x00 \x1b[2J \u2028 \ud800 <shop@shop.example>\n" + "x" * 65_536
)

EVERYTHING: dict[str, Any] = {
    "verdict": "fault",
    "cause": "auth.app_password_required",
    "stage": "auth",
    "field": "password",
    "title": "Gmail wants an app password: yours is the ordinary one",
    "why": "Gmail refuses the ordinary password of shop@shop.example from programs, even when it is right.",
    "fixes": [
        {"text": "Switch on 2-Step Verification: https://myaccount.google.com/security", "set": None},
        {"text": "Create an app password and type it here in place of the ordinary one.", "set": None},
        {"text": "Test again with port 465 and SSL.", "set": {"port": 465, "encryption": "ssl"}},
    ],
    "evidence": "534-5.7.9 Application-specific password required. For more information, go to",
    "also": ["auth.bad_credentials"],
    "steps": [
        {"stage": "resolve", "ok": True, "ms": 24, "detail": "192.0.2.109, 2001:db8:400c::6d"},
        {"stage": "connect", "ok": True, "ms": 31, "detail": "192.0.2.109, 2001:db8:400c::6d: unreachable"},
        {"stage": "greeting", "ok": True, "ms": 42, "reply": "220 smtp.gmail.com ESMTP 41be03b00d2f7 - gsmtp"},
        {"stage": "ehlo", "ok": True, "ms": 38, "reply": "250-smtp.gmail.com at your service, [203.0.113.9]\n250 SIZE"},
        {"stage": "starttls", "ok": True, "ms": 120, "reply": "220 2.0.0 Ready to start TLS"},
        {
            "stage": "auth",
            "ok": False,
            "ms": 1384,
            "reply": REPLY,
            "code": 534,
            "enhanced": "5.7.9",
            "cause": "auth.app_password_required",
            "detail": None,
            "event": None,
        },
    ],
    "scouts": [
        {
            "port": 465,
            "encryption": "ssl",
            "works": True,
            "ms": 88,
            "greeting": "220 smtp.gmail.com ESMTP",
            "auth": True,
        },
        {"port": 587, "encryption": "none", "works": False, "ms": 61, "cause": "tls.required", "auth": False},
        {"port": 25, "encryption": "starttls", "works": False, "ms": 5000, "event": "timed_out"},
    ],
    "notes": [
        {
            "cause": "tls.expires_soon",
            "title": "The server's certificate ends soon",
            "why": "Whoever runs the server has to renew it.",
            "until": "2026-12-14T08:36:54+00:00",
        }
    ],
    "tls": {
        "version": "TLSv1.3",
        "cipher": "TLS_AES_256_GCM_SHA384",
        "subject": "smtp.gmail.com",
        "issuer": "WR2",
        "names": ["smtp.gmail.com"],
        "not_after": "2026-12-14T08:36:54+00:00",
        "verified": False,
        "problem": "cert_untrusted",
        "chain": [
            {
                "subject": "smtp.gmail.com",
                "issuer": "WR2",
                "names": ["smtp.gmail.com", "smtp-relay.gmail.example"],
                "not_before": "2026-09-21T08:36:55+00:00",
                "not_after": "2026-12-14T08:36:54+00:00",
                "fingerprint": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                "key": "EC 256",
            },
            {
                "subject": "WR2",
                "issuer": "GTS Root R1",
                "names": [],
                "not_before": "2023-12-13T09:00:00+00:00",
                "not_after": "2029-02-20T14:00:00+00:00",
                "fingerprint": "e6fe22bf45e4f0d3b85c59e02c0f495418e1eb8d3210f788d48cd5e1cb547cd4",
                "key": "RSA 2048",
            },
        ],
    },
    "capabilities": ["8BITMIME", "AUTH LOGIN PLAIN XOAUTH2", "PIPELINING", "SIZE 35882577", "SMTPUTF8"],
    "domain": {
        "name": "shop.example",
        "state": "found",
        "mx": ["mx1.shop.example", "mx2.shop.example"],
        "spf": {"record": "v=spf1 include:_spf.google.com ~all", "valid": True, "error": None, "covers": True},
        "dmarc": {
            "record": "v=DMARC1; p=quarantine; rua=mailto:dmarc@shop.example",
            "policy": "quarantine",
            "valid": True,
            "error": None,
        },
        "dkim": [{"selector": "google", "found": True}, {"selector": "default", "found": False}],
        "aligned": True,
        "notes": ["Two selectors were looked for."],
    },
    "addresses": [
        {"address": "2001:db8:400c::6d", "ms": 3, "event": "unreachable", "detail": "Network is unreachable"},
        {"address": "192.0.2.109", "ms": 31, "event": None, "detail": ""},
    ],
    "vantage": {"host": "mailgauge.shop.example", "address": "203.0.113.9"},
    "retry": "never",
    "elapsed_ms": 1693,
    "language": "en",
    "settings": {
        "host": "smtp.gmail.com",
        "port": 587,
        "encryption": "starttls",
        "username": "shop@shop.example",
        "from_address": "Invoices@shop.example",
        "to": "owner@people.example",
        "mode": "smtp",
    },
    "tested_at": "2026-11-22T15:40:07+07:00",
    "transcript": "\n".join(
        (
            "    31 S: 220 smtp.gmail.com ESMTP 41be03b00d2f7 - gsmtp",
            "    31 C: EHLO mailgauge.shop.example",
            "    69 S: 250-smtp.gmail.com at your service, [203.0.113.9]",
            "    69 S: 250 SIZE 35882577",
            "    70 C: AUTH PLAIN •••",
            "  1454 S: 534-5.7.9 Application-specific password required. For more information, go to",
            "  1454 S: 534 5.7.9 https://support.google.com/mail/?p=InvalidSecondFactor&e=shop%40shop.example",
            "  1455 S: 334 c2hvcEBzaG9wLmV4YW1wbGU= SHOP@SHOP.EXAMPLE",
            "  1455 C: QUIT",
        )
    ),
}
BARE: dict[str, Any] = {
    "verdict": "error",
    "cause": None,
    "stage": None,
    "field": None,
    "title": "A fault of Mailgauge itself, not of your server",
    "why": "Nothing that you typed is wrong.",
    "fixes": [],
    "evidence": None,
    "also": [],
    "steps": [],
    "scouts": [],
    "notes": [],
    "tls": None,
    "capabilities": [],
    "domain": None,
    "vantage": {},
    "retry": "now",
    "elapsed_ms": None,
    "language": "en",
}


def hostile(value: Any = EVERYTHING) -> Any:
    """The document with everything in it, each word of it replaced by an attack; names of stages and such stay."""
    match value:
        case dict():
            kept = ("verdict", "stage", "encryption", "port", "tested_at", "mode")
            return {key: item if key in kept else hostile(item) for key, item in value.items()}
        case list():
            return [hostile(item) for item in value]
        case str():
            return HOSTILE
    return value
