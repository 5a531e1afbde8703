"""A Sent folder is counted once, whatever comes between, and nothing in it is changed."""

import dataclasses
import imaplib
import json
import multiprocessing
import os
import signal
import ssl
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func

from core import cli, clock, runtime, service, tables
from core.accounts import providers, setups
from core.accounts.access import Access, access
from core.accounts.form import Form
from core.counting import log, quotas, recount, sentfolder, usage, watch
from core.counting.reading import BATCH
from core.counting.sentfolder import Places
from core.counting.watch import Watch
from core.secret import Secret
from core.sending.reservation import Envelope, Recipient, Result, reserve, settle
from core.smtp import mailbox
from core.smtp.mailbox import Place
from tests.mailbox import Mailboxes, Wire, message, running
from tests.mailserver import ADDRESS, PASSWORD, free_port, until
from tests.samples import GMAIL, another_account, form

pytestmark = [pytest.mark.needs("dovecot", "imap"), pytest.mark.timeout(300)]

OWNER = Form(ADDRESS, "mail.shop.test", 587, "starttls", ADDRESS, Secret(PASSWORD))
SPAWN = multiprocessing.get_context("spawn")
MANY = 5_000


@pytest.fixture(autouse=True)
def stopped() -> Iterator[None]:
    """No loop afterwards."""
    yield
    runtime.stop()


def setup(owner: Form = OWNER, mine: Access | None = None) -> int:
    """A stored setup of the mailbox's owner."""
    return setups.save(mine or access(), owner)


def at(place: Place | None) -> Places:
    """Every mailbox at one place."""
    return lambda _: place


def started(one: int, place: Place | None) -> Watch:
    """How it stands after its folder was watched for the first time."""
    found = sentfolder.start(access(), one, places=at(place)).result()
    assert found
    return found


def read(one: int, place: Place | None) -> Watch:
    """How it stands after it was read once more."""
    found = sentfolder.now(access(), one, places=at(place)).result()
    assert found
    return found


def logged() -> Counter[str]:
    """How often each recipient stands in the log."""
    with access().read() as rows:
        table = tables.recipients
        return Counter(dict(rows.all(rows.select(table, table.c.address, func.count()).group_by(table.c.address))))


def counted(owner: Form = OWNER) -> tuple[int, ...]:
    """Messages, To, Cc and Bcc of the last hundred days."""
    today = clock.local(clock.now()).date()
    days = usage.daily(
        access(), quota=quotas.of(access(), owner), since=today - timedelta(100), until=today, zone=ZoneInfo("UTC")
    )
    return tuple(sum(getattr(day, name) for day in days) for name in ("messages", "to", "cc", "bcc"))


def numbered(count: int) -> list[bytes]:
    """Messages to different people."""
    return [message(f"{number}@people.test") for number in range(count)]


def once(count: int) -> Counter[str]:
    """Each of these people once."""
    return Counter(f"{number}@people.test" for number in range(count))


def test_each_copy_is_a_send_with_its_recipients_by_kind(mailboxes: Mailboxes) -> None:
    mailboxes.fill(
        message("a@x.test, b@x.test", Cc="c@x.test", Bcc="d@x.test, e@x.test, f@x.test"), message("g@x.test")
    )

    started(setup(), mailboxes.place())

    assert counted() == (2, 3, 1, 3)


def test_a_copy_counts_when_it_arrived_in_the_folder(mailboxes: Mailboxes) -> None:
    moment = clock.now() // 1000 * 1000 - 3 * clock.DAY_MS
    mailboxes.fill(message("a@x.test", Date="Thu, 1 Jan 1970 00:00:00 +0000"), at=moment)

    started(setup(), mailboxes.place())

    (entry,) = log.find(access())
    assert (entry.at, entry.source, entry.outcome) == (moment, "sent-folder", "accepted")


def test_a_copy_is_from_whom_it_says(mailboxes: Mailboxes) -> None:
    mailboxes.fill(message("a@x.test", From="Invoices <invoices@shop.test>"))

    started(setup(), mailboxes.place())

    assert [entry.from_address for entry in log.find(access())] == ["invoices@shop.test"]


