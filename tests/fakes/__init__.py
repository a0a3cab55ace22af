"""Stand-ins for the services around us, as faithful as the contract tests need them."""
