"""The catalogue: what fits the schema, which provider an address, a host or an MX leads to, and what is no fact."""

from datetime import date

import pytest

from core import i18n
from core.accounts import providers
from core.accounts.form import Form
from core.accounts.providers import Provider, Server
from core.counting import limits, quotas
from core.diagnosis import causes, marks, preflight, verdict
from core.diagnosis.step import Step
from core.secret import Secret
from tests import catalogue

FILE = providers.CATALOGUE.read_text(encoding="utf8")
EACH = pytest.mark.parametrize("provider", providers.catalogue().values(), ids=lambda provider: provider.id)

# An address, and what its provider's own page or Mozilla's list says to fill in: provider, host, port, encryption, user
# name where it is not the address.
BY_ADDRESS = """
shop@gmail.com           gmail         smtp.gmail.com          587  starttls
shop@googlemail.com      gmail         smtp.gmail.com          587  starttls
shop@yahoo.com           yahoo         smtp.mail.yahoo.com     465  ssl
shop@yahoo.com.vn        yahoo         smtp.mail.yahoo.com     465  ssl
shop@ymail.com           yahoo         smtp.mail.yahoo.com     465  ssl
shop@rocketmail.com      yahoo         smtp.mail.yahoo.com     465  ssl
shop@yahoo.co.uk         yahoo         smtp.mail.yahoo.com     465  ssl
shop@yahoo.fr            yahoo         smtp.mail.yahoo.com     465  ssl
shop@hotmail.com         outlook.com   smtp-mail.outlook.com   587  starttls
shop@outlook.com         outlook.com   smtp-mail.outlook.com   587  starttls
shop@outlook.com.vn      outlook.com   smtp-mail.outlook.com   587  starttls
shop@hotmail.com.vn      outlook.com   smtp-mail.outlook.com   587  starttls
shop@live.com            outlook.com   smtp-mail.outlook.com   587  starttls
shop@msn.com             outlook.com   smtp-mail.outlook.com   587  starttls
shop@live.fr             outlook.com   smtp-mail.outlook.com   587  starttls
shop@hotmail.co.uk       outlook.com   smtp-mail.outlook.com   587  starttls
shop@shop.onmicrosoft.com  microsoft365  smtp.office365.com    587  starttls
shop@viettel.com.vn      viettel       smtp.viettel.com.vn     465  ssl
shop@vnpt.vn             vnpt          email.vnpt.vn           587  starttls
shop@zoho.com            zoho-free     smtp.zoho.com           465  ssl
shop@zohomail.com        zoho-free     smtp.zoho.com           465  ssl
shop@zohomail.eu         zoho-free     smtp.zoho.eu            465  ssl
shop@zoho.eu             zoho-free     smtp.zoho.eu            465  ssl
shop@zohomail.in         zoho-free     smtp.zoho.in            465  ssl
shop@icloud.com          icloud        smtp.mail.me.com        587  starttls
shop@me.com              icloud        smtp.mail.me.com        587  starttls
shop@mac.com             icloud        smtp.mail.me.com        587  starttls
shop@aol.com             aol           smtp.aol.com            465  ssl
shop@aim.com             aol           smtp.aol.com            465  ssl
shop@netscape.net        aol           smtp.aol.com            465  ssl
shop@yandex.ru           yandex        smtp.yandex.com         465  ssl
shop@yandex.com          yandex        smtp.yandex.com         465  ssl
shop@ya.ru               yandex        smtp.yandex.com         465  ssl
shop@mail.ru             mail.ru       smtp.mail.ru            465  ssl
shop@inbox.ru            mail.ru       smtp.mail.ru            465  ssl
shop@bk.ru               mail.ru       smtp.mail.ru            465  ssl
shop@list.ru             mail.ru       smtp.mail.ru            465  ssl
shop@gmx.net             gmx           mail.gmx.net            587  starttls
shop@gmx.de              gmx           mail.gmx.net            587  starttls
shop@gmx.at              gmx           mail.gmx.net            587  starttls
shop@gmx.com             gmx           mail.gmx.com            587  starttls
shop@gmx.us              gmx           mail.gmx.com            587  starttls
shop@gmx.fr              gmx           mail.gmx.com            587  starttls
shop@web.de              web.de        smtp.web.de             587  starttls  shop
shop@fastmail.com        fastmail      smtp.fastmail.com       465  ssl
shop@fastmail.fm         fastmail      smtp.fastmail.com       465  ssl
shop@ovh.net             ovh           ssl0.ovh.net            465  ssl
shop@online.de           ionos         smtp.ionos.de           587  starttls
shop@onlinehome.de       ionos         smtp.ionos.de           587  starttls
shop@emailsrvr.com       rackspace     secure.emailsrvr.com    465  ssl
shop@qq.com              qq            smtp.qq.com             465  ssl
shop@vip.qq.com          qq            smtp.qq.com             465  ssl
shop@foxmail.com         qq            smtp.qq.com             465  ssl
shop@exmail.qq.com       exmail        smtp.exmail.qq.com      465  ssl
shop@163.com             163           smtp.163.com            465  ssl
shop@126.com             163           smtp.126.com            465  ssl
shop@yeah.net            163           smtp.yeah.net           465  ssl
shop@naver.com           naver         smtp.naver.com          465  ssl
shop@daum.net            daum          smtp.daum.net           465  ssl       shop
shop@hanmail.net         daum          smtp.daum.net           465  ssl       shop
SHOP@GMAIL.COM           gmail         smtp.gmail.com          587  starttls
"""

