"""The native core, bound. Private: import from tsloom instead."""