def test_what_is_older_than_ninety_days_is_not_read(mailboxes: Mailboxes) -> None:
    mailboxes.fill(message("old@x.test"), at=clock.now() - 92 * clock.DAY_MS)
    mailboxes.fill(message("young@x.test"), at=clock.now() - 89 * clock.DAY_MS)

    started(setup(), mailboxes.place())

    assert set(logged()) == {"young@x.test"}


def test_a_large_folder_is_counted_once_though_the_connection_broke_in_the_middle(mailboxes: Mailboxes) -> None:
    mailboxes.fill(*numbered(MANY), apart=60_000)
    one = setup()

    with Wire(mailboxes.ssl_port, most=700_000).laid() as wire:
        broken = started(one, mailboxes.place(port=wire.port))
    resumed = read(one, mailboxes.place())

    assert (broken.state, 0 < broken.found < MANY, broken.total) == ("unreachable", True, MANY)
    assert (resumed.state, resumed.found, resumed.total) == ("current", MANY, None)
    assert resumed.counted == MANY - broken.found
    assert logged() == once(MANY)
    assert counted() == (MANY, MANY, 0, 0)


def test_a_large_folder_read_twice_and_renumbered_adds_nothing(mailboxes: Mailboxes) -> None:
    mailboxes.fill(*numbered(MANY), apart=60_000)
    one = setup()
    started(one, mailboxes.place())

    again = read(one, mailboxes.place())
    mailboxes.renumber()
    renumbered = read(one, mailboxes.place())

    assert (again.counted, again.found) == (0, MANY)
    assert (renumbered.counted, renumbered.found, renumbered.state) == (0, MANY, "current")
    assert counted() == (MANY, MANY, 0, 0)


def test_a_killed_process_leaves_nothing_out_and_nothing_twice(mailboxes: Mailboxes) -> None:
    many = 4 * BATCH
    mailboxes.fill(*numbered(many), apart=60_000)
    one = setup()

    with Wire(mailboxes.ssl_port, most=200_000, silent=True).laid() as wire:
        process = SPAWN.Process(target=started, args=(one, mailboxes.place(port=wire.port)))
        process.start()
        assert any((found := sentfolder.state(access(), one)) and found.found for _ in until(60))
        os.kill(process.pid or 0, signal.SIGKILL)
        process.join()
    before = sum(logged().values())
    read(one, mailboxes.place())

    assert 0 < before < many
    assert logged() == once(many)


def test_the_newest_are_read_first(mailboxes: Mailboxes) -> None:
    mailboxes.fill(*numbered(4 * BATCH), apart=60_000)

    with Wire(mailboxes.ssl_port, most=200_000).laid() as wire:
        broken = started(setup(), mailboxes.place(port=wire.port))

    assert logged() == once(4 * BATCH) - once(4 * BATCH - broken.found)


def test_what_arrives_later_is_added(mailboxes: Mailboxes) -> None:
    mailboxes.fill(message("a@x.test"))
    one = setup()
    started(one, mailboxes.place())
    mailboxes.fill(message("b@x.test"), message("c@x.test"), at=clock.now())

    found = read(one, mailboxes.place())

    assert (found.counted, found.found) == (2, 3)
    assert logged() == Counter(["a@x.test", "b@x.test", "c@x.test"])


def test_what_arrives_during_the_first_reading_is_added_before_the_rest(mailboxes: Mailboxes) -> None:
    mailboxes.fill(*numbered(4 * BATCH), apart=60_000)
    one = setup()
    with Wire(mailboxes.ssl_port, most=200_000).laid() as wire:
        started(one, mailboxes.place(port=wire.port))
    mailboxes.fill(message("late@x.test"), at=clock.now())

    found = read(one, mailboxes.place())

    assert (found.state, found.found) == ("current", 4 * BATCH + 1)
    assert logged() == once(4 * BATCH) + Counter(["late@x.test"])


def test_what_is_expunged_stays_counted(mailboxes: Mailboxes) -> None:
    mailboxes.fill(message("a@x.test"), message("b@x.test"), apart=60_000)
    one = setup()
    started(one, mailboxes.place())
    mailboxes.files()[0].unlink()
    mailboxes.fill(message("c@x.test"), at=clock.now())

    found = read(one, mailboxes.place())

    assert (found.state, found.counted, counted()[0]) == ("current", 1, 3)


