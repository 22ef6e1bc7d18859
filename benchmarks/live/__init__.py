"""What a relay costs while a stream runs: over loopback sockets, beside the barest there is."""