# The MX of shop.example, and what to fill in for shop@shop.example.
BY_MX = """
aspmx.l.google.com                        google-workspace      smtp.gmail.com           587  starttls
smtp.google.com                           google-workspace      smtp.gmail.com           587  starttls
ALT1.ASPMX.L.GOOGLE.COM.                  google-workspace      smtp.gmail.com           587  starttls
shop-example.mail.protection.outlook.com  microsoft365          smtp.office365.com       587  starttls
mx.zoho.com                               zoho-paid             smtppro.zoho.com         465  ssl
mx2.zoho.eu                               zoho-paid             smtppro.zoho.eu          465  ssl
mx.yandex.net                             yandex360             smtp.yandex.ru           465  ssl
mx00.ionos.com                            ionos                 smtp.ionos.com           587  starttls
mx01.kundenserver.de                      ionos                 smtp.ionos.de            587  starttls
mx1.emailsrvr.com                         rackspace             secure.emailsrvr.com     465  ssl
in1-smtp.messagingengine.com              fastmail              smtp.fastmail.com        465  ssl
mx1.mail.ovh.net                          ovh                   ssl0.ovh.net             465  ssl
mx1.hostinger.com                         hostinger             smtp.hostinger.com       465  ssl
mx1.privateemail.com                      namecheap             mail.privateemail.com    465  ssl
mailstore1.secureserver.net               godaddy-professional  smtpout.secureserver.net 465  ssl
mx1.dreamhost.com                         dreamhost             smtp.dreamhost.com       465  ssl
mxbiz1.qq.com                             exmail                smtp.exmail.qq.com       465  ssl
pro12.emailserver.vn                      matbao                pro12.emailserver.vn     465  ssl
mx01.mail.icloud.com                      icloud                smtp.mail.me.com         587  starttls
"""

