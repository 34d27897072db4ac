"""One module a subcommand: run(figures) measures and adds to the figures."""
