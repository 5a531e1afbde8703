"""Facts about Mailgauge, each one checked."""
