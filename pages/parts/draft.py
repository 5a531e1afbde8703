"""What a person is typing about a setup: it outlives other pages and a language switch, the password does not."""

from dataclasses import replace

import streamlit as st

from core import clock
from core.accounts import form as forms
from core.accounts import platform, providers, setups, vault
from core.accounts.form import ENCRYPTION_PORT, NOTHING, Form, Problem
from core.accounts.setups import Setup
from core.diagnosis import checks
from core.diagnosis.checks import Check
from pages.parts.person import me, mine

FRESH_MS = 15 * 60_000
EMPTY = {"from_address": "", "from_name": "", "host": "", "username": "", "port": "587", "encryption": "starttls"}


def begin() -> None:
    """Fills the fields from what is stored, once a session."""
    if "draft_mode" in st.session_state:
        return
    found = setups.all(mine())
    active = next(setup for setup in found if setup.active)
    st.session_state.draft_mode = active.mode
    own = [setup for setup in found if setup.mode == "smtp"]
    _load(active if active.mode == "smtp" else (own[-1] if own else None))
    _resume()


def choose(wanted: int | None) -> None:
    """A stored setup was chosen, or a new one."""
    _load(setups.find(mine(), wanted) if wanted else None)


def provider_chosen() -> None:
    """A provider was chosen: its first server fills the fields."""
    if found := _servers(providers.find(st.session_state.draft_provider)):
        _take(found[0])


def from_typed() -> None:
    """The address names its provider, and is the usual user name."""
    address = st.session_state.draft_from_address.strip()
    provider = providers.by_domain(address.rpartition("@")[2])
    if provider and not st.session_state.draft_host:
        st.session_state.draft_provider = provider.id
        _take(_servers(provider)[0])
    if "@" in address and not st.session_state.draft_username:
        st.session_state.draft_username = provider.username_for(address) if provider else address


def host_typed() -> None:
    """The provider follows the host; a certificate was trusted for the host before."""
    st.session_state.draft_trust = ""
    found = providers.by_host(st.session_state.draft_host.strip(), st.session_state.draft_username)
    st.session_state.draft_provider = found.id if found else None


def port_typed() -> None:
    """A port proposes its encryption."""
    port = st.session_state.draft_port.strip()
    st.session_state.draft_port_by_hand = True
    if encryption := forms.proposed(port):
        st.session_state.draft_encryption = encryption


def encryption_chosen() -> None:
    """An encryption proposes its port, unless a person typed that, or it is a port of no custom."""
    port = st.session_state.draft_port.strip()
    if not st.session_state.get("draft_port_by_hand") and (not port or forms.proposed(port)):
        st.session_state.draft_port = str(ENCRYPTION_PORT[st.session_state.draft_encryption])


def apply(changes: dict[str, object]) -> None:
    """Takes what a fix proposes; a password goes to another host only after it was typed for that."""
    for name, value in changes.items():
        st.session_state[f"draft_{name}"] = str(value)
    if "host" in changes:
        st.session_state.draft_password = ""
        host_typed()


def read() -> tuple[Form | None, list[Problem]]:
    """The form as it stands now, or what is wrong with it."""
    if st.session_state.draft_mode == "default":
        return platform.form(reply_to=reply_to()), []
    fields = {name: st.session_state.get(f"draft_{name}", "") for name in forms.FIELDS}
    kept = {name: st.session_state.get(f"draft_{name}", "") for name in ("allow_plaintext", "trust")}
    return forms.parse(fields | kept)


def reply_to() -> str:
    """Where answers to the platform's mail go: the customer's own address."""
    return me().system_address or str(st.session_state.get("system_address", "")).strip(forms.BLANKS)


def current() -> Setup | None:
    """The stored setup that is being edited, None for a new one."""
    found = setups.all(mine())
    if st.session_state.draft_mode == "default":
        return next((setup for setup in found if setup.mode == "default"), None)
    return next((setup for setup in found if setup.id == st.session_state.get("draft_setup")), None)


