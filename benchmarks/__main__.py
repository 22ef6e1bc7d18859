"""`python -m benchmarks`, which `make bench` runs."""

from benchmarks.run import main

raise SystemExit(main())
