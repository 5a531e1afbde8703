#!/bin/sh
# Installs the real programs that tests talk to: only in a container or CI, and without starting a service.
# Anywhere else, and when something cannot be had, it installs nothing; those tests are then skipped by name.
set -eu

PATH=$PATH:/usr/sbin:/sbin
POLICY=/usr/sbin/policy-rc.d

has() {
    command -v "$1" >/dev/null 2>&1
}

say() {
    echo "tests/install-system.sh: $*"
}

quietly() {
    DEBIAN_FRONTEND=noninteractive "$@" >"$LOG" 2>&1 </dev/null || {
        cat "$LOG" >&2
        return 1
    }
}

fits() {
    [ "$(id -u)" = 0 ] && has apt-get && grep -qsE '^(ID|ID_LIKE)=.*(debian|ubuntu)' /etc/os-release
}

install() {
    wanted=
    for package in "$@"; do
        if apt-cache policy "$package" | grep -q 'Candidate: [0-9]'; then
            wanted="$wanted $package"
        else
            say "this system has no package $package"
        fi
    done
    [ -z "$wanted" ] || quietly apt-get install -qq -y --no-install-recommends -o DPkg::Lock::Timeout=120 $wanted
}

forbid_starting() {
    [ -e "$POLICY" ] || [ -L "$POLICY" ] || {
        made=$POLICY
        printf '#!/bin/sh\nexit 101\n' >"$POLICY"
        chmod 755 "$POLICY"
    }
}

keep_off_at_boot() {
    ! has systemctl || systemctl disable --quiet postfix.service dovecot.service dovecot.socket 2>/dev/null || true
}

# An earlier run left Dovecot without what reads mailboxes; where a mail server is at work, it is none of our business.
lacks_imap() {
    has dovecot && ! [ -e /usr/lib/dovecot/imap ] && ! [ -e /run/dovecot/master.pid ] &&
        ! [ -e /var/spool/postfix/pid/master.pid ]
}

prepare() {
    say "installing $*, once"
    LOG=$(mktemp)
    made=
    trap 'rm -f "$LOG" ${made:+"$made"}' EXIT
    trap 'exit 1' HUP INT TERM
    forbid_starting
    quietly apt-get update -qq || say "apt-get update failed, trying with the lists at hand"
}

if fits && lacks_imap; then
    prepare "dovecot's IMAP"
    install dovecot-imapd || say "could not install it: tests that read a mailbox are skipped"
    keep_off_at_boot
fi
if has postfix || has exim || has exim4 || has sendmail; then
    exit 0  # a mail server is there: this script's own of an earlier run, or one that is none of our business
fi
fits || exit 0

prepare "chromium, postfix, dovecot and swaks"
echo 'postfix postfix/main_mailer_type select Local only' | debconf-set-selections
# The mail server comes last: while it is missing, the next run tries again.
if install chromium swaks libnet-ssleay-perl && install dovecot-core dovecot-imapd postfix; then
    keep_off_at_boot
else
    say "could not install them all: tests that need what is missing are skipped"
fi
