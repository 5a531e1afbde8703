"""Sending: reserve and settle, the outbox."""