def test_what_is_expunged_between_two_halves_keeps_nothing_else_out(mailboxes: Mailboxes) -> None:
    mailboxes.fill(*numbered(4 * BATCH), apart=60_000)
    one = setup()
    with Wire(mailboxes.ssl_port, most=200_000).laid() as wire:
        started(one, mailboxes.place(port=wire.port))
    for file in (mailboxes.files()[0], mailboxes.files()[-1]):
        file.unlink()

    read(one, mailboxes.place())

    assert logged() == once(4 * BATCH) - Counter(["0@people.test"])


def test_what_mailgauge_sent_itself_is_not_counted_again(mailboxes: Mailboxes) -> None:
    one, name = setup(), "<sent-by-us@shop.test>"
    envelope = Envelope(OWNER, [Recipient("a@x.test")], "test", setup=one, message_id=name)
    settle(access(), reserve(access(), envelope), [Result("accepted")])
    mailboxes.fill(message("a@x.test", Message_ID=name))

    found = started(one, mailboxes.place())

    assert (found.found, found.counted, counted()) == (1, 0, (1, 1, 0, 0))


def test_a_message_that_the_provider_renamed_is_not_counted_again(mailboxes: Mailboxes) -> None:
    one, name = setup(), "<sent-by-us@shop.test>"
    reserve(access(), Envelope(OWNER, [Recipient("a@x.test")], "test", setup=one, message_id=name))
    mailboxes.fill(message("a@x.test", X_Google_Original_Message_ID=name))

    assert started(one, mailboxes.place()).counted == 0


def test_a_message_without_a_name_is_known_again(mailboxes: Mailboxes) -> None:
    mailboxes.fill(message("a@x.test", Message_ID=""), message("b@x.test", Message_ID=""))
    one = setup()
    started(one, mailboxes.place())
    mailboxes.renumber()

    assert read(one, mailboxes.place()).counted == 0
    assert logged() == Counter(["a@x.test", "b@x.test"])


def test_two_setups_with_one_mailbox_count_it_once(mailboxes: Mailboxes) -> None:
    mailboxes.fill(message("a@x.test"), message("b@x.test"))
    one, other = setup(), setup(form(OWNER, port=465, encryption="ssl"))

    found = [started(each, mailboxes.place()).counted for each in (one, other)]

    assert (found, counted()) == ([2, 0], (2, 2, 0, 0))


def test_nothing_in_the_folder_changes(mailboxes: Mailboxes) -> None:
    mailboxes.fill(*numbered(3))
    before = [(file.name, file.read_bytes(), file.stat().st_mtime_ns) for file in mailboxes.files()]

    started(setup(), mailboxes.place())

    assert [(file.name, file.read_bytes(), file.stat().st_mtime_ns) for file in mailboxes.files()] == before


def test_strange_headers_stop_nothing(mailboxes: Mailboxes) -> None:
    crowd = ",\r\n ".join(f'"Khách hàng số {number}" <{number}@crowd.test>' for number in range(2000))
    mailboxes.fill(
        message("a@x.test"),
        message(crowd),
        message("", Date="yesterday, about noon"),
        message("=?no-such-charset?q?=ff?= <b@x.test>", Date="Mon, 99 Foo 20000 99:99:99 +9999"),
        b"\xff\xfe\x00 no header at all",
        b"",
        message("undisclosed-recipients:;", Bcc="c@x.test"),
    )

    found = started(setup(), mailboxes.place())

    assert (found.state, found.found, found.counted) == ("current", 7, 4)
    assert len(logged()) == 2003


def test_starttls_reads_the_same(mailboxes: Mailboxes) -> None:
    mailboxes.fill(message("a@x.test"))

    assert started(setup(), mailboxes.place(encryption="starttls")).counted == 1


def test_a_folder_without_a_mark_is_known_by_its_name() -> None:
    with running(folder="Gesendet", special=r"\Archive") as box:
        box.fill(message("a@x.test"))
        place = Place("localhost", box.ssl_port, "ssl", ("Gesendet",), str(box.server.ca_file))

        assert started(setup(), place).counted == 1


