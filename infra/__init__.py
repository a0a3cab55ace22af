"""Everything around the product: templates, build, the one-machine stack, the command line, sample data."""
