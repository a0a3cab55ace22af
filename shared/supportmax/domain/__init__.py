"""What the desk is about: entities, messages and errors. Imports nothing of ours outward."""