def test_a_mailbox_without_a_sent_folder_says_so() -> None:
    with running(folder="Elsewhere", special=r"\Archive") as box:
        assert started(setup(), box.place()).state == "no_folder"


def test_an_empty_folder_says_so(mailboxes: Mailboxes) -> None:
    assert started(setup(), mailboxes.place()).state == "empty"


def test_a_wrong_password_says_so_and_is_not_shown(mailboxes: Mailboxes) -> None:
    found = started(setup(form(OWNER, password=Secret("wrong-7f3a"))), mailboxes.place())

    assert (found.state, "Authentication failed" in found.reply) == ("refused", True)
    assert "wrong-7f3a" not in repr(found)


def test_a_server_that_has_too_many_guests_says_so() -> None:
    with running(most=1) as box, imaplib.IMAP4_SSL("127.0.0.1", box.ssl_port, ssl_context=blind()) as guest:
        guest.login(ADDRESS, PASSWORD)
        guest.select("INBOX", readonly=True)

        assert started(setup(), box.place()).state == "throttled"


def blind() -> ssl.SSLContext:
    """TLS of a guest who trusts everybody."""
    made = ssl.create_default_context()
    made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    return made


def test_a_certificate_that_nobody_vouches_for_gets_no_password(mailboxes: Mailboxes) -> None:
    before = mailboxes.server.log.count("Login: user")

    assert started(setup(), mailboxes.place(trusted=False)).state == "untrusted"
    assert mailboxes.server.log.count("Login: user") == before


def test_a_server_that_is_not_there_says_so() -> None:
    assert started(setup(), Place("localhost", free_port(), "ssl")).state == "unreachable"


def test_a_setup_without_password_says_so(mailboxes: Mailboxes) -> None:
    assert started(setup(form(OWNER, password=Secret())), mailboxes.place()).state == "no_password"


def test_a_provider_without_known_mailboxes_says_so() -> None:
    assert started(setup(), None).state == "no_place"


@pytest.mark.parametrize("state", watch.STATES)
def test_every_state_has_words_that_can_be_filled(state: str) -> None:
    found = Watch(1, state, "", 5, 10, None, False, host="imap.shop.test")

    assert "{" not in found.sentence.format(**found.values)


def test_what_is_not_watched_is_not_read(mailboxes: Mailboxes) -> None:
    mailboxes.fill(message("a@x.test"))
    one = setup()
    started(one, mailboxes.place())
    sentfolder.stop(access(), one)
    mailboxes.fill(message("b@x.test"), at=clock.now())

    assert sentfolder.now(access(), one, places=at(mailboxes.place())).result() is None
    assert sentfolder.state(access(), one) is None
    assert logged() == Counter(["a@x.test"])


def test_a_slow_mailbox_of_one_account_holds_no_other_one(mailboxes: Mailboxes) -> None:
    mailboxes.fill(message("a@x.test"))
    slow = another_account()
    with Wire(mailboxes.ssl_port, most=0, silent=True).laid() as wire:
        hung = setup(form(OWNER, host="slow.test"), slow)
        one = setup()
        for who, each in ((slow, hung), (access(), one)):
            watch.put(who, each, bounces=False)
        runtime.start(
            sentfolder.run(
                places=lambda form: mailboxes.place(port=wire.port if form.host == "slow.test" else 0), look=0.05
            )
        )

        assert any((found := sentfolder.state(access(), one)) and found.state == "current" for _ in until(60))
        assert (hanging := sentfolder.state(slow, hung))
        assert hanging.state == "waiting"


@pytest.mark.timeout(25)  # less than a reading waits for a silent server
def test_core_goes_down_while_a_server_is_silent(mailboxes: Mailboxes) -> None:
    one = setup()
    watch.put(access(), one, bounces=False)
    with Wire(mailboxes.ssl_port, most=0, silent=True).laid() as wire:
        reading = sentfolder.now(access(), one, places=at(mailboxes.place(port=wire.port)))
        assert any(wire.carried for _ in until(10))

        runtime.stop()

    assert reading.cancelled()
    assert (found := watch.find(access(), one))
    assert found.state == "waiting"


