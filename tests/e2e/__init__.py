"""What customers, agents and operators see, on the real template deployed to the one-machine stack."""
