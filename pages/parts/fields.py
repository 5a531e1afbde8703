"""The SMTP fields, each with what is wrong with it right below."""

import streamlit as st

from core.accounts import form as forms
from core.accounts import platform, providers, setups
from core.accounts.form import ENCRYPTIONS, Problem
from core.accounts.setups import Setup
from core.diagnosis import preflight
from core.diagnosis.preflight import Finding
from pages.parts import draft
from pages.parts.person import mine
from pages.parts.words import _, language, plain


def smtp(current: Setup | None, problems: list[Problem]) -> None:
    """From, host, user name, password, port, encryption, in this order."""
    st.pills(
        _("Provider"),
        _offered(),
        format_func=lambda key: providers.catalogue()[key].name,
        key="draft_provider",
        on_change=draft.provider_chosen,
        wrap=True,
        help=_("Fills in host, port and encryption. Not in the list? Ask the provider for its “SMTP server”."),
        persist_state="session",
    )
    _notice()
    found = _findings()
    _text(
        "from_address", _("From (email)"), problems, found, on_change=draft.from_typed, placeholder="shop@example.com"
    )
    _text("from_name", _("From (name)"), problems, found, placeholder=_("Your shop's name"))
    _text("host", _("Host"), problems, found, on_change=draft.host_typed, placeholder="smtp.example.com")
    _text("username", _("User name"), problems, found, help=_("Mostly the whole mail address. Empty: no log-in."))
    _password(current, problems, found)
    _server(problems, found)


def default(reply_to: str) -> None:
    """What recipients see of the platform's service."""
    from_line = f"From: {platform.NAME} <{platform.form().from_address}>"
    answers = reply_to or _("the system address, once it is set")
    with st.container(border=True, key="seen"):  # st.code would load a highlighter of 1.5 MB at the first page
        st.text(f"{from_line}\nReply-To: {answers}")
    if platform.is_outbox():
        st.info(
            _("On this machine the default service is a trial: an outbox that keeps the mail and delivers nowhere."),
            icon=":material/inbox:",
        )
    st.markdown(
        _("Recipients see the **platform's name** as the sender, not your brand. Their answers go to Reply-To.")
    )


def trouble(name: str, problems: list[Problem]) -> None:
    """What is wrong with a field."""
    for problem in problems:
        if problem.field == name:
            sentence = _(problem.sentence, **{k: _(str(v)) for k, v in problem.values.items()})
            st.markdown(f":red[:material/error: {sentence}]")


def _offered() -> list[str]:
    """The providers with a button: the usual ones, and the one that the fields name."""
    usual, named = providers.quick(), st.session_state.draft_provider
    return usual if named is None or named in usual else [*usual, named]


def _notice() -> None:
    provider = providers.find(st.session_state.draft_provider)
    if provider and provider.notice:
        words = plain(provider.notice[language()])
        if provider.login == "oauth2":
            st.warning(words, icon=":material/key_off:")
        else:
            st.info(words, icon=":material/key:")


def _text(name: str, label: str, problems: list[Problem], found: list[Finding], **options: object) -> None:
    st.text_input(label, key=f"draft_{name}", persist_state="session", autocomplete="off", **options)  # type: ignore[arg-type]
    trouble(name, problems)
    _hints(name, found)


def _findings() -> list[Finding]:
    """What stands out before anything connects; that no password is taken says the provider's own notice."""
    typed = {field: str(st.session_state.get(f"draft_{field}") or "") for field in forms.FIELDS}
    return [finding for finding in preflight.typed_so_far(typed) if finding.sentence != preflight.NO_PASSWORD]


def _hints(name: str, found: list[Finding]) -> None:
    """What stands out at a field, with the change that would mend it."""
    for number, finding in enumerate(found):
        if finding.field != name:
            continue
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"hint_{name}_{number}"):
            sentence = _(finding.sentence, **{k: _(str(v)) for k, v in finding.values.items()})
            st.markdown(f":orange[:material/lightbulb: {sentence}]", width="stretch")
            if finding.set:
                st.button(_("Change it"), key=f"change_{name}_{number}", on_click=draft.apply, args=(finding.set,))


def _trusted() -> None:
    """A certificate that a person trusts though no authority does, and how to take that back."""
    if trust := st.session_state.draft_trust:
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="trusted"):
            words = _("Trusted by its fingerprint: the certificate {start}…", start=trust[:16])
            st.markdown(f":orange[:material/verified_user: {words}]", width="stretch")
            st.button(_("Forget it"), key="distrust", on_click=draft.apply, args=({"trust": ""},))


def _password(current: Setup | None, problems: list[Problem], found: list[Finding]) -> None:
    kept = _kept(current)
    st.text_input(
        _("Password"),
        key="draft_password",
        type="password",
        live="200ms",  # left by Tab it goes to its eye button, and Streamlit 1.67 never sends what was typed
        placeholder=_("Stored. Leave empty to keep it.") if kept else "",
    )
    if current and current.has_secret and not kept and not st.session_state.draft_password:
        st.caption(_("Host, port, encryption or user name changed: type the password again."))
    trouble("password", problems)
    _hints("password", found)


def _kept(current: Setup | None) -> bool:
    """Whether the stored password still belongs to what the fields say."""
    form, _problems = draft.read()
    return bool(current and form and current.has_secret and setups.secret(mine(), current.id, form))


def _server(problems: list[Problem], found: list[Finding]) -> None:
    left, right = st.columns([2, 5])
    with left:
        _text("port", _("Port"), problems, found, on_change=draft.port_typed, placeholder="587")
    with right:
        st.segmented_control(
            _("Encryption"),
            ENCRYPTIONS,
            format_func={"ssl": "SSL", "starttls": "STARTTLS", "none": _("None")}.get,
            key="draft_encryption",
            on_change=draft.encryption_chosen,
            required=True,
            help=_("SSL on port 465, STARTTLS on port 587 (old guides call it TLS), none where the server has none."),
            persist_state="session",
        )
        trouble("encryption", problems)
    _hints("encryption", found)
    _trusted()
    if st.session_state.draft_encryption == "none" and st.session_state.draft_username:
        st.checkbox(
            _("Send the password unencrypted"),
            key="draft_allow_plaintext",
            persist_state="session",
        )
        st.caption(_("Anyone on the way can read it. Not needed for a server on this machine."))
