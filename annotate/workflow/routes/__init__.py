"""Where each item goes: what is believed of it, what was decided, what it will cost."""