def test_a_password_goes_only_where_the_provider_reads_its_mailboxes() -> None:
    assert mailbox.place(OWNER) is None
    assert (found := mailbox.place(GMAIL))
    assert (found.host, found.port, found.encryption) == ("imap.gmail.com", 993, "ssl")


@pytest.mark.parametrize(
    "provider", [one for one in providers.catalogue().values() if one.imap], ids=lambda one: one.id
)
def test_every_known_place_is_encrypted(provider: providers.Provider) -> None:
    hosts = {server.host for server in provider.servers} | {region.smtp for region in provider.regions}

    found = [place for host in hosts if (place := provider.imap_for(host))]

    assert found
    assert {(place.port, place.encryption) for place in found} <= {(993, "ssl"), (143, "starttls")}


def test_one_order_reads_a_folder_to_its_end(mailboxes: Mailboxes) -> None:
    mailboxes.fill(*numbered(2 * BATCH))
    setup()

    found = sentfolder.once(ADDRESS, places=at(mailboxes.place()))

    assert (found.state, found.found, found.counted, found.read) == ("current", 2 * BATCH, 2 * BATCH, True)


def test_the_command_line_tells_why_a_folder_is_not_read(capsys: pytest.CaptureFixture[str]) -> None:
    setup()

    status = cli.main(["watch", "--setup", ADDRESS, "--json"])

    assert (status, json.loads(capsys.readouterr().out)["state"]) == (1, "no_place")


def test_the_command_line_knows_only_setups_that_there_are() -> None:
    assert cli.main(["watch", "--setup", "nobody"]) == 2


def test_the_service_reads_what_is_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "QUIET", 0)
    one = setup()
    watch.put(access(), one, bounces=False)

    service.start()
    try:
        assert any((found := watch.find(access(), one)) and found.state == "no_place" for _ in until(30))
    finally:
        service.stop()


def returned(address: str, name: str, status: str = "5.1.1") -> bytes:
    """A report that mail came back."""
    text = (
        "From: Mail Delivery Subsystem <mailer-daemon@mail.test>",
        f"To: {ADDRESS}",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
        f"Message-ID: <{address}-report@mail.test>",
        *("", "--b", "Content-Type: text/plain", "", "Address not found"),
        *("--b", "Content-Type: message/delivery-status", "", "Reporting-MTA: dns; mail.test", ""),
        *(f"Final-Recipient: rfc822; {address}", "Action: failed", f"Status: {status}"),
        *(f"Diagnostic-Code: smtp; 550 {status} <{address}>: no such user",),
        *("", "--b", "Content-Type: text/rfc822-headers", "", f"Message-ID: {name}", "", "--b--", ""),
    )
    return "\r\n".join(text).encode()


def bouncing(mailboxes: Mailboxes, *reports: bytes) -> Watch:
    """How it stands after two recipients of one copy were counted and reports came in."""
    mailboxes.fill(message("good@x.test, gone@x.test", Message_ID="<1@shop.test>"))
    one = setup()
    sentfolder.start(access(), one, bounces=True, places=at(mailboxes.place())).result()
    mailboxes.receive(*reports)
    return read(one, mailboxes.place())


def outcomes() -> dict[str, tuple[str, str]]:
    """Outcome and reply of each recipient."""
    return {entry.recipient: (entry.outcome, entry.reply) for entry in log.find(access())}


def test_a_recipient_whose_mail_came_back_is_refused_with_the_reason(mailboxes: Mailboxes) -> None:
    bouncing(mailboxes, message("owner@shop.test"), returned("GONE@x.test", "<1@shop.test>"))

    assert outcomes() == {
        "good@x.test": ("accepted", ""),
        "gone@x.test": ("bounced", "5.1.1 550 5.1.1 <GONE@x.test>: no such user"),
    }


def test_what_came_back_still_counts_as_the_provider_counts_it(mailboxes: Mailboxes) -> None:
    bouncing(mailboxes, returned("gone@x.test", "<1@shop.test>"))

    assert counted() == (1, 2, 0, 0)
    assert recount.recount(access()) == 0


def test_a_report_of_another_message_changes_nothing(mailboxes: Mailboxes) -> None:
    bouncing(mailboxes, returned("gone@x.test", "<another@shop.test>"))

    assert {outcome for outcome, _ in outcomes().values()} == {"accepted"}


