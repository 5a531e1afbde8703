"""What people see. `frame.py` runs first, every other file is one page, `parts` is what pages share."""