# What the material that the catalogue was made from could not confirm.
DOUBTED = """
aol limits, aol from_rule, aol recipients_per_message, yahoo message_bytes, yahoo from_rule
microsoft365 message_bytes, yandex message_bytes, yandex360 message_bytes, yandex360 limits
godaddy-professional recipients_per_message, godaddy-professional from_rule, namecheap limits
namecheap message_bytes, namecheap from_rule, hostinger message_bytes, ovh limits, ovh message_bytes
ovh recipients_per_message, ionos message_bytes, ionos recipients_per_message, rackspace message_bytes
cpanel limits, cpanel message_bytes, zoho-free recipients_per_message, zoho-free from_rule, zoho-free message_bytes
zoho-paid message_bytes, zoho-paid from_rule, mail.ru login, mail.ru from_rule, gmx login, gmx message_bytes
gmx recipients_per_message, web.de login, web.de message_bytes, fastmail from_rule, fastmail message_bytes
proton limits, qq message_bytes, 163 message_bytes, exmail message_bytes, naver login, naver recipients_per_message
daum limits, matbao servers, matbao limits, viettel servers, vnpt servers, vhost.vn servers, pavietnam servers
pavietnam login, inet servers, tenten servers, sendgrid message_bytes, sendgrid recipients_per_message
mailgun message_bytes, brevo recipients_per_message, brevo message_bytes, mailjet message_bytes
resend message_bytes, resend recipients_per_message, elasticemail message_bytes, smtp2go recipients_per_message
smtp2go message_bytes, mandrill message_bytes, mandrill limits
"""
DOUBTS = [tuple(one.split()) for one in DOUBTED.replace("\n", ",").split(",") if one.strip()]


def rows(table: str) -> list[list[str]]:
    """The lines of a table, in columns."""
    return [line.split() for line in table.strip().splitlines()]


def form(host: str, username: str) -> Form:
    """A form of a host and a user name."""
    return Form(username, host, 587, "starttls", username, Secret("canary-password"))


def changed(before: str, after: str) -> list[str]:
    """What the schema says of the catalogue with something else in it."""
    assert before in FILE
    return catalogue.problems(FILE.replace(before, after, 1))


def test_the_catalogue_fits_its_schema() -> None:
    assert catalogue.problems(FILE) == []


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ('login = "app_password"', 'login = "app password"', "gmail.login: "),
        ('window = "rolling 24h"', 'window = "24h"', "gmail.limits.0.window: "),
        ('unit = "messages", amount = 2000', 'unit = "mails", amount = 2000', "google-workspace.limits.1.unit: "),
        ('host = "smtp.gmail.com", port = 587', 'host = "smtp gmail com", port = 587', "gmail.servers.0.host: "),
        ('port = 587, encryption = "starttls"', 'port = 587, encryption = "tls"', "gmail.servers.0.encryption: "),
        ('as_of = "2026-11"', 'as_of = "November"', "gmail.as_of: "),
        ('sources = ["https:', 'sources = ["http:', "gmail.sources.0: "),
        ('id = "yahoo"', 'id = "gmail"', "gmail.id: gmail stands twice"),
        ('domains = ["gmail.com"', 'domains = ["web.de"', "gmail.domains: web.de stands twice"),
        ('date = "2024-09-16"', 'date = "2024-09-31"', "outlook.com.dated.0.date: "),
        ('vi = "Mật khẩu hộp thư."', "", "rackspace.notice.vi: "),
        ('unverified = ["limits: window"]', 'unverified = ["spf"]', "gmail: unverified: spf is not in the entry"),
        ("limits_published = false", "", "outlook.com: limits_published: "),
        ('zone = "America/New_York"', 'zone = "Eastern"', "rackspace.limits.0.zone: "),
        ('plan_of = "ses"', 'plan_of = "aws"', "ses-sandbox.plan_of: there is no entry aws"),
        ("quick = true", "shortcut = true", "gmail.shortcut: "),
    ],
)
def test_a_wrong_entry_is_told_by_its_name_and_field(before: str, after: str, told: str) -> None:
    found = changed(before, after)

    assert found
    assert found[0].startswith(told)


def test_the_help_pages_providers_come_first() -> None:
    found = [provider.id for provider in providers.catalogue().values() if not provider.plan_of]

    assert found[:5] == ["gmail", "yahoo", "outlook.com", "google-workspace", "microsoft365"]


def test_every_provider_and_plan_that_was_looked_up_is_there() -> None:
    assert len(providers.catalogue()) == 58


@EACH
def test_a_provider_has_a_limit_or_says_what_is_known_of_it(provider: Provider) -> None:
    known = provider.limits_note if not provider.limits_published else provider.limits

    assert known


