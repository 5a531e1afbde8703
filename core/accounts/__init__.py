"""Who and with what: accounts, setups, secrets, providers."""