def overtake(version: int) -> None:
    """What was typed here goes over what another tab stored, at the next Save."""
    st.session_state.draft_version = version


def detach() -> None:
    """The setup was removed elsewhere: what was typed belongs to none, and is kept."""
    st.session_state.draft_setup = st.session_state.draft_version = None


def saved(number: int) -> None:
    """The draft is stored now: the password leaves the session."""
    _load(setups.find(mine(), number))


def tested(started: int, form: Form) -> None:
    """Remembers what a check was about until it is saved; the password only sealed."""
    sealed = vault.seal(form.password, form)
    st.session_state["tested"] = (started, replace(form, password=NOTHING), sealed)


def was_tested(form: Form) -> int | None:
    """The check of just this form, forgotten with the asking."""
    started, values, sealed = st.session_state.pop("tested", (None, None, None))
    same = values == replace(form, password=NOTHING) and vault.unseal(sealed, form) == form.password
    return started if same else None


def changed(check: Check) -> bool:
    """Whether the form says something else now than a check was about; the password is not looked at."""
    if st.session_state.draft_mode == "default":
        return False
    compared = ("host", "port", "encryption", "username", "from_address")
    if st.session_state.get("draft_trust", "") != check.form.get("trust", ""):
        return True
    typed = {name: str(st.session_state.get(f"draft_{name}", "")).strip(forms.BLANKS) for name in compared}
    return any(typed[name].lower() != str(check.form[name]).lower() for name in compared)


def is_empty() -> bool:
    """Whether nothing was typed yet."""
    return not any(st.session_state.get(f"draft_{name}") for name in ("host", "from_address", "username"))


def still(problems: list[Problem]) -> list[Problem]:
    """Those of the problems that are not mended yet."""
    wrong = {problem.field for problem in read()[1]}
    typed = {"password": st.session_state.get("draft_password"), "to": reply_to()}
    long = len(st.session_state.get("test_text", "")) > checks.LONGEST_TEXT
    left = wrong | {name for name, value in typed.items() if not value} | ({"test_text"} if long else set())
    return [problem for problem in problems if problem.field in left]


def forget() -> None:
    """What was wrong belongs to another form now."""
    st.session_state["problems"] = []


def _load(setup: Setup | None) -> None:
    forget()
    state = st.session_state
    state.draft_setup = setup.id if setup else None
    state.draft_version = setup.version if setup else None
    values = {name: str(getattr(setup.form, name)) for name in EMPTY} if setup else EMPTY
    for name, value in values.items():
        state[f"draft_{name}"] = value
    state.draft_password = ""
    state.draft_trust = setup.form.trust if setup else ""
    state.draft_allow_plaintext = setup.form.allow_plaintext if setup else False
    state.draft_port_by_hand = False
    provider = providers.by_host(state.draft_host, state.draft_username)
    state.draft_provider = provider.id if provider else None


def _resume() -> None:
    """A test of unsaved values that is still fresh comes back with what was typed for it, but for the password."""
    number = checks.latest(mine(), setup=None)
    newer = number and all(setup.id < number for setup in setups.all(mine()))  # what was stored since then counts
    check = checks.load(mine(), number) if number and newer else None
    if check and check.form["mode"] == "smtp" and clock.now() - check.created_at < FRESH_MS:
        _load(None)
        st.session_state.draft_mode = "smtp"
        for name in EMPTY:
            st.session_state[f"draft_{name}"] = str(check.form[name])
        host_typed()
        st.session_state.draft_trust = check.form.get("trust", "")


def _servers(provider: providers.Provider | None) -> tuple[providers.Server, ...]:
    """A provider's servers for the address that was typed."""
    return provider.servers_for(st.session_state.draft_from_address.strip()) if provider else ()


def _take(server: providers.Server) -> None:
    st.session_state.draft_trust = ""
    st.session_state.draft_host = server.host
    st.session_state.draft_port = str(server.port)
    st.session_state.draft_encryption = server.encryption
    st.session_state.draft_port_by_hand = False