@EACH
def test_a_provider_speaks_both_languages_and_names_its_sources(provider: Provider) -> None:
    said = [provider.notice, provider.limits_note, provider.from_words]

    assert provider.notice
    assert all(set(i18n.LANGUAGES) <= set(words) for words in said if words)
    assert provider.sources
    assert provider.as_of


@EACH
def test_a_provider_with_addresses_of_its_own_has_servers_for_them(provider: Provider) -> None:
    addresses = [f"shop@{domain.removeprefix('.')}" for domain in provider.domains]

    assert [address for address in addresses if not provider.servers_for(address)] == []


@pytest.mark.parametrize("row", rows(BY_ADDRESS), ids=lambda row: row[0])
def test_an_address_fills_the_form_without_a_network(row: list[str]) -> None:
    address, name, host, port, encryption, *username = row

    found = providers.by_domain(address.partition("@")[2])

    assert found
    assert found.id == name
    assert found.servers_for(address)[0] == Server(host, int(port), encryption)
    assert found.username_for(address) == (username[0] if username else address)


@pytest.mark.parametrize("row", rows(BY_MX), ids=lambda row: row[0])
def test_the_mx_of_a_domain_fills_the_form(row: list[str]) -> None:
    mx, name, host, port, encryption = row

    found = providers.by_mx(mx)

    assert found
    assert found.id == name
    assert found.servers_for("shop@shop.example", mx)[0] == Server(host, int(port), encryption)


@pytest.mark.parametrize(
    ("mx", "name"),
    [
        ("eur.olc.protection.outlook.com", "outlook.com"),
        ("mta5.am0.yahoodns.net", "yahoo"),
        ("mx-aol.mail.gm0.yahoodns.net", "aol"),
        ("mx.yandex.ru", "yandex"),
        ("mxbiz2.qq.com", "exmail"),
        ("mx3.qq.com", "qq"),
    ],
)
def test_the_longest_ending_of_an_mx_wins(mx: str, name: str) -> None:
    found = providers.by_mx(mx)

    assert found
    assert found.id == name


@pytest.mark.parametrize("mx", ["mail.shop.example", "notgoogle.com", "google.com.shop.example", "com", ""])
def test_an_mx_of_nobody_we_know_leads_nowhere(mx: str) -> None:
    assert providers.by_mx(mx) is None


@pytest.mark.parametrize(
    ("host", "username", "name"),
    [
        ("smtp.gmail.com", "shop@gmail.com", "gmail"),
        ("smtp.gmail.com", "shop@shop.example", "google-workspace"),
        ("SMTP.Gmail.com", "", "google-workspace"),
        ("smtp-relay.gmail.com", "shop@shop.example", "google-workspace-relay"),
        ("smtp.office365.com", "shop@shop.example", "microsoft365"),
        ("smtp.office365.com", "shop@shop.onmicrosoft.com", "microsoft365"),
        ("smtp.office365.com", "shop@hotmail.com", "outlook.com"),
        ("smtp.zoho.com", "shop@zohomail.com", "zoho-free"),
        ("smtp.zoho.com", "shop@shop.example", "zoho-paid"),
        ("smtp.yandex.ru", "shop@shop.example", "yandex360"),
        ("smtpout.secureserver.net", "shop@shop.example", "godaddy-professional"),
        ("email-smtp.ap-southeast-1.amazonaws.com", "AKIASHOP", "ses"),
        ("pro01.emailserver.vn", "shop@shop.example", "matbao"),
        ("shop-example.mail.protection.outlook.com", "", "microsoft365-directsend"),
        ("secure.emailsrvr.com", "shop@shop.example", "rackspace"),
    ],
)
def test_a_host_leads_to_its_provider_by_the_log_in(host: str, username: str, name: str) -> None:
    found = providers.by_host(host, username)

    assert found
    assert found.id == name


@pytest.mark.parametrize(
    ("host", "free"),
    [
        ("smtp.mail.yahoo.com", True),
        ("smtp.web.de", True),
        ("smtp.zoho.eu", False),
        ("smtp.mail.ru", False),
        ("smtp.mail.me.com", False),
        ("smtp.office365.com", False),
    ],
)
def test_only_free_mail_signs_for_no_domain_of_its_customers(host: str, free: bool) -> None:
    found = providers.by_host(host, "shop@shop.example")

    assert found
    assert found.signs_own_only is free


