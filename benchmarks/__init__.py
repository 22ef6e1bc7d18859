"""How fast it is, beside the limit of reading the same bytes and beside programs by others."""
