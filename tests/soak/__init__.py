"""A relay under faults for as long as one likes: `python -m tests.soak --minutes 10`."""