@pytest.mark.parametrize(
    "host",
    [
        *("mail.shop.example", "smtp.shop.example", "email-smtp.amazonaws.com", "emailserver.vn", ""),
        *("email-smtp.eu-west-1.amazonaws.com.shop.example", "a.b.emailserver.vn", "-.emailserver.vn"),
    ],
)
def test_a_host_of_everybodys_form_leads_nowhere(host: str) -> None:
    assert providers.by_host(host) is None


@pytest.mark.parametrize("name", ["cpanel", "vhost.vn", "pavietnam", "hostinger-cpanel"])
def test_a_hosting_companys_server_is_named_after_the_customers_domain(name: str) -> None:
    found = providers.find(name)

    assert found
    assert found.servers_for("shop@shop.example")[0] == Server("mail.shop.example", 465, "ssl")


@pytest.mark.parametrize("name", ["ses", "ses-sandbox", "matbao"])
def test_a_host_that_an_address_does_not_tell_is_not_made_up(name: str) -> None:
    found = providers.find(name)

    assert found
    assert found.servers_for("shop@shop.example") == ()


@pytest.mark.parametrize(("name", "username"), [("sendgrid", "apikey"), ("resend", "resend"), ("ses", "")])
def test_a_user_name_that_is_no_address_is_not_taken_from_it(name: str, username: str) -> None:
    found = providers.find(name)

    assert found
    assert found.username_for("shop@shop.example") == username


@pytest.mark.parametrize(
    ("name", "host"),
    [
        ("google-workspace-trial", "smtp.gmail.com"),
        ("microsoft365-trial", "smtp.office365.com"),
        ("godaddy-workspace", "smtpout.secureserver.net"),
        ("ses-sandbox", "email-smtp.eu-west-1.amazonaws.com"),
    ],
)
def test_a_plan_is_not_guessed_where_another_has_the_same_server(name: str, host: str) -> None:
    plan, found = providers.find(name), providers.by_host(host, "shop@shop.example")

    assert plan
    assert found
    assert plan.owns(host)
    assert found.id == plan.plan_of


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("google-workspace-relay", "google-workspace"),
        ("microsoft365-hve", "microsoft365"),
        ("microsoft365-directsend", "microsoft365"),
        ("zoho-paid", "zoho"),
        ("zoho-free", "zoho"),
        ("yandex360", "yandex"),
        ("godaddy-professional", "godaddy"),
        ("ses-sandbox", "ses"),
    ],
)
def test_rules_of_a_provider_hold_for_its_plans(name: str, known: str) -> None:
    assert providers.find(name)
    assert marks.named(name) == known


@pytest.mark.parametrize(
    ("host", "cause"),
    [
        ("smtp.zoho.com", "auth.app_password_required"),
        ("smtp.yandex.ru", "auth.app_password_required"),
        ("smtpout.secureserver.net", "auth.bad_credentials"),
    ],
)
def test_a_check_judges_a_plans_server_by_its_providers_rules(host: str, cause: str) -> None:
    reply = "535 Authentication Failed"
    step = Step("auth", False, 1, reply=reply, code=535, words=reply.lower())

    found = verdict.find(form(host, "shop@shop.example"), step, causes.catalogue())

    assert found
    assert found.cause.slug == cause


@pytest.mark.parametrize(("name", "field"), DOUBTS, ids=map(" ".join, DOUBTS))
def test_what_could_not_be_confirmed_is_left_out_or_marked(name: str, field: str) -> None:
    found = providers.find(name)

    assert found
    assert not getattr(found, field) or found.unsure(field)


@pytest.mark.parametrize("name", ["yandex360", "daum", "mailgun", "brevo"])
def test_what_others_report_is_never_counted_against(name: str) -> None:
    found = providers.find(name)

    assert found
    counted = limits.plan(form(found.servers[0].host, "shop@shop.example"))
    assert found.reported
    assert [limit for limit in counted if limit in found.reported] == []