def test_mail_made_to_stop_the_reading_stops_nothing(mailboxes: Mailboxes) -> None:
    report = message("owner@shop.test", From="mailer-daemon@x.test", In_Reply_To="<1@shop.test>")
    nested = b"From: mailer-daemon@x.test\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * 2000
    mailboxes.fill(message("=?utf-7?B?KzJBQS1AYi5j?="), message(f"b@x.test, {'(' * 3000}"))

    found = bouncing(
        mailboxes,
        nested,
        b"X-Failed-Recipients: " + b"(" * 1200 + b"\r\n" + report,
        b"From: " + b"(" * 3000 + b"\r\n\r\n",
        returned("gone@x.test", "<1@shop.test>"),
    )

    assert found.state == "current"
    assert {address: outcome for address, (outcome, _) in outcomes().items()} == {
        "b@x.test": "accepted",
        "good@x.test": "accepted",
        "gone@x.test": "bounced",
    }


def test_the_inbox_is_read_only_where_that_is_wanted(mailboxes: Mailboxes) -> None:
    mailboxes.fill(message("gone@x.test", Message_ID="<1@shop.test>"))
    one = setup()
    started(one, mailboxes.place())
    mailboxes.receive(returned("gone@x.test", "<1@shop.test>"))

    read(one, mailboxes.place())

    assert outcomes()["gone@x.test"][0] == "accepted"


def test_a_setup_that_became_another_mailboxes_is_read_from_the_start(mailboxes: Mailboxes) -> None:
    mailboxes.fill(*numbered(3))
    one = setup()
    started(one, mailboxes.place())
    mailboxes.files()[0].unlink()
    setups.save(access(), form(OWNER, username=ADDRESS.upper()), setup=one)  # to Dovecot the same, to us another

    found = read(one, mailboxes.place())

    assert (found.found, found.counted) == (2, 0)


def test_a_place_without_encryption_gets_no_password(mailboxes: Mailboxes) -> None:
    place = mailboxes.place(encryption="starttls")

    assert started(setup(), dataclasses.replace(place, encryption="none")).state == "unencrypted"


def guest(mailboxes: Mailboxes) -> None:
    """Somebody else looks into the folder, so that what is new in it gets its UID."""
    with imaplib.IMAP4_SSL("127.0.0.1", mailboxes.ssl_port, ssl_context=blind()) as program:
        program.login(ADDRESS, PASSWORD)
        program.select(mailboxes.folder, readonly=True)


def test_what_came_and_went_between_two_readings_has_nothing_read_again(mailboxes: Mailboxes) -> None:
    mailboxes.fill(message("a@x.test"))
    one = setup()
    started(one, mailboxes.place())
    mailboxes.fill(message("b@x.test"), at=clock.now())
    guest(mailboxes)
    mailboxes.files()[-1].unlink()

    assert read(one, mailboxes.place()).found == 1


def test_a_message_that_nobody_saw_yet_stays_so(mailboxes: Mailboxes) -> None:
    mailboxes.fill(message("a@x.test"))
    new = mailboxes.directory / "new" / mailboxes.files()[0].name.partition(":")[0]
    mailboxes.files()[0].rename(new)

    started(setup(), mailboxes.place())

    assert new.exists()


def test_a_mark_that_another_reader_moved_is_not_moved_back() -> None:
    one = setup()
    watch.put(access(), one, bounces=False)
    first = watch.Mark("owner", "Sent", 1, "2026-01-01", 9, 10)
    with access().write() as rows:
        watch.advance(rows, one, watch.SENT, (None, first))

    with pytest.raises(watch.Overtaken), access().write() as rows:
        watch.advance(rows, one, watch.SENT, (None, first), found=5)

    assert (found := watch.find(access(), one))
    assert found.found == 0


def test_a_batch_of_a_watch_that_was_stopped_is_not_written() -> None:
    one, mark = setup(), watch.Mark("owner", "Sent", 1, "2026-01-01", 9, 10)

    with pytest.raises(watch.Overtaken), access().write() as rows:
        watch.advance(rows, one, watch.SENT, (None, mark))
