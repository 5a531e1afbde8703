"""Speed and memory beside their rivals: `make bench`; nothing here passes or fails by a time."""