def test_an_unverified_server_is_not_what_somebody_meant() -> None:
    found = preflight.typed_so_far({"host": "mail.vnpt.vn"})

    assert found == []


def test_only_yandex_makes_a_block_longer_at_each_try() -> None:
    assert [provider.id for provider in providers.catalogue().values() if provider.retry_prolongs] == ["yandex"]


def test_a_limit_of_a_calendar_day_names_its_zone() -> None:
    found = providers.find("rackspace")

    assert found
    assert [(limit.window, limit.zone) for limit in found.limits] == [("day", "America/New_York")]


@pytest.mark.parametrize(("name", "amount"), [("gmail", 100), ("yandex", 35), ("icloud", 500), ("aol", None)])
def test_the_most_recipients_of_one_message_stand_among_the_limits(name: str, amount: int | None) -> None:
    found = providers.find(name)

    assert found
    assert found.recipients_per_message == amount


@pytest.mark.parametrize(
    ("name", "ends"), [("microsoft365", "2026-12-31"), ("microsoft365-hve", "2028-09-30"), ("outlook.com", "")]
)
def test_the_day_from_which_passwords_may_be_refused_follows_from_the_changes(name: str, ends: str) -> None:
    found = providers.find(name)

    assert found
    assert found.password_ends == ends


@pytest.mark.parametrize(("said", "day"), [("2026-12", date(2026, 12, 31)), ("2028-02", date(2028, 2, 29))])
def test_a_month_is_over_on_its_last_day(said: str, day: date) -> None:
    change = providers.Change(said, "limit_changed", "a", "b", "https://shop.example/")

    assert change.day == day


@pytest.mark.parametrize(
    ("name", "smtp", "host"),
    [
        ("gmail", "smtp.gmail.com", "imap.gmail.com"),
        ("gmx", "mail.gmx.net", "imap.gmx.net"),
        ("gmx", "mail.gmx.com", "imap.gmx.com"),
        ("zoho-paid", "smtppro.zoho.eu", "imappro.zoho.eu"),
    ],
)
def test_the_sent_folder_is_in_the_region_of_the_server(name: str, smtp: str, host: str) -> None:
    found = providers.find(name)

    there = found.imap_for(smtp) if found else None

    assert there
    assert (there.host, there.port, there.encryption) == (host, 993, "ssl")


@pytest.mark.parametrize("name", ["outlook.com", "microsoft365"])
def test_no_sent_folder_is_promised_where_imap_takes_no_password(name: str) -> None:
    found = providers.find(name)

    assert found
    assert found.imap is None


@pytest.mark.parametrize(
    ("host", "username", "key"),
    [
        ("smtp.gmail.com", "shop@gmail.com", "login:gmail:shop@gmail.com"),
        ("smtp.gmail.com", "shop@shop.example", "login:google-workspace:shop@shop.example"),
        ("smtp.mail.yahoo.com", "shop@yahoo.com", "login:yahoo:shop@yahoo.com"),
        ("smtp-mail.outlook.com", "shop@hotmail.com", "login:outlook.com:shop@hotmail.com"),
        ("smtp.office365.com", "shop@shop.example", "login:microsoft365:shop@shop.example"),
    ],
)
def test_an_id_that_quotas_are_named_by_stays(host: str, username: str, key: str) -> None:
    assert quotas.key(form(host, username)) == key


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("smtp.zoho.com", 465, "ssl"), ("smtp.zoho.com", 587, "starttls"), True),
        (("smtp.zoho.com", 465, "ssl"), ("smtp.gmail.com", 465, "ssl"), False),
        (("mail.shop.example", 465, "ssl"), ("mail.other.example", 465, "ssl"), False),
        (("email-smtp.eu-west-1.amazonaws.com", 465, "ssl"), ("email-smtp.eu-west-2.amazonaws.com", 465, "ssl"), False),
    ],
)
def test_a_password_is_good_for_one_providers_named_servers(
    one: tuple[str, int, str], other: tuple[str, int, str], same: bool
) -> None:
    assert providers.share(one, other) is same
